"""A cart goes from a kiosk or a tablet to a till: once, in one store, to whoever shows the code in time."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from server.db.engine import Database
from server.handoffs.actions import release_overdue
from server.kiosks.actions import end_left
from server.wire.events import CartLineChanged, DeliveryAsked, HandoffCompleted
from server.wire.handoffs import SoldLine
from server.wire.records import CartLineRecord, CartRecord
from tests.server.given import rows, who
from tests.server.http.floor import GUEST_CART, Floor, floor
from tests.server.http.test_doors import require_problem
from tests.server.http.test_live import Message, messages
from tests.server.small_shop import LUCIA_CARD, RECORDS, hour, ndjson

CART = {"source": "web", "external_id": "cart-1"}
CART_AS_STATED = next(record for record in RECORDS if isinstance(record, CartRecord))


@pytest.fixture
def shop_floor(database: Database) -> Iterator[Floor]:
    """The floor."""
    with floor(database) as opened:
        yield opened


def issue(customer: httpx.Client, **body: Any) -> Any:
    """Hand a cart over to a till."""
    answer = customer.post("/v1/handoffs", json={"way": "till", **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


def redeem(till: httpx.Client, code: str, key: str | None = None) -> httpx.Response:
    """Scan or type a code at a till."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return till.post("/v1/handoffs/redemption", json={"code": code}, headers=headers)


def status_of(shop_floor: Floor, cart: str = "cart-1") -> str:
    """What became of a cart."""
    sql = "SELECT status FROM carts WHERE external_id = :cart"
    found: str = shop_floor.house.database.read_now(rows, sql, cart=cart)[0][0]
    return found


def waiting(customer: httpx.Client) -> list[tuple[str, int, bool]]:
    """What is in the first of a customer's carts: SKU, quantity and whether the shop does not show that yet."""
    carts = customer.get("/v1/kiosk/cart").json()["carts"]
    return [(line["sku"], line["quantity"], line["pending"]) for line in carts[0]["lines"]] if carts else []


