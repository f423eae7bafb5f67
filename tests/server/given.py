"""Records as tests need them: complete, with everything that does not matter filled in."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import UNSET, UnsetType

from server.audit.heads import FileHeads
from server.audit.ledger import Ledger
from server.customers.context import of_customer
from server.customers.queries import customer_id_of
from server.customers.rules import ContactRules
from server.db import migrate
from server.db.engine import Connection, Database, Row
from server.db.sql import Query
from server.db.sqlite import SqliteConnection, connect
from server.events.actions import settle
from server.events.queries import Happened
from server.events.queries import after as events_after
from server.ingest.actions import apply_batch
from server.keys import keys_of
from server.wire.customers import CustomerContext
from server.wire.records import (
    CartLineRecord,
    CartRecord,
    Contact,
    CustomerRecord,
    CustomerReference,
    DeletionRecord,
    OrderLineRecord,
    OrderRecord,
    OrderStatus,
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

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECRET = "5e" * 32
KEYS = keys_of(bytes.fromhex(SECRET))
AUDIT_KEY = KEYS.audit
ANY_CARD = ContactRules((), "ES", KEYS.tombstones)
"""Every code is a card here, so that tests can use short ones."""


def ledger(database: Database) -> Ledger:
    """A record for apps that are looked at and not run: it is never written."""
    return Ledger(database, AUDIT_KEY, FileHeads(Path("never")), lambda: NOW)


Contacts = tuple[str | Contact, ...] | None | UnsetType


def hour(n: int) -> datetime:
    """A moment in the past; later ones have larger numbers."""
    return NOW - timedelta(days=30) + timedelta(hours=n)


@cache
def _empty() -> bytes:
    raw = connect(Path(":memory:"))
    migrate.up("sqlite", raw)
    image = raw.serialize("main")
    raw.close()
    return image


def memory() -> SqliteConnection:
    """A new database in memory; whoever asks for thousands closes each: `.raw.close()`."""
    raw = connect(Path(":memory:"))
    raw.deserialize("main", _empty())
    return SqliteConnection(raw)


def take(conn: Connection, *records: Record, now: datetime = NOW) -> list[str]:
    """Apply records as one batch; the verdicts, or the path of what was refused in a record."""
    return [outcome.verdict or outcome.path for outcome in apply_batch(conn, records, ANY_CARD, now)]


def asked(sql: str) -> Query:
    """A query that only tests ask, in the words of both engines."""
    query = Query("test", "")
    query.sqlite, query.postgresql = sql, re.sub(r":(\w+)", r"%(\1)s", sql)
    return query


def rows(conn: Connection, sql: str, **values: Any) -> list[Row]:
    """The rows of a question that only tests ask."""
    return conn.all(asked(sql), **values)


def events_of(conn: Connection, after: int = 0) -> list[Happened]:
    """The events that follow one, all that are committed."""
    while settle(conn):
        pass
    return events_after(conn, after)


class Shop:
    """A database with short words for what tests do to it and ask of it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def take(self, *records: Record, now: datetime = NOW) -> list[str]:
        """Apply records as one batch; the verdicts, or the path of what was refused in a record."""
        return self.database.write_now(take, *records, now=now)

    def rows(self, sql: str, **values: Any) -> list[Row]:
        return self.database.read_now(rows, sql, **values)

    def value(self, sql: str, **values: Any) -> Any:
        """The first column of the first row, or None."""
        found = self.rows(sql, **values)
        return found[0][0] if found else None

    def count(self, table: str) -> int:
        found: int = self.value(f"SELECT count(*) FROM {table}")
        return found

    def number_of(self, external_id: str = "1", source: str = "shop") -> int:
        """A customer's number."""
        number = self.database.read_now(customer_id_of, source, external_id)
        assert number is not None, f"{source} has no customer {external_id}"
        return number

    def context(self, external_id: str = "1", source: str = "shop") -> CustomerContext:
        return self.database.read_now(of_customer, self.number_of(external_id, source), None, NOW)

    def persons(self) -> list[set[str]]:
        """Which customers are one person; each is written source/external_id."""
        persons: dict[int, set[str]] = {}
        for person, source, external_id in self.rows(
            "SELECT coalesce(person_id, id), source, external_id FROM customers ORDER BY source, external_id"
        ):
            persons.setdefault(person, set()).add(f"{source}/{external_id}")
        return list(persons.values())

    def events(self, after: int = 0) -> list[Happened]:
        return self.database.write_now(events_of, after)


