"""A customer at a kiosk changes their own carts, as at home; nobody else's, and not once they have left."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from server.db.engine import Database
from server.wire.carts import Cart
from server.wire.events import CartLineChanged
from server.wire.records import CartLineRecord, CartRecord, DeletionRecord, Record, VariantRecord
from tests.server.given import product, rows, variant, who
from tests.server.http.floor import Floor, floor
from tests.server.http.test_doors import require_problem
from tests.server.http.test_handoffs import heard
from tests.server.http.test_live import messages
from tests.server.small_shop import LONG_AGO, hour, ndjson

CUP = product("p-cup", LONG_AGO, source="web", title="Cup", variants=(variant("CUP", 900),))
POUNDS = product(
    "p-gb", LONG_AGO, source="web", title="Tea", variants=(VariantRecord(sku="TEA", price=900, currency="GBP"),)
)


def cart_record(name: str, at: int = 9, **but: Any) -> CartRecord:
    """A cart of Lucía's."""
    fields = {"status": "open", "currency": "EUR", "customer": who("lucia")} | but
    lines = (CartLineRecord(sku="SHIRT-M", title="Linen shirt, M", quantity=1, unit_price=4990, line_id="x"),)
    return CartRecord(source="web", external_id=name, updated_at=hour(at), lines=lines, **fields)


@pytest.fixture
def shop_floor(database: Database) -> Iterator[Floor]:
    """The floor, with articles that are none of the shirt's, and a second cart of Lucía's, older than the first."""
    with floor(database) as opened:
        records = (CUP, POUNDS, cart_record("cart-3", 3))
        assert opened.house.sync.post("/v1/records", content=ndjson(records)).json()["refused"] == 0
        yield opened


def carts_of(customer: httpx.Client) -> dict[str, Cart]:
    """The open carts that a customer is shown, by their shop's names."""
    answer = customer.get("/v1/kiosk/cart")
    assert answer.status_code == 200, answer.text
    return {cart.external_id: cart for cart in msgspec.convert(answer.json()["carts"], tuple[Cart, ...])}


def cart_in(answer: httpx.Response) -> Cart:
    """The cart of an answer."""
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=Cart)


def lines_of(cart: Cart) -> list[tuple[int, str, int]]:
    """Number, SKU and quantity of each line."""
    return [(line.line, line.sku, line.quantity) for line in cart.lines]


def put(customer: httpx.Client, cart: int, line: int, base: int, quantity: int, **more: Any) -> httpx.Response:
    """Change a line."""
    body = {"quantity": quantity, "base_quantity": base, **more}
    return customer.put(f"/v1/carts/{cart}/lines/{line}", json=body)


def test_a_customer_changes_their_cart(shop_floor: Floor) -> None:
    """They add, count, take out and put back; each answer is the cart as it is shown, with what is in this store."""
    customer, before = shop_floor.goes_on(), shop_floor.house.last_event
    number = carts_of(customer)["cart-1"].id
    added = cart_in(customer.post(f"/v1/carts/{number}/lines", json={"sku": "CUP", "quantity": 2}))
    assert lines_of(added) == [(1, "SHIRT-S", 3), (2, "CUP", 2)]
    assert added.lines[0].stock.here is not None
    assert lines_of(cart_in(put(customer, number, 1, 3, 2))) == [(1, "SHIRT-S", 2), (2, "CUP", 2)]
    out = cart_in(customer.delete(f"/v1/carts/{number}/lines/1", params={"base_quantity": 2}))
    assert lines_of(out) == [(2, "CUP", 2)]
    back = cart_in(put(customer, number, 1, 0, 2))
    assert carts_of(customer)["cart-1"] == back
    told = [happened.event for happened in shop_floor.house.events_after(before)]
    changes = [(e.sku, e.base_quantity, e.quantity) for e in told if isinstance(e, CartLineChanged)]
    assert changes == [("CUP", 0, 2), ("SHIRT-S", 3, 2), ("SHIRT-S", 2, 0), ("SHIRT-S", 0, 2)]
    lucia = shop_floor.house.customer("lucia")
    shop_floor.until_on_record(("kiosk", "cart", (lucia,)), 4)


