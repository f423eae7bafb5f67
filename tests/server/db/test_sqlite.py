"""The embedded engine: one writer, commits in groups, readers that never wait."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from server.db.engine import Connection, Database, DatabaseBusyError, DatabaseUnavailableError
from server.db.sql import Query
from server.db.sqlite import SqliteConnection, SqliteDatabase

PUT = Query("test.put", "")
PUT.sqlite = "INSERT INTO vocabulary (word) VALUES (:word)"
WORDS = Query("test.words", "")
WORDS.sqlite = "SELECT word FROM vocabulary ORDER BY id"
NONSENSE = Query("test.nonsense", "")
NONSENSE.sqlite = "SELECT nothing FROM nowhere"


def _put(conn: Connection, word: str) -> str:
    conn.run(PUT, word=word)
    return word


def _put_late(conn: Connection, word: str) -> str:
    conn.run_late(PUT, {"word": word})
    return word


def _words(conn: Connection) -> list[str]:
    return [word for (word,) in conn.all(WORDS)]


def _refuse(conn: Connection, word: str) -> str:
    _put(conn, word)
    _put_late(conn, f"{word} late")
    raise ValueError(word)


def _violate(conn: Connection, word: str) -> str:
    _put(conn, word)
    return _put(conn, word)


def _violate_late(conn: Connection, word: str) -> str:
    _put_late(conn, word)
    return _put_late(conn, word)


def _misspell(conn: Connection, word: str) -> str:
    _put(conn, word)
    conn.all(NONSENSE)
    return word


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database may be."""
    return tmp_path / "shop.db"


@pytest.fixture
def db(path: Path) -> Iterator[SqliteDatabase]:
    """An open file; impatient, so that waiting for another program takes no time."""
    opened = SqliteDatabase(path, patience=0.05)
    yield opened
    opened.close()


@pytest.fixture
def other(db: SqliteDatabase, path: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection to the same file."""
    raw = sqlite3.connect(path, isolation_level=None, timeout=0)
    yield raw
    raw.close()


class Gate:
    """A write that keeps the writer busy until others wait behind it."""

    def __init__(self, db: SqliteDatabase) -> None:
        self._db = db
        self._begun, self._open = threading.Event(), threading.Event()

    async def close(self) -> None:
        self._write = asyncio.ensure_future(self._db.write(self._hold))
        assert await asyncio.to_thread(self._begun.wait, 10)

    def open(self) -> None:
        self._open.set()

    def _hold(self, _: Connection) -> None:
        self._begun.set()
        assert self._open.wait(10)


async def _queued(*writes: Coroutine[Any, Any, str]) -> list[asyncio.Future[str]]:
    tasks = [asyncio.ensure_future(write) for write in writes]
    await asyncio.sleep(0)  # one turn of the loop: all of them wait for the writer
    return tasks


def together(db: SqliteDatabase, *writes: tuple[Callable[[Connection, str], Any], str]) -> list[Any]:
    """What becomes of writes that wait for the writer side by side and so share one commit."""

    async def run() -> list[Any]:
        gate = Gate(db)
        await gate.close()
        tasks = await _queued(*(db.write(fn, word) for fn, word in writes))
        gate.open()
        return await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        pytest.param(_refuse, ValueError, id="a rule's error"),
        pytest.param(_violate, sqlite3.IntegrityError, id="a constraint"),
        pytest.param(_violate_late, sqlite3.IntegrityError, id="a constraint, late"),
        pytest.param(_misspell, DatabaseUnavailableError, id="the database's error"),
    ],
)
@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("good", [_put, _put_late], ids=["at once", "late"])
def test_a_write_that_fails_takes_no_neighbour_along(
    db: SqliteDatabase, bad: Callable[..., str], error: type[Exception], place: int, good: Callable[..., str]
) -> None:
    """Of writes that share a commit the one that fails is undone, whole, and told; the others are there."""
    writes: list[Any] = [(good, "a"), (good, "b")]
    writes.insert(place, (bad, "bad"))
    answers = together(db, *writes)
    assert isinstance(answers.pop(place), error)
    assert answers == ["a", "b"]
    assert db.read_now(_words) == ["a", "b"]


def test_writes_that_wait_share_one_commit(db: SqliteDatabase, other: sqlite3.Connection) -> None:
    """Nothing of a group is seen before all of it is on disk, and then all of it."""

    def look(conn: Connection, word: str) -> list[Any]:
        assert _words(conn)[:2] == ["a", "b"]
        return other_side.execute("SELECT word FROM vocabulary").fetchall()

    other_side = sqlite3.connect(other.execute("PRAGMA database_list").fetchone()[2], check_same_thread=False)
    try:
        assert together(db, (_put, "a"), (_put, "b"), (look, ""), (_put, "c")) == ["a", "b", [], "c"]
    finally:
        other_side.close()
    assert other.execute("SELECT word FROM vocabulary").fetchall() == [("a",), ("b",), ("c",)]


def test_a_lost_transaction_is_nobodys_success(db: SqliteDatabase) -> None:
    """Where SQLite itself gave a group up, everyone in it is told, and the next write works."""

    def lose(conn: Any, word: str) -> str:
        conn.raw.execute("ROLLBACK")
        return word

    answers = together(db, (_put, "a"), (lose, "b"), (_put, "c"))
    assert [type(answer) for answer in answers] == [DatabaseUnavailableError] * 3
    assert db.read_now(_words) == []
    assert db.write_now(_put, "d") == "d"
    assert db.read_now(_words) == ["d"]


@pytest.mark.parametrize("bad", [_refuse, _violate, _violate_late, _misspell])
def test_a_write_that_raises_leaves_nothing(db: SqliteDatabase, bad: Callable[..., str]) -> None:
    """What was written before the error is not there afterwards, and not at the next write either."""
    with pytest.raises((ValueError, sqlite3.IntegrityError, DatabaseUnavailableError)):
        db.write_now(bad, "bad")
    db.write_now(_put, "good")
    assert db.read_now(_words) == ["good"]


def test_what_is_written_late_is_there_when_asked_for(db: SqliteDatabase) -> None:
    """Late rows are written together, at the latest with the transaction's end, or when flushed."""

    def both(conn: Connection) -> tuple[list[str], list[str]]:
        _put_late(conn, "a")
        before = _words(conn)
        conn.flush()
        _put_late(conn, "b")
        return before, _words(conn)

    assert db.write_now(both) == ([], ["a"])
    assert db.read_now(_words) == ["a", "b"]


def test_a_write_waits_for_another_program(db: SqliteDatabase, other: sqlite3.Connection) -> None:
    """While another program writes, a write waits, then says busy, and works when it is asked again."""
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusyError, match="by another program"):
        db.write_now(_put, "a")
    assert db.read_now(_words) == []
    other.execute("COMMIT")
    assert db.write_now(_put, "a") == "a"


