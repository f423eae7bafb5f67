"""What sources state of products and stock."""

from datetime import datetime

from msgspec import UNSET

from server.catalog import queries, rules
from server.catalog.queries import SQL
from server.db.engine import Connection
from server.events import actions as events
from server.statements.rules import Value, Verdict, forget_fields, json_text, merge_fields, pack_times
from server.wire.base import timestamp
from server.wire.events import ProductChanged, RecordRemoved, StockChanged
from server.wire.records import DeletionRecord, ProductRecord, StockRecord


def state_product(conn: Connection, record: ProductRecord, now: datetime) -> Verdict:
    """Take a statement on a product, field by field; its list of variants is one field."""
    known = queries.stated_fields(conn, record.source, record.external_id)
    _, held, times, deleted_at = known or (0, dict[str, Value].fromkeys(queries.FIELDS), {}, None)
    stated: dict[str, Value] = {}
    for name in queries.FIELDS:
        value = getattr(record, name)
        if value is not UNSET:
            stated[name] = json_text(value) if name == "variants" else value
    merged = merge_fields(held, times, stated, timestamp(record.updated_at), deleted_at)
    if merged.verdict in ("older", "unchanged") and known is not None:
        return merged.verdict
    fields = {**held, **merged.changes}
    product_id = _keep(
        conn, known[0] if known else None, record.source, record.external_id, fields, merged.times, deleted_at
    )
    if merged.changes or merged.times.get("variants") != times.get("variants"):
        _write_variants(conn, product_id, fields, merged.times)
    if merged.verdict in ("new", "changed"):
        events.record(conn, ProductChanged(product_id=product_id), now)
    return merged.verdict


def delete_product(conn: Connection, record: DeletionRecord, now: datetime) -> Verdict:
    """Drop what was stated of a product up to a moment."""
    at = timestamp(record.deleted_at)
    known = queries.stated_fields(conn, record.source, record.external_id)
    product_id, held, times, deleted_at = known or (0, dict[str, Value].fromkeys(queries.FIELDS), {}, None)
    if deleted_at is not None and at <= deleted_at:
        return "unchanged" if at == deleted_at else "older"
    forgotten = forget_fields(held, times, at)
    fields = {**held, **forgotten.changes}
    product_id = _keep(conn, product_id or None, record.source, record.external_id, fields, forgotten.times, at)
    _write_variants(conn, product_id, fields, forgotten.times)
    if not times:
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
    incoming = (timestamp(record.updated_at), record.quantity, record.source)
    if held is not None:
        known = (held[1], held[0], held[2])
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
    if held is not None and held[0] == record.quantity:
        return "confirmed"
    events.record(conn, StockChanged(sku=record.sku, quantity=record.quantity), now, store=record.store)
    return "new" if held is None else "changed"


def _keep(
    conn: Connection,
    product_id: int | None,
    source: str,
    external_id: str,
    fields: dict[str, Value],
    times: dict[str, str],
    deleted_at: str | None,
) -> int:
    values = {**fields, "field_times": pack_times(times), "deleted_at": deleted_at}
    if product_id is not None:
        conn.run(SQL.set_product, id=product_id, **values)
        return product_id
    added = conn.one(SQL.add_product, source=source, external_id=external_id, **values)
    assert added is not None
    new_id: int = added[0]
    return new_id


def _write_variants(conn: Connection, product_id: int, fields: dict[str, Value], times: dict[str, str]) -> None:
    conn.run(SQL.clear_variants, product_id=product_id)
    conn.run_many(SQL.add_variant, rules.variant_rows(product_id, fields, times.get("variants", "")))
