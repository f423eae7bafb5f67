"""What both engines promise alike."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import apsw
import psycopg
import pytest

from server.db.engine import Connection, Database, DatabaseUnavailableError, EngineName
from server.db.postgres import COPIED_FROM, PostgresDatabase
from server.db.sqlite import SqliteDatabase
from tests.engines import Engines
from tests.server.db.work import PUT, WORDS, Gate, misspell, put, put_late, queued, refuse, violate, violate_late, words
from tests.server.given import asked

Open = Callable[[], Database]
FAILURES = (ValueError, apsw.ConstraintError, psycopg.IntegrityError, DatabaseUnavailableError)


@pytest.fixture
def open_it(engines: Engines, engine: EngineName, tmp_path: Path) -> Iterator[Open]:
    """Opens one and the same database, as often as a test likes; its writes wait for each other."""
    with ExitStack() as stack:
        if engine == "sqlite":
            address = ""
        else:
            address = engines.cluster.new()
            stack.callback(engines.cluster.drop, address)

        def open_it() -> Database:
            path = tmp_path / "shop.db"
            opened = PostgresDatabase(address, writers=1) if address else SqliteDatabase(path, patience=2.0)
            stack.callback(opened.close)
            return opened

        yield open_it


@pytest.mark.parametrize("bad", [refuse, violate, violate_late, misspell])
def test_a_write_that_raises_leaves_nothing(database: Database, bad: Callable[..., str]) -> None:
    """What was written before the error is not there afterwards, and not at the next write either."""
    with pytest.raises(FAILURES):
        database.write_now(bad, "bad")
    database.write_now(put, "good")
    assert database.read_now(words) == ["good"]


def test_what_is_written_late_is_there_when_asked_for(database: Database) -> None:
    """Late rows are written together, at the latest with the transaction's end, or when flushed."""

    def both(conn: Connection) -> tuple[list[str], list[str]]:
        put_late(conn, "a")
        before = words(conn)
        conn.flush()
        put_late(conn, "b")
        return before, words(conn)

    assert database.write_now(both) == ([], ["a"])
    assert database.read_now(words) == ["a", "b"]


ADD = asked(
    "INSERT INTO idempotency_keys (caller, key, request_hash, answer, answered_at)"
    " VALUES (:caller, :key, :request_hash, :answer, :answered_at)"
)
ADDED = asked("SELECT key, request_hash, answer FROM idempotency_keys ORDER BY key")


@pytest.mark.parametrize("many", [1, COPIED_FROM - 1, COPIED_FROM, COPIED_FROM + 1])
@pytest.mark.parametrize("way", ["at once", "late", "by place"])
def test_many_rows_are_written_as_few_are(database: Database, many: int, way: str) -> None:
    """However rows go in, they are what was given: text with every sign, bytes, their order."""
    text = "tab\t newline\n return\r backslash\\N \\. quote' \U0001f600"
    values = [(f"{n:04}", bytes([n % 256, 0, 255]), text + str(n)) for n in range(many)]

    def write(conn: Connection) -> None:
        rows = [
            {"caller": "", "answered_at": "", "key": key, "request_hash": hash_, "answer": answer}
            for key, hash_, answer in values
        ]
        if way == "late":
            for row in rows:
                conn.run_late(ADD, row)
        elif way == "at once":
            conn.run_many(ADD, rows)
        else:
            conn.run_rows(ADD, [("", key, hash_, answer, "") for key, hash_, answer in values])

    database.write_now(write)
    assert database.read_now(lambda conn: conn.all(ADDED)) == values


CHANGE = asked(
    "UPDATE idempotency_keys SET answer = :answer, answered_at = :answer WHERE key = :key AND caller = :caller"
)


def test_values_go_in_by_the_order_in_which_a_statement_names_them(database: Database) -> None:
    """One that it names twice is given once, on both engines."""

    def write(conn: Connection) -> list[Any]:
        conn.run_rows(ADD, [("till", f"{n}", b"", "before", "") for n in range(3)])
        conn.run_rows(CHANGE, [("after", "1", "till"), ("after", "2", "nobody")])
        conn.run_rows(CHANGE, [])
        return [answer for *_, answer in conn.all(ADDED)]

    assert database.write_now(write) == ["before", "after", "before"]


