"""The first feed of a source: products of which nobody said anything are written as they are read.

There is nothing to compare them with, and in most feeds the rows of a product stand together. A row that comes when its
product is written already, or whose SKU may have been there before, is kept aside like those of any other feed; what
was written of its product is taken back then, and read once more. What a record said of it meanwhile stays.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from server.catalog import words_index
from server.catalog.compare import Feed, common_title
from server.catalog.feeds.shape import FeedRow
from server.catalog.queries import FIELDS, SQL
from server.catalog.rules import FOR_GOOD
from server.catalog.staging import Staging
from server.catalog.words import words_of
from server.catalog.words_index import Coming, write_coming
from server.catalog.writing import Pace, Writing
from server.db.engine import Connection, Database
from server.statements.rules import STATEMENT, pack_times

MOST_LATE = 500
"""Rows, or one in a hundred: where more come late, the feed is in no order, and all that follows is kept aside."""

_encode = msgspec.json.Encoder(order="sorted").encode

Entry = tuple[int, int, FeedRow]
"""A row's line, its hash, and what it says."""


class _Back(NamedTuple):
    """What was taken back: the hashes of rows, or the names of products of which a record said something since."""

    hashes: set[int]
    names: set[str]


class Fresh:
    """Writes new products.

    Attributes:
        count: rows that were written.
    """

    def __init__(self, database: Database, feed: Feed, writing: Writing, staging: Staging) -> None:
        self.count = 0
        self._database = database
        self._feed = feed
        self._writing = writing
        self._staging = staging
        self._pace = Pace()
        self._closed = False
        self._aside: set[str] = set()
        self._late = 0
        self._groups: dict[str, list[Entry]] = {}
        self._waiting: set[str] = set()

    def take(self, line: int, row_hash: int | None, row: FeedRow) -> None:
        """Write a row with others of its product, or keep it aside."""
        group = self._groups.get(row.product)
        if group is None and len(self._waiting) >= self._pace.rows:
            self.end()
        if self._closed or row_hash is None or row.sku in self._waiting or row.sku in self._aside:
            self._keep(line, row_hash, row)
            return
        if group is None:
            self._groups[row.product] = group = []
        group.append((line, row_hash, row))
        self._waiting.add(row.sku)

    def end(self) -> None:
        """Write what waits."""
        groups, self._groups, waiting, self._waiting = self._groups, {}, len(self._waiting), set()
        if not groups:
            return
        late = self._writing.write(self._pace, add_products, self._feed, groups)
        for entry in late:
            self._keep(*entry)
        self.count += waiting - len(late)
        self._late += len(late)
        self._closed = self._late > max(MOST_LATE, self.count // 100)

    def hashes_of(self, skus: Sequence[str]) -> dict[str, int]:
        """The hashes of those of some SKUs that were written."""
        found = self._database.read_now(_written, skus, self._feed.generation)
        return {sku: row_hash for sku, row_hash in found if row_hash is not None}

    def take_back(self) -> tuple[set[int], set[str]]:
        """Take away what was written of products that have rows aside.

        Gives what has to be read once more: the hashes of rows, and the names of products whose rows have none now.
        """
        hashes: set[int] = set()
        names: set[str] = set()
        for some in self._staging.product_names():
            if self._database.read_now(_coming, self._feed, some):
                back = self._writing.write(self._pace, take_back, self._feed, some)
                hashes |= back.hashes
                names |= back.names
        return hashes, names

    def _keep(self, line: int, row_hash: int | None, row: FeedRow) -> None:
        if not self._closed:
            self._aside.add(row.sku)
        self._staging.add(line, row_hash, row)


def add_products(conn: Connection, feed: Feed, groups: Mapping[str, Sequence[Entry]]) -> list[Entry]:
    """Write products of which nobody said anything; the rows that were not written, as something was."""
    skus = [row.sku for entries in groups.values() for *_, row in entries]
    # Most feeds have none of these; where one has, its first row counts.
    if doubled := dict(_written(conn, skus, feed.generation)):
        late = [entry for entries in groups.values() for entry in entries if entry[2].sku in doubled]
        others = {name: [one for one in entries if one[2].sku not in doubled] for name, entries in groups.items()}
        groups = {name: entries for name, entries in others.items() if entries}
    else:
        late = []
    names = _encode(list(groups)).decode()
    conn.run(SQL.add_product_ids, source=feed.source, external_ids=names)
    ids: dict[str, int] = dict(conn.all(SQL.new_ids, source=feed.source, external_ids=names))
    times = pack_times(dict.fromkeys((*FIELDS, STATEMENT), feed.stated_at))
    products: list[tuple[Any, ...]] = []
    variants: list[tuple[Any, ...]] = []
    words: list[Coming] = []
    for name, entries in groups.items():
        product_id = ids.get(name)
        if product_id is None:
            late += entries
            continue
        own = (product_id, feed.generation, FOR_GOOD)
        rows = [row for *_, row in entries]
        first = rows[0]
        title = first.product_title or common_title([row.title for row in rows])
        about = (title, first.description, first.brand, first.category, first.product_picture)
        products.append((*own, feed.source, name, *about, None, times, None))
        found_by = words_of(
            (title, first.brand, first.category), [row.options for row in rows], [row.sku for row in rows]
        )
        words.append(Coming(product_id, found_by, known=False))
        for position, (_, row_hash, row) in enumerate(entries):
            variants.append((
                *(product_id, row.sku, feed.generation, FOR_GOOD, feed.number, row_hash, position, row.gtin, row.title),
                *(_encode(row.options).decode(), row.price, row.sale_price, row.currency),
                *(row.picture or first.product_picture, first.brand, row.availability, feed.stated_at),
            ))  # fmt: skip
    conn.run_rows(SQL.add_product, products)
    conn.run_rows(SQL.add_variant, variants)
    write_coming(conn, feed.generation, words)
    return late


def take_back(conn: Connection, feed: Feed, names: Sequence[str]) -> _Back:
    """Take away what was written of some products; those of which a record said something are shown as it says."""
    ids = {id_: name for name, id_ in conn.all(SQL.ids_of, source=feed.source, external_ids=_encode(names).decode())}
    listed = _encode(list(ids)).decode()
    versions = [row[0] for row in conn.all(SQL.coming_versions, ids=listed, since=feed.generation)]
    rows = conn.all(SQL.coming_rows, ids=listed, since=feed.generation)
    conn.run_rows(SQL.drop_variant, [row[:3] for row in rows])
    conn.run_rows(SQL.drop_version, [(id_, feed.generation) for id_ in versions])
    words_index.take_back(conn, feed.generation, ids)
    # A record writes all rows of a product anew, and knows no hashes.
    untouched = {row[1] for row in rows} - {row[1] for row in rows if row[3] is None}
    stated = [id_ for id_ in versions if id_ not in untouched]
    if stated:
        _show_again(conn, feed, stated)
    return _Back({row[3] for row in rows if row[1] in untouched}, {ids[id_] for id_ in stated})


def _show_again(conn: Connection, feed: Feed, ids: Sequence[int]) -> None:
    """Let what is shown of some products count for good: nothing comes after it any more."""
    listed, last = _encode(ids).decode(), feed.generation - 1
    ended = [row for row in conn.all(SQL.rows_shown, ids=listed) if row[3] == last]
    conn.run_rows(SQL.end_variant, [(FOR_GOOD, sku, product_id, since) for product_id, sku, since, *_ in ended])
    conn.run_rows(SQL.end_version, [(FOR_GOOD, *row[:2]) for row in conn.all(SQL.products_of, ids=listed)])
    conn.run_rows(SQL.keep_words, [(FOR_GOOD, *row) for row in conn.all(SQL.last_words, ids=listed, until=last)])


def _written(conn: Connection, skus: Sequence[str], since: int) -> list[Any]:
    return conn.all(SQL.coming_of_skus, skus=_encode(skus).decode(), since=since)


def _coming(conn: Connection, feed: Feed, names: Sequence[str]) -> bool:
    found = conn.all(SQL.ids_of, source=feed.source, external_ids=_encode(names).decode())
    listed = _encode([id_ for _, id_ in found]).decode()
    return bool(conn.all(SQL.coming_versions, ids=listed, since=feed.generation))
