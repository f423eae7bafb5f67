"""Shops are told what happened here to their carts: all of it, in order, by one server, until they take it."""

import asyncio
import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as given_that
from hypothesis import strategies as st

from server.access.callers import TERMINAL
from server.carts import actions as carts
from server.carts.actions import Place
from server.db.engine import Connection, Database
from server.events import actions as events
from server.outbox import actions, queries, rules
from server.outbox.sending import Outbox
from server.settings import Settings, ShopWebhook
from server.shop import Ending, Shop
from server.wire.base import Wire, timestamp
from server.wire.carts import NewCartLine
from server.wire.events import CartLineChanged, DeliveryAsked, Event, HandoffCompleted
from server.wire.handoffs import SoldLine
from server.wire.problems import ProblemError
from tests.engines import Engines
from tests.server import given
from tests.server.given import KEYS, NOW, cart, customer, ledger, product, redaction, variant, who
from tests.server.http.log import Log
from tests.server.outside import Outside

SECRET = "whsec_" + base64.b64encode(b"o" * 24).decode()


class Teller:
    """One server's outbox, and the time there: tests say what it is."""

    def __init__(self, database: Database, engines: Engines, outside: Outside, *sources: str) -> None:
        self.now = NOW
        webhook = ShopWebhook(address=f"{outside.address}/hook/key", secret=SECRET)
        webhooks = dict.fromkeys(sources or ("shop",), webhook)
        settings_ = Settings(database=engines.latest, shop_webhooks=webhooks)
        self.shop = Shop(database, settings_, self.clock, Ending(), KEYS, ledger(database))
        self.outbox = Outbox(self.shop)
        self.webhooks = webhooks

    def clock(self) -> datetime:
        return self.now

    async def tell_now(self) -> None:
        async with httpx.AsyncClient(verify=False) as client:  # reading what the system trusts takes its time
            for source, webhook in self.webhooks.items():
                await self.outbox.tell(client, source, webhook)

    def tell(self, minutes: float = 0) -> None:
        """Tell what is to be told, so many minutes later."""
        self.now += timedelta(minutes=minutes)
        asyncio.run(self.tell_now())


def changed(number: int, source: str = "shop", cart_id: int = 1) -> CartLineChanged:
    """A line that was changed."""
    return CartLineChanged(
        cart_id=cart_id,
        source=source,
        version=number,
        line=1,
        line_id=None,
        sku="S1",
        base_quantity=number - 1,
        quantity=number,
        unit_price=1000,
        currency="EUR",
    )


def happened(shop: given.Shop, *what: Event, store: str | None = None) -> None:
    """Something happened, one after the other."""

    def write(conn: Connection) -> None:
        for event in what:
            events.record(conn, event, NOW, customer_id=1, store=store)

    shop.database.write_now(write)
    shop.events()


@pytest.fixture
def teller(shop: given.Shop, engines: Engines, outside: Outside) -> Teller:
    """A server that began to tell a shop, which has a cart of Ana's."""
    shop.take(customer("1"), product(variants=(variant("S1"),)), cart("c1", customer=who("1")))
    shop.events()
    made = Teller(shop.database, engines, outside)
    made.tell()
    return made


def cart_id(shop: given.Shop) -> int:
    """The number of the cart."""
    number: int = shop.value("SELECT id FROM carts")
    return number


