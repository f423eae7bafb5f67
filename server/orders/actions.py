"""Keeping orders as their shops show them."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import NamedTuple

import msgspec

from server.db.engine import Connection
from server.events import actions as events
from server.orders.queries import NOBODY, SQL
from server.wire.base import timestamp
from server.wire.events import OrderChanged
from server.wire.records import OrderRecord

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


def remove_order(conn: Connection, place: Place) -> None:
    """Take an order away."""
    conn.flush()  # it may be among what is yet to be written
    customer_id = NOBODY if place.customer_id is None else place.customer_id
    conn.run(SQL.remove, customer_id=customer_id, placed_at=place.placed_at, id=place.id)
