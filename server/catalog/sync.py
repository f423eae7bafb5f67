"""Taking a whole feed: all of it comes into sight at once, or nothing does.

1. The feed is read. A row that is known by its hash is as it was, whatever its place; all others are understood, and
   kept aside with the other rows of their products (`staging`).
2. Where much would be gone or cost much else, what would change is counted first: the brake may hold it.
3. What differs is written in short transactions, as rows of the next generation, which nobody sees (`compare`).
4. One row switches to that generation, in the transaction that says so on the live stream. What ended is swept away.

A program that is killed in between leaves rows that nobody sees; the next run takes them away before it begins.
"""

import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from functools import partial
from hashlib import blake2b
from io import BytesIO
from pathlib import Path
from struct import Struct as Packed
from typing import Any, BinaryIO, NamedTuple, TypeVar

import msgspec
from msgspec.structs import replace

from server.catalog import runs, words_index
from server.catalog.compare import Feed, Group, Tally, compare, compare_gone, live_ids, next_generation
from server.catalog.feeds.formats import FormatName, open_feed, pieces
from server.catalog.feeds.shape import Defaults, FeedError, FeedRow, RefusedRowError
from server.catalog.pictures import NoPictureError, Picture, is_relative, picture_at
from server.catalog.queries import SQL
from server.catalog.rules import FOR_GOOD, holds_back
from server.catalog.staging import Staging
from server.db.engine import Connection, Database
from server.db.sql import Query
from server.events import actions as events
from server.wire.base import timestamp
from server.wire.catalog import RefusedRow, SyncRun
from server.wire.events import CatalogChanged

T = TypeVar("T")

MEANING = b"1"
"""Goes up with every change to what a piece of a feed means: then all of it is understood anew."""
AT_ONCE = 2_000
"""Rows of the database that are read at a time, and written at a time where nothing has to be understood."""
WORDS_AT_ONCE = 500
"""Products whose words are taken away at a time: each word has its place in the index."""
FIRST_WRITE, LEAST_WRITE, MOST_WRITE = 500, 50, 20_000
"""Rows in one transaction: as many as take `A_WRITE`."""
A_WRITE = 0.08
"""Seconds that a transaction may take: for so long others wait."""
TOLD_EVERY = 4_096
"""Pieces of a feed between two looks at the clock."""
KEPT_EVERY = 1.0
"""Seconds between two times that a run says how far it is."""
REFUSALS_TOLD = 100
"""Refused rows that a run's own report shows; all are kept beside it, up to `REFUSALS_KEPT`."""
REFUSALS_KEPT = 100_000

_unpack = Packed("<q").unpack

