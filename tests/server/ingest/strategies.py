"""Records out of small worlds, in which nearly everything collides: ids, contacts, times, articles.

A record is made from one number, so that drawing it is cheap and a set of thirty is no slower to look at than to apply;
what shrinks is the set.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from random import Random
from typing import Any

from hypothesis import strategies as st
from msgspec import UNSET

from server.wire.records import (
    CartLineRecord,
    CartRecord,
    Consent,
    Contact,
    CustomerRecord,
    CustomerReference,
    DeletionRecord,
    Loyalty,
    OrderLineRecord,
    OrderRecord,
    ProductRecord,
    Record,
    RedactionRecord,
    StockRecord,
    StoreRecord,
    VariantRecord,
    ViewRecord,
    WishListItemRecord,
    WishListRecord,
)

DAY = datetime(2026, 10, 1, tzinfo=UTC)
ZONES = (UTC, UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9, minutes=-30)))
CARDS = ("C1", "C2", "C3")
EMAILS = ("ada@example.com", "Ada@Example.com", "home@example.com")
PHONES = ("+34600000001", "600 000 001", "+34600000002")
CUSTOMERS = ("1", "2", "3")
IDS = ("x", "y")
SKUS = ("S1", "S2")
STORES = ("m1", "m2")


def _moment(r: Random) -> datetime:
    return (DAY + timedelta(hours=r.randrange(4))).astimezone(r.choice(ZONES))


def _source(r: Random) -> str:
    return r.choice("ab")


def _said(r: Random, *values: Any) -> Any:
    """A field: mostly not said, sometimes cleared."""
    return r.choice((UNSET, UNSET, None, *values))


def _contacts(r: Random, values: tuple[str, ...]) -> Any:
    if r.random() < 0.5:
        return _said(r)
    chosen = r.sample(values, r.choice((1, 1, 2)))
    return tuple(value if r.random() < 0.5 else Contact(value=value, verified=r.random() < 0.7) for value in chosen)


def _reference(r: Random) -> CustomerReference:
    parts: dict[str, str] = {}
    if r.random() < 0.5:
        parts["external_id"] = r.choice(CUSTOMERS)
    for name, values in (("card", CARDS), ("email", EMAILS), ("phone", PHONES)):
        if r.random() < 0.4:
            parts[name] = r.choice(values)
    return CustomerReference(**parts or {"email": r.choice(EMAILS)})


def _anybody(r: Random) -> CustomerReference | None:
    return r.choice((None, CustomerReference())) if r.random() < 0.15 else _reference(r)


def _few(r: Random, make: Callable[[], Any]) -> tuple[Any, ...]:
    return tuple(make() for _ in range(r.choice((0, 1, 1, 2))))


def _customer(r: Random) -> CustomerRecord:
    return CustomerRecord(
        source=_source(r),
        external_id=r.choice(CUSTOMERS),
        updated_at=_moment(r),
        given_name=_said(r, "Ada", "Bea"),
        family_name=_said(r, "Ada", "Roca"),
        emails=_contacts(r, EMAILS),
        phones=_contacts(r, PHONES),
        cards=_contacts(r, CARDS),
        city=_said(r, "Madrid"),
        loyalty=_said(r, Loyalty(tier="gold"), Loyalty(tier="gold", as_of=_moment(r))),
        consents=_said(r, (), (Consent(channel="email", granted=True, at=_moment(r)),)),
        attributes=_said(r, {}, {"a": "1", "b": "2"}, {"b": "2", "a": "1"}),
    )


def _contact_details(r: Random) -> CustomerRecord:
    """A customer's record that says only what decides who they are."""
    return CustomerRecord(
        source=_source(r),
        external_id=r.choice(CUSTOMERS),
        updated_at=_moment(r),
        emails=_contacts(r, EMAILS),
        phones=_contacts(r, PHONES),
        cards=_contacts(r, CARDS),
    )


def _order(r: Random) -> OrderRecord:
    return OrderRecord(
        source=_source(r),
        external_id=r.choice(IDS),
        updated_at=_moment(r),
        number="N",
        channel="online",
        placed_at=_moment(r),
        status="placed",
        currency="EUR",
        total=r.choice((1, 1, 2)),
        lines=_few(r, lambda: OrderLineRecord(sku=r.choice(SKUS), title="Shirt", quantity=1, unit_price=1)),
        customer=_anybody(r),
        store=r.choice((None, *STORES)),
    )


