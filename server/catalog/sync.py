"""Taking a whole feed: all of it comes into sight at once, or nothing does.

1. The feed is read (`reading`). A row that is known by its hash is as it was, whatever its place; all others are
   understood, and kept aside (`staging`). Of a source's first feed they are written at once (`fresh`).
2. Which products are touched is settled. A row that only amends its own article (`amending`) needs no other; of a
   product that is changed otherwise all rows are compared (`compare`).
3. Where much would be gone or cost much else, what would change is counted first: the brake may hold it.
4. What differs is written in short transactions, as rows of the next generation, which nobody sees (`writing`).
5. One row switches to that generation, in the transaction that says so on the live stream. What ended is swept away.

A program that is killed in between leaves rows that nobody sees; the next run takes them away before it begins.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from server.catalog import runs, words_index
from server.catalog.account import Account, Tell
from server.catalog.amending import Changed, amend
from server.catalog.compare import Feed, Tally, compare, compare_gone, next_generation
from server.catalog.feeds.formats import FormatName
from server.catalog.feeds.shape import Defaults, FeedError, FeedRow
from server.catalog.fresh import Fresh
from server.catalog.known import Known
from server.catalog.pictures import links
from server.catalog.queries import SQL
from server.catalog.reading import Reading
from server.catalog.rules import holds_back
from server.catalog.staging import Staging
from server.catalog.writing import Pace, Writing
from server.clock import Clock
from server.db.engine import Connection, Database
from server.events import actions as events
from server.wire.base import timestamp
from server.wire.catalog import SyncRun
from server.wire.events import CatalogChanged

T = TypeVar("T")

AT_ONCE = 2_000
"""Rows of the database that are read at a time."""


class Origin(NamedTuple):
    """Where a feed came from in the network, and what its server called it."""

    address: str | None = None
    etag: str | None = None
    last_modified: str | None = None


class SyncOrder(NamedTuple):
    """What is to be done.

    Attributes:
        source: whose products these are; a feed states all of them.
        feed: what the feed is called.
        format: what it is written in; None: look.
        currency: of a feed that says none.
        accept: take it also where the brake would hold it.
        dry_run: only say what would change.
        folder: where the feed's file lies; pictures with relative links lie there too.
        origin: where it came from.
    """

    source: str
    feed: str
    format: FormatName | None = None
    currency: str = "EUR"
    accept: bool = False
    dry_run: bool = False
    folder: Path | None = None
    origin: Origin = Origin()


def quietly(_run: SyncRun, _done: int, _all: int) -> None:
    """Tell nobody how far a run is."""


def sync_feed(
    database: Database, file: BinaryIO, order: SyncOrder, clock: Clock, tell: Tell = quietly, run_id: int | None = None
) -> SyncRun:
    """Take a feed.

    Args:
        database: where it goes.
        file: the feed, plain or gzip; it is read from its beginning, and maybe once more.
        order: what is to be done.
        clock: the time; the feed is true when the run begins.
        tell: told how far it is.
        run_id: the run, where somebody else began it.

    Raises:
        FeedError: it is no feed, or cannot be read; the catalogue stays as it was.
        ProblemError: another run is under way.
        TakenOverError: others held this run to be dead.
    """
    if run_id is None:
        run, left = database.write_now(runs.begin, order.source, order.feed, clock())
    else:
        run, left = database.write_now(runs.hold, run_id, clock())
    sync = _Sync(database, file, order, clock, tell, run)
    try:
        if left:
            sync.clean()
        return sync.run()
    except runs.TakenOverError:
        raise
    except BaseException as error:
        sync.give_up(str(error) if isinstance(error, FeedError) else f"it was stopped: {error or type(error).__name__}")
        raise
    finally:
        sync.close()


def sync_unmodified(database: Database, order: SyncOrder, clock: Clock) -> SyncRun:
    """Put on record that there was nothing to take: the feed's server says that it is the one that we have.

    Raises:
        ProblemError: another run is under way.
    """
    run, left = database.write_now(runs.begin, order.source, order.feed, clock())
    if left:
        with closing(_Sync(database, BytesIO(), order, clock, quietly, run)) as sync:
            sync.clean()
    detail = "its server says that it has not changed"
    run = replace(run, state="done", doing=None, ended_at=timestamp(clock()), detail=detail)
    database.write_now(runs.keep, run, clock())
    return run


def origin_of_source(conn: Connection, source: str) -> Origin:
    """Where the newest feed of a source came from."""
    found = conn.one(SQL.source, source=source)
    return Origin() if found is None else Origin(*found[2:])


class _Sync:
    def __init__(
        self, database: Database, file: BinaryIO, order: SyncOrder, clock: Clock, tell: Tell, run: SyncRun
    ) -> None:
        self._database = database
        self._order = order
        self._account = Account(database, run, clock, tell)
        words_index.fill(database)
        source, self._has_pictures, generation = database.write_now(_source, order.source)
        self._feed = Feed(order.source, source, run.began_at, generation)
        self._staging = Staging()
        self._writing = Writing(database, self._account, generation)
        defaults = Defaults(order.source, order.currency)
        self._reading = Reading(file, order.format, defaults, order.folder, self._account, self._staging)

    def close(self) -> None:
        self._staging.close()
        self._reading.close()

    def clean(self) -> None:
        self._writing.clean()

    def run(self) -> SyncRun:
        known = Known(self._database, self._feed.number)
        if known.count or self._order.dry_run:
            changed = Changed(self._database, self._feed, known, self._staging)
            self._reading.read(known, changed.take)
            changed.end()
            gone, jumps, fresh = self._settle(known), changed.jumps, 0
        else:
            new = Fresh(self._database, self._feed, self._writing, self._staging)
            self._reading.read(known, new.take)
            new.end()
            self._settle_fresh(new)
            gone, jumps, fresh = (), 0, new.count
        most_jumps = self._staging.count - self._staging.amends + jumps
        if self._order.dry_run or (
            not self._order.accept and holds_back(known.count, known.most_gone, most_jumps) is not None
        ):
            tally = self._over(gone, "comparing", write=False).plus(Tally(new=fresh))
            articles = known.count + tally.adopted
            reason = None if self._order.accept else holds_back(articles, tally.gone, tally.jumps)
            if self._order.dry_run or reason is not None:
                return self._end_aside(known, tally, reason)
        # Before the switch: who is killed after it would not come back to them.
        for some in self._staging.named():
            self._database.write_now(_want, self._account.run, some, self._account.clock())
        tally = self._over(gone, "writing", write=True).plus(Tally(new=fresh))
        self._account.flush()
        self._account.run = self._database.write_now(
            _switch,
            self._counted(known, tally),
            self._feed,
            self._order.origin,
            self._account.clock(),
            pictures=self._reading.pictures or self._has_pictures,
            changed=self._writing.began,
        )
        self._writing.sweep()
        return self._account.run

    def give_up(self, detail: str) -> None:
        """Say that the run came to nothing, and leave nothing behind."""
        account = self._account
        try:
            if self._writing.began:
                self.clean()
            account.flush()
            account.keep(
                replace(account.run, state="failed", doing=None, ended_at=timestamp(account.clock()), detail=detail)
            )
        except runs.TakenOverError:
            pass

    def _settle(self, known: Known) -> Sequence[int]:
        """Find the products of which more differs than a row, and keep all of their rows aside; those that are gone."""
        staging = self._staging
        self._refuse_doubled()
        if not known.count:
            staging.sort()
            staging.tally()
            return ()
        doubled = []
        left, touched = known.left, set(known.unsure)
        for kept in staging.known():
            row_hash, product_id, amends = kept.place
            # Its own row stands in the feed too, as it was: this one is a second with the same id.
            if row_hash not in left:
                doubled.append(kept)
            elif amends:
                left.amended(row_hash)
            else:
                touched.add(product_id)
        firsts = self._reading.lines_of({kept.place.row_hash for kept in doubled})
        for kept in doubled:
            self._refuse_second(kept.line, kept.sku, firsts[kept.place.row_hash])
        staging.drop(kept.id for kept in doubled)
        touched.update(left.products())
        staging.sort()
        touched.update(self._ids_aside())
        staging.touch(touched)
        wanted = {row_hash for row_hash in self._hashes_of(touched) if row_hash not in left}
        known.settle()
        self._reading.fetch(wanted, staging.add)
        staging.tally()
        return sorted(touched - self._ids_aside())

    def _settle_fresh(self, new: Fresh) -> None:
        """Keep all rows of those products aside that could not be written as they were read."""
        staging = self._staging
        self._refuse_doubled()
        doubled = []
        for rows in staging.skus():
            written = new.hashes_of([sku for _, sku, _ in rows])
            doubled += [(id_, sku, line, written[sku]) for id_, sku, line in rows if sku in written]
        firsts = self._reading.lines_of({row_hash for *_, row_hash in doubled})
        for _, sku, line, row_hash in doubled:
            self._refuse_second(line, sku, firsts[row_hash])
        staging.drop(id_ for id_, *_ in doubled)
        staging.sort()
        refused = {line for _, _, line, _ in doubled}

        def add_missing(line: int, row_hash: int | None, row: FeedRow) -> None:
            # With several rows to a piece, one of them may be here already.
            if line not in refused and not staging.holds((row.sku,)):
                staging.add(line, row_hash, row)
                new.count -= 1

        hashes, names = new.take_back()
        self._reading.fetch(hashes, add_missing)
        self._reading.fetch_products(names, add_missing)
        staging.tally()

    def _refuse_doubled(self) -> None:
        for doubled in self._staging.drop_doubled():
            self._refuse_second(doubled.line, doubled.sku, doubled.first)

    def _refuse_second(self, line: int, sku: str, first: int) -> None:
        self._account.refuse(line, "id", sku, f"this id stands in line {first} already")

    def _ids_aside(self) -> set[int]:
        """The numbers of the products whose rows are kept aside, of those that have one."""
        ids: set[int] = set()
        for names in self._staging.product_names():
            ids.update(self._database.read_now(_ids_of, self._order.source, names).values())
        return ids

    def _hashes_of(self, ids: Iterable[int]) -> Iterator[int]:
        for some in _parts(sorted(ids), AT_ONCE):
            yield from self._database.read_now(_hashes, some)

    def _over(self, gone: Sequence[int], doing: str, *, write: bool) -> Tally:
        """Go through every row that is kept aside, and the products that are gone."""
        staging, feed = self._staging, self._feed
        all_ = staging.count + len(gone)
        done, tally = 0, Tally()
        for groups, compared in (
            (staging.amended(), lambda conn, some, *, write: amend(conn, feed, some, write=write)),
            (staging.products(), lambda conn, some, *, write: compare(conn, feed, staging, some, write=write)),
            (
                ((id_, (id_,)) for id_ in gone),
                lambda conn, some, *, write: _gone(conn, feed, staging, some, write=write),
            ),
        ):
            pace = Pace()
            for some, rows in _gathered(groups, pace):
                if write:
                    tally = tally.plus(self._writing.write(pace, compared, some, write=True))
                else:
                    tally = tally.plus(self._database.read_now(compared, some, write=False))
                done += rows
                self._account.told(doing, self._account.run.rows, done, all_)
        return tally

    def _counted(self, known: Known, tally: Tally) -> SyncRun:
        """The run with what became of the rows."""
        before = known.count + tally.adopted
        run = self._account.run
        return replace(
            run,
            doing=None,
            ended_at=timestamp(self._account.clock()),
            refusals=tuple(sorted(run.refusals, key=lambda row: row.line)),
            new=tally.new,
            changed=tally.changed,
            gone=tally.gone,
            unchanged=before - tally.changed - tally.gone,
            products=self._database.read_now(_count_products, self._order.source),
            variants=before + tally.new - tally.gone,
        )

    def _end_aside(self, known: Known, tally: Tally, reason: str | None) -> SyncRun:
        """End a run that only looked, or that the brake holds."""
        if self._writing.began:
            self.clean()
        self._account.flush()
        self._account.keep(
            replace(
                self._counted(known, tally),
                state="checked" if self._order.dry_run else "held",
                detail=reason,
                preview=tally.preview,
                variants=known.count,
            )
        )
        return self._account.run


def _want(conn: Connection, run: SyncRun, named: Sequence[tuple[str, int]], now: datetime) -> None:
    """Know what pictures a feed names, unless somebody holds the run to be dead."""
    runs.keep(conn, run, now)
    links.want(conn, named, run.id, now)


def _switch(
    conn: Connection, run: SyncRun, feed: Feed, origin: Origin, now: datetime, *, pictures: bool, changed: bool
) -> SyncRun:
    """Show the new generation, and say so."""
    run = replace(run, state="done")
    runs.keep(conn, run, now)
    if changed:
        conn.run(SQL.add_generation, generation=feed.generation, run_id=run.id, at=timestamp(now))
    conn.run(SQL.none_unshown)
    conn.run(SQL.set_source, id=feed.number, stated_at=feed.stated_at, has_pictures=int(pictures), **origin._asdict())
    event = CatalogChanged(run_id=run.id, source=run.source, new=run.new, changed=run.changed, gone=run.gone)
    events.record(conn, event, now)
    return run


def _source(conn: Connection, source: str) -> tuple[int, bool, int]:
    """A source's number, whether pictures lie beside its feed, and the generation that comes."""
    conn.run(SQL.add_source, source=source)
    found = conn.one(SQL.source, source=source)
    assert found is not None
    return found[0], bool(found[1]), next_generation(conn)


