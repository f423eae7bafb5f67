"""New databases of each engine for tests that ask for them, made as quickly as each engine lets us."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cached_property
from pathlib import Path

import psycopg

from server.db.engine import Connection, Database, EngineName
from server.db.postgres import PostgresConnection, PostgresDatabase, _make_writer
from server.db.sqlite import SqliteDatabase
from tests.cluster import Cluster, cluster
from tests.server.given import memory

ENGINES: tuple[EngineName, ...] = ("sqlite", "postgresql")
USES = 20
"""How often a connection is rolled back before its tables are swept: what was rolled back still lies in them."""


class Engines:
    """Both engines; the PostgreSQL server is started when it is asked for first."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._free: list[str] = []
        self._idle: list[_Idle] = []
        self.latest = ""
        """The address of the database that was made last."""

    @cached_property
    def cluster(self) -> Cluster:
        return self._open.enter_context(cluster())

    @contextmanager
    def database(self, engine: EngineName, folder: Path) -> Iterator[Database]:
        """A new database."""
        with self.address(engine, folder) as address:
            self.latest = address
            if engine == "sqlite":
                opened: Database = SqliteDatabase(folder / "shop.db", patience=2.0)
            else:
                opened = PostgresDatabase(address)
            with closing(opened):
                yield opened

    @contextmanager
    def address(self, engine: EngineName, folder: Path) -> Iterator[str]:
        """Where nothing is yet; PostgreSQL's may be one that was used before, with its tables emptied."""
        if engine == "sqlite":
            yield f"sqlite:///{folder / 'shop.db'}"
            return
        address = self._free.pop() if self._free else self.cluster.new()
        yield address
        self.cluster.sweep(address)
        self._free.append(address)

    @contextmanager
    def connection(self, engine: EngineName) -> Iterator[Connection]:
        """A new database as one connection: in memory, or in a transaction that is rolled back. Numbers may go on."""
        if engine == "sqlite":
            conn = memory()
            with closing(conn.raw):
                yield conn
            return
        idle = self._idle.pop() if self._idle else self._connect()
        try:
            yield PostgresConnection(idle.raw)
        finally:
            idle.raw.rollback()
            idle.uses += 1
            if idle.uses % USES == 0:
                self.cluster.sweep(idle.address)
            self._idle.append(idle)

    def close(self) -> None:
        for idle in self._idle:
            idle.raw.close()
        self._open.close()

    def _connect(self) -> "_Idle":
        address = self.cluster.new()
        raw = psycopg.connect(address)
        _make_writer(raw)
        # What was rolled back lies in the indexes too: going through them is no quicker here.
        raw.execute("SET enable_seqscan = on")
        raw.commit()
        return _Idle(address, raw)


class _Idle:
    def __init__(self, address: str, raw: psycopg.Connection) -> None:
        self.address = address
        self.raw = raw
        self.uses = 0
