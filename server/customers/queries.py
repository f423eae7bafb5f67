"""Customers as they are kept; `context.py` and `search.py` make of it what is shown."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from server.customers.rules import FIELDS, Kind
from server.db import sql
from server.db.engine import Connection
from server.search.rules import Sought, expression
from server.statements.rules import Value, json_text, unpack_times

SQL: Any = sql.load(Path(__file__).parent)


class Held(NamedTuple):
    """A customer of one source as we hold them."""

    id: int
    person_id: int | None
    stated: bool
    fields: dict[str, Value]
    times: dict[str, str]
    deleted_at: str | None
    redacted_at: str | None


class Customer(NamedTuple):
    """A customer as part of the person they are, packed as they are kept."""

    id: int
    person_id: int | None
    source: str
    external_id: str
    stated: int
    given_name: str | None
    family_name: str | None
    emails: str | None
    phones: str | None
    cards: str | None
    locale: str | None
    city: str | None
    birth_date: str | None
    loyalty: str | None
    consents: str | None
    attributes: str | None
    field_times: str
    preferences: str | None
    has: int


class Has:
    """Bits of `customers.has`: one that is not set saves a look into a table; once set it stays."""

    CARTS = 1
    WISHLISTS = 2
    VIEWS = 4
    NOTES = 8
    REFERENCES = 16
    CONSENTS = 32


class Holder(NamedTuple):
    """Whose contact it is."""

    customer_id: int
    verified: bool
    person_id: int


def by_key(conn: Connection, source: str, external_id: str) -> Held | None:
    """A customer by their source and id there, or None."""
    row = conn.one(SQL.by_key, source=source, external_id=external_id)
    if row is None:
        return None
    id_, person_id, stated, *values, times, deleted_at, redacted_at = row
    fields = dict(zip(FIELDS, values, strict=True))
    return Held(id_, person_id, bool(stated), fields, unpack_times(times), deleted_at, redacted_at)


def holders(conn: Connection, kind: Kind, value: str) -> list[Holder]:
    """Every customer whose contact it is."""
    return [
        Holder(id_, bool(verified), person) for id_, verified, person in conn.all(SQL.holders, kind=kind, value=value)
    ]


def person(conn: Connection, customer_id: int) -> list[Customer]:
    """Every customer of the person that one is, those first whose statements are the newest; none if there is none."""
    return _newest_first([Customer(*row) for row in conn.all(SQL.person_rows, id=customer_id)])


def others_of_persons(conn: Connection, customer_ids: Iterable[int]) -> dict[int, list[int]]:
    """The other customers of the persons that some are, by the number of each who is not a person alone."""
    others: dict[int, list[int]] = {}
    for customer_id, other in conn.all(SQL.others_of_persons, ids=json_text(list(customer_ids))):
        others.setdefault(customer_id, []).append(other)
    return others


def carriers(conn: Connection, kind: Kind, value: str) -> list[list[Customer]]:
    """The persons who carry a contact, each with every customer; only those who proved it, where anybody did."""
    rows = conn.all(SQL.person_rows_with, kind=kind, value=value)
    if len(rows) == 1:
        return [[Customer(*rows[0][:-1])]]
    proven = [row for row in rows if row[-1]]
    persons: dict[int, dict[int, Customer]] = {}
    for *columns, _ in proven or rows:
        customer = Customer(*columns)
        persons.setdefault(customer.person_id or customer.id, {})[customer.id] = customer
    return [_newest_first(list(customers.values())) for customers in persons.values()]


def _newest_first(customers: list[Customer]) -> list[Customer]:
    return sorted(customers, key=_newest, reverse=True) if len(customers) > 1 else customers


def _newest(customer: Customer) -> tuple[int, str, str, str]:
    latest = max(unpack_times(customer.field_times).values(), default="")
    return (customer.stated, latest, customer.source, customer.external_id)


def customer_id_of(conn: Connection, source: str, external_id: str) -> int | None:
    """A customer's number, or None."""
    row = conn.one(SQL.id_of, source=source, external_id=external_id)
    return row[0] if row else None


def matching(conn: Connection, wanted: Sequence[Sequence[Sought]], limit: int) -> list[int]:
    """The numbers of customers who have, of every group of words, any one; the newest first."""
    return [id_ for (id_,) in conn.all(SQL.matching, words=expression(conn.engine, wanted), limit=limit)]


def anybody_with(conn: Connection, sought: Sought) -> bool:
    """Does anybody have a word?"""
    return conn.one(SQL.anybody_with, words=expression(conn.engine, [[sought]])) is not None


def words_of(conn: Connection, customer_id: int) -> list[str]:
    """The words a customer is found by."""
    row = conn.one(SQL.words, customer_id=customer_id)
    return row[0].split() if row else []


def words_among(conn: Connection, customer_ids: Sequence[int]) -> dict[int, list[str]]:
    """The words that several customers are found by."""
    if not customer_ids:
        return {}
    return {id_: words.split() for id_, words in conn.all(SQL.words_among, ids=json_text(customer_ids))}
