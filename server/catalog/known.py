"""What the feed before brought and is shown: the hash of each of its rows."""

from collections.abc import Iterable

from server.catalog.left import Left
from server.catalog.queries import SQL
from server.db.engine import Connection, Database, Row

AT_ONCE = 20_000
"""Rows that are read at a time."""


class Known:
    """The rows of a feed that came before.

    Attributes:
        left: the product of each row by its hash; what is found in the feed is taken out. Rows share a hash that
            stood in one piece of the feed.
        unsure: products of which records said something since.
        count: how many articles.
        most_gone: how many of them may be gone, once that is settled.
    """

    def __init__(self, database: Database, feed: int) -> None:
        self.left = Left()
        self.unsure: set[int] = set()
        self.count = self.most_gone = 0
        database.read_now(self._load, feed)

    def settle(self) -> None:
        """Know that the feed was read, and let go of its rows."""
        one_row_each = not self.left.shared and not self.unsure
        self.most_gone = sum(1 for _ in self.left.products()) if one_row_each else self.count
        self.left = Left()

    def _load(self, conn: Connection, feed: int) -> None:
        add, count = self.left.add, 0
        for row_hash, product_id, _ in live_rows(conn, feed, AT_ONCE):
            count += 1
            if row_hash is None:
                self.unsure.add(product_id)
            else:
                add(row_hash, product_id)
        self.left.added()
        self.count = count


def live_rows(conn: Connection, feed: int, at_once: int) -> Iterable[Row]:
    """What a feed brought and is shown: hash, product and SKU of each row, read some at a time."""
    sku, product_id = "", 0
    while rows := conn.all(SQL.known_rows, feed=feed, sku=sku, product_id=product_id, limit=at_once):
        yield from rows
        _, product_id, sku = rows[-1]
