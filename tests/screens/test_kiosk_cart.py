"""A customer goes on with their cart at the real kiosk: touches and scans, a till, and somebody else who changes it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
import segno
from PIL import Image

from server.wire.customers import CustomerContext
from server.wire.handoffs import RedeemedHandoff
from server.wire.kiosks import WaitingChallenge
from tests.bench.processes import free_port, the_server
from tests.overheard import require_nobody
from tests.screens.display import PATIENCE, Display
from tests.screens.kiosk import Kiosk
from tests.screens.manager import Manager
from tests.screens.relay import Relay
from tests.screens.shop import load_shop
from tests.server.people import KNOWN, bearer

pytestmark = pytest.mark.xdist_group("screens")

LUCIA, GABRIEL, MARTA, BEGONA = "2900000200012", "2900000200388", "2900000200050", "2900000200265"
TAJO, ALISIO, BRISA = "Sudadera con capucha Tajo", "Chaqueta cortavientos Alisio", "Camiseta de tirantes Brisa"
TAJO_IN_LAVENDER = "9520010460218"
QUIET = 4
"""Squares of white around a code."""
LINK = "https://tramontela.example/carrito?source={source}&cart={cart}"


class Store:
    """What happens in the store beside the kiosk: somebody who works there, and a till."""

    def __init__(self, port: int, relay: Relay, manager: Manager) -> None:
        self.port = port
        self.relay = relay
        self.kiosk = manager.enrol("kiosk")
        self._till = manager.enrol("till")
        self._server = f"http://127.0.0.1:{port}"

    def context(self, card: str) -> CustomerContext:
        """All that is known of who has a card."""
        scanned = msgspec.json.decode(self._ask("POST", "/v1/scan", KNOWN.hq, code=card, store="GV"))
        return msgspec.convert(scanned["context"], CustomerContext)

    def holds(self, card: str) -> dict[str, int]:
        """What is in the carts of who has a card."""
        return {line.sku: line.quantity for cart in self.context(card).carts for line in cart.lines}

    def vouch(self, card: str, digits: str) -> None:
        """Somebody who works there says who stands before the kiosk."""
        (waiting,) = msgspec.json.decode(
            self._ask("GET", "/v1/kiosk/challenges", KNOWN.hq), type=tuple[WaitingChallenge, ...]
        )
        door = f"/v1/kiosk/challenges/{waiting.challenge_id}/confirmation"
        self._ask("POST", door, KNOWN.hq, customer_id=self.context(card).person.id, digits=digits)

    def changes(self, card: str, sku: str, quantity: int) -> None:
        """Somebody else changes a line of the cart."""
        cart, line = next((cart, line) for cart in self.context(card).carts for line in cart.lines if line.sku == sku)
        door = f"/v1/carts/{cart.id}/lines/{line.line}"
        self._ask("PUT", door, KNOWN.hq, quantity=quantity, base_quantity=line.quantity)

    def redeems(self, code: str) -> RedeemedHandoff:
        """The till takes a cart by its code."""
        return msgspec.json.decode(
            self._ask("POST", "/v1/handoffs/redemption", self._till, code=code), type=RedeemedHandoff
        )

    def ends(self, handoff: RedeemedHandoff, how: str) -> None:
        """The till sold it, or gives it back."""
        self._ask("POST", f"/v1/handoffs/{handoff.handoff_id}/{how}", self._till)

    def _ask(self, method: str, door: str, token: str, **body: Any) -> bytes:
        headers = bearer(token) | {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
        content = msgspec.json.encode(body) if body else None
        answer = httpx.request(method, self._server + door, headers=headers, timeout=PATIENCE, content=content)
        assert answer.is_success, answer.text
        return answer.content


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The demo shop, served, with a till: of its own, as carts are changed and sold in it."""
    folder = tmp_path_factory.mktemp("store")
    database = folder / "shop.db"
    load_shop(database)
    with (
        the_server(database, folder / "server.log", {"MOSTRADOR_HANDOFF_LINK": LINK}) as server,
        Relay(server.port) as relay,
    ):
        yield Store(server.port, relay, Manager(f"http://127.0.0.1:{server.port}"))
    require_nobody((folder / "server.log").read_text("utf-8"), "the server of the kiosk's carts")


