"""What a move asks of a database, in words of SQL that both engines take."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from server.db.engine import Row

BATCH = 5_000
"""Rows that are read at once, and written in one transaction."""
FEWER = {"pictures": 50}
"""The same where rows are long."""
NOT_MOVED = frozenset({"schema_migrations", "moves"})
"""What each database has for itself."""
_SOURCE = "@source"


class Table(NamedTuple):
    """A table's columns, and those of its key, by which its rows are read in one order everywhere."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]


class Progress(NamedTuple):
    """How far an earlier run came: where the rows are from, and each table's last key."""

    source: str
    after: dict[str, Sequence[Any]]


class End(ABC):
    """A database as a move sees it.

    Attributes:
        place: what people call it.
        mark: how the driver writes a parameter.
    """

    place: str
    mark: str

    @abstractmethod
    def tables(self) -> dict[str, Table]:
        """Every table that is moved."""

    @abstractmethod
    def hold(self) -> None:
        """Let nobody else write until it is closed; reads see one moment.

        Raises:
            DatabaseBusyError: somebody writes.
        """

    @abstractmethod
    def take(self, table: Table, rows: Sequence[Row]) -> None:
        """Write rows, and how far that is, in one transaction."""

    @abstractmethod
    def numbers(self) -> dict[str, int]:
        """The last number that was ever given to a row of a table: none is given twice, here or there."""

    @abstractmethod
    def set_numbers(self, numbers: dict[str, int]) -> None:
        """Go on from these numbers."""

    @abstractmethod
    def finish(self) -> None:
        """All is there: let it be opened."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it."""

    @abstractmethod
    def all(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """Run a statement, and fetch what it gives."""

    @abstractmethod
    def has_moves(self) -> bool:
        """Whether the table is there that an unfinished move leaves."""

    def count(self, table: Table) -> int:
        """How many rows there are."""
        number: int = self.all(f'SELECT count(*) FROM "{table.name}"')[0][0]  # noqa: S608 - a name of ours
        return number

    def rows(self, table: Table, after: Sequence[Any] | None) -> Iterator[list[Row]]:
        """Every row that follows a key, batch by batch, in the order of keys."""
        places = [table.columns.index(name) for name in table.key]
        columns, key = (", ".join(f'"{name}"' for name in names) for names in (table.columns, table.key))
        marks = ", ".join([self.mark] * len(table.key))
        begin = f'SELECT {columns} FROM "{table.name}"'  # noqa: S608 - names of ours
        batch = min(BATCH, FEWER.get(table.name, BATCH))
        end = f"ORDER BY {key} LIMIT {batch}"
        rows = (
            self.all(f"{begin} {end}") if after is None else self.all(f"{begin} WHERE ({key}) > ({marks}) {end}", after)
        )
        while rows:
            yield rows
            if len(rows) < batch:
                return
            rows = self.all(f"{begin} WHERE ({key}) > ({marks}) {end}", [rows[-1][place] for place in places])

    def progress(self) -> Progress | None:
        """How far an earlier run came, or None where there was none."""
        if not self.has_moves():
            return None
        found: dict[str, str] = dict(self.all("SELECT name, after FROM moves"))
        source = found.pop(_SOURCE)
        return Progress(
            source, {name: [_read(value) for value in msgspec.json.decode(after)] for name, after in found.items()}
        )

    def begin(self, source: str) -> None:
        """Say that rows come from a place, and let nobody else open this until they are all here."""
        self.all("CREATE TABLE moves (name TEXT PRIMARY KEY, after TEXT NOT NULL)")
        self.all(f"INSERT INTO moves VALUES ({self.mark}, {self.mark})", (_SOURCE, source))  # noqa: S608 - marks

    def note(self, table: Table, rows: Sequence[Row]) -> tuple[str, tuple[str, str]]:
        """The statement that says how far a table came."""
        places = [table.columns.index(name) for name in table.key]
        after = msgspec.json.encode([_written(rows[-1][place]) for place in places]).decode()
        statement = f"INSERT INTO moves VALUES ({self.mark}, {self.mark}) "  # noqa: S608 - marks
        return statement + "ON CONFLICT (name) DO UPDATE SET after = excluded.after", (table.name, after)


def _written(value: Any) -> Any:
    """A key's value as JSON has it: bytes are none of its own."""
    return {"hex": value.hex()} if isinstance(value, bytes) else value


def _read(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
