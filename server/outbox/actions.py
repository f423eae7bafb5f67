"""Keeping how far a shop was told: each of these counts only for the server that sends."""

from datetime import datetime

from server.db.engine import Connection
from server.outbox import queries, rules
from server.outbox.queries import SQL, Next
from server.wire.base import timestamp
from server.wire.problems import ProblemError


def begin(conn: Connection, source: str) -> None:
    """Tell a shop what happens from now on, unless it is told already."""
    conn.run(SQL.begin, source=source)


def take(conn: Connection, source: str, holder: str, now: datetime) -> bool:
    """Be the one that sends; whether that is so: another may be at it, or the shop is left alone for a while."""
    until = timestamp(now + rules.LEASE)
    return conn.run(SQL.take, source=source, holder=holder, now=timestamp(now), until=until) == 1


def went_on(conn: Connection, source: str, holder: str, position: int, now: datetime) -> bool:
    """A shop took what came up to an event, or need not know it; whether we still are the one that sends."""
    until = timestamp(now + rules.LEASE)
    return conn.run(SQL.go_on, source=source, holder=holder, position=position, until=until) == 1


def failed(conn: Connection, source: str, holder: str, tries: int, trouble: str, now: datetime) -> None:
    """A shop did not take what comes next: it is asked again later, by whichever server."""
    next_at = timestamp(now + rules.next_try(tries))
    told = {"tries": tries, "now": timestamp(now), "next_at": next_at, "trouble": trouble}
    conn.run(SQL.fail, source=source, holder=holder, **told)


def skip(conn: Connection, source: str) -> Next:
    """Do not tell a shop what comes next; what that was.

    Raises:
        ProblemError: nothing waits for this shop.
    """
    place = queries.place(conn, source)
    position = None if place is None else place.position
    while position is not None:
        found = queries.next_for(conn, source, position)
        if found.message is not None:
            conn.run(SQL.skip, source=source, position=found.position)
            return found
        position = None if found.position == position else found.position
    raise ProblemError("not_found", f"Nothing waits for {source}. See mostrador shops list.")
