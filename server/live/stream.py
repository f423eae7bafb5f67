"""One reader of events for all streams of a process.

The reader follows the table and keeps the latest events in memory; a stream goes on from an id of its own, in that
memory where it reaches back far enough, else in the table. So a stream that is slow or comes back late costs reads,
never memory, and nothing is told that is not in the table.
"""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from operator import attrgetter
from typing import NamedTuple

import msgspec
import structlog
from litestar.response import ServerSentEventMessage

from server.catalog.runs import latest_run
from server.db.engine import Database, DatabaseError
from server.events import queries as events
from server.events.actions import settle
from server.live import queries
from server.live.queries import Told
from server.shop import Ending
from server.wire.catalog import SyncRun
from server.wire.events import CustomerErased, HelpAnswered
from server.wire.live import LiveEnded, LiveOpened, LiveRun
from server.wire.problems import ProblemError

HEARTBEAT = 15.0
"""Seconds after which a stream says that it is still there, whatever else is told: proxies cut what is silent."""
LOOK_AGAIN = 1.0
"""Seconds until the table is looked at though nobody said that something was written."""
ANOTHERS_HAND = 0.01
"""Seconds until it is looked whether another server has given events their numbers."""
LOOK_AT_RUNS = 1.0
"""Seconds between two looks at the latest run of a catalogue sync, while somebody wants to hear of it."""
RUN_TOLD = 5.0
"""Seconds between two times that streams are told how far a run is; how it ended they are told at once."""
PAGE = 500
ERASED = str(CustomerErased.__struct_config__.tag)
"""Told to every stream that tells of people: any such device may hold something of whoever was erased."""
KEPT = 2_000
"""Events in memory, at least."""

_log = structlog.get_logger()
_id = attrgetter("id")
_encode = msgspec.json.Encoder().encode


Look = Callable[[], Awaitable[None]]
"""Looks whether the door is still open to whoever listens; raises the problem if it is not."""
OF_ACCESS = frozenset({"device_revoked", "session_ended", "kiosk_session_ended"})
"""Events that make streams look; nobody is told of them."""
HELP = str(HelpAnswered.__struct_config__.tag)
"""Told to a customer at a kiosk too, beside what is of their carts: somebody is on the way there."""


class Wanted(NamedTuple):
    """Whose and which store's events a stream is for; all where it names neither.

    Attributes:
        customer_id: this customer's.
        person_id: the person that they are.
        store: this store's.
        personal: those that are about customers, and about carts, are told at all.
        runs: how far catalogue syncs are is told too.
        guest: it is for that customer themselves, at a kiosk.
        cart_id: the one cart of a guest whom nobody knows.
        at: store in which a guest is.
        carts: what happens to carts is told, whoever's they are: to the programs of the shops that they are from.
    """

    customer_id: int | None
    person_id: int | None
    store: str | None
    personal: bool
    runs: bool = False
    guest: bool = False
    cart_id: int | None = None
    at: str | None = None
    carts: bool = False

    def wants(self, told: Told) -> bool:
        """Whether an event is for this stream."""
        if told.tag in OF_ACCESS or not told.data:
            return False
        of_cart = told.cart_id is not None
        # A cart is somebody's, also where nobody knows whose.
        if (of_cart or told.customer_id is not None) and not (self.personal or (self.carts and of_cart)):
            return False
        if self.guest and told.tag == HELP:
            return told.store == self.at
        if self.guest and (not of_cart or self.customer_id is None):
            return of_cart and told.cart_id == self.cart_id
        if (self.customer_id is None and self.store is None) or told.tag == ERASED:
            return True
        if self.store is not None and told.store == self.store:
            return True
        return self.customer_id is not None and (
            told.customer_id == self.customer_id or (told.person_id is not None and told.person_id == self.person_id)
        )


