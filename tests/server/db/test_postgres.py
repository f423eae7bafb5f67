"""The second engine: writes that run side by side, connections that are lost, servers that are not there."""

import asyncio
import os
import re
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar
from urllib.parse import quote

import psycopg
import pytest

from server.db.engine import Connection, DatabaseBusyError, DatabaseUnavailableError
from server.db.postgres import KNOCK_AGAIN, OLDEST, TRIES, TRIES_OF_A_KEY, PostgresDatabase
from server.events.actions import record, settle
from server.events.queries import Happened, after
from server.wire.events import StoreChanged
from tests.cluster import GUARDED, PASSWORD, USER, Cluster
from tests.server.db.far_away import far_away
from tests.server.db.work import put, violate, words
from tests.server.given import NOW, asked, rows

T = TypeVar("T")
DIE = asked("SELECT pg_terminate_backend(pg_backend_pid())")
CONFLICT = asked("DO $$ BEGIN RAISE EXCEPTION 'overtaken' USING ERRCODE = '40001'; END $$")
MAKE_COUNTER = "CREATE TABLE counter (n BIGINT NOT NULL); INSERT INTO counter VALUES (0)"
COUNTED = asked("SELECT n FROM counter")
SET_COUNTER = asked("UPDATE counter SET n = :n")


@pytest.fixture
def address(cluster: Cluster) -> Iterator[str]:
    """A new database, which the test may do anything to."""
    made = cluster.new()
    yield made
    cluster.drop(made)


@pytest.fixture
def db(address: str) -> Iterator[PostgresDatabase]:
    """It, open."""
    with closing(PostgresDatabase(address)) as opened:
        yield opened


def _do(address: str, statement: str) -> None:
    """Do something to a database beside the program."""
    with psycopg.connect(address, autocommit=True) as raw:
        raw.execute(statement.encode())


def _as_soon_as_it_can(ask: Callable[[], T]) -> T:
    """The first to ask may come before the next attempt to reach a server."""
    deadline = time.monotonic() + 20 * KNOCK_AGAIN
    while True:
        with suppress(DatabaseUnavailableError):
            return ask()
        assert time.monotonic() < deadline


class Runs:
    """Work that fails at first, and how often it ran."""

    def __init__(self, work: Callable[[Connection], Any], failures: int, fail: Callable[[Connection], Any]) -> None:
        self.count = 0
        self._work, self._failures, self._fail = work, failures, fail

    def __call__(self, conn: Connection) -> Any:
        self.count += 1
        done = self._work(conn)
        if self.count <= self._failures:
            self._fail(conn)
        return done


def test_increments_side_by_side_lose_nothing(db: PostgresDatabase, address: str) -> None:
    """Each write counts as if it had run alone, though all of them read the number before they set it."""

    def increment(conn: Connection) -> None:
        [(n,)] = conn.all(COUNTED)
        conn.run(SET_COUNTER, n=n + 1)

    async def run() -> None:
        await asyncio.gather(*(db.write(increment) for _ in range(60)))

    _do(address, MAKE_COUNTER)
    asyncio.run(run())
    assert db.read_now(lambda conn: conn.all(COUNTED)) == [(60,)]


@pytest.mark.parametrize("failures", [1, TRIES - 1])
def test_a_write_that_others_overtake_is_run_again(db: PostgresDatabase, failures: int) -> None:
    """Whole, until it counts once."""
    work = Runs(lambda conn: put(conn, "a"), failures, lambda conn: conn.run(CONFLICT))
    assert db.write_now(work) == "a"
    assert work.count == failures + 1
    assert db.read_now(words) == ["a"]


def test_a_write_that_is_always_overtaken_is_told_busy(db: PostgresDatabase) -> None:
    """After so many tries nobody waits any longer, and nothing of it is there."""
    work = Runs(lambda conn: put(conn, "a"), TRIES, lambda conn: conn.run(CONFLICT))
    with pytest.raises(DatabaseBusyError, match="try again"):
        db.write_now(work)
    assert work.count == TRIES
    assert db.read_now(words) == []


def test_a_key_that_another_writer_took_first_is_looked_at_again(db: PostgresDatabase) -> None:
    """The second run sees what the other wrote; where that does not help it is our mistake, and told."""
    work = Runs(lambda conn: put(conn, "a"), 1, lambda conn: put(conn, "a"))
    assert db.write_now(work) == "a"
    hopeless = Runs(lambda conn: violate(conn, "b"), 0, violate)
    with pytest.raises(psycopg.errors.UniqueViolation):
        db.write_now(hopeless)
    assert hopeless.count == TRIES_OF_A_KEY
    assert db.read_now(words) == ["a"]


