"""Nothing is kept longer than the settings say: what is over its time is removed, in batches that nobody waits for.

Each table is read from end to end beside everything else, and only what is over its time is written, some rows at a
time. So it needs no index by time, which every import would pay for.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec
import structlog

from server.audit import actions as audit
from server.audit import queries as audit_queries
from server.audit.actions import AmissError
from server.carts import actions as carts
from server.clock import Clock
from server.customers import actions as customers
from server.customers import queries as customer_queries
from server.customers.rules import ContactRules
from server.db.engine import Connection, Database, Row
from server.db.sql import Query
from server.events import actions as events
from server.orders.queries import NOBODY
from server.privacy.actions import erase
from server.privacy.queries import SQL
from server.privacy.rules import kept_from
from server.settings import Retention
from server.statements.queries import Snapshots
from server.statements.rules import unpack_times
from server.wire.base import timestamp
from server.wire.events import RecordRemoved
from server.wire.privacy import RetentionReport

READ_AT_ONCE = 2_000
LEASE = timedelta(minutes=10)
"""A run that was not heard of for so long was left by its server: another takes it over."""

LOOKS = "looks"
_log = structlog.get_logger()
_counts = msgspec.json.Decoder(dict[str, int])


class LostError(Exception):
    """Another server has taken a run over."""


class _Step(NamedTuple):
    """How one kind of thing is gone through, and removed.

    `after` gives keys and, as the last column, times, in the order of keys; `first` is before every key.
    `drop(conn, keys, before, rules, now)` says how many it removed; `at_once` keys share a transaction.
    """

    name: str
    after: Query
    first: Mapping[str, Any]
    drop: "_Drop"
    at_once: int


_Drop = Callable[[Connection, Sequence[Row], str, ContactRules, datetime], int]


class _Run(NamedTuple):
    """A run that is under way, and whose it is."""

    id: int
    holder: str


async def run_retention(
    database: Database,
    retention: Retention,
    rules: ContactRules,
    audit_key: bytes,
    clock: Clock,
    *,
    night: str | None = None,
    dry_run: bool = False,
) -> RetentionReport | None:
    """Remove what is over its time; None where another server does it, or did.

    Args:
        database: where.
        retention: how long things are kept.
        rules: what is a contact here.
        audit_key: of the record of looks.
        clock: the time; what is over its time is decided by when it begins.
        night: the night that it is done for, once over all servers; None: by hand.
        dry_run: count, and remove nothing.
    """
    began = clock()
    run = None
    if not dry_run:
        run = await database.write(_begin, uuid4().hex, night, began)
        if run is None:
            return None
    removed: Counter[str] = Counter()
    for step in _STEPS:
        before = kept_from(getattr(retention, step.name), began)
        if before is not None:
            removed[step.name] += await _go_through(database, step, before, rules, run, clock)
    before = kept_from(retention.looks, began)
    if before is not None:
        removed[LOOKS] += await _cut_looks(database, audit_key, before, run, clock)
    ended = clock()
    if run is not None:
        await database.write(_note, run, {}, ended, ended=True)
    names = [step.name for step in _STEPS]
    return RetentionReport(
        started_at=timestamp(began),
        ended_at=timestamp(ended),
        dry_run=dry_run,
        kept_days={name: getattr(retention, name) for name in (*names, LOOKS)},
        removed={name: removed[name] for name in (*names, LOOKS)},
    )


async def _go_through(
    database: Database, step: _Step, before: str, rules: ContactRules, run: _Run | None, clock: Clock
) -> int:
    """Go through all of one kind; how many were removed, or would be."""
    removed = 0
    place = dict(step.first)
    while True:
        rows = await database.read_aside(_chunk, step, place)
        over = [row[:-1] for row in rows if row[-1] and row[-1] < before]
        if run is None:
            removed += len(over)
        else:
            for start in range(0, len(over), step.at_once):
                keys = over[start : start + step.at_once]
                removed += await database.write(_remove, step, keys, before, rules, run, clock())
        if len(rows) < READ_AT_ONCE:
            return removed
        place = dict(zip(place, rows[-1], strict=False))


async def _cut_looks(database: Database, key: bytes, before: str, run: _Run | None, clock: Clock) -> int:
    """Cut off the beginnings of all chains of the audit that are over their time; how many rows went, or would."""
    removed = 0
    for chain_id in await database.read_aside(_chains_begun, before):
        if run is None:
            removed += await database.read_aside(_count_older, chain_id, before)
            continue
        try:
            while went := await database.write(_cut, key, chain_id, before, run, clock()):
                removed += went
        except AmissError:
            _log.error("looks_stay_that_are_not_as_they_were_written", chain=chain_id)
    return removed


def _chains_begun(conn: Connection, before: str) -> list[str]:
    return [id_ for id_ in audit_queries.chains_of_rows(conn) if audit_queries.older(conn, id_, before, 1)]


def _count_older(conn: Connection, chain_id: str, before: str) -> int:
    return sum(1 for _ in takewhile(lambda row: row.at < before, audit_queries.links(conn, chain_id)))


def _cut(conn: Connection, key: bytes, chain_id: str, before: str, run: _Run, now: datetime) -> int:
    removed = audit.cut(conn, key, chain_id, before)
    _note(conn, run, {LOOKS: removed}, now)
    return removed


def _chunk(conn: Connection, step: _Step, place: Mapping[str, Any]) -> list[Row]:
    rows = conn.all(step.after, **place, limit=READ_AT_ONCE)
    if step.name != "customers":
        return rows
    return [(id_, _last_activity(conn, id_, times)) for id_, times in rows]


def _remove(
    conn: Connection, step: _Step, keys: Sequence[Row], before: str, rules: ContactRules, run: _Run, now: datetime
) -> int:
    removed = step.drop(conn, keys, before, rules, now)
    _note(conn, run, {step.name: removed}, now)
    return removed


def _begin(conn: Connection, holder: str, night: str | None, now: datetime) -> _Run | None:
    mine = {"holder": holder, "held_until": timestamp(now + LEASE), "started_at": timestamp(now)}
    if night is None:
        row = conn.one(SQL.add_run, **mine)
    elif conn.run(SQL.take_night, night=night, **mine):
        row = conn.one(SQL.run_of_night, night=night)
    else:
        return None
    assert row is not None
    return _Run(row[0], holder)


def _note(conn: Connection, run: _Run, more: Mapping[str, int], now: datetime, *, ended: bool = False) -> None:
    """Keep what was removed so far; in the transaction that removes it.

    Raises:
        LostError: the run is another server's by now; nothing is removed.
    """
    row = conn.one(SQL.removed_so_far, id=run.id, holder=run.holder)
    if row is None:
        raise LostError
    removed = Counter(_counts.decode(row[0])) + Counter(more)
    conn.run(
        SQL.note_run,
        id=run.id,
        holder=run.holder,
        held_until=timestamp(now + LEASE),
        removed=msgspec.json.encode(dict(removed)).decode(),
        ended_at=timestamp(now) if ended else None,
    )


def _drop_views(conn: Connection, keys: Sequence[Row], before: str, rules: ContactRules, now: datetime) -> int:
    del before, rules, now  # when it was looked at is part of its key
    removed = sum(
        conn.run(SQL.drop_view, customer_id=customer_id, viewed_at=at, sku=sku, source=source)
        for customer_id, at, sku, source in keys
    )
    _prune(conn, {customer_id for customer_id, *_ in keys})
    return removed


def _drop_carts(conn: Connection, keys: Sequence[Row], before: str, rules: ContactRules, now: datetime) -> int:
    del rules
    snapshots = Snapshots(conn)
    removed = 0
    for owner, id_ in keys:
        found = conn.one(SQL.cart, customer_id=owner, id=id_, before=before)
        if found is None:
            continue
        source, external_id = found
        customer_id = None if owner == NOBODY else owner
        carts.remove_cart(conn, carts.Place(customer_id, id_))
        known = snapshots.find(("cart", source, external_id))
        if known is not None:
            # That it was there stays known: the same file again does not bring it back.
            snapshots.hold(("cart", source, external_id), known._replace(row_id=None, customer_id=None))
        customers.release_reference(conn, None, ("cart", source, external_id))
        events.record(conn, RecordRemoved(kind="cart", id=id_), now, customer_id=customer_id)
        removed += 1
    _prune(conn, {owner for owner, _ in keys})
    return removed


def _drop_notes(conn: Connection, keys: Sequence[Row], before: str, rules: ContactRules, now: datetime) -> int:
    del before, rules, now  # a note is never written anew
    removed = sum(conn.run(SQL.drop_note, customer_id=customer_id, id=id_) for customer_id, id_ in keys)
    _prune(conn, {customer_id for customer_id, _ in keys})
    return removed


def _drop_keys(conn: Connection, keys: Sequence[Row], before: str, rules: ContactRules, now: datetime) -> int:
    del before, rules, now  # a key is taken once
    return sum(conn.run(SQL.drop_key, caller=caller, key=key) for caller, key in keys)


def _drop_refused(conn: Connection, keys: Sequence[Row], before: str, rules: ContactRules, now: datetime) -> int:
    del rules, now
    return sum(conn.run(SQL.drop_old_refused, id=id_, before=before) for (id_,) in keys)


def _drop_events(conn: Connection, keys: Sequence[Row], before: str, rules: ContactRules, now: datetime) -> int:
    del before, rules, now  # what happened stays as it was
    return sum(conn.run(SQL.drop_event, id=id_) for (id_,) in keys)


def _drop_handoffs(conn: Connection, keys: Sequence[Row], before: str, rules: ContactRules, now: datetime) -> int:
    del before, rules, now  # what is over stays over
    return sum(conn.run(SQL.drop_handoff, id=id_) for (id_,) in keys)


def _drop_customers(conn: Connection, keys: Sequence[Row], before: str, rules: ContactRules, now: datetime) -> int:
    removed = 0
    for (id_,) in keys:
        person = customer_queries.person(conn, id_)
        latest = [_last_activity(conn, customer.id, customer.field_times) for customer in person]
        if person and max(latest) < before:
            # Nobody asked to be forgotten: whoever buys again is welcome.
            erase(conn, id_, rules, now, for_good=False)
            removed += len(person)
    return removed


def _last_activity(conn: Connection, customer_id: int, field_times: str) -> str:
    """When somebody said or did something last; empty where nothing tells."""
    row = conn.one(SQL.last_activity, customer_id=customer_id)
    assert row is not None
    return max(row[0] or "", *unpack_times(field_times).values(), "")


def _prune(conn: Connection, customer_ids: set[int]) -> None:
    conn.flush()
    for id_ in sorted(customer_ids - {NOBODY}):
        customers.prune(conn, id_)


_STEPS = (
    _Step(
        "views", SQL.views_after, {"customer_id": 0, "viewed_at": "", "sku": "", "source": ""}, _drop_views, at_once=100
    ),
    _Step("carts", SQL.carts_after, {"customer_id": -1, "id": 0}, _drop_carts, at_once=25),
    _Step("notes", SQL.notes_after, {"customer_id": 0, "id": 0}, _drop_notes, at_once=100),
    _Step("idempotency_keys", SQL.keys_after, {"caller": "", "key": ""}, _drop_keys, at_once=100),
    _Step("refused_records", SQL.refused_times_after, {"id": 0}, _drop_refused, at_once=100),
    _Step("events", SQL.events_after, {"id": 0}, _drop_events, at_once=200),
    _Step("handoffs", SQL.handoffs_after, {"id": 0}, _drop_handoffs, at_once=100),
    _Step("customers", SQL.customers_after, {"id": 0}, _drop_customers, at_once=1),
)
