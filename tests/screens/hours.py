"""A clock that several programs share and that can be put forward: hours pass, and nobody waits for them."""

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.sign_in.idle import since_start
from tests.screens.eye import ClockAhead

_AHEAD = struct.Struct("d")


class Hours(ClockAhead):
    """As far ahead of the machine's clock as a file says, in all programs at once.

    Args:
        path: of the file; made where it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            path.write_bytes(_AHEAD.pack(0.0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _AHEAD.size)

    @property
    def ahead(self) -> float:  # type: ignore[override]
        """Seconds."""
        seconds: float = _AHEAD.unpack(self._shared[:])[0]
        return seconds

    @ahead.setter
    def ahead(self, seconds: float) -> None:
        self._shared[:] = _AHEAD.pack(seconds)

    def __call__(self) -> float:
        """Seconds that never go back."""
        return since_start() + self.ahead

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead)
