"""Following links to pictures, beside everything else: after a feed is shown, or when an operator says so.

Several programs may do so at once: each takes links that nobody else has taken. One that is killed loses nothing: what
it had taken is taken again later.
"""

import asyncio
import ssl
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from server.catalog import runs
from server.catalog.account import Tell
from server.catalog.pictures import files, links
from server.catalog.pictures.asking import AT_ONCE, USUAL, Limits, NobodyThereError, Web
from server.catalog.pictures.beside import Shrinker
from server.catalog.pictures.links import Failed, Kept, Link
from server.catalog.pictures.shape import NoPictureError, host_of
from server.catalog.pictures.sweeping import sweep
from server.catalog.sync import quietly
from server.clock import Clock
from server.db.engine import Connection, Database
from server.networks import Network
from server.wire.catalog import Gathered, RefusedRow, SyncRun

FIELD = "image_link"
TAKEN = 100
"""Links that are taken at a time."""
KEPT_EVERY, KEPT_AT_ONCE, KEPT_BYTES = 1.0, 20, 2_000_000
"""Seconds, pictures or bytes after which what came is kept: one transaction, which others wait for."""
FAILURES_OF_A_HOST = 5
"""A server that did not answer so often in a row is not asked any more."""
NOBODYS = 0
"""No run's number."""
LONGEST = 6 * 3600.0
"""Seconds; what is left then waits for the next time."""


class Order(NamedTuple):
    """What is to be done.

    Attributes:
        folder: where the feed's file lies, and pictures with relative links.
        allowed: addresses inside the network that may be asked, too.
        limits: what a picture may take.
        trust: see `Web`.
    """

    folder: Path | None = None
    allowed: tuple[Network, ...] = ()
    limits: Limits = USUAL
    trust: ssl.SSLContext | None = None


