"""SQLite: the embedded default, one file, one writer.

Readers see a snapshot and never wait (WAL). Writes are queued to one thread that takes whatever waits, runs each in a
savepoint of its own, and commits them together with one fsync (`synchronous=FULL`): who gets an answer has it on disk,
and a write that fails takes none of its neighbours along. What is in the log is taken into the file by a thread beside
the writer, so that no write waits for it. A write that nobody waits beside is a transaction without a savepoint.
"""

import asyncio
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

import apsw

from server.db import migrate
from server.db.bell import Bell
from server.db.engine import Connection, DatabaseBusyError, DatabaseError, DatabaseUnavailableError, Row
from server.db.sql import Query

P = ParamSpec("P")
T = TypeVar("T")

GROUP = 256
"""At most so many writes share one commit, which bounds how long the first of them waits for the last."""
READERS = 2
READ_CACHE_KIB, ASIDE_CACHE_KIB, WRITE_CACHE_KIB = 8_192, 16_384, 24_576
"""Of a connection for point reads, for one beside, and for the writer: more made nothing faster that was measured."""
CHECKPOINT_PAUSE = 1.0
"""Seconds between two checkpoints while there are writes: each copies a page once, however often it was written."""
LOOK_AGAIN = 0.5
"""Seconds after which who waits for a change looks for what other programs wrote: nobody tells us of that."""
STATEMENTS = 512
"""Statements that a connection keeps prepared: more than there are queries."""
SHORT_WAIT = 0.02
"""Seconds that the log is waited for at a time when it is to be emptied."""
LONGEST_LOG = 48_000
"""Pages of the log from which on the writer itself takes it into the file: checkpoints aside did not keep up."""
FRAME = 4096 + 24
"""Bytes that a page takes in the log."""


def connect(path: Path, mode: int = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE) -> apsw.Connection:
    """Open a file. Everything of a process goes through this one SQLite: a second copy of it would break its locks.

    Raises:
        apsw.Error: the file cannot be opened.
    """
    # A connection is used by one thread at a time, so it needs no lock of its own.
    raw = apsw.Connection(str(path), flags=mode | apsw.SQLITE_OPEN_NOMUTEX, statementcachesize=STATEMENTS)
    # Else a statement is planned anew whenever it is run with other values.
    raw.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    return raw


class SqliteConnection:
    """A driver's connection with the words of `engine.Connection`."""

    __slots__ = ("_execute", "_late", "raw")

    engine: Literal["sqlite"] = "sqlite"

    def __init__(self, raw: apsw.Connection) -> None:
        self.raw = raw
        self._execute = raw.execute
        self._late: dict[Query, list[Mapping[str, Any]]] = {}

    def all(self, query: Query, **values: Any) -> list[Row]:
        return self._execute(query.sqlite, values).fetchall()

    def one(self, query: Query, **values: Any) -> Row | None:
        row: Row | None = self._execute(query.sqlite, values).fetchone()
        return row

    def run(self, query: Query, **values: Any) -> int:
        self._execute(query.sqlite, values)
        return self.raw.changes()

    def run_many(self, query: Query, rows: Iterable[Mapping[str, Any]]) -> None:
        self.raw.executemany(query.sqlite, rows)

    def run_rows(self, query: Query, rows: Iterable[Sequence[Any]]) -> None:
        self.raw.executemany(query.sqlite, rows)

    def run_late(self, query: Query, row: Mapping[str, Any]) -> None:
        rows = self._late.get(query)
        if rows is None:
            self._late[query] = [row]
        else:
            rows.append(row)

    def flush(self) -> None:
        late, self._late = self._late, {}
        for query, rows in late.items():
            self.raw.executemany(query.sqlite, rows)

    def forget_late(self) -> None:
        """Drop what was to run late: the write that asked for it failed."""
        self._late.clear()


