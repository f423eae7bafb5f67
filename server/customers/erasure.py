"""Taking a person out of every table that speaks of customers, so that nothing but keyed hashes is left of them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from server.carts import actions as carts
from server.customers import persons, queries, rules, words_index
from server.customers.queries import SQL
from server.customers.rules import GUEST, Kind
from server.customers.tombstones import Erased, Name
from server.db.engine import Connection
from server.events import actions as events
from server.orders import actions as orders
from server.statements.queries import ALWAYS
from server.views import actions as views
from server.wire.base import timestamp
from server.wire.events import CustomerErased, KioskSessionEnded
from server.wishlists import actions as wishlists


class Known(NamedTuple):
    """What a person was known by: the ids that sources gave them, their contacts, and their names."""

    ids: tuple[tuple[str, str], ...]
    contacts: tuple[tuple[Kind, str], ...]
    names: tuple[tuple[str, str], ...]


class Gone(NamedTuple):
    """How many orders stay, of nobody now, for each customer's number."""

    orders: dict[int, int]


def known_by(conn: Connection, customers: Iterable[queries.Customer]) -> Known:
    """What a person is known by, also what only the records of others name for them."""
    ids: dict[tuple[str, str], None] = {}
    contacts: dict[tuple[Kind, str], None] = {}
    names: dict[tuple[str, str], None] = {}
    for customer in customers:
        if not customer.source.startswith(GUEST):
            ids[customer.source, customer.external_id] = None
        fields = {"emails": customer.emails, "phones": customer.phones, "cards": customer.cards}
        contacts.update(dict.fromkeys(rules.identities_in(fields)))
        for kind, value in conn.all(SQL.references_of_customer, customer_id=customer.id):
            contacts[kind, value] = None
        if customer.given_name and customer.family_name:
            names[customer.given_name, customer.family_name] = None
    return Known(tuple(ids), tuple(contacts), tuple(names))


def erase(
    conn: Connection, customers: Sequence[queries.Customer], erased: Erased, now: datetime, *, for_good: bool = True
) -> Gone:
    """Take a person out; their orders stay, of nobody.

    Args:
        conn: of the transaction that all of it happens in.
        customers: all that are the person.
        erased: who was erased so far; the person is added.
        now: when.
        for_good: recognise the person when they are brought again, and take nothing of them.
    """
    conn.flush()
    erased.count += 1
    known = known_by(conn, customers)
    kept = {customer.id: _erase_one(conn, customer, now) for customer in customers}
    # What somebody else has too is theirs as well: it stays, and does not tell that somebody is the one who was erased.
    own = [c for c in known.contacts if conn.one(SQL.held_by_others, kind=c[0], value=c[1]) is None]
    touched: set[int] = set()
    for kind, value in own:
        touched |= {id_ for (id_,) in conn.all(SQL.referring, kind=kind, value=value)}
        conn.run(SQL.forget_contact, kind=kind, value=value)
    if touched:
        persons.relink(conn, touched, [])
    if for_good:
        names: list[Name] = [("id", source, external_id) for source, external_id in known.ids]
        erased.add([*names, *own], timestamp(now))
    for customer in customers:
        events.record(conn, CustomerErased(customer_id=customer.id), now, customer_id=customer.id)
    return Gone(kept)


def _erase_one(conn: Connection, customer: queries.Customer, now: datetime) -> int:
    kept = orders.disown_orders(conn, customer.id)
    carts.drop_carts(conn, customer.id)
    wishlists.drop_wishlists(conn, customer.id)
    views.forget_views(conn, customer.id, ALWAYS)
    conn.run(SQL.drop_handoffs, customer_id=customer.id)
    conn.run(SQL.drop_challenges, customer_id=customer.id)
    for (session_id,) in conn.all(SQL.end_kiosk_sessions, customer_id=customer.id, at=timestamp(now)):
        events.record(conn, KioskSessionEnded(kiosk_session_id=session_id), now)
    conn.run(SQL.drop_references, customer_id=customer.id)
    conn.run(SQL.drop_notes, customer_id=customer.id)
    conn.run(SQL.drop_consents, customer_id=customer.id)
    fields = {"emails": customer.emails, "phones": customer.phones, "cards": customer.cards}
    for kind, value in rules.identities_in(fields):
        conn.run(SQL.remove_identity, kind=kind, value=value, customer_id=customer.id)
    conn.run(SQL.remove_key, source=customer.source, external_id=customer.external_id)
    words_index.set_words(conn, customer.id, None)
    conn.run(SQL.drop_customer, id=customer.id)
    return kept
