"""Memory that was freed, given back to the system."""

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Give back what the C library keeps for whoever asks next; where it is not glibc, which can, nothing happens.

    A night reads all tables through, and so does a long list. What SQLite keeps of them meanwhile is freed when its
    connection reads again after a commit, but stays the process's: some ten megabytes of each thread that ever read so
    much. It takes some milliseconds, and no lock of Python's. See malloc_trim(3).
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
