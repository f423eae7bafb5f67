"""Writing events; called by the actions of every slice."""

from datetime import datetime
from functools import lru_cache

import msgspec

from server.db.engine import Connection
from server.events.queries import SQL
from server.wire.base import timestamp
from server.wire.events import Event

_encoder = msgspec.json.Encoder()


def record(
    conn: Connection, event: Event, now: datetime, *, customer_id: int | None = None, store: str | None = None
) -> None:
    """Write down an event; it counts once the transaction it is written in does."""
    row = {"at": _at(now), "customer_id": customer_id, "store": store, "body": _encoder.encode(event).decode()}
    conn.run_late(SQL.add, row)


def settle(conn: Connection, limit: int = 10_000) -> int:
    """Give events that are committed their numbers for good, in an order that readers can follow; how many it were.

    On PostgreSQL writers work side by side, and one that began earlier may commit later. What they write is therefore
    read only once it was moved, by one hand at a time: a number that is seen is larger than all that were seen before.
    Nought may also mean that somebody else is at it.
    """
    return conn.run(SQL.settle, limit=limit)


@lru_cache(maxsize=1)
def _at(now: datetime) -> str:
    """The events of a transaction have one time."""
    return timestamp(now)
