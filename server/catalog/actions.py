"""What sources state of products and stock."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec import UNSET

from server.catalog import queries, rules, words_index
from server.catalog.pictures import links
from server.catalog.pictures.shape import is_address
from server.catalog.queries import SQL, Stated, Version
from server.catalog.rules import DISCONTINUED, FOR_GOOD
from server.db.engine import Connection
from server.events import actions as events
from server.statements.rules import Merged, Value, Verdict, forget_fields, json_text, merge_fields, pack_times
from server.wire.base import timestamp
from server.wire.events import ProductChanged, RecordRemoved, StockChanged
from server.wire.records import DeletionRecord, ProductRecord, StockRecord


def state_product(conn: Connection, record: ProductRecord, now: datetime) -> Verdict:
    """Take a statement on a product, field by field; its list of variants is one field."""
    at = timestamp(record.updated_at)
    stated: dict[str, Value] = {}
    for name in queries.FIELDS:
        value = getattr(record, name)
        if value is not UNSET:
            stated[name] = json_text(value) if name == "variants" else value

    def merge(version: Version) -> Merged:
        return merge_fields(version.fields, version.times, stated, at, version.deleted_at)

    known = queries.stated(conn, record.source, record.external_id)
    merged = merge(known.shown)
    product_id = known.product_id
    if product_id is None or merged.verdict not in ("older", "unchanged") or known.coming is not None:
        product_id = _write(conn, known, record.source, record.external_id, now, merge)
    if merged.verdict in ("new", "changed"):
        events.record(conn, ProductChanged(product_id=product_id), now)
    return merged.verdict


def delete_product(conn: Connection, record: DeletionRecord, now: datetime) -> Verdict:
    """Drop what was stated of a product up to a moment."""
    at = timestamp(record.deleted_at)
    known = queries.stated(conn, record.source, record.external_id)
    shown = known.shown
    if shown.deleted_at is not None and at <= shown.deleted_at:
        return "unchanged" if at == shown.deleted_at else "older"

    def forget(version: Version) -> Merged:
        return forget_fields(version.fields, version.times, at)

    forgotten = forget(shown)
    product_id = _write(conn, known, record.source, record.external_id, now, forget, at)
    if not shown.times:
        return "new"
    if not forgotten.changes:
        return "confirmed"
    if forgotten.times:
        events.record(conn, ProductChanged(product_id=product_id), now)
    else:
        events.record(conn, RecordRemoved(kind="product", id=product_id), now)
    return "changed"


def state_stock(conn: Connection, record: StockRecord, now: datetime) -> Verdict:
    """Take a statement on a store's stock of an article; the newest wins, at equal times the larger quantity."""
    held = conn.one(SQL.stock_of, sku=record.sku, store=record.store)
    count = queries.count_of(conn, record.store)
    incoming = (timestamp(record.updated_at), record.quantity, record.source)
    known = None if held is None else (held[1], held[0], held[2])
    if count is not None:
        if incoming[0] < count.stated_at:
            return "older"
        if count.counted_at is not None:
            # What was as it was counted was not written anew, nor was that nothing of it was there.
            _, quantity, source = known or ("", 0, "")
            known = (max(known[0] if known else "", count.counted_at), quantity, source)
    if known is not None:
        if incoming == known:
            return "unchanged"
        if incoming < known:
            return "older"
    conn.run(
        SQL.put_stock,
        sku=record.sku,
        store=record.store,
        quantity=record.quantity,
        updated_at=incoming[0],
        source=record.source,
    )
    if known is not None and known[1] == record.quantity:
        return "confirmed"
    events.record(conn, StockChanged(sku=record.sku, quantity=record.quantity), now, store=record.store)
    return "new" if held is None else "changed"


def _write(
    conn: Connection,
    known: Stated,
    source: str,
    external_id: str,
    now: datetime,
    merge: Callable[[Version], Merged],
    deleted_at: str | None = None,
) -> int:
    """Write a product anew with what a statement changes of it.

    A run that is under way may have written what the product will be: the statement counts there too.
    """
    product_id = known.product_id
    if product_id is None:
        added = conn.one(SQL.add_product_id, source=source, external_id=external_id)
        assert added is not None
        product_id = int(added[0])
    generation = queries.generation(conn)
    versions = [(known.shown, generation, FOR_GOOD if known.coming is None else generation)]
    if known.coming is not None:
        versions.append((known.coming, generation + 1, FOR_GOOD))
    products: list[dict[str, Any]] = []
    variants: list[dict[str, Any]] = []
    found_by: list[words_index.Version] = []
    anew = known.coming is not None
    for version, since, until in versions:
        merged = merge(version)
        fields = {**version.fields, **merged.changes}
        own = {"id": product_id, "since": since, "until": until, "source": source, "external_id": external_id}
        kept = deleted_at or version.deleted_at
        products.append({**own, **fields, "field_times": pack_times(merged.times), "deleted_at": kept})
        anew = anew or bool(merged.changes) or merged.times.get("variants") != version.times.get("variants")
        rows = rules.variant_rows(product_id, fields, merged.times.get("variants", ""))
        feed = next((row["feed"] for row in version.rows if row["feed"] is not None), None)
        variants.extend({**row, "since": since, "until": until, "feed": feed} for row in rows)
        stated = {row["sku"] for row in rows}
        left = [row for row in version.rows if row["availability"] == DISCONTINUED and row["sku"] not in stated]
        variants.extend({**row, "since": since, "until": until} for row in left)
        texts = (str(fields[name]) for name in ("title", "brand", "category") if fields[name])
        found_by.append((since, until, words_index.words_of_rows(texts, [*rows, *left])))
    for link in {row["picture"] for row in (*products, *variants)}:
        if link is not None and is_address(link):
            conn.run_late(SQL.want_picture, links.wanted(link, now))
    conn.run(SQL.drop_product, id=product_id)
    conn.run_many(SQL.add_product, products)
    if anew:
        conn.run(SQL.drop_rows, product_id=product_id)
        conn.run_many(SQL.add_variant, variants)
    words_index.set_words(conn, product_id, found_by)
    return product_id
