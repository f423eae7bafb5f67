"""Who comes to a store's kiosks in a day, and what happens around them."""

import re
import threading
from email.message import EmailMessage
from random import Random
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import msgspec

from server.wire.base import timestamp
from server.wire.customers import CustomerContext
from server.wire.handoffs import RedeemedHandoff
from server.wire.kiosks import WaitingChallenge
from tests.bench.processes import Running
from tests.screens.display import PATIENCE
from tests.screens.hours import Hours
from tests.screens.programs import text
from tests.server.http.floor import SHOP_KEY, shop_code
from tests.server.http.post_office import Mails
from tests.server.people import KNOWN, bearer

LABEL, TAJO, ALISIO = "9520010460218", "T1046-NEG-M", "T1011-NAR-S"
SCANNED = "T1046-LAV-S"
"""The article of the label."""
UNKNOWN_CODE = "000000"

WAYS = ("continue",) * 6 + ("code",) * 2 + ("vouch",) * 2
ENDS = ("finishes",) * 6 + ("is sold",) * 5 + ("walks away",) * 4 + ("leaves the code",) * 2 + ("crashes",) * 2
TROUBLES = ("bank card", "used code", "no cart", "wrong codes", "network", "half a number")


class Visit(NamedTuple):
    """A customer: how they prove who they are, or what goes wrong then; and how it ends."""

    number: int
    way: str
    end: str

    @property
    def gets_in(self) -> bool:
        """Whether they prove who they are."""
        return self.way in WAYS

    def __str__(self) -> str:
        return f"customer {self.number} ({self.way}, {self.end})"


def visits(seed: int, customers: int) -> list[Visit]:
    """Who comes, and how they leave."""
    made = []
    for number in range(customers):
        rng = Random(f"{seed}/day/{number}")
        if rng.random() < 0.2:
            made.append(Visit(number, rng.choice(TROUBLES), rng.choice(("walks away", "goes back"))))
        else:
            made.append(Visit(number, rng.choice(WAYS), rng.choice(ENDS)))
    return made


class Letters:
    """What came by e-mail, for each customer."""

    def __init__(self, mails: Mails) -> None:
        self._mails = mails
        self._lock = threading.Lock()
        self._came: dict[str, EmailMessage] = {}

    def to(self, address: str) -> str:
        """What the next one to an address says; it is waited for."""
        with self._lock:
            while address not in self._came:
                mail = self._mails.next()
                self._came[mail["To"]] = mail
            return str(self._came.pop(address).get_content())


class Shop:
    """What happens around the kiosks: an online shop, a till, and somebody who works in the store."""

    def __init__(self, server: Running, hours: Hours, till: str) -> None:
        self._till = till
        self._hours = hours
        self._client = httpx.Client(base_url=server.url, timeout=PATIENCE, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def code_for(self, cart: str) -> str:
        """What the shop's own app shows to go on with a cart in the store."""
        return shop_code(cart, self._hours.now(), key=SHOP_KEY, chain="mostrador", source="web:demo")

    def fills_cart(self, number: int) -> str:
        """A customer puts something into a cart at home; what the shop calls it."""
        name = f"day-{number}"
        lines = [
            {"line_id": str(n), "sku": sku, "title": sku, "quantity": 1, "unit_price": 5400}
            for n, sku in enumerate((TAJO, ALISIO))
        ]
        self._tell(
            {"type": "customer", "external_id": f"D{number}", "given_name": f"Nora{number}", "locale": "es"}
            | {"emails": [{"value": mail_of(number), "verified": True}], "cards": [card_of(number)]},
            {"type": "cart", "external_id": name, "status": "open", "currency": "EUR", "lines": lines}
            | {"customer": {"external_id": f"D{number}"}},
        )
        return name

    def goes_on(self, number: int, kiosk: str) -> None:
        """A customer changes their cart by another program, which says that it is a kiosk, and leaves."""
        code = self.code_for(self.fills_cart(number))
        session = msgspec.json.decode(self._ask("POST", "/v1/kiosk/session", kiosk, type="continue", code=code))
        mine = session["token"]
        (cart,) = msgspec.json.decode(self._ask("GET", "/v1/kiosk/cart", mine))["carts"]
        self._ask("PUT", f"/v1/carts/{cart['id']}/lines/1", mine, quantity=2, base_quantity=1)
        assert self.holds(number) == {TAJO: 2, ALISIO: 1}
        self._ask("DELETE", "/v1/kiosk/session", mine)

    def vouches(self, number: int, kiosk: str, digits: str) -> None:
        """Somebody who works there knows them."""
        waiting = msgspec.json.decode(
            self._ask("GET", "/v1/kiosk/challenges", KNOWN.hq), type=tuple[WaitingChallenge, ...]
        )
        mine = [challenge.challenge_id for challenge in waiting if challenge.kiosk == kiosk]
        door = f"/v1/kiosk/challenges/{mine[-1]}/confirmation"
        self._ask("POST", door, KNOWN.hq, customer_id=self._context(number).person.id, digits=digits)

    def holds(self, number: int) -> dict[str, int]:
        """What is in a customer's carts."""
        return {line.sku: line.quantity for cart in self._context(number).carts for line in cart.lines}

    def redeems(self, code: str) -> RedeemedHandoff:
        """The till takes a cart by its code."""
        return msgspec.json.decode(
            self._ask("POST", "/v1/handoffs/redemption", self._till, code=code), type=RedeemedHandoff
        )

    def sells(self, handoff: RedeemedHandoff) -> None:
        """It is paid."""
        self._ask("POST", f"/v1/handoffs/{handoff.handoff_id}/completion", self._till)

    def _context(self, number: int) -> CustomerContext:
        scanned = msgspec.json.decode(self._ask("POST", "/v1/scan", KNOWN.hq, code=card_of(number), store="GV"))
        return msgspec.convert(scanned["context"], CustomerContext)

    def _tell(self, *records: dict[str, Any]) -> None:
        said = {"source": "web:demo", "updated_at": timestamp(self._hours.now())}
        self._client.post(
            "/v1/records",
            content=b"".join(msgspec.json.encode(said | record) + b"\n" for record in records),
            headers=bearer(KNOWN.sync) | {"Content-Type": "application/x-ndjson"},
        ).raise_for_status()

    def _ask(self, method: str, door: str, token: str, **body: Any) -> bytes:
        headers = bearer(token) | {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
        content = msgspec.json.encode(body) if body else None
        answer = self._client.request(method, door, headers=headers, content=content)
        assert answer.is_success, answer.text
        return answer.content


def card_of(number: int) -> str:
    """A loyalty card."""
    digits = f"29{5_000_000_000 + number:010d}"
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def said_of(visit: Visit) -> re.Pattern[bytes]:
    """What a kiosk may come to know of a customer: their name, their card and their address, in whichever form."""
    told = (f"Nora{visit.number}", card_of(visit.number), mail_of(visit.number))
    return re.compile(b"|".join(text(one).pattern for one in told))


def mail_of(number: int) -> str:
    """An address."""
    return f"nora{number}@correo.example"
