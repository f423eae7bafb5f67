"""What every engine offers: reads and writes as plain functions of a connection.

A function gets a `Connection` as its first argument and runs inside one transaction. It returns its answer, or raises
and leaves nothing behind. The engine decides about threads, transactions and retries.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Concatenate, Literal, ParamSpec, Protocol, TypeVar

from server.db.sql import Query

P = ParamSpec("P")
T = TypeVar("T")
Row = tuple[Any, ...]
EngineName = Literal["sqlite", "postgresql"]


class Connection(Protocol):
    """One transaction of either engine. Rows are tuples in the order of the query's columns."""

    @property
    def engine(self) -> EngineName: ...

    def all(self, query: Query, **values: Any) -> list[Row]:
        """Run a query and fetch every row."""
        ...

    def one(self, query: Query, **values: Any) -> Row | None:
        """Run a query and fetch its first row, or None."""
        ...

    def run(self, query: Query, **values: Any) -> int:
        """Run a statement; how many rows it touched."""
        ...

    def run_many(self, query: Query, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run a statement once a row."""
        ...

    def run_rows(self, query: Query, rows: Iterable[Sequence[Any]]) -> None:
        """The same with each row's values in the order in which the statement names them: for a million of them."""
        ...

    def run_late(self, query: Query, row: Mapping[str, Any]) -> None:
        """Collect a row for a statement that runs before the transaction ends: for what nobody reads until then.

        Rows of one statement are written together, which costs half of writing each alone.
        """
        ...

    def flush(self) -> None:
        """Run now what was to run late."""
        ...


class Database(Protocol):
    """A database that is open: its schema is the one this program knows."""

    @property
    def engine(self) -> EngineName: ...

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a point read, some microseconds long, on one snapshot of the data."""
        ...

    async def read_aside(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a read that may take milliseconds (searches, reports) where it does not hold up point reads."""
        ...

    async def write(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a write; returns once its transaction is committed and on disk."""
        ...

    def read_now(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same as `read` for programs without an event loop."""
        ...

    def write_now(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same as `write` for programs without an event loop."""
        ...

    async def changed(self, mark: int, patience: float) -> int:
        """Wait until something was written since a mark, for `patience` seconds at most; the mark of now.

        It may return early, and what other programs write it may miss: whoever waits looks, and waits again.
        """
        ...

    def empty_log(self) -> bool:
        """Take all that is in the log into the file and leave nothing in it; False where others would not let us.

        PostgreSQL's log is its administrator's: there is nothing to do there.
        """
        ...

    def close(self) -> None:
        """Finish the writes that were accepted, then close."""
        ...


class DatabaseError(Exception):
    """The database could not do what was asked; the message says what an operator can do."""


class DatabaseBusyError(DatabaseError):
    """Another program held the database for longer than we wait; nothing was written."""


class DatabaseUnavailableError(DatabaseError):
    """The database cannot be reached, opened or written to; nothing was written, or the message says otherwise."""
