"""Every door of the house as its callers see it: what is asked, what is answered, and what happened."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import httpx
import msgspec
import pytest
from litestar.routes import HTTPRoute

from server.access.doors import DOORS as OPEN
from server.access.doors import PUBLIC
from server.access.queries import all_staff
from server.app import LARGEST_BODY, create_app
from server.pages.rules import COOKIE, PLACE
from server.problems import ANYWHERE
from server.settings import Settings
from server.shop import Ending
from server.wire.codes import LONGEST_CODE
from server.wire.problems import PROBLEMS, Problem
from server.wire.records import Record
from tests.server.given import KEYS, NOW, ledger
from tests.server.http.conftest import Running
from tests.server.people import BADGE, PIN, WRONG_PIN, bearer
from tests.server.small_shop import (
    BANK_CARD,
    DALTON_CARD,
    EMAIL,
    FEED,
    GTIN,
    GUEST_CARD,
    LUCIA,
    LUCIA_CARD,
    MISTYPED_CARD,
    PHONE,
    PICTURE,
    PICTURE_HASH,
    SHARED_CARD,
    UNKNOWN_GTIN,
    UNUSED_CARD,
    ndjson,
)

ANY = object()
"""A fact that is there, whatever it is."""


@dataclass(frozen=True)
class Ask:
    """One row: what is asked of a door, and what it answers.

    `at` stands for what is in braces in the door's path, one after the other where it has several parts; a name of the
    small shop stands for that customer's number.
    `who` is whose token it is asked with; `where` is the problem's path; `facts` are values by their dotted place in
    the answer; `events` what was written.
    """

    at: str = ""
    json: Any = None
    body: bytes | None = None
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    code: str | None = None
    where: str | None = None
    who: str = "hq"
    facts: dict[str, Any] = field(default_factory=dict)
    events: tuple[str, ...] = ()


def refused(status: int, code: str, where: str | None = None, **ask: Any) -> Ask:
    """A request that ends in a problem."""
    return Ask(status=status, code=code, where=where, **ask)


def wrong(where: str, **ask: Any) -> Ask:
    """A field or parameter that cannot be taken."""
    return refused(422, "invalid_field", where, **ask)


NO_CUSTOMER = (
    refused(404, "unknown_customer", at="999999"),
    refused(404, "unknown_customer", at=str(2**63 - 1)),
    wrong("customer_id", at="0"),
    wrong("customer_id", at="-1"),
    wrong("customer_id", at=str(2**63)),
    wrong("customer_id", at="9" * 400),
    refused(404, "not_found", at="lucia@example.com"),
    refused(404, "not_found", at="1.5"),
    refused(404, "not_found", at="%00"),
    refused(404, "not_found", at="1%2F2"),
)


def no_customer(**ask: Any) -> tuple[Ask, ...]:
    """The same for a door that wants a body too."""
    return tuple(replace(row, **ask) for row in NO_CUSTOMER)


def broken_bodies(at: str = "") -> tuple[Ask, ...]:
    """What no door that wants a JSON object takes."""
    return (
        wrong("$", at=at, body=b""),
        wrong("$", at=at, body=b"[]"),
        wrong("$", at=at, body=b"null"),
        wrong("$", at=at, body=b'"text"'),
        refused(400, "invalid_request", at=at, body=b"{"),
        refused(400, "invalid_request", at=at, body=b"{]"),
        refused(400, "invalid_request", at=at, body=b"\xff\xfe{}"),
        refused(400, "invalid_request", at=at, body=b"[" * 2000),
        refused(413, "too_large", at=at, body=b" " * LARGEST_BODY + b"{}"),
    )


DOORS: dict[str, tuple[Ask, ...]] = {
    "POST /v1/scan": (
        Ask(
            json={"code": LUCIA_CARD, "store": "GV"},
            facts={
                "type": "customer",
                "context.store": "GV",
                "context.as_of": "2026-11-21T12:00:00.000000Z",
                "context.person.name": "Lucia Garcia",
                "context.person.city": "Madrid",
                "context.person.loyalty.tier": "gold",
                "context.person.emails.0.value": "l•••••••••••@example.com",
                "context.person.phones.0.value": "+34•••••••23",
                "context.person.records.0.source": "till",
                "context.person.records.1.external_id": "lucia",
                "context.carts.0.total": 3 * 4990,
                "context.carts.0.lines.0.stock.here.quantity": 2,
                "context.carts.0.lines.0.stock.nearby.0.store": "SE",
                "context.carts.0.lines.0.item.sale_price": 3990,
                "context.wishlists.0.items.0.sku": "SHIRT-M",
                "context.orders.0.number": "#1012",
                "context.orders.9.number": "#1003",
                "context.order_count": 12,
                "context.orders_before": ANY,
                "context.views.0.sku": "SHIRT-M",
            },
        ),
        Ask(json={"code": f"]E0{LUCIA_CARD}\r\n"}, facts={"type": "customer", "context.store": "GV"}),
        Ask(json={"code": f"{LUCIA_CARD[:4]} {LUCIA_CARD[4:8]}-{LUCIA_CARD[8:]}"}, facts={"type": "customer"}),
        Ask(json={"code": DALTON_CARD}, facts={"type": "customer", "context.person.name": "Dalton Pérez"}),
        Ask(
            json={"code": SHARED_CARD},
            facts={"type": "customers", "hits.0.name": "Ana Roca", "hits.1.name": "Berta Roca"},
        ),
        Ask(
            json={"code": GUEST_CARD},
            facts={"type": "customer", "context.person.name": "29•••••••0056", "context.orders.0.number": "T-500"},
        ),
        Ask(json={"code": UNUSED_CARD}, facts={"type": "unknown", "looks_like": "card"}),
        Ask(json={"code": GTIN}, facts={"type": "product", "product.sku": "SHIRT-S", "product.variants.1.gtin": None}),
        Ask(json={"code": f"]C1010{GTIN}"}, facts={"type": "product"}),
        Ask(json={"code": f"https://shop.example/01/0{GTIN}"}, facts={"type": "product"}),
        Ask(json={"code": UNKNOWN_GTIN}, facts={"type": "unknown", "looks_like": "gtin"}),
        Ask(json={"code": "SHIRT-M", "store": "SE"}, facts={"type": "product", "product.title": "Linen shirt"}),
        Ask(json={"code": "#1001"}, facts={"type": "order", "order.number": "#1001", "customer_id": ANY}),
        Ask(json={"code": "T-501"}, facts={"type": "order", "customer_id": None}),
        Ask(json={"code": "nothing we know"}, facts={"type": "unknown", "looks_like": "other"}),
        Ask(json={"code": "' OR 1=1 --"}, facts={"type": "unknown", "looks_like": "other"}),
        Ask(json={"code": "\u0000"}, facts={"type": "unknown", "looks_like": "empty"}),
        Ask(json={"code": ""}, facts={"type": "unknown", "looks_like": "empty"}),
        Ask(json={"code": "x" * LONGEST_CODE}, facts={"type": "unknown"}),
        Ask(json={"code": LUCIA_CARD, "of_tomorrow": [1]}, facts={"type": "customer"}),
        refused(422, "mistyped_card", json={"code": MISTYPED_CARD}),
        refused(422, "bank_card", json={"code": BANK_CARD}),
        refused(422, "bank_card", json={"code": f"%B{BANK_CARD}^DOE/JANE^2812?"}),
        wrong("$.code", json={"code": "x" * (LONGEST_CODE + 1)}),
        wrong("$.code", json={"code": 2900000110915}),
        wrong("$.code", json={"code": None}),
        wrong("$", json={}),
        wrong("$.store", json={"code": "x", "store": ""}),
        wrong("$.store", json={"code": "x", "store": "x" * 33}),
        wrong("$.store", json={"code": "x", "store": 7}),
        refused(400, "invalid_request", body=b'{"code": "\\ud800"}'),
        *broken_bodies(),
    ),
    "POST /v1/customers/search": (
        Ask(
            json={"text": "garcia luc", "store": "GV"},
            facts={
                "hits.0.name": "Lucia Garcia",
                "hits.0.how": "prefix",
                "hits.0.cart_quantity": 3,
                "hits.0.phone": "+34•••••••23",
                "hits.0.matches.0.ranges": [[0, 3], [6, 12]],
                "capped": False,
                "corrected": {},
            },
        ),
        Ask(json={"text": EMAIL}, facts={"hits.0.matches.0.text": "l•••••••••••@example.com"}),
        Ask(json={"text": "dálton peres"}, facts={"hits.0.name": "Dalton Pérez", "corrected": {"peres": ["perez"]}}),
        Ask(json={"text": "roca", "limit": 1}, facts={"hits.0.name": "Berta Roca", "capped": True}),
        Ask(json={"text": "nobody here"}, facts={"hits": [], "capped": False}),
        Ask(json={"text": '" OR *'}, facts={"hits": []}),
        Ask(json={"text": "x" * 200}, facts={"hits": []}),
        refused(422, "search_too_short", json={"text": "g"}),
        refused(422, "search_too_short", json={"text": ""}),
        refused(422, "search_too_short", json={"text": "%%"}),
        wrong("$.text", json={"text": "x" * 201}),
        wrong("$.text", json={"text": ["garcia"]}),
        wrong("$", json={"limit": 3}),
        wrong("$.limit", json={"text": "garcia", "limit": 0}),
        wrong("$.limit", json={"text": "garcia", "limit": -1}),
        wrong("$.limit", json={"text": "garcia", "limit": 51}),
        wrong("$.limit", json={"text": "garcia", "limit": 10**30}),
        wrong("$.limit", json={"text": "garcia", "limit": 1.5}),
        wrong("$.store", json={"text": "garcia", "store": "x" * 256}),
        *broken_bodies(),
    ),
    "GET /v1/customers/{customer_id}/context": (
        Ask(at="lucia", facts={"person.name": "Lucia Garcia", "store": "GV", "carts.0.lines.0.stock.here.quantity": 2}),
        Ask(at="lucia", query="?store=GV", facts={"store": "GV", "carts.0.lines.0.stock.here.quantity": 2}),
        Ask(at="lucia", query="?store=nowhere", facts={"store": "nowhere", "carts.0.lines.0.stock.here": None}),
        Ask(at="dalton", facts={"person.name": "Dalton Pérez", "orders": [], "orders_before": None, "carts": []}),
        wrong("store", at="lucia", query=f"?store={'x' * 33}"),
        *NO_CUSTOMER,
    ),
    "GET /v1/customers/{customer_id}/orders": (
        Ask(at="lucia", facts={"orders.0.number": "#1012", "orders.11.number": "#1001", "before": None}),
        Ask(at="lucia", query="?limit=3", facts={"orders.2.number": "#1010", "before": ANY}),
        Ask(at="lucia", query="?limit=12", facts={"orders.11.number": "#1001", "before": None}),
        Ask(at="lucia", query="?before=2019-12-18T14:00:00.000000Z.0", facts={"orders.0.number": "#1001"}),
        Ask(at="lucia", query="?before=2000-01-01T00:00:00.000000Z.1", facts={"orders": [], "before": None}),
        Ask(at="dalton", facts={"orders": [], "before": None}),
        wrong("before", at="lucia", query="?before="),
        wrong("before", at="lucia", query="?before=yesterday"),
        wrong("before", at="lucia", query="?before=2019-12-18T14:00:00.000000Z.x"),
        wrong("before", at="lucia", query="?before=2019-12-18T14:00:00.000000Z.-1"),
        wrong("before", at="lucia", query=f"?before={'9' * 61}"),
        wrong("before", at="lucia", query=f"?before=1.{'9' * 30}"),
        wrong("limit", at="lucia", query="?limit=0"),
        wrong("limit", at="lucia", query="?limit=-5"),
        wrong("limit", at="lucia", query="?limit=101"),
        wrong("limit", at="lucia", query="?limit=many"),
        wrong("limit", at="lucia", query=f"?limit={'9' * 30}"),
        *NO_CUSTOMER,
    ),
    "GET /v1/wishers": (
        # Lucia wishes for one, and bought online last: she is no store's.
        Ask(query="?sku=SHIRT-S", facts={"wishers": [], "before": None}),
        Ask(query="?sku=SHIRT-M&store=SE", facts={"wishers": [], "before": None}),
        Ask(query="?sku=SHIRT-M&before=2000-01-01T00:00:00.000000Z.1", facts={"wishers": [], "before": None}),
        refused(404, "unknown_product", query="?sku=nothing/of%20this"),
        wrong("sku"),
        wrong("sku", query=f"?sku={'x' * 101}"),
        wrong("store", query=f"?sku=SHIRT-S&store={'x' * 33}"),
        wrong("before", query="?sku=SHIRT-S&before=yesterday"),
        wrong("limit", query="?sku=SHIRT-S&limit=0"),
        wrong("limit", query="?sku=SHIRT-S&limit=101"),
    ),
    "GET /v1/wishers/count": (
        Ask(query="?sku=SHIRT-S", facts={"count": 0, "more": False}),
        Ask(query="?sku=SHIRT-M&store=SE", facts={"count": 0, "more": False}),
        refused(404, "unknown_product", query="?sku=nothing/of%20this"),
        wrong("sku"),
        wrong("sku", query=f"?sku={'x' * 101}"),
        wrong("store", query=f"?sku=SHIRT-S&store={'x' * 33}"),
    ),
    "POST /v1/customers/{customer_id}/notes": (
        Ask(
            at="lucia",
            json={"text": "  Prefers linen. ", "author": "somebody else"},
            status=201,
            facts={
                "text": "Prefers linen.",
                "author": "Hugo",
                "store": "GV",
                "written_at": "2026-11-21T12:00:00.000000Z",
            },
            events=("note_added",),
        ),
        Ask(at="dalton", json={"text": "x" * 2000}, status=201, facts={"author": "Hugo"}, events=("note_added",)),
        Ask(
            at="dalton",
            json={"text": "Pays with 4111 1111 1111 1111\0, always"},
            status=201,
            facts={"text": "Pays with [bank card], always"},
            events=("note_added",),
        ),
        wrong("$.text", at="lucia", json={"text": ""}),
        wrong("$.text", at="lucia", json={"text": "\0"}),
        wrong("$.text", at="lucia", json={"text": " \n "}),
        wrong("$.text", at="lucia", json={"text": "x" * 2001}),
        wrong("$.text", at="lucia", json={"text": 5}),
        wrong("Idempotency-Key", at="lucia", json={"text": "x"}, headers={"Idempotency-Key": ""}),
        wrong("Idempotency-Key", at="lucia", json={"text": "x"}, headers={"Idempotency-Key": "k" * 201}),
        *broken_bodies("lucia"),
        *no_customer(json={"text": "x"}),
    ),
    "PUT /v1/customers/{customer_id}/preferences": (
        Ask(
            at="lucia",
            json={"sizes": {"tops": "S"}, "likes": ["linen"]},
            facts={"sizes.tops": "S", "likes": ["linen"], "updated_at": "2026-11-21T12:00:00.000000Z"},
            events=("preferences_changed",),
        ),
        Ask(
            at="dalton",
            json={"sizes": {"tops": "4111/1111/1111/1111"}, "likes": ["linen", f"to pay with {BANK_CARD}\0"]},
            facts={"sizes.tops": "[bank card]", "likes": ["linen", "to pay with [bank card]"]},
            events=("preferences_changed",),
        ),
        Ask(at="dalton", json={}, facts={"sizes": {}, "likes": []}, events=("preferences_changed",)),
        wrong("$.sizes", at="lucia", json={"sizes": []}),
        wrong("$.sizes[...]", at="lucia", json={"sizes": {"tops": 38}}),
        wrong("$.sizes", at="lucia", json={"sizes": {str(n): "x" for n in range(31)}}),
        wrong("$.likes", at="lucia", json={"likes": ["x"] * 51}),
        wrong("$.likes[1]", at="lucia", json={"likes": ["x", "y" * 256]}),
        wrong("Idempotency-Key", at="lucia", json={}, headers={"Idempotency-Key": "k" * 201}),
        *broken_bodies("lucia"),
        *no_customer(json={}),
    ),
    "POST /v1/products/search": (
        Ask(
            json={"text": "shirt lin s", "store": "GV"},
            facts={
                "hits.0.title": "Linen shirt",
                "hits.0.item.sku": "SHIRT-S",
                "hits.0.fitting": 1,
                "hits.0.price_from": 3990,
                "hits.0.how": "prefix",
                "hits.0.stock.here.quantity": 2,
                "hits.0.stock.nearby.0.quantity": 7,
                "hits.0.matches.0.ranges": [[0, 3], [6, 11]],
                "hits.0.matches.1.field": "option",
                "capped": False,
                "corrected": {},
            },
        ),
        Ask(json={"text": "linnen shrit"}, facts={"corrected": {"linnen": ["linen"], "shrit": ["shirt"]}}),
        Ask(json={"text": GTIN[:8]}, facts={"hits.0.item.sku": "SHIRT-S", "hits.0.matches.0.field": "gtin"}),
        Ask(json={"text": "shirt-m"}, facts={"hits.0.item.sku": "SHIRT-M", "hits.0.how": "exact"}),
        Ask(json={"text": "nothing like it"}, facts={"hits": [], "capped": False}),
        Ask(json={"text": '" OR *'}, facts={"hits": []}),
        Ask(json={"text": "x1" * 100}, facts={"hits": []}),
        refused(422, "search_too_short", json={"text": "s"}),
        refused(422, "search_too_short", json={"text": "%%"}),
        wrong("$.text", json={"text": "x" * 201}),
        wrong("$.limit", json={"text": "shirt", "limit": 0}),
        wrong("$.limit", json={"text": "shirt", "limit": 51}),
        wrong("$.store", json={"text": "shirt", "store": "x" * 33}),
        *broken_bodies(),
    ),
    # Who changes what in a cart, and what becomes of it, is in test_carts.py.
    "POST /v1/customers/{customer_id}/carts/join": (
        refused(404, "unknown_cart", at="lucia", json={"source": 999999, "target": 999998}),
        wrong("$.source", at="lucia", json={"source": 7, "target": 7}),
        wrong("$.target", at="lucia", json={"source": 7, "target": 0}),
        *no_customer(json={"source": 7, "target": 8}),
        *broken_bodies("lucia"),
    ),
    "POST /v1/carts/{cart_id}/lines": (
        refused(404, "unknown_product", at="cart", json={"sku": "nothing"}),
        refused(404, "unknown_product", at="cart", json={"sku": "\0"}),
        refused(404, "unknown_cart", at="999999", json={"sku": "SHIRT-S"}),
        refused(404, "not_found", at="mine", json={"sku": "SHIRT-S"}),
        wrong("cart_id", at="0", json={"sku": "SHIRT-S"}),
        wrong("cart_id", at=str(2**63), json={"sku": "SHIRT-S"}),
        wrong("$.sku", at="cart", json={"sku": ""}),
        wrong("$.sku", at="cart", json={"sku": "x" * 101}),
        wrong("$.quantity", at="cart", json={"sku": "SHIRT-S", "quantity": 0}),
        wrong("$.quantity", at="cart", json={"sku": "SHIRT-S", "quantity": 10**9 + 1}),
        wrong("$.quantity", at="cart", json={"sku": "SHIRT-S", "quantity": "some"}),
        wrong("Idempotency-Key", at="cart", json={"sku": "SHIRT-S"}, headers={"Idempotency-Key": ""}),
        *broken_bodies("cart"),
    ),
    "PUT /v1/carts/{cart_id}/lines/{line}": (
        refused(404, "unknown_line", at="cart/999999", json={"quantity": 1, "base_quantity": 1}),
        refused(404, "unknown_cart", at="999999", json={"quantity": 1, "base_quantity": 1}),
        Ask(at="cart/1", json={"quantity": 3, "base_quantity": 3}, facts={"total": 3 * 4990, "lines.0.line": 1}),
        Ask(at="cart/1", json={"quantity": 3, "base_quantity": 9}, facts={"lines.0.pending": False, "pending": 0}),
        wrong("$", at="cart/1", json={"quantity": 1}),
        wrong("$.quantity", at="cart/1", json={"quantity": -1, "base_quantity": 1}),
        wrong("$.base_quantity", at="cart/1", json={"quantity": 1, "base_quantity": 10**9 + 1}),
        wrong("line", at="cart/0", json={"quantity": 1, "base_quantity": 1}),
        *broken_bodies("cart/1"),
    ),
    "DELETE /v1/carts/{cart_id}/lines/{line}": (
        refused(404, "unknown_line", at="cart/999999", query="?base_quantity=1"),
        refused(404, "unknown_cart", at="999999", query="?base_quantity=1"),
        wrong("base_quantity", at="cart/1"),
        wrong("base_quantity", at="cart/1", query="?base_quantity=-1"),
        wrong("base_quantity", at="cart/1", query="?base_quantity=all"),
    ),
    "GET /v1/products/{sku}": (
        Ask(
            at="SHIRT-S",
            query="?store=GV",
            facts={
                "sku": "SHIRT-S",
                "title": "Linen shirt",
                "variants.0.item.price": 4990,
                "variants.0.gtin": "0" + GTIN,
                "variants.0.stock.here.quantity": 2,
                "variants.1.stock.here": None,
                "grid.across": "size",
                "grid.columns": ["S", "M"],
                "grid.rows.0.skus": ["SHIRT-S", "SHIRT-M"],
            },
        ),
        Ask(at="SHIRT-M", query="?store=SE", facts={"sku": "SHIRT-M", "variants.0.stock.here.quantity": 7}),
        refused(404, "unknown_product", at="nothing"),
        refused(404, "unknown_product", at="%00"),
        refused(404, "unknown_product", at="%FF"),
        refused(404, "unknown_product", at="%F0%9F%92%B3"),
        refused(404, "unknown_product", at="'%3B%20DROP%20TABLE%20products"),
        refused(404, "unknown_product", at="x" * 100),
        wrong("sku", at="x" * 101),
        wrong("store", at="SHIRT-S", query=f"?store={'x' * 33}"),
    ),
    "GET /v1/pictures/{picture_hash}": (
        Ask(at=PICTURE_HASH),
        refused(404, "unknown_picture", at="0" * 64),
        Ask(at=PICTURE_HASH, query="?size=small"),
        wrong("size", at=PICTURE_HASH, query="?size=huge"),
        wrong("picture_hash", at="0" * 63),
        wrong("picture_hash", at=PICTURE_HASH.upper()),
        wrong("picture_hash", at="..%5C..%5Cshop.db"),
        refused(404, "not_found", at="..%2Fshop.db"),
    ),
    "POST /v1/stock/snapshots": (
        Ask(
            who="sync",
            body=b"sku,quantity\nSHIRT-S,3\nSHIRT-S,4\nSHIRT-M,0\n",
            query="?source=erp&as_of=2026-11-21T10:00:00Z&store=NEW",
            facts={
                "as_of": "2026-11-21T10:00:00.000000Z",
                "rows": 3,
                "refused": 1,
                "refusals.0.line": 3,
                "stores.0.store": "NEW",
                "stores.0.state": "counted",
                "stores.0.changed": 1,
            },
            events=("stock_counted",),
        ),
        refused(
            409,
            "snapshot_held",
            who="sync",
            body=b"store,sku,quantity\nGV,OTHER,1\n",
            query="?source=erp&as_of=2026-11-21T11:00:00%2B01:00",
        ),
        wrong("as_of", who="sync", body=b"", query="?source=erp"),
        wrong("as_of", who="sync", body=b"", query="?source=erp&as_of=yesterday"),
        wrong("as_of", who="sync", body=b"", query="?source=erp&as_of=2026-11-21T10:00:00"),
        wrong("as_of", who="sync", body=b"", query="?source=erp&as_of=0001-01-01T00:00:00%2B14:00"),
        wrong("as_of", who="sync", body=b"store,sku,quantity", query="?source=erp&as_of=2999-01-01T00:00:00Z"),
        wrong("source", who="sync", body=b"", query="?as_of=2026-11-21T10:00:00Z"),
        wrong("store", who="sync", body=b"", query="?source=erp&as_of=2026-11-21T10:00:00Z&store="),
        wrong("store", who="sync", body=b"", query="?source=erp&as_of=2026-11-21T10:00:00Z&store=%00"),
        refused(400, "invalid_request", who="sync", body=b"", query="?source=erp&as_of=2026-11-21T10:00:00Z"),
        refused(403, "wrong_caller", body=b"", query="?source=erp&as_of=2026-11-21T10:00:00Z"),
    ),
    "GET /v1/stores": (Ask(facts={"0.code": "GV", "0.time_zone": "Europe/Madrid", "1.name": "Serrano"}),),
    "GET /v1/setup": (
        Ask(
            facts={
                "brand.name": "Mostrador",
                "store.name": "Gran Vía",
                "currency": "EUR",
                "languages": ["es", "en"],
                "card_patterns.0": {"pattern": r"^29\d{11}$", "check": "ean13"},
            }
        ),
        Ask(query="?store=SE", facts={"store.name": "Serrano"}),
        Ask(who="sync", facts={"store": None}),
        refused(404, "unknown_store", query="?store=nowhere"),
        refused(404, "unknown_store", query="?store="),
        wrong("store", query=f"?store={'x' * 33}"),
    ),
    "POST /v1/records": (
        Ask(who="sync", body=ndjson([LUCIA]), facts={"unchanged": 1, "refused": 0, "stopped": None}),
        Ask(
            who="sync",
            body=b"",
            facts={"new": 0, "stopped": "there is nothing in it: one JSON record a line was expected"},
        ),
        Ask(
            who="sync",
            body=b'{"type": "order"}\n\n{"type": "stock", "source": "erp", "sku": "S", "store": "GV", "quantity": "2",'
            b' "updated_at": "2026-01-01T00:00:00Z"}',
            facts={
                "refused": 2,
                "refusals.0": {"line": 1, "path": "$", "reason": "Object missing required field `source`"},
                "refusals.1.line": 3,
                "refusals.1.path": "$.quantity",
                "stopped": None,
            },
        ),
    ),
    "POST /v1/catalog/syncs": (
        Ask(
            who="sync",
            body=FEED,
            query="?source=feed&dry_run=true",
            status=202,
            facts={"state": "running", "source": "feed", "doing": "reading", "id": ANY},
        ),
        wrong("source", who="sync", body=FEED),
        wrong("source", who="sync", body=FEED, query="?source=a%20b"),
        wrong("format", who="sync", body=FEED, query="?source=feed&format=excel"),
        wrong("accept", who="sync", body=FEED, query="?source=feed&accept=perhaps"),
        refused(403, "wrong_caller", body=FEED, query="?source=feed"),
    ),
    "GET /v1/catalog/syncs": (Ask(facts={"0.source": "feed"}), wrong("limit", query="?limit=0")),
    "GET /v1/catalog/syncs/{run_id}": (
        Ask(at="1", facts={"state": "done", "format": "google-tsv", "new": 1, "refused": 0}),
        Ask(at="1", who="sync", facts={"variants": 1, "products": 1}),
        refused(404, "unknown_run", at="999999"),
        wrong("run_id", at="0"),
    ),
    "GET /v1/catalog/syncs/{run_id}/rejects": (
        Ask(at="1", facts={"rejects": [], "next": None}),
        refused(404, "unknown_run", at="999999"),
        wrong("limit", at="1", query="?limit=0"),
        wrong("after", at="1", query="?after=-1"),
    ),
    "GET /v1/records/refused": (
        Ask(facts={}),
        Ask(query="?limit=1&before=1", facts={}),
        wrong("limit", query="?limit=0"),
        wrong("limit", query="?limit=-1"),
        wrong("limit", query="?limit=501"),
        wrong("before", query="?before=0"),
        wrong("before", query="?before=latest"),
        wrong("before", query=f"?before={'9' * 30}"),
    ),
    "GET /v1/customers/{customer_id}/export": (
        Ask(at="dalton", facts={"customers.0.family_name": "Pérez", "exported_at": "2026-11-21T12:00:00.000000Z"}),
        *NO_CUSTOMER,
    ),
    "POST /v1/customers/{customer_id}/erasure": (
        # Whom it erases and what becomes of them is in tests/server/privacy.
        wrong("$.confirm", at="lucia", json={"confirm": False}),
        wrong("$.confirm", at="lucia", json={"confirm": "yes"}),
        *no_customer(json={"confirm": True}),
        *broken_bodies("1"),
    ),
    "GET /v1/customers/{customer_id}/consents": (Ask(at="dalton", body=None, facts={}), *NO_CUSTOMER),
    "PUT /v1/customers/{customer_id}/consents/{channel}": (
        Ask(
            at="dalton",
            json={"granted": True, "wording": "News by post", "by": "Marta"},
            facts={"granted": True, "source": "@counter", "how": "counter", "at": "2026-11-21T12:00:00.000000Z"},
            events=("consent_changed",),
        ),
        Ask(at="dalton", json={"granted": False}, facts={"granted": False}, events=("consent_changed",)),
        wrong("$.wording", at="dalton", json={"granted": True}),
        wrong("$.contact", at="dalton", json={"granted": False, "contact": "nobody"}),
        wrong("$.at", at="dalton", json={"granted": False, "at": "2026-11-21T12:06:00Z"}),
        refused(404, "unknown_customer", at="999999", json={"granted": False}),
        *broken_bodies("1"),
    ),
    "GET /v1/live": (
        # A stream has no end: what it tells is in test_live.py.
        refused(404, "unknown_customer", query="?customer=999999"),
        wrong("customer", query="?customer=lucia"),
        wrong("customer", query=f"?customer={2**63}"),
        wrong("store", query="?store=" + 33 * "S"),
        wrong("Last-Event-ID", headers={"Last-Event-ID": "latest"}),
        wrong("Last-Event-ID", headers={"Last-Event-ID": "-1"}),
        wrong("Last-Event-ID", headers={"Last-Event-ID": 19 * "9"}),
    ),
    "GET /v1/kiosk/challenges": (Ask(who="associate", facts={}), refused(403, "wrong_caller", who="kiosk")),
    "POST /v1/kiosk/challenges": (
        # What becomes of it is in test_kiosks.py and test_codes.py.
        Ask(
            who="kiosk",
            json={"type": "ask_associate"},
            status=201,
            facts={"way": "vouch", "digits": ANY, "expires_at": "2026-11-21T12:05:00.000000Z", "challenge_id": ANY},
            events=("vouching_asked",),
        ),
        Ask(
            who="kiosk",
            json={"type": "send_code", "contact": UNUSED_CARD},
            status=201,
            facts={"way": "code", "digits": None, "expires_at": "2026-11-21T12:10:00.000000Z", "challenge_id": ANY},
        ),
        wrong("$.contact", who="kiosk", json={"type": "send_code", "contact": "nothing we know"}),
        wrong("$.contact", who="kiosk", json={"type": "send_code", "contact": ""}),
        wrong("$.contact", who="kiosk", json={"type": "send_code", "contact": "x" * 256}),
        refused(422, "bank_card", who="kiosk", json={"type": "send_code", "contact": BANK_CARD}),
        refused(422, "mistyped_card", who="kiosk", json={"type": "send_code", "contact": MISTYPED_CARD}),
        wrong("$.type", who="kiosk", json={"type": "of_tomorrow"}),
        refused(403, "wrong_caller", json={"type": "ask_associate"}),
    ),
    "DELETE /v1/kiosk/challenges/{challenge_id}": (
        # What becomes of it is in test_vouching.py.
        Ask(who="kiosk", at="999999", status=204),
        wrong("challenge_id", who="kiosk", at="0"),
        wrong("challenge_id", who="kiosk", at=f"{2**63}"),
        refused(403, "wrong_caller", who="tablet", at="1"),
    ),
    "POST /v1/kiosk/challenges/{challenge_id}/confirmation": (
        refused(404, "unknown_challenge", at="999999", json={"customer_id": 1, "digits": "47"}),
        wrong("$.digits", at="1", json={"customer_id": 1, "digits": "4"}),
        wrong("$.customer_id", at="1", json={"customer_id": 0, "digits": "47"}),
        wrong("challenge_id", at="0", json={"customer_id": 1, "digits": "47"}),
        *broken_bodies("1"),
    ),
    "POST /v1/kiosk/session": (
        refused(403, "wrong_proof", who="kiosk", json={"type": "continue", "code": "MC1.e30.e30"}),
        refused(410, "proof_over", who="kiosk", json={"type": "code", "challenge_id": 999_999, "code": "482615"}),
        refused(410, "proof_over", who="kiosk", json={"type": "vouch", "challenge_id": 999_999}),
        wrong("$.code", who="kiosk", json={"type": "continue", "code": "x" * 1025}),
        *(
            wrong("$.challenge_id", who="kiosk", json={"type": way, "challenge_id": number, "code": "482615"})
            for way in ("code", "vouch")
            for number in (0, 2**63, 10**30)
        ),
        wrong("$.type", who="kiosk", json={"type": "of_tomorrow"}),
    ),
    "DELETE /v1/kiosk/session": (
        Ask(who="kiosk", status=204),
        refused(403, "wrong_caller", who="tablet"),
    ),
    # What customers change, and who comes to a kiosk, is in test_guests.py and test_calls.py.
    "GET /v1/kiosk/cart": (refused(403, "wrong_caller", who="kiosk"),),
    "POST /v1/kiosk/carts/join": (refused(403, "wrong_caller", who="kiosk", json={"source": 1, "target": 2}),),
    "GET /v1/kiosk/calls": (Ask(who="associate", facts={}), refused(403, "wrong_caller", who="kiosk")),
    "POST /v1/kiosk/calls": (
        Ask(
            who="kiosk",
            json={"about": "card"},
            status=201,
            facts={"about": "card", "answered_by": None, "call_id": ANY, "called_at": ANY, "kiosk": ANY},
            events=("help_called",),
        ),
        wrong("$.about", who="kiosk", json={"about": "anything"}),
        refused(403, "wrong_caller", json={"about": "card"}),
    ),
    "POST /v1/kiosk/calls/{call_id}/answer": (
        refused(404, "unknown_call", at="999999"),
        wrong("call_id", at="0"),
    ),
    "POST /v1/handoffs": (
        Ask(
            json={"way": "till", "cart": {"source": "web", "external_id": "cart-1"}},
            status=201,
            facts={
                "way": "till",
                "state": "issued",
                "code": ANY,
                "qr": ANY,
                "handoff_id": ANY,
                "link": None,
                "expires_at": "2026-11-21T12:10:00.000000Z",
            },
            events=("handoff_issued",),
        ),
        Ask(
            json={"way": "pickup", "cart": {"source": "web", "external_id": "cart-1"}},
            status=201,
            facts={"way": "pickup", "code": None, "handoff_id": None},
            events=("delivery_asked",),
        ),
        refused(404, "unknown_cart", json={"way": "till", "cart": {"source": "web", "external_id": "nothing"}}),
        wrong("$.cart", json={"way": "till"}),
        wrong("$.cart.external_id", json={"way": "till", "cart": {"source": "web", "external_id": "cart\0"}}),
        wrong("$.way", json={"way": "moon"}),
        *broken_bodies(),
    ),
    "GET /v1/handoffs/{handoff_id}": (
        refused(404, "unknown_handoff", at="999999"),
        wrong("handoff_id", at="0"),
    ),
    "POST /v1/handoffs/redemption": (
        refused(404, "unknown_handoff", "$.code", who="till", json={"code": "222222"}),
        wrong("$.code", who="till", json={"code": ""}),
        wrong("$.code", who="till", json={"code": "x" * 101}),
    ),
    "POST /v1/handoffs/{handoff_id}/completion": (
        refused(404, "unknown_handoff", who="till", at="999999"),
        wrong("handoff_id", who="till", at="0"),
    ),
    "POST /v1/handoffs/{handoff_id}/release": (
        refused(404, "unknown_handoff", who="till", at="999999"),
        wrong("handoff_id", who="till", at="0"),
    ),
    "GET /v1/devices": (
        Ask(facts={"0.kind": "sync", "0.store": None, "1.store": "GV", "1.revoked_at": None}),
        Ask(who="manager", facts={"0.store": "GV", "0.enrolled_at": "2026-11-21T12:00:00.000000Z"}),
    ),
    "POST /v1/devices": (
        refused(403, "wrong_code", json={"code": "ABCDE-FGHJK"}),
        refused(403, "wrong_code", json={"code": "ABCDE-FGHJK", "kind": "tablet"}),
        wrong("$.kind", json={"code": "ABCDE-FGHJK", "kind": "fridge"}),
        wrong("$.code", json={"code": ""}),
        wrong("$.code", json={"code": "x" * 101}),
        wrong("$", json={}),
        *broken_bodies(),
    ),
    "POST /v1/devices/enrolments": (
        Ask(
            json={"kind": "kiosk", "name": "At the door", "store": "GV"},
            status=201,
            facts={"kind": "kiosk", "store": "GV", "expires_at": "2026-11-21T12:15:00.000000Z", "code": ANY, "qr": ANY},
        ),
        Ask(json={"kind": "sync", "name": "Nightly"}, status=201, facts={"kind": "sync", "store": None}),
        Ask(who="manager", json={"kind": "tablet", "name": "x", "store": "GV"}, status=201),
        refused(403, "wrong_caller", who="manager", json={"kind": "tablet", "name": "x", "store": "SE"}),
        refused(403, "wrong_caller", who="manager", json={"kind": "sync", "name": "x"}),
        wrong("$.store", json={"kind": "tablet", "name": "x"}),
        wrong("$.kind", json={"kind": "phone", "name": "x", "store": "GV"}),
        wrong("$.name", json={"kind": "till", "name": "", "store": "GV"}),
        wrong("$.name", json={"kind": "till", "name": "x\0", "store": "GV"}),
        wrong("$.store", json={"kind": "till", "name": "x", "store": "GV\0"}),
        *broken_bodies(),
    ),
    "POST /v1/devices/current/token": (
        Ask(who="till", status=201, facts={"kind": "till", "store": "GV", "token": ANY}),
        Ask(status=201, facts={"kind": "tablet"}),
    ),
    "DELETE /v1/devices/{device_id}": (refused(404, "unknown_device", at="999999"), wrong("device_id", at="0")),
    "DELETE /v1/devices/{device_id}/waits": (
        Ask(at="device:tablet", status=204),
        Ask(who="manager", at="device:till", status=204),
        refused(404, "unknown_device", who="manager", at="device:sync"),
        wrong("device_id", at=str(2**63)),
    ),
    "GET /v1/staff": (Ask(facts={"0.name": "Ana"}), Ask(who="tablet", facts={"0.name": "Ana", "1.name": "Hugo"})),
    "POST /v1/staff": (
        Ask(
            json={"name": " Zacarías ", "role": "associate", "stores": ["SE", "GV"], "pin": PIN},
            status=201,
            facts={"name": "Zacarías", "role": "associate", "stores": ["GV", "SE"]},
        ),
        Ask(json={"name": "Zita", "role": "hq"}, status=201, facts={"stores": []}),
        Ask(who="manager", json={"name": "Zoraida", "role": "manager", "stores": ["GV"]}, status=201),
        refused(403, "wrong_caller", who="manager", json={"name": "x", "role": "associate", "stores": ["GV", "SE"]}),
        refused(403, "wrong_caller", who="manager", json={"name": "x", "role": "hq"}),
        refused(409, "badge_taken", "$.badge", json={"name": "x", "role": "hq", "badge": BADGE}),
        wrong("$.pin", json={"name": "x", "role": "hq", "pin": "1234"}),
        wrong("$.pin", json={"name": "x", "role": "hq", "pin": "777777"}),
        wrong("$.pin", json={"name": "x", "role": "hq", "pin": "12"}),
        wrong("$.stores", json={"name": "x", "role": "associate"}),
        wrong("$.stores", json={"name": "x", "role": "hq", "stores": ["GV"]}),
        wrong("$.name", json={"name": " ", "role": "hq"}),
        wrong("$.role", json={"name": "x", "role": "owner"}),
        *broken_bodies(),
    ),
    "PUT /v1/staff/{staff_id}/stores": (
        Ask(at="staff:Zoe", json={"stores": ["GV"]}, facts={"name": "Zoe", "stores": ["GV"]}),
        refused(403, "wrong_caller", who="manager", at="staff:Zoe", json={"stores": ["SE"]}),
        refused(404, "unknown_staff", who="manager", at="staff:Hugo", json={"stores": ["GV"]}),
        refused(404, "unknown_staff", at="999999", json={"stores": ["GV"]}),
        wrong("$.stores", at="staff:Zoe", json={"stores": []}),
        wrong("$.stores", at="staff:Hugo", json={"stores": ["GV"]}),
        *broken_bodies("1"),
    ),
    "PUT /v1/staff/{staff_id}/pin": (
        Ask(at="staff:Zoe", json={"pin": "90817"}, status=204),
        refused(404, "unknown_staff", who="manager", at="staff:Hugo", json={"pin": "90817"}),
        refused(404, "unknown_staff", at="999999", json={"pin": "90817"}),
        wrong("$.pin", at="staff:Zoe", json={"pin": "0000"}),
        wrong("$.pin", at="staff:Zoe", json={"pin": "12 34"}),
        *broken_bodies("1"),
    ),
    "DELETE /v1/staff/{staff_id}/waits": (
        Ask(at="staff:Zoe", status=204),
        refused(404, "unknown_staff", at="999999"),
        wrong("staff_id", at="0"),
    ),
    "DELETE /v1/staff/{staff_id}": (
        refused(404, "unknown_staff", at="999999"),
        refused(404, "unknown_staff", who="manager", at="staff:Hugo"),
        wrong("staff_id", at="0"),
    ),
    "POST /v1/sessions": (
        Ask(
            who="tablet",
            json={"badge": BADGE, "pin": PIN},
            status=201,
            facts={
                "token": ANY,
                "name": "Ana",
                "role": "associate",
                "stores": ["GV"],
                "store": "GV",
                "ends_at": "2026-11-22T00:00:00.000000Z",
                "idle": 300,
            },
        ),
        refused(403, "wrong_pin", "$.pin", who="tablet", json={"badge": BADGE, "pin": WRONG_PIN}),
        *(wrong("$.staff_id", who="tablet", json={"staff_id": n, "pin": PIN}) for n in (0, 2**63, 10**30)),
        refused(404, "unknown_staff", who="tablet", json={"badge": "nobody's", "pin": PIN}),
        refused(404, "unknown_staff", who="tablet", json={"staff_id": 2**40, "pin": PIN}),
        refused(404, "unknown_staff", who="tablet", json={"pin": PIN}),
        wrong("$.pin", json={"badge": BADGE, "pin": "1" * 13}),
        *broken_bodies(),
    ),
    "POST /v1/sessions/current/unlock": (
        Ask(who="associate", json={"pin": PIN}, facts={"ends_at": "2026-11-22T00:00:00.000000Z", "idle": 300}),
        refused(403, "wrong_pin", "$.pin", who="manager", json={"pin": WRONG_PIN}),
        *broken_bodies(),
    ),
    "DELETE /v1/sessions/current": (wrong("everywhere", query="?everywhere=perhaps"),),
    "GET /health/live": (Ask(facts={"status": "ok"}),),
    "GET /health/ready": (Ask(facts={"status": "ok"}),),
    "GET /schema": (Ask(facts={"openapi": ANY}),),
    "GET /schema/openapi.json": (Ask(facts={"info.title": "Mostrador"}),),
    "GET /schema/openapi.yaml": (Ask(),),
    "GET /schema/openapi.yml": (Ask(),),
    "GET /schema/{path}": (refused(404, "not_found", at="elements"), refused(404, "not_found", at="index.html")),
}

NO_DOORS = (
    ("GET", "/", 404, "not_found"),
    ("GET", "/v1", 404, "not_found"),
    ("GET", "/v1/nothing", 404, "not_found"),
    ("POST", "/v1/nothing", 404, "not_found"),
    ("GET", "/v1/products/", 404, "not_found"),
    ("GET", "/%ff%00", 404, "not_found"),
    ("GET", "/v1/customers/search", 405, "method_not_allowed"),
    ("GET", "/v1/scan", 405, "method_not_allowed"),
    ("DELETE", "/v1/scan", 405, "method_not_allowed"),
    ("PUT", "/v1/stores", 405, "method_not_allowed"),
    ("POST", "/health/live", 405, "method_not_allowed"),
    ("POST", "/schema", 405, "method_not_allowed"),
    ("TRACE", "/v1/stores", 405, "method_not_allowed"),
)

REACHED_ELSEWHERE = {
    "last_manager": "test_access.py lets the last who may let others in go",
    "way_closed": "test_kiosks.py closes a way",
    "proof_used": "test_kiosks.py shows a code twice",
    "proof_waits": "test_vouching.py is too quick for the associate",
    "empty_cart": "test_handoffs.py hands nothing over",
    "handoff_taken": "test_handoffs.py redeems a code at two tills",
    "handoff_over": "test_handoffs.py lets the time run out",
    "no_token": "test_permissions.py asks with every kind of token, and with none",
    "unknown_token": "test_permissions.py",
    "device_revoked": "test_permissions.py",
    "session_ended": "test_permissions.py",
    "session_locked": "test_permissions.py",
    "not_signed_in": "test_permissions.py",
    "too_many_tries": "test_access.py guesses PINs and codes",
    "wrong_host": "test_hosts.py asks under every kind of name",
    "wrong_origin": "test_hosts.py asks as web pages do",
    "idempotency_key_reused": "test_repeats.py sends two requests under one key",
    "wrong_kind": "test_access.py tries a kiosk's code on a tablet",
    "answer_expired": "test_secret_repeats.py lets a quarter of an hour pass",
    "cart_closed": "test_carts.py changes a cart that was bought",
    "other_product": "test_guests.py puts a cup in a shirt's place",
    "other_currency": "test_carts.py puts what is sold in euros into a cart in dollars",
    "internal_error": "test_trouble.py damages a row",
    "address_too_long": "test_limits.py asks for a long address",
    "head_too_large": "test_limits.py sends many headers and long ones",
    "too_slow": "test_limits.py sends half a request",
    "too_many_connections": "test_limits.py opens more than there may be",
    "sync_under_way": "test_syncs.py sends two at once",
    "too_many_requests": "test_limits.py asks too often",
    "plain_http": "test_limits.py comes from an address that is no proxy's",
    "wrong_secret": "tests/server/privacy comes with another secret",
    "stopping": "test_live.py tells a server to stop",
    "audit_unavailable": "audit/test_ledger.py takes the database away from the record",
    "database_busy": "test_trouble.py holds the database's write lock",
    "database_unavailable": "test_trouble.py closes the database",
}


def value_at(answer: Any, place: str) -> Any:
    """What stands at a dotted place of an answer."""
    for key in place.split("."):
        answer = answer[int(key)] if isinstance(answer, list) else answer[key]
    return answer


def require_problem(answer: httpx.Response, status: int, code: str, where: str | None = None) -> None:
    """An error is an RFC 9457 problem whose words are there and whose code, status and title belong together."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    problem = msgspec.json.decode(answer.content, type=Problem, strict=True)
    assert (problem.code, problem.path, problem.status) == (code, where, status), answer.text
    assert (problem.status, problem.title) == PROBLEMS[code]
    assert problem.type == f"urn:mostrador:problem:{code}"
    assert problem.detail
    assert not re.search(r"Traceback|sqlite|litestar|msgspec|/server/|'data'", problem.detail), problem.detail


