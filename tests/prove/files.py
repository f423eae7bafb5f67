"""Database files as a crash left them: copied, opened and looked at."""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from server.db.sqlite import SqliteConnection, connect
from tests.server.ingest.state import State, flaws_of, state_of

# rank 1 compares the index with the words it was made of as well; without it only the index itself is looked at.
_CHECK_INDEX = "INSERT INTO customer_words_index (customer_words_index, rank) VALUES ('integrity-check', 1)"


def copied(database: Path, name: str) -> Path:
    """A copy of a file that nobody writes, with its log: so that looking at it leaves the recovery to the product."""
    copy = database.with_name(name)
    for ending in ("", "-wal"):
        if (there := Path(f"{database}{ending}")).exists():
            shutil.copyfile(there, f"{copy}{ending}")
    return copy


@contextmanager
def opened(database: Path) -> Iterator[SqliteConnection]:
    """A plain connection, as an operator's tool would open one; SQLite recovers the file first."""
    raw = connect(database)
    try:
        yield SqliteConnection(raw)
    finally:
        raw.close()


def faults(conn: SqliteConnection) -> list[str]:
    """What is wrong with a file, by SQLite's own check and the full-text index's own."""
    try:
        found = [text for (text,) in conn.raw.execute("PRAGMA integrity_check") if text != "ok"]
        if is_made(conn):
            conn.raw.execute(_CHECK_INDEX)
    except apsw.Error as error:
        return [f"{error}"]
    return found


def flaws(conn: SqliteConnection) -> list[str]:
    """What rows say that no transaction may leave behind, by the unit tests' own list."""
    return flaws_of(conn) if is_made(conn) else []


def is_made(conn: SqliteConnection) -> bool:
    """Whether the schema is there: a kill may come before it."""
    made = conn.raw.execute("SELECT count(*) FROM sqlite_master WHERE name = 'schema_migrations'").fetchone()
    return bool(made[0])


def events(conn: SqliteConnection) -> Counter[str]:
    """How often what was told, by the sort of event."""
    if not is_made(conn):
        return Counter()
    return Counter(json.loads(body)["type"] for (body,) in conn.raw.execute("SELECT body FROM events"))


def content(conn: SqliteConnection) -> State:
    """All that imports leave behind, without numbers: records, refused lines, and how often what was told."""
    refused = conn.raw.execute("SELECT origin, line, path, reason, text FROM refused_records ORDER BY line, path")
    return {**state_of(conn), "refused": refused.fetchall(), "events": dict(events(conn))}


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