class Gathering:
    """One time that links are followed.

    Args:
        database: where they stand.
        web: the network.
        shrinker: makes pictures small.
        clock: the time.
        tell: told how far it is.
        run: the sync after which it is done, and on whose record it goes; afterwards that as it is told of now.
        longest: seconds.
    """

    def __init__(
        self,
        database: Database,
        web: Web,
        shrinker: Shrinker,
        clock: Clock,
        tell: Callable[[int, int], None],
        run: SyncRun | None = None,
        longest: float = LONGEST,
    ) -> None:
        self._database, self._web, self._shrinker, self._clock, self._tell = database, web, shrinker, clock, tell
        self.run = run
        self._ends = time.monotonic() + longest
        self._taking, self._keeping = asyncio.Lock(), asyncio.Lock()
        self._waiting: deque[Link] = deque()
        self._taken: set[str] = set()
        self._kept: list[Kept] = []
        self._failed: list[Failed] = []
        self._kept_at = time.monotonic()
        self._failures: Counter[str] = Counter()
        self._left_of: Counter[str] = Counter()
        self._refused: list[RefusedRow] = []
        # On no link's account.
        self._general: list[RefusedRow] = []
        self._count = self._done = self._all = 0

    async def beside(self, folder: Path, source: str) -> None:
        """Follow links to pictures beside a source's feed, where the files are not those that we have."""
        after = ""

        async def more() -> Sequence[Link]:
            nonlocal after
            found = await self._database.read_aside(links.of_feed, source, after, TAKEN)
            after = found[-1].link if found else after
            return found

        async def follow(link: Link) -> Kept | None:
            read = await asyncio.to_thread(files.read, folder, links.path_of(link.link), link.hash and link.etag)
            return None if read is None else Kept(link, await self._shrinker.shrink(read[0]), read[1], None)

        await self._follow(more, follow)

    async def addresses(self) -> None:
        """Follow links whose time has come."""
        # What a run named that has died is not kept for it.
        await self._database.write(runs.under_way, self._clock())
        self._all += await self._database.read_aside(links.count_due, self._clock())

        async def more() -> Sequence[Link]:
            # Looked for beside: no write waits while a million links of a feed that is being read are passed over.
            while time.monotonic() <= self._ends and (
                found := await self._database.read_aside(links.due, self._clock(), TAKEN)
            ):
                taken = await self._database.write(links.take, found, self._clock())
                self._taken |= {link.link for link in taken}
                if taken:
                    return taken
            return ()

        async def follow(link: Link) -> Kept:
            known = (link.etag, link.last_modified) if link.hash else (None, None)
            came = await self._web.fetch(link.link, *known)
            if came is None:
                return Kept(link, None, *known)
            return Kept(link, await self._shrinker.shrink(came.content), came.etag, came.last_modified)

        try:
            await self._follow(more, follow)
        finally:
            # What was taken and not followed is there for whoever comes next.
            if self._taken:
                await self._database.write(links.put_off, sorted(self._taken), self._clock())

    async def end(self) -> Gathered:
        """Say what came of it, and let go of pictures that nobody names."""
        for host, count in self._left_of.items():
            rule = f"it does not answer: {count:,} of its pictures wait for the next time"
            self._general.append(RefusedRow(line=0, field=FIELD, value=host, rule=rule))
        self._refused += self._general
        left = await self._database.read_aside(links.count_due, self._clock()) + self._left_of.total()
        await self._keep(left)
        if self.run is None or self.run.changed or self.run.gone:
            await asyncio.to_thread(sweep, self._database, self._clock())
        return Gathered(kept=self._count, left=left, refused=tuple(self._refused))

    async def _follow(
        self, more: Callable[[], Awaitable[Sequence[Link]]], follow: Callable[[Link], Awaitable[Kept | None]]
    ) -> None:
        workers = [asyncio.create_task(self._work(more, follow)) for _ in range(AT_ONCE)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await self._keep()

    async def _work(
        self, more: Callable[[], Awaitable[Sequence[Link]]], follow: Callable[[Link], Awaitable[Kept | None]]
    ) -> None:
        while True:
            async with self._taking:
                if not self._waiting:
                    self._waiting.extend(await more())
                if not self._waiting:
                    return
                link = self._waiting.popleft()
            await self._one(link, follow)
            self._done += 1
            self._tell(self._done, max(self._all, self._done))
            size = sum(len(one.picture.large.content) for one in self._kept if one.picture is not None)
            late = time.monotonic() - self._kept_at > KEPT_EVERY
            if late or size > KEPT_BYTES or len(self._kept) + len(self._failed) >= KEPT_AT_ONCE:
                await self._keep()

    async def _one(self, link: Link, follow: Callable[[Link], Awaitable[Kept | None]]) -> None:
        host = "" if link.link.startswith(links.BESIDE) else host_of(link.link)
        if self._failures[host] >= FAILURES_OF_A_HOST:
            self._left_of[host] += 1
            self._failed.append(Failed(link, "", left=True))
            return
        try:
            kept = await follow(link)
        except NoPictureError as error:
            self._failures[host] = self._failures[host] + 1 if isinstance(error, NobodyThereError) else 0
            self._failed.append(Failed(link, str(error)))
        except Exception as error:  # noqa: BLE001 - whatever a stranger makes a library raise costs one picture
            self._failed.append(Failed(link, f"it cannot be had: {type(error).__name__}"))
        else:
            self._failures[host] = 0
            if kept is not None:
                self._kept.append(kept)

    async def _keep(self, left: int | None = None) -> None:
        """Keep what came so far; at the end, how many links are left."""
        async with self._keeping:
            kept, failed = self._kept, self._failed
            self._kept, self._failed = [], []
            came = Counter(self._account(one.link) for one in kept if one.picture is not None)
            refused = {self._account(None): self._general}
            self._general = []
            for one in failed:
                if _is_told(one):
                    row = self._row(one)
                    refused.setdefault(self._account(one.link), []).append(row)
                    self._refused.append(row)
            self._count += came.total()
            shares = [_Share(run_id, came[run_id], refused.get(run_id, ())) for run_id in came.keys() | refused.keys()]
            self.run = await self._database.write(_keep, kept, failed, self.run, shares, left, self._clock())
            self._taken -= {one.link.link for one in kept} | {one.link.link for one in failed}
            self._kept_at = time.monotonic()

    def _account(self, link: Link | None) -> int:
        """Whose it is what came of a link: the sync's after which we run, or that of a later one that named it.

        The later one's own program would have told it, had we not come first. Without a sync it is nobody's.
        """
        if self.run is None:
            return NOBODYS
        return max(self.run.id, (link and link.run_id) or NOBODYS)

    def _row(self, failed: Failed) -> RefusedRow:
        link = failed.link
        # The rows of another feed have other numbers.
        line = link.line if self.run is not None and link.run_id == self._account(link) else None
        shown = links.path_of(link.link) if link.link.startswith(links.BESIDE) else link.link
        return RefusedRow(line=line or 0, field=FIELD, value=shown[:200], rule=failed.rule)


class _Share(NamedTuple):
    """What goes on a run's account: pictures that came, and rows for those that cannot be had."""

    run_id: int
    kept: int
    refused: Sequence[RefusedRow]


def _is_told(failed: Failed) -> bool:
    """A picture that we have goes on being shown, whatever its server says today; a file should be as it is meant."""
    return not failed.left and (failed.link.hash is None or failed.link.link.startswith(links.BESIDE))


def _keep(
    conn: Connection,
    kept: Sequence[Kept],
    failed: Sequence[Failed],
    run: SyncRun | None,
    shares: Sequence[_Share],
    left: int | None,
    now: datetime,
) -> SyncRun | None:
    links.keep(conn, kept, failed, now)
    if run is None:
        return None
    for share in shares:
        named = runs.run_of(conn, share.run_id)
        # A run that is under way tells of itself alone, and numbers its own rows.
        ours = share.run_id == run.id or named is None or named.state == "running"
        told = runs.add_pictures(
            conn, run.id if ours else share.run_id, share.kept, share.refused, left if ours else None
        )
        run = told if ours else run
    return run


def gather(
    database: Database,
    order: Order,
    clock: Clock,
    tell: Tell = quietly,
    run: SyncRun | None = None,
) -> tuple[SyncRun | None, Gathered]:
    """Follow links to pictures: those beside a feed, where there is one, and those whose time has come.

    The answer is the run as it is told of now, and what came of it.
    """
    return asyncio.run(_gather(database, order, clock, tell, run))


async def _gather(
    database: Database, order: Order, clock: Clock, tell: Tell, run: SyncRun | None
) -> tuple[SyncRun | None, Gathered]:
    def told(done: int, all_: int) -> None:
        tell(shown, done, all_)

    shown = replace(run or SyncRun(id=0, source="", feed="", state="done", began_at=""), doing="pictures")
    web, shrinker = Web(order.allowed, order.limits, order.trust), Shrinker()
    gathering = Gathering(database, web, shrinker, clock, told, run)
    try:
        if order.folder is not None and run is not None:
            await gathering.beside(order.folder, run.source)
        await gathering.addresses()
        gathered = await gathering.end()
    finally:
        await web.close()
        await shrinker.close()
    return gathering.run, gathered
