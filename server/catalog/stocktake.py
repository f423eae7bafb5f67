"""Taking a snapshot of stock: all that one store has, or several, as it was at one time.

Every article in every store is a fact of its own, so what a snapshot changes counts as it is written, in short
transactions. What is as it was known is not written: once the snapshot is complete, one row says of its store that all
of it was so at that time. A program that is killed in between leaves facts that are true; sent again, it goes on.

Whatever order things come in, the newest statement of an article counts, a snapshot being one of every article in its
store: those it does not name are not there.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from typing import BinaryIO, NamedTuple
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from server.catalog import queries
from server.catalog.feeds.shape import FeedError
from server.catalog.feeds.stock import StockRow, UnreadRow, stock_rows
from server.catalog.queries import SQL
from server.catalog.rules import looks_cut_off
from server.catalog.staging import file_aside
from server.catalog.writing import Pace
from server.db.engine import Connection, Database
from server.events import actions as events
from server.statements.rules import CLOCK_TOLERANCE
from server.wire.base import timestamp
from server.wire.catalog import RefusedRow, StockReport, StoreCount
from server.wire.events import StockCounted
from server.wire.problems import ProblemError

AT_ONCE = 2_000
"""Rows that are read at a time."""
REFUSALS_TOLD = 1_000
"""Refused rows that the report shows."""

Clock = Callable[[], datetime]
Tell = Callable[[str, int, int | None], None]
"""Told what is done, and how much of how much."""

_encode = msgspec.json.Encoder().encode


class StockOrder(NamedTuple):
    """What is to be done.

    Attributes:
        source: who says so.
        as_of: when it was true.
        store: the store that is counted, where rows name none.
        accept: take it also where it looks cut off.
    """

    source: str
    as_of: datetime
    store: str | None = None
    accept: bool = False


class OvertakenError(Exception):
    """Another snapshot of the store was begun meanwhile."""


class _Known(NamedTuple):
    """What is known of an article in a store."""

    sku: str
    quantity: int
    updated_at: str
    source: str


def quietly(_doing: str, _done: int, _all: int | None) -> None:
    """Tell nobody how far it is."""


def load_stock(
    database: Database, file: BinaryIO, order: StockOrder, clock: Clock, tell: Tell = quietly
) -> StockReport:
    """Take a snapshot.

    Args:
        database: where it goes.
        file: the snapshot, plain or gzip, see `feeds.stock`.
        order: what is to be done.
        clock: the time.
        tell: told how far it is.

    Raises:
        FeedError: it is none, or cannot be read to its end; nothing of it was taken.
        ProblemError: it looks cut off, or is of a time to come; nothing of it was taken.
    """
    if order.as_of > clock() + CLOCK_TOLERANCE:
        raise ProblemError(
            "invalid_field", f"{timestamp(order.as_of)} is in the future: look at the clock there.", path="as_of"
        )
    with closing(_Staged()) as staged:
        report = _read(staged, file, order, tell)
        stores = staged.stores()
        if not stores:
            raise FeedError("there is no row in it that can be taken: nothing was counted")
        if not order.accept:
            for store in stores:
                _require_whole(database, staged, store, order)
        counts = tuple(_Store(database, staged, store, order, clock).count(tell) for store in stores)
    return replace(report, stores=counts)


def _read(staged: "_Staged", file: BinaryIO, order: StockOrder, tell: Tell) -> StockReport:
    """Keep the rows aside, and tell of those that cannot be taken."""
    rows = count = 0
    refused: list[UnreadRow] = []
    for row in stock_rows(file, order.store):
        rows += 1
        if isinstance(row, UnreadRow):
            count += 1
            if row.store is not None and row.sku is not None:
                staged.refuse(row.store, row.sku)
            if len(refused) < REFUSALS_TOLD:
                refused.append(row)
        else:
            staged.add(row)
        if not rows % AT_ONCE:
            tell("reading", rows, None)
    doubled = staged.end()
    refused = sorted([*refused, *doubled], key=lambda row: row.line)[:REFUSALS_TOLD]
    return StockReport(
        source=order.source,
        as_of=timestamp(order.as_of),
        stores=(),
        rows=rows,
        refused=count + staged.count_doubled,
        refusals=tuple(
            RefusedRow(line=row.line, field=row.field, value=row.value[:200], rule=row.rule) for row in refused
        ),
    )


def _require_whole(database: Database, staged: "_Staged", store: str, order: StockOrder) -> None:
    """Look whether a snapshot names most of what the store has.

    Raises:
        ProblemError: it does not.
    """
    at = timestamp(order.as_of)
    count = database.read_now(queries.count_of, store)
    if count is not None and count.stated_at > at:
        return
    had = not_named = 0
    for known, named in staged.beside(store, _known_of(database, store)):
        if known is not None and known.quantity > 0 and known.updated_at <= at:
            had += 1
            not_named += named is None and not staged.is_refused(store, known.sku)
    reason = looks_cut_off(store, had, not_named)
    if reason is not None:
        raise ProblemError("snapshot_held", f"{reason}. If that is right, send it again and accept it.")


class _Store:
    """One store of a snapshot."""

    def __init__(self, database: Database, staged: "_Staged", store: str, order: StockOrder, clock: Clock) -> None:
        self._database = database
        self._staged = staged
        self._store = store
        self._source = order.source
        self._at = timestamp(order.as_of)
        self._clock = clock
        self._holder = uuid4().hex
        # Of an article whose row was refused nothing is known: then each of the others says itself how old it is.
        self._whole = not staged.any_refused(store)
        self._counted_at = ""
        self._count = StoreCount(store=store, state="counted")
        self._pace = Pace()
        self._waiting: list[tuple[str, int]] = []

    def count(self, tell: Tell) -> StoreCount:
        """Take what is known and what is named side by side, and write what differs."""
        begun = self._database.write_now(_begin, self._store, self._source, self._holder, self._at)
        if begun is None:
            return StoreCount(store=self._store, state="older")
        self._counted_at = begun
        all_, done = self._staged.count_of(self._store), 0
        tell(self._store, 0, all_)
        try:
            for known, named in self._staged.beside(self._store, _known_of(self._database, self._store)):
                self._compare(known, named)
                if named is not None:
                    done += 1
                    if not done % AT_ONCE:
                        tell(self._store, done, all_)
                if len(self._waiting) >= self._pace.rows:
                    self._write()
            self._write()
            self._database.write_now(
                _end, self._store, self._holder, self._source, self._at, self._count, self._clock(), whole=self._whole
            )
        except OvertakenError:
            return StoreCount(store=self._store, state="older")
        return self._count

    def _compare(self, known: _Known | None, named: tuple[str, int] | None) -> None:
        count = self._count
        sku, quantity = named if named is not None else (known.sku if known is not None else "", 0)
        if named is None and self._staged.is_refused(self._store, sku):
            return
        held = known or _Known(sku, 0, "", "")
        held_at = max(held.updated_at, self._counted_at)
        if held_at > self._at or (held_at == self._at and held.quantity > quantity):
            if named is not None:
                self._count = replace(count, newer=count.newer + 1)
            return
        if quantity == held.quantity:
            if named is not None:
                self._count = replace(count, unchanged=count.unchanged + 1)
            # What the count as a whole says of it need not be written.
            if not self._whole and held_at < self._at:
                self._waiting.append((sku, quantity))
            return
        self._count = (
            replace(count, gone=count.gone + 1) if named is None else replace(count, changed=count.changed + 1)
        )
        self._waiting.append((sku, quantity))

    def _write(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        began = time.monotonic()
        self._database.write_now(_put, self._store, self._holder, _encode(waiting).decode(), self._at, self._source)
        self._pace.took(time.monotonic() - began)


class _Staged:
    """The rows of a snapshot, in a file of its own that no one else sees, see `staging`."""

    def __init__(self) -> None:
        self._raw = file_aside()
        self._raw.execute(
            "CREATE TABLE rows (store TEXT, sku TEXT, quantity INTEGER, line INTEGER, PRIMARY KEY (store, sku))"
            " WITHOUT ROWID"
        )
        self._raw.execute("CREATE TABLE refused (store TEXT, sku TEXT, PRIMARY KEY (store, sku)) WITHOUT ROWID")
        self._raw.execute("BEGIN")
        self._waiting: list[tuple[str, str, int, int]] = []
        self._doubled: list[UnreadRow] = []
        self.count_doubled = 0
        self._any_refused: set[str] = set()

    def close(self) -> None:
        self._raw.close()

    def add(self, row: StockRow) -> None:
        self._waiting.append((row.store, row.sku, row.quantity, row.line))
        if len(self._waiting) >= AT_ONCE:
            self._keep()

    def refuse(self, store: str, sku: str) -> None:
        """Know that nothing is known of an article."""
        self._any_refused.add(store)
        self._raw.execute("INSERT OR IGNORE INTO refused VALUES (?, ?)", (store, sku))

    def end(self) -> list[UnreadRow]:
        """Every row is here; those whose article stands in an earlier line are told."""
        self._keep()
        # What one line says of an article counts, though another could not be taken.
        self._raw.execute("DELETE FROM refused WHERE (store, sku) IN (SELECT store, sku FROM rows)")
        self._any_refused = {store for (store,) in self._raw.execute("SELECT DISTINCT store FROM refused")}
        return self._doubled

    def stores(self) -> list[str]:
        return [store for (store,) in self._raw.execute("SELECT DISTINCT store FROM rows ORDER BY store").fetchall()]

    def count_of(self, store: str) -> int:
        found: int = self._raw.execute("SELECT count(*) FROM rows WHERE store = ?", (store,)).fetchone()[0]
        return found

    def any_refused(self, store: str) -> bool:
        return store in self._any_refused

    def is_refused(self, store: str, sku: str) -> bool:
        return store in self._any_refused and (
            self._raw.execute("SELECT 1 FROM refused WHERE store = ? AND sku = ?", (store, sku)).fetchone() is not None
        )

    def beside(self, store: str, known: Iterator[_Known]) -> Iterator[tuple[_Known | None, tuple[str, int] | None]]:
        """Each article that is known or named, in their order by bytes, which is that of both."""
        named = self._raw.execute("SELECT sku, quantity FROM rows WHERE store = ? ORDER BY sku", (store,))
        left, right = next(known, None), next(named, None)
        while left is not None or right is not None:
            # Text in UTF-8 has the order of its code points.
            if right is None or (left is not None and left.sku < right[0]):
                yield left, None
                left = next(known, None)
            elif left is None or right[0] < left.sku:
                yield None, right
                right = next(named, None)
            else:
                yield left, right
                left, right = next(known, None), next(named, None)

    def _keep(self) -> None:
        waiting, self._waiting = self._waiting, []
        before = self._raw.total_changes()
        self._raw.executemany("INSERT OR IGNORE INTO rows VALUES (?, ?, ?, ?)", waiting)
        if self._raw.total_changes() - before == len(waiting):
            return
        for store, sku, _, line in waiting:
            first = self._raw.execute("SELECT line FROM rows WHERE store = ? AND sku = ?", (store, sku)).fetchone()[0]
            if first != line:
                rule = f"this article of {store} stands in line {first} already"
                self.count_doubled += 1
                if len(self._doubled) < REFUSALS_TOLD:
                    self._doubled.append(UnreadRow(line, "sku", sku, rule, store, sku))


def _known_of(database: Database, store: str) -> Iterator[_Known]:
    """All that is known of a store, some articles at a time."""
    after = ""
    while found := database.read_now(_page, store, after):
        yield from found
        after = found[-1].sku


def _page(conn: Connection, store: str, after: str) -> list[_Known]:
    return [_Known(*row) for row in conn.all(SQL.stock_in, store=store, sku=after, limit=AT_ONCE)]


def _begin(conn: Connection, store: str, source: str, holder: str, at: str) -> str | None:
    """Begin; since when all is known of the store, or None where a newer snapshot was begun.

    From here on no single statement that is older changes anything, so what is read of the store stays as it is, or
    becomes newer than this.
    """
    count = queries.count_of(conn, store)
    if count is not None and count.stated_at > at:
        return None
    conn.run(SQL.begin_count, store=store, source=source, holder=holder, stated_at=at)
    return (count.counted_at or "") if count is not None else ""


def _put(conn: Connection, store: str, holder: str, rows: str, at: str, source: str) -> None:
    _require_held(conn, store, holder)
    conn.run(SQL.put_counted, rows=rows, store=store, updated_at=at, source=source)


def _end(
    conn: Connection, store: str, holder: str, source: str, at: str, count: StoreCount, now: datetime, *, whole: bool
) -> None:
    before = _require_held(conn, store, holder).counted_at
    if whole:
        conn.run(SQL.end_count, store=store, counted_at=at)
    changed = count.changed + count.gone
    if changed or (whole and before != at):
        events.record(conn, StockCounted(source=source, as_of=at, changed=changed), now, store=store)


def _require_held(conn: Connection, store: str, holder: str) -> queries.Count:
    count = queries.count_of(conn, store)
    if count is None or count.holder != holder:
        raise OvertakenError
    return count
