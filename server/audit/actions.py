"""Putting looks on record, and letting go of the oldest."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from server.audit import queries, rules
from server.audit.queries import SQL
from server.audit.rules import Chain, Link, Look
from server.db.engine import Connection
from server.wire.base import timestamp
from server.wire.problems import ProblemError

_encode = msgspec.json.Encoder().encode


def append(
    conn: Connection,
    key: bytes,
    chain: Chain,
    last: Link | None,
    looks: Sequence[Look],
    sealed: int,
    *,
    again: bool = False,
) -> Link:
    """Put looks on record as the next rows of a chain, whose entry is written with its first rows; the new last link.

    Args:
        conn: a write's.
        key: of the audit.
        chain: the chain's own entry.
        last: what is in the database of it, None where nothing is.
        looks: who saw whom.
        sealed: how far the second place knows of this chain.
        again: these very looks were tried before, and nobody knows whether that counts.
    """
    if last is None:
        conn.run(SQL.begin, **chain._asdict())
        last = rules.start(chain)
    made = rules.rows(key, chain.id, last, looks, sealed)
    if made:
        # In one statement: each gives Python's lock away and has to wait for it beside the scans.
        conn.run(
            SQL.append_again if again else SQL.append,
            rows=_encode([(*row[:-1], row.mac.hex()) for row in made]).decode(),
        )
    return Link(made[-1].position, made[-1].mac) if made else last


def cut(conn: Connection, key: bytes, chain_id: str, before: str, now: datetime) -> int:
    """Take the beginning of a chain away, up to a moment, and leave a signed checkpoint where it begins now.

    At least the last row stays, as what comes after is chained to it. Check the chain first: what is amiss in the
    beginning is not seen any more once it is gone.

    Args:
        conn: a write's.
        key: of the audit.
        chain_id: the chain.
        before: rows that are older may go, as `wire.base.timestamp` writes it.
        now: the moment of the cut.

    Returns:
        How many rows went.

    Raises:
        ProblemError: there is no such chain.
    """
    entries = queries.chain(conn, chain_id)
    if not entries:
        raise ProblemError("invalid_field", "There is no chain with this number.")
    gone: Link | None = None
    kept = None
    for row in queries.links(conn, chain_id):
        if kept is not None and kept.at < before:
            gone = Link(kept.position, kept.mac)
        elif kept is not None:
            break
        kept = row
    if gone is None:
        return 0
    checkpoint = rules.chain(
        key, chain_id, entries[0].program, timestamp(now), first=gone.position + 1, before=gone.mac
    )
    conn.run(SQL.begin, **checkpoint._asdict())
    return conn.run(SQL.cut, chain=chain_id, first=checkpoint.first)
