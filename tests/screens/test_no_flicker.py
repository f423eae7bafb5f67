"""When a customer has left, the program that held them gives way to the one that stood by, and nobody sees it."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.screens.conftest import Counter
from tests.screens.display import Display
from tests.screens.frames import PIXEL, Frames, Lines, strange_pixels
from tests.screens.test_wipe import CART, LEAVE, STILL, Programs, kiosk
from tests.server.http.floor import SHOP_KEY, shop_code
from tests.waiting import until

STAYS = 2.0
"""Seconds after which nothing more is on its way to the screen."""
BUTTON = slice(1600 // 12, 1750 // 12)
"""Lines of the button that says that it takes a moment, upright."""

BLACK = {bytes(PIXEL), bytes(PIXEL - 1) + b"\xff"}


def pixels(lines: Lines) -> Iterator[bytes]:
    """Each of them."""
    for line in lines:
        yield from (line[at : at + PIXEL] for at in range(0, len(line), PIXEL))


def around(lines: Lines) -> Lines:
    """All but that button."""
    return (*lines[: BUTTON.start], *lines[BUTTON.stop :])


def settled(frames: Frames, but: Lines = ()) -> Lines:
    """What is seen once it stays, and is something else than before where that is named."""
    last, since = frames.now(), time.monotonic()

    def stays() -> bool:
        nonlocal last, since
        before, last = last, frames.now()
        if last != before or last == but or len(set(last)) < len(last) // 8:
            since = time.monotonic()
        return time.monotonic() > since + STAYS

    until(stays)
    return last


@pytest.fixture
def shown(tmp_path: Path) -> Path:
    """Where the display keeps what can be seen."""
    folder = tmp_path / "frames"
    folder.mkdir()
    return folder


def test_nobody_sees_that_a_program_ends(shop_counter: Counter, tmp_path: Path, shown: Path) -> None:
    """From the moment in which Welcome is up to the one in which another program shows it, each pixel is Welcome's."""
    token = shop_counter.manager.enrol("kiosk")
    with (
        Display(1080, 1920, tmp_path / "display.log", frames=shown) as display,
        kiosk(shop_counter.relay.url, token, display, tmp_path, more=STILL) as programs,
    ):
        frames = Frames(shown)
        front, behind = ready(programs)
        welcome = settled(frames)
        display.hands.scan(shop_code(CART, datetime.now(UTC), key=SHOP_KEY, chain="mostrador", source="web:demo"))
        until(lambda: strange_pixels(frames.now(), welcome) > 20_000)
        cart = settled(frames, but=welcome)
        with frames.kept() as seen:
            display.hands.touch(LEAVE)
            until(lambda: front not in programs.running())
            until(lambda: frames.now() == welcome)
        assert behind in programs.running()
    calm = [around(lines) == around(welcome) for lines in seen]
    first = calm.index(True)
    assert all(calm[first:])
    assert len(set(seen[first:])) > 1
    for lines in seen[first:]:
        assert strange_pixels(lines[BUTTON], welcome[BUTTON]) < 20_000
        assert not BLACK & set(pixels(lines[BUTTON])) - set(pixels(welcome[BUTTON]))
    # Before that it is one program's own paint, over what it painted before: nothing is ever empty.
    for lines in seen[:first]:
        assert strange_pixels(around(lines), around(cart), around(welcome)) < 20_000


def ready(programs: Programs) -> list[int]:
    """The programs, the one in front first, once there are two."""
    return until(lambda: found if len(found := programs.running()) == 2 else [])