def test_a_line_that_is_changed_is_told(shop: given.Shop, teller: Teller, outside: Outside) -> None:
    """With what the shop calls the cart, so that it can do the same; signed, and with the same name each time."""
    place = Place(shop.number_of("1"), cart_id(shop))
    shop.database.write_now(carts.add_line, TERMINAL, place, NewCartLine(sku="S1", quantity=2), NOW)
    shop.events()
    teller.tell()
    ((name, message),) = outside.taken
    assert message["type"] == "cart.line_changed"
    assert message["timestamp"] == timestamp(NOW)
    assert {key: message["data"][key] for key in ("source", "external_id", "sku")} == {
        "source": "shop",
        "external_id": "c1",
        "sku": "S1",
    }
    assert message["data"]["quantity"] - message["data"]["base_quantity"] == 2
    (asked,) = (asked for asked in outside.asked if asked.method == "POST")
    signed = f"{name}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
    right = base64.b64encode(hmac.digest(b"o" * 24, signed, hashlib.sha256)).decode()
    assert asked.headers["webhook-signature"] == f"v1,{right}"


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (DeliveryAsked(cart_id=1, source="shop", way="pickup"), "cart.delivery_asked"),
        (DeliveryAsked(cart_id=1, source="other", way="pickup"), None),
        (DeliveryAsked(cart_id=99, source="shop", way="pickup"), None),
        (changed(1, "other"), None),
        (changed(1, cart_id=99), None),
        (HandoffCompleted(handoff_id=1, cart_id=1), "cart.sold"),
        (HandoffCompleted(handoff_id=1, cart_id=99), None),
    ],
)
def test_a_shop_is_told_of_its_own_carts(
    shop: given.Shop, teller: Teller, outside: Outside, event: Event, told: str | None
) -> None:
    """And of nobody else's, nor of one that is there no more."""
    if getattr(event, "cart_id", None) == 1:
        event = type(event)(**{**_fields(event), "cart_id": cart_id(shop)})
    happened(shop, event, store="m1")
    teller.tell()
    assert [message["type"] for _, message in outside.taken] == ([told] if told else [])
    for _, message in outside.taken:
        assert message["data"]["external_id"] == "c1"
        assert message["data"].get("store", "m1") == "m1"


@pytest.mark.parametrize("closed", [True, False])
def test_a_sale_is_told_with_what_was_sold(shop: given.Shop, teller: Teller, outside: Outside, *, closed: bool) -> None:
    """And whether the cart is done with by that; a sale that was written down before is told without its lines."""
    sale = HandoffCompleted(
        handoff_id=1, cart_id=cart_id(shop), lines=(SoldLine(line_id="l1", sku="S1", quantity=2),), closed=closed
    )
    happened(shop, HandoffCompleted(handoff_id=1, cart_id=cart_id(shop)), sale)
    teller.tell()
    lines = [{"line_id": "l1", "sku": "S1", "quantity": 2}]
    assert [message["data"] for _, message in outside.taken] == [
        {"source": "shop", "external_id": "c1", "lines": [], "closed": True},
        {"source": "shop", "external_id": "c1", "lines": lines, "closed": closed},
    ]


def test_a_sale_of_before_is_still_read() -> None:
    """Its row says neither what was sold nor that the cart stays open: it never did."""
    old = b'{"type":"handoff_completed","handoff_id":1,"cart_id":2}'
    assert msgspec.json.decode(old, type=Event) == HandoffCompleted(handoff_id=1, cart_id=2, lines=(), closed=True)


