"""Keeping orders as their shops show them."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import NamedTuple

import msgspec

from server.db.engine import Connection
from server.events import actions as events
from server.orders import queries
from server.orders.queries import FIRST_PAGE, NOBODY, SQL
from server.statements.queries import Snapshots
from server.statements.rules import content_hash
from server.wire.base import timestamp
from server.wire.events import OrderChanged
from server.wire.orders import Order
from server.wire.records import OrderLineRecord, OrderRecord

DISOWNED_AT_ONCE = 500

_encode = msgspec.json.Encoder().encode


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
    record: OrderRecord,
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
    place = Place(customer_id, timestamp(record.placed_at), order_id)
    conn.run_late(
        SQL.add,
        {
            "customer_id": NOBODY if customer_id is None else customer_id,
            "placed_at": place.placed_at,
            "id": order_id,
            "store": record.store,
            "source": record.source,
            "external_id": record.external_id,
            "number": record.number,
            "channel": record.channel,
            "status": record.status,
            "currency": record.currency,
            "total": record.total,
            "lines": _encode(record.lines).decode(),
        },
    )
    events.record(conn, OrderChanged(order_id=order_id), now, customer_id=customer_id, store=record.store)
    return place


def disown_orders(conn: Connection, customer_id: int) -> int:
    """Make a customer's orders nobody's, as if they had been stated so; how many they are.

    What is known of each as a snapshot is what it would be had it named nobody: the hash of one that names an e-mail
    would prove a guess at it, and the same file again would change the order.
    """
    conn.flush()
    snapshots = Snapshots(conn)
    count, place = 0, FIRST_PAGE
    while page := queries.latest(conn, [customer_id], place, DISOWNED_AT_ONCE):
        snapshots.expect([("order", order.source, order.external_id) for order in page])
        for order in page:
            known = snapshots.find("order", order.source, order.external_id)
            if known is not None and known.row_id == order.id:
                hash_ = content_hash(_nobodys(order))
                snapshots.hold(
                    "order", order.source, order.external_id, known._replace(customer_id=None, content_hash=hash_)
                )
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


def _nobodys(order: Order) -> OrderRecord:
    """An order as its source would have stated it without a customer; its own time is no content."""
    fields = {name: getattr(order, name) for name in Order.__struct_fields__ if name in OrderRecord.__struct_fields__}
    lines = [{name: getattr(line, name) for name in OrderLineRecord.__struct_fields__} for line in order.lines]
    return msgspec.convert({**fields, "lines": lines, "updated_at": order.placed_at, "type": "order"}, OrderRecord)
