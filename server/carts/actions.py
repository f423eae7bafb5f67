"""Keeping carts as their shops show them."""

from datetime import datetime

from server.carts.queries import SQL
from server.db.engine import Connection
from server.events import actions as events
from server.wire.base import timestamp
from server.wire.events import CartChanged
from server.wire.records import CartRecord


def put_cart(conn: Connection, record: CartRecord, cart_id: int | None, customer_id: int | None, now: datetime) -> int:
    """Write a snapshot of a cart in place of the one before; returns its id."""
    values = {
        "customer_id": customer_id,
        "status": record.status,
        "currency": record.currency,
        "updated_at": timestamp(record.updated_at),
    }
    if cart_id is None:
        added = conn.one(SQL.add, source=record.source, external_id=record.external_id, **values)
        assert added is not None
        cart_id = added[0]
    else:
        conn.run(SQL.set, id=cart_id, **values)
        conn.run(SQL.clear_lines, cart_id=cart_id)
    conn.run_many(
        SQL.add_line,
        [
            {
                "cart_id": cart_id,
                "position": position,
                "line_id": line.line_id,
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
            }
            for position, line in enumerate(record.lines)
        ],
    )
    events.record(conn, CartChanged(cart_id=cart_id), now, customer_id=customer_id)
    return cart_id


def remove_cart(conn: Connection, cart_id: int) -> None:
    """Take a cart and its lines away."""
    conn.run(SQL.clear_lines, cart_id=cart_id)
    conn.run(SQL.remove, id=cart_id)


def touch_cart(conn: Connection, cart_id: int, updated_at: str) -> None:
    """The shop showed the same cart again, later."""
    conn.run(SQL.touch, id=cart_id, updated_at=updated_at)
