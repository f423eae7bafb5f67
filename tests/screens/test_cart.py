"""A cart that an associate changes and hands over on the real tablet, and kiosks that want somebody."""

import re
from typing import Any

import httpx
import pytest

from tests.screens.conftest import Counter
from tests.screens.display import PATIENCE, Point
from tests.screens.shop import tell_shop
from tests.screens.sight import Sight
from tests.screens.tablet import Tablet
from tests.screens.test_scan import shows
from tests.server.people import KNOWN, bearer

pytestmark = pytest.mark.xdist_group("screens")

CARD, NAME = "2900000200920", "Candela Prado Ruiz"
"""Of somebody whom no other test looks at."""
SKIRT, BELT, HAT = "Falda larga Duero", "Cinturón trenzado Sil", "Sombrero Ebro"
GLOVES, SCARF = "Guantes de punto Miño", "Bufanda Tera"
ARTICLE, ARTICLES_SKU, ARTICLES_NAME = "9520010460003", "T1046-NEG-XS", "Sudadera con capucha Tajo"
QUESTION = "¿qué dos cifras"
PENDING = "Aún no está en la tienda online"
_CODE = re.compile(r"[2-9A-Z]{3} [2-9A-Z]{3}")


def has(counter: Counter, **pieces: int) -> None:
    """Candela's cart is so in the online shop: as many of each as are named; the catalogue has the hoodie alone."""
    titles = {"skirts": SKIRT, "belts": BELT, "hats": HAT, "gloves": GLOVES, "scarves": SCARF, "hoodies": ARTICLES_NAME}
    skus = titles | {"hoodies": ARTICLES_SKU}
    lines = [
        {"sku": skus[one], "title": titles[one], "quantity": quantity, "unit_price": 4200}
        for one, quantity in pieces.items()
    ]
    customer = {"type": "customer", "external_id": "candela", "given_name": "Candela", "family_name": "Prado Ruiz"}
    tell_shop(counter.relay.url, customer | {"cards": [CARD]})
    cart = {"type": "cart", "external_id": "candela-1", "customer": {"external_id": "candela"}}
    tell_shop(counter.relay.url, cart | {"status": "open", "currency": "EUR", "lines": lines})


def ask(counter: Counter, token: str, method: str, door: str, body: Any = None) -> Any:
    """Somebody else in the store asks the server."""
    answer = httpx.request(method, f"{counter.relay.url}{door}", headers=bearer(token), json=body, timeout=PATIENCE)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def pieces(sight: Sight, title: str) -> str:
    """How many of an article a row says; nothing where there is no row."""
    row = sight.thing("CartRow", title)
    return next((word for word in row.words if word.isdecimal()), "") if row else ""


def step(tablet: Tablet, title: str, *, up: bool) -> None:
    """Touch the plus or minus of a row."""
    row = tablet.thing("CartRow", title)
    left, top, right, bottom = next(
        one.box for one in tablet.look().all("Quantity") if row.box[1] <= one.box[1] <= row.box[3]
    )
    tablet.hands.touch(Point(round(right - 28 if up else left + 28), round((top + bottom) / 2)))


def test_a_cart_is_changed_at_the_counter(tablet: Tablet, shop_counter: Counter) -> None:
    """More is shown and marked until the shop has it; what is taken out can be put back; a scan offers to put in.

    What was put in is seen, also under a cart that is longer than the screen.
    """
    has(shop_counter, skirts=1, belts=1)
    tablet.scan(CARD)
    shows(tablet, NAME)
    tablet.until(lambda s: s.says(SKIRT))
    step(tablet, SKIRT, up=True)
    tablet.until(lambda s: pieces(s, SKIRT) == "2" and s.says(PENDING))
    has(shop_counter, skirts=2, belts=1)
    tablet.until(lambda s: pieces(s, SKIRT) == "2" and not s.says(PENDING))
    step(tablet, BELT, up=False)
    tablet.until(lambda s: not s.thing("CartRow", BELT) and s.says("Deshacer"))
    tablet.touch("BandButton", "Deshacer")
    tablet.until(lambda s: pieces(s, BELT) == "1" and not s.says("Deshacer"))
    has(shop_counter, skirts=2, belts=1, hats=3, gloves=1, scarves=1)
    tablet.until(lambda s: pieces(s, HAT) == "3")
    row = tablet.thing("CartRow", SKIRT).height
    tablet.scan(ARTICLE)
    tablet.touch("PillButton", "Al carrito")
    tablet.until(
        lambda s: (
            (s.screen, s.tab) == ("customer", "cart")
            and (put_in := s.thing("CartRow", ARTICLES_NAME))
            and put_in.height >= row
        )
    )