def test_a_cart_goes_to_the_till_and_is_sold(shop_floor: Floor) -> None:
    """The till gets the lines by a code of six signs, and nobody's name; what it cannot sell stays in the cart."""
    customer = shop_floor.goes_on()
    issued = issue(customer)
    assert len(issued["code"]) == 6
    assert set(issued["code"]) <= set("23456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert issued["link"] == "https://shop.example/cart?from=web&id=cart-1"
    answer = redeem(shop_floor.till, issued["qr"])
    assert answer.status_code == 200, answer.text
    got = answer.json()
    assert (got["source"], got["external_id"], got["currency"], got["total"]) == ("web", "cart-1", "EUR", 2 * 3990)
    (line,) = got["lines"]
    assert (line["quantity"], line["here"], line["sellable"], line["hindrance"]) == (3, 2, 2, "no_stock")
    assert (line["price_when_added"], line["price"]) == (4990, 3990)
    assert not [word for word in ("customer", "Luc", LUCIA_CARD) if word in answer.text]
    assert status_of(shop_floor) == "open"
    number = got["handoff_id"]
    for _ in range(2):
        done = shop_floor.till.post(f"/v1/handoffs/{number}/completion")
        assert done.json() == {"handoff_id": number, "state": "completed"}
    assert status_of(shop_floor) == "open"
    assert waiting(customer) == [("SHIRT-S", 1, True)]
    assert customer.get(f"/v1/handoffs/{number}").json()["state"] == "completed"
    require_problem(shop_floor.till.post(f"/v1/handoffs/{number}/release"), 410, "handoff_over")
    require_problem(redeem(shop_floor.till, issued["code"]), 410, "handoff_over")


def test_a_cart_of_which_all_is_sold_is_done_with(shop_floor: Floor) -> None:
    """Nothing of it is told line by line; what its shop says of the time before does not bring it back."""
    customer, before = shop_floor.goes_on(cart="cart-of-nobody"), shop_floor.house.last_event
    number = redeem(shop_floor.till, issue(customer)["code"]).json()["handoff_id"]
    assert shop_floor.till.post(f"/v1/handoffs/{number}/completion").is_success
    assert (status_of(shop_floor, "cart-of-nobody"), waiting(customer)) == ("converted", [])
    told = [happened.event for happened in shop_floor.house.events_after(before)]
    tags = ["handoff_issued", "handoff_redeemed", "handoff_completed", "cart_changed"]
    assert [event.__struct_config__.tag for event in told] == tags
    sold = told[2]
    assert isinstance(sold, HandoffCompleted)
    assert (sold.lines, sold.closed) == ((SoldLine(line_id=None, sku="SHIRT-M", quantity=1),), True)
    again = msgspec.structs.replace(GUEST_CART, updated_at=hour(10))
    assert shop_floor.house.sync.post("/v1/records", content=ndjson([again])).json()["unchanged"] == 1
    assert status_of(shop_floor, "cart-of-nobody") == "converted"


def test_what_a_till_sold_is_taken_out_of_the_cart(shop_floor: Floor) -> None:
    """As changes made here, which the shop hears of before the sale; what could not be sold stays."""
    issued = issue(shop_floor.tablet, cart={"source": "web", "external_id": "cart-2"})
    number = redeem(shop_floor.till, issued["code"]).json()["handoff_id"]
    before = shop_floor.house.last_event
    assert shop_floor.till.post(f"/v1/handoffs/{number}/completion").is_success
    assert status_of(shop_floor, "cart-2") == "open"
    *changed, sold = [happened.event for happened in shop_floor.house.events_after(before)]
    assert [
        (event.sku, event.base_quantity, event.quantity) for event in changed if isinstance(event, CartLineChanged)
    ] == [("SHIRT-S", 1, 0), ("SHIRT-S", 2, 1)]
    assert isinstance(sold, HandoffCompleted)
    assert ([(line.sku, line.quantity) for line in sold.lines], sold.closed) == ([("SHIRT-S", 1)] * 2, False)
    again = issue(shop_floor.tablet, cart={"source": "web", "external_id": "cart-2"})
    lines = redeem(shop_floor.till, again["code"]).json()["lines"]
    assert [(line["sku"], line["quantity"]) for line in lines] == [("SHIRT-S", 1), ("GONE", 1)]


def test_nobody_changes_a_cart_that_a_till_has(shop_floor: Floor) -> None:
    """Neither its lines nor by a join; once the till gives it back, sold of it, or let the time run out, they can."""
    customer = shop_floor.goes_on()
    mine = customer.get("/v1/kiosk/cart").json()["carts"][0]
    second = msgspec.structs.replace(GUEST_CART, external_id="second", customer=who("lucia"))
    assert shop_floor.house.sync.post("/v1/records", content=ndjson([second])).json()["new"] == 1
    other = next(cart["id"] for cart in customer.get("/v1/kiosk/cart").json()["carts"] if cart["id"] != mine["id"])
    lines = f"/v1/carts/{mine['id']}/lines"
    lucia = shop_floor.house.customer("lucia")
    changes: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
        ("POST", lines, {"sku": "SHIRT-M"}),
        ("PUT", f"{lines}/1", {"quantity": 4, "base_quantity": 3}),
        ("PUT", f"{lines}/1", {"quantity": 3, "base_quantity": 3, "sku": "SHIRT-M"}),
        ("DELETE", f"{lines}/1?base_quantity=3", None),
    )
    joins = [{"source": one, "target": two} for one, two in ((mine["id"], other), (other, mine["id"]))]

    def are_taken(cart: list[tuple[str, int, bool]]) -> None:
        for method, path, body in changes:
            for hand in (customer, shop_floor.tablet):
                require_problem(hand.request(method, path, json=body), 409, "handoff_taken")
        for body in joins:
            require_problem(customer.post("/v1/kiosk/carts/join", json=body), 409, "handoff_taken")
            answer = shop_floor.tablet.post(f"/v1/customers/{lucia}/carts/join", json=body)
            require_problem(answer, 409, "handoff_taken")
        assert waiting(customer) == cart

    number = redeem(shop_floor.till, issue(customer)["code"]).json()["handoff_id"]
    are_taken([("SHIRT-S", 3, False)])
    assert shop_floor.till.post(f"/v1/handoffs/{number}/release").is_success
    changed = customer.put(f"{lines}/1", json={"quantity": 4, "base_quantity": 3})
    assert changed.status_code == 200, changed.text
    number = redeem(shop_floor.till, issue(customer)["code"]).json()["handoff_id"]
    are_taken([("SHIRT-S", 4, True)])
    assert shop_floor.till.post(f"/v1/handoffs/{number}/completion").is_success
    assert customer.put(f"{lines}/1", json={"quantity": 5, "base_quantity": 2}).status_code == 200
    redeem(shop_floor.till, issue(customer)["code"])
    shop_floor.hands.on(hours=1)
    customer = shop_floor.goes_on()
    assert customer.put(f"{lines}/1", json={"quantity": 6, "base_quantity": 5}).status_code == 200


