"""The snapshots we hold."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from server.db import sql
from server.db.engine import Connection
from server.statements.rules import Key, Known, json_text

SQL = sql.load(Path(__file__).parent)


ALWAYS = "~"
"""Sorts after every time."""


def forget_snapshots(conn: Connection, kind: str, keys: Iterable[tuple[str, str]]) -> None:
    """Know nothing of outside records any more, by their source and id."""
    for source, external_id in keys:
        conn.run(SQL.forget_snapshot, kind=kind, source=source, external_id=external_id)


class Snapshots:
    """The snapshots that one transaction asks for and holds; what it holds is written at its end."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._held: dict[Key, Known | None] = {}

    def expect(self, keys: Sequence[Key]) -> None:
        """Read what is held of many outside records at once: that costs a third of reading each alone."""
        held = self._held = dict[Key, Known | None].fromkeys(keys)
        for kind, source, external_id, *row in self._conn.all(SQL.find_snapshots, keys=json_text(list(held))):
            held[kind, source, external_id] = Known(*row)

    def find(self, key: Key) -> Known | None:
        """What is held of an outside record, or None."""
        if key in self._held:
            return self._held[key]
        kind, source, external_id = key
        row = self._conn.one(SQL.find_snapshot, kind=kind, source=source, external_id=external_id)
        return Known(*row) if row else None

    def hold(self, key: Key, known: Known) -> None:
        """Hold a snapshot of an outside record, or the time of its deletion."""
        self._held[key] = known
        kind, source, external_id = key
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
