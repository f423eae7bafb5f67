"""Rows that amend what is shown: another price, another GTIN, while all that their product says of itself is as it was.

Most changes of a night are such. They need neither the other rows of their product nor the product itself.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from server.catalog.compare import Feed, Tally, jump
from server.catalog.feeds.shape import FeedRow
from server.catalog.known import Known
from server.catalog.queries import FIELDS, SQL
from server.catalog.rules import DISCONTINUED, FOR_GOOD
from server.catalog.staging import Place, Staged, Staging
from server.catalog.words_index import write_amended
from server.db.engine import Connection, Database
from server.statements.rules import unpack_times

AT_ONCE = 1_000
"""Rows that are looked up at a time."""

_encode = msgspec.json.Encoder(order="sorted").encode


class Held(NamedTuple):
    """A row as it is shown, with what is said of its product."""

    product_id: int
    sku: str
    since: int
    until: int
    feed: int
    row_hash: int | None
    position: int
    gtin: str | None
    title: str
    options: str
    price: int
    sale_price: int | None
    currency: str
    picture: str | None
    brand: str | None
    availability: str | None
    external_id: str
    product_title: str | None
    product_description: str | None
    product_brand: str | None
    product_category: str | None
    product_picture: str | None
    field_times: str
    deleted_at: str | None
    stated_variants: int


class Changed:
    """The rows of a feed that are not known as they are: kept aside, each with what is shown under its SKU."""

    def __init__(self, database: Database, feed: Feed, known: Known, staging: Staging) -> None:
        self.jumps = 0
        self._database = database
        self._feed = feed
        self._known = known
        self._staging = staging
        self._waiting: list[Staged] = []

    def take(self, line: int, row_hash: int | None, row: FeedRow) -> None:
        """Keep a row."""
        self._waiting.append(Staged(line, row_hash, row))
        if len(self._waiting) >= AT_ONCE:
            self.end()

    def end(self) -> None:
        """Keep those that wait."""
        waiting, self._waiting = self._waiting, []
        held = self._database.read_now(_held, self._feed, [entry.row.sku for entry in waiting])
        shown = {row.sku: row for row in held if row.row_hash is not None}
        for line, row_hash, row in waiting:
            known = shown.get(row.sku)
            if known is None or known.row_hash is None:
                self._staging.add(line, row_hash, row)
                continue
            amended = row_hash is not None and self._amends(known, row)
            if amended and jump(known.price, known.currency, row) is not None:
                self.jumps += 1
            self._staging.add(line, row_hash, row, Place(known.row_hash, known.product_id, amended))

    def _amends(self, held: Held, row: FeedRow) -> bool:
        return (
            row.title == held.title
            and row.product == held.external_id
            and row.description == held.product_description
            and row.brand == held.product_brand
            and row.category == held.product_category
            and row.product_title in (None, held.product_title)
            # The product's is that of one of its rows: of which is no matter where this row's own is as it was.
            and (row.product_picture == held.product_picture or row.product_picture == row.picture == held.picture)
            and not held.stated_variants
            and held.row_hash not in self._known.left.shared
            and held.product_id not in self._known.unsure
            and _latest(held.field_times) <= self._feed.stated_at
            and (held.deleted_at is None or held.deleted_at < self._feed.stated_at)
        )


def amend(conn: Connection, feed: Feed, groups: Sequence[tuple[int, Sequence[Staged]]], *, write: bool) -> Tally:
    """Compare rows with those that are shown, and write what differs if asked to; all rows of a product at once.

    What a record said since counts: of such a product the row's own columns are taken where they may be, and all of it
    is asked of the next feed again.
    """
    held = _held(conn, feed, [entry.row.sku for _, staged in groups for entry in staged])
    shown = {(row.product_id, row.sku): row for row in held}
    ended: list[tuple[Any, ...]] = []
    added: list[tuple[Any, ...]] = []
    hashed: list[tuple[Any, ...]] = []
    others: dict[int, tuple[str | None, ...]] = {}
    preview = []
    changed = new = jumps = 0
    for product_id, staged in groups:
        for _, row_hash, row in staged:
            now = shown.get((product_id, row.sku))
            if now is None or (now.deleted_at or "") >= feed.stated_at:
                continue
            if _latest(now.field_times) > feed.stated_at:
                if unpack_times(now.field_times).get("variants", "") > feed.stated_at:
                    continue
                row_hash = None  # noqa: PLW2901 - it is not known any more
            key = (now.sku, now.product_id, now.since)
            said = (
                *(row.gtin, row.title, _encode(row.options).decode(), row.price, row.sale_price, row.currency),
                *(row.picture or now.product_picture, now.product_brand, row.availability),
            )
            if said == now[7:16]:
                if row_hash != now.row_hash:
                    hashed.append((feed.number, row_hash, *key))
                continue
            if said[2] != now.options:
                others[product_id] = (now.product_title, now.product_brand, now.product_category)
            if now.availability == DISCONTINUED:
                new += 1
            else:
                changed += 1
                told = jump(now.price, now.currency, row)
                if told is not None:
                    jumps += 1
                    preview.append(told)
            own = (now.product_id, now.sku, feed.generation, FOR_GOOD, feed.number, row_hash, now.position)
            ended.append((feed.generation - 1, *key))
            added.append((*own, *said, feed.stated_at))
    if write:
        conn.run_rows(SQL.end_variant, ended)
        conn.run_rows(SQL.add_variant, added)
        conn.run_rows(SQL.set_row_hash, hashed)
        write_amended(conn, feed.generation, others)
    return Tally().plus(Tally(new=new, changed=changed, jumps=jumps, preview=tuple(preview)))


def _held(conn: Connection, feed: Feed, skus: Sequence[str]) -> list[Held]:
    found = conn.all(SQL.held_rows, skus=_encode(skus).decode(), feed=feed.number)
    return [Held._make(row) for row in found]


@lru_cache(maxsize=4_096)
def _latest(field_times: str) -> str:
    """The latest time of a product's fields; later than any where some of them were never stated."""
    times = unpack_times(field_times)
    return max(times[field] for field in FIELDS) if len(times) > len(FIELDS) else "~"
