"""A customer's walk with their cart: from the phone, through a kiosk, to a till; with the time of each step.

All of it is real: the server, the kiosk's window under Xvfb with touches and scans, and Chromium for the phone and for
the till's page. What a step shows is looked at on the screen, what it did is asked of the server.
"""

import math
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import msgspec
import segno
from playwright.sync_api import Browser, Page

from server.wire.base import timestamp
from server.wire.customers import CustomerContext
from server.wire.handoffs import Handoff
from tests.bench.processes import the_server
from tests.e2e.till import PHONE, TABLET, Till
from tests.overheard import require_nobody
from tests.readme import recipe
from tests.screens.display import PATIENCE, Display
from tests.screens.kiosk import UPRIGHT, Kiosk
from tests.screens.manager import Manager
from tests.screens.reader import read_code
from tests.screens.relay import Relay
from tests.screens.shop import SHOP, command, load_shop, tell_shop
from tests.screens.sight import Wanted
from tests.screens.tablet import Looks
from tests.server.http.floor import SHOP_KEY
from tests.server.people import KNOWN, bearer

CARD, CUSTOMER = "2900000200012", "W10001"
"""Lucía's, in the demo shop."""
SOURCE, CHAIN = "web:demo", "tramontela"
TAJO, ALISIO = "Sudadera con capucha Tajo", "Chaqueta cortavientos Alisio"
TAJO_IN_LAVENDER = "9520010460218"
"""What is on the tag of one on the shelf."""
LEFT_AT_HOME = {"T1046-NEG-XS": 1, "T1011-NAR-S": 1, "T1043-NEG-S": 2}
IN_ANOTHER_SIZE = {"T1046-NEG-M": 1, "T1011-NAR-S": 1, "T1043-NEG-S": 2}
ONE_MORE = IN_ANOTHER_SIZE | {"T1046-NEG-M": 2}
WITH_ANOTHER = ONE_MORE | {"T1046-LAV-S": 1}
NOT_HERE = {"T1011-NAR-S": 1}
"""What the till cannot sell, and leaves to the customer."""

continue_code = recipe("continue_code")

STEPS = {
    "cart": "code at the reader: last key → cart painted",
    "identified": "  of that: identified → cart painted",
    "photos": "  identified → cart painted with its photos",
    "sizes": "sizes asked for: touch → painted",
    "size": "size changed: touch → painted",
    "size_held": "  touch → the server has it",
    "line": "quantity changed: touch → painted",
    "line_held": "  touch → the server has it",
    "scanned": "product scanned: last key → painted",
    "scanned_held": "  last key → the server has it",
    "code": "to the till: touch → QR and six signs painted",
    "till": "till redeems: Enter → cart painted at the till",
    "redeemed": "  Enter → kiosk says so, painted",
    "sold": "till has sold it: click → painted at the till",
    "goodbye": "  click → kiosk says goodbye, painted",
    "frame": "for comparison: the cart drawn once more",
}
"""What is timed, step by step."""


class Took(NamedTuple):
    """Seconds that a step took, and those of them in which the server was at work for the kiosk, where it was asked."""

    seconds: float
    server: float = math.nan


Times = dict[str, Took]
"""By the names of `STEPS`."""

_PHONE = """<!doctype html><html lang="es"><meta charset="utf-8"><style>
body {{ margin: 0; padding: 40px 24px; font: 18px/1.5 Roboto, sans-serif; text-align: center; color: #1c1b1a }}
h1 {{ font-size: 28px; line-height: 1.2 }} svg {{ width: 100%; height: auto }}</style>
<h1>Sigue en la tienda</h1>{code}<p>Acerca este código al lector. Vale una vez, durante diez minutos.</p></html>"""
"""The page of an online shop that signs codes as the README tells it to; it is no part of Mostrador."""


