"""A check of the whole record, over both places."""

from collections.abc import Callable, Sequence
from functools import partial

from server.audit import queries, rules
from server.db.engine import Connection, Database
from server.wire.audit import AuditReport, HeadLine

Read = Callable[[], list[HeadLine]]
"""Reads the second place."""


def check(database: Database, key: bytes, read: Read) -> AuditReport:
    """Go through every chain, also while servers write.

    Raises:
        HeadsError: the second place cannot be read.
        DatabaseError: the database cannot.
    """
    return database.read_now(_check, key, read(), read)


def _check(conn: Connection, key: bytes, before: Sequence[HeadLine], read: Read) -> AuditReport:
    """In one snapshot, which the first question begins: what is read of the second place after it is later."""
    entries = queries.chains(conn)
    after = read()
    of_rows = queries.chains_of_rows(conn)
    return rules.check_all(key, entries, of_rows, partial(queries.links, conn), before, after)