def test_its_shop_changes_a_cart_that_a_till_has(shop_floor: Floor) -> None:
    """What the customer does at home comes in; it is still nobody's to change here, and stays when the rest is sold."""
    customer = shop_floor.goes_on()
    number = redeem(shop_floor.till, issue(customer)["code"]).json()["handoff_id"]
    added = CartLineRecord(sku="PIN", title="Pin", quantity=1, unit_price=500)
    (line,) = CART_AS_STATED.lines
    at_home = msgspec.structs.replace(
        CART_AS_STATED, updated_at=shop_floor.hands.now, lines=(added, msgspec.structs.replace(line, line_id="anew"))
    )
    assert shop_floor.house.sync.post("/v1/records", content=ndjson([at_home])).json()["changed"] == 1
    mine = customer.get("/v1/kiosk/cart").json()["carts"][0]["id"]
    require_problem(customer.post(f"/v1/carts/{mine}/lines", json={"sku": "PIN"}), 409, "handoff_taken")
    assert shop_floor.till.post(f"/v1/handoffs/{number}/completion").is_success
    assert waiting(customer) == [("PIN", 1, False), ("SHIRT-S", 1, True)]


def test_a_cart_that_a_till_has_is_sent_nowhere_else(shop_floor: Floor) -> None:
    """It is neither delivered nor kept for collection meanwhile; the phone gets its link."""
    customer, before = shop_floor.goes_on(), shop_floor.house.last_event
    number = redeem(shop_floor.till, issue(customer)["code"]).json()["handoff_id"]
    for way in ("delivery", "pickup", "till"):
        require_problem(customer.post("/v1/handoffs", json={"way": way}), 409, "handoff_taken")
    assert customer.post("/v1/handoffs", json={"way": "phone"}).status_code == 201
    assert not [each for each in shop_floor.house.events_after(before) if isinstance(each.event, DeliveryAsked)]
    assert shop_floor.till.post(f"/v1/handoffs/{number}/release").is_success
    assert customer.post("/v1/handoffs", json={"way": "delivery"}).status_code == 201


def test_a_till_is_told_what_cannot_be_sold(shop_floor: Floor) -> None:
    """What the catalogue has no more, and what two lines want of one article that is here only once for both."""
    issued = issue(shop_floor.tablet, cart={"source": "web", "external_id": "cart-2"})
    got = redeem(shop_floor.till, issued["code"].lower()).json()
    assert [(line["sku"], line["sellable"], line["hindrance"]) for line in got["lines"]] == [
        ("SHIRT-S", 1, None),
        ("SHIRT-S", 1, "no_stock"),
        ("GONE", 0, "discontinued"),
    ]
    assert got["total"] == 2 * 3990


