"""A sync that came over HTTP is done by a program of its own, so that a million rows hold no request up.

It is the command of the terminal, on the same database. It ends with the server; what it had not shown by then, nobody
ever saw, and the next run begins clean.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import BinaryIO

import structlog

from server.catalog import runs
from server.db.engine import DatabaseError
from server.shop import Shop
from server.wire.catalog import SyncRun

_log = structlog.get_logger()


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
                await self._run(words, file)
        finally:
            with suppress(DatabaseError):
                ended = await self._shop.database.write(runs.end_if_running, run.id, self._shop.clock())
                _log.info("catalog_sync", run=run.id, source=run.source, state=None if ended is None else ended.state)
        # The run is over by then: another may begin meanwhile.
        if ended is not None and ended.state == "done":
            await self._run(("pictures", "--run", f"{run.id}"), asyncio.subprocess.DEVNULL)

    async def _run(self, words: Sequence[str], file: BinaryIO | int) -> None:
        """Run a command of the catalogue to its end; it ends with us."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server", "catalog", *words),
            stdin=file,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=self._environ(),
        )
        try:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, 10)
            await process.wait()
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.terminate()
                await process.wait()

    def _environ(self) -> dict[str, str]:
        """The settings that matter to it, as the server has them."""
        settings = self._shop.settings
        others = {name: value for name, value in os.environ.items() if not name.startswith("MOSTRADOR_")}
        return others | {
            "MOSTRADOR_DATABASE": settings.database,
            "MOSTRADOR_CURRENCY": settings.currency,
            "MOSTRADOR_PICTURE_NETWORKS": ",".join(settings.picture_networks),
        }
