"""Which server takes the catalogue in a night, and what became of it: a row a night, over all servers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from server.catalog.alarms import raise_alarm
from server.catalog.queries import SQL
from server.catalog.rules import LATE, Night, next_try
from server.db.engine import Connection
from server.wire.base import timestamp
from server.wire.catalog import NightAlarm, NightAlarmData, SyncRun

LEASE = timedelta(minutes=3)
"""A server that was not heard of for so long has left its night: another takes it."""
LONG_ENOUGH = 300
"""Characters of a reason."""

Kind = Literal["missed", "failed", "held"]
_TYPES: Mapping[Kind, Literal["catalog.night_missed", "catalog.night_failed", "catalog.night_held"]] = {
    "missed": "catalog.night_missed",
    "failed": "catalog.night_failed",
    "held": "catalog.night_held",
}


class LostError(Exception):
    """Another server has taken the night over."""


class Plan(NamedTuple):
    """What is taken each night: whose it is, and the feed as people call it."""

    source: str
    feed: str


def is_open(conn: Connection, night: Night, now: datetime) -> bool:
    """Whether a night may be taken now."""
    row = conn.one(SQL.night, night=night.date)
    return row is None or (row[0] in ("running", "waiting") and row[2] <= timestamp(now))


def take(conn: Connection, night: Night, plan: Plan, holder: str, now: datetime) -> int | None:
    """Take a night: which try this is, or None where another server has it, or it is over.

    One that no server saw in time is told, and taken all the same.
    """
    first = conn.one(SQL.night, night=night.date) is None
    late = first and now - night.due_at > LATE
    before = conn.one(SQL.last_night) if late else None
    mine = {"night": night.date, "due_at": timestamp(night.due_at), "holder": holder, "now": timestamp(now)}
    if not conn.run(SQL.take_night, **mine, until=timestamp(now + LEASE)):
        return None
    if late and before is None:
        # Nights are kept since just now: the one that has passed was never asked for.
        note(conn, night, holder, "done", now, "the next night is the first")
        return None
    if late:
        detail = f"no server ran at its time; the night before that was taken is {before[0] if before else ''}"
        raise_alarm(conn, alarm("missed", night, plan, 0, detail, now))
    row = conn.one(SQL.night, night=night.date)
    assert row is not None
    tries: int = row[3]
    return tries


def note(conn: Connection, night: Night, holder: str, state: str, until: datetime, detail: str | None = None) -> None:
    """Keep how far a night is.

    Raises:
        LostError: another server has taken it over.
    """
    if not conn.run(
        SQL.note_night, night=night.date, holder=holder, state=state, until=timestamp(until), detail=detail
    ):
        raise LostError


def ended(
    conn: Connection, night: Night, plan: Plan, holder: str, tries: int, end: SyncRun | str, now: datetime
) -> str:
    """Keep how a try ended, by its run or by why there was none: the night is done, held, failed, or tried again.

    Raises:
        LostError: another server has taken it over.
    """
    if isinstance(end, SyncRun) and end.state == "done":
        note(conn, night, holder, "done", now, end.detail)
        return "done"
    detail, run = (end, None) if isinstance(end, str) else (end.detail or f"run {end.id} {end.state}", end.id)
    if isinstance(end, SyncRun) and end.state == "held":
        note(conn, night, holder, "held", now, detail)
        raise_alarm(conn, alarm("held", night, plan, tries, detail, now, run))
        return "held"
    wait = next_try(tries)
    if wait is not None:
        note(conn, night, holder, "waiting", now + wait, detail)
        return "waiting"
    note(conn, night, holder, "failed", now, detail)
    raise_alarm(conn, alarm("failed", night, plan, tries, detail, now, run))
    return "failed"


def alarm(
    kind: Kind, night: Night, plan: Plan, tries: int, detail: str, now: datetime, run: int | None = None
) -> NightAlarm:
    """What is told of a night."""
    return NightAlarm(
        type=_TYPES[kind],
        timestamp=timestamp(now),
        data=NightAlarmData(
            night=night.date,
            due_at=timestamp(night.due_at),
            source=plan.source,
            feed=plan.feed,
            tries=tries,
            detail=detail[:LONG_ENOUGH],
            run=run,
        ),
    )