Clock = Callable[[], datetime]
Tell = Callable[[SyncRun, int, int], None]
"""Told how far a run is: the run, and how much of how much of what it does now."""


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
        run, left = database.write_now(runs.hold, run_id, clock()), True
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
        self._file = file
        self._order = order
        self._clock = clock
        self._tell = tell
        self._run = run
        self._size = file.seek(0, 2)
        self._staging = Staging()
        self._kept_at = time.monotonic()
        self._rejects: list[RefusedRow] = []
        self._kept_rejects = 0
        self._at_once = FIRST_WRITE
        self._wrote = False
        self._pictures: dict[str, Picture | None] = {}
        words_index.fill(database)
        self._source, self._has_pictures, self._generation = database.write_now(_source, order.source)
        self._feed = Feed(order.source, self._source, run.began_at, self._generation)

    def close(self) -> None:
        self._staging.close()

    def run(self) -> SyncRun:
        known = _Known(self._database, self._source)
        matched = self._read(known)
        touched = self._touch(known, matched)
        at_most = len(known.left) if known.one_row_each else known.count
        if self._order.dry_run or (
            not self._order.accept and holds_back(known.count, at_most, self._staging.count) is not None
        ):
            tally = self._over(touched, "comparing", write=False)
            reason = None if self._order.accept else holds_back(known.count, tally.gone, tally.jumps)
            if self._order.dry_run or reason is not None:
                return self._end_aside(known, tally, reason)
        self._keep_pictures()
        tally = self._over(touched, "writing", write=True)
        self._flush_rejects()
        counted = self._counted(known, tally)
        self._run = self._database.write_now(
            _switch,
            counted,
            self._feed,
            self._order.origin,
            self._clock(),
            pictures=bool(self._pictures) or self._has_pictures,
            changed=self._wrote,
        )
        self._sweep()
        return self._run

    def give_up(self, detail: str) -> None:
        """Say that the run came to nothing, and leave nothing behind."""
        ended = replace(self._run, state="failed", doing=None, ended_at=timestamp(self._clock()), detail=detail)
        try:
            if self._wrote:
                self.clean()
            self._flush_rejects()
            self._database.write_now(runs.keep, ended, self._clock())
        except runs.TakenOverError:
            pass

    def clean(self) -> None:
        """Take away what a run that came to nothing wrote: nobody ever saw it."""
        database = self._database
        found: Sequence[Any]
        at = ("", 0)
        while found := database.read_now(_some, SQL.unwritten_variants, sku=at[0], product_id=at[1], limit=AT_ONCE):
            self._write_rows(
                SQL.drop_variant, [dict(zip(("sku", "product_id", "since"), r, strict=True)) for r in found]
            )
            at = found[-1][:2]
        last = 0
        while found := database.read_now(_some, SQL.unwritten_products, id=last, limit=AT_ONCE):
            self._write_rows(SQL.drop_version, [dict(zip(("id", "since"), row, strict=True)) for row in found])
            last = found[-1][0]
        shown = self._generation - 1
        for ended, end in ((SQL.ended_variants, SQL.end_variant), (SQL.ended_products, SQL.end_version)):
            names = ("sku", "product_id", "since") if ended is SQL.ended_variants else ("id", "since")
            while found := database.read_now(_some, ended, least=shown, most=FOR_GOOD - 1, limit=AT_ONCE):
                self._write_rows(end, [{**dict(zip(names, row, strict=True)), "until": FOR_GOOD} for row in found])
        last = 0
        while found := database.read_now(_some, SQL.unwritten_words, id=last, limit=WORDS_AT_ONCE):
            database.write_now(_fenced_drop, self._run, self._clock(), found)
            last = found[-1][0]
        while found := database.read_now(_some, SQL.ended_words, least=shown, most=FOR_GOOD - 1, limit=AT_ONCE):
            self._write_rows(SQL.keep_words, [{"id": id_, "until": FOR_GOOD} for id_, _ in found])

    def _sweep(self) -> None:
        """Take away what is shown no more."""
        database, shown = self._database, self._generation - 1
        for ended, drop in ((SQL.ended_variants, SQL.drop_variant), (SQL.ended_products, SQL.drop_version)):
            names = ("sku", "product_id", "since") if ended is SQL.ended_variants else ("id", "since")
            while found := database.read_now(_some, ended, least=-1, most=shown, limit=AT_ONCE):
                rows = [dict(zip(names, row, strict=True)) for row in found]
                database.write_now(_run_many, drop, rows)
        while found := database.read_now(_some, SQL.ended_words, least=-1, most=shown, limit=WORDS_AT_ONCE):
            database.write_now(words_index.drop, found)
        while database.write_now(runs.forget_rejects, self._run.id, AT_ONCE):
            pass

    def _read(self, known: "_Known") -> "_Matched":
        """Read the feed: what is known by its hash is counted, the rest is understood and kept aside."""
        digest, reader = self._opened()
        # Pictures beside the feed may be others today, behind the same links.
        trusting = self._order.folder is None or not self._has_pictures
        hashes, lines = array("q"), array("q")
        left, matched, note, note_line = known.left, 0, hashes.append, lines.append
        count = 0
        for line, piece in pieces(reader):
            (row_hash,) = _unpack(digest(piece))
            note(row_hash)
            note_line(line)
            count += 1
            if trusting and left.pop(row_hash, None) is not None:
                matched += 1
            else:
                self._understand(reader.rows(line, piece), line, row_hash)
            if not count % TOLD_EVERY:
                self._told("reading", count, self._file.tell(), self._size)
        for doubled in self._staging.drop_doubled():
            self._refuse(doubled.line, "id", doubled.sku, f"this id stands in line {doubled.first} already")
        self._run = replace(self._run, rows=count)
        if not count:
            raise FeedError("there is no article in the feed: a line or an item for each was expected")
        return _Matched(hashes, lines, matched)

    def _understand(self, rows: Iterable[FeedRow | RefusedRowError], line: int, row_hash: int) -> None:
        for row in rows:
            if isinstance(row, RefusedRowError):
                self._refuse(row.line or line, row.field, row.value, str(row))
                if row.sku is not None:
                    self._staging.refuse(row.sku)
            else:
                self._staging.add(line, row_hash, self._with_pictures(row, line))

    def _touch(self, known: "_Known", matched: "_Matched") -> list[int]:
        """Find the products of which anything differs, and keep all of their rows aside; those that are gone."""
        self._staging.by_product()
        if not known.count:
            return []
        touched = set(known.left.values()) | known.unsure
        for rows in self._staging.skus():
            held = self._database.read_now(_rows_of_skus, self._source, [sku for _, sku, _ in rows])
            doubled = []
            for place, sku, line in rows:
                if sku in held:
                    product_id, row_hash = held[sku]
                    # Its own row stands in the feed too, as it was: this one is a second with the same id.
                    if row_hash is not None and row_hash not in known.left and matched.known:
                        first = matched.lines[matched.hashes.index(row_hash)]
                        self._refuse(line, "id", sku, f"this id stands in line {first} already")
                        doubled.append(place)
                    else:
                        touched.add(product_id)
            self._staging.drop(doubled)
        by_name: dict[str, int] = {}
        for names in self._staging.product_names():
            by_name |= self._database.read_now(_ids_of, self._order.source, names)
        touched |= set(by_name.values())
        if matched.known:
            self._fetch(matched, set(self._hashes_of(touched)) - known.left.keys())
        have: set[int] = set()
        for names in self._staging.product_names():
            have |= set(self._database.read_now(_ids_of, self._order.source, names).values())
        self._staging.tally()
        return sorted(touched - have)

    def _hashes_of(self, ids: Iterable[int]) -> Iterator[int]:
        for some in _parts(sorted(ids), AT_ONCE):
            yield from self._database.read_now(_hashes, some)

    def _fetch(self, matched: "_Matched", wanted: set[int]) -> None:
        """Read the feed once more, for the rows that stand beside changed ones."""
        if not wanted:
            return
        digest, reader = self._opened()
        for (line, piece), row_hash in zip(pieces(reader), matched.hashes, strict=False):
            if row_hash in wanted:
                if _unpack(digest(piece))[0] != row_hash:
                    raise FeedError("the feed was changed while it was read: send it again")
                wanted.discard(row_hash)
                self._understand(reader.rows(line, piece), line, row_hash)
                if not wanted:
                    return
        raise FeedError("the feed was cut off while it was read: send it again")

    def _over(self, gone: Sequence[int], doing: str, *, write: bool) -> Tally:
        """Go through every product of which anything differs."""
        tally, done, all_ = Tally(), 0, self._staging.count + len(gone)
        groups: list[Group] = []
        rows = 0
        for name, staged in self._staging.products():
            groups.append((name, staged))
            rows += len(staged)
            if rows >= self._at_once:
                tally = tally.plus(self._part(compare, groups, write=write))
                done += rows
                self._told(doing, self._run.rows, done, all_)
                groups, rows = [], 0
        if groups:
            tally = tally.plus(self._part(compare, groups, write=write))
        for some in _parts(gone, LEAST_WRITE):
            tally = tally.plus(self._part(compare_gone, some, write=write))
            done += len(some)
            self._told(doing, self._run.rows, done, all_)
        return tally

    def _part(self, compared: Callable[..., Tally], what: Sequence[Any], *, write: bool) -> Tally:
        if not write:
            return self._database.read_now(compared, self._feed, self._staging, what, write=False)
        began = time.monotonic()
        self._wrote = True
        tally = self._database.write_now(_fenced, self._run, self._clock(), compared, self._feed, self._staging, what)
        took = max(time.monotonic() - began, 0.001)
        self._at_once = max(LEAST_WRITE, min(MOST_WRITE, int(self._at_once * min(2.0, A_WRITE / took))))
        return tally

    def _opened(self) -> "tuple[Callable[[bytes], bytes], Any]":
        self._file.seek(0)
        order = self._order
        format_, reader = open_feed(self._file, order.format, Defaults(order.source, order.currency))
        self._run = replace(self._run, format=format_)
        beside = b"" if order.folder is None else b"beside"
        means = blake2b(b"\0".join((MEANING, format_.encode(), beside, reader.context)), digest_size=16).digest()
        hashed = partial(blake2b, digest_size=8, person=means)
        return (lambda piece: hashed(piece).digest()), reader

    def _with_pictures(self, row: FeedRow, line: int) -> FeedRow:
        """A row whose relative links are the hashes of the pictures they mean; a broken link costs the picture only."""
        picture, products = row.picture, row.product_picture
        if not (picture and is_relative(picture)) and not (products and is_relative(products)):
            return row
        return row._replace(picture=self._hash_of(picture, line), product_picture=self._hash_of(products, line))

    def _hash_of(self, link: str | None, line: int) -> str | None:
        folder = self._order.folder
        if link is None or folder is None or not is_relative(link):
            return link
        if link not in self._pictures:
            self._pictures[link] = None
            try:
                self._pictures[link] = picture_at(folder, link)
            except NoPictureError as error:
                self._refuse(line, "image_link", link, str(error))
        found = self._pictures[link]
        return None if found is None else found.hash

    def _keep_pictures(self) -> None:
        for some in _parts([p for p in self._pictures.values() if p is not None], AT_ONCE):
            self._database.write_now(keep_pictures, some)

    def _refuse(self, line: int, field: str, value: str, rule: str) -> None:
        row = RefusedRow(line=line, field=field, value=_harmless(value)[:200], rule=rule)
        told = self._run.refusals
        if len(told) < REFUSALS_TOLD:
            told = (*told, row)
        self._run = replace(self._run, refused=self._run.refused + 1, refusals=told)
        if self._run.refused <= REFUSALS_KEPT:
            self._rejects.append(row)
        if len(self._rejects) >= AT_ONCE:
            self._flush_rejects()

    def _flush_rejects(self) -> None:
        rejects, self._rejects = self._rejects, []
        if rejects:
            self._database.write_now(runs.keep_rejects, self._run, self._kept_rejects + 1, rejects, self._clock())
            self._kept_rejects += len(rejects)

    def _told(self, doing: str, rows: int, done: int, all_: int) -> None:
        self._run = replace(self._run, doing=doing, rows=rows)
        self._tell(self._run, done, all_)
        if time.monotonic() - self._kept_at >= KEPT_EVERY:
            self._kept_at = time.monotonic()
            self._database.write_now(runs.keep, self._run, self._clock())

    def _counted(self, known: "_Known", tally: Tally) -> SyncRun:
        """The run with what became of the rows."""
        before = known.count + tally.adopted
        return replace(
            self._run,
            doing=None,
            ended_at=timestamp(self._clock()),
            refusals=tuple(sorted(self._run.refusals, key=lambda row: row.line)),
            new=tally.new,
            changed=tally.changed,
            gone=tally.gone,
            unchanged=before - tally.changed - tally.gone,
            products=self._database.read_now(_count_products, self._order.source),
            variants=before + tally.new - tally.gone,
        )

    def _end_aside(self, known: "_Known", tally: Tally, reason: str | None) -> SyncRun:
        """End a run that only looked, or that the brake holds."""
        self._flush_rejects()
        self._run = replace(
            self._counted(known, tally),
            state="checked" if self._order.dry_run else "held",
            detail=reason,
            preview=tally.preview,
            variants=known.count,
        )
        self._database.write_now(runs.keep, self._run, self._clock())
        return self._run

    def _write_rows(self, query: Query, rows: Sequence[dict[str, Any]]) -> None:
        self._database.write_now(_fenced_rows, self._run, self._clock(), query, rows)