def test_a_lost_answer_is_told_again(shop_floor: Floor) -> None:
    """The same key gives the same cart, and the change once; whoever stands there next is not told of it."""
    customer = shop_floor.goes_on()
    number, key = carts_of(customer)["cart-1"].id, {"Idempotency-Key": str(uuid4())}
    body = {"sku": "CUP"}
    first, again = (customer.post(f"/v1/carts/{number}/lines", json=body, headers=key) for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert lines_of(carts_of(customer)["cart-1"]) == [(1, "SHIRT-S", 3), (2, "CUP", 1)]
    nobody = shop_floor.goes_on(cart="cart-of-nobody")
    require_problem(nobody.post(f"/v1/carts/{number}/lines", json=body, headers=key), 404, "unknown_cart")


def test_another_size_takes_a_lines_place(shop_floor: Floor) -> None:
    """In one step: the shop is told of both, each with its version; it costs what it does now, and goes back too."""
    customer, before = shop_floor.goes_on(), shop_floor.house.last_event
    number = carts_of(customer)["cart-1"].id
    swapped = cart_in(put(customer, number, 1, 3, 2, sku="SHIRT-M"))
    assert lines_of(swapped) == [(2, "SHIRT-M", 2)]
    assert (swapped.lines[0].unit_price, swapped.version, swapped.pending) == (4990, 3, 2)
    told = [happened.event for happened in shop_floor.house.events_after(before)]
    changes = [(e.version, e.sku, e.base_quantity, e.quantity) for e in told if isinstance(e, CartLineChanged)]
    assert changes == [(2, "SHIRT-M", 0, 2), (3, "SHIRT-S", 3, 0)]
    back = cart_in(put(customer, number, 2, 2, 3, sku="SHIRT-S"))
    assert lines_of(back) == [(1, "SHIRT-S", 3)]
    assert back.pending == 0
    assert lines_of(cart_in(put(customer, number, 1, 3, 1, sku="SHIRT-S"))) == [(1, "SHIRT-S", 1)]


@pytest.mark.parametrize(
    ("sku", "status", "code"),
    [("CUP", 409, "other_product"), ("GONE", 404, "unknown_product"), ("\0", 404, "unknown_product")],
)
def test_only_a_variant_of_the_same_product_takes_its_place(
    shop_floor: Floor, sku: str, status: int, code: str
) -> None:
    """Another product, one that is gone, and what is none: the cart stays as it is."""
    customer = shop_floor.goes_on()
    cart = carts_of(customer)["cart-1"]
    require_problem(put(customer, cart.id, 1, 3, 3, sku=sku), status, code)
    assert carts_of(customer)["cart-1"] == cart
    bertas = shop_floor.house.database.read_now(rows, "SELECT id FROM carts WHERE external_id = 'cart-2'")[0][0]
    unknown = put(shop_floor.tablet, bertas, 3, 1, 1, sku="CUP")
    require_problem(unknown, 409, "other_product")


def test_an_article_in_another_currency_stays_outside(shop_floor: Floor) -> None:
    """A cart has one."""
    customer = shop_floor.goes_on()
    number = carts_of(customer)["cart-1"].id
    require_problem(customer.post(f"/v1/carts/{number}/lines", json={"sku": "TEA"}), 409, "other_currency")


def test_a_customer_joins_their_carts(shop_floor: Floor) -> None:
    """What is in one goes into the other, once, and that is shown."""
    customer = shop_floor.goes_on()
    carts = carts_of(customer)
    assert list(carts) == ["cart-1", "cart-3"]
    body = {"source": carts["cart-3"].id, "target": carts["cart-1"].id}
    key = {"Idempotency-Key": str(uuid4())}
    first, again = (customer.post("/v1/kiosk/carts/join", json=body, headers=key) for _ in range(2))
    assert lines_of(cart_in(first)) == [(1, "SHIRT-S", 3), (2, "SHIRT-M", 1)]
    assert again.content == first.content
    after = carts_of(customer)
    assert (lines_of(after["cart-3"]), after["cart-1"]) == ([], cart_in(first))
    itself = customer.post("/v1/kiosk/carts/join", json=body | {"target": body["source"]})
    require_problem(itself, 422, "invalid_field", "$.source")


def test_a_customer_sees_what_they_wish(shop_floor: Floor) -> None:
    """Their wish lists, with what of them is in this store; whom nobody knows has none."""
    (wishes,) = shop_floor.goes_on().get("/v1/kiosk/cart").json()["wishlists"]
    assert (wishes["name"], [wish["sku"] for wish in wishes["items"]]) == ("Summer", ["SHIRT-M"])
    assert wishes["items"][0]["item"]["title"] == "Linen shirt, M"
    assert shop_floor.goes_on(cart="cart-of-nobody").get("/v1/kiosk/cart").json()["wishlists"] == []


def test_somebody_elses_cart_stays_as_it_is(shop_floor: Floor) -> None:
    """Whatever number is asked, of a cart or a line: what is not theirs is not there, and nothing of it is changed."""
    database = shop_floor.house.database
    every = {name: number for number, name in database.read_now(rows, "SELECT id, external_id FROM carts")}
    sql = "SELECT cart_id, line, sku, quantity, edits FROM cart_lines ORDER BY cart_id, line"
    held, before = database.read_now(rows, sql), shop_floor.house.last_event
    theirs = {"cart-1": {"cart-1", "cart-3"}, "cart-of-nobody": {"cart-of-nobody"}}
    for name, own in theirs.items():
        customer = shop_floor.goes_on(cart=name)
        others = [number for cart, number in every.items() if cart not in own]
        for number in (*others, max(every.values()) + 1, 2**62):
            for answer in (
                customer.post(f"/v1/carts/{number}/lines", json={"sku": "CUP"}),
                put(customer, number, 1, 1, 5),
                put(customer, number, 1, 1, 1, sku="SHIRT-M"),
                customer.delete(f"/v1/carts/{number}/lines/1", params={"base_quantity": 1}),
                *(
                    customer.post("/v1/kiosk/carts/join", json={"source": a, "target": b})
                    for a, b in ((number, every[name]), (every[name], number))
                ),
            ):
                require_problem(answer, 404, "unknown_cart")
    assert database.read_now(rows, sql) == held
    told = [happened.event for happened in shop_floor.house.events_after(before)]
    assert not any(isinstance(event, CartLineChanged) for event in told)


def test_a_cart_of_nobody_is_changed_by_who_came_with_it(shop_floor: Floor) -> None:
    """Also once it turned out whose it is; it names nobody, and the shop is told of what was changed."""
    customer, before = shop_floor.goes_on(cart="cart-of-nobody"), shop_floor.house.last_event
    number = carts_of(customer)["cart-of-nobody"].id
    assert lines_of(cart_in(put(customer, number, 1, 1, 2))) == [(1, "SHIRT-M", 2)]
    (happened,) = shop_floor.house.events_after(before)
    assert (happened.customer_id, happened.event.quantity) == (None, 2)  # type: ignore[union-attr]
    found = cart_record("cart-of-nobody", 10, customer=who("berta"))
    assert shop_floor.house.sync.post("/v1/records", content=ndjson([found])).json()["refused"] == 0
    assert carts_of(customer)["cart-of-nobody"].id == number
    assert cart_in(put(customer, number, 1, 2, 3)).lines[0].quantity == 3


def test_a_cart_that_was_sold_is_changed_no_more(shop_floor: Floor) -> None:
    """All that was in it: the kiosk is told that it is closed, whoever's it was."""
    for name in ("cart-1", "cart-of-nobody"):
        customer = shop_floor.goes_on(cart=name)
        number = carts_of(customer)[name].id
        if name == "cart-1":
            assert cart_in(put(customer, number, 1, 3, 2)).lines[0].quantity == 2, "as many as are here"
        code = customer.post("/v1/handoffs", json={"way": "till"}).json()["code"]
        sold = shop_floor.till.post("/v1/handoffs/redemption", json={"code": code}).json()["handoff_id"]
        assert shop_floor.till.post(f"/v1/handoffs/{sold}/completion").status_code == 200
        require_problem(put(customer, number, 1, 1, 2), 409, "cart_closed")


def test_after_goodbye_nothing_is_changed(shop_floor: Floor) -> None:
    """Neither by the token of who left, nor by the kiosk's own, nor by that of who is at another kiosk."""
    customer = shop_floor.goes_on()
    number = carts_of(customer)["cart-1"].id
    other = shop_floor.goes_on(shop_floor.other_kiosk, "cart-of-nobody")
    assert customer.delete("/v1/kiosk/session").status_code == 204
    join = {"source": number, "target": number}
    for who_asks, status, code in (
        (customer, 401, "session_ended"),
        (shop_floor.kiosk, 403, "wrong_caller"),
        (other, 404, "unknown_cart"),
    ):
        require_problem(put(who_asks, number, 1, 3, 1), status, code)
        added = who_asks.post(f"/v1/carts/{number}/lines", json={"sku": "CUP"})
        require_problem(added, status, code)
        out = who_asks.delete(f"/v1/carts/{number}/lines/1", params={"base_quantity": 3})
        require_problem(out, status, code)
        if who_asks is not other:
            require_problem(who_asks.post("/v1/kiosk/carts/join", json=join), status, code)


def test_the_kiosk_sees_what_an_associate_changes(shop_floor: Floor) -> None:
    """And what they change themselves: their stream tells it, without anybody's number."""
    customer = shop_floor.goes_on()
    number = carts_of(customer)["cart-1"].id
    with customer.stream("GET", "/v1/live") as answer:
        stream = messages(answer.iter_lines())
        assert next(stream).event == "opened"
        assert put(shop_floor.tablet, number, 1, 3, 1).status_code == 200
        told = heard(stream, {"cart_line_changed"})["cart_line_changed"]
    assert (told["event"]["cart_id"], told["event"]["quantity"]) == (number, 1)
    assert (told["customer_id"], told["person_id"]) == (None, None)


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("cart-1", cart_record("cart-1", 30, customer=who("berta"))),
        ("cart-1", DeletionRecord(source="web", kind="cart", external_id="cart-1", deleted_at=hour(30))),
        (
            "cart-of-nobody",
            DeletionRecord(source="web", kind="cart", external_id="cart-of-nobody", deleted_at=hour(30)),
        ),
    ],
    ids=["another's by now", "gone", "gone, of nobody"],
)
def test_a_customer_hears_that_a_cart_is_theirs_no_more(shop_floor: Floor, name: str, lost: Record) -> None:
    """Whoever has it now, or nobody: what is shown of it is old; of other things that are gone they hear nothing."""
    customer = shop_floor.goes_on(cart=name)
    number = carts_of(customer)[name].id
    wishes = DeletionRecord(source="web", kind="wishlist", external_id="wishes-1", deleted_at=hour(30))
    with customer.stream("GET", "/v1/live") as answer:
        stream = messages(answer.iter_lines())
        assert next(stream).event == "opened"
        assert shop_floor.house.sync.post("/v1/records", content=ndjson((wishes, lost))).json()["changed"] >= 1
        told = next(stream)
    assert told.data["event"] == {"type": "record_removed", "kind": "cart", "id": number}
    assert (told.data["customer_id"], told.data["person_id"]) == (None, None)


def test_a_kiosk_goes_on_asking_as_itself(shop_floor: Floor) -> None:
    """While a customer is there its own token is good for what is nobody's: stores, articles, scans, its stream."""
    shop_floor.goes_on()
    for method, address, body in (
        ("GET", "/v1/setup", None),
        ("GET", "/v1/stores", None),
        ("GET", "/v1/products/SHIRT-S", None),
        ("POST", "/v1/scan", {"code": "SHIRT-S"}),
    ):
        assert shop_floor.kiosk.request(method, address, json=body).status_code == 200
    with shop_floor.kiosk.stream("GET", "/v1/live") as answer:
        assert answer.status_code == 200
