"""Erasing people, and letting them come again."""

from collections.abc import Sequence
from datetime import datetime

from server.access.callers import Caller
from server.customers import queries as customers
from server.customers import rules as customer_rules
from server.customers.erasure import erase as erase_customers
from server.customers.erasure import known_by
from server.customers.queries import Customer
from server.customers.rules import ContactRules
from server.customers.tombstones import Erased
from server.db.engine import Connection
from server.privacy import queries
from server.privacy.queries import SQL
from server.privacy.rules import Traces
from server.wire.base import timestamp
from server.wire.privacy import EraseCustomer, Erasure
from server.wire.problems import ProblemError

WHOSE_IS_NOT_KNOWN = 0
"""Stands for the customer of answers from before it was kept whose they are."""


def erase(conn: Connection, customer_id: int, rules: ContactRules, now: datetime, *, for_good: bool = True) -> Erasure:
    """Erase the whole person that a customer is; asked again, tell how it was.

    Args:
        conn: of the transaction that all of it happens in.
        customer_id: any of their numbers.
        rules: what is a contact here, and the key of what stays to recognise the person by.
        now: when.
        for_good: do not let them come back with the next import.

    Raises:
        ProblemError: there is no such customer and never was.
    """
    conn.flush()
    person = customers.person(conn, customer_id)
    if not person:
        earlier = queries.erasure_of(conn, customer_id)
        if earlier is None:
            raise ProblemError("unknown_customer", "There is no customer with this number. Search again.")
        return earlier
    _forget_texts(conn, person)
    # What the first of them is, is a number that nobody else ever had or gets.
    person_id = person[0].person_id or person[0].id
    gone = erase_customers(conn, person, Erased(conn, rules), now, for_good=for_good)
    for id_, orders in gone.orders.items():
        conn.run(SQL.add_erasure, customer_id=id_, person_id=person_id, erased_at=timestamp(now), orders=orders)
    erasure = queries.erasure_of(conn, customer_id)
    assert erasure is not None
    return erasure


def erase_confirmed(
    conn: Connection, _caller: Caller, customer_id: int, wanted: EraseCustomer, rules: ContactRules, now: datetime
) -> Erasure:
    """The same for who asks from elsewhere.

    Raises:
        ProblemError: there is no such customer and never was, or it is not confirmed.
    """
    if not wanted.confirm:
        raise ProblemError("invalid_field", "Nothing brings the person back: send `confirm` as true.", path="$.confirm")
    return erase(conn, customer_id, rules, now)


def _forget_texts(conn: Connection, person: Sequence[Customer]) -> None:
    """Forget what is kept as it came in or went out, and names the person."""
    for id_ in (WHOSE_IS_NOT_KNOWN, *(customer.id for customer in person)):
        conn.run(SQL.drop_answers, customer_id=id_)
    known = known_by(conn, person)
    refused = [record.id for record in queries.refused_of(conn, Traces(known.ids, known.contacts, known.names))]
    for refused_id in refused:
        conn.run(SQL.drop_refused, id=refused_id)


def readmit(conn: Connection, contact: str, rules: ContactRules) -> int:
    """Take records with a contact again, of whoever was erased and came anew; how many names that were erased it is.

    Raises:
        ProblemError: it is no contact.
    """
    found = {
        "email": customer_rules.normal_email(contact),
        "phone": customer_rules.normal_phone(contact, rules.country),
        "card": customer_rules.normal_card(contact, rules.card_patterns),
    }
    names = [(kind, value) for kind, value in found.items() if value]
    if not names:
        raise ProblemError("invalid_field", "This is no e-mail address, no phone number and no card of the chain.")
    erased = Erased(conn, rules)
    return erased.lift(names) if erased.any else 0


def set_scrubbed(conn: Connection, customer_ids: Sequence[int], now: datetime) -> None:
    """Keep that the last traces of people left."""
    for id_ in customer_ids:
        conn.run(SQL.set_scrubbed, customer_id=id_, scrubbed_at=timestamp(now))
