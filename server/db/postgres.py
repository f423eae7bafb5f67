"""PostgreSQL: where a chain goes that outgrows one machine; any number of servers may work on one database.

A read sees one snapshot (REPEATABLE READ, READ ONLY). A write is SERIALIZABLE: it counts as if no other had run beside
it, and is run again, whole, where the server finds that it does not. Writes run side by side, so an action may run
several times before it counts once: all that it does, it does through its connection.
"""

import asyncio
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import lru_cache, partial
from random import Random
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

import psycopg
from psycopg import IsolationLevel, conninfo, errors, sql
from psycopg.abc import Buffer
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumperUnknown
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from server.db import migrate
from server.db.address import HIDDEN, passwords_in, without_password
from server.db.bell import Bell
from server.db.engine import Connection, DatabaseBusyError, DatabaseError, DatabaseUnavailableError, Row
from server.db.sql import Query

P = ParamSpec("P")
T = TypeVar("T")
Raw = psycopg.Connection[Row]

READERS = 8
WRITERS = 4
"""Connections of each kind, a thread each. More writers at once mostly make each other start again."""
REACH = 5
"""Seconds until a server that does not answer counts as not there: a person at the counter waits no longer."""
REACH_OF_LOST = 0.5
"""The same once it was not there for others: if each waited as long as the first, those behind would wait for ever."""
KNOCK_AGAIN = 0.5
"""Seconds between two attempts to reach a server that was lost."""
LONGEST_READ, LONGEST_WRITE = 10, 60
"""Seconds a statement may take: what takes longer is stuck, and nobody waits for it any more."""
LONGEST_LOCK = 20
"""Seconds a write waits for another's row."""
LONGEST_PAUSE = 60
"""Seconds between two statements: a server of ours that hangs must not hold rows, or old versions of them, for ever."""
TRIES = 10
TRIES_OF_A_KEY = 3
"""How often a write runs that others overtake; where a key is taken it may as well be a mistake of ours."""
TRIES_ASIDE = 3
"""A write that was overtaken so often goes on alone: others of this server wait, or they would overtake it for ever."""
_random = Random()  # noqa: S311 - nobody gains by guessing a pause; of its own, as the program's may be seeded
FIRST_PAUSE = 0.002
"""Seconds, at most; twice as many before each further try, so that those who met do not meet again."""
COPIED_FROM = 50
"""Rows from which on COPY is quicker than a statement each."""
OLDEST = 14

LOOK_AGAIN = 2.0
"""Seconds after which who waits for a change looks all the same: what was said while we did not listen is lost."""
CHANNEL = "mostrador"
NOTIFY_PAUSE = 0.01
"""Seconds between two notifications. They are sent beside the writes, for many at once: one that is part of a
transaction makes all commits of a database wait for each other."""

_INSERT = re.compile(r"\s*INSERT INTO (\w+) \(([\w,\s]+)\)\s+VALUES \(((?:\s*%\(\w+\)s,?)+)\s*\);?\s*")
# How many have a word decides how they are best looked for: a search is planned with its words. A point read is not:
# its plan is always the same, and takes longer to make than to carry out.
_PLAN_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan"
_LOST = frozenset({"57P01", "57P02", "57P03"})


class PostgresConnection:
    """A driver's connection with the words of `engine.Connection`."""

    __slots__ = ("_execute", "_late", "raw")

    engine: Literal["postgresql"] = "postgresql"

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self._execute = raw.cursor().execute
        self._late: dict[Query, list[Mapping[str, Any]]] = {}

    def all(self, query: Query, **values: Any) -> list[Row]:
        return self._execute(query.postgresql, values).fetchall()

    def one(self, query: Query, **values: Any) -> Row | None:
        return self._execute(query.postgresql, values).fetchone()

    def run(self, query: Query, **values: Any) -> int:
        return self._execute(query.postgresql, values).rowcount

    def run_many(self, query: Query, rows: Iterable[Mapping[str, Any]]) -> None:
        self._write(query, list(rows))

    def run_rows(self, query: Query, rows: Iterable[Sequence[Any]]) -> None:
        rows = list(rows)
        copied = _copied(query.postgresql) if len(rows) >= COPIED_FROM else None
        if copied is None:
            names = _names(query.postgresql)
            self._write(query, [dict(zip(names, row, strict=True)) for row in rows])
        else:
            with self.raw.cursor() as cursor, cursor.copy(copied[0]) as copy:
                for row in rows:
                    copy.write_row(row)

    def run_late(self, query: Query, row: Mapping[str, Any]) -> None:
        rows = self._late.get(query)
        if rows is None:
            self._late[query] = [row]
        else:
            rows.append(row)

    def flush(self) -> None:
        late, self._late = self._late, {}
        for query, rows in late.items():
            self._write(query, rows)

    def _write(self, query: Query, rows: Sequence[Mapping[str, Any]]) -> None:
        copied = _copied(query.postgresql) if len(rows) >= COPIED_FROM else None
        with self.raw.cursor() as cursor:
            if copied is None:
                cursor.executemany(query.postgresql, rows)
            else:
                statement, names = copied
                with cursor.copy(statement) as copy:
                    for row in rows:
                        copy.write_row([row[name] for name in names])


