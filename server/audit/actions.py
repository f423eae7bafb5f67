"""Putting looks on record, and letting go of the oldest."""

from collections.abc import Sequence

import msgspec

from server.audit import queries, rules
from server.audit.queries import SQL
from server.audit.rules import Chain, Link, Look, Row
from server.db.engine import Connection

_encode = msgspec.json.Encoder().encode

CUT_AT_ONCE = 2_000
"""Rows in one transaction, which other writes wait for."""


class AmissError(Exception):
    """A chain is not as it was written."""


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
    made = rules.rows(key, chain.id, rules.start(chain) if last is None else last, looks, sealed)
    put(conn, chain if last is None else None, made, again=again)
    return Link(made[-1].position, made[-1].mac) if made else last or rules.start(chain)


def put(conn: Connection, begins: Chain | None, made: Sequence[Row], *, again: bool = False) -> None:
    """Write rows of a chain that are made already, and the chain's own entry where it begins with them."""
    if begins is not None:
        conn.run(SQL.begin, **begins._asdict())
    if made:
        # In one statement: each gives Python's lock away and has to wait for it beside the scans.
        rows = _encode([(*row[:-1], row.mac.hex()) for row in made]).decode()
        conn.run(SQL.append_again if again else SQL.append, rows=rows)


def cut(conn: Connection, key: bytes, chain_id: str, before: str, most: int = CUT_AT_ONCE) -> int:
    """Take rows away that stand at the beginning of a chain and are over their time, and leave a signed checkpoint.

    The checkpoint says where the chain begins now, what the next row is chained to, and from when on the chain is
    whole; so what is left verifies, also where no row is.

    Args:
        conn: a write's.
        key: of the audit.
        chain_id: the chain.
        before: rows that are older go, as `wire.base.timestamp` writes it.
        most: rows; what is over its time and more than that goes the next time.

    Returns:
        How many rows went.

    Raises:
        AmissError: the beginning is not as it was written: once it is gone nobody would see that.
    """
    old = queries.older(conn, chain_id, before, most)
    if not old:
        return 0
    entries = queries.chain(conn, chain_id)
    # Heads are another place's to tell of.
    findings = [f for f in rules.check_chain(key, entries, old, (), ()).findings if f.what != "heads_shortened"]
    if findings:
        raise AmissError
    last = old[-1]
    checkpoint = rules.chain(key, chain_id, entries[0].program, before, first=last.position + 1, before=last.mac)
    conn.run(SQL.begin, **checkpoint._asdict())
    return conn.run(SQL.cut, chain=chain_id, first=checkpoint.first)