class Store(NamedTuple):
    """The demo shop with a kiosk and a till in it, and a phone: open for any number of walks."""

    url: str
    relay: Relay
    kiosk: Kiosk
    till: Till
    phone: Page

    def context(self) -> CustomerContext:
        """All that the server knows of the customer."""
        scanned = msgspec.json.decode(_asked("POST", f"{self.url}/v1/scan", code=CARD, store="GV"))
        return msgspec.convert(scanned["context"], CustomerContext)

    def holds(self) -> dict[str, dict[str, int]]:
        """What the server has in each of the customer's open carts."""
        return {cart.external_id: {line.sku: line.quantity for line in cart.lines} for cart in self.context().carts}

    def handoff(self, number: int) -> Handoff:
        """What the server says became of a handoff."""
        return msgspec.json.decode(_asked("GET", f"{self.url}/v1/handoffs/{number}"), type=Handoff)

    def took(self, start: float, end: float) -> Took:
        """What a step took, from the one time to the other."""
        asked = [
            passed.answered - passed.asked
            for passed in self.relay.passed
            if start < passed.asked and passed.answered <= end and not passed.path.startswith("/v1/live")
        ]
        return Took(end - start, sum(asked))

    def answered(self, method: str, path: str, since: float) -> float:
        """When the server answered the kiosk's first question of a kind that was asked later than a time."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for passed in self.relay.passed:
                if passed.method == method and passed.path.startswith(path) and passed.asked > since:
                    return passed.answered
            self.kiosk.look()
        raise AssertionError(f"{method} {path} was not asked")


@contextmanager
def store(database: str, folder: Path, chromium: Browser, looks: Looks = UPRIGHT) -> Iterator[Store]:
    """Load the demo shop into an empty database, and open it.

    Args:
        database: the address of one that is empty.
        folder: takes logs and what the programs keep.
        chromium: the browser.
        looks: the kiosk's; it speaks Spanish.
    """
    load_shop(database)
    _count_today(database, folder)
    settings = {
        "MOSTRADOR_BRAND": "Tramontela",
        "MOSTRADOR_CHAIN": CHAIN,
        "MOSTRADOR_CONTINUE_KEYS": msgspec.json.encode({SOURCE: SHOP_KEY}).decode(),
    }
    with (
        the_server(database, folder / "server.log", settings) as server,
        Relay(server.port) as relay,
        Display(looks.width, looks.height, folder / "display.log") as display,
    ):
        manager = Manager(server.url)
        tell_shop(server.url, _cart("c-9a43ebcc", "abandoned"))
        till = Till(chromium, server.port, TABLET, "es-ES")
        till.page.get_by_role("textbox").fill(manager.invite("till").code)
        till.page.get_by_role("button").click()
        till.reads("Esta caja está dada de alta.")
        phone = chromium.new_page(viewport=PHONE, device_scale_factor=2)  # type: ignore[arg-type]
        with Kiosk(relay.url, display, folder, token=manager.enrol("kiosk"), looks=looks, now="") as kiosk:
            kiosk.until(lambda s: s.screen == "welcome" and s.brand)
            yield Store(server.url, relay, kiosk, till, phone)
            assert kiosk.complaints == ""
        assert till.complaints == []
        phone.close()
        till.page.context.close()
    require_nobody((folder / "server.log").read_text("utf-8"), "the server of the walk")


def walk(shop: Store, number: int, folder: Path, *, look: bool) -> Times:
    """Walk once.

    Args:
        shop: where.
        number: of the walk; the cart has it in its name.
        folder: takes the pictures that codes are read off.
        look: take a picture of each step, and see the goodbye to its end; else the customer touches the way out.
    """
    kiosk, took = shop.kiosk, Times()

    def take(name: str) -> None:
        if look:
            kiosk.at_rest()
            kiosk.picture(folder / f"{name}.png")

    def take_page(name: str, page: Page) -> Path:
        path = folder / f"{name}.png"
        page.screenshot(path=path)
        return path

    cart = f"walk-{number}"
    tell_shop(shop.url, _cart(cart, "open"))
    assert shop.holds() == {cart: LEFT_AT_HOME}
    folder.mkdir(parents=True, exist_ok=True)
    code = continue_code(SHOP_KEY, CHAIN, SOURCE, cart)
    shop.phone.set_content(_PHONE.format(code=segno.make(code, error="m").svg_inline(border=4, omitsize=True)))
    kiosk.until(lambda s: s.screen == "welcome" and not s.guest and not s.ending)
    take("1-welcome")
    read = read_code(take_page("2-phone", shop.phone))
    assert read == code

    _goes_on(shop, read, took)
    take("3-cart")
    _changes_the_size(shop, took, take)
    take("5-size-changed")
    assert shop.holds() == {cart: IN_ANOTHER_SIZE}
    _takes_one_more(shop, took)
    assert shop.holds() == {cart: ONE_MORE}
    took["frame"] = Took(kiosk.frame())
    _scans_a_product(shop, took)
    take("6-product-scanned")
    assert shop.holds() == {cart: WITH_ANOTHER}

    _goes_to_the_till(shop, took)
    kiosk.picture(folder / "7-code.png")
    number_of_handoff = _is_redeemed(shop, read_code(folder / "7-code.png"), took)
    take("8-redeemed")
    take_page("9-at-the-till", shop.till.page)
    _is_sold(shop, took)
    take("10-goodbye")
    if not look:
        # At once: it goes by itself after a while.
        kiosk.touch("WideButton", "Terminar")
    take_page("11-sold", shop.till.page)
    assert shop.handoff(number_of_handoff).state == "completed"
    assert shop.holds() == {cart: NOT_HERE}
    kiosk.until(lambda s: s.screen == "welcome" and not s.guest and not s.ending)
    for secret in ("Lucía", TAJO):
        assert kiosk.remembers(secret) == []
    # The next walk begins with one cart, as this one did.
    tell_shop(shop.url, _cart(cart, "abandoned"))
    assert shop.holds() == {}
    return took


def _goes_on(shop: Store, code: str, took: Times) -> None:
    """The code of the phone is held to the reader: the cart is there as it was left at home."""
    kiosk = shop.kiosk
    kiosk.at_rest()
    kiosk.want(Wanted("LineCard", TAJO), Wanted("LineCard", TAJO, photos=True))
    before = time.monotonic()
    pressed = kiosk.hands.scan(code)
    painted, with_photos = kiosk.wanted()
    identified = shop.answered("POST", "/v1/kiosk/session", before)
    took["cart"] = shop.took(pressed, painted)
    took["identified"] = shop.took(identified, painted)
    took["photos"] = shop.took(identified, with_photos)
    sight = kiosk.at_rest()
    assert sight.guest
    assert sight.says("Hola, Lucía")
    assert not sight.says("García")
    assert sight.says("206,00 €")


def _changes_the_size(shop: Store, took: Times, take: Callable[[str], None]) -> None:
    """Another size of the first line, from those there are."""
    kiosk = shop.kiosk
    button = kiosk.thing_in(TAJO, "VariantButton").middle
    kiosk.want(Wanted("ChoiceButton", "M"))
    kiosk.hands.touch(button)
    touched = time.monotonic()
    took["sizes"] = shop.took(touched, kiosk.wanted()[0])
    kiosk.touch("ChoiceButton", "M")
    kiosk.until(lambda s: s.thing("PickedFacts", "Negro · M"))
    take("4-sizes")
    button = kiosk.thing("WideButton", "Quiero este").middle
    kiosk.want(Wanted("LineCard", "Negro · M"))
    before = time.monotonic()
    kiosk.hands.touch(button)
    touched = time.monotonic()
    took["size"] = shop.took(touched, kiosk.wanted()[0])
    took["size_held"] = shop.took(touched, shop.answered("PUT", "/v1/carts/", before))


def _takes_one_more(shop: Store, took: Times) -> None:
    """One more of the first line."""
    kiosk = shop.kiosk
    more = kiosk.thing_in(TAJO, "Step", 1).middle
    kiosk.want(Wanted("SumPanel", "260,00 €"))
    before = time.monotonic()
    kiosk.hands.touch(more)
    touched = time.monotonic()
    took["line"] = shop.took(touched, kiosk.wanted()[0])
    took["line_held"] = shop.took(touched, shop.answered("PUT", "/v1/carts/", before))


def _scans_a_product(shop: Store, took: Times) -> None:
    """The tag of something on the shelf is held to the reader."""
    kiosk = shop.kiosk
    kiosk.at_rest()
    kiosk.want(Wanted("SumPanel", "314,00 €"))
    before = time.monotonic()
    pressed = kiosk.hands.scan(TAJO_IN_LAVENDER)
    took["scanned"] = shop.took(pressed, kiosk.wanted()[0])
    took["scanned_held"] = shop.took(pressed, shop.answered("POST", "/v1/carts/", before))
    sight = kiosk.at_rest()
    assert sight.says(f"{TAJO} está en tu carrito")
    assert sight.thing("LineCard", "Lavanda · S"), "what was scanned is out of sight"


def _goes_to_the_till(shop: Store, took: Times) -> None:
    """The cart gets a code that a till can scan, and six signs."""
    kiosk = shop.kiosk
    button = kiosk.thing("WideButton", "Llevar a la caja").middle
    kiosk.want(Wanted("CodeSigns"))
    kiosk.hands.touch(button)
    touched = time.monotonic()
    took["code"] = shop.took(touched, kiosk.wanted()[0])
    sight = kiosk.at_rest()
    assert sight.screen == "handoff"
    assert sight.says(f"{ALISIO}: no está en esta tienda")


def _is_redeemed(shop: Store, read: str, took: Times) -> int:
    """The till scans the code off the kiosk's screen and has the cart; the number of the handoff."""
    kiosk, till = shop.kiosk, shop.till
    signs = kiosk.thing("CodeSigns").text.replace(" ", "")
    assert read == f"mostrador:handoff?code={signs}"
    kiosk.want(Wanted("BigWords", "Listo en la caja"))
    till.watch("Para cobrar")
    pressed = till.scan(read)
    took["till"] = Took(till.painted() - pressed)
    took["redeemed"] = Took(kiosk.wanted()[0] - pressed)
    till.reads(TAJO)
    till.reads("Aquí no queda. Quítalo o pídelo a otra tienda.")
    form = till.page.locator("form[action$='/sold']").get_attribute("action")
    found = re.search(r"/(\d+)/sold$", form or "")
    assert found, form
    assert shop.handoff(int(found[1])).state == "redeemed"
    return int(found[1])