def test_a_write_goes_on_when_the_other_program_is_done(path: Path) -> None:
    """A write that found the database taken is done as soon as it is free."""
    db = SqliteDatabase(path, patience=30)
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(db.write_now, _put, "a")
        raw.execute("INSERT INTO vocabulary (word) VALUES ('first')")
        raw.execute("COMMIT")
        assert waiting.result(20) == "a"
    raw.close()
    assert db.read_now(_words) == ["first", "a"]
    db.close()


def test_the_log_is_taken_into_the_file_while_writes_go_on(path: Path) -> None:
    """What was written stands in the file itself soon, without a write that waits for it."""
    db = SqliteDatabase(path, pause=0.0)
    deadline = time.monotonic() + 20
    try:
        db.write_now(_put, "first")
        while "first" not in _words_without_log(path):
            assert time.monotonic() < deadline
            db.write_now(_put, f"at {time.monotonic()}")
    finally:
        db.close()


def _words_without_log(path: Path) -> list[str]:
    """What stands in the file, whatever its log says; a page that is just being written is read again."""
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as raw, suppress(sqlite3.DatabaseError):
        return [word for (word,) in raw.execute("SELECT word FROM vocabulary")]
    return []


def test_readers_see_one_moment(db: SqliteDatabase, other: sqlite3.Connection) -> None:
    """A read sees what was there when it began, whatever is written meanwhile, and never waits."""

    def look_twice(conn: Connection) -> tuple[list[str], list[str]]:
        before = _words(conn)
        other.execute("INSERT INTO vocabulary (word) VALUES ('meanwhile')")
        return before, _words(conn)

    db.write_now(_put, "a")
    assert db.read_now(look_twice) == (["a"], ["a"])
    assert db.read_now(_words) == ["a", "meanwhile"]
    other.execute("BEGIN IMMEDIATE")
    assert db.read_now(_words) == ["a", "meanwhile"]
    other.execute("ROLLBACK")


