"""A customer's orders as they are shown: ten at once, the rest by page, however many there are."""

from hypothesis import given
from hypothesis import strategies as st

from server.catalog.queries import items
from server.customers import context
from server.customers.queries import customer_id_of
from server.customers.search import hits_of
from server.db.engine import Connection
from server.wire.base import timestamp
from server.wire.customers import ORDERS_COUNTED
from server.wire.records import OrderStatus
from tests.conftest import Fresh
from tests.server.given import NOW, Shop, customer, hour, order, product, take, variant, who


def _number(conn: Connection, external_id: str) -> int:
    number = customer_id_of(conn, "shop", external_id)
    assert number is not None
    return number


def _all_shown(conn: Connection, limit: int) -> list[str]:
    """The external ids of a person's orders: those in the context, then page by page."""
    number = _number(conn, "1")
    shown = context.of_customer(conn, number, None, NOW)
    ids, before = [o.external_id for o in shown.orders], shown.orders_before
    while before is not None:
        page = context.orders_page(conn, number, before, limit)
        ids += [o.external_id for o in page.orders]
        before = page.before
    return ids


@given(placed=st.lists(st.integers(0, 6), min_size=1, max_size=40), limit=st.integers(1, 15))
def test_context_and_pages_show_every_order_once_and_the_latest_first(
    fresh: Fresh, placed: list[int], limit: int
) -> None:
    """Of orders placed at one moment none is shown twice or left out where a page ends."""
    with fresh() as conn:
        take(conn, *(order(str(n), 100, who("1"), placed=hour) for n, hour in enumerate(placed)))
        shown = [int(id_) for id_ in _all_shown(conn, limit)]
        assert sorted(shown) == list(range(len(placed)))
        assert [placed[n] for n in shown] == sorted(placed, reverse=True)
        assert context.of_customer(conn, _number(conn, "1"), None, NOW).order_count == len(placed)


@given(
    bought=st.lists(
        st.tuples(
            st.sampled_from(["1", "2"]),
            st.integers(0, 20),
            st.sampled_from([None, "sol", "mar"]),
            st.sampled_from(["placed", "cancelled", "cancelled"]),
        ),
        max_size=30,
        unique_by=lambda each: each[1],
    ),
    known=st.booleans(),
)
def test_search_and_context_name_the_same_last_purchase(
    fresh: Fresh, bought: list[tuple[str, int, str | None, OrderStatus]], known: bool
) -> None:
    """Of a person's latest ten orders the last that was not cancelled says when and where, whoever is asked."""
    with fresh() as conn:
        cards = ("C1",) if known else ()
        take(
            conn,
            *(customer(id_, given_name="Ada", cards=cards) for id_ in ("1", "2")),
            *(order(f"o{n}", 100, who(id_), placed=n, store=store, status=status) for id_, n, store, status in bought),
        )
        for id_ in ("1", "2"):
            number = _number(conn, id_)
            own = sorted((n, store, status) for by, n, store, status in bought if known or by == id_)[-10:]
            last = next(((n, store) for n, store, status in reversed(own) if status != "cancelled"), None)
            person = context.of_customer(conn, number, None, NOW).person
            [hit] = hits_of(conn, [number])
            expected = (timestamp(hour(last[0])), last[1]) if last else (None, None)
            assert (person.last_seen_at, person.last_store) == (hit.last_seen_at, hit.last_store) == expected


def test_the_orders_of_a_walk_in_account_are_counted_so_far_and_no_further(shop: Shop) -> None:
    """Nobody waits for 50,000 orders to be counted; each is there by page all the same."""
    many = ORDERS_COUNTED + 5
    shop.take(*(order(str(n), 100, who("1"), placed=n % 50) for n in range(many)))
    assert shop.context("1").order_count == ORDERS_COUNTED
    assert len(set(shop.database.read_now(_all_shown, 100))) == many


def test_a_change_moves_an_order_to_where_it_belongs(shop: Shop) -> None:
    """Another time, another customer: the order is shown there only, under the number it had."""
    shop.take(order("a", 1, who("1"), placed=1), order("b", 1, who("1"), placed=2))
    number = {o.external_id: o.id for o in shop.context("1").orders}
    shop.take(order("a", 2, who("1"), placed=3))
    assert [(o.external_id, o.id) for o in shop.context("1").orders] == [("a", number["a"]), ("b", number["b"])]
    shop.take(order("a", 3, who("2"), placed=3))
    assert [o.id for o in shop.context("1").orders] == [number["b"]]
    assert [o.id for o in shop.context("2").orders] == [number["a"]]
    shop.take(order("a", 4, None, placed=3))
    assert shop.context("1").order_count == shop.count("orders") - 1 == 1


def test_a_line_names_the_article_of_the_later_statement(shop: Shop) -> None:
    """Of two products that claim one SKU the later statement counts, whichever came in first."""
    for early, late in (("p1", "p2"), ("p2", "p1")):
        sku = f"S-{early}"
        shop.take(
            product(late, 20, source=early, title="Late", variants=(variant(sku),)),
            product(early, 10, source=early, title="Early", variants=(variant(sku),)),
        )
        found = shop.database.read_now(_titles, sku)
        assert found == {sku: "Late"}


def _titles(conn: Connection, sku: str) -> dict[str, str]:
    return {s: item.title for s, item in items(conn, [sku]).items()}