class _Matched(NamedTuple):
    """The hashes and lines of a feed's pieces in their order, and how many of them were known."""

    hashes: "array[int]"
    lines: "array[int]"
    known: int


class _Known:
    """What the feed before brought and is shown.

    Attributes:
        left: the product of each row by its hash; what is found in the feed is taken out.
        unsure: products of which records said something since.
        count: how many articles.
        one_row_each: whether each has a hash of its own.
    """

    def __init__(self, database: Database, source: int) -> None:
        self.left: dict[int, int] = {}
        self.unsure: set[int] = set()
        self.count = 0
        database.read_now(self._load, source)

    def _load(self, conn: Connection, source: int) -> None:
        left, count = self.left, 0
        for row_hash, product_id, _ in live_ids(conn, source, 20_000):
            count += 1
            if row_hash is None:
                self.unsure.add(product_id)
            else:
                left[row_hash] = product_id
        self.count = count
        self.one_row_each = len(left) == count


def keep_pictures(conn: Connection, pictures: Sequence[Picture]) -> None:
    """Keep where pictures lie."""
    rows = [{"hash": p.hash, "path": str(p.path), "media_type": p.media_type} for p in pictures]
    conn.run_many(SQL.keep_picture, rows)


def _fenced(
    conn: Connection,
    run: SyncRun,
    now: datetime,
    compared: Callable[..., Tally],
    feed: Feed,
    staging: Staging,
    what: Sequence[Any],
) -> Tally:
    """Write a part, unless somebody holds the run to be dead."""
    runs.keep(conn, run, now)
    return compared(conn, feed, staging, what, write=True)