def test_a_read_writes_nothing(db: SqliteDatabase) -> None:
    """Whatever a read tries, it changes nothing."""
    with pytest.raises(DatabaseUnavailableError, match="cannot be read"):
        db.read_now(_put, "a")
    assert db.read_now(_words) == []


def test_a_read_that_raises_gives_its_snapshot_back(db: SqliteDatabase) -> None:
    """An error in a read is the caller's, and the next read sees what is new."""

    def fail(conn: Connection) -> None:
        _words(conn)
        raise KeyError("x")

    with pytest.raises(KeyError):
        db.read_now(fail)
    db.write_now(_put, "a")
    assert db.read_now(_words) == ["a"]


def test_doors_read_and_write_without_waiting(db: SqliteDatabase) -> None:
    """The same work from an event loop: writes, point reads, and longer reads beside them."""

    async def run() -> list[list[str]]:
        await asyncio.gather(*(db.write(_put, f"w{n}") for n in range(20)))
        return [await db.read(_words), *await asyncio.gather(*(db.read_aside(_words) for _ in range(4)))]

    answers = asyncio.run(run())
    assert all(sorted(answer) == sorted(f"w{n}" for n in range(20)) for answer in answers)


def test_a_closed_database_takes_nothing(path: Path) -> None:
    """A write after the end is refused; closing twice is closing once."""
    db = SqliteDatabase(path)
    db.write_now(_put, "a")
    db.close()
    db.close()
    with pytest.raises(DatabaseUnavailableError, match="closed"):
        db.write_now(_put, "b")
    again = SqliteDatabase(path)
    assert again.read_now(_words) == ["a"]
    again.close()


def test_closing_finishes_what_was_taken(path: Path) -> None:
    """Writes that were accepted before the end are done and answered."""
    db = SqliteDatabase(path)

    async def run() -> list[str]:
        gate = Gate(db)
        await gate.close()
        tasks = await _queued(*(db.write(_put, f"w{n}") for n in range(5)))
        gate.open()
        await asyncio.to_thread(db.close)
        return await asyncio.gather(*tasks)

    assert asyncio.run(run()) == [f"w{n}" for n in range(5)]
    again = SqliteDatabase(path)
    assert again.read_now(_words) == [f"w{n}" for n in range(5)]
    again.close()


def test_a_write_that_was_given_up_is_not_begun(db: SqliteDatabase) -> None:
    """Who stopped waiting before the write began gets no write."""

    async def run() -> None:
        gate = Gate(db)
        await gate.close()
        [given_up] = await _queued(db.write(_put, "a"))
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        gate.open()

    asyncio.run(run())
    db.write_now(_put, "b")
    assert db.read_now(_words) == ["b"]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda path: path.write_bytes(b"sku;store;quantity\n" * 500), "not a database", id="a table"),
        pytest.param(lambda path: path.mkdir(), "unable to open", id="a folder"),
        pytest.param(lambda _: None, "unable to open", id="in a folder that is not there"),
    ],
)
def test_what_is_no_database_is_told(tmp_path: Path, make: Callable[[Path], Any], reason: str) -> None:
    """A file that is none of ours is refused with its name and reason, and stays as it is."""
    path = tmp_path / ("nowhere/shop.db" if reason == "unable to open" else "shop.db")
    if path.parent == tmp_path:
        make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(DatabaseUnavailableError, match=reason) as caught:
        SqliteDatabase(path)
    assert str(path) in str(caught.value)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_an_empty_file_becomes_a_database(path: Path) -> None:
    """A file of no bytes is where a database may be."""
    path.touch()
    db = SqliteDatabase(path)
    assert db.write_now(_put, "a") == "a"
    db.close()


def test_rows_are_tuples_in_the_order_of_columns(db: Database) -> None:
    """Both engines answer alike: tuples, None where there is none, and how many rows were touched."""

    def ask(conn: Connection) -> list[Any]:
        rows = [{"word": "b"}, {"word": "c"}]
        conn.run_many(PUT, rows)
        return [conn.run(PUT, word="a"), conn.one(WORDS), conn.all(WORDS)]

    assert db.write_now(ask) == [1, ("b",), [("b",), ("c",), ("a",)]]
    assert isinstance(db.read_now(lambda conn: conn), SqliteConnection)
    assert db.engine == "sqlite"
