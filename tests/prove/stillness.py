"""A clock that counts only while this machine lets us work: what was stopped is not what is slow."""

import threading
import time
from typing import Self

BEAT = 0.25
"""Seconds between two looks at the clock."""
STILL = 3.0
"""Seconds without a look after which we were stopped: busy machines hold a thread up, but not for so long."""


class Awake:
    """Seconds during which this process was not stopped, counted while the block runs.

    A virtual machine is saved, moved or paused, and all that runs on it with it. Whoever waited for something then has
    not waited, and whoever was served was served by nobody.

    Args:
        beat: see `BEAT`.
        still: see `STILL`.
    """

    def __init__(self, beat: float = BEAT, still: float = STILL) -> None:
        self._beat, self._still = beat, still
        self._stops = 0
        # When we were seen to work last, and seconds before it that do not count: one thread writes, many read.
        self._seen = (time.monotonic(), 0.0)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="awake")

    def __enter__(self) -> Self:
        self._seen = (time.monotonic(), 0.0)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def __call__(self) -> float:
        """Seconds that never go back."""
        at, stopped = self._seen
        return min(time.monotonic(), at + self._still) - stopped

    @property
    def stops(self) -> int:
        """How often we were stopped so far."""
        return self._stops + (time.monotonic() - self._seen[0] > self._still)

    @property
    def stopped(self) -> float:
        """Seconds that we were stopped, all in all."""
        return self._seen[1]

    def _watch(self) -> None:
        while not self._over.wait(self._beat):
            now = time.monotonic()
            at, stopped = self._seen
            if now - at > self._still:
                self._stops += 1
                stopped += now - at - self._still
            self._seen = (now, stopped)
