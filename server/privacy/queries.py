"""What was erased, and lines that name somebody."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.customers import queries as customers
from server.db import sql
from server.db.engine import Connection
from server.privacy.rules import Traces
from server.wire.privacy import Erasure
from server.wire.records import RefusedRecord

SQL: Any = sql.load(Path(__file__).parent)

REFUSED_AT_ONCE = 500


def numbers_of(conn: Connection, customer_id: int) -> tuple[int, ...]:
    """The numbers of all customers that one person is; none where there is nobody."""
    return tuple(customer.id for customer in customers.person(conn, customer_id))


def erasure_of(conn: Connection, customer_id: int) -> Erasure | None:
    """How the person was erased who had a number, or None."""
    rows = conn.all(SQL.erasure_of, customer_id=customer_id)
    if not rows:
        return None
    scrubbed = [scrubbed_at for *_, scrubbed_at in rows]
    return Erasure(
        customer_ids=tuple(id_ for id_, *_ in rows),
        erased_at=rows[0][1],
        orders=sum(orders for _, _, orders, _ in rows),
        scrubbed_at=None if None in scrubbed else max(scrubbed),
    )


def unscrubbed(conn: Connection, limit: int) -> list[int]:
    """The numbers of people whose last traces are yet to leave."""
    return [id_ for (id_,) in conn.all(SQL.unscrubbed, limit=limit)]


def is_ended(conn: Connection, night: str) -> bool:
    """Whether all that was over its time in a night is removed, by whichever server."""
    row = conn.one(SQL.end_of_night, night=night)
    return row is not None and row[0] is not None


def refused_of(conn: Connection, traces: Traces) -> Iterator[RefusedRecord]:
    """Refused lines that speak of a person."""
    last = 0
    while rows := conn.all(SQL.refused_after, id=last, limit=REFUSED_AT_ONCE):
        for id_, at, origin, line, path, reason, text in rows:
            if traces.are_in(text):
                yield RefusedRecord(
                    id=id_, refused_at=at, origin=origin, line=line, path=path, reason=reason, text=text
                )
        last = rows[-1][0]
