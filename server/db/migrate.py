"""Brings a database to the schema this program knows: numbered SQL files, each in one transaction with its record."""

import sqlite3
from importlib.resources import files

from server.db.engine import DatabaseUnavailableError


def up(raw: sqlite3.Connection) -> None:
    """Apply what is missing, in order. Several programs may try at once: the lock lets one, the others find it done.

    Raises:
        DatabaseUnavailableError: the database was written by a newer Mostrador than this one.
    """
    steps = migrations("sqlite")
    newest = max(steps)
    current = _version(raw)
    if current < newest:
        raw.execute("BEGIN IMMEDIATE")
        try:
            raw.execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations"
                " (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)"
            )
            current = _version(raw)
            for number in sorted(n for n in steps if n > current):
                name, text = steps[number]
                for statement in _statements(text):
                    raw.execute(statement)
                raw.execute(
                    "INSERT INTO schema_migrations VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))",
                    (number, name),
                )
            raw.execute("COMMIT")
        except BaseException:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raise
    if current > newest:
        raise DatabaseUnavailableError(
            f"the database has schema {current}, this Mostrador knows {newest}: "
            "install the newer Mostrador that wrote it"
        )


def migrations(engine: str) -> dict[int, tuple[str, str]]:
    """Every migration of an engine: number -> (name, SQL)."""
    found: dict[int, tuple[str, str]] = {}
    for entry in (files(__package__ or "server.db") / "migrations" / engine).iterdir():
        number, _, name = entry.name.removesuffix(".sql").partition("_")
        if int(number) in found:
            raise ValueError(f"two migrations have the number {number}")
        found[int(number)] = (name, entry.read_text("utf-8"))
    return found


def _version(raw: sqlite3.Connection) -> int:
    if raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'").fetchone() is None:
        return 0
    number: int = raw.execute("SELECT coalesce(max(number), 0) FROM schema_migrations").fetchone()[0]
    return number


def _statements(text: str) -> list[str]:
    """Split at the semicolons that end a statement; `executescript` would commit the transaction first."""
    statements, pending = [], ""
    for line in text.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    if pending.strip() and not all(line.startswith("--") for line in pending.strip().splitlines()):
        raise ValueError(f"a migration ends in the middle of a statement: {pending.strip()[:80]}")
    return statements
