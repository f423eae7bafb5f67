"""Orders, carts and wish lists: each is a snapshot, and the newest wins whole."""

import json
from typing import Any

import pytest

from server.wire.events import OrderChanged
from server.wire.records import Record
from tests.server.given import Shop, cart, customer, deletion, order, view, who, wishlist

TABLES = {"order": "orders", "cart": "carts", "wishlist": "wishlists"}
LINES = {"order": "orders", "cart": "cart_lines", "wishlist": "wishlist_items"}


def _shown(shop: Shop, kind: str) -> list[Any]:
    """What makes the versions below differ: total, quantity or name."""
    return [
        found
        for (found,) in shop.rows(
            {
                "order": "SELECT total FROM orders ORDER BY source, external_id",
                "cart": "SELECT quantity FROM carts c LEFT JOIN cart_lines l ON l.cart_id = c.id"
                " ORDER BY source, external_id",
                "wishlist": "SELECT name FROM wishlists ORDER BY source, external_id",
            }[kind]
        )
    ]


def _version(kind: str, at: int, n: int) -> Record:
    """The nth version of a snapshot; larger ones do not always have larger hashes."""
    made: dict[str, Record] = {
        "order": order("s", at, who("1"), total=n),
        "cart": cart("s", at, who("1"), quantity=n),
        "wishlist": wishlist("s", at, who("1"), name=str(n)),
    }
    return made[kind]


def _n(kind: str, n: int) -> Any:
    return str(n) if kind == "wishlist" else n


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize(
    ("versions", "verdicts", "left"),
    [
        pytest.param([(1, 1)], ["new"], 1, id="first"),
        pytest.param([(1, 1), (2, 2)], ["new", "changed"], 2, id="newer"),
        pytest.param([(2, 2), (1, 1)], ["new", "older"], 2, id="late"),
        pytest.param([(1, 1), (1, 1)], ["new", "unchanged"], 1, id="twice"),
        pytest.param([(1, 1), (2, 1)], ["new", "confirmed"], 1, id="shown again"),
        pytest.param([(1, 1), (3, 1), (2, 2)], ["new", "confirmed", "older"], 1, id="shown again, then a late one"),
        pytest.param([(1, 1), (2, 2), (3, 1)], ["new", "changed", "changed"], 1, id="and back"),
        pytest.param([(1, 1), ("deleted", 1)], ["new", "changed"], None, id="deleted"),
        pytest.param([("deleted", 1), (1, 1)], ["new", "older"], None, id="deleted before it came"),
        pytest.param([("deleted", 2), (1, 1)], ["new", "older"], None, id="deleted later, before it came"),
        pytest.param([("deleted", 1), (2, 2)], ["new", "new"], 2, id="there again after a deletion"),
        pytest.param([(2, 2), ("deleted", 1)], ["new", "confirmed"], 2, id="a late deletion"),
        pytest.param(
            [(2, 2), ("deleted", 1), ("deleted", 1)], ["new", "confirmed", "unchanged"], 2, id="a late one twice"
        ),
        pytest.param([("deleted", 2), ("deleted", 1)], ["new", "older"], None, id="two deletions"),
        pytest.param(
            [("deleted", 1), ("deleted", 2), (2, 2)], ["new", "confirmed", "older"], None, id="a later deletion"
        ),
    ],
)
def test_the_newest_snapshot_is_shown(
    shop: Shop, kind: str, versions: list[tuple[Any, int]], verdicts: list[str], left: int | None
) -> None:
    """The newest snapshot is shown whole, whenever it came; a deletion leaves its time behind."""
    records = [deletion(kind, "s", n) if at == "deleted" else _version(kind, at, n) for at, n in versions]
    assert [shop.take(record)[0] for record in records] == verdicts
    assert _shown(shop, kind) == ([] if left is None else [_n(kind, left)])
    assert (shop.count(LINES[kind]) > 0) is (left is not None)


@pytest.mark.parametrize("kind", TABLES)
def test_of_snapshots_of_one_time_the_same_wins_in_either_order(shop: Shop, kind: str) -> None:
    """Two versions of one time have one winner, decided by content and not by arrival."""
    one, other = _version(kind, 1, 1), _version(kind, 1, 2)
    shop.take(one, other)
    first = _shown(shop, kind)
    shop.take(deletion(kind, "s", 1), *(_version(kind, 2, n) for n in (2, 1)))
    assert _shown(shop, kind) == first


@pytest.mark.parametrize("kind", TABLES)
def test_sources_have_ids_of_their_own(shop: Shop, kind: str) -> None:
    """The same id in two sources is two things."""
    make: Any = {"order": order, "cart": cart, "wishlist": wishlist}[kind]
    shop.take(make("s", 1, who("1"), source="madrid"), make("s", 1, who("1"), source="lisbon"))
    assert shop.count(TABLES[kind]) == 2
    assert shop.persons() == [{"lisbon/1"}, {"madrid/1"}]


