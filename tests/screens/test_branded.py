"""The kiosk in a retailer's looks, painted as its server tells of them; and in our own where nobody can be asked."""

from pathlib import Path

import pytest
from PIL import Image

from server.wire.colours import as_hex
from tests.bench.processes import free_port, the_server
from tests.screens.display import Display, Point
from tests.screens.kiosk import Kiosk
from tests.screens.manager import Manager
from tests.screens.retailer import COLOUR, NAME, logo, picture
from tests.screens.shop import load_shop
from tests.waiting import until

SKY = (250, 214, 165)
"""The picture's upper edge."""
BEGIN = "Seguir con mi carrito"


def pixel(kiosk: Kiosk, at: Point, path: Path) -> tuple[int, ...]:
    """What is painted at a place."""
    kiosk.picture(path)
    with Image.open(path) as image:
        found = image.convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return found


def ground_of(kiosk: Kiosk, button: str, path: Path) -> str:
    """The colour of a button, beside its words."""
    thing = kiosk.until(lambda sight: sight.thing("WideButton", button))
    return as_hex([part / 255 for part in pixel(kiosk, Point(thing.middle.x - 400, thing.middle.y), path)])


@pytest.mark.xdist_group("look")
def test_it_is_painted_in_the_retailers_looks(tmp_path: Path) -> None:
    """Colour, picture and logo from the files that settings name; the name is in the logo, and not written beside it.

    With large letters the colour is our own, as the contrast is.
    """
    (tmp_path / "logo.png").write_bytes(logo())
    (tmp_path / "welcome.png").write_bytes(picture())
    load_shop(tmp_path / "shop.db")
    looks = {
        "MOSTRADOR_BRAND": NAME,
        "MOSTRADOR_BRAND_COLOR": COLOUR,
        "MOSTRADOR_BRAND_LOGO": str(tmp_path / "logo.png"),
        "MOSTRADOR_BRAND_WELCOME": str(tmp_path / "welcome.png"),
    }
    shot = tmp_path / "shot.png"
    with (
        the_server(tmp_path / "shop.db", tmp_path / "server.log", looks) as server,
        Display(1080, 1920, tmp_path / "display.log") as display,
        Kiosk(server.url, display, tmp_path, token=Manager(server.url).enrol("kiosk")) as kiosk,
    ):
        kiosk.until(lambda sight: sight.brand == NAME and not sight.says(NAME))
        until(lambda: all(abs(a - b) < 12 for a, b in zip(pixel(kiosk, Point(20, 20), shot), SKY, strict=True)))
        until(lambda: ground_of(kiosk, BEGIN, shot) == COLOUR)
        kiosk.touch("WideButton", "Texto más grande")
        kiosk.until(lambda sight: sight.theme == "large")
        until(lambda: ground_of(kiosk, BEGIN, shot) == "#083F3B")
        assert kiosk.complaints == ""


@pytest.mark.xdist_group("look")
def test_where_nobody_answers_it_looks_as_we_do(tmp_path: Path) -> None:
    """No broken frame and no empty one: our own drawing, our own colour."""
    with (
        Display(1080, 1920, tmp_path / "display.log") as display,
        Kiosk(f"http://127.0.0.1:{free_port()}", display, tmp_path, token="kio_1_nobody") as kiosk,
    ):
        kiosk.until(lambda sight: sight.screen == "welcome")
        until(lambda: ground_of(kiosk, BEGIN, tmp_path / "shot.png") == "#0F5C56")
        assert as_hex([part / 255 for part in pixel(kiosk, Point(20, 20), tmp_path / "shot.png")]) != "#000000"
