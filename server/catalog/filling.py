"""Words for products of a database that an older Mostrador kept: a server makes them by itself when it starts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from server.catalog import words_index
from server.db.engine import Database, DatabaseError

PAUSE = 5.0
"""Seconds until it is tried again where the database could not be reached."""

_log = structlog.get_logger()


@asynccontextmanager
async def filling(database: Database) -> AsyncIterator[None]:
    """While the server runs."""
    task = asyncio.create_task(_fill(database))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _fill(database: Database) -> None:
    filled = 0
    while True:
        try:
            while some := await database.read_aside(words_index.due):
                await database.write(words_index.fill_some, some)
                filled += len(some)
        except DatabaseError:
            await asyncio.sleep(PAUSE)
        else:
            break
    if filled:
        _log.info("products_can_be_found", products=filled)
