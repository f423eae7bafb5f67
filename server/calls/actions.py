"""Somebody at a kiosk calls for help, and somebody who works there comes."""

from datetime import datetime

from msgspec.structs import replace

from server.access import queries as access
from server.access.callers import Caller
from server.calls import queries, rules
from server.calls.queries import SQL
from server.db.engine import Connection
from server.events import actions as events
from server.wire.base import timestamp
from server.wire.calls import HelpCall, NewHelpCall
from server.wire.events import HelpAnswered, HelpCalled


def call(conn: Connection, caller: Caller, wanted: NewHelpCall, now: datetime) -> HelpCall:
    """Call somebody to a kiosk, and tell the tablets of its store; who called already waits for the same person."""
    at = timestamp(now)
    conn.run(SQL.forget, before=timestamp(now - rules.KEPT))
    conn.run(SQL.end_overdue, device_id=caller.device_id, before=timestamp(now - rules.WAITS), at=at)
    row = conn.one(SQL.add, device_id=caller.device_id, store=caller.store, about=wanted.about, at=at)
    waits = row or conn.one(SQL.waiting_of, device_id=caller.device_id)
    assert waits is not None
    called = queries.required(conn, caller, waits[0], now)
    if row is not None:
        told = HelpCalled(call_id=called.call_id, kiosk=called.kiosk, about=called.about)
        events.record(conn, told, now, store=caller.store)
    return called


def answer(conn: Connection, caller: Caller, call_id: int, now: datetime) -> HelpCall:
    """Somebody says that they are on the way, and the kiosk says who; if somebody else is, they are told.

    Raises:
        ProblemError: nobody waits there.
    """
    called = queries.required(conn, caller, call_id, now)
    if called.answered_by is not None:
        return called
    assert caller.staff_id is not None
    member = access.staff(conn, caller.staff_id)
    assert member is not None
    conn.run(SQL.answer, id=call_id, staff_id=member.id, at=timestamp(now))
    by = rules.first_name(member.name)
    events.record(conn, HelpAnswered(call_id=call_id, by=by), now, store=caller.store)
    return replace(called, answered_by=by)
