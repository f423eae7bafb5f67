"""Who calls for help in a store."""

from datetime import datetime
from pathlib import Path

from server.access.callers import Caller
from server.calls.rules import WAITS, first_name
from server.db import sql
from server.db.engine import Connection
from server.wire.base import timestamp
from server.wire.calls import HelpCall
from server.wire.problems import ProblemError

SQL = sql.load(Path(__file__).parent)


def waiting_here(conn: Connection, caller: Caller, now: datetime) -> tuple[HelpCall, ...]:
    """Calls of a caller's store that nobody answered so far, the first one first."""
    rows = conn.all(SQL.waiting_in, store=caller.store, since=timestamp(now - WAITS))
    return tuple(
        HelpCall(call_id=id_, kiosk=name, about=about, called_at=called_at) for id_, name, about, called_at in rows
    )


def required(conn: Connection, caller: Caller, call_id: int, now: datetime) -> HelpCall:
    """A call of a caller's store, whether somebody answered it or it still waits.

    Raises:
        ProblemError: there is none.
    """
    row = conn.one(SQL.call, id=call_id)
    if row is not None:
        kiosk, store, about, called_at, ended_at, name = row
        waits = ended_at is None and called_at > timestamp(now - WAITS)
        if store == caller.store and (waits or name is not None):
            by = None if name is None else first_name(name)
            return HelpCall(call_id=call_id, kiosk=kiosk, about=about, called_at=called_at, answered_by=by)
    raise ProblemError("unknown_call", "Nobody waits there any more. List again who calls.")