def _count_products(conn: Connection, source: str) -> int:
    row = conn.one(SQL.count_products, source=source)
    assert row is not None
    number: int = row[0]
    return number


def _ids_of(conn: Connection, source: str, names: Sequence[str]) -> dict[str, int]:
    return dict(conn.all(SQL.ids_of, source=source, external_ids=_json(names)))


def _hashes(conn: Connection, ids: Sequence[int]) -> list[int]:
    return [row[0] for row in conn.all(SQL.hashes_of, ids=_json(ids))]


def _json(values: Sequence[Any]) -> str:
    return msgspec.json.encode(values).decode()


def _parts(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _gathered(groups: Iterable[tuple[Any, Sequence[Any]]], pace: Pace) -> Iterator[tuple[list[Any], int]]:
    """Groups of rows, so many together as are written at once, and how many rows that is; none is torn apart."""
    some: list[Any] = []
    rows = 0
    for group in groups:
        some.append(group)
        rows += len(group[1])
        if rows >= pace.rows:
            yield some, rows
            some, rows = [], 0
    if some:
        yield some, rows


def _gone(conn: Connection, feed: Feed, staging: Staging, some: Sequence[Any], *, write: bool) -> Tally:
    return compare_gone(conn, feed, staging, [id_ for id_, _ in some], write=write)
