"""The second place: how far each chain goes, where whoever can write the database should not be able to write.

A file that is only ever appended to, each line bound to the one before it and on disk before anything goes on, or the
system's log, which the operator sends to another machine. Each line says what it is, so it is found among others.
"""

import errno
import fcntl
import os
import syslog
from collections.abc import Callable, Iterable
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit

import msgspec

from server.settings import Settings, SettingsError
from server.wire.audit import HeadLine

MARK = b'{"mostrador":"audit head"'
TAIL = 8_192
"""Bytes at the end of a file among which the last whole line is looked for first."""
_encode = msgspec.json.Encoder().encode
_line = msgspec.json.Decoder(HeadLine)

Previous = tuple[int | None, str]
"""Number and seal of the line before; (0, "") where there is none, (None, …) where lines have no numbers."""


class HeadsError(Exception):
    """The second place cannot be read or written; the message says which and why."""


class Heads(Protocol):
    """Where heads go."""

    def last(self) -> Previous:
        """The last line that is there.

        Raises:
            HeadsError: nobody can tell.
        """
        ...

    def write(self, make: Callable[[Previous], HeadLine]) -> None:
        """Write the line that is to follow the last one; it is kept for good when this returns.

        Raises:
            HeadsError: it is not.
        """
        ...


class FileHeads:
    """A file beside, or better on another disk or machine. Several programs may append to it.

    Args:
        path: the file; it is made at the first line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def last(self) -> Previous:
        try:
            with self.path.open("rb") as file:
                # Whoever writes holds it until the line is on disk: what is said of a line must not outlive it.
                fcntl.flock(file, fcntl.LOCK_SH)
                return _last(file)
        except FileNotFoundError:
            return 0, ""
        except OSError as error:
            raise self._error("read", error) from error

    def write(self, make: Callable[[Previous], HeadLine]) -> None:
        try:
            is_new = not self.path.exists()
            number = os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
            with open(number, "r+b", buffering=0) as file:  # noqa: PTH123 - a file that is open
                # Others of ours append as well: theirs and ours follow one another.
                fcntl.flock(file, fcntl.LOCK_EX)
                text = _encode(make(_last(file))) + b"\n"
                # What a power cut left of a line stays, and the next begins on its own.
                end = file.seek(0, os.SEEK_END)
                if end and os.pread(file.fileno(), 1, end - 1) != b"\n":
                    text = b"\n" + text
                _write_whole(file, text)
            if is_new:
                self._sync_folder()
        except OSError as error:
            raise self._error("written", error) from error

    def _sync_folder(self) -> None:
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _error(self, doing: str, error: OSError) -> HeadsError:
        return HeadsError(f"MOSTRADOR_AUDIT_HEADS: {self.path} cannot be {doing}: {error.strerror}")


class SyslogHeads:
    """The system's log, as security messages of `mostrador-audit`; its lines have no numbers, as others write to it."""

    def __init__(self) -> None:
        self._seal = ""

    def last(self) -> Previous:
        return None, self._seal

    def write(self, make: Callable[[Previous], HeadLine]) -> None:
        line = make(self.last())
        syslog.openlog("mostrador-audit", 0, syslog.LOG_AUTH)
        syslog.syslog(syslog.LOG_INFO, _encode(line).decode())
        self._seal = line.seal


def second_place(settings: Settings) -> Heads:
    """Where heads go, as the settings say.

    Raises:
        SettingsError: the file's folder is not there.
    """
    if settings.audit_heads == "syslog":
        return SyslogHeads()
    path = heads_path(settings)
    if not path.absolute().parent.is_dir():
        raise SettingsError(f"MOSTRADOR_AUDIT_HEADS: the folder {path.absolute().parent} does not exist; make it first")
    return FileHeads(path)


def heads_path(settings: Settings) -> Path:
    """The second place where it is a file, of which each database has its own."""
    if settings.audit_heads:
        return Path(settings.audit_heads)
    if settings.database.startswith("sqlite:///"):
        return Path(f"{settings.database.removeprefix('sqlite:///')}.heads")
    name = urlsplit(settings.database).path.rpartition("/")[2]
    return Path(f"{name or 'mostrador'}.heads")


def lines_of(file: Iterable[bytes]) -> list[HeadLine]:
    """The heads in a text, in its order; whatever else stands in it is passed over, also what was broken off."""
    found = []
    for text in file:
        begin = text.find(MARK)
        if begin >= 0:
            with suppress(msgspec.DecodeError):
                found.append(_line.decode(text[begin:].strip()))
    return found


def read_heads(path: Path) -> list[HeadLine]:
    """The heads in a file; none where there is no file.

    Raises:
        HeadsError: it is there, and cannot be read.
    """
    try:
        with path.open("rb") as file:
            return lines_of(file)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise HeadsError(f"{path} cannot be read: {error.strerror}") from error


def _write_whole(file: FileIO, text: bytes) -> None:
    """Write a line and wait until it is on disk."""
    if file.write(text) != len(text):  # what is left of a disk that is full
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(file.fileno())


def _last(file: BinaryIO | FileIO) -> Previous:
    end = file.seek(0, os.SEEK_END)
    for begin in (max(end - TAIL, 0), 0):
        file.seek(begin)
        # At once: a file without a buffer gives lines one byte a call.
        found = lines_of(file.read().split(b"\n"))
        if found:
            return found[-1].number, found[-1].seal
    return 0, ""
