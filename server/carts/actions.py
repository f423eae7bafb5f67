"""Keeping carts as their shops show them."""

from datetime import datetime
from typing import NamedTuple

from server.carts import queries
from server.carts.queries import SQL
from server.db.engine import Connection
from server.events import actions as events
from server.orders.queries import NOBODY
from server.statements.queries import ALWAYS, forget_snapshots
from server.wire.base import timestamp
from server.wire.events import CartChanged
from server.wire.records import CartRecord


class Place(NamedTuple):
    """Where a cart lies."""

    customer_id: int | None
    id: int


def put_cart(
    conn: Connection, record: CartRecord, before: Place | None, customer_id: int | None, now: datetime
) -> Place:
    """Write a snapshot of a cart in place of the one before; returns where it lies."""
    owner = _owner(customer_id)
    values = {
        "customer_id": owner,
        "source": record.source,
        "external_id": record.external_id,
        "status": record.status,
        "currency": record.currency,
        "updated_at": timestamp(record.updated_at),
    }
    if before is None:
        added = conn.one(SQL.add, **values)
        assert added is not None
        cart_id: int = added[0]
    else:
        cart_id = before.id
        remove_cart(conn, before)
        conn.run(SQL.put, id=cart_id, **values)
    conn.run_many(
        SQL.add_line,
        [
            {
                "customer_id": owner,
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
    return Place(customer_id, cart_id)


def convert_cart(conn: Connection, place: Place, now: datetime) -> None:
    """A sale of what was in a cart is confirmed; only what the shop says of it from now on opens it again."""
    if conn.run(SQL.convert, customer_id=_owner(place.customer_id), id=place.id):
        events.record(conn, CartChanged(cart_id=place.id), now, customer_id=place.customer_id)


def remove_cart(conn: Connection, place: Place) -> None:
    """Take a cart and its lines away."""
    owner = _owner(place.customer_id)
    conn.run(SQL.clear_lines, customer_id=owner, cart_id=place.id)
    conn.run(SQL.remove, customer_id=owner, id=place.id)


def drop_carts(conn: Connection, customer_id: int) -> None:
    """Take everything away that a customer had in carts."""
    forget_snapshots(conn, "cart", queries.keys_until(conn, customer_id, ALWAYS))
    conn.run(SQL.drop_lines, customer_id=customer_id)
    conn.run(SQL.drop, customer_id=customer_id)


def touch_cart(conn: Connection, place: Place, updated_at: str) -> None:
    """The shop showed the same cart again, later."""
    conn.run(SQL.touch, customer_id=_owner(place.customer_id), id=place.id, updated_at=updated_at)


def _owner(customer_id: int | None) -> int:
    return NOBODY if customer_id is None else customer_id