def test_late_rows_of_one_statement_keep_their_order(database: Database) -> None:
    """Numbers are given in the order that rows were asked for, however many they are."""
    many = [f"w{n}" for n in range(3 * COPIED_FROM)]

    def write(conn: Connection) -> None:
        for word in many:
            put_late(conn, word)

    database.write_now(write)
    assert database.read_now(words) == many


def test_readers_see_one_moment(database: Database) -> None:
    """A read sees what was there when it began, whatever is written meanwhile."""

    def look_twice(conn: Connection) -> tuple[list[str], list[str]]:
        before = words(conn)
        database.write_now(put, "meanwhile")
        return before, words(conn)

    database.write_now(put, "a")
    assert database.read_now(look_twice) == (["a"], ["a"])
    assert database.read_now(words) == ["a", "meanwhile"]


def test_a_read_writes_nothing(database: Database) -> None:
    """Whatever a read tries, it changes nothing."""
    with pytest.raises(DatabaseUnavailableError, match="cannot be read"):
        database.read_now(put, "a")
    assert database.read_now(words) == []


def test_a_read_that_raises_gives_its_snapshot_back(database: Database) -> None:
    """An error in a read is the caller's, and the next read sees what is new."""

    def fail(conn: Connection) -> None:
        words(conn)
        raise KeyError("x")

    with pytest.raises(KeyError):
        database.read_now(fail)
    database.write_now(put, "a")
    assert database.read_now(words) == ["a"]


def test_doors_read_and_write_without_waiting(database: Database) -> None:
    """The same work from an event loop: writes, point reads, and longer reads beside them."""

    async def run() -> list[list[str]]:
        await asyncio.gather(*(database.write(put, f"w{n}") for n in range(20)))
        return [await database.read(words), *await asyncio.gather(*(database.read_aside(words) for _ in range(4)))]

    answers = asyncio.run(run())
    assert all(sorted(answer) == sorted(f"w{n}" for n in range(20)) for answer in answers)


def test_a_closed_database_takes_nothing(open_it: Open) -> None:
    """A write after the end is refused; closing twice is closing once."""
    db = open_it()
    db.write_now(put, "a")
    db.close()
    db.close()
    with pytest.raises(DatabaseUnavailableError, match="closed"):
        db.write_now(put, "b")
    with pytest.raises(DatabaseUnavailableError, match="closed"):
        asyncio.run(db.write(put, "b"))
    assert open_it().read_now(words) == ["a"]


def test_closing_ends_at_whichever_moment(open_it: Open) -> None:
    """What goes on beside the writes, checkpoints and notifications, is waiting or busy when the end comes."""
    for milliseconds in range(15):
        db = open_it()
        db.write_now(put, f"w{milliseconds}")
        threading.Event().wait(milliseconds / 1000)
        ending = threading.Thread(target=db.close, daemon=True)
        ending.start()
        ending.join(20)
        assert not ending.is_alive()


def test_closing_finishes_what_was_taken(open_it: Open) -> None:
    """Writes that were accepted before the end are done and answered."""
    db = open_it()

    async def run() -> list[str]:
        gate = Gate(db)
        await gate.close()
        tasks = await queued(*(db.write(put, f"w{n}") for n in range(5)))
        gate.open()
        await asyncio.to_thread(db.close)
        return await asyncio.gather(*tasks)

    assert asyncio.run(run()) == [f"w{n}" for n in range(5)]
    assert open_it().read_now(words) == [f"w{n}" for n in range(5)]


def test_a_write_that_was_given_up_is_not_begun(open_it: Open) -> None:
    """Who stopped waiting before the write began gets no write."""
    db = open_it()

    async def run() -> None:
        gate = Gate(db)
        await gate.close()
        [given_up] = await queued(db.write(put, "a"))
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        gate.open()

    asyncio.run(run())
    db.write_now(put, "b")
    assert db.read_now(words) == ["b"]


def test_rows_are_tuples_in_the_order_of_columns(database: Database, engine: EngineName) -> None:
    """Both engines answer alike: tuples, None where there is none, and how many rows were touched."""

    def ask(conn: Connection) -> list[Any]:
        rows = [{"word": "b"}, {"word": "c"}]
        before = conn.one(WORDS)
        conn.run_many(PUT, rows)
        conn.run_many(PUT, [])
        return [before, conn.run(PUT, word="a"), conn.one(WORDS), conn.all(WORDS)]

    assert database.write_now(ask) == [None, 1, ("b",), [("b",), ("c",), ("a",)]]
    assert database.read_now(lambda conn: conn.engine) == database.engine == engine
