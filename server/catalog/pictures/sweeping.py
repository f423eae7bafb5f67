"""Pictures that nobody names any more are let go of; what old orders show of articles that are gone is named still."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from server.catalog.queries import SQL
from server.db.engine import Connection, Database
from server.db.sql import Query
from server.wire.base import timestamp

AT_ONCE = 2_000
"""Rows that are read at a time."""
LET_GO_AT_ONCE = 50
"""Pictures that one transaction lets go of: their bytes are written over."""


def sweep(database: Database, now: datetime) -> int:
    """Let go of links that are named nowhere, and pictures that no link leads to; how many pictures.

    A link that is named meanwhile stays: whoever names it says when, and only what was named before is let go of. One
    that a feed names which is being read stays too: its articles are not there yet.
    """
    before, spared = timestamp(now), database.read_now(_running)
    named = {_short(link) for link in _named(database)}
    for rows in _pages(database, SQL.links, link=""):
        gone = [
            {"link": link, "before": before}
            for link, wanted_at, run_id in rows
            if wanted_at < before and _short(link) not in named and (spared is None or run_id != spared)
        ]
        for start in range(0, len(gone), LET_GO_AT_ONCE):
            database.write_now(_run_many, SQL.forget_link, gone[start : start + LET_GO_AT_ONCE])
    count = 0
    for rows in _pages(database, SQL.unlinked_pictures, hash=""):
        for start in range(0, len(rows), LET_GO_AT_ONCE):
            some = [{"hash": row[0]} for row in rows[start : start + LET_GO_AT_ONCE]]
            database.write_now(_run_many, SQL.forget_picture, some)
        count += len(rows)
    return count


def _running(conn: Connection) -> int | None:
    """The run that is under way, or was when its program died."""
    found = conn.one(SQL.running)
    return None if found is None else found[0]


def _named(database: Database) -> Iterator[str]:
    """Every link that an article or a product names, in whichever generation."""
    for pages in (
        _pages(database, SQL.named_pictures, sku="", product_id=0, since=0),
        _pages(database, SQL.named_by_products, id=0, since=0),
    ):
        for rows in pages:
            yield from {row[-1] for row in rows if row[-1] is not None}


def _pages(database: Database, query: Query, **after: Any) -> Iterator[Sequence[Any]]:
    """All rows of a query, from each page's last on; its parameters are its first columns."""
    while rows := database.read_now(_rows, query, **after, limit=AT_ONCE):
        yield rows
        after = dict(zip(after, rows[-1], strict=False))


def _short(link: str) -> bytes:
    """A link in eight bytes, as a chain names a million: two that are alike would only keep one for longer."""
    return blake2b(link.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _rows(conn: Connection, query: Query, /, **values: Any) -> Sequence[Any]:
    return conn.all(query, **values)


def _run_many(conn: Connection, query: Query, rows: Sequence[dict[str, Any]]) -> None:
    conn.run_many(query, rows)
