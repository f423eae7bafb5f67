"""What a server does by itself: last traces of erasures, what nobody ended, memory, and each night what is over."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress

import structlog

from server.customers.rules import contact_rules
from server.db.engine import DatabaseError
from server.handoffs import queries as handoffs
from server.handoffs.actions import release_overdue
from server.kiosks import queries as kiosks
from server.kiosks.actions import end_left
from server.memory import give_back
from server.privacy import queries
from server.privacy.retention import LostError, run_retention
from server.privacy.rules import night_of
from server.privacy.scrub import scrub
from server.shop import Shop
from server.wire.problems import ProblemError

LOOK_EVERY = 60.0
"""Seconds between two looks at the clock."""

_log = structlog.get_logger()


class Keeper:
    """Runs beside the doors of one server."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._done: str | None = None
        """The last night that was seen done, by whichever server."""
        self._woken = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep at it until the block ends."""
        keeping = asyncio.create_task(self._keep(), name="keeper")
        try:
            yield
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping

    def wake(self) -> None:
        """Somebody was erased."""
        self._woken.set()

    async def tidy(self) -> None:
        """See to the night whose turn it is, unless that was done.

        A night that is under way at another server, or that failed and is still held, is looked at again.
        """
        night = night_of(self._shop.clock(), self._shop.settings.retention_hour)
        if night is None or night == self._done:
            return
        with suppress(LostError):
            await run_retention(
                self._shop.database,
                self._shop.settings.retention,
                contact_rules(self._shop.settings, self._shop.keys),
                self._shop.keys.audit,
                self._shop.clock,
                night=night,
            )
        if await self._shop.database.read(queries.is_ended, night):
            self._done = night

    async def clear_up(self) -> None:
        """End what is over by itself: handoffs that nobody came for, and customers who left a kiosk without a word."""
        database, idle, now = self._shop.database, self._shop.settings.kiosk_idle, self._shop.clock()
        if await database.read(handoffs.overdue, now):
            await database.write(release_overdue, now)
        if await database.read(kiosks.left, idle, now):
            await database.write(end_left, idle, now)

    async def _keep(self) -> None:
        first = True
        while True:
            self._woken.clear()
            # A server that starts has better things to do first.
            if not first:
                await self._see_to(self.tidy())
            await self._see_to(self.clear_up())
            await self._see_to(scrub(self._shop.database, self._shop.clock))
            # With every look: what a night made readers keep is freed when they read again, whenever that is.
            await self._see_to(asyncio.to_thread(give_back))
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._woken.wait()
            first = False

    async def _see_to(self, duty: Awaitable[object]) -> None:
        """Do one thing; what fails holds up nothing else, and comes again with the next look."""
        try:
            await duty
        except (DatabaseError, ProblemError) as error:
            _log.warning("privacy_waits_for_the_database", exc_info=error)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody else would do it from then on
            _log.error("privacy_is_not_kept", exc_info=error)