@lru_cache(maxsize=256)
def _copied(statement: str) -> tuple[sql.Composed, list[str]] | None:
    """The COPY that does what a plain INSERT of given values does, and the values' names; None for other statements."""
    found = _INSERT.fullmatch(statement)
    if found is None:
        return None
    columns = [sql.Identifier(name.strip()) for name in found[2].split(",")]
    copy = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(found[1]), sql.SQL(", ").join(columns))
    return copy, re.findall(r"%\((\w+)\)s", found[3])


@lru_cache(maxsize=256)
def _names(statement: str) -> list[str]:
    """The names of a statement's values, each once, in the order in which they stand in it."""
    return list(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)))


class PostgresDatabase:
    """One database of a server, migrated when it is opened.

    Connections are not asked whether they still live before each use: even on one machine that takes a tenth of the
    time of a short read. Where one turns out to be lost all others are made anew, and what it did is tried again.

    Args:
        address: `postgresql://user:password@host/database?sslmode=verify-full`, and whatever else libpq knows.
        readers: connections for reads.
        writers: connections for writes.
        reach: seconds until a server that does not answer counts as not there.
        moving: see `migrate.up`.

    Raises:
        DatabaseUnavailableError: it cannot be reached or used, or was written by a newer Mostrador.
    """

    engine: Literal["postgresql"] = "postgresql"

    def __init__(
        self,
        address: str,
        *,
        readers: int = READERS,
        writers: int = WRITERS,
        reach: float = REACH,
        moving: bool = False,
    ) -> None:
        self._shown = without_password(address)
        self._secrets = passwords_in(address)
        self._reach = reach
        self._closing = threading.Lock()
        self._closed = False
        self._overtaken = threading.RLock()
        # The pools that had no connection for whoever asked last.
        self._lost: set[str] = set()
        # What fails is told by exceptions; the driver would tell it once more on standard error.
        logging.getLogger("psycopg").setLevel(logging.CRITICAL)
        parameters = self._parameters(address)
        try:
            with psycopg.connect(**parameters, autocommit=True) as raw:
                self._require_usable(raw)
                migrate.up("postgresql", raw, moving=moving)
        except psycopg.Error as error:
            raise DatabaseUnavailableError(
                f"{self._shown} cannot be opened: {self._reason(error)}. Look whether the server runs there, whether "
                "the database was made, and whether user and password are right."
            ) from error
        self._connect_as = parameters
        self._bell = Bell()
        self._wrote, self._ending = threading.Event(), threading.Event()
        self._listener: threading.Thread | None = None
        self._notifier = threading.Thread(target=self._notify_all, name="mostrador-notifier", daemon=True)
        self._reads = self._pool("mostrador-reads", parameters, readers, _make_reader)
        self._writes = self._pool("mostrador-writes", parameters, writers, _make_writer)
        self._readers = ThreadPoolExecutor(readers, "mostrador-reader")
        self._writers = ThreadPoolExecutor(writers, "mostrador-writer")
        self._notifier.start()

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._aside(self._readers, partial(self.read_now, fn, *args, **kwargs))

    async def read_aside(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        def planned_anew(conn: PostgresConnection) -> T:
            conn.raw.execute(_PLAN_ANEW)
            return fn(conn, *args, **kwargs)

        return await self._aside(self._readers, partial(self._read, planned_anew))

    async def write(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._aside(self._writers, partial(self.write_now, fn, *args, **kwargs))

    def read_now(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._read(lambda conn: fn(conn, *args, **kwargs))

    def _read(self, fn: Callable[[PostgresConnection], T]) -> T:
        again = True
        while True:
            raw = self._take(self._reads)
            try:
                answer = fn(PostgresConnection(raw))
                # After a rollback the driver prepares all statements anew, which takes twice the time of a short read.
                raw.commit()
            except psycopg.Error as error:
                if not _is_lost(raw, error) or not again:
                    raise DatabaseUnavailableError(f"{self._shown} cannot be read: {self._reason(error)}") from error
            else:
                return answer
            finally:
                _give_back(self._reads, raw)
            again = False
            # Looking after each of them would take the reach of a machine that vanished, each.
            self._reads.drain()

    def write_now(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        tries = losses = 0
        with ExitStack() as turn:
            while True:
                tries += 1
                if tries <= TRIES_ASIDE:
                    with self._overtaken:
                        pass  # who was overtaken goes first
                elif tries == TRIES_ASIDE + 1:
                    turn.enter_context(self._overtaken)
                raw = self._take(self._writes)
                committing = False
                try:
                    conn = PostgresConnection(raw)
                    answer = fn(conn, *args, **kwargs)
                    conn.flush()
                    committing = True
                    raw.commit()
                except psycopg.Error as error:
                    lost = _is_lost(raw, error)
                    losses += lost
                    failure = self._failure(error, tries, losses if lost else 0, committing=committing)
                    if failure is error:
                        raise
                    if failure is not None:
                        raise failure from error
                else:
                    self._wrote.set()
                    self._bell.ring()
                    return answer
                finally:
                    _give_back(self._writes, raw)
                if lost:
                    self._writes.drain()
                else:
                    time.sleep(_random.uniform(0, FIRST_PAUSE * 2**tries))

    async def changed(self, mark: int, patience: float) -> int:
        with self._closing:
            if self._listener is None and not self._closed:
                self._listener = threading.Thread(target=self._listen, name="mostrador-listener", daemon=True)
                self._listener.start()
        return await self._bell.heard(mark, min(patience, LOOK_AGAIN))

    def empty_log(self) -> bool:
        return True

    def close(self) -> None:
        with self._closing:
            if self._closed:
                return
            self._closed = True
        self._writers.shutdown()
        self._readers.shutdown()
        self._ending.set()
        self._wrote.set()
        self._notifier.join()
        if self._listener is not None:
            self._listener.join()
        self._writes.close()
        self._reads.close()

    def _notify_all(self) -> None:
        """Tell the other servers of the database that something was written."""
        while not self._ending.is_set():
            self._wrote.wait()
            self._ending.wait(NOTIFY_PAUSE)
            # From here on another write sets it anew; so does the end, which is looked at after this.
            self._wrote.clear()
            with suppress(psycopg.Error):  # they look by themselves, too
                # Where all are busy with long writes for once, the server is not lost.
                raw = self._writes.getconn(self._reach)
                try:
                    raw.execute(sql.SQL("NOTIFY {}").format(sql.Identifier(CHANNEL)))
                    raw.commit()
                finally:
                    _give_back(self._writes, raw)

    def _listen(self) -> None:
        """Ring when another server wrote; a connection that is lost is made anew."""
        while not self._ending.is_set():
            try:
                with psycopg.connect(**self._connect_as, autocommit=True) as raw:
                    raw.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    self._bell.ring()
                    while not self._ending.is_set():
                        for _ in raw.notifies(timeout=0.5):
                            self._bell.ring()
                            if self._ending.is_set():
                                break
            except psycopg.Error:
                self._ending.wait(1)

    async def _aside(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        with self._closing:
            if self._closed:
                raise DatabaseUnavailableError("the database is closed: the server is shutting down")
            future = asyncio.get_running_loop().run_in_executor(threads, work)
        return await future

    def _parameters(self, address: str) -> dict[str, Any]:
        try:
            given = conninfo.conninfo_to_dict(address)
        except psycopg.Error:
            given = {}
        # A slash in a password makes a port of what is before it, and a database of the rest.
        if not given or "@" in str(given.get("dbname")) or not re.fullmatch(r"[\d,]*", str(given.get("port", ""))):
            # What libpq says of it may quote a piece of the password.
            raise DatabaseUnavailableError(
                f"MOSTRADOR_DATABASE={self._shown} is no address: write postgresql://user:password@host/database, and "
                "signs like @ : / % in a password as %40 %3A %2F %25"
            )
        seconds = max(1, int(self._reach))
        return {
            "application_name": "mostrador",
            "connect_timeout": seconds,
            # A machine that vanishes closes no connection: only the lack of its acknowledgements tells of it, to who
            # sends as to who waits, but the system would wait for them for a quarter of an hour, or two hours.
            "tcp_user_timeout": 1000 * seconds,
            "keepalives_idle": seconds,
            "keepalives_interval": 1,
            **given,
        }

    def _require_usable(self, raw: psycopg.Connection[Any]) -> None:
        version = raw.info.server_version // 10_000
        if version < OLDEST:
            raise DatabaseUnavailableError(
                f"{self._shown} is PostgreSQL {version}; Mostrador needs {OLDEST} or newer: upgrade the server"
            )
        encoding = raw.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise DatabaseUnavailableError(
                f"{self._shown} keeps text as {encoding}, in which not every name can be written: make the database "
                "anew with createdb --encoding=UTF8 --template=template0"
            )

    def _pool(
        self, name: str, parameters: dict[str, Any], size: int, configure: Callable[[Raw], None]
    ) -> ConnectionPool[Raw]:
        return ConnectionPool(
            kwargs=parameters,
            min_size=0,
            max_size=size,
            open=True,
            configure=configure,
            name=name,
            # The pool would make longer and longer pauses between its attempts, then give up until somebody asks anew.
            reconnect_timeout=min(KNOCK_AGAIN, self._reach / 2),
            reconnect_failed=_knock_again,
            num_workers=1,
        )

    def _take(self, pool: ConnectionPool[Raw]) -> Raw:
        patience = min(REACH_OF_LOST, self._reach) if pool.name in self._lost else self._reach
        try:
            raw = pool.getconn(patience)
        except PoolTimeout as error:
            self._lost.add(pool.name)
            raise DatabaseUnavailableError(
                f"{self._shown} was not reached within {patience:g} seconds: look whether the server runs and "
                "takes more connections"
            ) from error
        except PoolClosed as error:
            raise DatabaseUnavailableError("the database is closed: the server is shutting down") from error
        self._lost.discard(pool.name)
        return raw

    def _failure(
        self, error: psycopg.Error, tries: int, losses: int, *, committing: bool
    ) -> DatabaseError | psycopg.Error | None:
        """What to raise for a write that failed, or None if it may be run again."""
        if losses:
            if committing:
                return DatabaseUnavailableError(
                    f"{self._shown} was lost while a write was being committed; nobody knows whether it counts: look "
                    "at what is there, or send it again with the same Idempotency-Key"
                )
            if losses == 1:
                return None
        match error:
            case errors.SerializationFailure() | errors.DeadlockDetected():
                if tries < TRIES:
                    return None
                return DatabaseBusyError(
                    f"{self._shown}: others wrote to the same rows each of {TRIES} times that this was tried; try again"
                )
            case errors.LockNotAvailable():
                return DatabaseBusyError(
                    f"{self._shown}: others held what this had to change for {LONGEST_LOCK} seconds; try again"
                )
            case errors.UniqueViolation() if tries < TRIES_OF_A_KEY:
                # Another writer came first: now its row is seen.
                return None
            case psycopg.IntegrityError():
                return error
            case _:
                return DatabaseUnavailableError(f"{self._shown} cannot be written: {self._reason(error)}")

    def _reason(self, error: psycopg.Error) -> str:
        """The last word of libpq, which is the server's own where it answered; no hint of many lines, no password."""
        lines = [line for line in str(error).splitlines() if line.strip() and not line[0].isspace()]
        said = error.diag.message_primary or (lines[-1] if lines else type(error).__name__)
        for secret in self._secrets:
            said = said.replace(secret, HIDDEN)
        return said.rpartition("FATAL:")[2].strip(" .")


class _Asked(StrDumperUnknown):
    """A text that is looked for. One with a NUL is nowhere, but the server would take the question for a mistake."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)


def _make_reader(raw: Raw) -> None:
    raw.isolation_level = IsolationLevel.REPEATABLE_READ
    raw.read_only = True
    raw.adapters.register_dumper(str, _Asked)
    _make_ready(raw, statement_timeout=f"{LONGEST_READ}s")


def _make_writer(raw: Raw) -> None:
    raw.isolation_level = IsolationLevel.SERIALIZABLE
    # Whoever reads a table from end to end is overtaken by everybody who writes to it, and small tables are read so.
    _make_ready(raw, statement_timeout=f"{LONGEST_WRITE}s", enable_seqscan="off")


def _make_ready(raw: Raw, **parameters: str) -> None:
    # An integer of each size would be a type of its own, and a statement prepared for each mixture of them.
    raw.adapters.register_dumper(int, Int8Dumper)
    parameters |= {
        # A small table that a writer reads from end to end is thought so dear that its plan is compiled, for 100 ms.
        "jit": "off",
        "lock_timeout": f"{LONGEST_LOCK}s",
        "idle_in_transaction_session_timeout": f"{LONGEST_PAUSE}s",
    }
    for name, value in parameters.items():
        raw.execute(sql.SQL("SET {} = {}").format(sql.Identifier(name), value))
    raw.commit()


def _knock_again(pool: ConnectionPool[Raw]) -> None:
    """Go on trying, for those who wait already and so that whoever comes next finds it open."""
    pool.check()


def _is_lost(raw: Raw, error: psycopg.Error) -> bool:
    return raw.closed or error.sqlstate in _LOST or (error.sqlstate or "").startswith("08")


def _give_back(pool: ConnectionPool[Raw], raw: Raw) -> None:
    with suppress(psycopg.Error):  # lost: the pool sees it too, and makes another
        raw.rollback()
    pool.putconn(raw)
