"""Hearing what happens at the server while it happens, for as long as somebody is in."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from kiosk.link.port import RefusedError, Said, Stream, UnreachableError
from server.wire.live import LiveEvent, LiveOpened

PAUSES = (0.2, 1.0, 3.0, 10.0)
"""Seconds until a stream that broke is opened again, the last one from then on."""


class Listener:
    """Follows one stream at a time: the store's, with that of the customer who is shown.

    Where a stream goes on after a pause, nothing between is missed: it is told late, or `missed` is told instead.

    Args:
        port: the server.
        told: told each event.
        missed: told that something may have happened that nobody tells any more: what is shown may be old.
        pauses: see `PAUSES`.
    """

    def __init__(
        self,
        port: Stream,
        told: Callable[[LiveEvent], None],
        missed: Callable[[], None],
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        self._port = port
        self._told = told
        self._missed = missed
        self._pauses = pauses
        self._after: int | None = None
        self._customer_id: int | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listen, as whoever is in by now; to be called in an event loop."""
        self.stop()
        self._open()

    def listen_to(self, customer_id: int | None) -> None:
        """Hear of a customer as well, or of none; nothing happens while nobody is in."""
        if customer_id != self._customer_id:
            self._customer_id = customer_id
            if self._task is not None:
                self._task.cancel()
                self._open()

    def stop(self) -> None:
        """Hear nothing; what happens until the next start is not told later."""
        if self._task is not None:
            self._task.cancel()
        self._task = self._customer_id = self._after = None

    def _open(self) -> None:
        self._task = asyncio.ensure_future(self._listen(self._customer_id))

    async def _listen(self, customer_id: int | None) -> None:
        tries = 0
        while True:
            try:
                async with aclosing(self._port.follow(customer_id, self._after)) as said:
                    async for one in said:
                        # One that opens and breaks at once is no reason to hurry.
                        tries = 0 if isinstance(one, LiveEvent) else tries
                        self._hear(one)
            except RefusedError as error:
                if error.retry_after is None:
                    # Why is told by the port; whoever comes in next, or is shown next, is listened to anew.
                    return
                await asyncio.sleep(error.retry_after)
            except UnreachableError:
                pass
            await asyncio.sleep(self._pauses[min(tries, len(self._pauses) - 1)])
            tries += 1

    def _hear(self, said: Said) -> None:
        self._after = said.id
        match said:
            case LiveEvent():
                self._told(said)
            case LiveOpened(resumed=False):
                self._missed()
