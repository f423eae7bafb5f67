"""Keeping wish lists as their shops show them."""

from datetime import datetime
from typing import NamedTuple

from server.db.engine import Connection
from server.events import actions as events
from server.statements.queries import ALWAYS, forget_snapshots
from server.wire.base import timestamp
from server.wire.events import WishListChanged
from server.wire.records import WishListRecord
from server.wishlists import queries
from server.wishlists.queries import SQL


class Place(NamedTuple):
    """Where a wish list lies."""

    customer_id: int
    id: int


def put_wishlist(
    conn: Connection, record: WishListRecord, before: Place | None, customer_id: int, now: datetime
) -> Place:
    """Write a snapshot of a wish list in place of the one before; returns where it lies."""
    values = {
        "customer_id": customer_id,
        "source": record.source,
        "external_id": record.external_id,
        "name": record.name,
        "updated_at": timestamp(record.updated_at),
    }
    if before is None:
        added = conn.one(SQL.add, **values)
        assert added is not None
        wishlist_id: int = added[0]
    else:
        wishlist_id = before.id
        remove_wishlist(conn, before)
        conn.run(SQL.put, id=wishlist_id, **values)
    conn.run_many(
        SQL.add_item,
        [
            {
                "customer_id": customer_id,
                "wishlist_id": wishlist_id,
                "position": position,
                "sku": item.sku,
                "added_at": timestamp(item.added_at),
            }
            for position, item in enumerate(record.items)
        ],
    )
    events.record(conn, WishListChanged(wishlist_id=wishlist_id), now, customer_id=customer_id)
    return Place(customer_id, wishlist_id)


def remove_wishlist(conn: Connection, place: Place) -> None:
    """Take a wish list and its wishes away."""
    conn.run(SQL.clear_items, customer_id=place.customer_id, wishlist_id=place.id)
    conn.run(SQL.remove, customer_id=place.customer_id, id=place.id)


def drop_wishlists(conn: Connection, customer_id: int) -> None:
    """Take everything away that a customer wished."""
    forget_snapshots(conn, "wishlist", queries.keys_until(conn, customer_id, ALWAYS))
    conn.run(SQL.drop_items, customer_id=customer_id)
    conn.run(SQL.drop, customer_id=customer_id)


def touch_wishlist(conn: Connection, place: Place, updated_at: str) -> None:
    """The shop showed the same wish list again, later."""
    conn.run(SQL.touch, customer_id=place.customer_id, id=place.id, updated_at=updated_at)
