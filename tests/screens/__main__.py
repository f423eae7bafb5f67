"""`make screenshots`: walk through the tablet by touches and scans, and keep a picture of each screen in each state."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from PIL import Image

from tests.bench.processes import ROOT, Running, clean_environment, free_port, the_server
from tests.screens.display import Display
from tests.screens.extremes import FULL_CART_CARD, LUMA_CARDS, full_cart, ndjson, shoppers
from tests.screens.manager import ANA, BADGE, Manager
from tests.screens.relay import Relay
from tests.screens.shop import DATA, SHOP, command, load_shop
from tests.screens.tablet import DRAWN, Looks, Tablet
from tests.server.people import PIN, WRONG_PIN

FOLDER = ROOT / "var" / "screenshots"
README_PICTURES = ROOT / "fixtures" / "pictures"
"""What the README shows."""
README_LOOKS = Looks(1280, 800, "es", "light")
README_KIOSK, README_KIOSK_SIZE = Looks(1080, 1920, "es", "normal"), (540, 960)

SIZES = ("1280x800", "800x1280")
LANGUAGES = ("es", "en")
THEMES = ("light", "dark")
SCENES = {"tablet": "tests.screens.scenes", "kiosk": "tests.screens.kiosk_scenes"}
"""The program that shows each state of a device by itself."""
KIOSK_SIZES, KIOSK_LOOKS = ("1080x1920", "1920x1080"), ("normal", "large")

LUCIA = "2900000200012"
LONG_NAME = "2900000200135"
NO_LONGER_SOLD = "2900000200227"
NOBODYS = "2900000200999"
BANK_STRIPE = "%B4111111111111111^GARCIA/LUCIA^29121010000000000000?"
ARTICLE = "9520010460003"
EARLIER = ("2900000200050", "2900000200067", "2900000200210", "2900000200265", LUCIA)
LUMA_SEARCHES = (("hoodie", "hoodie xs black"), ("jacket", "jaket"), ("pant", "pant 32"), ("watch", "watch"))
TABS = ("cart", "wishes", "orders", "story")


class Walk:
    """A walk through a tablet of one look, with a camera.

    Args:
        looks: of the tablet.
        relay: the way to the server.
        server: the server.
        work: a folder that goes again.
        folder: takes the pictures.
        prefix: how their names begin.
        manager: who enrols tablets.
    """

    def __init__(
        self, looks: Looks, relay: Relay, server: Running, work: Path, folder: Path, prefix: str, manager: Manager
    ) -> None:
        self._looks = looks
        self._relay = relay
        self._server = server
        self._work = work / f"{looks.size}.{looks.language}.{looks.theme}"
        self._folder = folder
        self._prefix = prefix
        self._manager = manager
        self.taken = 0

    def everything(self) -> None:
        """Every state that a tablet can be in."""
        with self._tablet(store="NOWHERE") as tablet:
            tablet.until(lambda s: s.link == "refused")
            self._take(tablet, "refused")
        with self._tablet() as tablet:
            self._take(tablet, "find-first")
            self._searches(tablet)
            self._customers(tablet)
            self._scans(tablet)
            self._items(tablet)
            self._trouble(tablet)
        with self._tablet(door=True) as tablet:
            self._door(tablet)
        with self._tablet(gallery=True) as tablet:
            self._take(tablet, "gallery", moving=True)

    def luma(self) -> None:
        """The customer's tabs, and articles, over a catalogue with photos and long titles."""
        with self._tablet() as tablet:
            for number, card in enumerate(LUMA_CARDS):
                self._scan(tablet, card)
                self._tabs(tablet, f"customer-{number + 1}")
            tablet.go_home()
            self._take(tablet, "find-recent")
            for state, text in LUMA_SEARCHES:
                self._look_for(tablet, text)
                self._take(tablet, f"items-{state}")
                tablet.touch("ProductRow" if self._looks.width > self._looks.height else "ProductCard")
                tablet.until(lambda s: (s.screen, s.item) == ("item", "shown"))
                self._take(tablet, f"item-{state}")
                tablet.go_to_items()

    @contextmanager
    def _tablet(self, store: str = "GV", *, gallery: bool = False, door: bool = False) -> Iterator[Tablet]:
        self._work.mkdir(parents=True, exist_ok=True)
        with (
            Display(self._looks.width, self._looks.height, self._work / "display.log") as display,
            Tablet(
                self._relay.url, display, self._work, store=store, looks=self._looks, gallery=gallery, door=door
            ) as tablet,
        ):
            if not gallery and not door and store == "GV":
                tablet.until(lambda s: s.store)
            yield tablet
            if tablet.complaints:
                raise RuntimeError(tablet.complaints)

    def _take(self, tablet: Tablet, state: str, *, moving: bool = False) -> None:
        """A picture, once nothing moves any more, unless something always does."""
        if moving:
            tablet.rest(0.6)
        else:
            tablet.at_rest()
        name = f"{self._prefix}-{state}.{self._looks.size}.{self._looks.language}.{self._looks.theme}.png"
        tablet.picture(self._folder / name)
        self.taken += 1

    def _scan(self, tablet: Tablet, card: str) -> None:
        tablet.scan(card)
        tablet.until(lambda s: (s.screen, s.customer) == ("customer", "shown"))

    def _tabs(self, tablet: Tablet, state: str) -> None:
        for place, tab in enumerate(TABS):
            tabs = sorted(tablet.until(lambda s: list(s.all("Tab"))), key=lambda thing: thing.box[0])
            tablet.hands.touch(tabs[place].middle)
            tablet.until(lambda s, tab=tab: s.tab == tab)
            self._take(tablet, f"{state}-{tab}")

    def _searches(self, tablet: Tablet) -> None:
        for card in EARLIER:
            self._scan(tablet, card)
        tablet.go_home()
        self._take(tablet, "find-recent")
        for state, text, found in (
            ("results", "luc gar", "found"),
            ("many", "ma", "found"),
            ("corrected", "garzia", "found"),
            ("nobody", "qqqq", "nobody"),
        ):
            tablet.go_home()
            tablet.type(text)
            tablet.until(lambda s, text=text, found=found: (s.field, s.found) == (text, found))
            self._take(tablet, f"find-{state}")
        tablet.go_home()

    def _customers(self, tablet: Tablet) -> None:
        self._scan(tablet, LUCIA)
        self._tabs(tablet, "customer")
        for state, card in (
            ("fifty-lines", FULL_CART_CARD),
            ("long-name", LONG_NAME),
            ("no-picture", NO_LONGER_SOLD),
            ("two-carts", "2900000200388"),
            ("no-name", "2900000209992"),
        ):
            self._scan(tablet, card)
            self._take(tablet, f"customer-{state}")
        tablet.go_home()
        tablet.type("pablo reyes")
        tablet.until(lambda s: s.hits == ("Pablo Reyes Cano",))
        tablet.touch("HitRow" if self._looks.width > self._looks.height else "HitCard", "Pablo Reyes Cano")
        tablet.until(lambda s: (s.screen, s.customer) == ("customer", "shown"))
        self._take(tablet, "customer-empty-cart")
        tablet.go_home()

    def _scans(self, tablet: Tablet) -> None:
        for state, code in (("unknown-card", NOBODYS), ("bank-card", BANK_STRIPE), ("unknown-code", "ABC-12345")):
            tablet.scan(code)
            wanted = state.replace("-", "_")
            tablet.until(lambda s, wanted=wanted: s.customer == wanted)
            self._take(tablet, state)
        tablet.go_home()

    def _items(self, tablet: Tablet) -> None:
        """Articles: looked for, opened, another size chosen, scanned while somebody is shown."""
        tablet.go_to_items()
        self._take(tablet, "items-first")
        for state, text, found in (
            ("results", "sudadera negro", "found"),
            ("many", "ca", "found"),
            ("corrected", "sudadrea", "found"),
            ("nothing", "qqqq", "nothing"),
        ):
            self._look_for(tablet, text, found)
            self._take(tablet, f"items-{state}")
        tablet.scan(ARTICLE)
        tablet.until(lambda s: (s.screen, s.item) == ("item", "shown"))
        self._take(tablet, "item")
        self._scan(tablet, LUCIA)
        tablet.scan(ARTICLE)
        tablet.until(lambda s: (s.screen, s.item) == ("item", "shown"))
        self._take(tablet, "item-while-somebody-is-shown")
        tablet.go_home()

    def _look_for(self, tablet: Tablet, text: str, found: str = "found") -> None:
        """Look for articles by what is typed."""
        if tablet.look().screen != "items":
            tablet.go_to_items()
        tablet.clear()
        tablet.type(text)
        tablet.until(lambda s: (s.field, s.items) == (text, found))
        tablet.at_rest()

    def _door(self, tablet: Tablet) -> None:
        """From a tablet that is nobody's to one that is out again."""
        tablet.until(lambda s: s.gate == "enrol")
        self._take(tablet, "enrol")
        tablet.scan(LUCIA)
        self._take(tablet, "enrol-no-code")
        code = self._manager.invite().code.replace("-", "")
        tablet.hands.type(code.lower())
        tablet.until(lambda s: s.code == code)
        self._take(tablet, "enrol-typed")
        tablet.hands.press("Return")
        tablet.until(lambda s: s.gate == "sign_in" and s.thing("StaffCard", ANA) and s.store)
        self._take(tablet, "names")
        tablet.touch("StaffCard", ANA)
        tablet.until(lambda s: s.step == "pin")
        tablet.hands.type(PIN[:3])
        tablet.until(lambda s: s.digits == 3)
        self._take(tablet, "pin")
        self._confirm(tablet, PIN[3:])
        tablet.until(lambda s: s.gate == "open")
        self._scan(tablet, LUCIA)
        tablet.touch("Me")
        tablet.until(lambda s: s.thing("Menu"))
        self._take(tablet, "menu")
        self._locked(tablet)
        tablet.touch("Me")
        tablet.hands.touch(list(tablet.until(lambda s: list(s.all("MenuRow"))))[-1].middle)
        tablet.until(lambda s: s.step == "who" and s.thing("StaffCard", ANA))
        self._take(tablet, "signed-out")
        tablet.scan(BADGE)
        tablet.until(lambda s: s.step == "pin")
        self._take(tablet, "badge")
        self._manager.revoke()
        self._confirm(tablet, PIN)
        tablet.until(lambda s: s.enrol == "revoked")
        self._take(tablet, "revoked")

    def _locked(self, tablet: Tablet) -> None:
        """Locked from the menu, and unlocked in the end."""
        tablet.touch("MenuRow")
        tablet.until(lambda s: s.step == "locked")
        self._take(tablet, "locked")
        for _ in range(4):
            self._confirm(tablet, WRONG_PIN)
            tablet.until(lambda s: not s.digits and not s.busy)
        tablet.until(lambda s: s.wait)
        self._take(tablet, "locked-wrong", moving=True)
        self._manager.end_waits(ANA)
        tablet.later(30)
        tablet.until(lambda s: not s.wait)
        self._relay.lead_to(free_port())
        self._confirm(tablet, PIN)
        tablet.until(lambda s: s.link == "lost")
        self._take(tablet, "locked-unreachable")
        self._relay.lead_to(self._server.port)
        self._confirm(tablet, PIN)
        tablet.until(lambda s: s.gate == "open")

    def _confirm(self, tablet: Tablet, digits: str) -> None:
        """Type the rest of a PIN and try it."""
        before = tablet.look().digits
        tablet.hands.type(digits)
        tablet.until(lambda s: s.digits == before + len(digits))
        tablet.hands.press("Return")

    def _trouble(self, tablet: Tablet) -> None:
        # One letter asks for nothing yet, so there is one answer to hold.
        tablet.type("o")
        tablet.until(lambda s: s.field == "o")
        with self._relay.holding("/v1/customers/search") as held:
            tablet.type("t")
            held.arrived()
            tablet.until(lambda s: (s.field, s.found) == ("ot", "loading"))
            self._take(tablet, "find-slow", moving=True)
        tablet.until(lambda s: s.found == "found")
        with self._relay.holding("/v1/scan") as held:
            tablet.scan(LUCIA)
            held.arrived()
            self._take(tablet, "customer-slow", moving=True)
        tablet.until(lambda s: s.customer == "shown")
        tablet.go_home()
        self._relay.lead_to(free_port())
        tablet.type("marta")
        tablet.until(lambda s: s.found == "unreachable")
        self._take(tablet, "find-unreachable")
        tablet.scan("2900000200050")
        tablet.until(lambda s: s.customer == "unreachable")
        self._take(tablet, "customer-unreachable")
        self._relay.lead_to(self._server.port)
        tablet.until(lambda s: s.link == "connected")
        self._look_for(tablet, "sudadera")
        row = "ProductRow" if self._looks.width > self._looks.height else "ProductCard"
        with self._relay.holding("/v1/products/") as held:
            tablet.touch(row)
            held.arrived()
            self._take(tablet, "item-slow", moving=True)
        tablet.until(lambda s: s.item == "shown")
        self._relay.lead_to(free_port())
        tablet.go_to_items()
        tablet.touch(row)
        tablet.until(lambda s: s.item == "unreachable")
        self._take(tablet, "item-unreachable")
        tablet.go_to_items()
        tablet.type("s")
        tablet.until(lambda s: s.items == "unreachable")
        self._take(tablet, "items-unreachable")
        self._relay.lead_to(self._server.port)
        tablet.until(lambda s: s.link == "connected")