def test_a_code_is_redeemed_once(shop_floor: Floor) -> None:
    """A second till, and the same one again without its key, are told that a till has the cart."""
    code, key = issue(shop_floor.goes_on())["code"], str(uuid4())
    first = redeem(shop_floor.till, code, key)
    assert first.status_code == 200
    assert redeem(shop_floor.till, code, key).content == first.content
    require_problem(redeem(shop_floor.till, code), 409, "handoff_taken")
    require_problem(redeem(shop_floor.till, code, str(uuid4())), 409, "handoff_taken")
    require_problem(redeem(shop_floor.other_till, code, key), 409, "handoff_taken")
    number = first.json()["handoff_id"]
    for verb in ("completion", "release"):
        require_problem(shop_floor.other_till.post(f"/v1/handoffs/{number}/{verb}"), 404, "unknown_handoff")
    require_problem(shop_floor.other_till.get(f"/v1/handoffs/{number}"), 404, "unknown_handoff")


def test_a_code_is_of_one_store(shop_floor: Floor) -> None:
    """Another store's till does not know it, and neither reads, completes nor releases by its number."""
    issued = issue(shop_floor.goes_on())
    require_problem(redeem(shop_floor.far_till, issued["code"]), 404, "unknown_handoff", "$.code")
    for method, verb in (("GET", ""), ("POST", "/completion"), ("POST", "/release")):
        answer = shop_floor.far_till.request(method, f"/v1/handoffs/{issued['handoff_id']}{verb}")
        require_problem(answer, 404, "unknown_handoff")
    require_problem(shop_floor.far_tablet.get(f"/v1/handoffs/{issued['handoff_id']}"), 404, "unknown_handoff")
    assert redeem(shop_floor.till, issued["code"]).status_code == 200


def test_a_till_that_guesses_is_slowed_and_on_record(shop_floor: Floor) -> None:
    """After five wrong codes each next one waits longer, even the right one; others go on; guesses are on record."""
    code = issue(shop_floor.goes_on())["code"]
    for guess in ("222222", "333333", "444444", "555555", "666666"):
        require_problem(redeem(shop_floor.till, guess), 404, "unknown_handoff", "$.code")
    waited = redeem(shop_floor.till, "777777")
    require_problem(waited, 404, "unknown_handoff", "$.code")
    assert waited.headers["retry-after"] == "5"
    require_problem(redeem(shop_floor.till, code), 429, "too_many_tries")
    assert redeem(shop_floor.other_till, code).status_code == 200
    shop_floor.hands.on(seconds=5)
    require_problem(redeem(shop_floor.till, code), 409, "handoff_taken")
    shop_floor.until_on_record(("till", "guessed", ()), 6)


def test_a_manager_ends_the_wait_of_a_till(shop_floor: Floor) -> None:
    """As the answer says; the next code is looked at at once."""
    code = issue(shop_floor.goes_on())["code"]
    for _ in range(6):
        require_problem(redeem(shop_floor.till, "222222"), 404, "unknown_handoff", "$.code")
    waits = redeem(shop_floor.till, code)
    require_problem(waits, 429, "too_many_tries")
    assert "a manager can end the wait" in waits.json()["detail"]
    shop_floor.end_waits(shop_floor.till)
    assert redeem(shop_floor.till, code).status_code == 200


