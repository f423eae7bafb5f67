"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket in it, gone when they end.

What it holds may be kept elsewhere, for whoever fills it for long (see `tests.bench`).

A small shell program stands between: it lives as long as the pipe to its standard input, which the system closes with
the tests' process even where that is killed, and then stops the server and removes the folder.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from server.db.postgres import PostgresDatabase

USER = "mostrador"
GUARDED = "guarded"
"""Who needs a password."""
PASSWORD = "p@ss:wo/rd%"

FAST: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "100",
}
"""For tests: nothing in them outlives a power cut anyway, so nothing waits for the disk."""
SAFE: Mapping[str, str] = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""As where it matters; all else is as PostgreSQL has it."""
PATIENCE = 60.0
"""Seconds until a server that does not start, or does not die, is given up."""
NOBODY = 2**31 - 1
"""A number that no process has."""
PATIENCE_WITH_KEPT = 600.0

_SCRIPT = """
cd "$1" || exit 1
trap '' INT TERM HUP
if [ ! -e "$1"/data/made ]; then
    rm -rf "$1"/data/*
    "$2"/initdb -D "$1"/data -U "$3" --auth-local=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$1"/log 2>&1 &&
    printf 'local all guarded scram-sha-256\\nlocal all all trust\\n' >"$1"/data/pg_hba.conf && touch "$1"/data/made
fi &&
"$2"/pg_ctl -D "$1"/data -w -t "$6" -l "$1"/log -o "$4" start >>"$1"/log 2>&1 && echo ready || tail -n 5 "$1"/log
exec >&-
read -r _
"$2"/pg_ctl -D "$1"/data -w -t "$6" -m "$5" stop >>"$1"/log 2>&1
rm -rf "$1"
"""


class Cluster:
    """A server that runs."""

    def __init__(self, folder: Path, options: Mapping[str, str] = FAST) -> None:
        self.folder = folder
        self._options = options
        self._template: str | None = None

    @property
    def postmaster(self) -> int:
        """The process that all others of the server come from."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def address(self, database: str = "postgres", user: str = USER) -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def run(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement beside everything else, as who may do all."""
        with psycopg.connect(self.address(database), autocommit=True) as raw:
            done = raw.execute(statement.encode())
            return done.fetchall() if done.description else []

    def empty(self, template: str = "template0") -> str:
        """A new database without tables, or with those of one that nobody uses; its name."""
        name = f"t{uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def new(self) -> str:
        """The address of a new database with every table, copied from one that was migrated once."""
        if self._template is None:
            name = self.empty()
            PostgresDatabase(self.address(name)).close()
            self._template = name
        return self.address(self.empty(self._template))

    def sweep(self, address: str) -> None:
        """Empty every table of a database and begin its numbers anew: a tenth of the time that a new one takes.

        What was never written to has no files, and is left alone; what was rolled back has some.
        """
        with psycopg.connect(address, autocommit=True) as raw:
            tables = raw.execute(
                "SELECT string_agg(relname, ', ') FROM pg_class WHERE relkind = 'r' AND pg_relation_size(oid) > 0"
                " AND relnamespace = 'public'::regnamespace AND relname <> 'schema_migrations'"
            ).fetchone()
            numbers = raw.execute(
                "SELECT string_agg(format('ALTER SEQUENCE %I RESTART', sequencename), '; ') FROM pg_sequences"
                " WHERE last_value IS NOT NULL"
            ).fetchone()
            assert tables
            assert numbers
            emptied = [f"TRUNCATE {tables[0]}"] if tables[0] else []
            raw.execute("SET lock_timeout = '60s'")
            raw.execute("; ".join([*emptied, *filter(None, numbers)]).encode())

    def drop(self, address: str) -> None:
        """Take a database away, whoever is still connected."""
        name = psycopg.conninfo.conninfo_to_dict(address)["dbname"]
        with psycopg.connect(self.address(), autocommit=True) as raw:
            raw.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(name))))

    def dump(self, database: str, file: Path) -> None:
        """Write down a database as SQL."""
        command = [str(_programs() / "pg_dump"), "--no-owner", self.address(database)]
        with file.open("wb") as written:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=written, check=True)

    def kill(self) -> int:
        """Kill -9 all its processes at once, as a power cut would; how many it were."""
        postmaster = self.postmaster
        # A postmaster that is stopped starts no more children, and does not hear of their end.
        os.kill(postmaster, signal.SIGSTOP)
        processes = [*_children(postmaster), postmaster]
        for process in processes:
            with suppress(ProcessLookupError):  # a child may come to its own end
                os.kill(process, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        while any(map(_lives, processes)):
            if time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL does not die")
            time.sleep(0.01)
        # Where nobody takes leave of the dead their numbers stay taken, and it would be thought to run still. The files
        # themselves stay, as a power cut leaves them: they tell which shared memory is to be tidied away.
        for file in (self.folder / "data" / "postmaster.pid", *self.folder.glob(".s.PGSQL.*.lock")):
            file.write_text(f"{NOBODY}\n{file.read_text().partition(chr(10))[2]}")
        return len(processes)

    def start(self) -> float:
        """Start it again after `kill`; the moment, as `time.monotonic()` has it, at which it let somebody in."""
        with (self.folder / "log").open("ab") as log:
            words = _words(self.folder, self._options)
            subprocess.run(
                [str(_programs() / "pg_ctl"), "-D", str(self.folder / "data"), "-W", "-o", words, "start"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                check=True,
                **_who(),
            )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(self.address()).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return time.monotonic()


@contextmanager
def cluster(options: Mapping[str, str] = FAST, keep: Path | None = None) -> Iterator[Cluster]:
    """Start a server; where that fails, so does what needs it, with the reason.

    Args:
        options: of the server.
        keep: a folder that keeps all databases for the next time; one server at a time may use it.
    """
    folder = Path(tempfile.mkdtemp(prefix="mostrador-pg-"))
    stop, patience = "immediate", PATIENCE
    if keep is not None:
        (folder / "data").symlink_to(keep.absolute())
        # What is kept is written to disk before the server stops, which takes as long as it takes.
        stop, patience = "fast", PATIENCE_WITH_KEPT
    if who := _who():
        for path in {folder, keep or folder}:
            shutil.chown(path, who["user"], who["group"])
    guardian = subprocess.Popen(
        [
            *("/bin/sh", "-c", _SCRIPT, "sh"),
            *(str(folder), str(_programs()), USER, _words(folder, options), stop, f"{patience:.0f}"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=folder,
        start_new_session=True,
        **who,
    )
    assert guardian.stdin
    assert guardian.stdout
    try:
        said = guardian.stdout.read().decode().strip()
        if said != "ready":
            raise RuntimeError(f"PostgreSQL could not be started: {said}")
        started = Cluster(folder, options)
        if keep is None:
            started.run(f"CREATE ROLE {GUARDED} LOGIN PASSWORD '{PASSWORD}'")
        yield started
    finally:
        guardian.stdin.close()
        guardian.stdout.close()
        guardian.wait(patience)


def _words(folder: Path, options: Mapping[str, str]) -> str:
    """What the server is started with: it listens on a socket in its folder, and nowhere else."""
    return " ".join(
        [f"-k {folder}", *(f"-c {name}={value}" for name, value in options.items()), "-c listen_addresses="]
    )


def _who() -> dict[str, Any]:
    """As whom its programs run: PostgreSQL refuses to be root's."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


def _children(process: int) -> list[int]:
    numbers = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal()]
    return [number for number in numbers if _status(number)[1:2] == [str(process)]]


def _lives(process: int) -> bool:
    """Whether it runs: one that is dead may keep its number until its parent looks."""
    return _status(process)[:1] not in ([], ["Z"], ["X"])


def _status(process: int) -> list[str]:
    """A process's state and its parent's number; nothing if it is not there."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return []


def may_enter(folder: Path) -> bool:
    """Whether whoever runs the server may enter a folder."""
    return subprocess.run(["test", "-x", folder], check=False, **_who()).returncode == 0


@cache
def version() -> int:
    """PostgreSQL's, as it counts what can read the same files."""
    said = subprocess.run([_programs() / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    return int(said.split()[2].split(".")[0])


@cache
def _programs() -> Path:
    """Where initdb and its like are: Debian keeps them out of the way, a folder a version."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name.split(".")[0]))
    found = shutil.which("initdb")
    if found:
        folders.append(Path(found).resolve().parent)
    if not folders:
        raise RuntimeError("the tests need PostgreSQL's own programs: install the package postgresql")
    return folders[-1]
