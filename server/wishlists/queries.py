"""Wish lists as they are shown."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import msgspec

from server.catalog.queries import NO_STOCK
from server.db import sql
from server.db.engine import Connection, Row
from server.wire.catalog import Item, Stock
from server.wire.wishlists import Wish, WishList

SQL = sql.load(Path(__file__).parent)

_encode = msgspec.json.Encoder().encode


class WishFor(NamedTuple):
    """That a customer wishes for an article, and since when."""

    customer_id: int
    sku: str
    added_at: str


def rows_of(conn: Connection, customer_ids: Sequence[int]) -> list[Row]:
    """Rows of the wish lists of some customers, one a wish, for `wishlists_from`."""
    return [row for customer_id in customer_ids for row in conn.all(SQL.of_customer, customer_id=customer_id)]


def wishlists_from(rows: Sequence[Row], items: dict[str, Item], stock: dict[str, Stock]) -> tuple[WishList, ...]:
    """Wish lists out of rows that have one wish each; an empty list has one row without."""
    return tuple(
        WishList(
            id=id_,
            source=source,
            external_id=external_id,
            name=name,
            updated_at=updated_at,
            items=tuple(
                Wish(sku=sku, added_at=added_at, item=items.get(sku), stock=stock.get(sku, NO_STOCK))
                for *_, sku, added_at in wishes
                if sku is not None
            ),
        )
        for (id_, source, external_id, name, updated_at), wishes in groupby(rows, key=lambda row: row[:5])
    )


def wishes_for(conn: Connection, skus: Sequence[str], before: tuple[str, int], limit: int) -> list[WishFor]:
    """Who wishes for one of some articles, the latest wish first, from a place (time, customer) in the list on."""
    listed = _encode(skus).decode()
    return [
        WishFor(*row) for row in conn.all(SQL.wishes_for, skus=listed, at=before[0], customer_id=before[1], limit=limit)
    ]


def latest_wishes(conn: Connection, skus: Sequence[str], customer_ids: Iterable[int]) -> dict[int, str]:
    """When each of some customers wished last for one of some articles, where they did."""
    listed, ids = _encode(skus).decode(), _encode(list(customer_ids)).decode()
    return dict(conn.all(SQL.latest_wishes, skus=listed, ids=ids))


def skus_of(rows: Sequence[Row]) -> set[str]:
    """The SKUs that wishes name."""
    return {row[5] for row in rows if row[5] is not None}


def keys_until(conn: Connection, customer_id: int, until: str) -> list[tuple[str, str]]:
    """Source and external id of what a customer had up to a moment."""
    return [
        (source, external_id) for source, external_id in conn.all(SQL.keys_until, customer_id=customer_id, until=until)
    ]