def test_time_releases_a_cart(shop_floor: Floor) -> None:
    """After ten minutes a code is none; a till that took the cart and says nothing has it for an hour."""
    customer = shop_floor.goes_on()
    late = issue(customer)
    shop_floor.hands.on(minutes=10)
    require_problem(redeem(shop_floor.till, late["code"]), 410, "handoff_over")
    customer = shop_floor.goes_on()
    code = issue(customer)["code"]
    number = redeem(shop_floor.till, code).json()["handoff_id"]
    require_problem(customer.post("/v1/handoffs", json={"way": "till"}), 409, "handoff_taken")
    shop_floor.hands.on(hours=1)
    assert shop_floor.till.get(f"/v1/handoffs/{number}").json()["state"] == "released"
    require_problem(shop_floor.till.post(f"/v1/handoffs/{number}/completion"), 410, "handoff_over")
    assert status_of(shop_floor) == "open"
    before = shop_floor.house.last_event
    assert shop_floor.house.database.write_now(release_overdue, shop_floor.hands.now) == 1
    assert shop_floor.house.database.write_now(release_overdue, shop_floor.hands.now) == 0
    assert shop_floor.house.database.write_now(end_left, 180, shop_floor.hands.now) == 1
    told = [happened.event for happened in shop_floor.house.events_after(before)]
    assert [event.__struct_config__.tag for event in told] == ["handoff_released", "kiosk_session_ended"]
    issue(shop_floor.goes_on())


def test_a_till_gives_a_cart_back(shop_floor: Floor) -> None:
    """It stays open and goes to another till; who issues it anew makes the code before worth nothing."""
    customer = shop_floor.goes_on()
    first = issue(customer)
    second = issue(customer)
    require_problem(redeem(shop_floor.till, first["code"]), 410, "handoff_over")
    number = redeem(shop_floor.till, second["code"]).json()["handoff_id"]
    for _ in range(2):
        assert shop_floor.till.post(f"/v1/handoffs/{number}/release").json()["state"] == "released"
    require_problem(shop_floor.till.post(f"/v1/handoffs/{number}/completion"), 410, "handoff_over")
    third = issue(customer)
    assert redeem(shop_floor.other_till, third["code"]).status_code == 200


def test_somebody_elses_cart_is_none(shop_floor: Floor) -> None:
    """By its name, and by the handoff's number, a customer reaches no cart but their own; nor does one of nobody's."""
    lucia, nobody = shop_floor.goes_on(), shop_floor.goes_on(shop_floor.other_kiosk, "cart-of-nobody")
    bertas = {"way": "till", "cart": {"source": "web", "external_id": "cart-2"}}
    for customer in (lucia, nobody):
        require_problem(customer.post("/v1/handoffs", json=bertas), 404, "unknown_cart")
    number = issue(shop_floor.tablet, cart=bertas["cart"])["handoff_id"]
    for customer in (lucia, nobody):
        require_problem(customer.get(f"/v1/handoffs/{number}"), 404, "unknown_handoff")
    require_problem(nobody.post("/v1/handoffs", json={"way": "till", "cart": CART}), 404, "unknown_cart")
    assert issue(nobody)["link"].endswith("id=cart-of-nobody")


def test_an_empty_cart_goes_nowhere(shop_floor: Floor) -> None:
    """There is nothing to hand over."""
    empty = CartRecord(
        source="web",
        external_id="empty",
        updated_at=hour(10),
        status="open",
        currency="EUR",
        lines=(),
        customer=who("ana"),
    )
    assert shop_floor.house.sync.post("/v1/records", content=ndjson([empty])).json()["new"] == 1
    require_problem(shop_floor.goes_on(cart="empty").post("/v1/handoffs", json={"way": "till"}), 409, "empty_cart")


def test_to_the_phone_and_to_the_door(shop_floor: Floor) -> None:
    """The phone gets a link; delivery and collection are asked of the shop's system by an event."""
    customer, before = shop_floor.goes_on(), shop_floor.house.last_event
    phone = customer.post("/v1/handoffs", json={"way": "phone"}).json()
    assert (phone["link"], phone["code"]) == ("https://shop.example/cart?from=web&id=cart-1", None)
    for way in ("delivery", "pickup"):
        assert customer.post("/v1/handoffs", json={"way": way}).status_code == 201
    asked = shop_floor.house.events_after(before)
    assert [(happened.store, happened.event.way) for happened in asked] == [("GV", "delivery"), ("GV", "pickup")]  # type: ignore[union-attr]
    assert {happened.event.cart_id for happened in asked} == {cart_number(shop_floor, "cart-1")}  # type: ignore[union-attr]


