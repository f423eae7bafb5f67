"""Everything that is held of a person, as one document."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from server.customers import consents, rules
from server.customers import queries as customers
from server.customers.erasure import known_by
from server.db.engine import Connection, Row
from server.orders import queries as orders
from server.privacy.queries import SQL, refused_of
from server.privacy.rules import Traces
from server.statements.queries import Snapshots
from server.statements.rules import unpack_times
from server.wire.base import timestamp
from server.wire.customers import Preferences
from server.wire.handoffs import HandoffLine
from server.wire.privacy import (
    CustomerExport,
    ExportedAnswer,
    ExportedCart,
    ExportedCartLine,
    ExportedCustomer,
    ExportedEvent,
    ExportedHandoff,
    ExportedLine,
    ExportedNote,
    ExportedOrder,
    ExportedReference,
    ExportedView,
    ExportedWish,
    ExportedWishList,
)
from server.wire.problems import ProblemError
from server.wire.records import Loyalty
from server.wishlists import queries as wishlists

ORDERS_AT_ONCE = 500

_lines = msgspec.json.Decoder(tuple[HandoffLine, ...])
_loyalty = msgspec.json.Decoder(Loyalty)
_attributes = msgspec.json.Decoder(dict[str, str])
_edits = msgspec.json.Decoder(tuple[tuple[int, int, int], ...])
_preferences = msgspec.json.Decoder(Preferences)


def of_customer(conn: Connection, customer_id: int, now: datetime) -> CustomerExport:
    """Everything that is held of the person that a customer is.

    Raises:
        ProblemError: there is no such customer.
    """
    person = customers.person(conn, customer_id)
    if not person:
        raise ProblemError("unknown_customer", "There is no customer with this number. Search again.")
    ids = [customer.id for customer in person]
    known = known_by(conn, person)
    return CustomerExport(
        exported_at=timestamp(now),
        customers=tuple(_customer(conn, id_) for id_ in ids),
        orders=tuple(order for id_ in ids for order in _orders(conn, id_)),
        carts=tuple(cart for id_ in ids for cart in _carts(id_, conn.all(SQL.carts_of, customer_id=id_))),
        wishlists=tuple(
            wish for id_ in ids for wish in _wishlists(id_, conn.all(wishlists.SQL.of_customer, customer_id=id_))
        ),
        views=tuple(
            ExportedView(customer_id=id_, source=source, sku=sku, viewed_at=at)
            for id_ in ids
            for source, sku, at in conn.all(SQL.views_of, customer_id=id_)
        ),
        notes=tuple(
            ExportedNote(id=number, customer_id=id_, text=text, author=author, store=store, written_at=at)
            for id_ in ids
            for number, text, author, at, store in conn.all(customers.SQL.notes, customer_id=id_)
        ),
        consents_log=consents.history(conn, ids),
        answers=tuple(
            ExportedAnswer(caller=caller, key=key, answer=answer, answered_at=at)
            for id_ in ids
            for caller, key, answer, at in conn.all(SQL.answers_of, customer_id=id_)
        ),
        events=tuple(
            ExportedEvent(id=number, at=at, customer_id=id_, store=store, event=body)
            for id_ in ids
            for number, at, store, body in conn.all(SQL.events_of, customer_id=id_)
        ),
        handoffs=tuple(_handoff(row) for id_ in ids for row in conn.all(SQL.handoffs_of, customer_id=id_)),
        refused_records=tuple(refused_of(conn, Traces(known.ids, known.contacts, known.names))),
    )


def _handoff(row: Row) -> ExportedHandoff:
    *fields, lines = row
    names = ExportedHandoff.__struct_fields__[:-1]
    return ExportedHandoff(**dict(zip(names, fields, strict=True)), lines=_lines.decode(lines) if lines else ())


def _customer(conn: Connection, customer_id: int) -> ExportedCustomer:
    row = conn.one(SQL.customer, id=customer_id)
    assert row is not None
    id_, person_id, source, external_id, stated, given_name, family_name, emails, phones, cards, *rest = row
    locale, city, birth_date, loyalty, said, attributes, times, deleted_at, redacted_at, preferences = rest
    return ExportedCustomer(
        id=id_,
        person_id=person_id,
        source=source,
        external_id=external_id,
        stated=bool(stated),
        given_name=given_name,
        family_name=family_name,
        emails=rules.contacts_in(emails),
        phones=rules.contacts_in(phones),
        cards=rules.contacts_in(cards),
        locale=locale,
        city=city,
        birth_date=birth_date,
        loyalty=_loyalty.decode(loyalty) if loyalty else None,
        consents=rules.consents_in(said),
        attributes=_attributes.decode(attributes) if attributes else {},
        stated_at=unpack_times(times),
        deleted_at=deleted_at,
        redacted_at=redacted_at,
        preferences=_preferences.decode(preferences) if preferences else None,
        named_by_records=tuple(
            ExportedReference(
                kind=kind, value=value, record_kind=record, record_source=record_source, record_external_id=external
            )
            for kind, value, record, record_source, external in conn.all(SQL.references_of, customer_id=customer_id)
        ),
        found_by=tuple(customers.words_of(conn, customer_id)),
    )


def _orders(conn: Connection, customer_id: int) -> Iterator[ExportedOrder]:
    place = orders.FIRST_PAGE
    snapshots = Snapshots(conn)
    while page := orders.latest(conn, [customer_id], place, ORDERS_AT_ONCE):
        snapshots.expect([("order", order.source, order.external_id) for order in page])
        for order in page:
            fields = {name: getattr(order, name) for name in order.__struct_fields__ if name != "lines"}
            known = snapshots.find(("order", order.source, order.external_id))
            lines = [
                ExportedLine(**{name: getattr(line, name) for name in ExportedLine.__struct_fields__})
                for line in order.lines
            ]
            yield ExportedOrder(
                **fields, customer_id=customer_id, updated_at=known and known.updated_at, lines=tuple(lines)
            )
        place = (page[-1].placed_at, page[-1].id)


def _groups(rows: Iterable[Row], width: int) -> Iterator[tuple[list[Any], list[list[Any]]]]:
    """What has parts, and each's parts; a row without a part has nothing but nulls there."""
    for _, group in groupby(rows, key=itemgetter(0)):
        found = [list(row) for row in group]
        yield found[0][:width], [row[width:] for row in found if row[width] is not None]


def _carts(customer_id: int, rows: Iterable[Row]) -> Iterator[ExportedCart]:
    for (id_, source, external_id, status, currency, updated_at, edited_at), lines in _groups(rows, 7):
        yield ExportedCart(
            id=id_,
            customer_id=customer_id,
            source=source,
            external_id=external_id,
            status=status,
            currency=currency,
            updated_at=updated_at,
            lines=tuple(
                ExportedCartLine(
                    sku=sku,
                    title=title,
                    quantity=quantity,
                    unit_price=price,
                    line_id=line_id,
                    shop_quantity=shop_quantity,
                    edits=_edits.decode(edits) if edits else (),
                )
                for sku, title, quantity, price, line_id, shop_quantity, edits in lines
            ),
            edited_at=edited_at,
        )


def _wishlists(customer_id: int, rows: Iterable[Row]) -> Iterator[ExportedWishList]:
    for (id_, source, external_id, name, updated_at), items in _groups(rows, 5):
        yield ExportedWishList(
            id=id_,
            customer_id=customer_id,
            source=source,
            external_id=external_id,
            name=name,
            updated_at=updated_at,
            items=tuple(ExportedWish(sku=sku, added_at=added_at) for sku, added_at in items),
        )
