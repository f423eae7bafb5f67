"""A copy of a database that is in use: whole, private, and never half."""

import os
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from server.commands.shell import interrupted_by_sigterm
from server.db.backup import PAGES, back_up
from server.db.engine import DatabaseError
from server.db.sqlite import SqliteDatabase, connect
from tests.server.db.work import put, words


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Where the database is; no copy is made there."""
    (tmp_path / "shop").mkdir()
    return tmp_path / "shop" / "shop.db"


@pytest.fixture
def db(shop: Path) -> Iterator[SqliteDatabase]:
    """A database in use, larger than what is copied at a time."""
    opened = SqliteDatabase(shop)
    for n in range(3):
        opened.write_now(put, f"{n} " + "word" * PAGES * 1024)
    opened.write_now(put, "before")
    yield opened
    opened.close()


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """Where copies go."""
    (tmp_path / "copies").mkdir()
    return tmp_path / "copies"


def test_what_is_written_meanwhile_is_not_in_it(db: SqliteDatabase, shop: Path, copies: Path) -> None:
    """It is what was committed when it began, however much is written beside; it tells how far it is, to its end."""
    told: list[tuple[int, int]] = []

    def tell(done: int, all_: int) -> None:
        told.append((done, all_))
        db.write_now(put, f"meanwhile {len(told)}")

    copy = copies / "copy.db"
    size = back_up(shop, copy, tell)
    assert size == copy.stat().st_size == told[-1][0]
    assert len(told) > 2
    assert {all_ for _, all_ in told} == {size}
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert [path.name for path in copies.iterdir()] == ["copy.db"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(connect(copy, apsw.SQLITE_OPEN_READWRITE)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with closing(SqliteDatabase(copy)) as restored:
        found = restored.read_now(words)
        assert "before" in found
        assert not [word for word in found if word.startswith("meanwhile")]
        restored.write_now(put, "it goes on")
    assert len([word for word in db.read_now(words) if word.startswith("meanwhile")]) == len(told)


def _interrupt(_done: int, _all: int) -> None:
    raise KeyboardInterrupt


def _terminate(_done: int, _all: int) -> None:
    signal.raise_signal(signal.SIGTERM)


def _fail(_done: int, _all: int) -> None:
    raise ValueError("the screen is gone")


@pytest.mark.parametrize(
    ("tell", "error"), [(_interrupt, KeyboardInterrupt), (_terminate, KeyboardInterrupt), (_fail, ValueError)]
)
def test_nothing_is_left_of_one_that_was_broken_off(
    db: SqliteDatabase, shop: Path, copies: Path, tell: Callable[[int, int], None], error: type[BaseException]
) -> None:
    """After Ctrl-C or SIGTERM, as after any error, there is no file by whatever name; then one can be made."""
    assert db.engine == "sqlite"
    with pytest.raises(error), interrupted_by_sigterm():
        back_up(shop, copies / "copy.db", tell)
    assert list(copies.iterdir()) == []
    assert back_up(shop, copies / "copy.db", lambda _done, _all: None)


def test_what_is_there_is_not_written_over(db: SqliteDatabase, shop: Path, copies: Path) -> None:
    """A file, a folder or a link of that name stays what it is, also where it came while the copy was made."""
    assert db.engine == "sqlite"
    (copies / "file").write_bytes(b"ours")
    (copies / "folder").mkdir()
    (copies / "link").symlink_to(copies / "nothing")
    for name in ("file", "folder", "link"):
        with pytest.raises(DatabaseError, match="is there already"):
            back_up(shop, copies / name, lambda _done, _all: None)
    with pytest.raises(DatabaseError, match="is there already"):
        back_up(shop, copies / "late", lambda _done, _all: (copies / "late").write_bytes(b"ours") and None)
    assert sorted(path.name for path in copies.iterdir()) == ["file", "folder", "late", "link"]
    assert (copies / "file").read_bytes() == (copies / "late").read_bytes() == b"ours"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("shop.db", "the database itself"),
        ("shop.db-wal", "SQLite keeps"),
        ("shop.db-shm", "SQLite keeps"),
        ("shop.db-journal", "SQLite keeps"),
        ("caf\udce9.db", "no name in UTF-8"),
    ],
)
def test_a_name_that_would_do_harm_is_refused(shop: Path, name: str, says: str) -> None:
    """None is taken that is the database's own, of which nobody is told to remove it; the closed shop stays whole."""
    with closing(SqliteDatabase(shop)) as opened:
        opened.write_now(put, "before")
    with pytest.raises(DatabaseError, match=says) as refused:
        back_up(shop, shop.with_name(name), lambda _done, _all: None)
    assert "remove" not in str(refused.value)
    assert [path.name for path in shop.parent.iterdir()] == ["shop.db"]


def test_a_copy_is_there_also_where_its_folder_cannot_be_read(
    db: SqliteDatabase, shop: Path, copies: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a folder that cannot be synced nor a disk on which a file has one name only takes it away again."""
    assert db.engine == "sqlite"

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    synced = os.fsync
    monkeypatch.setattr(os, "fsync", lambda n: refuse() if stat.S_ISDIR(os.fstat(n).st_mode) else synced(n))
    size = back_up(shop, copies / ("long" * 62), lambda _done, _all: None)
    assert [(path.name, path.stat().st_size) for path in copies.iterdir()] == [("long" * 62, size)]


def test_a_file_that_is_no_database_is_told(shop: Path, copies: Path) -> None:
    """Nothing is copied of what is no database, nor to where nothing can be written."""
    shop.write_bytes(b"not a database, but longer than the head of one would be" * 20)
    with pytest.raises(DatabaseError, match="cannot be read"):
        back_up(shop, copies / "copy.db", lambda _done, _all: None)
    assert list(copies.iterdir()) == []
    with pytest.raises(DatabaseError, match="cannot be written: No such file or directory"):
        back_up(shop, copies / "nowhere" / "copy.db", lambda _done, _all: None)
