"""Stores as they are."""

from pathlib import Path

from server.db import sql
from server.db.engine import Connection
from server.statements.rules import Value, unpack_times
from server.wire.stores import Store

SQL = sql.load(Path(__file__).parent)
FIELDS = ("name", "city", "time_zone", "country", "address", "latitude", "longitude", "opening_hours")


def stated_fields(conn: Connection, code: str) -> tuple[dict[str, Value], dict[str, str]] | None:
    """A store's fields and when each was stated, or None."""
    row = conn.one(SQL.by_code, code=code)
    if row is None:
        return None
    return dict(zip(FIELDS, row[:-1], strict=True)), unpack_times(row[-1])


def by_code(conn: Connection, code: str) -> Store | None:
    """One store, or None."""
    row = conn.one(SQL.by_code, code=code)
    return _store(code, *row[:-1]) if row else None


def all_stores(conn: Connection) -> tuple[Store, ...]:
    """Every store, by name."""
    return tuple(_store(*row) for row in conn.all(SQL.all_stores))


def _store(
    code: str,
    name: str | None,
    city: str | None,
    time_zone: str | None,
    country: str | None,
    address: str | None,
    latitude: float | None,
    longitude: float | None,
    opening_hours: str | None,
) -> Store:
    return Store(
        code=code,
        name=name or code,
        city=city,
        time_zone=time_zone,
        country=country,
        address=address,
        latitude=latitude,
        longitude=longitude,
        opening_hours=opening_hours,
    )