def _is_sold(shop: Store, took: Times) -> None:
    """The till says that it is sold, and the kiosk says goodbye."""
    kiosk, till = shop.kiosk, shop.till
    kiosk.want(Wanted("BigWords", "Gracias, hasta pronto"))
    till.watch("Cobrado.")
    pressed = till.press(till.page.get_by_role("button", name="Está cobrado"))
    took["sold"] = Took(till.painted() - pressed)
    took["goodbye"] = Took(kiosk.wanted()[0] - pressed)


def _cart(name: str, status: str) -> dict[str, Any]:
    """The cart as the shop tells of it."""
    lines = {
        line["sku"]: line
        for record in _records("carts.ndjson")
        if record["external_id"] == "c-9a43ebcc"
        for line in record["lines"]
    }
    return {
        "type": "cart",
        "source": SOURCE,
        "external_id": name,
        "status": status,
        "currency": "EUR",
        "customer": {"external_id": CUSTOMER},
        "lines": [lines[sku] for sku in LEFT_AT_HOME],
    }


def _count_today(database: str, folder: Path) -> None:
    """What the demo shop's stores have was counted just now."""
    now = timestamp(datetime.now(UTC))
    file = folder / "stock.ndjson"
    file.write_bytes(
        b"".join(msgspec.json.encode(record | {"updated_at": now}) + b"\n" for record in _records("stock.ndjson"))
    )
    command(database, "import", str(file))


def _records(name: str) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in (SHOP / name).read_bytes().splitlines()]


def _asked(method: str, address: str, **body: Any) -> bytes:
    """What the server answers to somebody of HQ."""
    headers = bearer(KNOWN.hq) | {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
    content = msgspec.json.encode(body) if body else None
    answer = httpx.request(method, address, headers=headers, timeout=PATIENCE, content=content)
    assert answer.is_success, answer.text
    return answer.content
