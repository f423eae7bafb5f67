"""Asking again until something is so, and giving up: a test that waits without end costs all others their run."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds, unless somebody has less; what is waited for comes within two where the machine is not busy."""
PAUSE = 0.005
"""Seconds between two questions: whoever asks without a pause keeps what it waits for waiting."""


def until(what: Callable[[], T], patience: float = PATIENCE) -> T:
    """Ask until something is so; what that came to.

    Raises:
        AssertionError: it was not, within so many seconds.
    """
    deadline = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < deadline, f"it was not so within {patience:.0f} seconds"
        time.sleep(PAUSE)
    return found
