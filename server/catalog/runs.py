"""Runs of catalogue syncs: one at a time over all servers, each on record with what became of it."""

import os
import socket
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from server.catalog.queries import SQL
from server.db.engine import Connection
from server.wire.base import timestamp
from server.wire.catalog import RefusedRow, SyncRun
from server.wire.problems import ProblemError

LEASE = timedelta(minutes=2)
"""A run of another machine that was not heard of for so long died with it."""
REJECTS_OF_RUNS = 30
"""Runs whose refused rows are kept."""
REFUSALS_TOLD = 100
"""Refused rows that a run's own report shows; all are kept beside it, up to `REFUSALS_KEPT`."""
REFUSALS_KEPT = 100_000

_encode = msgspec.json.Encoder().encode
_run = msgspec.json.Decoder(SyncRun)


NOBODY = "- 0 -"
"""Who holds a run whose program is known to have ended."""


class TakenOverError(Exception):
    """Somebody else holds this run to be dead: nothing more may be written for it."""


@cache
def this_program() -> str:
    """Who holds a run: the machine, the process, and when that began, as numbers of processes come again."""
    return f"{socket.gethostname()} {os.getpid()} {_begun(os.getpid())}"


def begin(conn: Connection, source: str, feed: str, now: datetime) -> tuple[SyncRun, bool]:
    """Begin a run; the second answer says whether one before it may have left something behind.

    Raises:
        ProblemError: another is under way.
    """
    if (other := under_way(conn, now)) is not None:
        raise ProblemError(
            "sync_under_way",
            f"Run {other.id} takes {other.feed} for {other.source} since {other.began_at}. One is taken at a time: try "
            "again when it is done.",
        )
    run = SyncRun(id=0, source=source, feed=feed, state="running", began_at=timestamp(now), doing="reading")
    added = conn.one(
        SQL.add_run, source=source, feed=feed, holder=this_program(), heard_at=timestamp(now), report=_text(run)
    )
    assert added is not None
    run = replace(run, id=added[0])
    keep(conn, run, now)
    return run, conn.one(SQL.unshown) is not None


def under_way(conn: Connection, now: datetime) -> SyncRun | None:
    """The run that is under way, or None. Of one whose program has died it is said from now on that it did."""
    found = conn.one(SQL.running)
    if found is None:
        return None
    id_, holder, heard_at, report = found
    run = replace(_run.decode(report), id=id_)
    if not _is_dead(holder, heard_at, now):
        return run
    detail = "its program ended in the middle; the catalogue stayed as it was"
    keep(conn, replace(run, state="died", doing=None, ended_at=heard_at, detail=detail), now)
    return None


def hold(conn: Connection, run_id: int, now: datetime) -> tuple[SyncRun, bool]:
    """Go on with a run that another program of ours began for us; the second answer is that of `begin`.

    Raises:
        TakenOverError: it is over.
    """
    if not conn.run(SQL.hold_run, id=run_id, holder=this_program(), heard_at=timestamp(now)):
        raise TakenOverError
    run = run_of(conn, run_id)
    assert run is not None
    return run, conn.one(SQL.unshown) is not None


def keep(conn: Connection, run: SyncRun, now: datetime) -> None:
    """Keep how far a run is, or how it ended.

    Raises:
        TakenOverError: it is over already.
    """
    if not conn.run(SQL.set_run, id=run.id, state=run.state, heard_at=timestamp(now), report=_text(run)):
        raise TakenOverError


def run_of(conn: Connection, run_id: int) -> SyncRun | None:
    """A run, or None."""
    row = conn.one(SQL.run, id=run_id)
    return None if row is None else _shown(*row)


def end_if_running(conn: Connection, run_id: int, now: datetime) -> SyncRun | None:
    """Say of a run whose program has ended that it came to nothing, unless it said itself how it ended."""
    run = run_of(conn, run_id)
    if run is None or run.state != "running":
        return run
    # What it wrote and nobody saw is taken away by the next run: to that one it is a run that died.
    conn.run(SQL.hold_run, id=run_id, holder=NOBODY, heard_at=timestamp(now))
    return replace(run, state="died")