def test_lost_connections_are_survived(db: PostgresDatabase, address: str) -> None:
    """After the server ended every connection the next read and the next write work, as if nothing had been."""

    def lose_all() -> None:
        _do(
            address,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )

    async def many() -> list[list[str]]:
        return await asyncio.gather(*(db.read(words) for _ in range(40)))

    db.write_now(put, "a")
    assert asyncio.run(many()) == [["a"]] * 40
    lose_all()
    assert db.read_now(words) == ["a"]
    assert db.write_now(put, "b") == "b"
    lose_all()
    assert db.write_now(put, "c") == "c"
    assert asyncio.run(many()) == [["a", "b", "c"]] * 40


def test_a_connection_that_is_lost_under_way_is_tried_once_more(db: PostgresDatabase) -> None:
    """A read, and a write that was not being committed yet, are run again on a new connection; twice is an error."""
    db.write_now(put, "a")
    reading = Runs(words, 1, lambda conn: conn.one(DIE))
    assert (db.read_now(reading), reading.count) == (["a"], 2)
    writing = Runs(lambda conn: put(conn, "b"), 1, lambda conn: conn.one(DIE))
    assert (db.write_now(writing), writing.count) == ("b", 2)
    for run, work in ((db.read_now, words), (db.write_now, lambda conn: put(conn, "c"))):
        dying = Runs(work, 2, lambda conn: conn.one(DIE))
        with pytest.raises(DatabaseUnavailableError):
            run(dying)
        assert dying.count == 2
    assert db.read_now(words) == ["a", "b"]


def test_a_commit_whose_outcome_nobody_knows_is_not_tried_again(db: PostgresDatabase, address: str) -> None:
    """Where the connection is lost while a write is being committed it runs no second time, and the message says so."""
    _do(
        address,
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
        "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON vocabulary DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION die()",
    )
    work = Runs(lambda conn: put(conn, "a"), 0, words)
    with pytest.raises(DatabaseUnavailableError, match="nobody knows whether it counts"):
        db.write_now(work)
    assert work.count == 1
    assert db.read_now(words) == []


def test_statements_have_limits_and_a_name(db: PostgresDatabase) -> None:
    """Each connection says whose it is, nothing runs, waits or rests for ever, and no plan is compiled."""
    names = ("application_name", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout",
             "transaction_isolation", "transaction_read_only", "jit")  # fmt: skip

    def shown(conn: Connection) -> list[Any]:
        return [rows(conn, f"SELECT current_setting('{name}')")[0][0] for name in names]

    assert db.read_now(shown) == ["mostrador", "10s", "20s", "1min", "repeatable read", "on", "off"]
    assert db.write_now(shown) == ["mostrador", "1min", "20s", "1min", "serializable", "off", "off"]


def test_a_statement_that_takes_too_long_is_ended(address: str) -> None:
    """A read that is stuck is told as such, and the next one works."""
    with closing(PostgresDatabase(address, readers=1)) as db:

        def stuck(conn: Any) -> None:
            conn.raw.execute("SET statement_timeout = 1")
            conn.one(asked("SELECT count(*) FROM generate_series(1, 1000000000)"))

        with pytest.raises(DatabaseUnavailableError, match="timeout"):
            db.read_now(stuck)
        assert db.read_now(words) == []


