"""A PostgreSQL database as one end of a move."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import errors

from server.db.address import place_of
from server.db.engine import DatabaseBusyError, DatabaseUnavailableError, Row
from server.db.move.end import NOT_MOVED, End, Table
from server.db.postgres import PostgresDatabase

OWN = NOT_MOVED | {"events_new"}
"""`events_new` is empty once its events have their numbers, see `hold`."""
PATIENCE = 5.0
"""Seconds that a write of somebody else may take to end."""


class PostgresEnd(End):
    """A database of a server.

    Args:
        address: `postgresql://…`.
    """

    mark = "%s"

    def __init__(self, address: str) -> None:
        self.place = place_of(address)
        # It says what is wrong with a server or an address better than we would.
        PostgresDatabase(address, moving=True).close()
        try:
            self._raw: psycopg.Connection[Row] = psycopg.connect(address, autocommit=True)
            self._raw.execute(f"SET lock_timeout = '{PATIENCE * 1000:.0f}ms'")
        except psycopg.Error as error:
            raise DatabaseUnavailableError(f"{self.place} cannot be opened: {error.diag.message_primary}") from error

    def tables(self) -> dict[str, Table]:
        columns: dict[str, list[str]] = {}
        for table, column in self.all(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND is_generated = 'NEVER' ORDER BY table_name, ordinal_position"
        ):
            columns.setdefault(table, []).append(column)
        keys: dict[str, list[str]] = {}
        for table, column in self.all(
            "SELECT u.table_name, u.column_name FROM information_schema.key_column_usage u "
            "JOIN information_schema.table_constraints c USING (constraint_schema, constraint_name) "
            "WHERE c.constraint_type = 'PRIMARY KEY' AND u.table_schema = current_schema() "
            "ORDER BY u.table_name, u.ordinal_position"
        ):
            keys.setdefault(table, []).append(column)
        return {
            name: Table(name, tuple(names), tuple(keys[name])) for name, names in columns.items() if name not in OWN
        }

    def hold(self) -> None:
        names = ", ".join(f'"{name}"' for name in (*self.tables(), "events_new"))
        try:
            self._raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            self._raw.execute(f"LOCK TABLE {names} IN SHARE MODE".encode())
        except errors.LockNotAvailable as error:
            raise DatabaseBusyError(f"{self.place} is being written: stop servers and imports, then move") from error
        if self.all("SELECT 1 FROM events_new LIMIT 1"):
            raise DatabaseBusyError(f"{self.place} was written to just now: stop servers and imports, then move")

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        try:
            done = self._raw.execute(statement.encode(), values or None)
            return done.fetchall() if done.description else []
        except psycopg.Error as error:
            raise DatabaseUnavailableError(f"{self.place}: {error.diag.message_primary or error}") from error

    def has_moves(self) -> bool:
        return bool(self.all("SELECT 1 WHERE to_regclass('moves') IS NOT NULL"))

    def take(self, table: Table, rows: Sequence[Row]) -> None:
        columns = ", ".join(f'"{name}"' for name in table.columns)
        note, values = self.note(table, rows)
        try:
            with self._raw.transaction(), self._raw.cursor() as cursor:
                with cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN'.encode()) as copy:
                    for row in rows:
                        copy.write_row(row)
                cursor.execute(note.encode(), values)
        except psycopg.Error as error:
            raise DatabaseUnavailableError(
                f"{self.place} cannot be written: {error.diag.message_primary or error}"
            ) from error

    def numbers(self) -> dict[str, int]:
        found = {}
        for name, sequence in self._sequences().items():
            last, called = self.all(f"SELECT last_value, is_called FROM {sequence}")[0]  # noqa: S608 - a name of ours
            found[name] = last if called else 0
        return found

    def set_numbers(self, numbers: dict[str, int]) -> None:
        for name, sequence in self._sequences().items():
            if number := numbers.get(name, 0):
                self.all("SELECT setval(%s, %s)", (sequence, number))

    def _sequences(self) -> dict[str, str]:
        """Where the numbers of a table come from."""
        rows = self.all(
            "SELECT table_name, pg_get_serial_sequence(quote_ident(table_name), column_name) "
            "FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES'"
        )
        return {name: sequence for name, sequence in rows if name not in OWN} | {"orders": "order_ids"}

    def finish(self) -> None:
        self.all("DROP TABLE moves")
        # A planner that knows nothing of a million rows reads all of them.
        self.all("ANALYZE")

    def close(self) -> None:
        self._raw.close()
