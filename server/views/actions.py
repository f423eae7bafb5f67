"""Keeping what customers looked at."""

from datetime import datetime

from server.db.engine import Connection
from server.events import actions as events
from server.statements.rules import Verdict
from server.views.queries import SQL
from server.wire.base import timestamp
from server.wire.events import ArticleViewed
from server.wire.records import ViewRecord


def add_view(conn: Connection, record: ViewRecord, customer_id: int, now: datetime) -> Verdict:
    """Keep a look at an article."""
    added = conn.run(
        SQL.add, customer_id=customer_id, viewed_at=timestamp(record.viewed_at), sku=record.sku, source=record.source
    )
    if not added:
        return "unchanged"
    events.record(conn, ArticleViewed(sku=record.sku), now, customer_id=customer_id)
    return "new"


def forget_views(conn: Connection, customer_id: int, until: str) -> None:
    """Drop what a customer looked at up to a moment."""
    conn.run(SQL.forget, customer_id=customer_id, until=until)
