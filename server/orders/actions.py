"""Keeping orders as their shops show them."""

from datetime import datetime

from server.db.engine import Connection
from server.events import actions as events
from server.orders.queries import SQL
from server.wire.base import timestamp
from server.wire.events import OrderChanged
from server.wire.records import OrderRecord


def put_order(
    conn: Connection, record: OrderRecord, order_id: int | None, customer_id: int | None, now: datetime
) -> int:
    """Write a snapshot of an order in place of the one before; returns its id."""
    values = {
        "customer_id": customer_id,
        "number": record.number,
        "channel": record.channel,
        "store": record.store,
        "placed_at": timestamp(record.placed_at),
        "status": record.status,
        "currency": record.currency,
        "total": record.total,
        "updated_at": timestamp(record.updated_at),
    }
    if order_id is None:
        added = conn.one(SQL.add, source=record.source, external_id=record.external_id, **values)
        assert added is not None
        order_id = added[0]
    else:
        conn.flush()  # its lines may be among what is yet to be written
        conn.run(SQL.set, id=order_id, **values)
        conn.run(SQL.clear_lines, order_id=order_id)
    for position, line in enumerate(record.lines):
        conn.run_late(
            SQL.add_line,
            {
                "order_id": order_id,
                "position": position,
                "line_id": line.line_id,
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "discount": line.discount,
                "returned_quantity": line.returned_quantity,
                "fulfilled_quantity": line.fulfilled_quantity,
            },
        )
    events.record(conn, OrderChanged(order_id=order_id), now, customer_id=customer_id, store=record.store)
    return order_id


def remove_order(conn: Connection, order_id: int) -> None:
    """Take an order and its lines away."""
    conn.flush()
    conn.run(SQL.clear_lines, order_id=order_id)
    conn.run(SQL.remove, id=order_id)


def touch_order(conn: Connection, order_id: int, updated_at: str) -> None:
    """The shop showed the same order again, later."""
    conn.run(SQL.touch, id=order_id, updated_at=updated_at)
