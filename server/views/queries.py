"""Lately viewed."""

from collections.abc import Sequence
from pathlib import Path

from server.db import sql
from server.db.engine import Connection

SQL = sql.load(Path(__file__).parent)


def latest(conn: Connection, customer_ids: Sequence[int], limit: int) -> list[tuple[str, str]]:
    """SKU and time of what some customers looked at, the latest first, each article once."""
    rows: list[tuple[str, str]] = [
        (sku, viewed_at)
        for customer_id in customer_ids
        for sku, viewed_at in conn.all(SQL.latest, customer_id=customer_id, limit=limit)
    ]
    if len(customer_ids) > 1:
        rows.sort(key=lambda row: row[1], reverse=True)
        once: dict[str, str] = {}
        for sku, viewed_at in rows:
            once.setdefault(sku, viewed_at)
        rows = list(once.items())[:limit]
    return rows
