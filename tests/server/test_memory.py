"""What is freed is given back."""

import platform
import re
from pathlib import Path

import pytest

from server.memory import give_back

PIECE, PIECES = 60_000, 1_000
"""Bytes of one, which malloc takes from its heap, and how many."""


def _own() -> int:
    """Bytes of this process's own."""
    found = re.search(r"RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text("utf-8"))
    assert found
    return int(found[1]) * 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives memory back when it is told to")
def test_freed_memory_is_the_system_s_again() -> None:
    """Also where something that is still in use lies behind it, which keeps the C library from doing so by itself."""
    pieces = [bytes([number % 256]) * PIECE for number in range(PIECES)]
    # Every hundredth stays.
    kept = pieces[::100]
    before = _own()
    del pieces
    give_back()
    assert _own() < before - PIECE * PIECES // 2
    assert len(kept) == PIECES // 100
