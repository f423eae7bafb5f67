"""What a database says, as a crash left it, and where two of them differ."""

import json
from collections import Counter
from typing import Any

from server.db.engine import Connection
from tests.server.given import rows
from tests.server.ingest.state import State, flaws_of, state_of

_MADE = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'",
    "postgresql": "SELECT 1 FROM pg_class WHERE relname = 'schema_migrations'",
}
_TOLD = {
    "sqlite": "SELECT body FROM events",
    # What nobody gave its number for good yet was told as well.
    "postgresql": "SELECT body FROM events UNION ALL SELECT body FROM events_new",
}


def is_made(conn: Connection) -> bool:
    """Whether the schema is there: a kill may come before it."""
    return bool(rows(conn, _MADE[conn.engine]))


def flaws(conn: Connection) -> list[str]:
    """What rows say that no transaction may leave behind, by the unit tests' own list."""
    return flaws_of(conn) if is_made(conn) else []


def events(conn: Connection) -> Counter[str]:
    """How often what was told, by the sort of event."""
    if not is_made(conn):
        return Counter()
    return Counter(json.loads(body)["type"] for (body,) in rows(conn, _TOLD[conn.engine]))


def content(conn: Connection) -> State:
    """All that imports leave behind, without numbers: records, refused lines, and how often what was told."""
    refused = rows(conn, "SELECT origin, line, path, reason, text FROM refused_records ORDER BY line, path")
    return {**state_of(conn), "refused": refused, "events": dict(events(conn))}


def differences(expected: State, found: State, most: int = 5) -> list[str]:
    """Where two contents differ, in words; not more than some of each part."""
    told = []
    for part in expected.keys() | found.keys():
        one, other = expected.get(part), found.get(part)
        if one == other:
            continue
        before, after = _entries(one), _entries(other)
        unlike = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
        told += [f"{part}: {key}: {before.get(key)!r} became {after.get(key)!r}" for key in sorted(unlike)[:most]]
    return told


def _entries(part: Any) -> dict[str, Any]:
    if isinstance(part, dict):
        return {str(key): value for key, value in part.items()}
    return {str(entry): count for entry, count in Counter(map(str, part or ())).items()}
