"""What the server tells its operator, as a test hears it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from tests.overheard import OverheardError, found_in, require_nobody, without_our_own

PATIENCE = 20
_PLANTED = '"event":"planted"'


class Log:
    """The lines that are told while a test listens; and over the whole run, one of each kind of line."""

    def __init__(self) -> None:
        self._ever: set[str] = set()
        self._told = bytearray()
        self._more = threading.Condition(threading.RLock())
        self._open = False

    def write(self, told: bytes) -> None:
        """Take what is told."""
        self._ever.add(without_our_own(told.decode()))
        if self._open:
            with self._more:
                self._told += told
                self._more.notify_all()

    def flush(self) -> None:
        """There is nothing in between."""

    def isatty(self) -> bool:
        """It is no terminal."""
        return False

    def require_nobody(self) -> None:
        """Nobody may be in what was told over the whole run, but for what tests planted, which must be found.

        Raises:
            OverheardError: somebody is, or what was planted is not found.
        """
        planted = {line for line in self._ever if _PLANTED in line}
        if not all(map(found_in, planted)):
            raise OverheardError("what a test planted in the log is not found")
        require_nobody("".join(sorted(self._ever - planted)), "the servers in this process")

    @contextmanager
    def listening(self) -> Iterator["Log"]:
        """Keep what is told until the block ends."""
        self._told.clear()
        self._open = True
        try:
            yield self
        finally:
            self._open = False

    @property
    def text(self) -> str:
        """All of it."""
        with self._more:
            return self._told.decode()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Each line, read as JSON."""
        return [msgspec.json.decode(line) for line in self.text.splitlines()]

    def line(self, event: str, **facts: Any) -> dict[str, Any]:
        """The first line of an event with these facts; it is waited for, as a request's comes after its answer."""
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            found[:] = [line for line in self.lines if line["event"] == event and facts.items() <= line.items()]
            return bool(found)

        with self._more:
            assert self._more.wait_for(is_there, PATIENCE), self.text
        return found[0]