def test_events_of_writers_side_by_side_are_read_once_each_and_none_is_skipped(db: PostgresDatabase) -> None:
    """Whoever reads on from the last number they saw sees every event once, each writer's in their order."""
    writers, writes = 4, 25
    done = threading.Event()

    def write(conn: Connection, writer: int, n: int) -> None:
        for part in "ab":
            record(conn, StoreChanged(code=f"{writer}.{n}{part}"), NOW)
            conn.flush()

    def follow() -> list[Happened]:
        seen: list[Happened] = []
        while True:
            last_look = done.is_set()
            new = db.read_now(after, seen[-1].id if seen else 0)
            seen += new
            if last_look and not new:
                return seen

    def move() -> None:
        while True:
            last_look = done.is_set()
            if not db.write_now(settle, 7) and last_look and not db.read_now(rows, "SELECT 1 FROM events_new LIMIT 1"):
                return

    def write_all(writer: int) -> None:
        for n in range(writes):
            db.write_now(write, writer, n)

    with ThreadPoolExecutor(writers + 4) as pool:
        try:
            movers = [pool.submit(move) for _ in range(2)]
            early = [pool.submit(follow) for _ in range(2)]
            for written in [pool.submit(write_all, writer) for writer in range(writers)]:
                written.result(60)
            # Readers end once all was written; what is moved later they read anew below.
            while db.read_now(rows, "SELECT 1 FROM events_new LIMIT 1"):
                db.write_now(settle)
        finally:
            # Also where something failed: they would go on for ever, and the pool wait for them.
            done.set()
        for mover in movers:
            mover.result(60)
        followed = [reader.result(60) for reader in early]
    everything = db.read_now(after, 0)
    assert followed == [everything, everything]
    told: dict[str, list[str]] = defaultdict(list)
    for happened in everything:
        assert isinstance(happened.event, StoreChanged)
        told[happened.event.code.partition(".")[0]].append(happened.event.code)
    assert told == {
        str(writer): [f"{writer}.{n}{part}" for n in range(writes) for part in "ab"] for writer in range(writers)
    }


def test_only_one_hand_moves_events(db: PostgresDatabase) -> None:
    """While somebody is at it, everybody else leaves it alone and does not wait."""
    db.write_now(record, StoreChanged(code="a"), NOW)

    def move_while_another_tries(conn: Connection) -> tuple[int, int]:
        return settle(conn), db.write_now(settle)

    assert db.write_now(move_while_another_tries) == (1, 0)
    assert [happened.id for happened in db.read_now(after, 0)] == [1]


def _unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        pytest.param(
            "guarded:wr0ng-secret@/postgres?host={folder}", "password authentication failed", id="wrong password"
        ),
        pytest.param("guarded@/postgres?host={folder}", "no password supplied", id="no password"),
        pytest.param("me:wr0ng-secret@127.0.0.1:{port}/shop", "Connection refused", id="nobody listens"),
        pytest.param("me:wr0ng-secret@nowhere.invalid/shop", "nowhere.invalid", id="no such host"),
        pytest.param("mostrador@/old?host={folder}", 'database "old" does not exist', id="no such database"),
        pytest.param("me:100%wr0ng-secret@host/shop", "%40 %3A %2F %25", id="a sign that must be coded"),
        pytest.param("me:a/wr0ng-secret@host/shop", "%40 %3A %2F %25", id="a slash in the password"),
        pytest.param("me:5432/wr0ng-secret@host/shop", "%40 %3A %2F %25", id="a slash in a password of digits"),
        pytest.param("127.0.0.1:{port}/shop?user=me&password=wr0ng-secret", "Connection refused", id="as a parameter"),
    ],
)
def test_what_cannot_be_opened_is_told_in_one_sentence_without_the_password(
    cluster: Cluster, address: str, sentence: str
) -> None:
    """The message names the database and the reason, and what to do; it is one line, and no secret is in it."""
    with pytest.raises(DatabaseUnavailableError, match=re.escape(sentence)) as caught:
        PostgresDatabase("postgresql://" + address.format(folder=cluster.folder, port=_unused_port()), reach=2)
    assert "\n" not in str(caught.value)
    assert "wr0ng" not in str(caught.value)
    assert "postgresql://" in str(caught.value)


