"""Customers as they are kept; `context.py` and `search.py` make of it what is shown."""

from pathlib import Path
from typing import Any, NamedTuple

from server.customers.rules import FIELDS, Kind
from server.db import sql
from server.db.engine import Connection
from server.statements.rules import Value, unpack_times

SQL: Any = sql.load(Path(__file__).parent)


class Held(NamedTuple):
    """A customer of one source as we hold them."""

    id: int
    person_id: int | None
    stated: bool
    fields: dict[str, Value]
    times: dict[str, str]
    deleted_at: str | None
    redacted_at: str | None


class Holder(NamedTuple):
    """Whose contact it is."""

    customer_id: int
    verified: bool
    person_id: int


def by_key(conn: Connection, source: str, external_id: str) -> Held | None:
    """A customer by their source and id there, or None."""
    row = conn.one(SQL.by_key, source=source, external_id=external_id)
    if row is None:
        return None
    id_, person_id, stated, *values, times, deleted_at, redacted_at = row
    fields = dict(zip(FIELDS, values, strict=True))
    return Held(id_, person_id, bool(stated), fields, unpack_times(times), deleted_at, redacted_at)


def holders(conn: Connection, kind: Kind, value: str) -> list[Holder]:
    """Every customer whose contact it is."""
    return [
        Holder(id_, bool(verified), person) for id_, verified, person in conn.all(SQL.holders, kind=kind, value=value)
    ]


def persons_with(conn: Connection, kind: Kind, value: str) -> list[int]:
    """The persons who carry a contact; only those who proved it, where anybody did."""
    rows = conn.all(SQL.persons_with, kind=kind, value=value)
    proven = [person for person, verified in rows if verified]
    return proven or list(dict.fromkeys(person for person, _ in rows))


def customer_id_of(conn: Connection, source: str, external_id: str) -> int | None:
    """A customer's number, or None."""
    row = conn.one(SQL.id_of, source=source, external_id=external_id)
    return row[0] if row else None
