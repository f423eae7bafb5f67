"""What an erasure leaves behind in places that no statement reaches: words in the index, pages in the log."""

import asyncio

import structlog

from server.clock import Clock
from server.customers.words_index import sweep
from server.db.engine import Database
from server.privacy import actions, queries

PAGES = 64
"""Of the index of words, written anew at a time: other writes wait for some milliseconds."""
ROUNDS = 5
"""Over the whole index; one does as a rule, and two always did."""
AT_ONCE = 10_000
_log = structlog.get_logger()


async def scrub(database: Database, clock: Clock) -> int:
    """Let the last traces leave of whoever was erased; how many customers' left.

    On SQLite the index of words is written anew without those that nobody has any more, part by part while the shop
    goes on, and then the log is emptied. What was broken off begins anew. On PostgreSQL nothing is left to do but what
    is its administrator's: ANALYZE, VACUUM FULL, its log, and backups.
    """
    customer_ids = await database.read(queries.unscrubbed, AT_ONCE)
    if not customer_ids:
        return 0
    pages, rounds = -PAGES, 0
    while pages:
        rounds += pages < 0
        if rounds > ROUNDS:
            _log.error("words_of_the_erased_are_still_in_the_index")
            return 0
        pages = await database.write(sweep, pages)
    if not await asyncio.to_thread(database.empty_log):
        return 0
    await database.write(actions.set_scrubbed, customer_ids, clock())
    return len(customer_ids)
