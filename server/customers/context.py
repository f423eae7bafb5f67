"""The one answer at the counter: all we know of a person, over every record that proved to be them."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from server.access.callers import Caller
from server.access.rules import sees_notes_of
from server.carts import queries as carts
from server.catalog import queries as catalog
from server.customers import consents, queries, rules
from server.customers.queries import SQL, Customer, Has, holders
from server.db.engine import Connection, Row
from server.orders import queries as orders
from server.views import queries as views
from server.wire.base import timestamp
from server.wire.customers import (
    ORDERS_COUNTED,
    CustomerContext,
    MaskedContact,
    Note,
    Person,
    Preferences,
    RecordName,
    Suggestion,
    Viewed,
)
from server.wire.orders import Order, OrderPage
from server.wire.problems import ProblemError
from server.wire.records import Consent, Contact, Loyalty
from server.wishlists import queries as wishlists

ORDERS_SHOWN = 10
VIEWS_SHOWN = 10
NO_PREFERENCES = Preferences()
_PLACE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}Z)\.([0-9]{1,18})")

_loyalty = msgspec.json.Decoder(Loyalty)
_attributes = msgspec.json.Decoder(dict[str, str])
_preferences = msgspec.json.Decoder(Preferences)


def of_customer(conn: Connection, customer_id: int, store: str | None, now: datetime) -> CustomerContext:
    """All we know of the person that a customer is.

    Args:
        conn: one snapshot of the data.
        customer_id: any customer of the person.
        store: where the question is asked; lines say what is in stock there.
        now: when.

    Raises:
        ProblemError: there is no such customer.
    """
    return of_person(conn, _required(conn, customer_id), store, now)


def for_caller(conn: Connection, caller: Caller, customer_id: int, store: str | None, now: datetime) -> CustomerContext:
    """The same as far as a caller may see it, from where they stand if they do not say from where.

    Raises:
        ProblemError: there is no such customer.
    """
    return as_seen_by(caller, of_customer(conn, customer_id, caller.store if store is None else store, now))


def as_seen_by(caller: Caller, context: CustomerContext) -> CustomerContext:
    """What of a context a caller may see: not everybody sees what other stores wrote down."""
    if all(sees_notes_of(caller, note.store) for note in context.notes):
        return context
    seen = tuple(note for note in context.notes if sees_notes_of(caller, note.store))
    return msgspec.structs.replace(context, notes=seen)


def of_person(conn: Connection, customers: Sequence[Customer], store: str | None, now: datetime) -> CustomerContext:
    """The same for a person whose customers were read already."""
    ids = [c.id for c in customers]
    order_list = orders.latest(conn, ids, orders.FIRST_PAGE, ORDERS_SHOWN)
    has = 0
    for customer in customers:
        has |= customer.has
    cart_rows = carts.open_rows(conn, _with(Has.CARTS, customers)) if has & Has.CARTS else []
    wish_rows = wishlists.rows_of(conn, _with(Has.WISHLISTS, customers)) if has & Has.WISHLISTS else []
    viewed = views.latest(conn, _with(Has.VIEWS, customers), VIEWS_SHOWN) if has & Has.VIEWS else []
    fresh = carts.skus_of(cart_rows) | wishlists.skus_of(wish_rows) | {sku for sku, _ in viewed}
    items = catalog.items(conn, fresh | orders.skus_of(order_list))
    stock = catalog.stock(conn, fresh, store)
    latest_orders = orders.with_items(order_list, items)
    order_count = len(latest_orders)
    if order_count == ORDERS_SHOWN:
        order_count = orders.count(conn, ids, ORDERS_COUNTED)
    return CustomerContext(
        person=_person(conn, customers, latest_orders),
        carts=carts.carts_from(cart_rows, items, stock),
        wishlists=wishlists.wishlists_from(wish_rows, items, stock),
        orders=latest_orders,
        order_count=order_count,
        orders_before=place_of(latest_orders[-1].placed_at, latest_orders[-1].id)
        if order_count > len(latest_orders)
        else None,
        views=tuple(
            Viewed(sku=sku, viewed_at=at, item=items.get(sku), stock=stock.get(sku, catalog.NO_STOCK))
            for sku, at in viewed
        ),
        notes=_notes(conn, _with(Has.NOTES, customers)) if has & Has.NOTES else (),
        preferences=_preferences_of(customers),
        suggestions=_suggestions(conn, customers) if has & Has.REFERENCES else (),
        store=store,
        as_of=timestamp(now),
    )


def orders_page(conn: Connection, customer_id: int, before: str | None, limit: int) -> OrderPage:
    """A person's orders that are older than a place in the list.

    Raises:
        ProblemError: there is no such customer, or `before` is no place that a page named.
    """
    place = orders.FIRST_PAGE if before is None else read_place(before)
    ids = [c.id for c in _required(conn, customer_id)]
    page = orders.latest(conn, ids, place, limit + 1)
    shown = orders.with_items(page[:limit], catalog.items(conn, orders.skus_of(page[:limit])))
    return OrderPage(orders=shown, before=place_of(shown[-1].placed_at, shown[-1].id) if len(page) > limit else None)


def place_of(at: str, id_: int) -> str:
    """A place in a list by time, as a page names it."""
    return f"{at}.{id_}"


def read_place(before: str) -> tuple[str, int]:
    """The same read: a time and a number.

    Raises:
        ProblemError: it is no place that a page named.
    """
    place = _PLACE.fullmatch(before)
    if place is None:
        raise ProblemError(
            "invalid_field", "`before` must be what the page before gave as its `before`.", path="before"
        )
    return place[1], int(place[2])


def _required(conn: Connection, customer_id: int) -> list[Customer]:
    customers = queries.person(conn, customer_id)
    if not customers:
        raise ProblemError("unknown_customer", "There is no customer with this number. Search again.")
    return customers


def _with(has: int, customers: Sequence[Customer]) -> list[int]:
    return [c.id for c in customers if c.has & has]


def _person(conn: Connection, customers: Sequence[Customer], latest_orders: Sequence[Order]) -> Person:
    first = customers[0]
    seen_at, store = _last_seen(latest_orders)
    shown = first if len(customers) == 1 else _merged(customers)
    return Person(
        id=first.person_id or first.id,
        name=rules.name_of(shown.given_name, shown.family_name) or _guest_name(first),
        given_name=shown.given_name,
        family_name=shown.family_name,
        locale=shown.locale,
        city=shown.city,
        birth_date=shown.birth_date,
        emails=_masked("email", [c.emails for c in customers]),
        phones=_masked("phone", [c.phones for c in customers]),
        cards=_masked("card", [c.cards for c in customers]),
        loyalty=_loyalty.decode(shown.loyalty) if shown.loyalty else None,
        consents=tuple(map(_masked_consent, consents.that_count(conn, customers))),
        attributes=_attributes.decode(shown.attributes) if shown.attributes else {},
        records=tuple(RecordName(customer_id=c.id, source=c.source, external_id=_shown_id(c)) for c in customers),
        last_seen_at=seen_at,
        last_store=store,
    )


def _last_seen(latest_orders: Sequence[Order]) -> tuple[str | None, str | None]:
    """When and where somebody bought last. What was cancelled is no purchase; search says the same, see `seen_of`."""
    seen_at, store = None, ""
    for order in latest_orders:
        if seen_at is not None and order.placed_at < seen_at:
            break
        if order.status != "cancelled":
            seen_at, store = order.placed_at, max(store, order.store or "")
    return seen_at, store or None


_SAID_ONCE = ("given_name", "family_name", "locale", "city", "birth_date", "loyalty", "attributes")


def _merged(customers: Sequence[Customer]) -> Customer:
    """One person out of several customers: of each field the newest that is known."""
    first, *others = customers
    fields: dict[str, Any] = {}
    for name in _SAID_ONCE:
        if getattr(first, name) is None:
            for other in others:
                value = getattr(other, name)
                if value is not None:
                    fields[name] = value
                    break
    return first._replace(**fields) if fields else first


def _masked(kind: rules.Kind, packed: Sequence[str | None]) -> tuple[MaskedContact, ...]:
    contacts: dict[str, Contact] = {}
    for one in packed:
        if one is not None:
            for contact in rules.contacts_in(one):
                if contact.verified or contact.value not in contacts:
                    contacts[contact.value] = contact
    return rules.masked_contacts(kind, contacts.values()) if contacts else ()


def _masked_consent(consent: Consent) -> Consent:
    contact = consent.contact
    if not contact:
        return consent
    return msgspec.structs.replace(consent, contact=rules.masked("email" if "@" in contact else "phone", contact))


def _guest_name(customer: Customer) -> str:
    """A guest is called by the contact that is all we know of them."""
    return _shown_id(customer) if customer.source.startswith("@") else ""


def _shown_id(customer: Customer) -> str:
    for kind in rules.KINDS:
        if customer.source == f"@{kind}":
            return rules.masked(kind, customer.external_id)
    return customer.external_id


def _notes(conn: Connection, ids: list[int]) -> tuple[Note, ...]:
    rows: list[Row] = [row for id_ in ids for row in conn.all(SQL.notes, customer_id=id_)]
    if len(ids) > 1:
        rows.sort(key=lambda row: (row[3], row[0]), reverse=True)
    return tuple(
        Note(id=id_, text=text, author=author, written_at=at, store=store) for id_, text, author, at, store in rows
    )


def _preferences_of(customers: Sequence[Customer]) -> Preferences:
    stated = [_preferences.decode(c.preferences) for c in customers if c.preferences]
    return max(stated, key=lambda p: p.updated_at or "", default=NO_PREFERENCES)


def _suggestions(conn: Connection, customers: Sequence[Customer]) -> tuple[Suggestion, ...]:
    """Other people whose contacts this person's records name."""
    own = {c.person_id or c.id for c in customers}
    found: dict[int, Suggestion] = {}
    for customer in customers:
        for kind, value in conn.all(SQL.references_of_customer, customer_id=customer.id):
            for holder in holders(conn, kind, value):
                if holder.person_id not in own and holder.person_id not in found:
                    given_name, family_name, *_ = conn.one(SQL.names_of, id=holder.customer_id) or (None, None)
                    name = rules.name_of(given_name, family_name)
                    found[holder.person_id] = Suggestion(customer_id=holder.person_id, name=name, because=kind)
    return tuple(found.values())
