"""Where a run keeps what it read until it knows what to do with it: a file of its own that no one else sees.

SQLite's private database: it has no name, lies in memory as long as it is small, and is gone with the program, however
that ends. So no other write waits while a feed is read, on either engine, and nothing is left to clean up.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import apsw
import msgspec

from server.catalog.feeds.shape import FeedRow

CACHE_KIB = 8_192
AT_ONCE = 1_000

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(FeedRow).decode


class Staged(NamedTuple):
    """A row of the feed as it was read."""

    line: int
    row_hash: int | None
    row: FeedRow


class Place(NamedTuple):
    """What is shown under a row's SKU: the hash of the row that said so, its product, and whether it is amended.

    An amended row says something else of the article alone; all that its product says of itself is as it was.
    """

    row_hash: int
    product_id: int
    amended: bool


class Kept(NamedTuple):
    """A row that is kept here, with what is shown under its SKU."""

    id: int
    sku: str
    line: int
    place: Place


class Doubled(NamedTuple):
    """A row whose SKU stands in another line already."""

    sku: str
    line: int
    first: int


def file_aside() -> Any:
    """A database that nobody else sees, in a file that goes when it is closed; who reads a row knows its types.

    Nothing of it outlives its program, so nothing in it need be safe.
    """
    raw = apsw.Connection("", flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{CACHE_KIB}", "locking_mode=EXCLUSIVE"):
        raw.execute(f"PRAGMA {pragma}")
    return raw


class Staging:
    """Rows of a feed, by their products; those that only amend what is shown, by the product where they do."""

    def __init__(self) -> None:
        # What a row holds is known where it is read.
        self._raw = file_aside()
        self._raw.execute(
            "CREATE TABLE rows (product TEXT, sku TEXT, line INTEGER, hash INTEGER, body BLOB,"
            " held_hash INTEGER, held_product INTEGER, amends INTEGER)"
        )
        self._raw.execute("CREATE TABLE refused (sku TEXT PRIMARY KEY) WITHOUT ROWID")
        self._raw.execute("CREATE TABLE touched (id INTEGER PRIMARY KEY)")
        self._raw.execute("CREATE TABLE links (link TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._raw.execute("BEGIN")
        self._links: list[tuple[str, int]] = []
        self._waiting: list[tuple[Any, ...]] = []
        self.count = self.amends = 0

    def close(self) -> None:
        """Let go of everything."""
        self._raw.close()

    def add(self, line: int, row_hash: int | None, row: FeedRow, place: Place | None = None) -> None:
        """Keep a row."""
        self._waiting.append((row.product, row.sku, line, row_hash, _encode(row), *(place or (None, None, 0))))
        if len(self._waiting) >= AT_ONCE:
            self._write()

    def name(self, link: str, line: int) -> None:
        """Keep that a row names a picture."""
        self._links.append((link, line))
        if len(self._links) >= AT_ONCE:
            self._write_links()

    def named(self) -> Iterator[list[tuple[str, int]]]:
        """Each picture that was named, and the first line that did so, some at a time."""
        self._write_links()
        after = ""
        while found := self._raw.execute(
            "SELECT link, line FROM links WHERE link > ? ORDER BY link LIMIT ?", (after, AT_ONCE)
        ).fetchall():
            yield found
            after = found[-1][0]

    def refuse(self, sku: str) -> None:
        """Know that a row was refused: what is known of its article stays."""
        self._raw.execute("INSERT OR IGNORE INTO refused VALUES (?)", (sku,))

    def was_refused(self, skus: Iterable[str]) -> set[str]:
        """Those of some SKUs that a refused row has."""
        wanted = msgspec.json.encode(list(skus)).decode()
        found = self._raw.execute("SELECT sku FROM refused WHERE sku IN (SELECT value FROM json_each(?))", (wanted,))
        return {sku for (sku,) in found}

    def holds(self, skus: Iterable[str]) -> set[str]:
        """Those of some SKUs that are kept here."""
        wanted = msgspec.json.encode(list(skus)).decode()
        found = self._raw.execute("SELECT sku FROM rows WHERE sku IN (SELECT value FROM json_each(?))", (wanted,))
        return {sku for (sku,) in found}

    def drop_doubled(self) -> list[Doubled]:
        """Let go of rows whose SKU stands in an earlier line; call it when all rows are here."""
        self._write()
        self._raw.execute("CREATE INDEX rows_sku ON rows (sku, line)")
        later = self._raw.execute(
            "SELECT r.rowid, r.sku, r.line, f.line FROM (SELECT sku, min(line) AS line, min(rowid) AS id FROM rows"
            " GROUP BY sku HAVING count(*) > 1) f JOIN rows r ON r.sku = f.sku AND r.rowid <> f.id"
        ).fetchall()
        self.drop(rowid for rowid, *_ in later)
        return sorted((Doubled(sku, line, first) for _, sku, line, first in later), key=lambda d: d.line)

    def known(self) -> Iterator[Kept]:
        """The rows under whose SKU something is shown. Nothing may be written here meanwhile."""
        for rowid, sku, line, row_hash, product_id, amends in self._raw.execute(
            "SELECT rowid, sku, line, held_hash, held_product, amends FROM rows WHERE held_hash IS NOT NULL"
        ):
            yield Kept(rowid, sku, line, Place(row_hash, product_id, bool(amends)))

    def skus(self) -> Iterator[list[tuple[int, str, int]]]:
        """Each row's number, SKU and line, some at a time."""
        after = 0
        while rows := self._raw.execute(
            "SELECT rowid, sku, line FROM rows WHERE rowid > ? ORDER BY rowid LIMIT ?", (after, AT_ONCE)
        ).fetchall():
            yield rows
            after = rows[-1][0]

    def drop(self, ids: Iterable[int]) -> None:
        """Let go of rows."""
        self._raw.executemany("DELETE FROM rows WHERE rowid = ?", ((id_,) for id_ in ids))

    def sort(self) -> None:
        """Sort the rows, those that are here and those that come."""
        self._write()
        self._raw.execute("CREATE INDEX rows_product ON rows (product, line) WHERE amends = 0")
        self._raw.execute("CREATE INDEX rows_amended ON rows (held_product, line) WHERE amends = 1")

    def touch(self, product_ids: Iterable[int]) -> None:
        """Take rows that amend these products for rows that may change all of them."""
        self._raw.executemany("INSERT OR IGNORE INTO touched VALUES (?)", ((id_,) for id_ in product_ids))
        self._raw.execute("UPDATE rows SET amends = 0 WHERE amends = 1 AND held_product IN (SELECT id FROM touched)")

    def tally(self) -> None:
        """Count the rows, and those of them that amend."""
        self._write()
        self.count = self._raw.execute("SELECT count(*) FROM rows").fetchall()[0][0]
        self.amends = self._raw.execute("SELECT count(*) FROM rows WHERE amends = 1").fetchall()[0][0]

    def product_names(self) -> Iterator[list[str]]:
        """The products that may change, some at a time."""
        self._write()
        after = ""
        while names := self._raw.execute(
            "SELECT DISTINCT product FROM rows WHERE amends = 0 AND product > ? ORDER BY product LIMIT ?",
            (after, AT_ONCE),
        ).fetchall():
            yield [name for (name,) in names]
            after = names[-1][0]

    def products(self) -> Iterator[tuple[str, list[Staged]]]:
        """Each product that may change with its rows in the order of the feed."""
        return self._groups("SELECT product, line, hash, body FROM rows WHERE amends = 0 ORDER BY product, line, rowid")

    def amended(self) -> Iterator[tuple[int, list[Staged]]]:
        """The rows that amend what is shown, by the number of their product."""
        return self._groups(
            "SELECT held_product, line, hash, body FROM rows WHERE amends = 1 ORDER BY held_product, line"
        )

    def _groups(self, rows: str) -> Iterator[tuple[Any, list[Staged]]]:
        before, group = None, list[Staged]()
        for key, line, hash_, body in self._raw.execute(rows):
            if key != before:
                if group:
                    yield before, group
                before, group = key, []
            group.append(Staged(line, hash_, _decode(body)))
        if group:
            yield before, group

    def _write(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._raw.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)", waiting)

    def _write_links(self) -> None:
        links, self._links = self._links, []
        self._raw.executemany("INSERT OR IGNORE INTO links VALUES (?, ?)", links)
