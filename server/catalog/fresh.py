"""The first feed of a source: products of which nobody said anything are written as they are read.

There is nothing to compare them with, and in most feeds the rows of a product stand together. A row that comes when its
product is written already, or whose SKU may have been there before, is kept aside like those of any other feed; what
was written of its product is taken back then, and read once more.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from server.catalog.compare import Feed, common_title
from server.catalog.feeds.shape import FeedRow
from server.catalog.queries import FIELDS, SQL
from server.catalog.rules import FOR_GOOD
from server.catalog.staging import Staging
from server.catalog.words import words_of
from server.catalog.words_index import Coming, take_back, write_coming
from server.catalog.writing import Pace, Writing
from server.db.engine import Connection, Database
from server.statements.rules import STATEMENT, pack_times

MOST_LATE = 500
"""Rows, or one in a hundred: where more come late, the feed is in no order, and all that follows is kept aside."""

_encode = msgspec.json.Encoder(order="sorted").encode

Entry = tuple[int, int, FeedRow]
"""A row's line, its hash, and what it says."""


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
        self._seen: set[int] = set()
        self._late = 0
        self._groups: dict[str, list[Entry]] = {}
        self._waiting = 0

    def take(self, line: int, row_hash: int | None, row: FeedRow) -> None:
        """Write a row with others of its product, or keep it aside."""
        group = self._groups.get(row.product)
        if group is None and self._waiting >= self._pace.rows:
            self.end()
        key = hash(row.sku)
        if self._closed or row_hash is None or key in self._seen:
            self._seen.add(key)
            self._staging.add(line, row_hash, row)
            return
        self._seen.add(key)
        if group is None:
            self._groups[row.product] = group = []
        group.append((line, row_hash, row))
        self._waiting += 1

    def end(self) -> None:
        """Write what waits."""
        groups, self._groups, waiting, self._waiting = self._groups, {}, self._waiting, 0
        if not groups:
            return
        written = self._writing.write(self._pace, add_products, self._feed, groups)
        late = [entry for name, entries in groups.items() if name not in written for entry in entries]
        for entry in late:
            self._staging.add(*entry)
        self.count += waiting - len(late)
        self._late += len(late)
        self._closed = self._late > max(MOST_LATE, self.count // 100)

    def hashes_of(self, skus: Sequence[str]) -> dict[str, int]:
        """The hashes of those of some SKUs that were written."""
        return dict(self._database.read_now(_written, skus, self._feed.generation))

    def take_back(self) -> set[int]:
        """Take away what was written of products that have rows aside; the hashes of what has to be read once more."""
        wanted: set[int] = set()
        for names in self._staging.product_names():
            found = self._database.read_now(_coming, self._feed, names)
            if found:
                self._writing.write(self._pace, _drop, found)
                self.count -= len(found)
                wanted.update(row_hash for *_, row_hash in found)
        return wanted


def add_products(conn: Connection, feed: Feed, groups: Mapping[str, Sequence[Entry]]) -> set[str]:
    """Write products of which nobody said anything; the names of those that were."""
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
    return ids.keys() & groups.keys()


def _written(conn: Connection, skus: Sequence[str], since: int) -> list[Any]:
    return conn.all(SQL.coming_of_skus, skus=_encode(skus).decode(), since=since)


def _coming(conn: Connection, feed: Feed, names: Sequence[str]) -> list[Any]:
    found = conn.all(SQL.ids_of, source=feed.source, external_ids=_encode(names).decode())
    return conn.all(SQL.coming_rows, ids=_encode([id_ for _, id_ in found]).decode(), since=feed.generation)


def _drop(conn: Connection, rows: Sequence[Any]) -> None:
    conn.run_rows(SQL.drop_variant, [row[:3] for row in rows])
    conn.run_rows(SQL.drop_version, sorted({(product_id, since) for _, product_id, since, _ in rows}))
    take_back(conn, rows[0][2], {product_id for _, product_id, *_ in rows})
