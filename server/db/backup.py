"""A copy of a SQLite file while others read and write it, by SQLite's own online backup.

The copy is what was committed when it began: one read transaction is held over all of it, so that writes meanwhile
neither get into it nor make it begin anew. `VACUUM INTO` would be as consistent, but is one statement that says nothing
until its end, and builds every table and index anew; this copies pages as they are, and tells how many. The price of
either is the same: the log beside the database cannot be begun anew until the copy is there, and grows meanwhile.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import apsw

from server.db.engine import DatabaseError, DatabaseUnavailableError
from server.db.sqlite import connect

PAGES = 1024
"""Copied at a time: 4 MiB."""
PATIENCE = 5000
"""Milliseconds that a lock of others is waited for."""

Tell = Callable[[int, int], None]
"""Told how many bytes of how many are copied."""


def back_up(source: Path, target: Path, tell: Tell) -> int:
    """Copy a database to a new file, which its owner alone may read, and sync it to disk; how many bytes it has.

    Until all of it is there nothing stands under the file's name, and after an error nothing does anywhere. Killed
    without a word it leaves `.backup.*.part` beside it.

    Raises:
        DatabaseError: something has the file's name already, SQLite would take it for its own, or the file cannot be
            written.
        DatabaseUnavailableError: the database cannot be read.
    """
    _require_name(source, target)
    try:
        with _aside(target) as copy:
            _copy(source, copy, tell)
            size = copy.stat().st_size
            _give_name(copy, target)
    except OSError as error:
        raise DatabaseError(f"{target} cannot be written: {error.strerror}") from error
    return size


def _copy(source: Path, target: Path, tell: Tell) -> None:
    try:
        # Not to migrate it: whoever is about to install a newer Mostrador copies what the older one has.
        from_ = connect(source, apsw.SQLITE_OPEN_READWRITE)
    except apsw.Error as error:
        raise DatabaseUnavailableError(f"{source} cannot be opened: {error}") from error
    try:
        to = connect(target, apsw.SQLITE_OPEN_READWRITE)
    except apsw.Error as error:
        from_.close()
        raise DatabaseError(f"{target} cannot be written: {error}") from error
    with closing(from_), closing(to):
        from_.set_busy_timeout(PATIENCE)
        try:
            from_.execute("BEGIN")
            from_.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        except apsw.Error as error:
            raise DatabaseUnavailableError(f"{source} cannot be read: {error}") from error
        # What is half there is removed, so nothing has to be rolled back; it is synced once, at the end.
        to.execute("PRAGMA journal_mode=OFF")
        to.execute("PRAGMA synchronous=OFF")
        try:
            page: int = from_.pragma("page_size")
            with to.backup("main", from_, "main") as copying:
                while not copying.done:
                    copying.step(PAGES)
                    tell((copying.page_count - copying.remaining) * page, copying.page_count * page)
        except apsw.Error as error:
            raise DatabaseError(f"{source} cannot be copied: {error}") from error
        from_.execute("ROLLBACK")


@contextmanager
def _aside(target: Path) -> Iterator[Path]:
    """An empty file beside another, readable by its owner alone, and gone at the end if it has that name still."""
    number, name = tempfile.mkstemp(prefix=".backup.", suffix=".part", dir=target.absolute().parent)
    os.close(number)
    copy = Path(name)
    try:
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def _require_name(source: Path, target: Path) -> None:
    """Have a name for the copy that nothing has, and that is none of the database's own."""
    try:
        str(target).encode()
    except UnicodeEncodeError:
        shown = os.fsencode(target).decode("utf-8", "replace")
        raise DatabaseError(f"{shown} is no name in UTF-8: give another.") from None
    with suppress(OSError):
        if target.samefile(source):
            raise DatabaseError(f"{target} is the database itself: give the copy another name.")
    own = [source.resolve().with_name(source.name + suffix) for suffix in ("-wal", "-shm", "-journal")]
    if target.resolve() in own:
        raise DatabaseError(f"{target} is a name that SQLite keeps for {source}: give the copy another.")
    if os.path.lexists(target):
        raise _taken(target)


def _give_name(copy: Path, target: Path) -> None:
    """Sync a file, and put it in its place, where nothing may be; whoever took the name meanwhile keeps it."""
    _sync(copy)
    try:
        os.link(copy, target)
    except FileExistsError:
        raise _taken(target) from None
    except OSError:
        _move(copy, target)
    # A folder that one may write to and not read cannot be synced, nor can some of a network: the copy is there.
    with suppress(OSError):
        _sync(target.absolute().parent)


def _move(copy: Path, target: Path) -> None:
    """The same where a file cannot have two names."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise _taken(target) from None
    try:
        copy.replace(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _taken(target: Path) -> DatabaseError:
    return DatabaseError(f"{target} is there already, and is not written over: give another name.")
