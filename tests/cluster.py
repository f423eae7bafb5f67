"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket in it, gone when they end.

A small shell program stands between: it lives as long as the pipe to its standard input, which the system closes with
the tests' process even where that is killed, and then stops the server and removes the folder.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from server.db.postgres import PostgresDatabase

USER = "mostrador"
GUARDED = "guarded"
"""Who needs a password."""
PASSWORD = "p@ss:wo/rd%"

# Nothing here outlives a power cut anyway, so nothing waits for the disk.
_OPTIONS = " ".join(
    f"-c {option}"
    for option in (
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "wal_level=minimal",
        "max_wal_senders=0",
        "autovacuum=off",
        "shared_buffers=64MB",
        "listen_addresses=",
        "max_connections=100",
    )
)
_SCRIPT = """
cd "$1" || exit 1
trap '' INT TERM HUP
"$2"/initdb -D "$1"/data -U "$3" --auth-local=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$1"/log 2>&1 &&
printf 'local all guarded scram-sha-256\\nlocal all all trust\\n' >"$1"/data/pg_hba.conf &&
"$2"/pg_ctl -D "$1"/data -w -t 60 -l "$1"/log -o "-k $1 $4" start >>"$1"/log 2>&1 && echo ready || tail -n 5 "$1"/log
exec >&-
read -r _
"$2"/pg_ctl -D "$1"/data -w -m immediate stop >>"$1"/log 2>&1
rm -rf "$1"
"""


class Cluster:
    """A server that runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._template: str | None = None

    def address(self, database: str = "postgres", user: str = USER) -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def run(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement beside everything else, as who may do all."""
        with psycopg.connect(self.address(database), autocommit=True) as raw:
            done = raw.execute(statement.encode())
            return done.fetchall() if done.description else []

    def empty(self) -> str:
        """A new database without tables; its name."""
        name = f"t{uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    def new(self) -> str:
        """The address of a new database with every table, copied from one that was migrated once."""
        if self._template is None:
            name = self.empty()
            PostgresDatabase(self.address(name)).close()
            self._template = name
        name = f"t{uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return self.address(name)

    def sweep(self, address: str) -> None:
        """Empty every table of a database and begin its numbers anew: a third of the time that a new one takes."""
        with psycopg.connect(address, autocommit=True) as raw:
            tables = raw.execute(
                "SELECT string_agg(relname, ', ') FROM pg_class WHERE relkind = 'r'"
                " AND relnamespace = 'public'::regnamespace AND relname <> 'schema_migrations'"
            ).fetchone()
            assert tables
            raw.execute(f"TRUNCATE {tables[0]} RESTART IDENTITY; ALTER SEQUENCE order_ids RESTART".encode())

    def drop(self, address: str) -> None:
        """Take a database away, whoever is still connected."""
        name = psycopg.conninfo.conninfo_to_dict(address)["dbname"]
        with psycopg.connect(self.address(), autocommit=True) as raw:
            raw.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(name))))


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start a server; where that fails, so does what needs it, with the reason."""
    folder = Path(tempfile.mkdtemp(prefix="mostrador-pg-"))
    root = os.geteuid() == 0
    if root:  # whom initdb refuses
        shutil.chown(folder, "postgres", "postgres")
    guardian = subprocess.Popen(
        ["/bin/sh", "-c", _SCRIPT, "sh", str(folder), str(_programs()), USER, _OPTIONS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=folder,
        user="postgres" if root else None,
        group="postgres" if root else None,
        extra_groups=[] if root else None,
        start_new_session=True,
    )
    assert guardian.stdin
    assert guardian.stdout
    try:
        said = guardian.stdout.read().decode().strip()
        if said != "ready":
            raise RuntimeError(f"PostgreSQL could not be started: {said}")
        started = Cluster(folder)
        started.run(f"CREATE ROLE {GUARDED} LOGIN PASSWORD '{PASSWORD}'")
        yield started
    finally:
        guardian.stdin.close()
        guardian.stdout.close()
        guardian.wait(60)


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