def latest(conn: Connection, limit: int) -> tuple[SyncRun, ...]:
    """The latest runs, the last one first."""
    return tuple(_shown(*row) for row in conn.all(SQL.runs, limit=limit))


def latest_run(conn: Connection) -> SyncRun | None:
    """The latest run without its lists, which may be long, or None."""
    return next((replace(run, preview=(), refusals=()) for run in latest(conn, 1)), None)


def keep_rejects(conn: Connection, run: SyncRun, first: int, rejects: Iterable[RefusedRow], now: datetime) -> None:
    """Keep rows that were refused, numbered from one on."""
    keep(conn, run, now)
    conn.run_many(SQL.add_reject, _numbered(run, first, rejects))


def rejects_of(conn: Connection, run_id: int, after: int, limit: int) -> tuple[tuple[int, RefusedRow], ...]:
    """Rows that a run refused, with their numbers, from one number on."""
    return tuple(
        (number, RefusedRow(line=line, field=field, value=value, rule=rule))
        for number, line, field, value, rule in conn.all(SQL.rejects, run_id=run_id, after=after, limit=limit)
    )


def add_pictures(
    conn: Connection, run_id: int, kept: int, refused: Sequence[RefusedRow], left: int | None = None
) -> SyncRun:
    """Tell of a run that is over that more of its pictures came, and of those that cannot be had.

    Args:
        conn: the transaction.
        run_id: whose they are.
        kept: how many came.
        refused: those that cannot be had.
        left: how many wait for the next time, once that is known.
    """
    run, last = run_of(conn, run_id), conn.one(SQL.last_reject, run_id=run_id)
    assert run is not None
    assert last is not None
    first, room = last[0] + 1, max(REFUSALS_KEPT - run.refused, 0)
    told = sorted((*run.refusals, *refused[: max(REFUSALS_TOLD - len(run.refusals), 0)]), key=lambda row: row.line)
    run = replace(
        run,
        pictures=run.pictures + kept,
        pictures_left=run.pictures_left if left is None else left,
        refused=run.refused + len(refused),
        refusals=tuple(told),
    )
    conn.run_many(SQL.add_reject, _numbered(run, first, refused[:room]))
    conn.run(SQL.set_report, id=run.id, report=_text(run))
    return run


def _numbered(run: SyncRun, first: int, rejects: Iterable[RefusedRow]) -> list[dict[str, Any]]:
    return [{"run_id": run.id, "number": first + n, **msgspec.structs.asdict(row)} for n, row in enumerate(rejects)]


def forget_rejects(conn: Connection, run_id: int, limit: int) -> int:
    """Let go of what runs long before this one refused; how many rows it were."""
    return conn.run(SQL.forget_rejects, run_id=run_id - REJECTS_OF_RUNS, limit=limit)


def _shown(report: str, state: str, holder: str) -> SyncRun:
    run = _run.decode(report)
    return replace(run, state="died", doing=None) if state == "running" and holder == NOBODY else run


def _text(run: SyncRun) -> str:
    return _encode(run).decode()


def _is_dead(holder: str, heard_at: str, now: datetime) -> bool:
    if holder == NOBODY:
        return True
    machine, process, begun = holder.split(" ")
    if machine == socket.gethostname():
        return _begun(int(process)) != begun
    return heard_at < timestamp(now - LEASE)


def _begun(process: int) -> str:
    """When a process of this machine began, in ticks since it started; nothing where there is none.

    Where the system does not tell, every process is as old as its number.
    """
    try:
        # The name, in parentheses, may hold anything; what follows are numbers.
        state, *numbers = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return "" if state in "ZX" else numbers[18]
    except (OSError, IndexError):
        pass
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return ""
    except OSError:
        pass
    return str(process)
