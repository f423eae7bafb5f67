"""What comes over HTTP in a million rows is taken by a program of its own, so that it holds no request up.

It is the command of the terminal, on the same database. It ends with the server; what it had not shown by then, nobody
ever saw, and the next run begins clean.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import BinaryIO

import msgspec
import structlog

from server.catalog import runs
from server.catalog.stocktake import StockOrder
from server.db.engine import DatabaseError
from server.settings import Settings
from server.shop import Shop
from server.wire.base import Wire, timestamp
from server.wire.catalog import StockReport, SyncRun
from server.wire.problems import ProblemError

_log = structlog.get_logger()

LONGEST_COMPLAINT = 300
"""Letters of what a program complained of that stand in the log."""


class Syncs:
    """The programs that take feeds for a server: one at a time, as there is one run at a time."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, run: SyncRun, file: BinaryIO, options: Sequence[str]) -> None:
        """Take a feed for a run that was begun; the file is closed when it is done."""
        task = asyncio.create_task(self._take(run, file, options))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While the server runs."""
        try:
            yield
        finally:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _take(self, run: SyncRun, file: BinaryIO, options: Sequence[str]) -> None:
        ended: SyncRun | None = None
        try:
            with file:
                # Who reads it goes on from where it stands, and sees what was written out.
                file.seek(0)
                words = ("sync", "-", "--source", run.source, "--run", f"{run.id}", "--no-pictures", *options)
                await run_aside(self._shop.settings, ("catalog", *words), file)
        finally:
            with suppress(DatabaseError):
                ended = await self._shop.database.write(runs.end_if_running, run.id, self._shop.clock())
                _log.info("catalog_sync", run=run.id, source=run.source, state=None if ended is None else ended.state)
        # The run is over by then: another may begin meanwhile.
        if ended is not None and ended.state == "done":
            await run_aside(self._shop.settings, ("catalog", "pictures", "--run", f"{run.id}"))


class Snapshots:
    """Snapshots of stock that came over HTTP: one at a time, in the order in which they came."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._turn = asyncio.Lock()

    async def take(self, file: BinaryIO, order: StockOrder) -> StockReport:
        """Take a snapshot; whoever hangs up ends it.

        Raises:
            ProblemError: nothing of it was taken.
        """
        options = [
            *((f"--store={order.store}",) if order.store is not None else ()),
            *(("--accept",) if order.accept else ()),
        ]
        async with self._turn:
            file.seek(0)
            said, _ = await run_aside(
                self._shop.settings,
                ("stock", "load", "-", "--json", "--source", order.source, "--as-of", timestamp(order.as_of), *options),
                file,
            )
        if not said:
            raise ProblemError(
                "database_unavailable",
                "The snapshot did not come to its end. Send it again: what of it was taken stays as it is.",
            )
        answer = msgspec.json.decode(said, type=Said)
        if answer.code is not None:
            raise ProblemError(answer.code, answer.detail, path=answer.path)
        return msgspec.json.decode(said, type=StockReport)


class Said(Wire, frozen=True, kw_only=True):
    """What tells a problem from an answer."""

    code: str | None = None
    detail: str = ""
    path: str | None = None


async def run_aside(settings: Settings, command: Sequence[str], file: BinaryIO | None = None) -> tuple[bytes, bytes]:
    """Have a command of ours done by a program of its own, which ends with whoever waits for it.

    Gives what it answers, and what it says beside that.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", *command),
        stdin=asyncio.subprocess.DEVNULL if file is None else file,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environ(settings),
    )
    try:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, 10)
        said = await process.communicate()
        if process.returncode and said[1]:
            # One that only refused rows says so in what it answers.
            why = said[1].decode("utf-8", "replace").strip().rpartition("\n")[2][:LONGEST_COMPLAINT]
            _log.warning("program_failed", command=" ".join(command[:2]), status=process.returncode, why=why)
        return said
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


def _environ(settings: Settings) -> dict[str, str]:
    """The settings that matter to a program beside, as the server has them."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("MOSTRADOR_")}
    return others | {
        "MOSTRADOR_DATABASE": settings.database,
        "MOSTRADOR_CURRENCY": settings.currency,
        "MOSTRADOR_PICTURE_NETWORKS": ",".join(settings.picture_networks),
    }
