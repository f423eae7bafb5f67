"""A SQLite file as one end of a move."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import apsw

from server.db import migrate
from server.db.address import AddressError
from server.db.engine import DatabaseBusyError, DatabaseUnavailableError, Row
from server.db.move.end import NOT_MOVED, End, Table
from server.db.sqlite import connect

OWN = NOT_MOVED | {"order_ids"}
"""`order_ids` holds a number, see `numbers`."""
PATIENCE = 5.0
"""Seconds that a write of somebody else may take to end."""


class SqliteEnd(End):
    """A file.

    Args:
        address: `sqlite:///…`.
        make: make it where there is none.
    """

    mark = "?"

    def __init__(self, address: str, *, make: bool) -> None:
        path = Path(address.removeprefix("sqlite:///"))
        self.place = str(path)
        if not make and not path.exists():
            raise AddressError(f"There is no database at {path}: nothing was moved.")
        if not path.absolute().parent.is_dir():
            raise AddressError(f"The folder {path.absolute().parent} does not exist; make it first.")
        with suppress(OSError):  # it is there, or SQLite says why it cannot be
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            self._raw = connect(path)
            self._raw.set_busy_timeout(int(PATIENCE * 1000))
            self._raw.execute("PRAGMA journal_mode=WAL")
            # What a power cut takes of a move, the next run moves again.
            self._raw.execute("PRAGMA synchronous=NORMAL")
            self._raw.execute("PRAGMA cache_size=-131072")
            migrate.up("sqlite", self._raw, moving=True)
        except apsw.Error as error:
            raise DatabaseUnavailableError(f"{path} cannot be opened: {error}") from error

    def tables(self) -> dict[str, Table]:
        found: dict[str, Table] = {}
        for (name,) in self.all(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
        ):
            if name not in OWN:
                columns = self.all("SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", (name,))
                key = [column for column, place in sorted(columns, key=lambda c: c[1]) if place]
                names = tuple(column for column, _ in columns)
                found[name] = Table(name, names, self._spread_key(name) or tuple(key))
        return found

    def _spread_key(self, table: str) -> tuple[str, ...] | None:
        """Where a number alone is the key, the pair with a customer's, which is the key of an engine that spreads."""
        for (index,) in self.all("SELECT name FROM pragma_index_list(?) WHERE origin = 'u'", (table,)):
            columns = tuple(
                name for (name,) in self.all("SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,))
            )
            if columns == ("customer_id", "id"):
                return columns
        return None

    def hold(self) -> None:
        try:
            self._raw.execute("BEGIN IMMEDIATE")
        except apsw.BusyError as error:
            raise DatabaseBusyError(f"{self.place} is being written: stop the server and imports, then move") from error

    def all(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        try:
            return self._raw.execute(statement, values).fetchall()
        except apsw.Error as error:
            raise DatabaseUnavailableError(f"{self.place}: {error}") from error

    def has_moves(self) -> bool:
        return bool(self.all("SELECT 1 FROM sqlite_master WHERE name = 'moves'"))

    def take(self, table: Table, rows: Sequence[Row]) -> None:
        columns = ", ".join(f'"{name}"' for name in table.columns)
        marks = ", ".join("?" * len(table.columns))
        note, values = self.note(table, rows)
        try:
            self._raw.execute("BEGIN IMMEDIATE")
            self._raw.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', rows)  # noqa: S608
            self._raw.execute(note, values)
            self._raw.execute("COMMIT")
        except apsw.Error as error:
            raise DatabaseUnavailableError(f"{self.place} cannot be written: {error}") from error

    def numbers(self) -> dict[str, int]:
        given: dict[str, int] = dict(self.all("SELECT name, seq FROM sqlite_sequence"))
        orders: int = self.all("SELECT last FROM order_ids")[0][0]
        return {name: given.get(name, 0) for name in self._counted()} | {"orders": orders}

    def set_numbers(self, numbers: dict[str, int]) -> None:
        for name in self._counted():
            self.all("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
            self.all("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, numbers[name]))
        self.all("UPDATE order_ids SET last = ?", (numbers["orders"],))

    def _counted(self) -> list[str]:
        """Tables whose rows have a number that is never given twice."""
        rows = self.all(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%PRIMARY KEY AUTOINCREMENT%'"
        )
        return [name for (name,) in rows]

    def finish(self) -> None:
        self.all("DROP TABLE moves")
        self.all("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        if self._raw.in_transaction:
            self._raw.execute("ROLLBACK")
        self._raw.close()
