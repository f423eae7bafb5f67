"""The snapshots we hold."""

from pathlib import Path

from server.db import sql
from server.db.engine import Connection
from server.statements.rules import Known

SQL = sql.load(Path(__file__).parent)


def find_snapshot(conn: Connection, kind: str, source: str, external_id: str) -> Known | None:
    """What is held of an outside record, or None."""
    row = conn.one(SQL.find_snapshot, kind=kind, source=source, external_id=external_id)
    return Known(*row) if row else None


def keep_snapshot(conn: Connection, kind: str, source: str, external_id: str, known: Known) -> None:
    """Hold a snapshot of an outside record, or the time of its deletion."""
    conn.run(SQL.keep_snapshot, kind=kind, source=source, external_id=external_id, **known._asdict())