def number_of(house: Running, at: str) -> str:
    """The number that a name stands for: of a customer, a person who works here, or a device."""
    kind, _, name = at.partition(":")
    if kind == "staff":
        return next(str(member.id) for member in house.database.read_now(all_staff) if member.name == name)
    if kind == "device":
        return str(getattr(house.tokens, name).split("_")[1])
    if at == "cart":
        return str(house.client.get(f"/v1/customers/{house.customer('lucia')}/context").json()["carts"][0]["id"])
    return str(house.customer(at)) if at in ("lucia", "dalton") else at


ROWS = [
    pytest.param(door, ask, id=f"{door} {n}: {ask.code or ask.status}")
    for door, asks in DOORS.items()
    for n, ask in enumerate(asks)
]


@pytest.mark.parametrize(("door", "ask"), ROWS)
def test_a_door_answers(house: Running, door: str, ask: Ask) -> None:
    """Each row of the table: status, problem or facts, and exactly the events that its request is to write."""
    method, template = door.split(" ")
    places = [number_of(house, place) for place in ask.at.split("/")]
    address = re.sub(r"\{\w+\}", lambda _: places.pop(0) if len(places) > 1 else places[0], template) + ask.query
    if ask.who == "kiosk":
        wait_for_nobody(house)
    before = house.last_event
    content = ask.body if ask.body is not None else None if ask.json is None else msgspec.json.encode(ask.json)
    headers = bearer(getattr(house.tokens, ask.who)) | ask.headers
    answer = house.client.request(method, address, content=content, headers=headers)
    if ask.code is not None:
        require_problem(answer, ask.status, ask.code, ask.where)
    else:
        assert answer.status_code == ask.status, answer.text
        facts = {place: value_at(answer.json(), place) for place in ask.facts}
        assert facts == {place: facts[place] if fact is ANY else fact for place, fact in ask.facts.items()}
        assert all(facts[place] is not None for place, fact in ask.facts.items() if fact is ANY)
    assert tuple(happened.event.__struct_config__.tag for happened in house.events_after(before)) == ask.events
    assert not [secret for secret in (EMAIL, PHONE, LUCIA_CARD) if secret in answer.text]


