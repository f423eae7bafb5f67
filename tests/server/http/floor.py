"""A store's floor: two kiosks, two tills and a tablet on a server whose clock tests set, and shops that sign codes."""

import base64
import hmac
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import httpx
import msgspec

from server.access.rules import TOUCHED
from server.db.engine import Connection, Database
from server.settings import Settings
from server.wire.access import DeviceKind
from server.wire.base import timestamp
from server.wire.records import CartLineRecord, CartRecord
from tests.server.given import NOW, rows, who
from tests.server.http.conftest import LIMITS, PATIENCE, UNHURRIED, Running, client_of, running
from tests.server.people import enrolled, hired, signed_in
from tests.server.small_shop import RECORDS, hour, ndjson

SHOP_KEY, OTHER_KEY = "ab" * 32, "cd" * 32
LINK = "https://shop.example/cart?from={source}&id={cart}"
FLOOR = msgspec.structs.replace(UNHURRIED, chain="acme", continue_keys={"web": SHOP_KEY}, handoff_link=LINK)


class Hands:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def on(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)


KINDS: tuple[DeviceKind, ...] = ("kiosk", "till")
STORES = ("GV", "GV", "SE")


def _enter(conn: Connection, now: datetime) -> list[str]:
    """Tokens: of a kiosk and a till for each of `STORES`, and of an associate in either store."""
    devices = [enrolled(conn, kind, store, now=now).token for kind in KINDS for store in STORES]
    tablets = [
        signed_in(conn, enrolled(conn, "tablet", store, now=now), hired(conn, "associate", store, now=now), now=now)
        for store in ("GV", "SE")
    ]
    return [*devices, *(one.token for one in tablets)]


class Floor:
    """Who stands there, each with a token of their own."""

    def __init__(self, house: Running, hands: Hands, stack: ExitStack) -> None:
        self.house = house
        self.hands = hands
        self._stack = stack
        shown = iter(house.database.write_now(_enter, hands.now))
        self.kiosk, self.other_kiosk, self.far_kiosk = (self.client(next(shown)) for _ in STORES)
        self.till, self.other_till, self.far_till = (self.client(next(shown)) for _ in STORES)
        self.tablet, self.far_tablet = (self.client(next(shown)) for _ in ("GV", "SE"))

    def client(self, token: str | None) -> httpx.Client:
        """Whoever shows a token."""
        return self._stack.enter_context(client_of(self.house.port, token))

    def code(self, cart: str = "cart-1", **but: Any) -> str:
        """A code as the shop shows it on a phone, or one that is wrong in some way."""
        return shop_code(cart, self.hands.now, **but)

    def goes_on(self, kiosk: httpx.Client | None = None, cart: str = "cart-1") -> httpx.Client:
        """A customer who came with the shop's code."""
        answer = show(kiosk or self.kiosk, self.code(cart))
        assert answer.status_code == 201, answer.text
        return self.client(answer.json()["token"])

    def end_waits(self, device: httpx.Client) -> None:
        """A manager lets a device go on at which too much was wrong."""
        number = device.headers["authorization"].split("_")[1]
        answer = self.house.client.delete(f"/v1/devices/{number}/waits")
        assert answer.status_code == 204, answer.text

    def looks(self) -> list[tuple[str, str, tuple[int, ...]]]:
        """What is on record by now: kind of device, why, and whom."""
        found = self.house.database.read_now(rows, "SELECT kind, why, people FROM audit_looks ORDER BY chain, position")
        return [(kind, why, tuple(json.loads(people))) for kind, why, people in found]

    def until_on_record(self, look: tuple[str, str, tuple[int, ...]], times: int) -> None:
        """Wait until a look is on record so often: it is written some moments after it was taken."""
        deadline = monotonic() + PATIENCE
        while self.looks().count(look) < times:
            assert monotonic() < deadline, self.looks()
            self._give_way()

    def until_seen(self, customer: httpx.Client) -> None:
        """Wait until it is written down that a customer was seen by now: that is done aside."""
        deadline = monotonic() + PATIENCE
        wanted = timestamp(self.hands.now - TOUCHED)
        number = int(customer.headers["authorization"].split("_")[1])
        sql = "SELECT count(*) FROM kiosk_sessions WHERE id = :id AND seen_at < :wanted"
        while self.house.database.read_now(rows, sql, id=number, wanted=wanted)[0][0]:
            assert monotonic() < deadline
            # Of what is asked while the last time is still being written nothing is written.
            customer.get("/v1/kiosk/cart")

    def _give_way(self) -> None:
        """Let the server have a turn: who reads without a pause keeps its writer waiting."""
        self.house.client.get("/health/live")


def shop_code(
    cart: str,
    now: datetime,
    *,
    key: str = SHOP_KEY,
    chain: str = "acme",
    source: str = "web",
    id_: str | None = None,
    minutes: float = 10,
    magic: str = "MC1",
) -> str:
    """A code as a shop makes it; each has an id of its own."""
    said = {
        "aud": chain,
        "src": source,
        "cart": cart,
        "jti": id_ or base64.b16encode(hmac.digest(b"id", f"{cart} {now} {_next()}".encode(), "sha256")).decode()[:32],
        "exp": int((now + timedelta(minutes=minutes)).timestamp()),
    }
    head = f"{magic}.{url64(json.dumps(said).encode())}"
    return f"{head}.{url64(hmac.digest(bytes.fromhex(key), head.encode(), 'sha256'))}"


_numbers = iter(range(10**9))


def _next() -> int:
    return next(_numbers)


def url64(data: bytes) -> str:
    """Base64 for addresses, without its padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def show(kiosk: httpx.Client, code: str, key: str | None = None) -> httpx.Response:
    """Hold a shop's code to a kiosk."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return kiosk.post("/v1/kiosk/session", json={"type": "continue", "code": code}, headers=headers)


GUEST_CART = CartRecord(
    source="web",
    external_id="cart-of-nobody",
    updated_at=hour(9),
    status="open",
    currency="EUR",
    lines=(CartLineRecord(sku="SHIRT-M", title="Linen shirt, M", quantity=1, unit_price=4990),),
)
BERTAS_CART = CartRecord(
    source="web",
    external_id="cart-2",
    updated_at=hour(9),
    status="open",
    currency="EUR",
    lines=(
        CartLineRecord(sku="SHIRT-S", title="Linen shirt, S", quantity=1, unit_price=4990),
        CartLineRecord(sku="SHIRT-S", title="Linen shirt, S", quantity=2, unit_price=4990),
        CartLineRecord(sku="GONE", title="Last year's coat", quantity=1, unit_price=9900),
    ),
    customer=who("berta"),
)


@contextmanager
def floor(database: Database, settings: Settings = FLOOR) -> Iterator[Floor]:
    """The small shop's floor, and two carts more: one of nobody, one of Berta's."""
    hands = Hands()
    with running(database, settings, LIMITS, hands) as house, ExitStack() as stack:
        answer = house.sync.post("/v1/records", content=ndjson((*RECORDS, GUEST_CART, BERTAS_CART)))
        assert answer.json()["refused"] == 0, answer.text
        yield Floor(house, hands, stack)
