"""What sources state of stores."""

from datetime import datetime

from msgspec import UNSET

from server.db.engine import Connection
from server.events import actions as events
from server.statements.rules import Verdict, merge_fields, pack_times
from server.stores import queries
from server.wire.base import timestamp
from server.wire.events import StoreChanged
from server.wire.records import StoreRecord


def state_store(conn: Connection, record: StoreRecord, now: datetime) -> Verdict:
    """Take a statement on a store, field by field."""
    held, times = queries.stated_fields(conn, record.code) or (dict.fromkeys(queries.FIELDS), {})
    stated = {name: value for name in queries.FIELDS if (value := getattr(record, name)) is not UNSET}
    merged = merge_fields(held, times, stated, timestamp(record.updated_at), None)
    if merged.verdict not in ("older", "unchanged"):
        conn.run(queries.SQL.put, code=record.code, **{**held, **merged.changes}, field_times=pack_times(merged.times))
    if merged.verdict in ("new", "changed"):
        events.record(conn, StoreChanged(code=record.code), now, store=record.code)
    return merged.verdict