def wait_for_nobody(house: Running) -> None:
    """Withdraw what another test asked for at the kiosk: a new question would tell of that too."""
    for waiting in house.client.get("/v1/kiosk/challenges", headers=bearer(house.tokens.associate)).json():
        door = f"/v1/kiosk/challenges/{waiting['challenge_id']}"
        assert house.client.delete(door, headers=bearer(house.tokens.kiosk)).status_code == 204


@pytest.mark.parametrize(("method", "address", "status", "code"), NO_DOORS)
def test_where_no_door_is_a_problem_is(house: Running, method: str, address: str, status: int, code: str) -> None:
    """An address that is none, and a method that a door does not know, are told as problems too."""
    answer = house.client.request(method, address)
    require_problem(answer, status, code)
    assert ("allow" in answer.headers) == (status == 405)


def doors_of(house: Running) -> set[str]:
    """Every method and path that the app serves to programs; pages are in test_till.py."""
    app = create_app(Settings(), house.database, lambda: NOW, Ending(), KEYS, ledger(house.database))
    return {
        f"{method} {route.path_format}"
        for route in app.routes
        if isinstance(route, HTTPRoute) and not route.path_format.startswith(PLACE)
        for method in route.methods - {"OPTIONS"}
    }


def test_the_table_names_every_door(house: Running) -> None:
    """A new door without rows fails here, and so do rows of a door that is gone."""
    assert set(DOORS) == doors_of(house)


