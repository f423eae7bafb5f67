"""Records in, events out: each change is told once, and nothing else is."""

from typing import Any

import pytest

from server.access.callers import TERMINAL
from server.customers import actions
from server.db.engine import Connection
from server.wire.customers import NewNote, NewPreferences
from server.wire.problems import ProblemError
from server.wire.records import Record
from tests.server.given import (
    NOW,
    Shop,
    cart,
    customer,
    deletion,
    order,
    product,
    redaction,
    stock,
    store,
    take,
    variant,
    view,
    who,
    wishlist,
)


def _told(shop: Shop, after: int) -> list[str]:
    """Events as words: what, of which customer (by external id), in which store."""
    names = dict(shop.rows("SELECT id, external_id FROM customers"))
    return [
        " ".join(
            [
                str(type(happened.event).__struct_config__.tag),
                *([f"customer {names.get(happened.customer_id)}"] if happened.customer_id else []),
                *([f"store {happened.store}"] if happened.store else []),
            ]
        )
        for happened in shop.events(after)
    ]


@pytest.mark.parametrize(
    ("held", "record", "expected"),
    [
        pytest.param([], customer("1", 1), ["customer_changed customer 1"], id="customer"),
        pytest.param(
            [customer("1", 1, city="A")], customer("1", 2, city="B"), ["customer_changed customer 1"], id="field"
        ),
        pytest.param([customer("1", 1, city="A")], customer("1", 2, city="A"), [], id="customer confirmed"),
        pytest.param([customer("1", 1, city="A")], customer("1", 1, city="A"), [], id="customer again"),
        pytest.param([customer("1", 2, city="A")], customer("1", 1, city="B"), [], id="customer late"),
        pytest.param([order(customer=who("1"))], customer("1", 1), ["customer_changed customer 1"], id="adopted"),
        pytest.param([], customer("1", cards=(" ",)), [], id="customer refused"),
        pytest.param([], store("m1", 1), ["store_changed store m1"], id="store"),
        pytest.param(
            [store("m1", 1, name="A")], store("m1", 2, name="B"), ["store_changed store m1"], id="store's field"
        ),
        pytest.param([store("m1", 1, name="A")], store("m1", 2, name="A"), [], id="store confirmed"),
        pytest.param([store("m1", 1)], store("m1", 1), [], id="store again"),
        pytest.param([], product(at=1, title="A"), ["product_changed"], id="product"),
        pytest.param([product(at=1, title="A")], product(at=2, title="A"), [], id="product confirmed"),
        pytest.param(
            [product(at=1, title="A")], product(at=2, variants=(variant(),)), ["product_changed"], id="variant"
        ),
        pytest.param([product(at=1)], product(at=1), [], id="product again"),
        pytest.param([], stock(1, 1), ["stock_changed store m1"], id="stock"),
        pytest.param([stock(1, 1)], stock(2, 2), ["stock_changed store m1"], id="other stock"),
        pytest.param([stock(1, 1)], stock(1, 2), [], id="stock confirmed"),
        pytest.param([stock(1, 2)], stock(2, 1), [], id="stock late"),
        pytest.param([], order(customer=who("1")), ["order_changed customer 1"], id="order"),
        pytest.param([], order(store="m1"), ["order_changed store m1"], id="order in a store, of nobody"),
        pytest.param([order(at=1)], order(at=2, total=5), ["order_changed"], id="order changed"),
        pytest.param([order(at=1)], order(at=2), [], id="order confirmed"),
        pytest.param([order(at=1)], order(at=1), [], id="order again"),
        pytest.param([], cart(customer=who("1")), ["cart_changed customer 1"], id="cart"),
        pytest.param([cart(at=1)], cart(at=2), [], id="cart confirmed"),
        pytest.param([cart(at=2)], cart(at=1, quantity=2), [], id="cart late"),
        pytest.param(
            [customer("1"), customer("2"), cart(customer=who("1"))],
            cart(at=1, customer=who("2")),
            ["record_removed customer 1", "cart_changed customer 2"],
            id="cart that became another's",
        ),
        pytest.param(
            [customer("1"), cart(customer=who("1"))],
            cart(at=1, quantity=2),
            ["record_removed customer 1", "cart_changed"],
            id="cart that became nobody's",
        ),
        pytest.param(
            [customer("1"), cart()], cart(at=1, customer=who("1")), ["cart_changed customer 1"], id="cart of nobody's"
        ),
        pytest.param([], wishlist(), ["wishlist_changed customer 1"], id="wish list"),
        pytest.param([wishlist(at=1)], wishlist(at=2), [], id="wish list confirmed"),
        pytest.param([], view(), ["article_viewed customer 1"], id="view"),
        pytest.param([view(1)], view(1), [], id="view again"),
        pytest.param(
            [customer("1"), order(customer=who("1"))],
            deletion("order", "o1", 1),
            ["record_removed customer 1"],
            id="order gone",
        ),
        pytest.param([cart()], deletion("cart", "c1", 1), ["record_removed"], id="cart gone"),
        pytest.param(
            [customer("1"), wishlist()],
            deletion("wishlist", "w1", 1),
            ["record_removed customer 1"],
            id="wish list gone",
        ),
        pytest.param([product(at=0, title="A")], deletion("product", "p1", 1), ["record_removed"], id="product gone"),
        pytest.param(
            [product(at=0, title="A"), product(at=2, brand="B")],
            deletion("product", "p1", 1),
            ["product_changed"],
            id="product gone in part",
        ),
        pytest.param([], deletion("order", "o1", 1), [], id="nothing gone"),
        pytest.param([order(at=2)], deletion("order", "o1", 1), [], id="gone before it came back"),
        pytest.param(
            [customer("1", city="A")], deletion("customer", "1", 1), ["customer_removed customer 1"], id="customer gone"
        ),
        pytest.param(
            [customer("1", 0, city="A"), customer("1", 2, given_name="B")],
            deletion("customer", "1", 1),
            ["customer_changed customer 1"],
            id="customer gone in part",
        ),
        pytest.param([], deletion("customer", "1", 1), [], id="nobody gone"),
        pytest.param(
            [customer("1"), cart(customer=who("1"))], redaction("1", 1), ["customer_removed customer 1"], id="forgotten"
        ),
        pytest.param([], redaction("1", 1), [], id="nobody forgotten"),
        pytest.param([redaction("1", 1)], redaction("1", 1), [], id="forgotten before"),
        pytest.param([redaction("1", 1)], cart(at=1, customer=who("1")), [], id="cart of somebody forgotten"),
        pytest.param(
            [redaction("1", 2), cart(at=1)],
            cart(at=2, customer=who("1")),
            ["record_removed"],
            id="cart that became somebody's who is forgotten",
        ),
        pytest.param([redaction("1", 1)], view(1), [], id="view of somebody forgotten"),
        pytest.param([], order(store=None, customer=who(email="none")), [], id="order refused"),
    ],
)
def test_each_change_is_told_once(shop: Shop, held: list[Record], record: Record, expected: list[str]) -> None:
    """A change writes its event in its own transaction; what changes nothing writes none."""
    shop.take(*held)
    before = len(shop.events())
    shop.take(record)
    assert _told(shop, before) == expected


