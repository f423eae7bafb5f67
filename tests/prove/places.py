"""Databases that programs are killed on: made, looked at as a crash left them, and kept where something was wrong."""

import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import apsw
import psycopg

from server.db.engine import Connection, EngineName
from server.db.postgres import PostgresConnection
from server.db.sqlite import SqliteConnection, connect
from tests.cluster import SAFE, Cluster, cluster
from tests.prove import contents
from tests.prove.findings import BrokenError
from tests.prove.programs import PATIENCE

TORN = (apsw.Error, psycopg.DatabaseError)
"""What either driver says of a database that cannot be looked at."""

# rank 1 compares the index with the words it was made of as well; without it only the index itself is looked at.
_CHECK_INDEX = "INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', 1)"
_WORDS = ("customer_words_index", "product_words_index")

_CHECK_TABLES = """
    SELECT c.relname || ': ' || f.msg FROM pg_class c, verify_heapam(c.oid, check_toast => true) f
    WHERE c.relkind IN ('r', 't') AND c.relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace)
"""
_CHECK_INDEXES = """
    SELECT bt_index_check(i.indexrelid, true)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam AND a.amname = 'btree'
    WHERE c.relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace)
"""
_OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class Place(Protocol):
    """One database.

    Attributes:
        address: as programs are given it.
    """

    address: str

    def looked_at(self) -> AbstractContextManager[Connection]:
        """A connection to it as it is; whatever is left to recover is left to the program that comes next."""
        ...

    def faults(self, conn: Connection) -> list[str]:
        """What is wrong with its pages and indexes, by the engine's own checks."""
        ...

    def found_in_files(self, needles: Iterable[bytes], *, swept: bool = False) -> set[bytes]:
        """Which texts stand in its files; `swept`: after its administrator swept what the engine itself leaves."""
        ...


class Places(Protocol):
    """Where databases are made, each for a round's folder."""

    def new(self, folder: Path, name: str) -> Place:
        """A database without tables."""
        ...

    def copy_of(self, place: Place, folder: Path, name: str) -> Place:
        """What stands in one that nobody works on, once more."""
        ...

    def leave(self, folder: Path, *, keep: bool) -> None:
        """Take the round's databases and its folder away, or keep them for whoever looks for the reason."""
        ...


@contextmanager
def places(engine: EngineName) -> Iterator[Places]:
    """Files; or databases of a PostgreSQL of its own, which writes everything to disk."""
    if engine == "sqlite":
        yield _Files()
        return
    with cluster(SAFE) as postgres:
        yield _Databases(postgres)


def faults_of_tables(conn: PostgresConnection) -> list[str]:
    """What amcheck says of a database of PostgreSQL that has this extension: tables, and indexes against tables."""
    found = []
    try:
        found += [text for (text,) in conn.raw.execute(_CHECK_TABLES)]
        conn.raw.execute(_CHECK_INDEXES)
    except psycopg.DatabaseError as error:
        found.append(f"{error}")
    return found


class _File:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.address = f"sqlite:///{file.absolute()}"

    @contextmanager
    def looked_at(self) -> Iterator[SqliteConnection]:
        copy = self.file.with_name(f"look-at-{self.file.name}")
        for ending in ("", "-wal"):
            Path(f"{copy}{ending}").unlink(missing_ok=True)
            if (there := Path(f"{self.file}{ending}")).exists():
                shutil.copyfile(there, f"{copy}{ending}")
        raw = connect(copy)
        try:
            yield SqliteConnection(raw)
        finally:
            raw.close()

    def faults(self, conn: Connection) -> list[str]:
        assert isinstance(conn, SqliteConnection)
        try:
            found = [text for (text,) in conn.raw.execute("PRAGMA integrity_check") if text != "ok"]
            if contents.is_made(conn):
                for name in _WORDS:
                    conn.raw.execute(_CHECK_INDEX.format(name=name))
        except apsw.Error as error:
            return [f"{error}"]
        return found

    def found_in_files(self, needles: Iterable[bytes], *, swept: bool = False) -> set[bytes]:
        del swept  # nothing is left to do
        files = [Path(f"{self.file}{ending}") for ending in ("", "-wal", "-shm")]
        return _found_in(files, needles)


def _found_in(files: Iterable[Path], needles: Iterable[bytes]) -> set[bytes]:
    held = b"\n".join(file.read_bytes() for file in files if file.is_file())
    return {needle for needle in needles if needle in held}


class _Files:
    def new(self, folder: Path, name: str) -> _File:
        folder.mkdir(parents=True, exist_ok=True)
        return _File(folder / f"{name}.db")

    def copy_of(self, place: Place, folder: Path, name: str) -> _File:
        assert isinstance(place, _File)
        copy = self.new(folder, name)
        shutil.copyfile(place.file, copy.file)
        return copy

    def leave(self, folder: Path, *, keep: bool) -> None:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


class _Database:
    def __init__(self, address: str, name: str, data: Path) -> None:
        self.name = name
        self.address = address
        self._data = data

    @contextmanager
    def looked_at(self) -> Iterator[PostgresConnection]:
        with psycopg.connect(self.address, autocommit=True) as raw:
            deadline = time.monotonic() + PATIENCE
            # Whoever works for a program that died ends its statement first; it may be a commit.
            while raw.execute(_OTHERS).fetchone() != (0,):
                if time.monotonic() > deadline:
                    raise BrokenError(f"{PATIENCE:.0f} seconds after its end PostgreSQL still works for a program")
                time.sleep(0.01)
            yield PostgresConnection(raw)

    def faults(self, conn: Connection) -> list[str]:
        assert isinstance(conn, PostgresConnection)
        return faults_of_tables(conn)

    def found_in_files(self, needles: Iterable[bytes], *, swept: bool = False) -> set[bytes]:
        with psycopg.connect(self.address, autocommit=True) as raw:
            if swept:
                # What it notes of columns has values of them in it.
                raw.execute("ANALYZE")
                raw.execute("VACUUM FULL")
            raw.execute("CHECKPOINT")
            row = raw.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        assert row
        return _found_in((self._data / "base" / str(row[0])).iterdir(), needles)


class _Databases:
    def __init__(self, postgres: Cluster) -> None:
        self._postgres = postgres
        self._made: dict[Path, list[tuple[str, _Database]]] = {}

    def new(self, folder: Path, name: str) -> _Database:
        made = self._postgres.empty()
        self._postgres.run("CREATE EXTENSION amcheck", made)
        return self._note(folder, name, made)

    def copy_of(self, place: Place, folder: Path, name: str) -> _Database:
        assert isinstance(place, _Database)
        return self._note(folder, name, self._postgres.empty(place.name))

    def leave(self, folder: Path, *, keep: bool) -> None:
        for name, database in self._made.pop(folder, []):
            if keep:
                self._postgres.dump(database.name, folder / f"{name}.sql")
            self._postgres.drop(database.address)
        if keep:
            shutil.copyfile(self._postgres.folder / "log", folder / "postgresql.log")
        else:
            shutil.rmtree(folder, ignore_errors=True)

    def _note(self, folder: Path, name: str, made: str) -> _Database:
        folder.mkdir(parents=True, exist_ok=True)
        database = _Database(self._postgres.address(made), made, self._postgres.folder / "data")
        self._made.setdefault(folder, []).append((name, database))
        return database