def _fields(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


def test_nothing_is_told_of_whoever_was_forgotten(shop: given.Shop, teller: Teller, outside: Outside) -> None:
    """What waits for the shop when a person is erased goes with them."""
    happened(shop, changed(1, cart_id=cart_id(shop)))
    happened(shop, DeliveryAsked(cart_id=cart_id(shop), source="shop", way="delivery"))
    shop.take(redaction("1"))
    shop.events()
    teller.tell()
    assert outside.taken == []


class EarlierDeliveryAsked(Wire, tag="delivery_asked"):
    """How servers wrote it down that told in it what the shop calls the cart."""

    cart_id: int
    source: str
    external_id: str
    way: str


def test_what_was_written_with_the_carts_name_is_told_too(shop: given.Shop, teller: Teller, outside: Outside) -> None:
    """A shop hears of it all the same, by the name that the cart has by now."""
    earlier: Any = EarlierDeliveryAsked(cart_id=cart_id(shop), source="shop", external_id="then", way="pickup")
    happened(shop, earlier, store="m1")
    teller.tell()
    assert [message["data"] for _, message in outside.taken] == [
        {"source": "shop", "external_id": "c1", "way": "pickup", "store": "m1"}
    ]


def test_a_number_that_comes_again_is_another_message(
    shop: given.Shop, teller: Teller, engines: Engines, outside: Outside
) -> None:
    """A restored copy gives numbers of events again: a shop that took a message must not take another for it."""
    happened(shop, changed(1, cart_id=cart_id(shop)))
    teller.tell()
    last = shop.value("SELECT max(id) FROM events")

    def restore(conn: Connection) -> None:
        conn.run(queries.SQL.skip, source="shop", position=last - 1)
        again = timestamp(NOW + timedelta(hours=1))
        conn.run(given.asked("UPDATE events SET at = :at WHERE id = :id"), at=again, id=last)

    shop.database.write_now(restore)
    Teller(shop.database, engines, outside).tell(minutes=61)
    before, after = (name for name, _ in outside.taken)
    assert before != after


def test_what_was_before_is_not_told(shop: given.Shop, engines: Engines, outside: Outside) -> None:
    """A shop that is named in the settings hears what happens from then on."""
    shop.take(customer("1"), cart("c1", customer=who("1")))
    happened(shop, changed(1, cart_id=cart_id(shop)))
    teller = Teller(shop.database, engines, outside)
    teller.tell()
    teller.tell()
    assert outside.taken == []
    happened(shop, changed(2, cart_id=cart_id(shop)))
    teller.tell()
    assert [message["data"]["version"] for _, message in outside.taken] == [2]


def test_a_shop_that_does_not_take_it_is_asked_again(
    shop: given.Shop, teller: Teller, outside: Outside, log: Log
) -> None:
    """After a second, five, half a minute, one, and then every five minutes for ever; an operator hears of it."""
    outside.status = 503
    happened(shop, changed(1, cart_id=cart_id(shop)), changed(2, cart_id=cart_id(shop)))
    waits = []
    for _ in range(8):
        teller.tell()
        place = shop.database.read_now(queries.place, "shop")
        assert place is not None
        assert place.trouble == "503"
        asked = len(outside.asked)
        teller.tell()
        assert len(outside.asked) == asked
        next_at = datetime.fromisoformat(place.next_at)
        waits.append((next_at - teller.now).total_seconds())
        teller.now = next_at
    assert waits == [1, 5, 30, 60, 300, 300, 300, 300]
    assert {asked.headers["webhook-id"] for asked in outside.asked} == {outside.asked[0].headers["webhook-id"]}
    told = [line for line in log.lines if line["event"] == "shop_does_not_take_what_happened"]
    assert [(line["tries"], line["place"]) for line in told] == [(1, outside.address), (5, outside.address)]
    outside.status = 200
    teller.tell()
    assert [message["data"]["version"] for _, message in outside.taken] == [1, 2]
    assert shop.database.read_now(queries.places)["shop"].trouble is None


def test_what_a_shop_can_never_take_is_skipped(shop: given.Shop, teller: Teller, outside: Outside) -> None:
    """Somebody decides that, and sees what it was; what follows is told."""
    outside.first = [422]
    happened(shop, changed(1, cart_id=cart_id(shop)), changed(2, cart_id=cart_id(shop)))
    teller.tell()
    assert shop.database.read_now(queries.waiting, "shop", 0, 10) == 2
    skipped = shop.database.write_now(actions.skip, "shop").message
    assert skipped is not None
    assert _fields(skipped)["data"].version == 1
    teller.tell()
    assert [message["data"]["version"] for _, message in outside.taken] == [2]
    with pytest.raises(ProblemError, match="Nothing waits"):
        shop.database.write_now(actions.skip, "shop")


def test_what_was_skipped_while_it_was_on_its_way_stays_skipped(shop: given.Shop, teller: Teller) -> None:
    """A server that comes back with an answer by then sets nothing back, and sends no more."""
    happened(shop, *(changed(number, cart_id=cart_id(shop)) for number in (1, 2, 3)))
    assert shop.database.write_now(actions.take, "shop", "slow", NOW)
    first = shop.database.write_now(actions.skip, "shop").position
    second = shop.database.write_now(actions.skip, "shop").position
    assert not shop.database.write_now(actions.went_on, "shop", "slow", first, NOW)
    assert _position(shop) == second


def test_a_fault_of_ours_ends_no_telling(
    shop: given.Shop, teller: Teller, outside: Outside, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is, it stands in the log, and the shop is told when it is over."""
    monkeypatch.setattr("server.outbox.sending.LOOK_AGAIN", 0.05)
    wrong, tell = [ValueError("a fault")], teller.outbox.tell

    async def tell_or_fail(*args: Any) -> None:
        if wrong:
            raise wrong.pop()
        await tell(*args)

    monkeypatch.setattr(teller.outbox, "tell", tell_or_fail)
    happened(shop, changed(1, cart_id=cart_id(shop)))

    async def run() -> None:
        async with teller.outbox.running(), asyncio.timeout(20):
            await asyncio.to_thread(outside.took.wait, 15)

    asyncio.run(run())
    assert len(outside.taken) == 1
    assert [line["level"] for line in log.lines if line["event"] == "shop_is_not_told"] == ["error"]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given_that(
    answers=st.lists(st.sampled_from([200, 204, 301, 400, 410, 429, 500, 0]), max_size=6),
    turns=st.lists(st.integers(0, 1), min_size=4, max_size=4),
)
def test_all_is_taken_once_and_in_order(
    shop: given.Shop, engines: Engines, outside: Outside, answers: list[int], turns: list[int]
) -> None:
    """Whatever a shop answers meanwhile, whichever server has its turn: it takes each change once, in its order."""
    if not shop.count("carts"):
        shop.take(customer("1"), cart("c1", customer=who("1")))
    two = [Teller(shop.database, engines, outside) for _ in range(2)]
    shop.events()
    two[0].tell()
    outside.first, before = answers, len(outside.taken)
    for number, turn in enumerate(turns, 1):
        happened(shop, changed(number, cart_id=cart_id(shop)))
        two[turn].tell()
    minutes = 0
    while shop.database.read_now(queries.waiting, "shop", _position(shop), 10):
        minutes += 10
        for teller in two:
            teller.now = NOW + timedelta(minutes=minutes)
            teller.tell()
    outside.first = []
    assert [message["data"]["version"] for _, message in outside.taken[before:]] == [1, 2, 3, 4]


def _position(shop: given.Shop) -> int:
    return shop.database.read_now(queries.places)["shop"].position


def test_two_servers_at_once_tell_it_once(shop: given.Shop, engines: Engines, teller: Teller, outside: Outside) -> None:
    """One of them is at it, the other stands by."""
    happened(shop, *(changed(number, cart_id=cart_id(shop)) for number in range(1, 9)))
    other = Teller(shop.database, engines, outside)

    async def both() -> None:
        await asyncio.gather(teller.tell_now(), other.tell_now())

    asyncio.run(both())
    teller.tell()
    assert [message["data"]["version"] for _, message in outside.taken] == list(range(1, 9))


def test_a_server_that_dies_is_followed_by_another(
    shop: given.Shop, engines: Engines, teller: Teller, outside: Outside
) -> None:
    """After its lease; what it may have told just before is told again, under the same name."""
    happened(shop, changed(1, cart_id=cart_id(shop)))
    assert shop.database.write_now(actions.take, "shop", "the dead", NOW)
    teller.tell()
    assert outside.taken == []
    teller.tell(minutes=(rules.LEASE.total_seconds() + 1) / 60)
    assert len(outside.taken) == 1


def test_much_else_that_happens_is_passed_over(
    shop: given.Shop, teller: Teller, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nights with a million events are kept as a place now and then, without a commit for each."""
    for module in ("server.outbox.queries", "server.outbox.sending"):
        monkeypatch.setattr(f"{module}.STRETCH", 10)
    before = _position(shop)
    happened(shop, *(changed(number, "other") for number in range(1, 26)))
    teller.tell()
    assert _position(shop) >= before + 10
    happened(shop, changed(1, cart_id=cart_id(shop)))
    teller.tell()
    assert len(outside.taken) == 1


def test_a_change_is_told_as_it_happens(shop: given.Shop, teller: Teller, outside: Outside) -> None:
    """A running server tells it without being asked, and ends with the server."""

    async def run() -> None:
        async with teller.outbox.running(), asyncio.timeout(20):
            place = Place(shop.number_of("1"), cart_id(shop))
            wanted = NewCartLine(sku="S1", quantity=1)
            await teller.shop.database.write(carts.add_line, TERMINAL, place, wanted, NOW)
            await teller.shop.database.write(events.settle)
            await asyncio.to_thread(outside.took.wait, 20)

    asyncio.run(run())
    assert json.dumps(outside.taken[0][1]).count("c1") == 1
