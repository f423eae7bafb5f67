"""From a code to what it means, in one snapshot of the data."""

from datetime import datetime

from server.access.callers import Caller
from server.catalog import queries as catalog
from server.customers import context, search
from server.customers import queries as customers
from server.db.engine import Connection
from server.orders import queries as orders
from server.wire.codes import BankCard, Card, Empty, Gtin, MistypedCard, ScannedCode, is_gtin
from server.wire.lookup import (
    CardKnown,
    CustomerScanned,
    CustomersScanned,
    HandoffScanned,
    OrderScanned,
    ProductScanned,
    ScanAnswer,
    UnknownCode,
)
from server.wire.problems import ProblemError


def scan(conn: Connection, code: ScannedCode, store: str | None, now: datetime) -> ScanAnswer:
    """What a code means here.

    Raises:
        ProblemError: it is a bank card, or a loyalty card with a mistake in it.
    """
    match code:
        case BankCard():
            raise ProblemError(
                "bank_card", "That was a bank card. Nothing of it was kept. Scan the loyalty card, or search by name."
            )
        case MistypedCard():
            raise ProblemError(
                "mistyped_card", "The last digit of this card does not fit the others. Scan it again, or type it anew."
            )
        case Empty():
            return UnknownCode(looks_like="empty")
        case Card(value=value, typed=typed):
            return (
                _card(conn, value, store, now)
                or _typed(conn, typed, store, now)
                or _own_barcode(conn, code, store)
                or UnknownCode(looks_like="card")
            )
        case Gtin(value=value):
            return _gtin(conn, value, store, now)
        case _:
            return _other(conn, code.value, store, now)


def scan_for(
    conn: Connection, caller: Caller, code: ScannedCode, store: str | None, now: datetime, handoff: str | None = None
) -> ScanAnswer:
    """What a code means to a caller, from where they stand if they do not say from where.

    Args:
        conn: a reader.
        caller: who asks.
        code: what it is, as far as its form tells.
        store: where.
        now: when.
        handoff: the same as a handoff's code, where it may be one.

    Raises:
        ProblemError: see `scan`.
    """
    store = caller.store if store is None else store
    if caller.kind == "kiosk" and isinstance(code, Card):
        # Not looked up as a card: neither the answer nor its time tells a stranger whether it is anybody's.
        return _own_barcode(conn, code, store) or CardKnown()
    answer = scan(conn, code, store, now)
    if caller.kind == "till" and handoff is not None and not isinstance(answer, ProductScanned):
        # Not looked up: wrong codes are counted where they are redeemed, and a till learns nothing before.
        return HandoffScanned(code=handoff)
    match answer:
        case CustomerScanned(context=seen) if caller.role is not None:
            return CustomerScanned(context=context.as_seen_by(caller, seen))
        case CustomerScanned() | CustomersScanned() | OrderScanned() if caller.kind != "terminal" and not caller.role:
            return UnknownCode(looks_like="card" if isinstance(code, Card) else "other")
        case _:
            return answer


def _card(conn: Connection, value: str, store: str | None, now: datetime) -> ScanAnswer | None:
    persons = customers.carriers(conn, "card", value)
    if len(persons) == 1:
        return CustomerScanned(context=context.of_person(conn, persons[0], store, now))
    if persons:
        return CustomersScanned(hits=search.hits_of(conn, [person[0].id for person in persons]))
    # A card that nobody registered, used on orders all the same.
    guest = customers.customer_id_of(conn, "@card", value)
    return None if guest is None else CustomerScanned(context=context.of_customer(conn, guest, store, now))


def _typed(conn: Connection, typed: str | None, store: str | None, now: datetime) -> ScanAnswer | None:
    """An order's number or an SKU whose digits happen to make a card's number, were it not for its hyphens."""
    answer = None if typed is None else _other(conn, typed, store, now)
    return None if isinstance(answer, UnknownCode) else answer


def _own_barcode(conn: Connection, card: Card, store: str | None) -> ProductScanned | None:
    """A number of the shop's own that its cards have too; GS1 keeps 02, 04 and 2 free for both."""
    product = catalog.product_by_gtin(conn, card.value.zfill(14), store) if is_gtin(card.value) else None
    for sku in (card.value, card.typed):
        if product is None and sku is not None:
            product = catalog.product_by_sku(conn, sku, store)
    return None if product is None else ProductScanned(product=product)


def _gtin(conn: Connection, gtin: str, store: str | None, now: datetime) -> ScanAnswer:
    """A trade item; or what happens to pass for one: an SKU, an order's number, a card that no pattern tells."""
    product = catalog.product_by_gtin(conn, gtin, store)
    if product is not None:
        return ProductScanned(product=product)
    padding = [n for n in (6, 2, 1, 0) if not gtin[:n].strip("0")]
    for typed in dict.fromkeys((*(gtin[n:] for n in padding), gtin.lstrip("0"))):
        answer = _other(conn, typed, store, now)
        if not isinstance(answer, UnknownCode):
            return answer
    return UnknownCode(looks_like="gtin")


def _other(conn: Connection, value: str, store: str | None, now: datetime) -> ScanAnswer:
    product = catalog.product_by_sku(conn, value, store)
    if product is not None:
        return ProductScanned(product=product)
    order = orders.by_number(conn, value)
    if order is not None:
        return OrderScanned(order=order[0], customer_id=order[1])
    return _card(conn, value, store, now) or UnknownCode(looks_like="other")