@pytest.mark.parametrize(
    ("action", "command", "expected"),
    [
        pytest.param(actions.add_note, NewNote(text="likes green"), "note_added customer 1", id="note"),
        pytest.param(
            actions.set_preferences,
            NewPreferences(likes=("green",)),
            "preferences_changed customer 1",
            id="preferences",
        ),
    ],
)
def test_what_associates_write_is_told(shop: Shop, action: Any, command: Any, expected: str) -> None:
    """Notes and preferences are told as well."""
    shop.take(customer("1"))
    shop.database.write_now(action, TERMINAL, shop.number_of("1"), command, NOW)
    assert _told(shop, 1) == [expected]


def test_a_blank_note_is_refused(shop: Shop) -> None:
    """A note of blanks is no note, and nothing is told of it."""
    shop.take(customer("1"))
    with pytest.raises(ProblemError, match="empty") as caught:
        shop.database.write_now(actions.add_note, TERMINAL, shop.number_of("1"), NewNote(text="   "), NOW)
    assert (caught.value.code, caught.value.problem.path) == ("invalid_field", "$.text")
    assert _told(shop, 1) == []


@pytest.mark.parametrize("action", [actions.add_note, actions.set_preferences])
def test_nothing_is_told_of_nobody(shop: Shop, action: Any) -> None:
    """What is written of a customer who does not exist is refused."""
    words = NewNote(text="x") if action is actions.add_note else NewPreferences()
    with pytest.raises(ProblemError, match="no customer with this number") as caught:
        shop.database.write_now(action, TERMINAL, 99, words, NOW)
    assert caught.value.code == "unknown_customer"
    assert shop.events() == []


def test_events_are_read_on_from_one(shop: Shop) -> None:
    """Events come in the order of their changes, each with a number that only grows."""
    shop.take(stock(1, 1), stock(2, 2))
    shop.take(stock(3, 3))
    numbers = [happened.id for happened in shop.events()]
    assert numbers == sorted(set(numbers))
    assert [happened.id for happened in shop.events(numbers[1])] == numbers[2:]


def test_a_batch_that_fails_tells_nothing(shop: Shop) -> None:
    """What a transaction wrote before it failed is neither there nor told."""

    def fail(conn: Connection) -> None:
        take(conn, customer("1", given_name="Ada"), order(customer=who("1")), stock())
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError, match="the power went"):
        shop.database.write_now(fail)
    shop.take(stock(sku="S2"))
    assert _told(shop, 0) == ["stock_changed store m1"]
    assert shop.count("customers") == shop.count("orders") == 0
