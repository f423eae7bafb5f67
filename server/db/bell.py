"""Says to whoever waits in an event loop that another thread wrote something."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial


class Bell:
    """Rings in any thread, is heard in any event loop; a mark tells whether it rang since."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rung = 0
        self._waiting: list[Callable[[], object]] = []

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._lock:
            self._rung += 1
            waiting, self._waiting = self._waiting, []
        for wake in waiting:
            with suppress(RuntimeError):  # that loop is closed
                wake()

    async def heard(self, mark: int, patience: float) -> int:
        """Wait until it rang since a mark, for some seconds at most; the mark of now."""
        woken = asyncio.Event()
        wake = partial(asyncio.get_running_loop().call_soon_threadsafe, woken.set)
        with self._lock:
            if self._rung != mark:
                return self._rung
            self._waiting.append(wake)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await woken.wait()
        finally:
            with self._lock, suppress(ValueError):
                self._waiting.remove(wake)
        return self._rung
