"""Reading the audit."""

from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import msgspec

from server.audit.rules import Chain, Row
from server.db import sql
from server.db.engine import Connection
from server.wire.audit import LookShown

SQL = sql.load(Path(__file__).parent)
PAGE = 2_000
_FIRST = -(2**62)
"""Before every position."""
LAST = ("9999", "", 0)
"""A place after every look."""
_people = msgspec.json.Decoder(tuple[int, ...])


class Wanted(NamedTuple):
    """Which looks are asked for: all that fit everything that is not None.

    Attributes:
        people: the customers that one person is.
        staff_id: who looked.
        device_id: on which device.
        since: from when on, as `wire.base.timestamp` writes it.
    """

    people: frozenset[int] | None = None
    staff_id: int | None = None
    device_id: int | None = None
    since: str = ""


def chains(conn: Connection) -> dict[str, list[Chain]]:
    """Every chain's own entry and its checkpoints."""
    found: dict[str, list[Chain]] = {}
    for row in conn.all(SQL.chains):
        entry = Chain(*row)
        found.setdefault(entry.id, []).append(entry)
    return found


def chain(conn: Connection, id_: str) -> list[Chain]:
    """One chain's own entry and its checkpoints, by where they begin."""
    return [Chain(*row) for row in conn.all(SQL.chain, id=id_)]


def chains_of_rows(conn: Connection) -> Iterator[str]:
    """Every chain that a row says it belongs to."""
    after = ""
    while row := conn.one(SQL.next_chain, after=after):
        after = row[0]
        yield after


def links(conn: Connection, chain_id: str, after: int = _FIRST) -> Iterator[Row]:
    """The rows of a chain, in order."""
    while page := conn.all(SQL.links, chain=chain_id, after=after, limit=PAGE):
        for row in page:
            yield Row(*row)
        after = page[-1][1]


def older(conn: Connection, chain_id: str, before: str, most: int) -> list[Row]:
    """The rows at the beginning of a chain that are older than a moment, as far as no younger one stands among them."""
    page = (Row(*row) for row in conn.all(SQL.links, chain=chain_id, after=_FIRST, limit=most))
    return list(takewhile(lambda row: row.at < before, page))


def looks(conn: Connection, wanted: Wanted, limit: int) -> list[LookShown]:
    """Looks that are asked for, latest first. All looks since the moment are gone through until so many are found."""
    found: list[LookShown] = []
    place = LAST
    while len(found) < limit:
        at, chain_id, position = place
        page = conn.all(SQL.latest, since=wanted.since, at=at, chain=chain_id, position=position, limit=PAGE)
        if not page:
            break
        found += filter(None, (_wanted(Row(*row), wanted) for row in page))
        place = page[-1][2], page[-1][0], page[-1][1]
    return found[:limit]


def _wanted(row: Row, wanted: Wanted) -> LookShown | None:
    if wanted.staff_id is not None and row.staff_id != wanted.staff_id:
        return None
    if wanted.device_id is not None and row.device_id != wanted.device_id:
        return None
    people = people_in(row)
    if wanted.people is not None and wanted.people.isdisjoint(people):
        return None
    return LookShown(
        at=row.at,
        kind=row.kind,
        device_id=row.device_id,
        staff_id=row.staff_id,
        why=row.why,
        people=people,
        request_id=row.request_id,
        chain=row.chain,
        position=row.position,
    )


def people_in(row: Row) -> tuple[int, ...]:
    """Whom a row names; nobody where it was tampered with so that it cannot be read, which `verify` tells."""
    try:
        return _people.decode(row.people)
    except msgspec.DecodeError:
        return ()