def test_a_smaller_snapshot_leaves_no_lines_of_the_larger(shop: Shop) -> None:
    """A snapshot takes the place of all lines of the one before."""
    shop.take(order(at=1, lines=3))
    shop.take(order(at=2, lines=1))
    assert [line["sku"] for (lines,) in shop.rows("SELECT lines FROM orders") for line in json.loads(lines)] == ["S0"]


@pytest.mark.parametrize(
    ("before", "after", "customers"),
    [
        pytest.param(who("1"), who("2"), ["2"], id="another customer"),
        pytest.param(who("1"), None, [], id="nobody"),
        pytest.param(None, who("1"), ["1"], id="somebody at last"),
        pytest.param(who("1"), who(email="ada@example.com"), ["ada@example.com"], id="a guest"),
        pytest.param(who(email="ada@example.com"), who("1", email="ada@example.com"), ["1"], id="no guest any more"),
    ],
)
@pytest.mark.parametrize("make", [order, cart], ids=["order", "cart"])
def test_a_snapshot_moves_to_whom_it_names_last(
    shop: Shop, make: Any, before: Any, after: Any, customers: list[str]
) -> None:
    """Whoever only an older snapshot spoke of is gone with it."""
    shop.take(make(at=1, customer=before))
    shop.take(make(at=2, customer=after))
    assert [row[0] for row in shop.rows("SELECT external_id FROM customers")] == customers


def test_orders_add_up_to_when_and_where_a_customer_was_seen(shop: Shop) -> None:
    """Count, time and store follow the orders as they come, move, and go."""

    def seen() -> tuple[int, str | None, str | None]:
        context = shop.context("1")
        return context.order_count, context.person.last_seen_at, context.person.last_store

    shop.take(
        customer("1"),
        order("a", 1, who("1"), placed=1, store="sol"),
        order("b", 2, who("1"), placed=2, store="mar"),
        order("c", 3, who("1"), placed=3),
    )
    count, at, store = seen()
    assert (count, (at or "")[11:13], store) == (3, "15", None)
    shop.take(deletion("order", "c", 4))
    assert seen()[0::2] == (2, "mar")
    shop.take(order("b", 4, who("2"), placed=2, store="mar"))
    assert seen()[0::2] == (1, "sol")
    shop.take(deletion("order", "a", 4))
    assert seen() == (0, None, None)


def test_two_orders_of_one_moment_say_the_same_last_store_in_either_order(shop: Shop) -> None:
    """Of orders placed at the same time it is not arrival that decides where a customer was seen last."""
    shop.take(
        order("a", 1, who("1"), store="sol"),
        order("b", 1, who("1"), store="mar"),
        order("b", 1, who("2"), source="other", store="mar"),
        order("a", 1, who("2"), source="other", store="sol"),
    )
    assert shop.context("1").person.last_store == shop.context("2", "other").person.last_store


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        pytest.param(view(1), view(1), 1, id="the same"),
        pytest.param(view(1), view(2), 2, id="again later"),
        pytest.param(view(1), view(1, sku="S2"), 2, id="another article"),
        pytest.param(view(1), view(1, who("2")), 2, id="another customer"),
        pytest.param(view(1), view(1, source="other"), 2, id="in another shop"),
        pytest.param(view(1), view(1, who("1", email="ada@example.com")), 1, id="the same, with an e-mail"),
    ],
)
def test_a_look_at_an_article_counts_once(shop: Shop, first: Record, second: Record, kept: int) -> None:
    """A view is known by source, customer, article and time."""
    assert shop.take(first) == ["new"]
    assert shop.take(second) == ["new" if kept == 2 else "unchanged"]
    assert shop.count("views") == kept


def test_views_of_one_moment_keep_whom_each_names(shop: Shop) -> None:
    """What one view says of a contact is not lost to another of the same article and time."""
    one, other = who("1", email="ada@example.com"), who("2", phone="+34600000001")
    shop.take(view(1, one), view(1, other))
    assert shop.rows("SELECT kind FROM customer_references ORDER BY kind") == [("email",), ("phone",)]


def test_a_number_that_was_given_is_never_given_again(shop: Shop) -> None:
    """An event that names a row which has gone does not come to mean another one."""
    shop.take(order("a", 1, who("1")), deletion("order", "a", 2))
    gone = max(event.event.order_id for event in shop.events() if isinstance(event.event, OrderChanged))
    shop.take(order("b", 3, who("2")))
    assert shop.value("SELECT id FROM orders") > gone
    assert shop.value("SELECT id FROM customers WHERE external_id = '2'") == 2
