"""Articles as lines and products show them."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from server.catalog.grid import Laid, grid_of
from server.catalog.rules import DISCONTINUED, stated_variants
from server.db import sql
from server.db.engine import Connection, Row
from server.statements.rules import Value, unpack_times
from server.wire.catalog import Item, PictureSize, Product, Stock, StoreStock, Variant

SQL = sql.load(Path(__file__).parent)
FIELDS = ("title", "description", "brand", "category", "picture", "variants")
COLUMNS = (
    "product_id", "sku", "since", "until", "feed", "row_hash", "position", "gtin", "title", "options", "price",
    "sale_price", "currency", "picture", "brand", "availability", "stated_at",
)  # fmt: skip
"""Of a row of variants that is read whole."""
NO_STOCK = Stock()

_encode = msgspec.json.Encoder().encode
_options = msgspec.json.Decoder(dict[str, str])


class Version(NamedTuple):
    """What is stated of a product in a generation: its fields, their times, when it was deleted, and its rows."""

    fields: dict[str, Value]
    times: dict[str, str]
    deleted_at: str | None
    rows: Sequence[dict[str, Any]]


class Stated(NamedTuple):
    """A product as it is shown, and as a run that is under way has written it for the generation that comes."""

    product_id: int | None
    shown: Version
    coming: Version | None


class Count(NamedTuple):
    """The newest count of a store's stock: who takes it, when it was true, and when the newest that is complete was."""

    holder: str
    stated_at: str
    counted_at: str | None
    name: str


NOTHING = Version(dict.fromkeys(FIELDS), {}, None, ())


def generation(conn: Connection) -> int:
    """The generation that is shown."""
    row = conn.one(SQL.generation)
    assert row is not None
    number: int = row[0]
    return number


def stated(conn: Connection, source: str, external_id: str) -> Stated:
    """What is stated of a product."""
    found = conn.all(SQL.product_versions, source=source, external_id=external_id)
    if not found:
        return Stated(None, NOTHING, None)
    product_id, shown_in = int(found[0][0]), generation(conn)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in conn.all(SQL.rows_of, product_id=product_id)]
    feed_at = None
    if any(row["row_hash"] is not None for row in rows):
        said = conn.one(SQL.feed_of, product_id=product_id)
        feed_at = None if said is None else said[0]
    versions = [row[1:] for row in found if row[1] is not None]
    now = [row for row in rows if row["since"] <= shown_in]
    coming = [row for row in rows if row["until"] > shown_in]
    shown = next((_version(row, now, feed_at) for row in versions if row[0] <= shown_in), NOTHING)
    if len(now) == len(coming) == len(rows) and all(row[0] <= shown_in for row in versions):
        return Stated(product_id, shown, None)
    return Stated(product_id, shown, _version(versions[-1], coming, feed_at))


def _version(row: Row, variants: Sequence[dict[str, Any]], feed_at: str | None) -> Version:
    _, *values, field_times, deleted_at = row
    fields, times = dict(zip(FIELDS, values, strict=True)), unpack_times(field_times)
    if feed_at is not None:
        # What the newest feed says too is as new as that; it is not written again each night.
        times = {field: max(at, feed_at) for field, at in times.items()}
    if fields["variants"] is None and variants:
        fields["variants"] = stated_variants(variants, fields["picture"])
    return Version(fields, times, deleted_at, variants)


def items(conn: Connection, skus: Collection[str]) -> dict[str, Item]:
    """The articles behind SKUs; what the catalogue does not have is left out."""
    if not skus:
        return {}
    wanted = _encode(list(skus)).decode()
    rows = conn.all(SQL.items, skus=wanted)
    found = {row[0]: row for row in rows}
    if len(found) < len(rows):  # it happens that two products claim one SKU; then the order of their statements counts
        found = {row[0]: row for row in conn.all(SQL.items_in_order, skus=wanted)}
    return {sku: item_of(*row) for sku, row in found.items()}


def stock(conn: Connection, skus: Collection[str], store: str | None) -> dict[str, Stock]:
    """Where articles are: in `store`, and in the others that have some, most first."""
    if not skus:
        return {}
    by_sku: dict[str, list[StoreStock]] = {}
    unknown_here = set() if store is None else set(skus)
    for sku, code, name, quantity, as_of in conn.all(SQL.stock, skus=_encode(list(skus)).decode(), store=store):
        by_sku.setdefault(sku, []).append(StoreStock(store=code, name=name, quantity=quantity, as_of=as_of))
        if code == store:
            unknown_here.discard(sku)
    if unknown_here and store is not None and (count := count_of(conn, store)) is not None and count.counted_at:
        # All that the store has was counted, and these were not there.
        for sku in unknown_here:
            none = StoreStock(store=store, name=count.name, quantity=0, as_of=count.counted_at)
            by_sku.setdefault(sku, []).append(none)
    return {sku: _around(store, everywhere) for sku, everywhere in by_sku.items()}


def count_of(conn: Connection, store: str) -> Count | None:
    """The newest count of a store's stock, or None."""
    row = conn.one(SQL.count_of, store=store)
    return None if row is None else Count(*row)


def product_by_sku(conn: Connection, sku: str, store: str | None) -> Product | None:
    """The product that has an SKU, or None."""
    return _product(conn, conn.one(SQL.product_of_sku, sku=sku), store)


def product_by_gtin(conn: Connection, gtin: str, store: str | None) -> Product | None:
    """The product that has a GTIN (14 digits), or None."""
    return _product(conn, conn.one(SQL.product_of_gtin, gtin=gtin), store)


class Picture(NamedTuple):
    """A picture in a size; `digest` is the SHA-256 of its content."""

    digest: str
    media_type: str
    content: bytes


def picture(conn: Connection, hash_: str, size: PictureSize) -> Picture | None:
    """A picture, in a size or else large, or None."""
    row = conn.one(SQL.picture, hash=hash_, size=size)
    return None if row is None else Picture(row[0], row[1], bytes(row[2]))


def _product(conn: Connection, found: Row | None, store: str | None) -> Product | None:
    if found is None:
        return None
    product_id, sku = found
    row = conn.one(SQL.product, id=product_id)
    if row is None:
        return None
    id_, source, external_id, title, description, brand, category, picture = row
    rows = conn.all(SQL.variants_of, product_id=product_id)
    stocks = stock(conn, [row[0] for row in rows], store)
    variants = tuple(
        Variant(item=item_of(*columns), gtin=gtin, stock=stocks.get(columns[0], NO_STOCK)) for *columns, gtin in rows
    )
    return Product(
        id=id_,
        source=source,
        external_id=external_id,
        sku=sku,
        title=title or sku,
        description=description,
        brand=brand,
        category=category,
        picture=picture,
        variants=variants,
        grid=grid_of([Laid(v.item.sku, v.item.options, v.item.availability == DISCONTINUED) for v in variants]),
    )


def item_of(
    sku: str,
    product_id: int,
    title: str,
    options: str,
    price: int,
    sale_price: int | None,
    currency: str,
    picture: str | None,
    brand: str | None,
    availability: str | None,
) -> Item:
    """An article out of its columns."""
    return Item(
        sku=sku,
        product_id=product_id,
        title=title,
        options=_options.decode(options),
        price=price,
        sale_price=sale_price,
        currency=currency,
        picture=picture,
        brand=brand,
        availability=availability,
    )


def _around(store: str | None, everywhere: Sequence[StoreStock]) -> Stock:
    return Stock(
        here=next((s for s in everywhere if s.store == store), None),
        nearby=tuple(s for s in everywhere if s.store != store and s.quantity > 0),
    )