def screenshots(
    size: Annotated[list[str], typer.Option(help=f"Of {', '.join(SIZES)}.")] = list(SIZES),  # noqa: B006
    language: Annotated[list[str], typer.Option(help=f"Of {', '.join(LANGUAGES)}.")] = list(LANGUAGES),  # noqa: B006
    theme: Annotated[list[str], typer.Option(help=f"Of {', '.join(THEMES)}.")] = list(THEMES),  # noqa: B006
    luma: Annotated[bool, typer.Option("--luma", help="Over the Luma catalogue with its photos instead.")] = False,
    scenes: Annotated[
        bool, typer.Option(help="Every state of tablet and kiosk by itself, too, into a folder for each.")
    ] = True,
    folder: Annotated[Path, typer.Option(help="Folder that takes the pictures.")] = FOLDER,
) -> None:
    """Take the pictures of all looks that are named."""
    feed = DATA / "luma" / "catalog.tsv"
    if luma and not feed.exists():
        typer.echo(f"There is no Luma catalogue in {DATA}: set MOSTRADOR_TEST_DATA. No pictures were taken.")
        return
    started, taken = time.monotonic(), 0
    with TemporaryDirectory(prefix="mostrador-") as work:
        database = Path(work) / "shop.db"
        _fill(database, Path(work), feed if luma else None)
        with the_server(database, Path(work) / "server.log") as server, Relay(server.port) as relay:
            manager = Manager(relay.url)
            manager.hire()
            for one in [Looks(*_size(s), lang, t) for s in size for lang in language for t in theme]:
                walk = Walk(one, relay, server, Path(work), folder, "luma" if luma else "tablet", manager)
                if luma:
                    walk.luma()
                else:
                    walk.everything()
                taken += walk.taken
                typer.echo(f"{one.size} {one.language} {one.theme}: {walk.taken} pictures")
    if scenes and not luma:
        for device, looks in (
            ("tablet", [Looks(*_size(s), lang, t) for s in size for lang in language for t in theme]),
            ("kiosk", [Looks(*_size(s), lang, t) for s in KIOSK_SIZES for lang in language for t in KIOSK_LOOKS]),
        ):
            for one in looks:
                count = _scenes(device, one, folder / device / f"{one.size}.{one.language}.{one.theme}")
                taken += count
                typer.echo(f"{device}'s states {one.size} {one.language} {one.theme}: {count} pictures")
        if README_KIOSK.language in language:
            name = f"{README_KIOSK.size}.{README_KIOSK.language}.{README_KIOSK.theme}"
            with Image.open(folder / "kiosk" / name / "cart-cheaper.png") as cart:
                cart.convert("RGB").resize(README_KIOSK_SIZE, Image.Resampling.LANCZOS).save(
                    README_PICTURES / "kiosk.png", optimize=True
                )
    shown = folder / f"tablet-customer-cart.{README_LOOKS.size}.{README_LOOKS.language}.{README_LOOKS.theme}.png"
    if not luma and README_LOOKS.size in size and README_LOOKS.language in language and README_LOOKS.theme in theme:
        copyfile(shown, README_PICTURES / "tablet.png")
    typer.echo(f"{taken} pictures in {folder}, {time.monotonic() - started:.0f} s.")


def _scenes(device: str, looks: Looks, folder: Path) -> int:
    """A picture of each state of a device; how many."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", SCENES[device], "--pictures", str(folder), "--size", looks.size]
    with (
        TemporaryDirectory(prefix="mostrador-") as work,
        Display(looks.width, looks.height, Path(work) / "display.log") as display,
    ):
        subprocess.run(
            [*command, "--language", looks.language, "--theme", looks.theme],
            cwd=ROOT,
            env=clean_environment() | DRAWN | {"DISPLAY": display.name, "KIVY_NO_CONSOLELOG": "1"},
            stdout=subprocess.DEVNULL,
            check=True,
        )
    return len(list(folder.glob("*.png")))


def _fill(database: Path, work: Path, luma: Path | None) -> None:
    records = work / "records.ndjson"
    if luma is None:
        load_shop(database)
        records.write_bytes(ndjson(full_cart(SHOP / "catalog.tsv")))
    else:
        command(database, "import", str(SHOP / "stores.ndjson"))
        command(database, "catalog", "sync", str(luma), "--source", "luma")
        records.write_bytes(ndjson(shoppers(luma, "luma")))
    command(database, "import", str(records))


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


if __name__ == "__main__":
    typer.run(screenshots)