def who(
    external_id: str | None = None, *, card: str | None = None, email: str | None = None, phone: str | None = None
) -> CustomerReference:
    """Whom a record means."""
    return CustomerReference(external_id=external_id, card=card, email=email, phone=phone)


def customer(external_id: str = "1", at: int = 0, *, source: str = "shop", **fields: Any) -> CustomerRecord:
    """What a source says of a customer at an hour."""
    return CustomerRecord(source=source, external_id=external_id, updated_at=hour(at), **fields)


def order(
    external_id: str = "o1",
    at: int = 0,
    customer: CustomerReference | None = None,
    *,
    source: str = "shop",
    placed: int = 0,
    store: str | None = None,
    lines: int = 1,
    total: int = 1000,
    status: OrderStatus = "placed",
) -> OrderRecord:
    """An order as it stands at an hour; of a store where one is named, else online."""
    return OrderRecord(
        source=source,
        external_id=external_id,
        updated_at=hour(at),
        number=external_id.upper(),
        channel="store" if store else "online",
        store=store,
        placed_at=hour(placed),
        status=status,
        currency="EUR",
        total=total,
        lines=tuple(OrderLineRecord(sku=f"S{n}", title="Shirt", quantity=1, unit_price=1000) for n in range(lines)),
        customer=customer,
    )


def cart(
    external_id: str = "c1",
    at: int = 0,
    customer: CustomerReference | None = None,
    *,
    source: str = "shop",
    quantity: int = 1,
) -> CartRecord:
    """A cart with one line as it stands at an hour."""
    return CartRecord(
        source=source,
        external_id=external_id,
        updated_at=hour(at),
        status="open",
        currency="EUR",
        lines=(CartLineRecord(sku="S1", title="Shirt", quantity=quantity, unit_price=1000),),
        customer=customer,
    )


def wishlist(
    external_id: str = "w1",
    at: int = 0,
    customer: CustomerReference | None = None,
    *,
    source: str = "shop",
    name: str = "Wishes",
) -> WishListRecord:
    """A wish list with one wish as it stands at an hour."""
    return WishListRecord(
        source=source,
        external_id=external_id,
        updated_at=hour(at),
        customer=customer or who("1"),
        name=name,
        items=(WishListItemRecord(sku="S1", added_at=hour(0)),),
    )


def view(
    at: int = 0, customer: CustomerReference | None = None, *, source: str = "shop", sku: str = "S1"
) -> ViewRecord:
    """A look at an article at an hour."""
    return ViewRecord(source=source, customer=customer or who("1"), sku=sku, viewed_at=hour(at))


def variant(sku: str = "S1", price: int = 1000, **fields: Any) -> VariantRecord:
    """An article in one size and colour."""
    return VariantRecord(sku=sku, price=price, currency="EUR", **fields)


def product(
    external_id: str = "p1",
    at: int = 0,
    *,
    source: str = "shop",
    variants: tuple[VariantRecord, ...] | None | UnsetType = UNSET,
    **fields: Any,
) -> ProductRecord:
    """What a source says of a product at an hour."""
    return ProductRecord(source=source, external_id=external_id, updated_at=hour(at), variants=variants, **fields)


def store(code: str = "m1", at: int = 0, **fields: Any) -> StoreRecord:
    """What a source says of a store at an hour."""
    return StoreRecord(code=code, updated_at=hour(at), **fields)


def stock(quantity: int = 1, at: int = 0, *, source: str = "shop", sku: str = "S1", store: str = "m1") -> StockRecord:
    """How many of an article a store has at an hour."""
    return StockRecord(source=source, sku=sku, store=store, quantity=quantity, updated_at=hour(at))


def deletion(kind: Any, external_id: str, at: int = 0, *, source: str = "shop") -> DeletionRecord:
    """At an hour, a source no longer has something."""
    return DeletionRecord(source=source, kind=kind, external_id=external_id, deleted_at=hour(at))


def redaction(external_id: str = "1", at: int = 0, *, source: str = "shop") -> RedactionRecord:
    """At an hour, a customer asks a source to be forgotten."""
    return RedactionRecord(source=source, customer=who(external_id), requested_at=hour(at))
