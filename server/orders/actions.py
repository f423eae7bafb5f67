"""Keeping orders as their shops show them."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from msgspec import structs

from server.db.engine import Connection
from server.events import actions as events
from server.orders import queries
from server.orders.queries import FIRST_PAGE, NOBODY, SQL
from server.orders.rules import StatedOrder, lines_text, nobodys
from server.statements.queries import Snapshots
from server.statements.rules import content_hash
from server.wire.events import OrderChanged
from server.wire.orders import Order
from server.wire.records import OrderLineRecord

DISOWNED_AT_ONCE = 500


class Place(NamedTuple):
    """Where an order lies."""

    customer_id: int | None
    placed_at: str
    id: int


class Ids:
    """Ids that no order had before, taken together for as many orders as a transaction may bring."""

    def __init__(self, conn: Connection, count: int) -> None:
        self._conn = conn
        self._count = count
        self._left: Iterator[int] = iter(())

    def take(self) -> int:
        """The next one."""
        id_ = next(self._left, None)
        if id_ is None:
            runs = self._conn.all(SQL.take_ids, count=self._count)
            self._left = chain.from_iterable(range(first, last + 1) for first, last in runs)
            id_ = next(self._left)
        return id_


def put_order(
    conn: Connection,
    order: StatedOrder,
    before: Place | None,
    customer_id: int | None,
    ids: Ids,
    now: datetime,
) -> Place:
    """Write a snapshot of an order, in place of the one before; returns where it lies."""
    if before is None:
        order_id = ids.take()
    else:
        remove_order(conn, before)
        order_id = before.id
    row = structs.asdict(order)
    row["customer_id"] = NOBODY if customer_id is None else customer_id
    row["id"] = order_id
    conn.run_late(SQL.add, row)
    events.record(conn, OrderChanged(order_id=order_id), now, customer_id=customer_id, store=order.store)
    return Place(customer_id, order.placed_at, order_id)


def disown_orders(conn: Connection, customer_id: int) -> int:
    """Make a customer's orders nobody's, as if they had been stated so; how many they are.

    What is known of each as a snapshot is what it would be had it named nobody: the hash of one that names an e-mail
    would prove a guess at it, and the same file again would change the order.
    """
    conn.flush()
    snapshots = Snapshots(conn)
    count, place = 0, FIRST_PAGE
    while page := queries.latest(conn, [customer_id], place, DISOWNED_AT_ONCE):
        keys = [("order", order.source, order.external_id) for order in page]
        snapshots.expect(keys)
        for order, key in zip(page, keys, strict=True):
            known = snapshots.find(key)
            if known is not None and known.row_id == order.id:
                hash_ = content_hash(nobodys(_stated(order)))
                snapshots.hold(key, known._replace(customer_id=None, content_hash=hash_))
        count += len(page)
        place = (page[-1].placed_at, page[-1].id)
        conn.flush()
    conn.run(SQL.disown, customer_id=customer_id)
    return count


def remove_order(conn: Connection, place: Place) -> None:
    """Take an order away."""
    conn.flush()  # it may be among what is yet to be written
    customer_id = NOBODY if place.customer_id is None else place.customer_id
    conn.run(SQL.remove, customer_id=customer_id, placed_at=place.placed_at, id=place.id)


def _stated(order: Order) -> StatedOrder:
    """An order as its source stated it."""
    lines = [
        OrderLineRecord(**{name: getattr(line, name) for name in OrderLineRecord.__struct_fields__})
        for line in order.lines
    ]
    fields = {name: getattr(order, name) for name in StatedOrder.__struct_fields__}
    return StatedOrder(**(fields | {"lines": lines_text(lines)}))
