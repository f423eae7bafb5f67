"""Keeping wish lists as their shops show them."""

from datetime import datetime

from server.db.engine import Connection
from server.events import actions as events
from server.wire.base import timestamp
from server.wire.events import WishListChanged
from server.wire.records import WishListRecord
from server.wishlists.queries import SQL


def put_wishlist(
    conn: Connection, record: WishListRecord, wishlist_id: int | None, customer_id: int, now: datetime
) -> int:
    """Write a snapshot of a wish list in place of the one before; returns its id."""
    values = {"customer_id": customer_id, "name": record.name, "updated_at": timestamp(record.updated_at)}
    if wishlist_id is None:
        added = conn.one(SQL.add, source=record.source, external_id=record.external_id, **values)
        assert added is not None
        wishlist_id = added[0]
    else:
        conn.run(SQL.set, id=wishlist_id, **values)
        conn.run(SQL.clear_items, wishlist_id=wishlist_id)
    conn.run_many(
        SQL.add_item,
        [
            {"wishlist_id": wishlist_id, "position": position, "sku": item.sku, "added_at": timestamp(item.added_at)}
            for position, item in enumerate(record.items)
        ],
    )
    events.record(conn, WishListChanged(wishlist_id=wishlist_id), now, customer_id=customer_id)
    return wishlist_id


def remove_wishlist(conn: Connection, wishlist_id: int) -> None:
    """Take a wish list and its wishes away."""
    conn.run(SQL.clear_items, wishlist_id=wishlist_id)
    conn.run(SQL.remove, id=wishlist_id)


def touch_wishlist(conn: Connection, wishlist_id: int, updated_at: str) -> None:
    """The shop showed the same wish list again, later."""
    conn.run(SQL.touch, id=wishlist_id, updated_at=updated_at)