@pytest.fixture
def kiosk(store: Store, tmp_path: Path) -> Iterator[Kiosk]:
    """A kiosk before which nobody stands."""
    with (
        Display(1080, 1920, tmp_path / "display.log") as display,
        Kiosk(store.relay.url, display, tmp_path, token=store.kiosk) as kiosk,
    ):
        kiosk.until(lambda s: s.screen == "welcome" and s.brand)
        yield kiosk
        assert kiosk.complaints == ""


def comes(kiosk: Kiosk, store: Store, card: str) -> None:
    """Somebody comes whom an associate knows."""
    kiosk.touch("WideButton", "Seguir con mi carrito")
    kiosk.touch("WayButton", "Preguntar a un dependiente")
    digits = kiosk.until(lambda s: s.digits)
    store.vouch(card, digits)
    kiosk.until(lambda s: s.screen == "cart" and s.guest)


def assert_readable(kiosk: Kiosk, picture: Path, text: str) -> None:
    """The QR code on the screen says a text: each of its squares is as it should be, and its border is white."""
    kiosk.at_rest()
    kiosk.picture(picture)
    box = kiosk.thing("QrCode").box
    squares = [bytes(row) for row in segno.make(text, micro=False, error="m").matrix]
    across = len(squares) + 2 * QUIET
    white = bytes(across)
    matrix = [*[white] * QUIET, *(bytes(QUIET) + row + bytes(QUIET) for row in squares), *[white] * QUIET]
    side = int(min(box[2] - box[0], box[3] - box[1]) // across)
    left, top = ((box[at] + box[at + 2] - side * across) / 2 for at in (0, 1))
    with Image.open(picture) as image:
        grey = image.convert("L")
        seen = [
            bytes(
                grey.getpixel((int(left + (x + 0.5) * side), int(top + (y + 0.5) * side))) < 128 for x in range(across)
            )
            for y in range(across)
        ]
    assert seen == matrix


def test_a_cart_goes_on_and_is_sold(kiosk: Kiosk, store: Store, tmp_path: Path) -> None:
    """From the cart as it was left at home, changed by touch and scan, to the till and a screen that forgets it all."""
    comes(kiosk, store, LUCIA)
    sight = kiosk.until(lambda s: s.thing("LineCard", TAJO) and s)
    assert sight.says("Hola, Lucía")
    assert sight.says("Tu carrito, como lo dejaste a las 14:02.")
    assert sight.says("206,00 €")
    assert not sight.says("García")
    assert sight.says("2 en esta tienda")
    assert sight.says("Aquí no · 1 en Serrano")

    kiosk.touch_in(TAJO, "Step", 1)
    kiosk.until(lambda s: s.says("260,00 €"))
    kiosk.touch_in(TAJO, "VariantButton")
    kiosk.touch("ChoiceButton", "M")
    kiosk.touch("WideButton", "Quiero este")
    kiosk.until(lambda s: s.thing("LineCard", "Negro · M"))
    kiosk.touch_in(ALISIO, "Step", 0)
    kiosk.until(lambda s: s.says(f"{ALISIO}: quitado") and s.says("176,00 €"))
    kiosk.touch("PillButton", "Deshacer")
    kiosk.until(lambda s: s.thing("LineCard", ALISIO) and s.says("260,00 €"))
    kiosk.scan(TAJO_IN_LAVENDER)
    kiosk.until(lambda s: s.says("314,00 €") and s.says(f"{TAJO} está en tu carrito"))
    kiosk.scan("ABC-12345")
    kiosk.until(lambda s: s.says("Eso no es un artículo de esta tienda"))
    kiosk.at_rest()
    held = {"T1046-NEG-M": 2, "T1011-NAR-S": 1, "T1043-NEG-S": 2, "T1046-LAV-S": 1}
    kiosk.until(lambda _: store.holds(LUCIA) == held)

    kiosk.touch("WideButton", "Llevar a la caja")
    code = kiosk.until(lambda s: s.screen == "handoff" and (sign := s.thing("CodeSigns")) and sign.text)
    assert_readable(kiosk, tmp_path / "code.png", "mostrador:handoff?code=" + code.replace(" ", ""))
    assert kiosk.look().says(f"{ALISIO}: no está en esta tienda")
    taken = store.redeems(code)
    assert {line.sku: line.quantity for line in taken.lines} == held
    kiosk.until(lambda s: s.says("Listo en la caja"))
    store.ends(taken, "completion")
    kiosk.until(lambda s: s.says("Gracias, hasta pronto"))
    kiosk.until(lambda s: (s.screen, s.guest, s.ending) == ("welcome", False, False))
    for secret in ("Lucía", TAJO, code):
        assert kiosk.remembers(secret) == []


def test_a_till_that_gives_it_back(kiosk: Kiosk, store: Store, tmp_path: Path) -> None:
    """The cart is there again, with words; a phone gets a link, and the shop is asked to keep it here."""
    comes(kiosk, store, MARTA)
    kiosk.until(lambda s: s.thing("LineCard"))
    kiosk.touch("WideButton", "Llevar a la caja")
    code = kiosk.until(lambda s: (sign := s.thing("CodeSigns")) and sign.text)
    kiosk.touch("WideButton", "Volver al carrito")
    kiosk.until(lambda s: s.screen == "cart")
    taken = store.redeems(code)
    kiosk.until(lambda s: s.says("Listo en la caja"))
    store.ends(taken, "release")
    kiosk.until(lambda s: s.screen == "cart" and s.says("La caja te ha devuelto el carrito"))
    kiosk.touch("WideButton", "Enviar a mi móvil")
    kiosk.until(lambda s: s.says("Sigue en tu móvil") and s.thing("QrCode"))
    name = store.context(MARTA).carts[0]
    link = LINK.format(source=name.source.replace(":", "%3A"), cart=name.external_id)
    assert_readable(kiosk, tmp_path / "link.png", link)
    kiosk.touch("WideButton", "Volver al carrito")
    kiosk.touch("WideButton", "Pedir que me lo envíen")
    kiosk.touch("WideButton", "Lo recojo en esta tienda")
    kiosk.until(lambda s: s.says("La tienda ya sabe que lo recoges aquí"))
    kiosk.touch("WideButton", "He terminado")
    kiosk.until(lambda s: (s.screen, s.guest) == ("welcome", False))


def test_two_carts_become_one_when_the_customer_says_so(kiosk: Kiosk, store: Store) -> None:
    """Each can be gone on with; all of it is in one cart once that is touched, and not before."""
    comes(kiosk, store, GABRIEL)
    kiosk.until(lambda s: len(list(s.all("CartChoice"))) == 2)
    before = store.context(GABRIEL).carts
    assert sum(bool(cart.lines) for cart in before) == 2
    kiosk.touch("WideButton", "Seguir con este")
    kiosk.until(lambda s: s.thing("LineCard"))
    kiosk.drag("CartLines", -600)
    kiosk.at_rest()
    kiosk.touch("PillButton", "Ver")
    kiosk.touch("WideButton", "Juntarlo todo en un carrito")
    kiosk.until(lambda s: s.says("Ya está todo en un solo carrito"))
    after = store.context(GABRIEL).carts
    assert sum(bool(cart.lines) for cart in after) == 1
    assert store.holds(GABRIEL) == {line.sku: line.quantity for cart in before for line in cart.lines}


def test_what_others_do_is_seen_and_what_is_lost_is_sent_again(kiosk: Kiosk, store: Store) -> None:
    """A change elsewhere is there at once; without network touches count, and arrive when it is back."""
    comes(kiosk, store, BEGONA)
    kiosk.until(lambda s: s.thing("LineCard"))
    first = store.context(BEGONA).carts[0].lines[0]
    total = kiosk.at_rest().thing("SumPanel")
    assert total is not None
    store.changes(BEGONA, first.sku, first.quantity + 3)
    kiosk.until(lambda s: (panel := s.thing("SumPanel")) and panel.words != total.words)
    kiosk.at_rest()
    store.relay.lead_to(free_port())
    kiosk.touch_in(first.title, "Step", 1)
    kiosk.until(lambda s: s.says("Ahora no hay red. Lo que cambies se guarda y se enviará."))
    store.relay.lead_to(store.port)
    kiosk.until(lambda _: store.holds(BEGONA)[first.sku] == first.quantity + 4)
    kiosk.until(lambda s: not s.says("Ahora no hay red"))
