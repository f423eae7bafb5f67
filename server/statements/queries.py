"""The snapshots we hold."""

from pathlib import Path

from server.db import sql
from server.db.engine import Connection
from server.statements.rules import Known

SQL = sql.load(Path(__file__).parent)


class Snapshots:
    """The snapshots that one transaction asks for and holds; what it holds is written at its end."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._held: dict[tuple[str, str, str], Known] = {}

    def find(self, kind: str, source: str, external_id: str) -> Known | None:
        """What is held of an outside record, or None."""
        held = self._held.get((kind, source, external_id))
        if held is not None:
            return held
        row = self._conn.one(SQL.find_snapshot, kind=kind, source=source, external_id=external_id)
        return Known(*row) if row else None

    def hold(self, kind: str, source: str, external_id: str, known: Known) -> None:
        """Hold a snapshot of an outside record, or the time of its deletion."""
        self._held[kind, source, external_id] = known
        row_id, customer_id, placed_at, updated_at, content_hash, deleted_at = known
        self._conn.run_late(
            SQL.keep_snapshot,
            {
                "kind": kind,
                "source": source,
                "external_id": external_id,
                "row_id": row_id,
                "customer_id": customer_id,
                "placed_at": placed_at,
                "updated_at": updated_at,
                "content_hash": content_hash,
                "deleted_at": deleted_at,
            },
        )
