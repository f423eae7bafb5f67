"""Reading on from an event."""

from pathlib import Path
from typing import NamedTuple

import msgspec

from server.db import sql
from server.db.engine import Connection
from server.wire.events import Event

SQL = sql.load(Path(__file__).parent)
_decoder = msgspec.json.Decoder(Event)


class Happened(NamedTuple):
    """An event with its number, time and whom and which store it is about."""

    id: int
    at: str
    customer_id: int | None
    store: str | None
    event: Event


def after(conn: Connection, id_: int, limit: int = 1000) -> list[Happened]:
    """The events that follow one, oldest first."""
    rows = conn.all(SQL.after, id=id_, limit=limit)
    return [Happened(number, at, customer, store, _decoder.decode(body)) for number, at, customer, store, body in rows]


def unsettled(conn: Connection) -> bool:
    """Whether an event waits for its number for good; see `events.actions.settle`."""
    return conn.one(SQL.unsettled) is not None
