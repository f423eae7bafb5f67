"""Carts that are changed at the counter while their shop shows them too: over HTTP, on each engine."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import msgspec
import pytest
from msgspec import UNSET

from server.wire.base import timestamp
from server.wire.carts import Cart
from server.wire.events import CartLineChanged
from server.wire.records import CartLineRecord, CartRecord
from tests.engines import Engines
from tests.server.given import NOW, customer, deletion, rows, who, wishlist
from tests.server.http.conftest import Running, client_of, small_shop
from tests.server.http.test_doors import require_problem
from tests.server.http.test_live import listening
from tests.server.small_shop import LONG_AGO, LUCIA_CARD, hour, ndjson


class Counter(NamedTuple):
    """A cart of somebody's, and a tablet beside it."""

    house: Running
    client: httpx.Client
    name: str
    customer_id: int
    cart_id: int

    def ask(self, method: str, path: str, json: Any = None, key: str | None = None) -> httpx.Response:
        """Ask a door, `path` being what follows the cart's lines."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.client.request(method, f"/v1/carts/{self.cart_id}/lines{path}", json=json, headers=headers)

    def add(self, sku: str, quantity: int = 1) -> Cart:
        return cart_in(self.ask("POST", "", {"sku": sku, "quantity": quantity}))

    def set(self, line: int, quantity: int, base: int) -> Cart:
        return cart_in(self.ask("PUT", f"/{line}", {"quantity": quantity, "base_quantity": base}))

    def remove(self, line: int, base: int) -> Cart:
        return cart_in(self.ask("DELETE", f"/{line}?base_quantity={base}"))

    def carts(self) -> list[Cart]:
        """The person's carts as the context has them."""
        answer = self.client.get(f"/v1/customers/{self.customer_id}/context")
        return msgspec.convert(answer.json()["carts"], list[Cart])

    def shop_shows(self, at: int, *lines: tuple[str, int], **more: Any) -> None:
        """A record of the cart comes in."""
        bring(self.house, record(self.name, at, *lines, **more))


def cart_in(answer: httpx.Response) -> Cart:
    """The cart of an answer."""
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=Cart)


def record(name: str, at: int, *lines: tuple[str, int], **more: Any) -> CartRecord:
    """A cart of a customer who is called as it is."""
    fields = {"status": "open", "currency": "EUR", "customer": who(name), "external_id": name} | more
    stated = (
        CartLineRecord(sku=sku, title=f"{sku} in the cart", quantity=quantity, unit_price=4500, line_id=f"l-{sku}")
        for sku, quantity in lines
    )
    return CartRecord(source="web", updated_at=hour(at), lines=tuple(stated), **fields)


def bring(house: Running, *records: Any) -> None:
    """Records come in by their own door."""
    answer = house.sync.post("/v1/records", content=ndjson(records))
    assert answer.json()["refused"] == 0, answer.text


def cart_number(house: Running, customer_id: int, external_id: str) -> int:
    """The number of a cart that its customer's context shows."""
    carts = house.client.get(f"/v1/customers/{customer_id}/context").json()["carts"]
    return next(int(cart["id"]) for cart in carts if cart["external_id"] == external_id)


def counter_of(house: Running, client: httpx.Client, *lines: tuple[str, int], **more: Any) -> Counter:
    """A new customer's cart with some lines."""
    name = f"cart-{uuid4()}"
    bring(house, customer(name, LONG_AGO, source="web", given_name="Cora"), record(name, 1, *lines, **more))
    customer_id = house.customer(name)
    return Counter(house, client, name, customer_id, cart_number(house, customer_id, name))