class Live:
    """What happens in one database, for any number of streams."""

    def __init__(self, database: Database, ending: Ending, heartbeat: float = HEARTBEAT) -> None:
        self._database = database
        self._ending = ending
        self._heartbeat = heartbeat
        self._told: list[Told] = []
        self._before_told = 0
        """The events in memory are all that follow this one."""
        self._last = 0
        self._more = asyncio.Event()
        self._unknown: set[str] = set()
        self._run: SyncRun | None = None
        self._runs_wanted_until = self._looked_at_runs = self._told_run = -RUN_TOLD

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow the table until the block ends."""
        loop = asyncio.get_running_loop()
        self._ending.call(lambda: loop.call_soon_threadsafe(self._wake))
        reader = asyncio.create_task(self._read_on(), name="live")
        try:
            yield
        finally:
            reader.cancel()
            with suppress(asyncio.CancelledError):
                await reader

    async def follow(self, wanted: Wanted, last_heard: int | None, look: Look) -> AsyncIterator[ServerSentEventMessage]:
        """Tell what happened after an event, or from now on, until the server ends or the door closes to who listens.

        A database that cannot be reached for a while is waited for, before the first word and in the middle.

        Args:
            wanted: what to tell of.
            last_heard: the last event that the caller knows of.
            look: asked before anything is told, where somebody was turned away anywhere, and at each beat.
        """
        time = asyncio.get_running_loop().time
        at: int | None = None
        run: SyncRun | None = None
        looked = False  # who was turned away between the door and here is not told of by an event
        beat_at = time() + self._heartbeat
        while not self._ending.begun:
            more = self._more
            beat = time() >= beat_at
            self._runs_are_wanted(wanted)
            try:
                if at is None:
                    opened = await self._opened(last_heard, wanted)
                    at = opened.id
                    yield ServerSentEventMessage(data=_encode(opened), event="opened", id=at)
                after = await self._after(at)
                mine = [told for told in after if wanted.wants(told)]
                if mine or beat or not looked or any(told.tag in OF_ACCESS for told in after):
                    await look()
                    looked = True
            except ProblemError as error:
                yield ServerSentEventMessage(data=_encode(LiveEnded(code=error.code)), event="ended", id=at)
                return
            except DatabaseError:
                yield ServerSentEventMessage(data=None, id=at, comment="the database is away")
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN):
                        await more.wait()
                continue
            for told in mine:
                data = queries.without_whom(told.data) if wanted.guest else told.data
                yield ServerSentEventMessage(data=data, event=told.tag, id=told.id)
            at = after[-1].id if after else at
            if wanted.runs and self._run is not None and self._run != run:
                run = self._run
                yield ServerSentEventMessage(data=_encode(LiveRun(run=run)), event="catalog_run")
            if beat:
                # An id without data moves the place to go on from, and tells nobody anything.
                yield ServerSentEventMessage(data=None, id=at, comment="still here")
                wanted = await self._as_now(wanted)
                beat_at = time() + self._heartbeat
            if not after:
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(beat_at):
                        await more.wait()

    async def _opened(self, last_heard: int | None, wanted: Wanted) -> LiveOpened:
        await self._settle()
        if wanted.runs:
            self._run, self._told_run = await self._database.read(latest_run), asyncio.get_running_loop().time()
        first, last = await self._database.read(queries.kept)
        # A number that was never given: the caller knew another database. One from before the first that is kept: what
        # came between is forgotten.
        resumed = last_heard is not None and first - 1 <= last_heard <= last
        return LiveOpened(id=last_heard if last_heard is not None and resumed else last, resumed=resumed)

    async def _settle(self) -> None:
        """Have what is committed by now in the table, by our hand or by that of whoever is at it."""
        while await self._database.read(events.unsettled) and not await self._database.write(settle):  # noqa: ASYNC110
            # Whose hand it is may be another server's: nobody here could set an event.
            await asyncio.sleep(ANOTHERS_HAND)

    async def _after(self, id_: int) -> list[Told]:
        if id_ >= self._before_told:
            return self._told[bisect_right(self._told, id_, key=_id) :]
        return await self._page(id_)

    async def _page(self, after: int) -> list[Told]:
        """Events from the table; of what kind those are that only a newer server can tell is logged once."""
        page = await self._database.read_aside(queries.after, after, PAGE)
        for kind in {told.tag for told in page if not told.data} - self._unknown:
            self._unknown.add(kind)
            _log.warning("event_of_an_unknown_kind", kind=kind)
        return page

    async def _as_now(self, wanted: Wanted) -> Wanted:
        """Whom a customer belongs to may have changed."""
        if wanted.customer_id is None:
            return wanted
        with suppress(DatabaseError):
            person_id = await self._database.read(queries.person_of, wanted.customer_id)
            return wanted._replace(person_id=person_id)
        return wanted

    async def _read_on(self) -> None:
        """Keep up with the table; a database that cannot be reached for a while is asked again, whatever is wrong."""
        mark, known = 0, False
        while True:
            try:
                await self._settle()
                if not known:
                    self._before_told = self._last = await self._database.read(queries.last)
                    known = True
                    self._wake()  # who goes on from an earlier event reads the table, and did not know so far
                page = await self._page(self._last)
                if page:
                    self._keep(page)
                await self._look_at_runs()
                if len(page) < PAGE:
                    mark = await self._database.changed(mark, LOOK_AGAIN)
            except DatabaseError as error:
                _log.warning("live_streams_wait_for_the_database", exc_info=error)
                await asyncio.sleep(LOOK_AGAIN)
            except Exception as error:  # noqa: BLE001 - whatever it is, streams must not be deaf from then on
                _log.error("live_streams_hear_nothing", exc_info=error)
                await asyncio.sleep(LOOK_AGAIN)

    def _runs_are_wanted(self, wanted: Wanted) -> None:
        """For as long as a stream beats there is somebody to look for."""
        if wanted.runs:
            self._runs_wanted_until = asyncio.get_running_loop().time() + 2 * self._heartbeat

    async def _look_at_runs(self) -> None:
        """See how far the latest run is, not too often, and wake streams where there is something to say of it."""
        now = asyncio.get_running_loop().time()
        if now > self._runs_wanted_until or now < self._looked_at_runs + LOOK_AT_RUNS:
            return
        self._looked_at_runs = now
        run, before = await self._database.read(latest_run), self._run
        if run is None or run == before:
            return
        goes_on = before is not None and run.id == before.id and run.state == before.state and run.doing == before.doing
        if not goes_on or now >= self._told_run + RUN_TOLD:
            self._run, self._told_run = run, now
            self._wake()

    def _keep(self, page: list[Told]) -> None:
        self._told.extend(page)
        self._last = page[-1].id
        if len(self._told) > 2 * KEPT:
            self._before_told = self._told[-KEPT - 1].id
            del self._told[:-KEPT]
        self._wake()

    def _wake(self) -> None:
        more, self._more = self._more, asyncio.Event()
        more.set()
