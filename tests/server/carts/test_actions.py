"""Carts in the database, with the shop's records and the counter's changes in any order, on each engine."""

from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.access.callers import TERMINAL
from server.carts import actions
from server.carts.actions import Place
from server.customers.context import of_customer
from server.db.engine import Connection
from server.wire.carts import Cart, JoinCarts, LineQuantity, NewCartLine
from server.wire.events import CartLineChanged
from server.wire.records import CartLineRecord, CartRecord
from tests.conftest import Fresh
from tests.server.carts.shop import OnlineShop, Snapshot, Told, pieces
from tests.server.carts.test_rules import QUANTITY, SKUS, STEPS, World
from tests.server.given import NOW, customer, events_of, hour, product, rows, take, variant, who

VARIANTS = tuple(variant(sku, options={"size": sku}) for sku in SKUS)
"""All are sizes of one product."""


class Kept:
    """The counter's side in a database; the shop is told what events say."""

    def __init__(self, conn: Connection, first: Snapshot) -> None:
        self.conn = conn
        self.told: list[Told] = []
        self.seen_here: list[dict[str, tuple[int, int]]] = []
        self._last = 0
        self._at = 0
        take(conn, customer("1"), product(variants=VARIANTS))
        self.take(first)
        ((self.cart_id,),) = rows(conn, "SELECT id FROM carts")
        self.customer_id = next(id_ for (id_,) in rows(conn, "SELECT id FROM customers"))

    @property
    def place(self) -> Place:
        return Place(self.customer_id, self.cart_id)

    @property
    def cart(self) -> Cart:
        return of_customer(self.conn, self.customer_id, None, NOW).carts[0]

    @property
    def pieces(self) -> Any:
        return pieces((line.sku, line.quantity) for line in self.cart.lines)

    def take(self, snapshot: Snapshot) -> None:
        """A record arrives: new, late or again."""
        record = CartRecord(
            source="shop",
            external_id="c1",
            updated_at=hour(snapshot.at),
            status="open",
            currency="EUR",
            lines=snapshot.lines,
            customer=who("1"),
            seen_version=snapshot.seen_version,
        )
        (verdict,) = take(self.conn, record)
        assert (verdict in ("older", "unchanged")) == (snapshot.at <= self._at), verdict
        self._at = max(self._at, snapshot.at)

    def set(self, sku: str, quantity: int, looks_ago: int) -> bool | None:
        """Somebody sets a line who saw the cart some changes ago."""
        looked = self.seen_here[max(0, len(self.seen_here) - 1 - looks_ago)] if self.seen_here else {}
        if sku not in looked:
            return None
        number, base = looked[sku]
        wanted = LineQuantity(quantity=quantity, base_quantity=base)
        self._changed(actions.set_line(self.conn, TERMINAL, self.place, number, wanted, NOW))
        return True

    def add(self, sku: str, quantity: int) -> None:
        """Somebody puts in an article."""
        wanted = NewCartLine(sku=sku, quantity=quantity)
        self._changed(actions.add_line(self.conn, TERMINAL, self.place, wanted, NOW))

    def swap(self, sku: str, other: str, quantity: int, looks_ago: int) -> bool:
        """Somebody puts another variant in the place of a line, who saw the cart some changes ago."""
        looked = self.seen_here[max(0, len(self.seen_here) - 1 - looks_ago)] if self.seen_here else {}
        if sku not in looked or sku == other:
            return False
        number, base = looked[sku]
        wanted = LineQuantity(quantity=quantity, base_quantity=base, sku=other)
        self._changed(actions.set_line(self.conn, TERMINAL, self.place, number, wanted, NOW))
        return True

    def _changed(self, answer: Cart) -> None:
        assert answer == self.cart, "the context shows what was answered"
        self.look()

    def look(self) -> None:
        """See the cart as it is, and what events say since the last look."""
        self.seen_here.append({line.sku: (line.line, line.quantity) for line in self.cart.lines})
        self.conn.flush()
        for happened in events_of(self.conn, self._last):
            self._last = happened.id
            if isinstance(event := happened.event, CartLineChanged):
                self.told.append(Told(event.version, event.sku, event.base_quantity, event.quantity))


@given(steps=STEPS, begins=st.dictionaries(st.sampled_from(SKUS), QUANTITY), renames=st.booleans())
def test_the_database_and_the_shop_are_equal_once_the_shop_has_caught_up(
    fresh: Fresh, steps: list[tuple[Any, ...]], begins: dict[str, int], renames: bool
) -> None:
    """From records, doors and events alone, in any order, with messages lost, late and repeated."""
    with fresh() as conn:
        world = World(OnlineShop(renames=renames), begins, partial(Kept, conn))
        for step in steps:
            here = set(world.counter.pieces)
            world.step(*step)
            after = set(world.counter.pieces)
            assert after <= world.added
            assert here - after <= world.taken_out
        world.catch_up()
        assert world.counter.pieces == pieces(world.shop.quantities.items())
        assert world.counter.cart.pending == 0
        numbers = [number for (number,) in rows(conn, "SELECT line FROM cart_lines")]
        assert len(set(numbers)) == len(numbers)


LINES = st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 4)), max_size=6)
"""Lines of a cart, several of one article among them."""


def stated(name: str, at: int, lines: list[tuple[str, int]], seen_version: int) -> CartRecord:
    """A cart of a shop that says what it saw."""
    return CartRecord(
        source="shop",
        external_id=name,
        updated_at=hour(at),
        status="open",
        currency="EUR",
        lines=tuple(CartLineRecord(sku=sku, title=sku, quantity=n, unit_price=100) for sku, n in lines),
        customer=who("1"),
        seen_version=seen_version,
    )


@given(source=LINES, target=LINES, heard=st.integers(0, 6))
def test_a_shop_that_heard_of_a_part_of_a_join_loses_nothing(
    fresh: Fresh, source: list[tuple[str, int]], target: list[tuple[str, int]], heard: int
) -> None:
    """Each line changes once, in a version of its own: however much of it the shop says it saw, the rest is made."""
    with fresh() as conn:
        take(conn, customer("1"), product(variants=VARIANTS), stated("c1", 1, source, 0), stated("c2", 1, target, 0))
        numbers = dict(rows(conn, "SELECT external_id, id FROM carts"))
        ((person,),) = rows(conn, "SELECT id FROM customers")
        wanted = JoinCarts(source=numbers["c1"], target=numbers["c2"])
        actions.join_carts(conn, TERMINAL, [person], wanted, NOW)
        conn.flush()
        told = [
            event
            for event in (happened.event for happened in events_of(conn))
            if isinstance(event, CartLineChanged) and event.cart_id == numbers["c2"]
        ]
        assert [event.version for event in told] == list(range(2, 2 + len(told)))
        assert len({event.line for event in told}) == len(told)
        shown = list(enumerate(target, 1))
        for event in told[:heard]:
            shown = [(line, each) for line, each in shown if line != event.line]
            shown.append((event.line, (event.sku, event.quantity)))
        seen = max((event.version for event in told[:heard]), default=1)
        lines = [line for _, line in sorted(shown)]
        take(conn, stated("c2", 2, lines, seen))
        (joined,) = (cart for cart in of_customer(conn, person, None, NOW).carts if cart.external_id == "c2")
        assert pieces((line.sku, line.quantity) for line in joined.lines) == pieces([*source, *target])
