"""Brings a database to the schema this program knows: numbered SQL files, in one transaction with their record."""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, NamedTuple, Protocol

import apsw

from server.db.engine import DatabaseUnavailableError, EngineName


class Raw(Protocol):
    """A driver's connection that begins no transactions by itself."""

    def execute(self, statement: Any, /) -> Any: ...


class _Words(NamedTuple):
    """How an engine says it."""

    begin: tuple[str, ...]
    is_there: str
    is_half_moved: str
    statements: Callable[[str], list[str]]


def up(engine: EngineName, raw: Raw, *, moving: bool = False) -> None:
    """Apply what is missing, in order. Several programs may try at once: a lock lets one, the others find it done.

    Args:
        engine: whose files.
        raw: a connection.
        moving: whoever opens it is moving it; nobody else may open what is half moved.

    Raises:
        DatabaseUnavailableError: the database was written by a newer Mostrador than this one, or is half moved.
    """
    words = _WORDS[engine]
    steps = migrations(engine)
    newest = max(steps)
    current = _version(words, raw)
    if current < newest:
        for statement in words.begin:
            raw.execute(statement)
        try:
            raw.execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations"
                " (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)"
            )
            current = _version(words, raw)
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            for number in sorted(n for n in steps if n > current):
                name, text = steps[number]
                for statement in words.statements(text):
                    raw.execute(statement)
                # Number and name are a file's of ours: nothing in them needs quoting.
                raw.execute(f"INSERT INTO schema_migrations VALUES ({number}, '{name}', '{now}')")  # noqa: S608
            raw.execute("COMMIT")
        except BaseException:
            if not isinstance(raw, apsw.Connection) or raw.in_transaction:
                raw.execute("ROLLBACK")
            raise
    if current > newest:
        raise DatabaseUnavailableError(
            f"the database has schema {current}, this Mostrador knows {newest}: "
            "install the newer Mostrador that wrote it"
        )
    if not moving and raw.execute(words.is_half_moved).fetchone() is not None:
        raise DatabaseUnavailableError(
            "a move into this database did not come to its end: start it again, it goes on where it was"
        )


def migrations(engine: EngineName) -> dict[int, tuple[str, str]]:
    """Every migration of an engine: number -> (name, SQL)."""
    found: dict[int, tuple[str, str]] = {}
    for entry in (files(__package__ or "server.db") / "migrations" / engine).iterdir():
        number, _, name = entry.name.removesuffix(".sql").partition("_")
        if int(number) in found:
            raise ValueError(f"two migrations have the number {number}")
        found[int(number)] = (name, entry.read_text("utf-8"))
    return found


def _version(words: _Words, raw: Raw) -> int:
    if raw.execute(words.is_there).fetchone() is None:
        return 0
    number: int = raw.execute("SELECT coalesce(max(number), 0) FROM schema_migrations").fetchone()[0]
    return number


def _statements(text: str) -> list[str]:
    """Split at the semicolons that end a statement; `executescript` would commit the transaction first."""
    statements, pending = [], ""
    for line in text.splitlines(keepends=True):
        pending += line
        if apsw.complete(pending):
            statements.append(pending)
            pending = ""
    if pending.strip() and not all(line.startswith("--") for line in pending.strip().splitlines()):
        raise ValueError(f"a migration ends in the middle of a statement: {pending.strip()[:80]}")
    return statements


_WORDS: dict[EngineName, _Words] = {
    "sqlite": _Words(
        begin=("BEGIN IMMEDIATE",),
        is_there="SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'",
        is_half_moved="SELECT 1 FROM sqlite_master WHERE name = 'moves'",
        statements=_statements,
    ),
    "postgresql": _Words(
        # Read committed: who waited for the lock must see what the one before it did.
        begin=("BEGIN ISOLATION LEVEL READ COMMITTED", "SELECT pg_advisory_xact_lock(6120417, 0)"),
        is_there="SELECT 1 WHERE to_regclass('schema_migrations') IS NOT NULL",
        is_half_moved="SELECT 1 WHERE to_regclass('moves') IS NOT NULL",
        # The server takes many statements at once.
        statements=lambda text: [text],
    ),
}