class SqliteDatabase:
    """One database file, created and migrated when it is opened.

    Args:
        path: the file; its folder must exist.
        patience: seconds that a write waits for another program's write to end.
        pause: seconds between two checkpoints.

    Raises:
        DatabaseUnavailableError: the file cannot be opened, is no database, or was written by a newer Mostrador.
    """

    engine: Literal["sqlite"] = "sqlite"

    def __init__(self, path: Path, *, patience: float = 30.0, pause: float = CHECKPOINT_PAUSE) -> None:
        self._path = path
        self._patience = patience
        self._pause = pause
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._written, self._ending = threading.Event(), threading.Event()
        self._bell = Bell()
        self._closing = threading.Lock()
        self._closed = False
        self._local = threading.local()
        self._opened: list[apsw.Connection] = []
        try:
            writer = self._open_writer()
        except apsw.Error as error:
            raise DatabaseUnavailableError(f"{path} cannot be opened: {error}") from error
        self._readers = ThreadPoolExecutor(READERS, "mostrador-reader", initializer=self._be_aside)
        self._writer = threading.Thread(target=self._write_all, args=(writer,), name="mostrador-writer", daemon=True)
        self._writer.start()
        self._checkpointer = threading.Thread(target=self._checkpoint_all, name="mostrador-checkpoint", daemon=True)
        self._checkpointer.start()

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self.read_now(fn, *args, **kwargs)

    async def read_aside(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, lambda: self.read_now(fn, *args, **kwargs))

    async def write(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.wrap_future(self._submit(lambda conn: fn(conn, *args, **kwargs)))

    def read_now(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            conn: SqliteConnection | None = getattr(self._local, "conn", None)
            if conn is None:
                conn = self._local.conn = SqliteConnection(self._open_reader())
            raw = conn.raw
            raw.execute("BEGIN")
            try:
                return fn(conn, *args, **kwargs)
            finally:
                if raw.in_transaction:
                    raw.execute("ROLLBACK")
        except apsw.Error as error:
            raise DatabaseUnavailableError(f"{self._path} cannot be read: {error}") from error

    def write_now(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._submit(lambda conn: fn(conn, *args, **kwargs)).result()

    async def changed(self, mark: int, patience: float) -> int:
        return await self._bell.heard(mark, min(patience, LOOK_AGAIN))

    def empty_log(self) -> bool:
        deadline = time.monotonic() + self._patience
        # It keeps writers out while it waits for readers to end: so it waits for moments only, and often.
        try:
            with closing(connect(self._path, apsw.SQLITE_OPEN_READWRITE)) as raw:
                raw.set_busy_timeout(int(SHORT_WAIT * 1000))
                raw.execute("PRAGMA synchronous=FULL")
                while True:
                    busy: Any = 1
                    with suppress(apsw.BusyError, apsw.LockedError):
                        busy = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0]
                    if not busy or time.monotonic() >= deadline or self._ending.is_set():
                        return not busy
                    time.sleep(SHORT_WAIT)
        except apsw.Error as error:
            raise DatabaseUnavailableError(f"{self._path} cannot be written: {error}") from error

    def close(self) -> None:
        with self._closing:
            if self._closed:
                return
            self._closed = True
        self._readers.shutdown()
        for raw in self._opened:
            raw.close()
        self._ending.set()
        self._written.set()
        self._checkpointer.join()
        # The last connection to close takes what is in the log into the file, and only one that may write can.
        self._jobs.put(None)
        self._writer.join()

    def _submit(self, work: Callable[[Connection], T]) -> Future[T]:
        job = _Job(work)
        with self._closing:
            if self._closed:
                raise DatabaseUnavailableError("the database is closed: the server is shutting down")
            self._jobs.put(job)
        return job.future

    def _open_writer(self) -> apsw.Connection:
        # Customers stand in it: nobody but us reads it. SQLite gives the files beside it (-wal, -shm) the same mode.
        with suppress(OSError):  # it is there already, or SQLite will say why it cannot be
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        raw = connect(self._path)
        raw.set_busy_timeout(int(self._patience * 1000))
        self._patiently(raw, "PRAGMA journal_mode=WAL")
        raw.execute("PRAGMA synchronous=FULL")
        raw.execute("PRAGMA secure_delete=ON")
        raw.execute(f"PRAGMA cache_size=-{WRITE_CACHE_KIB}")
        # A log that is written over costs a fifth less than one that grows.
        raw.execute(f"PRAGMA journal_size_limit={LONGEST_LOG * FRAME}")
        raw.execute(f"PRAGMA wal_autocheckpoint={LONGEST_LOG}")
        migrate.up("sqlite", raw)
        # From here on the writer waits by itself, see _begin.
        raw.set_busy_timeout(0)
        return raw

    def _be_aside(self) -> None:
        """Read beside, in this thread, whenever it reads: a search goes through more than a point read does."""
        self._local.cache = ASIDE_CACHE_KIB

    def _open_reader(self) -> apsw.Connection:
        raw = connect(self._path, apsw.SQLITE_OPEN_READONLY)
        raw.set_busy_timeout(5000)
        raw.execute(f"PRAGMA cache_size=-{getattr(self._local, 'cache', READ_CACHE_KIB)}")
        self._opened.append(raw)
        return raw

    def _write_all(self, raw: apsw.Connection) -> None:
        conn = SqliteConnection(raw)
        closing = False
        while not closing:
            jobs: list[_Job] = []
            job = self._jobs.get()
            while True:
                if job is None:
                    closing = True
                    break
                jobs.append(job)
                if len(jobs) == GROUP:
                    break
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
            self._write_group(conn, [j for j in jobs if j.future.set_running_or_notify_cancel()])
        raw.close()

    def _checkpoint_all(self) -> None:
        """Take into the file what was written, for as long as there are writes."""
        raw: apsw.Connection | None = None
        while not self._ending.is_set():
            self._written.wait()
            if self._ending.wait(self._pause):
                break
            # From here on another write sets it anew; so does the end, which is looked at after this.
            self._written.clear()
            # What fails here, on a full disk or beside a reader that stays, comes up again: the log keeps it till then.
            with suppress(apsw.Error):
                if raw is None:
                    raw = connect(self._path)
                    raw.execute("PRAGMA synchronous=FULL")
                    raw.execute("PRAGMA wal_autocheckpoint=0")
                raw.execute("PRAGMA wal_checkpoint(PASSIVE)")
        if raw is not None:
            raw.close()

    def _write_group(self, conn: SqliteConnection, jobs: list["_Job"]) -> None:
        if not jobs:
            return
        raw, alone = conn.raw, len(jobs) == 1
        try:
            self._begin(raw)
            for job in jobs:
                # Within a savepoint every page is written down as it was before: a fourth of what an import takes.
                if not alone:
                    raw.execute("SAVEPOINT one_write")
                self._run(conn, job)
                _require_transaction(raw, job)
                if job.error is not None:
                    conn.forget_late()
                    raw.execute("ROLLBACK" if alone else "ROLLBACK TO one_write")
                if not alone:
                    raw.execute("RELEASE one_write")
            if raw.in_transaction:
                raw.execute("COMMIT")
            self._written.set()
            self._bell.ring()
        except BaseException as error:  # noqa: BLE001 - every caller of the group is told
            conn.forget_late()
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            failure = (
                error
                if isinstance(error, DatabaseError)
                else DatabaseUnavailableError(f"{self._path} cannot be written: {error}")
            )
            for job in jobs:
                job.future.set_exception(failure)
            return
        for job in jobs:
            if job.error is not None:
                job.future.set_exception(job.error)
            else:
                job.future.set_result(job.answer)

    def _run(self, conn: SqliteConnection, job: "_Job") -> None:
        try:
            job.answer = job.work(conn)
            conn.flush()
        except apsw.ConstraintError as error:
            job.error = error
        except apsw.Error as error:
            job.error = DatabaseUnavailableError(f"{self._path} cannot be written: {error}")
            job.error.__cause__ = error
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's, not this thread's
            job.error = error

    def _begin(self, raw: apsw.Connection) -> None:
        """Take the write lock.

        SQLite's own waiting sleeps up to 100 ms at a time and so loses against an import beside us that pauses for
        some milliseconds between its batches; asking every millisecond does not.
        """
        self._patiently(raw, "BEGIN IMMEDIATE")

    def _patiently(self, raw: apsw.Connection, statement: str) -> None:
        """Run a statement that needs a lock; the switch to WAL, for one, does not wait by itself."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                raw.execute(statement)
            except apsw.BusyError as error:
                if time.monotonic() >= deadline:
                    raise DatabaseBusyError(
                        f"{self._path} was being written by another program for {self._patience:.0f} seconds; try again"
                    ) from error
            else:
                return
            time.sleep(0.001)


def _require_transaction(raw: apsw.Connection, job: "_Job") -> None:
    """SQLite itself may roll everything back (disk full, I/O error): then the whole group is undone."""
    if not raw.in_transaction:
        raise job.error or DatabaseUnavailableError("the transaction was lost")


class _Job:
    __slots__ = ("answer", "error", "future", "work")

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.future: Future[Any] = Future()
        self.answer: Any = None
        self.error: BaseException | None = None