def cart_number(shop_floor: Floor, name: str) -> int:
    """The number of a cart."""
    found = shop_floor.house.database.read_now(rows, "SELECT id FROM carts WHERE external_id = :name", name=name)
    number: int = found[0][0]
    return number


def heard(stream: Iterator[Message], tags: set[str]) -> dict[str, Any]:
    """What a stream tells, until it told of these."""
    found: dict[str, Any] = {}
    while tags - found.keys():
        message = next(stream)
        found[message.event] = message.data
    return found


def test_the_kiosk_hears_of_its_cart_alone(shop_floor: Floor) -> None:
    """Redemption and sale are told to the customer's stream, without anybody's number; of others nothing is."""
    customer = shop_floor.goes_on()
    with customer.stream("GET", "/v1/live") as answer:
        stream = messages(answer.iter_lines())
        assert next(stream).event == "opened"
        bertas = issue(shop_floor.tablet, cart={"source": "web", "external_id": "cart-2"})
        redeem(shop_floor.till, bertas["code"])
        mine = issue(customer)
        number = redeem(shop_floor.till, mine["code"]).json()["handoff_id"]
        assert shop_floor.till.post(f"/v1/handoffs/{number}/completion").is_success
        told = heard(stream, {"handoff_issued", "handoff_redeemed", "handoff_completed", "cart_line_changed"})
        assert {data["event"].get("handoff_id") for data in told.values()} == {number, None}
        assert {(data["customer_id"], data["person_id"]) for data in told.values()} == {(None, None)}
        assert shop_floor.kiosk.delete("/v1/kiosk/session").status_code == 204
        ended = next(message for message in stream if message.event == "ended")
    assert ended.data == {"type": "ended", "code": "session_ended"}


def test_a_guest_hears_of_their_one_cart(shop_floor: Floor) -> None:
    """Who came with a cart of nobody is told of it, and of no other cart of nobody."""
    customer = shop_floor.goes_on(cart="cart-of-nobody")
    with customer.stream("GET", "/v1/live") as answer:
        stream = messages(answer.iter_lines())
        assert next(stream).event == "opened"
        issue(shop_floor.tablet, cart=CART)
        mine = issue(customer)
        told = heard(stream, {"handoff_issued"})
    assert told["handoff_issued"]["event"]["handoff_id"] == mine["handoff_id"]


def test_each_proof_and_each_look_is_on_record(shop_floor: Floor) -> None:
    """Who is shown a customer's cart stands there with why: the kiosk at the proof and at each look, and the till."""
    lucia = shop_floor.house.customer("lucia")
    customer = shop_floor.goes_on()
    customer.get("/v1/kiosk/cart")
    redeem(shop_floor.till, issue(customer)["code"])
    for look in (("kiosk", "continued", (lucia,)), ("kiosk", "cart", (lucia,)), ("till", "handoff", (lucia,))):
        shop_floor.until_on_record(look, 1)


def test_an_erased_customer_is_at_no_kiosk(shop_floor: Floor) -> None:
    """Erased while they stand there, their token and their code are worth nothing, and no row names them."""
    lucia, customer = shop_floor.house.customer("lucia"), shop_floor.goes_on()
    code = issue(customer)["code"]
    erased = shop_floor.house.client.post(f"/v1/customers/{lucia}/erasure", json={"confirm": True})
    assert erased.status_code < 300, erased.text
    require_problem(customer.get("/v1/kiosk/cart"), 401, "session_ended")
    require_problem(redeem(shop_floor.till, code), 404, "unknown_handoff", "$.code")