def test_every_door_is_told_what_it_answers_to(house: Running) -> None:
    """OPTIONS tells a door's methods and nothing else happens."""
    for door in DOORS:
        method, template = door.split(" ")
        answer = house.client.options(re.sub(r"\{\w+\}", "1", template))
        assert answer.status_code == 204
        assert method in answer.headers["allow"]


@pytest.fixture(scope="module")
def document(house: Running) -> Any:
    """The OpenAPI document as the server gives it."""
    return house.client.get("/schema/openapi.json").json()


DOCUMENTED = [door for door in DOORS if not door.startswith("GET /schema")]


@pytest.mark.parametrize("door", DOCUMENTED)
def test_a_door_documents_its_problems(document: Any, door: str) -> None:
    """Each code that the table reaches at a door, and what can happen anywhere, stands in its OpenAPI entry."""
    method, template = door.split(" ")
    responses = document["paths"][template][method.lower()]["responses"]
    problems = {status: said for status, said in responses.items() if int(status) >= 400}
    told = {
        code: int(status)
        for status, said in problems.items()
        for code in said["description"].removeprefix("problem: ").split(", ")
    }
    assert told == {code: PROBLEMS[code][0] for code in told}
    reached = {ask.code for ask in DOORS[door] if ask.code is not None} - {"not_found"}
    assert (reached | set(ANYWHERE)) - told.keys() == set()
    for said in problems.values():
        assert said["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_the_document_names_every_door_with_its_words(document: Any) -> None:
    """Every door but the document's own stands in it, with a sentence on what it does."""
    entries = {
        f"{method.upper()} {path}": entry
        for path, methods in document["paths"].items()
        for method, entry in methods.items()
    }
    assert set(entries) == set(DOCUMENTED)
    assert [door for door, entry in entries.items() if not entry.get("description", "").endswith(".")] == []


def test_the_document_says_what_a_caller_must_show(document: Any) -> None:
    """A token at every door that is not open to all, the till's page its cookie; for health and enrolment nothing."""
    shown = document["components"]["securitySchemes"]
    assert (shown["bearer"]["type"], shown["bearer"]["scheme"]) == ("http", "bearer")
    assert (shown["till"]["in"], shown["till"]["name"]) == ("cookie", COOKIE)
    for door in DOCUMENTED:
        method, template = door.split(" ")
        entry = document["paths"][template][method.lower()]
        wanted = [] if OPEN[door] == PUBLIC else [{"till": []}] if template.startswith(PLACE) else [{"bearer": []}]
        assert entry["security"] == ([*wanted, {}] if door == "GET /till" else wanted)
        asks_for_a_token = "no_token" in entry["responses"].get("401", {}).get("description", "")
        assert asks_for_a_token == (wanted != [] and door != "GET /till"), door


def parts_of(document: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(document, dict):
        yield document
    if isinstance(document, dict | list):
        for part in document.values() if isinstance(document, dict) else document:
            yield from parts_of(part)


def test_the_document_says_what_records_are(document: Any) -> None:
    """The body of the door for records is NDJSON of any record, plain or gzip, and each record's fields are there."""
    body = document["paths"]["/v1/records"]["post"]["requestBody"]
    assert "gzip" in body["description"]
    record = body["content"]["application/x-ndjson"]["schema"]
    kinds = {type_.__struct_config__.tag: type_ for type_ in get_args(Record)}
    assert set(record["discriminator"]["mapping"]) == set(kinds)
    for kind, reference in record["discriminator"]["mapping"].items():
        schema = document["components"]["schemas"][reference.rpartition("/")[2]]
        assert set(schema["properties"]) == {"type", *kinds[kind].__struct_fields__}


def test_the_document_says_what_kind_of_answer_comes(document: Any) -> None:
    """A stream of events, pictures and JSON are told apart."""
    kinds = {
        "/v1/live": "text/event-stream",
        "/v1/pictures/{picture_hash}": "image/*",
        "/v1/stores": "application/json",
    }
    told = {path: list(document["paths"][path]["get"]["responses"]["200"]["content"]) for path in kinds}
    assert told == {path: [kind] for path, kind in kinds.items()}


def test_the_document_means_what_it_says(document: Any) -> None:
    """Every schema that is named is there, no type is left open beside another, and whole bounds are whole."""
    schemas = document["components"]["schemas"]
    for part in parts_of(document):
        assert {} not in part.get("oneOf", [])
        assert not [b for b in ("minimum", "maximum") if isinstance(part.get(b), float) and part[b].is_integer()]
        if isinstance(reference := part.get("$ref"), str):
            assert reference.rpartition("/")[2] in schemas
    assert schemas["NewPreferences"]["properties"]["likes"]["items"] == {"type": "string"}
    parameters = document["paths"]["/v1/customers/{customer_id}/context"]["get"]["parameters"]
    assert next(p for p in parameters if p["name"] == "customer_id")["schema"]["maximum"] == 2**63 - 1


def test_every_code_is_reached() -> None:
    """No problem is told of that cannot happen: each is in the tables here, or is reached by a test that is named."""
    reached = {ask.code for asks in DOORS.values() for ask in asks} | {code for *_, code in NO_DOORS}
    assert set(PROBLEMS) - reached == REACHED_ELSEWHERE.keys()


def test_answers_do_not_tell_what_gave_them(house: Running) -> None:
    """Nothing tells an outsider which server this is, of which version."""
    answer = house.client.get("/v1/stores")
    assert "server" not in answer.headers
    assert answer.headers["content-type"] == "application/json"


def test_a_picture_is_kept_for_ever_by_whoever_has_it(house: Running) -> None:
    """Its name is the hash of its content, so that it never changes: its bytes, its type, and no need to ask again."""
    answer = house.client.get(f"/v1/pictures/{PICTURE_HASH}")
    assert (answer.content, answer.headers["content-type"]) == (PICTURE, "image/png")
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["etag"] == f'"{PICTURE_HASH}"'
    (variant,) = house.client.get("/v1/products/PIN").json()["variants"]
    assert variant["item"]["picture"] == PICTURE_HASH
