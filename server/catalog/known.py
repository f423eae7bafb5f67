"""What the feed before brought and is shown: the hash of each of its rows."""

from collections.abc import Iterable

from server.catalog.queries import SQL
from server.db.engine import Connection, Database, Row

AT_ONCE = 20_000
"""Rows that are read at a time."""


class Known:
    """The rows of a feed that came before.

    Attributes:
        left: the product of each row by its hash; what is found in the feed is taken out.
        shared: hashes that several rows have, as they stood in one piece of the feed.
        unsure: products of which records said something since.
        count: how many articles.
    """

    def __init__(self, database: Database, feed: int) -> None:
        self.left: dict[int, int] = {}
        self.shared: set[int] = set()
        self.unsure: set[int] = set()
        self.count = 0
        database.read_now(self._load, feed)

    @property
    def one_row_each(self) -> bool:
        """Whether each row has a hash of its own."""
        return not self.shared and not self.unsure

    def _load(self, conn: Connection, feed: int) -> None:
        left, count, last = self.left, 0, 0
        for row_hash, product_id, _ in live_rows(conn, feed, AT_ONCE):
            count += 1
            # Rows of a product mostly stand together: one number for all of them takes a third of the memory.
            if product_id != last:
                last = product_id
            if row_hash is None:
                self.unsure.add(last)
            else:
                if row_hash in left:
                    self.shared.add(row_hash)
                left[row_hash] = last
        self.count = count


def live_rows(conn: Connection, feed: int, at_once: int) -> Iterable[Row]:
    """What a feed brought and is shown: hash, product and SKU of each row, read some at a time."""
    sku, product_id = "", 0
    while rows := conn.all(SQL.known_rows, feed=feed, sku=sku, product_id=product_id, limit=at_once):
        yield from rows
        _, product_id, sku = rows[-1]
