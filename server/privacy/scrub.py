"""What an erasure leaves behind in places that no statement reaches: words in the index, pages in the log."""

import asyncio

from server.customers.words_index import merge
from server.db.engine import Database
from server.privacy import actions, queries
from server.shop import Clock

PAGES = 64
"""Of the index of words, written anew at a time: other writes wait for some milliseconds."""
AT_ONCE = 10_000


async def scrub(database: Database, clock: Clock) -> int:
    """Let the last traces leave of whoever was erased; how many customers' left.

    On SQLite the index of words is written anew without those that nobody has any more, part by part while the shop
    goes on, and then the log is emptied. What was broken off begins anew. On PostgreSQL nothing is left to do but what
    is its administrator's: VACUUM FULL, its log, and backups.
    """
    customer_ids = await database.read(queries.unscrubbed, AT_ONCE)
    if not customer_ids:
        return 0
    pages = -PAGES
    while await database.write(merge, pages):
        pages = PAGES
    if not await asyncio.to_thread(database.empty_log):
        return 0
    await database.write(actions.set_scrubbed, customer_ids, clock())
    return len(customer_ids)