def _fenced_rows(conn: Connection, run: SyncRun, now: datetime, query: Query, rows: Sequence[dict[str, Any]]) -> None:
    runs.keep(conn, run, now)
    conn.run_many(query, rows)


def _fenced_drop(conn: Connection, run: SyncRun, now: datetime, words: Sequence[tuple[int, str]]) -> None:
    runs.keep(conn, run, now)
    words_index.drop(conn, words)


def _run_many(conn: Connection, query: Query, rows: Sequence[dict[str, Any]]) -> None:
    conn.run_many(query, rows)


def _some(conn: Connection, /, query: Query, **values: Any) -> Sequence[Any]:
    return conn.all(query, **values)


def _switch(
    conn: Connection, run: SyncRun, feed: Feed, origin: Origin, now: datetime, *, pictures: bool, changed: bool
) -> SyncRun:
    """Show the new generation, and say so."""
    run = replace(run, state="done")
    runs.keep(conn, run, now)
    if changed:
        conn.run(SQL.add_generation, generation=feed.generation, run_id=run.id, at=timestamp(now))
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


def _rows_of_skus(conn: Connection, feed: int, skus: Sequence[str]) -> dict[str, tuple[int, int | None]]:
    rows = conn.all(SQL.rows_of_skus, feed=feed, skus=_json(skus))
    return {sku: (product_id, row_hash) for sku, product_id, row_hash in rows}


def _ids_of(conn: Connection, source: str, names: Sequence[str]) -> dict[str, int]:
    return dict(conn.all(SQL.ids_of, source=source, external_ids=_json(names)))


def _hashes(conn: Connection, ids: Sequence[int]) -> list[int]:
    return [row[0] for row in conn.all(SQL.hashes_of, ids=_json(ids))]


def _json(values: Sequence[Any]) -> str:
    return msgspec.json.encode(values).decode()


def _parts(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _harmless(text: str) -> str:
    """A text that every database takes."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode()
