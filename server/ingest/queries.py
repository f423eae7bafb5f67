"""Lines that were refused."""

from pathlib import Path

from server.db import sql
from server.db.engine import Connection
from server.wire.records import RefusedRecord

SQL = sql.load(Path(__file__).parent)
AFTER_ALL = 2**62


def refused(conn: Connection, before: int | None, limit: int) -> tuple[RefusedRecord, ...]:
    """Refused lines, the latest first, from one on."""
    rows = conn.all(SQL.refused, before=AFTER_ALL if before is None else before, limit=limit)
    return tuple(
        RefusedRecord(id=id_, refused_at=at, origin=origin, line=line, path=path, reason=reason, text=text)
        for id_, at, origin, line, path, reason, text in rows
    )