def test_a_password_with_every_sign_opens_the_door(cluster: Cluster) -> None:
    """Signs that mean something in an address are written as %40."""
    address = cluster.new()
    try:
        guarded = address.replace("//mostrador@", f"//{GUARDED}:{quote(PASSWORD, safe='')}@")
        with pytest.raises(DatabaseUnavailableError, match="permission denied"):
            PostgresDatabase(guarded)
        _do(address, f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {GUARDED}")
        with closing(PostgresDatabase(guarded)) as db:
            assert db.write_now(put, "a") == "a"
    finally:
        cluster.drop(address)


def test_a_server_that_goes_away_is_told_and_its_return_is_noticed(cluster: Cluster, address: str) -> None:
    """While no connection can be made reads and writes say so within seconds; afterwards they work by themselves."""
    name = psycopg.conninfo.conninfo_to_dict(address)["dbname"]
    with closing(PostgresDatabase(address, reach=0.2)) as db:
        assert _as_soon_as_it_can(partial(db.write_now, put, "a")) == "a"
        cluster.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        cluster.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(DatabaseUnavailableError, match="not reached within"):
            db.read_now(words)
        with pytest.raises(DatabaseUnavailableError, match="not reached within"):
            db.write_now(put, "b")
        cluster.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert _as_soon_as_it_can(partial(db.read_now, words)) == ["a"]
        assert _as_soon_as_it_can(partial(db.write_now, put, "b")) == "b"


def test_who_waits_behind_others_for_a_lost_server_is_told_soon(cluster: Cluster, address: str) -> None:
    """The first waits for it as long as anybody may; those behind them do not add as much each."""
    name = psycopg.conninfo.conninfo_to_dict(address)["dbname"]
    reach, behind = 1.0, 8

    async def ask() -> list[BaseException | list[str]]:
        return await asyncio.gather(*(db.read(words) for _ in range(1 + behind)), return_exceptions=True)

    with closing(PostgresDatabase(address, readers=1, reach=reach)) as db:
        db.write_now(put, "a")
        assert db.read_now(words) == ["a"]
        cluster.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        cluster.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        began = time.monotonic()
        answers = asyncio.run(ask())
        took = time.monotonic() - began
        assert [type(answer) for answer in answers] == [DatabaseUnavailableError] * (1 + behind)
        assert took < reach * (1 + behind) * 0.9
        cluster.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        assert _as_soon_as_it_can(partial(db.read_now, words)) == ["a"]


def test_a_machine_that_vanishes_is_told_in_time_and_its_return_is_noticed(cluster: Cluster, address: str) -> None:
    """Where nothing answers any more, not even to say so, reads and writes end as soon as if somebody had."""
    name = psycopg.conninfo.conninfo_to_dict(address)["dbname"]
    reach = 1.0

    async def busy(db: PostgresDatabase) -> None:
        await asyncio.gather(*(db.read(words) for _ in range(40)), *(db.write(words) for _ in range(20)))

    with far_away(cluster.folder) as way:
        there = f"postgresql://{USER}@127.0.0.1:{way.port}/{name}"
        with closing(PostgresDatabase(there, reach=reach)) as db:
            db.write_now(put, "a")
            asyncio.run(busy(db))  # now each pool has many connections
            way.vanish()
            for ask in (partial(db.read_now, words), partial(db.write_now, put, "b")):
                began = time.monotonic()
                with pytest.raises(DatabaseUnavailableError):
                    ask()
                # To notice that it is lost, and to knock for a new connection.
                assert time.monotonic() - began < 4 * reach
            way.come_back()
            assert _as_soon_as_it_can(partial(db.read_now, words)) == ["a"]
            assert _as_soon_as_it_can(partial(db.write_now, put, "b")) == "b"


def test_the_address_says_how_long_a_machine_may_be_silent(cluster: Cluster, address: str) -> None:
    """What stands in it counts; else a silent machine is lost after the time in which one must be reached."""
    name = psycopg.conninfo.conninfo_to_dict(address)["dbname"]

    def set_to(conn: Any) -> list[int]:
        with socket.socket(fileno=os.dup(conn.raw.fileno())) as end:
            options = (socket.TCP_USER_TIMEOUT, socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL)
            return [end.getsockopt(socket.IPPROTO_TCP, option) for option in options]

    with far_away(cluster.folder) as way:
        there = f"postgresql://{USER}@127.0.0.1:{way.port}/{name}"
        with closing(PostgresDatabase(there)) as db:
            assert db.read_now(set_to) == [5000, 5, 1]
            assert db.write_now(set_to) == [5000, 5, 1]
        with closing(PostgresDatabase(f"{there}?tcp_user_timeout=7000&keepalives_idle=9")) as db:
            assert db.read_now(set_to) == [7000, 9, 1]


def test_a_database_of_another_encoding_is_refused(cluster: Cluster) -> None:
    """Not every name could be written in it; the message says how to make one in which they can."""
    cluster.run("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(DatabaseUnavailableError, match=r"LATIN1.*createdb --encoding=UTF8"):
        PostgresDatabase(cluster.address("latin"))
    cluster.run("DROP DATABASE latin")


def test_an_old_server_is_refused(db: PostgresDatabase) -> None:
    """The message says which version there is and which it must be."""
    old = SimpleNamespace(info=SimpleNamespace(server_version=130_014))
    with pytest.raises(DatabaseUnavailableError, match=f"PostgreSQL 13; Mostrador needs {OLDEST} or newer"):
        db._require_usable(old)
