"""The embedded engine: one writer, commits in groups, readers that never wait."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import apsw
import pytest

from server.db.engine import Connection, DatabaseBusyError, DatabaseUnavailableError
from server.db.sqlite import SqliteDatabase, connect
from tests.server.db.work import Gate, misspell, put, put_late, queued, refuse, violate, violate_late, words


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
def other(db: SqliteDatabase, path: Path) -> Iterator[apsw.Connection]:
    """Another program's connection to the same file."""
    raw = connect(path)
    yield raw
    raw.close()


def together(db: SqliteDatabase, *writes: tuple[Callable[[Connection, str], Any], str]) -> list[Any]:
    """What becomes of writes that wait for the writer side by side and so share one commit."""

    async def run() -> list[Any]:
        gate = Gate(db)
        await gate.close()
        tasks = await queued(*(db.write(fn, word) for fn, word in writes))
        gate.open()
        return await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        pytest.param(refuse, ValueError, id="a rule's error"),
        pytest.param(violate, apsw.ConstraintError, id="a constraint"),
        pytest.param(violate_late, apsw.ConstraintError, id="a constraint, late"),
        pytest.param(misspell, DatabaseUnavailableError, id="the database's error"),
    ],
)
@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("good", [put, put_late], ids=["at once", "late"])
def test_a_write_that_fails_takes_no_neighbour_along(
    db: SqliteDatabase, bad: Callable[..., str], error: type[Exception], place: int, good: Callable[..., str]
) -> None:
    """Of writes that share a commit the one that fails is undone, whole, and told; the others are there."""
    writes: list[Any] = [(good, "a"), (good, "b")]
    writes.insert(place, (bad, "bad"))
    answers = together(db, *writes)
    assert isinstance(answers.pop(place), error)
    assert answers == ["a", "b"]
    assert db.read_now(words) == ["a", "b"]


def test_writes_that_wait_share_one_commit(db: SqliteDatabase, other: apsw.Connection) -> None:
    """Nothing of a group is seen before all of it is on disk, and then all of it."""

    def look(conn: Connection, word: str) -> list[Any]:
        assert words(conn)[:2] == ["a", "b"]
        return other_side.execute("SELECT word FROM vocabulary").fetchall()

    other_side = connect(Path(other.filename))
    try:
        assert together(db, (put, "a"), (put, "b"), (look, ""), (put, "c")) == ["a", "b", [], "c"]
    finally:
        other_side.close()
    assert other.execute("SELECT word FROM vocabulary").fetchall() == [("a",), ("b",), ("c",)]


def test_a_lost_transaction_is_nobodys_success(db: SqliteDatabase) -> None:
    """Where SQLite itself gave a group up, everyone in it is told, and the next write works."""

    def lose(conn: Any, word: str) -> str:
        conn.raw.execute("ROLLBACK")
        return word

    answers = together(db, (put, "a"), (lose, "b"), (put, "c"))
    assert [type(answer) for answer in answers] == [DatabaseUnavailableError] * 3
    assert db.read_now(words) == []
    assert db.write_now(put, "d") == "d"
    assert db.read_now(words) == ["d"]


def test_a_write_waits_for_another_program(db: SqliteDatabase, other: apsw.Connection) -> None:
    """While another program writes, a write waits, then says busy, and works when it is asked again."""
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusyError, match="by another program"):
        db.write_now(put, "a")
    assert db.read_now(words) == []
    other.execute("COMMIT")
    assert db.write_now(put, "a") == "a"


def test_a_write_goes_on_when_the_other_program_is_done(path: Path) -> None:
    """A write that found the database taken is done as soon as it is free."""
    db = SqliteDatabase(path, patience=30)
    raw = connect(path)
    raw.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(db.write_now, put, "a")
        raw.execute("INSERT INTO vocabulary (word) VALUES ('first')")
        raw.execute("COMMIT")
        assert waiting.result(20) == "a"
    raw.close()
    assert db.read_now(words) == ["first", "a"]
    db.close()


def test_the_log_is_taken_into_the_file_while_writes_go_on(path: Path) -> None:
    """What was written stands in the file itself soon, without a write that waits for it."""
    db = SqliteDatabase(path, pause=0.0)
    deadline = time.monotonic() + 20
    try:
        db.write_now(put, "first")
        while "first" not in _words_without_log(path):
            assert time.monotonic() < deadline
            db.write_now(put, f"at {time.monotonic()}")
    finally:
        db.close()


def _words_without_log(path: Path) -> list[str]:
    """What stands in the file, whatever its log says; a page that is just being written is read again."""
    alone = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    with closing(apsw.Connection(f"{path.as_uri()}?immutable=1", flags=alone)) as raw, suppress(apsw.Error):
        return [word for (word,) in raw.execute("SELECT word FROM vocabulary")]
    return []


def test_readers_see_one_moment(db: SqliteDatabase, other: apsw.Connection) -> None:
    """A read sees what was there when it began, whatever is written meanwhile, and never waits."""

    def look_twice(conn: Connection) -> tuple[list[str], list[str]]:
        before = words(conn)
        other.execute("INSERT INTO vocabulary (word) VALUES ('meanwhile')")
        return before, words(conn)

    db.write_now(put, "a")
    assert db.read_now(look_twice) == (["a"], ["a"])
    assert db.read_now(words) == ["a", "meanwhile"]
    other.execute("BEGIN IMMEDIATE")
    assert db.read_now(words) == ["a", "meanwhile"]
    other.execute("ROLLBACK")


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
    assert db.write_now(put, "a") == "a"
    db.close()