def _cart(r: Random) -> CartRecord:
    return CartRecord(
        source=_source(r),
        external_id=r.choice(IDS),
        updated_at=_moment(r),
        status="open",
        currency="EUR",
        lines=_few(r, lambda: CartLineRecord(sku=r.choice(SKUS), title="Shirt", quantity=1, unit_price=1)),
        customer=_anybody(r),
    )


def _wishlist(r: Random) -> WishListRecord:
    return WishListRecord(
        source=_source(r),
        external_id=r.choice(IDS),
        updated_at=_moment(r),
        customer=_reference(r),
        name="Wishes",
        items=_few(r, lambda: WishListItemRecord(sku=r.choice(SKUS), added_at=_moment(r))),
    )


def _view(r: Random) -> ViewRecord:
    return ViewRecord(source=_source(r), customer=_reference(r), sku=r.choice(SKUS), viewed_at=_moment(r))


def _snapshot_deleted(r: Random) -> DeletionRecord:
    kind: Any = r.choice(("order", "cart", "wishlist"))
    return DeletionRecord(source=_source(r), kind=kind, external_id=r.choice(IDS), deleted_at=_moment(r))


def _customer_deleted(r: Random) -> DeletionRecord:
    return DeletionRecord(source=_source(r), kind="customer", external_id=r.choice(CUSTOMERS), deleted_at=_moment(r))


def _redaction(r: Random) -> RedactionRecord:
    customer = CustomerReference(external_id=r.choice(CUSTOMERS), email=r.choice((None, *EMAILS)))
    return RedactionRecord(source=_source(r), customer=customer, requested_at=_moment(r))


def _store(r: Random) -> StoreRecord:
    return StoreRecord(
        code=r.choice(STORES),
        updated_at=_moment(r),
        name=_said(r, "Sol", "Mar"),
        city=_said(r, "Madrid"),
        latitude=_said(r, 40.4, 9.5),
    )


def _product(r: Random) -> ProductRecord:
    return ProductRecord(
        source=_source(r),
        external_id=r.choice(IDS),
        updated_at=_moment(r),
        title=_said(r, "Shirt", "Coat"),
        brand=_said(r, "Acme"),
        picture=_said(r, "p.jpg"),
        variants=_said(r, *(tuple(_variant(r, sku) for sku in r.sample(SKUS, n)) for n in (0, 1, 1, 2))),
    )


def _variant(r: Random, sku: str) -> VariantRecord:
    return VariantRecord(
        sku=sku,
        price=r.choice((1, 2)),
        currency="EUR",
        gtin=r.choice((None, "40170725")),
        title=r.choice((None, "Small")),
        options=r.choice(({}, {"size": "S", "colour": "red"}, {"colour": "red", "size": "S"})),
    )


def _product_deleted(r: Random) -> DeletionRecord:
    return DeletionRecord(source=_source(r), kind="product", external_id=r.choice(IDS), deleted_at=_moment(r))


def _stock(r: Random) -> StockRecord:
    return StockRecord(
        source=_source(r),
        sku=r.choice(SKUS),
        store=r.choice(STORES),
        quantity=r.choice((0, 0, 1)),
        updated_at=_moment(r),
    )


PEOPLE = (_customer, _contact_details, _order, _cart, _wishlist, _view, _customer_deleted)
FORGOTTEN = (_contact_details, _order, _cart, _wishlist, _view, _snapshot_deleted, _redaction)
THINGS = (_store, _product, _product, _product_deleted, _stock)
EVERYTHING = tuple(dict.fromkeys((*PEOPLE, *FORGOTTEN, *THINGS)))


@lru_cache(maxsize=65_536)
def _made(make: Callable[[Random], Record], number: int) -> Record:
    return make(Random(number))


@st.composite
def record_sets(draw: st.DrawFn, *kinds: Callable[[Random], Record]) -> list[Record]:
    """Up to thirty records of some kinds; left to itself, Hypothesis would seldom make more than ten."""
    record = st.builds(_made, st.sampled_from(kinds), st.integers(0, 4095))
    return draw(st.lists(record, min_size=draw(st.integers(1, 25)), max_size=30))


@st.composite
def deliveries(draw: st.DrawFn, records: list[Record]) -> list[list[Record]]:
    """The same records in another order, some of them several times, cut into batches."""
    r = draw(st.randoms(use_true_random=False).map(lambda found: Random(found.getrandbits(32))))
    shuffled = [*records, *r.sample(records, r.randrange(len(records)))]
    r.shuffle(shuffled)
    size = draw(st.integers(1, len(shuffled)))
    return [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