def test_a_cart_goes_to_a_till(tablet: Tablet, shop_counter: Counter) -> None:
    """A till of the store takes the code that is shown; that it did, and that it sold, is told as it happens.

    What it sold is in the cart no more; what the catalogue does not have stays there.
    """
    has(shop_counter, skirts=1, hoodies=1)
    tablet.scan(CARD)
    shows(tablet, NAME)
    tablet.touch("PillButton", "Pasar el carrito")
    till = shop_counter.manager.enrol("till", "Caja 2")
    code = tablet.until(lambda s: next((t.text for t in s.things if _CODE.fullmatch(t.text)), None))
    taken = ask(shop_counter, till, "POST", "/v1/handoffs/redemption", {"code": code})
    assert [line["title"] for line in taken["lines"]][:1] == [SKIRT]
    tablet.until(lambda s: s.says("Una caja tiene el carrito"))
    assert not any(_CODE.fullmatch(thing.text) for thing in tablet.look().things)
    ask(shop_counter, till, "POST", f"/v1/handoffs/{taken['handoff_id']}/completion")
    tablet.until(lambda s: s.says("Vendido"))
    tablet.touch("PillButton", "Volver a Candela")
    tablet.until(
        lambda s: s.screen == "customer" and s.thing("CartRow", SKIRT) and not s.thing("CartRow", ARTICLES_NAME)
    )


def test_somebody_is_vouched_for(tablet: Tablet, shop_counter: Counter) -> None:
    """A kiosk that waits shows on the tablet; its digits, typed for the customer who is open, let it go on."""
    has(shop_counter, skirts=1)
    tablet.scan(CARD)
    shows(tablet, NAME)
    kiosk = shop_counter.manager.enrol("kiosk", "Quiosco de la escalera")
    asked = ask(shop_counter, kiosk, "POST", "/v1/kiosk/challenges", {"type": "ask_associate"})
    tablet.touch("BandButton", "Teclear sus cifras")
    sight = tablet.until(lambda s: s if s.screen == "vouch" else None)
    while (asks := sight.thing("Text", QUESTION)) and not sight.says("Quiosco de la escalera"):
        # Kiosks of other tests may wait too.
        tablet.touch("PillButton", "Otro quiosco")
        sight = tablet.until(lambda s, before=asks.text: None if s.says(before) else s)
    wrong = f"{(int(asked['digits']) + 1) % 100:02}"
    for digits, said in ((wrong, "otras cifras"), (asked["digits"], "sigue adelante")):
        for digit in digits:
            tablet.touch("PadKey", digit)
        tablet.until(lambda s, said=said: s.says(said))
    proof = {"type": "vouch", "challenge_id": asked["challenge_id"]}
    assert ask(shop_counter, kiosk, "POST", "/v1/kiosk/session", proof)["token"]


def test_somebody_comes_to_a_kiosk(tablet: Tablet, shop_counter: Counter) -> None:
    """A call shows on every screen of the tablets of the store until somebody says that they are coming."""
    kiosk = shop_counter.manager.enrol("kiosk", "Quiosco de la puerta")
    ask(shop_counter, kiosk, "POST", "/v1/kiosk/calls", {"about": "card"})
    tablet.until(lambda s: s.screen == "find" and s.says("necesita a alguien: una tarjeta"))
    tablet.touch("BandButton", "Ya voy")
    tablet.until(lambda s: not s.says("necesita a alguien"))
    assert ask(shop_counter, KNOWN.hq, "GET", "/v1/kiosk/calls") == []
