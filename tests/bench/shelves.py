"""Where filled databases are kept from run to run, and where a run gets a copy that it may write to."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from rich.console import Console

from server.db.engine import EngineName
from server.db.move import move
from tests import cluster
from tests.bench import filled
from tests.bench.filled import FOLDER
from tests.bench.people import Chain
from tests.bench.processes import Family
from tests.cluster import Cluster

OPTIONS = cluster.SAFE | {
    "shared_buffers": "1GB",
    # Filling would write every page anew after each of many checkpoints.
    "max_wal_size": "4GB",
    "autovacuum": "on",
    "max_connections": "100",
}
"""As an operator would have it who gives PostgreSQL a machine of some size: commits wait for the disk."""
ELSEWHERE = Path("/var/tmp/mostrador-bench")
"""Where root has the checkout where nobody else may enter: PostgreSQL is not run by root. It outlives a restart."""
ROOM = 1.5
"""Of a database's size: for a copy and for what is written to it."""


class Shelf(Protocol):
    """Where one engine's filled databases are kept."""

    @property
    def engine(self) -> EngineName: ...

    @property
    def processes(self) -> Family | None:
        """The engine's own, where it has any."""
        ...

    def database(self, chain: Chain, console: Console) -> float:
        """See that there is a filled database of a chain, kept from an earlier run or new; how many MB it has."""
        ...

    def place(self, folder: Path) -> Path:
        """Where a copy would be, for a run in a folder."""
        ...

    def has_room(self, folder: Path) -> bool:
        """Whether there is room for a copy of it and for what is written to that."""
        ...

    def copy(self, folder: Path) -> str:
        """The address of a copy that may be written to."""
        ...

    def empty(self, name: str) -> str:
        """The address of a new database with nothing in it."""
        ...


@contextmanager
def shelf(engine: EngineName, folder: Path = FOLDER) -> Iterator[Shelf]:
    """The shelf of an engine.

    Raises:
        BlockingIOError: another bench uses it.
    """
    if engine == "sqlite":
        yield SqliteShelf(folder)
        return
    keep = _enterable(folder) / f"postgresql-{cluster.version()}"
    keep.mkdir(parents=True, exist_ok=True)
    lock = os.open(keep, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with cluster.cluster(OPTIONS, keep) as running:
            made = PostgresShelf(running, SqliteShelf(folder))
            made.tidy()
            yield made
            made.tidy()
    finally:
        os.close(lock)


def _enterable(folder: Path) -> Path:
    """The folder, or one that PostgreSQL may enter."""
    folder.mkdir(parents=True, exist_ok=True)
    if cluster.may_enter(folder):
        return folder
    ELSEWHERE.mkdir(exist_ok=True)
    if ELSEWHERE.is_symlink() or ELSEWHERE.stat().st_uid != os.getuid():
        raise RuntimeError(f"{ELSEWHERE} is somebody else's: remove it")
    return ELSEWHERE


class SqliteShelf:
    """A file each."""

    engine: EngineName = "sqlite"
    processes: Family | None = None

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def kept(self, chain: Chain) -> Path | None:
        """The file of a chain, if it was filled before."""
        path = self._path_of(chain)
        return path if path.exists() else None

    def _path_of(self, chain: Chain) -> Path:
        return self._folder / f"{chain.customers}-{chain.orders}-{filled.key(self.engine)}.db"

    def database(self, chain: Chain, console: Console) -> float:
        self._path = path = self._path_of(chain)
        if path.exists():
            console.print(f"The database is kept from an earlier run: {_megabytes(path):,.0f} MB.")
            return _megabytes(path)
        self._folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        for left in self._folder.glob(f"{part.name}*"):
            left.unlink()
        said = filled.fill(chain, f"sqlite:///{part.absolute()}", console)
        part.rename(path)
        console.print(f"{said}, {_megabytes(path):,.0f} MB.")
        return _megabytes(path)

    def empty(self, name: str) -> str:
        return f"sqlite:///{(self._folder / f'{name}.db').absolute()}"

    def place(self, folder: Path) -> Path:
        return folder

    def has_room(self, folder: Path) -> bool:
        return shutil.disk_usage(folder).free > ROOM * self._path.stat().st_size

    def copy(self, folder: Path) -> str:
        """It shares the original's blocks where the file system can."""
        copy = folder / "bench.db"
        subprocess.run(["cp", "--reflink=auto", "--", str(self._path), str(copy)], check=True)
        # A server that has been up for a day has its file in the system's memory; and what was copied is not yet on
        # disk.
        os.sync()
        with copy.open("rb", buffering=0) as file:
            while file.read(1 << 20):
                pass
        return f"sqlite:///{copy.absolute()}"


class PostgresShelf:
    """A database each, in a cluster that is the bench's own."""

    engine: EngineName = "postgresql"

    def __init__(self, running: Cluster, files: SqliteShelf) -> None:
        self._cluster = running
        self._files = files
        self.processes: Family | None = Family(running.postmaster)

    def database(self, chain: Chain, console: Console) -> float:
        # Short enough for a name: of 64 signs PostgreSQL takes no more.
        self._name = name = f"chain_{chain.customers}_{chain.orders}_{filled.key(self.engine)}"
        if name in self._names():
            console.print(f"The database is kept from an earlier run: {self._megabytes():,.0f} MB.")
            return self._megabytes()
        part = f"part_{name}"
        address = self.empty(part)
        kept = self._files.kept(chain)
        if kept is None:
            said = filled.fill(chain, address, console)
        else:
            # The same rows in a third of the time, and every value is read back.
            moved = move(f"sqlite:///{kept.absolute()}", address, lambda *_: None)
            said = f"Moved from SQLite in {moved.seconds_copying + moved.seconds_verifying:,.0f} s"
        # What autovacuum does within the hour; on the copy it would do it while we measure.
        self._cluster.run("VACUUM (ANALYZE)", part)
        self._cluster.run(f"ALTER DATABASE {part} RENAME TO {name}")
        console.print(f"{said}, {self._megabytes():,.0f} MB.")
        return self._megabytes()

    def empty(self, name: str) -> str:
        """A new database, its address; one whose name begins with `part_` goes when all is tidied."""
        self._cluster.run(f"CREATE DATABASE {name} TEMPLATE template0")
        return self._cluster.address(name)

    def place(self, folder: Path) -> Path:
        del folder  # it is kept where the original is
        return (self._cluster.folder / "data").resolve()

    def has_room(self, folder: Path) -> bool:
        return shutil.disk_usage(self.place(folder)).free > ROOM * self._megabytes() * 1e6

    def copy(self, folder: Path) -> str:
        """Beside the original, until all is tidied."""
        del folder
        copy = f"run_{self._name}"
        # Since 15 it would else go through the log, page by page.
        strategy = " STRATEGY file_copy" if cluster.version() >= 15 else ""
        self._cluster.run(f"CREATE DATABASE {copy} TEMPLATE {self._name}{strategy}")
        self._cluster.run("CHECKPOINT")
        return self._cluster.address(copy)

    def tidy(self) -> None:
        """Take away what a run wrote to, or did not fill to the end: this one, or one before that was killed."""
        for name in self._names():
            if name.startswith(("part_", "run_")):
                self._cluster.drop(self._cluster.address(name))

    def _names(self) -> list[str]:
        return [str(name) for (name,) in self._cluster.run("SELECT datname FROM pg_database")]

    def _megabytes(self) -> float:
        ((size,),) = self._cluster.run(f"SELECT pg_database_size('{self._name}')")
        assert isinstance(size, int)
        return size / 1e6


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6
