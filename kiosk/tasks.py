"""What is under way: begun by a touch, given up when whoever touched has left."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Tasks:
    """Verbs that were begun."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Begin a verb and go on at once."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def done(self) -> None:
        """Wait until none is under way."""
        if self._running:
            await asyncio.wait(self._running)

    def give_up(self) -> None:
        """Let none of them come to its end."""
        for task in tuple(self._running):
            task.cancel()