@pytest.fixture(scope="module")
def shop(engines: Engines, engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The small shop, for tests that bring carts."""
    with small_shop(engines, engine, tmp_path_factory.mktemp("carts")) as house:
        yield house


@pytest.fixture
def counter(shop: Running) -> Iterator[Counter]:
    """A cart with two shirts of one size, and an associate who changes it."""
    with client_of(shop.port, shop.tokens.associate) as client:
        yield counter_of(shop, client, ("SHIRT-S", 2))


def changed_since(counter: Counter, before: int) -> list[tuple[str, int, int]]:
    """What the shop is told of the cart: SKU, from how many, to how many."""
    happened = counter.house.events_after(before)
    assert {event.customer_id for event in happened} <= {counter.customer_id}
    told = [event.event for event in happened]
    assert all(isinstance(event, CartLineChanged) for event in told)
    return [(event.sku, event.base_quantity, event.quantity) for event in told if isinstance(event, CartLineChanged)]


def lines_of(cart: Cart) -> list[tuple[int, str, int, bool]]:
    """Number, SKU, quantity and whether it is pending of each line."""
    return [(line.line, line.sku, line.quantity, line.pending) for line in cart.lines]


def test_what_is_changed_at_the_counter_is_in_the_cart_at_once(counter: Counter) -> None:
    """Each answer is the whole cart as the context shows it, with a new version, and tells the shop of just that."""
    before = counter.house.last_event
    steps = (
        (lambda: counter.add("SHIRT-M", 2), [(1, "SHIRT-S", 2, False), (2, "SHIRT-M", 2, True)], ("SHIRT-M", 0, 2)),
        (lambda: counter.add("SHIRT-M"), [(1, "SHIRT-S", 2, False), (2, "SHIRT-M", 3, True)], ("SHIRT-M", 2, 3)),
        (lambda: counter.set(1, 1, 2), [(1, "SHIRT-S", 1, True), (2, "SHIRT-M", 3, True)], ("SHIRT-S", 2, 1)),
        (lambda: counter.remove(2, 3), [(1, "SHIRT-S", 1, True)], ("SHIRT-M", 3, 0)),
        (lambda: counter.remove(1, 1), [], ("SHIRT-S", 1, 0)),
        (lambda: counter.set(1, 2, 0), [(1, "SHIRT-S", 2, False)], ("SHIRT-S", 0, 2)),
        (lambda: counter.add("SHIRT-M"), [(1, "SHIRT-S", 2, False), (2, "SHIRT-M", 1, True)], ("SHIRT-M", 0, 1)),
    )
    for version, (step, lines, told) in enumerate(steps, 2):
        cart = step()
        assert lines_of(cart) == lines
        assert (cart.version, cart.edited_at) == (version, timestamp(NOW))
        assert counter.carts() == [cart]
        assert changed_since(counter, before) == [told]
        before = counter.house.last_event
    shirt, medium = cart.lines
    assert (shirt.unit_price, shirt.title) == (4500, "SHIRT-S in the cart"), "what it cost when it was put in"
    assert shirt.item is not None
    assert (shirt.item.sale_price, medium.unit_price, medium.title) == (3990, 4990, "Linen shirt, M")
    assert shirt.stock.here is not None, "in the store where the tablet stands"
    assert cart.total == 2 * 4500 + 4990


def test_what_costs_less_now_is_put_in_at_that_price(counter: Counter) -> None:
    """At its reduced price where it has one, and what was put in before keeps its own."""
    other = counter_of(counter.house, counter.client)
    assert [line.unit_price for line in other.add("SHIRT-S").lines] == [3990]
    assert [line.unit_price for line in counter.add("SHIRT-S").lines] == [4500]


def test_what_changes_nothing_tells_nobody(counter: Counter) -> None:
    """A quantity that is there already, and a line that is out already, leave version and events as they are."""
    before = counter.house.last_event
    assert counter.set(1, 2, 1).version == counter.set(1, 2, 2).version == 1
    assert counter.remove(1, 2).version == counter.remove(1, 2).version == 2
    assert changed_since(counter, before) == [("SHIRT-S", 2, 0)]


def test_two_hands_are_merged(counter: Counter) -> None:
    """Who saw two and wants three, and who saw two and wants five, make six; what grew unseen is not taken out."""
    counter.set(1, 3, 2)
    assert lines_of(counter.set(1, 5, 2)) == [(1, "SHIRT-S", 6, True)]
    assert lines_of(counter.remove(1, 5)) == [(1, "SHIRT-S", 1, True)]


def test_a_change_that_is_sent_twice_is_made_once(counter: Counter) -> None:
    """Under one key, whatever happened in between, the first answer comes again; another request is refused."""
    before, key = counter.house.last_event, str(uuid4())
    first = counter.ask("POST", "", {"sku": "SHIRT-M"}, key)
    counter.add("SHIRT-M")
    assert counter.ask("POST", "", {"sku": "SHIRT-M"}, key).content == first.content
    assert changed_since(counter, before) == [("SHIRT-M", 0, 1), ("SHIRT-M", 1, 2)]
    require_problem(counter.ask("POST", "", {"sku": "SHIRT-S"}, key), 409, "idempotency_key_reused")
    for method, path, json in (
        ("PUT", "/1", {"quantity": 1, "base_quantity": 2}),
        ("DELETE", "/1?base_quantity=1", None),
    ):
        key = str(uuid4())
        answers = {counter.ask(method, path, json, key).content for _ in range(2)}
        assert len(answers) == 1
        require_problem(counter.ask(method, path.replace("/1", "/2"), json, key), 409, "idempotency_key_reused")


def test_a_shop_that_says_what_it_saw_is_followed(shop: Running, counter: Counter) -> None:
    """Its records count for what they show, with what it is yet to see made anew on them; lines keep their numbers."""
    here = counter_of(shop, counter.client, ("SHIRT-S", 2), seen_version=0)
    first = here.add("SHIRT-M", 2)
    here.set(1, 1, 2)
    here.shop_shows(2, ("SHIRT-S", 4), seen_version=0)
    (cart,) = here.carts()
    assert lines_of(cart) == [(1, "SHIRT-S", 3, True), (2, "SHIRT-M", 2, True)]
    assert [line.shop_quantity for line in cart.lines] == [4, 0]
    here.shop_shows(3, ("SHIRT-M", 2), ("SHIRT-S", 4), seen_version=first.version)
    (cart,) = here.carts()
    assert (lines_of(cart), cart.pending) == ([(2, "SHIRT-M", 2, False), (1, "SHIRT-S", 3, True)], 1)
    assert [line.line_id for line in cart.lines] == ["l-SHIRT-M", "l-SHIRT-S"]
    here.shop_shows(2, ("SHIRT-S", 9), seen_version=99)
    assert here.carts() == [cart], "late"
    here.shop_shows(4, ("SHIRT-M", 2), ("SHIRT-S", 2), seen_version=3)
    assert lines_of(here.carts()[0]) == [(2, "SHIRT-M", 2, False), (1, "SHIRT-S", 2, False)]


def test_a_cart_that_comes_again_goes_on_after_what_its_shop_knows(shop: Running, counter: Counter) -> None:
    """What is changed in it is not taken for what the shop saw of the one that was let go."""
    here = counter_of(shop, counter.client, ("SHIRT-S", 2), seen_version=41)
    changed = here.add("SHIRT-M")
    assert changed.version > 41
    here.shop_shows(2, ("SHIRT-S", 2), seen_version=41)
    assert [line.sku for line in here.carts()[0].lines] == ["SHIRT-S", "SHIRT-M"]


def test_a_shop_that_does_not_say_is_followed_by_what_it_shows(counter: Counter) -> None:
    """What was changed here stays beside what the shop changed, until it shows that too."""
    counter.add("SHIRT-M")
    counter.remove(1, 2)
    counter.shop_shows(2, ("SHIRT-S", 2), ("PIN", 1))
    (cart,) = counter.carts()
    assert (lines_of(cart), cart.pending) == ([(3, "PIN", 1, False), (2, "SHIRT-M", 1, True)], 2)
    counter.shop_shows(3, ("PIN", 1), ("SHIRT-M", 1))
    (cart,) = counter.carts()
    assert (lines_of(cart), cart.pending) == ([(3, "PIN", 1, False), (2, "SHIRT-M", 1, False)], 0)
    assert lines_of(counter.set(1, 1, 0))[-1] == (1, "SHIRT-S", 1, True), "put back: the same line"


@pytest.mark.parametrize("status", ["converted", "abandoned", "deleted"])
def test_a_closed_cart_is_as_its_shop_says(counter: Counter, status: str) -> None:
    """It is no longer shown nor changed, and nothing stays pending in it."""
    counter.add("SHIRT-M")
    counter.shop_shows(2, ("SHIRT-S", 2), status=status)
    asks = (
        ("POST", "", {"sku": "SHIRT-M"}),
        ("PUT", "/1", {"quantity": 1, "base_quantity": 2}),
        ("DELETE", "/1?base_quantity=2", None),
    )
    for method, path, json in asks:
        require_problem(counter.ask(method, path, json), 409, "cart_closed")
    assert counter.carts() == []
    counter.shop_shows(3, ("SHIRT-S", 2))
    assert [lines_of(cart) for cart in counter.carts()] == [[(1, "SHIRT-S", 2, False)]]


def test_a_cart_in_another_currency_takes_nothing_of_ours(shop: Running, counter: Counter) -> None:
    """Neither an article nor another cart; nothing is told to anybody."""
    dollars = counter_of(shop, counter.client, ("SHIRT-S", 1), currency="USD")
    before = shop.last_event
    require_problem(dollars.ask("POST", "", {"sku": "SHIRT-M"}), 409, "other_currency")
    bring_own = record(f"{counter.name}-2", 1, ("SHIRT-M", 1), customer=who(counter.name), currency="USD")
    bring(shop, bring_own)
    second = cart_number(shop, counter.customer_id, f"{counter.name}-2")
    answer = join(counter, second, counter.cart_id)
    require_problem(answer, 409, "other_currency")
    assert [event.event.__struct_config__.tag for event in shop.events_after(before)] == ["cart_changed"]


def join(counter: Counter, source: int, target: int, key: str | None = None) -> httpx.Response:
    """Ask for one cart to be joined to another."""
    return counter.client.post(
        f"/v1/customers/{counter.customer_id}/carts/join",
        json={"source": source, "target": target},
        headers={} if key is None else {"Idempotency-Key": key},
    )


def test_two_carts_are_joined_where_somebody_wants_it(counter: Counter) -> None:
    """Also of a person's two customers: all pieces are in one, each at its own price; both shops are told."""
    house, till = counter.house, f"{counter.name}-till"
    lines = (("SHIRT-S", 1), ("PIN", 3))
    card = f"29{uuid4().int % 10**10:010d}"
    card += str((10 - sum((3 if n % 2 else 1) * int(digit) for n, digit in enumerate(card)) % 10) % 10)
    bring(
        house,
        customer(counter.name, LONG_AGO + 1, source="web", cards=(card,)),
        customer(till, LONG_AGO, source="web", cards=(card,)),
        record(till, 3, *lines),
    )
    assert len(counter.carts()) == 2, "no shop's cart joins another's by itself"
    second = cart_number(house, counter.customer_id, till)
    before, key = house.last_event, str(uuid4())
    answer = join(counter, second, counter.cart_id, key)
    cart = cart_in(answer)
    assert lines_of(cart) == [(1, "SHIRT-S", 3, True), (2, "PIN", 3, True)]
    assert (cart.id, cart.total) == (counter.cart_id, 3 * 4500 + 3 * 4500)
    happened = [event.event for event in house.events_after(before)]
    assert [
        (event.cart_id, event.sku, event.base_quantity, event.quantity)
        for event in happened
        if isinstance(event, CartLineChanged)
    ] == [
        (second, "SHIRT-S", 1, 0),
        (second, "PIN", 3, 0),
        (counter.cart_id, "SHIRT-S", 2, 3),
        (counter.cart_id, "PIN", 0, 3),
    ]
    by_id = {shown.id: shown for shown in counter.carts()}
    assert by_id[counter.cart_id] == cart
    assert (by_id[second].lines, by_id[second].pending) == ((), 2)
    assert join(counter, second, counter.cart_id, key).content == answer.content
    assert cart_in(join(counter, second, counter.cart_id)) == cart, "there is nothing left to join"


def test_nobody_changes_a_cart_that_is_not_there_for_them(shop: Running, counter: Counter) -> None:
    """A cart of nobody, of somebody who was erased, one that its shop deleted, and a number that is none: 404."""
    bring(shop, record("nobody's", 1, ("SHIRT-S", 1), customer=None))
    nobodys = shop.database.read_now(_number_of, "nobody's")
    gone, deleted = (counter_of(shop, counter.client, ("SHIRT-S", 1)) for _ in range(2))
    erased = shop.client.post(f"/v1/customers/{gone.customer_id}/erasure", json={"confirm": True})
    assert erased.is_success
    bring(shop, deletion("cart", deleted.name, LONG_AGO + 5, source="web"))
    before = shop.last_event
    for number in (nobodys, gone.cart_id, deleted.cart_id, 2**62):
        there = counter._replace(cart_id=number)
        require_problem(there.ask("POST", "", {"sku": "SHIRT-S"}), 404, "unknown_cart")
        require_problem(there.ask("PUT", "/1", {"quantity": 5, "base_quantity": 1}), 404, "unknown_cart")
        require_problem(there.ask("DELETE", "/1?base_quantity=1"), 404, "unknown_cart")
        require_problem(join(counter, number, counter.cart_id), 404, "unknown_cart")
    assert shop.events_after(before) == []


def test_carts_of_two_people_are_never_joined(shop: Running, counter: Counter) -> None:
    """Whose carts they are decides, not whose number is asked; a closed one is no cart to join."""
    other = counter_of(shop, counter.client, ("SHIRT-S", 1))
    before = shop.last_event
    for source, target in ((other.cart_id, counter.cart_id), (counter.cart_id, other.cart_id)):
        for whose in (counter, other):
            require_problem(join(whose, source, target), 404, "unknown_cart")
    assert shop.events_after(before) == []
    bring(shop, record("bought", 1, ("SHIRT-S", 1), customer=who(counter.name), status="converted"))
    closed = shop.database.read_now(_number_of, "bought")
    require_problem(join(counter, closed, counter.cart_id), 409, "cart_closed")


def _number_of(conn: Any, external_id: str) -> int:
    found: int = rows(conn, "SELECT id FROM carts WHERE external_id = :e", e=external_id)[0][0]
    return found


def test_a_cart_that_becomes_somebody_elses_keeps_what_was_changed(shop: Running, counter: Counter) -> None:
    """Its lines, their numbers and what is pending go with it."""
    other = counter_of(shop, counter.client)
    counter.add("SHIRT-M")
    counter.shop_shows(2, ("SHIRT-S", 2), customer=who(other.name))
    (moved,) = [cart for cart in other.carts() if cart.id == counter.cart_id]
    assert lines_of(moved) == [(1, "SHIRT-S", 2, False), (2, "SHIRT-M", 1, True)]
    assert lines_of(counter.set(2, 2, 1)) == [(1, "SHIRT-S", 2, False), (2, "SHIRT-M", 2, True)]
    assert counter.carts() == []


def test_a_wish_is_put_in_by_its_article_and_stays_a_wish(shop: Running, counter: Counter) -> None:
    """The list is the shop's: it takes a wish off when it sees fit."""
    bring(shop, wishlist(f"w-{counter.name}", LONG_AGO, who(counter.name), source="web"))
    counter.add("SHIRT-M")
    lists = shop.client.get(f"/v1/customers/{counter.customer_id}/context").json()["wishlists"]
    assert len(lists[0]["items"]) == 1


def test_live_tells_of_it(shop: Running, counter: Counter) -> None:
    """Whoever listens to the customer hears of the change, with the number of the cart and its version."""
    with listening(shop, customer=counter.customer_id) as messages:
        assert next(messages).event == "opened"
        cart = counter.add("SHIRT-M")
        told = next(messages)
    assert told.event == "cart_line_changed"
    assert (told.data["event"]["cart_id"], told.data["event"]["version"]) == (counter.cart_id, cart.version)
    assert (told.data["event"]["line"], told.data["event"]["sku"]) == (2, "SHIRT-M")


def test_a_scan_shows_the_cart_as_it_was_changed(engines: Engines, engine: Any, tmp_path_factory: Any) -> None:
    """And a search counts its pieces."""
    with small_shop(engines, engine, tmp_path_factory.mktemp("scan")) as house:
        cart_id = cart_number(house, house.customer("lucia"), "cart-1")
        house.client.delete(f"/v1/carts/{cart_id}/lines/1", params={"base_quantity": 3})
        house.client.post(f"/v1/carts/{cart_id}/lines", json={"sku": "SHIRT-M", "quantity": 2})
        (shown,) = house.client.post("/v1/scan", json={"code": LUCIA_CARD}).json()["context"]["carts"]
        assert lines_of(msgspec.convert(shown, Cart)) == [(2, "SHIRT-M", 2, True)]
        (hit,) = house.client.post("/v1/customers/search", json={"text": "garcia luc"}).json()["hits"]
        assert hit["cart_quantity"] == 2


def test_the_current_cart_is_the_one_that_was_changed_last(shop: Running, counter: Counter) -> None:
    """Here or at home."""
    bring(shop, record(f"{counter.name}-2", 5, ("PIN", 1), customer=who(counter.name)))
    assert [cart.external_id for cart in counter.carts()] == [f"{counter.name}-2", counter.name]
    counter.add("SHIRT-M")
    assert [cart.external_id for cart in counter.carts()] == [counter.name, f"{counter.name}-2"]


def test_an_answer_of_before_is_still_understood() -> None:
    """A cart as an older server writes it: nothing is pending in it, as far as it knows."""
    old = b"""{"id": 8, "source": "web", "external_id": "c", "status": "open", "currency": "EUR", "updated_at": "x",
        "total": 1, "lines": [{"line_id": null, "sku": "S", "title": "S", "quantity": 1, "unit_price": 1, "item": null,
        "stock": {}}]}"""
    cart = msgspec.json.decode(old, type=Cart)
    assert (cart.version, cart.pending, cart.lines[0].pending, cart.lines[0].line) == (0, 0, False, 0)
    record_ = b"""{"type": "cart", "source": "web", "external_id": "c", "updated_at": "2026-11-21T00:00:00Z",
        "status": "open", "currency": "EUR", "lines": []}"""
    assert msgspec.json.decode(record_, type=CartRecord).seen_version is UNSET
