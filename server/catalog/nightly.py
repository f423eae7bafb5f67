"""What a server does by itself for the catalogue: it takes it each night, once over all servers.

A clock calls it again and again; the table of nights says what is to be done then, whatever happened before, and on
whichever server. Where a night comes to nothing, an operator is told.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from server.catalog import nights
from server.catalog.alarms import tell_alarms
from server.catalog.aside import Said, run_aside
from server.catalog.fetching import is_address, without_secrets
from server.catalog.rules import Night, night_of
from server.db.engine import DatabaseError
from server.shop import Shop
from server.wire.catalog import SyncRun

LOOK_EVERY = 30
"""Seconds between two looks at the clock."""
FIRST_LOOK = 5
"""Seconds after its start in which a server has better things to do."""
LONGEST = 4 * 3600
"""Seconds that a catalogue may take."""

_log = structlog.get_logger()


class Nightly:
    """Runs beside the doors of one server."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._holder = uuid4().hex
        settings = shop.settings
        feed = settings.catalog_feed
        self._plan = nights.Plan(settings.catalog_source, without_secrets(feed) if is_address(feed) else feed)
        self._zone = ZoneInfo(settings.time_zone)
        self._woken = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep at it until the block ends, where the settings name a time."""
        if self._shop.settings.catalog_at is None:
            yield
            return
        # It would tell of every look at the clock.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        scheduler = AsyncIOScheduler(timezone=UTC)
        first = datetime.now(UTC).timestamp() + FIRST_LOOK
        scheduler.add_job(
            self._woken.set,
            IntervalTrigger(seconds=LOOK_EVERY, start_date=datetime.fromtimestamp(first, UTC), timezone=UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        scheduler.start()
        keeping = asyncio.create_task(self._keep(), name="nightly")
        try:
            yield
        finally:
            scheduler.shutdown(wait=False)
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping

    async def look(self) -> None:
        """See to the night whose turn it is, unless that was done, and tell what is to be told."""
        at = self._shop.settings.catalog_at
        if at is not None:
            night = night_of(self._shop.clock(), at, self._zone)
            if await self._shop.database.read(nights.is_open, night, self._shop.clock()):
                with suppress(nights.LostError):
                    await self._see_to(night)
        await tell_alarms(self._shop)

    async def _keep(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                await self.look()
            except DatabaseError as error:
                _log.warning("the_night_waits_for_the_database", exc_info=error)

    async def _see_to(self, night: Night) -> None:
        database, clock = self._shop.database, self._shop.clock
        tries = await database.write(nights.take, night, self._plan, self._holder, clock())
        if tries is None:
            return
        # Who is told that a night was missed is told before it is caught up on.
        await tell_alarms(self._shop)
        holding = asyncio.create_task(self._hold(night))
        try:
            async with asyncio.timeout(LONGEST):
                end = await self._sync()
        except TimeoutError:
            end = f"it was not taken within {LONGEST // 3600} hours"
        except asyncio.CancelledError:
            # The server ends: the next one, or this one when it comes back, need not wait.
            holding.cancel()
            with suppress(nights.LostError, DatabaseError):
                await database.write(nights.note, night, self._holder, "waiting", clock(), "its server was stopped")
            raise
        finally:
            holding.cancel()
        state = await database.write(nights.ended, night, self._plan, self._holder, tries, end, clock())
        detail = end if isinstance(end, str) else end.detail
        run = None if isinstance(end, str) else end.id
        _log.info("catalog_night", night=night.date, state=state, tries=tries, run=run, reason=detail)

    async def _hold(self, night: Night) -> None:
        """Say again and again that somebody is at it."""
        while True:
            await asyncio.sleep(nights.LEASE.total_seconds() / 3)
            until = self._shop.clock() + nights.LEASE
            with suppress(DatabaseError):
                try:
                    await self._shop.database.write(nights.note, night, self._holder, "running", until)
                except nights.LostError:
                    return

    async def _sync(self) -> SyncRun | str:
        """Take the catalogue: its run, or why there was none."""
        settings = self._shop.settings
        answer, beside = await run_aside(
            settings, ("catalog", "sync", settings.catalog_feed, "--source", settings.catalog_source, "--json")
        )
        if answer:
            with suppress(msgspec.ValidationError):
                return msgspec.json.decode(answer, type=SyncRun)
            return msgspec.json.decode(answer, type=Said).detail
        return beside.decode("utf-8", "replace").strip()[-nights.LONG_ENOUGH :] or "its program ended in the middle"
