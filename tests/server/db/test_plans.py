"""How both engines go about what a shop asks of 100,000 customers: by an index, and reading little more than they give.

Nothing here lists statements by hand: the slices' own functions are called as a shop calls them, and every query that
they run is looked at as it runs, with the values it has there.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import apsw
import psycopg
import pytest
from psycopg import sql

import server
from server.access import actions as access
from server.access import queries as access_queries
from server.access.admission import Credentials, caller_at, take_next_token, touch
from server.access.callers import TERMINAL, Caller
from server.access.rules import hash_of
from server.audit import queries as audit
from server.audit.actions import append, cut
from server.audit.ledger import new_chain
from server.audit.rules import Look
from server.calls import actions as calls
from server.calls import queries as call_queries
from server.carts import actions as carts
from server.catalog import alarms, amending, fresh, nights, runs, stocktake, words_index
from server.catalog import queries as catalog
from server.catalog.compare import Feed, Tally, compare, compare_gone
from server.catalog.feeds.shape import FeedRow
from server.catalog.known import live_rows
from server.catalog.pictures import links
from server.catalog.pictures.shape import Made, Shrunk
from server.catalog.rules import night_of
from server.catalog.search import search as article_search
from server.catalog.staging import Staged, Staging
from server.catalog.sync import Origin, _hashes, _ids_of, _switch
from server.catalog.vocabulary import Vocabulary as ArticleVocabulary
from server.catalog.words import ProductWords
from server.customers import actions as customer_actions
from server.customers import queries as customers
from server.customers.consents import set_consent
from server.customers.context import of_customer, orders_page
from server.customers.rules import contacts_in
from server.customers.search import search
from server.customers.tombstones import mac
from server.customers.vocabulary import Vocabulary
from server.customers.wishers import count_wishers, wishers_of
from server.db.engine import Connection, EngineName, Row
from server.db.postgres import PostgresConnection, _make_reader, _make_writer
from server.db.sql import Query, all_of
from server.db.sqlite import SqliteConnection
from server.events import actions as event_actions
from server.events import queries as events
from server.events.actions import settle
from server.handoffs import actions as handoffs
from server.handoffs import queries as handoff_queries
from server.health.routes import SQL as HEALTH
from server.idempotency.actions import once
from server.idempotency.requests import Repeatable
from server.ingest.actions import take_lines
from server.ingest.ndjson import Line
from server.ingest.queries import refused
from server.kiosks import actions as kiosks
from server.kiosks import queries as kiosk_queries
from server.kiosks.actions import Contact, Pending
from server.kiosks.rules import Continue
from server.live import queries as live
from server.live.stream import PAGE
from server.lookup.queries import scan
from server.outbox import actions as outbox
from server.outbox import queries as outbox_queries
from server.privacy import retention
from server.privacy.actions import erase, readmit, set_scrubbed
from server.privacy.export import of_customer as export_of
from server.privacy.queries import erasure_of, is_ended, unscrubbed
from server.settings import Settings
from server.stores import queries as stores
from server.wire.access import EnrolmentCode, SignIn
from server.wire.base import timestamp
from server.wire.calls import NewHelpCall
from server.wire.carts import JoinCarts, LineQuantity, NewCartLine
from server.wire.catalog import ProductSearch, RefusedRow, StoreCount
from server.wire.codes import Card, Gtin, Other
from server.wire.customers import NewConsent, NewNote, NewPreferences, Note, SearchRequest
from server.wire.events import DeliveryAsked, HandoffCompleted
from server.wire.handoffs import HandoffCode, NewHandoff, RedeemedHandoff
from server.wire.kiosks import CodeProof, Confirmation, KioskSession, VouchProof
from server.wire.problems import ProblemError
from tests.engines import Engines
from tests.server.given import (
    ANY_CARD,
    KEYS,
    NOW,
    asked,
    cart,
    customer,
    deletion,
    memory,
    order,
    product,
    redaction,
    stock,
    store,
    take,
    variant,
    view,
    who,
    wishlist,
)
from tests.server.people import PIN, PIN_HASH, caller_of, enrolled, hired

T = TypeVar("T")
SMALL = {
    "stock_counts",
    "catalog_nights",
    "catalog_alarms",
    "catalog_generations",
    "catalog_sources",
    "catalog_runs",
    "stores",
    "order_ids",
    "events_new",
    "enrolments",
    "outbox",
}
"""Tables that may be scanned: a chain has some hundred stores and a few shops, and what waits for its number, or for a
device that comes with a code, does so for moments."""

COLD = {
    "catalog.known_rows": "goes through a whole catalogue once a night, beside everything else",
    "catalog.unwritten_variants": "goes through a whole catalogue after a run that died, beside everything else",
    "catalog.unwritten_products": "see catalog.unwritten_variants",
    "catalog.count_products": "counts a source's products once a night",
    "catalog.named_pictures": "goes through a whole catalogue for pictures that nobody names, beside everything else",
    "catalog.named_by_products": "see catalog.named_pictures",
    "catalog.unlinked_pictures": "see catalog.named_pictures",
    "catalog.count_due_pictures": "counts what is to be fetched, once before it is",
    "access.devices": "lists every device, for managers",
    "access.all_staff": "lists everybody, for an operator",
    "access.staff_in": "lists who works in a store, beside HQ's people, when somebody signs in",
    "access.has_manager": "is asked by `mostrador init` alone",
    "access.has_other_manager": "is asked when a manager goes",
    "privacy.events_of": "an export asks for it, seldom: an index by customer would be written by every change",
    "customers.merge_words": "writes the index of words anew after an erasure, part by part, see test_bytes.py",
    "customers.changes": "asks no table; see customers.merge_words",
    "customers.index_parts": "see customers.merge_words",
    "customers.rebuild_words": "see customers.merge_words",
    "customers.stir_words": "see customers.merge_words",
    "audit.chains": "a check of the whole record begins with every chain: an operator asks for it",
    "catalog.unwritten_words": "see catalog.unwritten_variants",
    "catalog.spoken_size": "counts every word, for a search that found nothing: only so one that is gone is missed",
    "customers.vocabulary_size": "counts every word, for a search that found nobody: only so a forgotten one is missed",
}
"""Queries that may read much, or are never asked here, and why. Every other query must be asked by a journey below."""

WIDE = {
    # The first 2,000 are looked through, then up to 5,000 of the index of words.
    "catalog.find_words": 15,
    # The newest 2,000 are looked through, then up to 5,000 of the index of words, then from the newest on.
    "customers.matching": 15,
    # Ten orders of each of 200 customers, and twice where a person is several customers.
    "customers.seen_of": 2,
}
"""Queries that may read so many times more than others, and why."""
NO_ROWS = {("sqlite", "events.settle"): "its condition is never true, which is asked once and before any row is read"}
"""Scans that read nothing."""

ROWS, ROWS_A_ROW = 1_000, 10
"""How many rows a query may read on PostgreSQL: so many, and for each row that it gives so many more."""
STEPS, STEPS_A_ROW = 20_000, 500
"""The same in steps of SQLite's machine, of which a row takes some ten to fifty."""
LOOKS = 5
"""How often a journey's calls of one query are looked at on PostgreSQL, where looking takes time."""

CUSTOMERS, GUESTS, ORDERS_MADE = 95_000, 5_000, 300_000
WALK_IN, LINKED, SUGGESTED, RARE = 1, 9, 22, 77_777
"""Customers: one that a till has for who gives no name, with 20,000 orders; one of two that are one person; one
whose order names a phone that others have; one whose name nobody else has."""
GIVEN = (
    "maria carmen ana lucia jose antonio manuel francisco laura david javier marta paula daniel cristina "
    "carlos sara jesus elena alejandro miguel raquel rafael pilar irene pablo beatriz sergio rosa fernando "
    "nuria jorge silvia luis alicia alberto julia adrian eva diego"
)
FAMILY = (
    "garcia rodriguez gonzalez fernandez lopez martinez sanchez perez gomez martin jimenez ruiz hernandez "
    "diaz moreno alvarez romero alonso gutierrez navarro torres dominguez vazquez ramos gil ramirez serrano "
    "blanco molina suarez"
)
TOWNS = "madrid barcelona valencia sevilla zaragoza malaga murcia palma bilbao alicante cordoba vigo gijon soria"
NUMBERS = "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {})"
TIME = (
    "'20' || (18 + i % 8) || '-' || (10 + i % 3) || '-' || (10 + i % 17) || 'T12:' || (10 + i % 49) || ':30.'"
    " || (100000 + i) || 'Z'"
)
EMAIL = (
    "CASE WHEN id % 50 = 0 THEN 'info' ELSE given_name || '.' || family_name END"
    " || '@c' || (1000000 + id) || '.example'"
)
LINES = '[{"sku":"SKU10001","title":"Shirt","quantity":1,"unit_price":1000}]'


def one_of(words: str) -> str:
    """Rows of a number and a word, to join with."""
    return "(" + " UNION ALL ".join(f"SELECT {n} AS n, '{word}' AS word" for n, word in enumerate(words.split())) + ")"


def skewed(multiplier: int, modulus: int, count: int) -> str:
    """A number below `count` for each i: small ones are many, large ones few; nearly as if by chance."""
    chance = f"(i * {multiplier} % {modulus})"
    return f"{chance} * {chance} * {count} / {modulus * modulus}"


FILL = (
    # Customers 9 and 10, 19 and 20, ... are one person each.
    f"""INSERT INTO customers (person_id, source, external_id, stated, given_name, family_name, city, has)
    {NUMBERS.format(CUSTOMERS)} SELECT CASE WHEN i % 10 = 9 THEN i WHEN i % 10 = 0 THEN i - 1 END,
        'shop', 'C' || (1000000 + i), 1, g.word, f.word, t.word, 31
    FROM n JOIN {one_of(GIVEN)} g ON g.n = {skewed(7919, 1000, len(GIVEN.split()))}
    JOIN {one_of(FAMILY)} f ON f.n = {skewed(6133, 997, len(FAMILY.split()))}
    JOIN {one_of(TOWNS)} t ON t.n = {skewed(5227, 991, len(TOWNS.split()))} ORDER BY i""",
    f"UPDATE customers SET given_name = 'quirina', family_name = 'zurbaran' WHERE id = {RARE}",
    f"""UPDATE customers SET emails = '[{{"value":"' || {EMAIL} || '","verified":true}}]'""",
    f"""INSERT INTO customers (source, external_id, has) {NUMBERS.format(GUESTS)}
    SELECT '@email', 'guest' || (1000000 + i) || '@mail.example', 31 FROM n ORDER BY i""",
    "INSERT INTO customer_keys (source, external_id, customer_id) SELECT source, external_id, id FROM customers",
    f"""INSERT INTO identities (kind, value, customer_id, verified) SELECT 'email', {EMAIL}, id, 1
    FROM customers WHERE stated = 1""",
    """INSERT INTO identities (kind, value, customer_id, verified)
    SELECT 'phone', '+34' || (600000000 + id / 2), id, 0 FROM customers WHERE stated = 1""",
    """INSERT INTO identities (kind, value, customer_id, verified)
    SELECT 'card', CAST(2900000000000 + id AS TEXT), id, 1 FROM customers WHERE stated = 1 AND id % 3 <> 2""",
    """INSERT INTO customer_words (customer_id, words) SELECT id, given_name || ' ' || family_name || ' ' || city || ' '
        || CASE WHEN id % 50 = 0 THEN 'info ' ELSE '' END || '34' || (600000000 + id / 2) || ' ' || (600000000 + id / 2)
    FROM customers WHERE stated = 1""",
    """INSERT INTO customer_words (customer_id, words) SELECT id, substr(external_id, 1, 12) FROM customers
    WHERE stated = 0""",
    f"INSERT INTO vocabulary (word) SELECT word FROM {one_of(f'{GIVEN} {FAMILY} {TOWNS} quirina zurbaran')} w",
    f"INSERT INTO vocabulary (word) {NUMBERS.format(20_000)} SELECT 'zz' || i FROM n",
    # The walk-in customer's, then of tills that ask nobody: half of them in a store where nobody is ever asked.
    f"""INSERT INTO orders (customer_id, placed_at, id, store, source, external_id, number, channel, status, currency,
        total, lines) {NUMBERS.format(ORDERS_MADE)} SELECT
        CASE WHEN i <= 20000 THEN {WALK_IN} WHEN i <= 60000 THEN 0 ELSE 2 + i % {CUSTOMERS + GUESTS - 1} END, {TIME}, i,
        CASE WHEN i > 20000 AND i <= 30000 THEN 'NOBODY' WHEN i <= 60000 OR i % 3 > 0 THEN 'M' || (10 + i % 20) END,
        'shop', 'O' || (1000000 + i), CASE WHEN i > 20000 AND i <= 60000 THEN 'T' ELSE 'SO' END || (1000000 + i),
        CASE WHEN i % 3 = 0 THEN 'online' ELSE 'store' END, CASE WHEN i % 15 = 0 THEN 'cancelled' ELSE 'paid' END,
        'EUR', 1000, '{LINES}' FROM n""",
    """INSERT INTO customer_references (kind, value, customer_id, record_kind, record_source, record_external_id)
    SELECT 'email', 'guest' || (1000000 + id % 5000) || '@mail.example', customer_id, 'order', source, external_id
    FROM orders WHERE customer_id > 1 AND id % 5 = 0""",
    f"""INSERT INTO customer_references (kind, value, customer_id, record_kind, record_source, record_external_id)
    VALUES ('phone', '+34600000100', {SUGGESTED}, 'order', 'shop', 'O1060001')""",
    """INSERT INTO snapshots (kind, source, external_id, row_id, customer_id, placed_at, updated_at, content_hash)
    SELECT 'order', source, external_id, id, customer_id, placed_at, placed_at, 'hash' FROM orders""",
    # The walk-in customer has 50 carts, tills leave 10,000 of nobody's.
    f"""INSERT INTO carts (customer_id, source, external_id, status, currency, updated_at) {NUMBERS.format(40_000)}
    SELECT CASE WHEN i <= 10000 THEN 0 WHEN i <= 10050 THEN {WALK_IN} ELSE i - 10048 END, 'shop', 'K' || (1000000 + i),
        CASE WHEN i % 5 = 0 THEN 'bought' ELSE 'open' END, 'EUR', {TIME} FROM n ORDER BY i""",
    """INSERT INTO cart_lines (customer_id, cart_id, position, line, sku, title, quantity, unit_price, shop_quantity)
    SELECT c.customer_id, c.id, p.n, p.n + 1, 'SKU' || (10000 + (c.id * 7 + p.n) % 20000), 'Shirt', 1, 1000, 1
    FROM carts c CROSS JOIN (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2) p""",
    """INSERT INTO snapshots (kind, source, external_id, row_id, customer_id, updated_at, content_hash)
    SELECT 'cart', source, external_id, id, customer_id, updated_at, 'hash' FROM carts""",
    f"""INSERT INTO wishlists (customer_id, source, external_id, name, updated_at) {NUMBERS.format(30_000)}
    SELECT 1 + i, 'shop', 'W' || (1000000 + i), 'Wishes', {TIME} FROM n ORDER BY i""",
    """INSERT INTO wishlist_items (customer_id, wishlist_id, position, sku, added_at)
    SELECT w.customer_id, w.id, p.n, 'SKU' || (10000 + (w.id * 11 + p.n) % 20000), w.updated_at
    FROM wishlists w CROSS JOIN (SELECT 0 AS n UNION ALL SELECT 1) p""",
    """INSERT INTO snapshots (kind, source, external_id, row_id, customer_id, updated_at, content_hash)
    SELECT 'wishlist', source, external_id, id, customer_id, updated_at, 'hash' FROM wishlists""",
    f"""INSERT INTO views (customer_id, viewed_at, sku, source) {NUMBERS.format(120_000)}
    SELECT CASE WHEN i <= 20000 THEN {WALK_IN} ELSE 2 + i % 40000 END, {TIME}, 'SKU' || (10000 + i % 20000), 'shop'
    FROM n""",
    f"""INSERT INTO notes (customer_id, text, written_at) {NUMBERS.format(20_000)}
    SELECT 2 + i % 10000, 'Likes linen', {TIME} FROM n""",
    f"""INSERT INTO events (at, customer_id, store, body) {NUMBERS.format(150_000)}
    SELECT {TIME}, 1 + i % {CUSTOMERS}, 'M10', '{{"type":"preferences_changed"}}' FROM n""",
    f"""INSERT INTO product_ids (source, external_id) {NUMBERS.format(5_000)}
    SELECT 'shop', 'P' || (1000000 + i) FROM n ORDER BY i""",
    """INSERT INTO products (id, source, external_id, title, field_times)
    SELECT p.id, p.source, p.external_id, 'Shirt ' || w.word || ' P' || p.id, '{}'
    FROM product_ids p JOIN """
    + one_of("linen cotton wool silk")
    + """ w ON w.n = p.id % 4""",
    f"""INSERT INTO variants (product_id, sku, position, gtin, title, options, price, currency, stated_at)
    {NUMBERS.format(20_000)} SELECT 1 + i / 4 % 5000, 'SKU' || (10000 + i % 20000), i % 4,
        CAST(10000000000000 + i AS TEXT), 'Shirt', '{{}}', 1000, 'EUR', {TIME} FROM n""",
    """INSERT INTO product_words (product_id, since, until, words)
    SELECT id, 0, 9223372036854775807, lower(title) FROM products""",
    # Of so few a server reads all rather than the first; a catalogue has more.
    f"""INSERT INTO product_words (product_id, since, until, words) {NUMBERS.format(60_000)}
    SELECT 1000000 + i, 0, 9223372036854775807, 'other x' || i FROM n""",
    f"INSERT INTO product_vocabulary (word) SELECT word FROM {one_of('shirt linen cotton wool silk')} w",
    f"INSERT INTO product_vocabulary (word) {NUMBERS.format(20_000)} SELECT 'zz' || i FROM n",
    "INSERT INTO product_words_due (product_id) SELECT 1000000 + id FROM product_ids",
    f"""INSERT INTO stores (code, name, field_times) {NUMBERS.format(20)}
    SELECT 'M' || (10 + i % 20), 'Store ' || i, '{{}}' FROM n""",
    """INSERT INTO stock (sku, store, quantity, updated_at, source)
    SELECT v.sku, s.code, v.position, v.stated_at, 'shop' FROM variants v JOIN stores s ON s.code < 'M15'""",
    f"""INSERT INTO pictures (hash, size, digest, media_type, content) {NUMBERS.format(10_000)}
    SELECT 'hash' || (10000 + i / 2), CASE WHEN i % 2 = 0 THEN 'large' ELSE 'small' END, '', 'image/png', {{hash}}
    FROM n""",
    f"""INSERT INTO picture_links (link, hash, due_at, wanted_at) {NUMBERS.format(20_000)}
    SELECT 'https://img.example/' || (10000 + i), CASE WHEN i % 4 > 0 THEN 'hash' || (10000 + i / 2) END,
        CASE WHEN i % 4 = 0 THEN '2031' ELSE {TIME} END, {TIME} FROM n""",
    f"""INSERT INTO picture_links (link, hash, wanted_at) {NUMBERS.format(5_000)}
    SELECT 'beside:shop/' || (10000 + i), NULL, {TIME} FROM n""",
    f"""INSERT INTO devices (kind, store, name, token_hash, enrolled_at, seen_at) {NUMBERS.format(2_000)}
    SELECT 'tablet', 'M' || (10 + i % 20), 'Tablet', {{hash}}, {TIME}, {TIME} FROM n""",
    f"""INSERT INTO staff (name, role, badge_hash, pin_hash, added_at) {NUMBERS.format(4_000)}
    SELECT 'Ana', 'associate', {{hash}}, 'hash', {TIME} FROM n""",
    "INSERT INTO staff_stores (staff_id, store) SELECT id, 'M' || (10 + id % 20) FROM staff",
    f"""INSERT INTO sessions (token_hash, device_id, staff_id, store, started_at, seen_at, ends_at, ended_at)
    {NUMBERS.format(60_000)} SELECT {{hash}}, 1 + i % 2000, 1 + i % 4000, 'M10', {TIME}, {TIME}, {TIME},
        CASE WHEN i <= 59000 THEN {TIME} END FROM n""",
    f"""INSERT INTO pin_tries (subject, wrong, wrong_at, wait_until) {NUMBERS.format(20_000)}
    SELECT CASE WHEN i <= 10000 THEN 'code:' || i ELSE 'staff:' || i || '@1' END, 1, {TIME}, {TIME} FROM n""",
    f"""INSERT INTO idempotency_keys (caller, key, request_hash, answer, answered_at) {NUMBERS.format(50_000)}
    SELECT 'shop', 'key' || i, 'hash', '{{}}', {TIME} FROM n""",
    f"INSERT INTO tombstones (mac, erased_at) VALUES ('{mac(ANY_CARD.tombstones, ('check',))}', '2025')",
    f"""INSERT INTO tombstones (mac, erased_at) {NUMBERS.format(50_000)} SELECT 'mac' || i, {TIME} FROM n""",
    f"""INSERT INTO erasures (customer_id, person_id, erased_at, orders, scrubbed_at) {NUMBERS.format(20_000)}
    SELECT 1000000 + i, 1000000 + i - i % 2, {TIME}, 1, CASE WHEN i > 1 THEN {TIME} END FROM n""",
    f"""INSERT INTO consents_log (customer_id, channel, contact, at, statement, granted, source, recorded_at)
    {NUMBERS.format(CUSTOMERS)} SELECT i, 'email', '', {TIME}, 'hash', 1, 'shop', {TIME} FROM n""",
    f"""INSERT INTO retention_runs (night, holder, held_until, started_at, ended_at, removed) {NUMBERS.format(2_000)}
    SELECT 'night' || i, 'server', {TIME}, {TIME}, {TIME}, '{{}}' FROM n""",
    f"""INSERT INTO audit_chains (id, first, program, begun_at, heads, heads_seal, before, mac)
    {NUMBERS.format(500)} SELECT 'chain' || (1000 + i), 1, 'server', {TIME}, 0, '', {{hash}}, {{hash}} FROM n""",
    f"""INSERT INTO audit_looks (chain, position, at, kind, device_id, staff_id, why, people, sealed, mac)
    {NUMBERS.format(100_000)} SELECT 'chain' || (1000 + i % 500), 1 + i / 500, {TIME}, 'tablet', 7, 8, 'scan', '[1]', 0,
        {{hash}} FROM n""",
    f"""INSERT INTO kiosk_challenges (device_id, store, way, contact_hash, code_hash, customer_id, tries, asked_at,
        expires_at, ended_at) {NUMBERS.format(20_000)} SELECT 1 + i % 2000, 'M' || (10 + i % 20),
        CASE WHEN i % 4 = 0 THEN 'vouch' ELSE 'code' END, CASE WHEN i % 4 > 0 THEN {{hash}} END, {{hash}},
        CASE WHEN i % 3 = 0 THEN i END, 0, {TIME}, {TIME}, CASE WHEN i > 100 THEN {TIME} END FROM n""",
    f"""INSERT INTO help_calls (device_id, store, about, called_at, ended_at, staff_id) {NUMBERS.format(20_000)}
    SELECT i, 'M' || (10 + i % 20), 'help', {TIME}, CASE WHEN i > 100 THEN {TIME} END, 8 FROM n""",
    f"""INSERT INTO kiosk_codes (code_hash, expires_at) {NUMBERS.format(20_000)}
    SELECT {{hash}}, '2027' || {TIME} FROM n""",
    f"""INSERT INTO kiosk_sessions (token_hash, device_id, customer_id, proof, started_at, seen_at, ends_at, ended_at)
    {NUMBERS.format(20_000)} SELECT {{hash}}, 1 + i % 2000, 1 + i, 'code', {TIME}, {TIME}, {TIME},
        CASE WHEN i > 100 THEN {TIME} END FROM n""",
    f"""INSERT INTO handoffs (code_hash, store, customer_id, cart_id, source, external_id, state, device_id, issued_at,
        until, ended_at) {NUMBERS.format(20_000)} SELECT {{hash}}, 'M10', 1 + i, i, 'shop', 'K' || (1000000 + i),
        CASE WHEN i > 100 THEN 'completed' ELSE 'issued' END, 1, {TIME}, {TIME}, CASE WHEN i > 100 THEN {TIME} END
    FROM n""",
    f"""INSERT INTO refused_records (origin, line, path, reason, text, text_hash, refused_at) {NUMBERS.format(20_000)}
    SELECT 'file', CAST(i AS INTEGER), '$', 'it is none', '{{}}', {{hash}}, {TIME} FROM n""",
)


class Watched:
    """A connection that looks at every query as it runs: how it is planned, and how much it reads for what it gives."""

    def __init__(self, inner: SqliteConnection | PostgresConnection, modes: Iterable[str] = ()) -> None:
        self.inner = inner
        self.engine: EngineName = inner.engine
        self.asked: set[str] = set()
        self.faults: dict[str, None] = {}
        self._modes = tuple(modes)
        self._looks: Counter[str] = Counter()
        self._prepared: dict[tuple[str, tuple[str, ...]], sql.Identifier] = {}
        self._late: dict[Query, list[Mapping[str, Any]]] = defaultdict(list)

    def all(self, query: Query, **values: Any) -> list[Row]:
        return self._watch(query, values, lambda: self.inner.all(query, **values), len)

    def one(self, query: Query, **values: Any) -> Row | None:
        return self._watch(query, values, lambda: self.inner.one(query, **values), lambda _: 1)

    def run(self, query: Query, **values: Any) -> int:
        return self._watch(query, values, lambda: self.inner.run(query, **values), int)

    def run_many(self, query: Query, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            self.run(query, **row)

    def run_rows(self, query: Query, rows: Iterable[Sequence[Any]]) -> None:
        names = dict.fromkeys(re.findall(r"(?<!:):(\w+)", query.sqlite))
        self.run_many(query, [dict(zip(names, row, strict=True)) for row in rows])

    def run_late(self, query: Query, row: Mapping[str, Any]) -> None:
        self._late[query].append(row)

    def flush(self) -> None:
        late, self._late = self._late, defaultdict(list)
        for query, rows in late.items():
            self.run_many(query, rows)

    def go(self, journey: Callable[[Connection], object]) -> None:
        """Do what a shop does, and take it back."""
        self._looks.clear()
        raw = self.inner.raw
        if isinstance(raw, apsw.Connection):
            raw.execute("BEGIN")
        try:
            journey(self)
            self.flush()
        finally:
            raw.execute("ROLLBACK")

    def _watch(self, query: Query, values: Mapping[str, Any], run: Callable[[], T], given: Callable[[T], int]) -> T:
        self.asked.add(query.name)
        if query.name in COLD:
            return run()
        if isinstance(self.inner, SqliteConnection):
            return self._watch_sqlite(self.inner.raw, query, values, run, given)
        self._looks[query.name] += 1
        if self._looks[query.name] <= LOOKS:
            self._look_postgresql(self.inner.raw, query, values)
        return run()

    def _watch_sqlite(
        self,
        raw: apsw.Connection,
        query: Query,
        values: Mapping[str, Any],
        run: Callable[[], T],
        given: Callable[[T], int],
    ) -> T:
        for *_, detail in raw.execute(f"EXPLAIN QUERY PLAN {query.sqlite}", values):
            if is_scan(detail, query.sqlite) and ("sqlite", query.name) not in NO_ROWS:
                self.faults[f"{query.name}: {detail}"] = None
        hundreds = 0

        def tick() -> int:
            nonlocal hundreds
            hundreds += 1
            return 0

        raw.set_progress_handler(tick, 100)
        try:
            answer = run()
        finally:
            raw.set_progress_handler(None, 0)
        self._weigh(query, "steps", 100 * hundreds, STEPS, STEPS_A_ROW * given(answer), values)
        return answer

    def _look_postgresql(self, raw: psycopg.Connection[Row], query: Query, values: Mapping[str, Any]) -> None:
        name = self._prepare(raw, query, values)
        arguments = sql.SQL(", ").join(map(sql.Literal, values.values()))
        execute = sql.SQL("EXECUTE {}({})" if values else "EXECUTE {}").format(name, arguments)
        for mode in self._modes:
            raw.execute("SAVEPOINT look")
            raw.execute(sql.SQL("SET LOCAL plan_cache_mode = {}").format(sql.Identifier(mode)))
            found = raw.execute(sql.SQL("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {}").format(execute)).fetchone()
            raw.execute("ROLLBACK TO look")
            raw.execute("RELEASE look")
            assert found
            plan = found[0][0]["Plan"]
            read = 0
            for node in nodes(plan):
                # What goes through what others read is no reading; nor are a bitmap's entries, numbers from an index.
                if "Relation Name" in node and "Scan" in node["Node Type"]:
                    read += rows_read(node)
                if node["Node Type"] == "Seq Scan" and node["Relation Name"] not in SMALL:
                    self.faults[f"{query.name}: Seq Scan of {node['Relation Name']} ({mode})"] = None
            # A write that returns nothing gives what it writes.
            given = plan["Plans"][0]["Actual Rows"] if plan["Node Type"] == "ModifyTable" else plan["Actual Rows"]
            self._weigh(query, f"rows ({mode})", read, ROWS, ROWS_A_ROW * given, values)

    def _prepare(self, raw: psycopg.Connection[Row], query: Query, values: Mapping[str, Any]) -> sql.Identifier:
        """As the driver does: numbers are BIGINT, texts are whatever the statement makes of them."""
        types = tuple(_TYPES[type(value)] for value in values.values())
        name = self._prepared.get((query.name, types))
        if name is None:
            name = self._prepared[query.name, types] = sql.Identifier(uuid4().hex)
            places = {key: f"${n}" for n, key in enumerate(values, 1)}
            statement = re.sub(r"%\((\w+)\)s", lambda found: places[found[1]], query.postgresql).replace("%%", "%")
            head = sql.SQL("PREPARE {} {} AS ").format(name, sql.SQL("(" + ", ".join(types) + ")" if types else ""))
            raw.execute(head + sql.SQL(statement))
        return name

    def _weigh(self, query: Query, unit: str, work: int, free: int, due: int, values: Mapping[str, Any]) -> None:
        if work > free * WIDE.get(query.name, 1) + due:
            self.faults[f"{query.name}: {work:,} {unit} with {values}"] = None


_TYPES = {int: "bigint", str: "unknown", bytes: "bytea", float: "double precision", type(None): "unknown"}


def is_scan(detail: str, statement: str) -> bool:
    """Whether a line of SQLite's plan reads a large table from end to end.

    SEARCH goes by a key or an index, but one that is made for the query (AUTOMATIC) is made by a scan. SCAN of anything
    that is no table is fine: of a JSON list's members, of constants, of a subquery whose own lines are looked at. So is
    the index of words with an expression to look for (M).
    """
    found = re.match(r"(SCAN|SEARCH) (\w+)(.*)", detail)
    if found is None or found[2] not in large_names(statement):
        return False
    if "VIRTUAL TABLE" in found[3]:
        return re.search(r"INDEX \d+:.*M", found[3]) is None
    return found[1] == "SCAN" or "AUTOMATIC" in found[3]


def large_names(statement: str) -> set[str]:
    """The large tables of a statement, and the names it gives them."""
    large = TABLES - SMALL
    found = re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)(?:\s+(?:AS\s+)?(\w+))?", statement)
    return {name for table, alias in found if table in large for name in (table, alias)}


def nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every node of PostgreSQL's plan."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def rows_read(node: Mapping[str, Any]) -> int:
    """How many rows a scan went through, those it threw away too."""
    away = ("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter")
    rows: int = (node["Actual Rows"] + sum(node.get(key, 0) for key in away)) * node["Actual Loops"]
    return rows


@contextmanager
def crowded(engines: Engines, engine: EngineName) -> Iterator[list[Watched]]:
    """A database with 100,000 customers: how those who read, and those who write, see it."""
    if engine == "sqlite":
        conn = memory()
        with closing(conn.raw):
            fill(lambda statement: conn.raw.execute(statement.replace("{hash}", "CAST(i AS BLOB)")))
            # One and the same plan for all: nobody analyses tables there.
            yield [Watched(conn), Watched(conn)]
        return
    address = engines.cluster.new()
    try:
        with closing(psycopg.connect(address)) as reader, closing(psycopg.connect(address)) as writer:
            fill(lambda statement: writer.execute(statement.replace("{hash}", "CAST('x' || i AS BYTEA)").encode()))
            writer.execute(
                "INSERT INTO events_new (at, customer_id, body) SELECT at, customer_id, body FROM events LIMIT 20000"
            )
            writer.execute("ANALYZE")
            writer.commit()
            # The driver forgets every prepared statement at a rollback where it prepared any itself.
            reader.prepare_threshold = writer.prepare_threshold = None
            _make_reader(reader)
            _make_writer(writer)
            # Whoever runs a statement often comes to use one plan for all values; till then, and for what is read
            # aside, each is planned with its own.
            modes = ["force_custom_plan", "force_generic_plan"]
            yield [Watched(PostgresConnection(raw), modes) for raw in (reader, writer)]
    finally:
        engines.cluster.drop(address)


def fill(execute: Callable[[str], object]) -> None:
    """Make a chain: 100,000 customers and all that they did."""
    for statement in FILL:
        execute(statement)


TABLES = {name for (name,) in memory().raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

LATER = 24 * 20
"""The hour of a statement that is newer than all that are there."""


def searches(
    text: str, store: str | None = "M10", *, corrected: bool = False, nobody: bool = False
) -> Callable[[Connection], object]:
    """Somebody types at the counter."""

    def journey(conn: Connection) -> object:
        vocabulary = Vocabulary()
        if corrected:
            vocabulary.refresh(conn)
        found = search(conn, SearchRequest(text=text, store=store), vocabulary)
        assert bool(found.hits) is not nobody
        assert bool(found.corrected) is corrected
        return found

    return journey


def looks_for(text: str, *, corrected: bool = False, nothing: bool = False) -> Callable[[Connection], object]:
    """Somebody looks for an article at the counter."""

    def journey(conn: Connection) -> object:
        found = article_search(conn, ProductSearch(text=text, store="M10"), ArticleVocabulary())
        assert bool(found.hits) is not nothing
        assert bool(found.corrected) is corrected
        return found

    return journey


def scans(code: Card | Gtin | Other) -> Callable[[Connection], object]:
    """Somebody scans a code at the counter."""
    return lambda conn: scan(conn, code, "M10", NOW)


READS: tuple[Callable[[Connection], object], ...] = (
    scans(Card("2900000000001")),
    scans(Card("2900000000010")),
    scans(Card("2900000000004")),
    scans(Card("2900000099999")),
    scans(Gtin("10000000000077")),
    scans(Gtin("00000000000077")),
    scans(Other("SKU10077")),
    scans(Other("SO1150000")),
    scans(Other("T1025000")),
    scans(Other("nothing")),
    lambda conn: of_customer(conn, WALK_IN, "M10", NOW),
    lambda conn: of_customer(conn, LINKED, None, NOW),
    lambda conn: of_customer(conn, SUGGESTED, None, NOW),
    lambda conn: of_customer(conn, CUSTOMERS + 7, None, NOW),
    lambda conn: orders_page(conn, WALK_IN, None, 50),
    lambda conn: orders_page(conn, WALK_IN, "2020-11-15T12:30:30.110000Z.10000", 50),
    lambda conn: wishers_of(conn, TERMINAL, "SKU10077", "M10", None, 20),
    lambda conn: wishers_of(conn, TERMINAL, "SKU10077", None, "2020-11-15T12:30:30.110000Z.10000", 20),
    lambda conn: count_wishers(conn, TERMINAL, "SKU10077", None),
    searches("quirina"),
    searches("zurb"),
    searches("maria"),
    searches("ma"),
    searches("maria garcia"),
    searches("garcia madrid"),
    searches("maria gar"),
    searches("carlos suarez soria"),
    searches("diego suarez"),
    searches("quirnia", corrected=True),
    searches("maria zurbarn", nobody=True),
    searches("600000123"),
    searches("0034600000123"),
    searches("info@"),
    searches("info@c1"),
    searches("guest1000123@mail.example"),
    searches("SO1150000"),
    searches("SO1"),
    searches("T10", nobody=True),
    searches("maria", "NOBODY"),
    lambda conn: conn.all(customers.SQL.vocabulary_after, id=20_000),
    looks_for("shirt"),
    looks_for("sh wool"),
    looks_for("shirt p77"),
    looks_for("shrit wol", corrected=True),
    looks_for("nothing like it", nothing=True),
    looks_for("SKU10"),
    looks_for("wool sku100"),
    looks_for("10000000000077"),
    looks_for("1000000"),
    lambda conn: conn.all(catalog.SQL.spoken_after, id=20_000),
    words_index.due,
    lambda conn: catalog.product_by_sku(conn, "SKU10077", "M10"),
    lambda conn: catalog.picture(conn, "hash10077", "small"),
    lambda conn: catalog.picture(conn, "hash10077", "large"),
    lambda conn: conn.all(catalog.SQL.items_in_order, skus='["SKU10077", "SKU10078"]'),
    stores.all_stores,
    lambda conn: stores.by_code(conn, "M10"),
    lambda conn: refused(conn, None, 100),
    lambda conn: refused(conn, 10_000, 100),
    lambda conn: live.after(conn, 75_000, PAGE),
    lambda conn: live.after(conn, 149_990, PAGE),
    live.last,
    live.kept,
    lambda conn: live.person_of(conn, LINKED),
    lambda conn: events.after(conn, 75_000, 1_000),
    events.unsettled,
    lambda conn: conn.one(HEALTH.answers),
    lambda conn: export_of(conn, LINKED, NOW),
    lambda conn: erasure_of(conn, 1_000_007),
    lambda conn: unscrubbed(conn, 100),
    lambda conn: is_ended(conn, "2026-11-21"),
    lambda conn: len([*audit.chains_of_rows(conn)]),
    lambda conn: len([*audit.links(conn, "chain1077")]),
    lambda conn: audit.looks(conn, audit.Wanted(), 50),
    lambda conn: audit.looks(conn, audit.Wanted(since="2025"), 50),
)


def an_import(conn: Connection) -> object:
    """A batch of what sources say, of everything that is there and that is new."""
    some = range(1_000_100, 1_000_140)
    return take(
        conn,
        *(customer(f"X{n}", LATER, given_name="Nueva") for n in some),
        *(customer(f"C{n}", LATER, given_name="Nueva", city="Lugo", emails=(f"n{n}@c.example",)) for n in some),
        *(order(f"O{n}", LATER, who(f"C{n}"), lines=2) for n in some),
        *(order(f"O{n}", LATER, who(email=f"guest{n}@mail.example")) for n in range(1_200_000, 1_200_040)),
        *(order(f"N{n}", LATER, who(card="2900000000301", email=f"g{n}@new.example")) for n in range(20)),
        *(cart(f"K{n + 10_100}", LATER, who(f"C{n}"), quantity=3) for n in some),
        *(cart(f"K{n + 10_100}", LATER + 1, who(f"C{n}"), quantity=3) for n in some),
        *(cart(f"N{n}", LATER, who(f"C{n}")) for n in some),
        *(wishlist(f"W{n}", LATER, who(f"C{n}")) for n in some),
        *(wishlist(f"W{n}", LATER + 1, who(f"C{n}")) for n in some),
        *(wishlist(f"N{n}", LATER, who(f"C{n}")) for n in some),
        *(view(n, who(phone="+34600000123")) for n in range(5)),
        *(product(f"P{n}", LATER, title="Coat", variants=(variant(f"SKU{n}"), variant(f"N{n}"))) for n in some),
        product("new", LATER, variants=(variant("new"),)),
        *(stock(7, LATER, sku=f"SKU{n}", store="M10") for n in range(10_000, 10_005)),
        store("M10", LATER, name="Gran Vía"),
        *(deletion("customer", f"C{n}", LATER + 2) for n in range(1_000_100, 1_000_103)),
        *(deletion("order", f"O{n}", LATER + 2) for n in range(1_000_104, 1_000_107)),
        *(deletion("cart", f"K{n}", LATER + 2) for n in range(1_010_204, 1_010_207)),
        *(deletion("wishlist", f"W{n}", LATER + 2) for n in range(1_000_104, 1_000_107)),
        *(deletion("product", f"P{n}", LATER + 2) for n in range(1_000_104, 1_000_107)),
        *(redaction(f"C{n}", LATER + 2) for n in range(1_000_108, 1_000_112)),
    )


def one_record_each(conn: Connection) -> None:
    """What webhooks bring: one record a transaction."""
    take(conn, order("O1000200", LATER, who("C1000300")))
    take(conn, order("N1", LATER, who("C1000300")))
    take(conn, order("O1000200", LATER + 1, who(email="somebody@new.example")))
    take(conn, order("O1000200", LATER + 2, who("C1000301")))


def a_note(conn: Connection) -> Note:
    """A note, under one key."""
    request = Repeatable(key="new", door="door", body=b"")
    return once(conn, TERMINAL, request, Note, NOW, customer_actions.add_note, LINKED, NewNote(text="Likes linen"))


def changes_of_carts(conn: Connection) -> None:
    """Carts of whoever has many are changed at the counter, and one is sold."""
    place = carts.Place(WALK_IN, 10_001)
    carts.add_line(conn, TERMINAL, place, NewCartLine(sku="SKU10077"), NOW)
    carts.set_line(conn, TERMINAL, place, 1, LineQuantity(quantity=2, base_quantity=1), NOW)
    carts.set_line(conn, TERMINAL, place, 2, LineQuantity(quantity=1, base_quantity=1, sku="SKU20010"), NOW)
    wanted = JoinCarts(source=10_001, target=10_002)
    assert len(customer_actions.join_carts(conn, TERMINAL, WALK_IN, wanted, NOW).lines) > 3
    carts.convert_cart(conn, place, NOW)


def access_of(conn: Connection) -> None:
    """Devices, people and sessions, from the first code to the last sign-out."""
    now, keys = NOW, KEYS
    device, other = enrolled(conn), enrolled(conn, "till")
    again = access.next_token(conn, caller_of(other), keys)
    admit(conn, again.token)
    take_next_token(conn, other.device_id, hash_of(keys.tokens, again.token))
    request = Repeatable(key="code", door="door", body=b"")
    wrong = once(
        conn, TERMINAL, request, ProblemError, now, access.enrol, EnrolmentCode(code="WRONG"), "192.0.2.7", keys
    )
    assert isinstance(wrong, ProblemError)
    member, gone = hired(conn, badge="badge"), hired(conn)
    claim = SignIn(badge="badge", pin=PIN)
    for started in range(2):
        tried = access.begin_try(conn, caller_of(device), claim, keys, now)
        staff = access.confirm_try(conn, caller_of(device), tried, now)
        token = access.start_session(conn, caller_of(device), staff, keys, 300, now).token
        caller = admit(conn, token)
        assert (caller.session_id, caller.stores) != (started, frozenset())
    touch(conn, caller, now)
    access.unlock(conn, caller, 300, now)
    access.sign_out(conn, caller, now, everywhere=False)
    access.sign_out(conn, caller, now, everywhere=True)
    access.set_stores(conn, TERMINAL, member.id, ["GV", "SE"])
    access.set_pin(conn, TERMINAL, member.id, PIN_HASH, now)
    access.end_waits_of_person(conn, TERMINAL, member.id)
    access.end_waits_of_device(conn, TERMINAL, device.device_id)
    access.remove_staff(conn, TERMINAL, gone.id, now)
    access.revoke_device(conn, TERMINAL, device.device_id, now)
    access_queries.all_staff(conn), access_queries.staff_in(conn, "GV"), access_queries.devices(conn)
    access_queries.has_manager(conn)


def admit(conn: Connection, token: str) -> Caller:
    """Whoever shows a token at a door that is open to all devices."""
    return caller_at(conn, Credentials(f"Bearer {token}".encode(), KEYS.tokens, 300), "GET /v1/stores", NOW)


def an_erasure(conn: Connection) -> None:
    """Two customers who are one person are erased, and come anew."""
    refused_line = b'{"type": "customer", "source": "shop", "external_id": "C1000009"'
    take_lines(conn, [Line(1, refused_line)], "file", ANY_CARD, NOW)
    assert erase(conn, LINKED, ANY_CARD, NOW).orders
    assert readmit(conn, "info@nobody.example", ANY_CARD) == 0
    set_scrubbed(conn, [LINKED], NOW)


def a_night(conn: Connection) -> None:
    """Of everything that is kept the first pages are gone through, and some of it is removed."""
    assert retention._begin(conn, "holder", "2026-11-21", NOW)
    run = retention._begin(conn, "holder", None, NOW)
    assert run
    for step in retention._STEPS:
        rows = retention._chunk(conn, step, step.first)
        assert len(rows) == retention.READ_AT_ONCE
        assert retention._remove(conn, step, [row[:-1] for row in rows[-2:]], "~", ANY_CARD, run, NOW)


def looks_on_record(conn: Connection) -> None:
    """A server puts looks on record, once more where it does not know, and lets go of the oldest."""
    looks = [Look("tablet", 1, 2, "scan", (LINKED,), NOW)] * 60
    chain = new_chain(bytes(32), "server", NOW, (0, ""))
    for again in (False, True):
        append(conn, bytes(32), chain, None, looks, 0, again=again)
    assert cut(conn, bytes(32), chain.id, "9") == 60


def a_night_of_feeds(conn: Connection) -> None:
    """A feed is compared with what is there, written, and shown; another died before, and left rows behind."""
    conn.run(catalog.SQL.add_source, source="shop")
    found = conn.one(catalog.SQL.source, source="shop")
    assert found is not None
    run, left = runs.begin(conn, "shop", "feed.tsv", NOW)
    assert not left
    generation = catalog.generation(conn) + 1
    feed = Feed("shop", found[0], "2026-11-21T12:00:00.000000Z", generation)
    groups = [(f"P{n}", [Staged(n, n, feed_row(f"P{n}", f"SKU{n - 990_000}"))]) for n in range(1_000_100, 1_000_140)]
    with closing(Staging()) as staging:
        assert compare(conn, feed, staging, groups, write=True).new
        take(conn, product("P1000100", LATER + 3, title="Coat again"))
        ids = [row[0] for row in conn.all(catalog.SQL.unwritten_products, id=0, limit=10)]
        assert compare_gone(conn, feed, staging, [1, 2], write=True).gone
    lost = conn.all(catalog.SQL.unwritten_variants, sku="", product_id=0, limit=10)
    conn.run_rows(catalog.SQL.drop_variant, lost[:2])
    conn.run_rows(catalog.SQL.drop_version, [(ids[0], generation)])
    assert conn.all(catalog.SQL.ended_variants, least=0, most=generation, limit=10)
    assert conn.all(catalog.SQL.ended_products, least=0, most=generation, limit=10)
    runs.keep_rejects(conn, run, 1, [RefusedRow(line=1, field="id", value="", rule="id is missing")], NOW)
    conn.run(catalog.SQL.note_unshown, id=run.id)
    run, left = runs.hold(conn, run.id, NOW)
    assert left
    _switch(conn, run, feed, Origin(), NOW, pictures=False, changed=True)
    assert catalog.generation(conn) == generation
    with closing(Staging()) as staging:
        again = [(name, [entry._replace(row_hash=7) for entry in staged]) for name, staged in groups[10:]]
        assert compare(conn, feed._replace(generation=generation + 1), staging, again, write=True) == Tally()
    assert _ids_of(conn, "shop", ["P1000100"])
    amended = [
        (row.product_id, [Staged(1, 8, feed_row(row.external_id, row.sku)._replace(price=7_000))])
        for row in amending._held(conn, feed, ["SKU10110", "SKU10111"])
    ]
    tomorrow = feed._replace(generation=generation + 1)
    assert amending.amend(conn, tomorrow, amended, write=True).jumps == 2
    new = {f"N{n}": [(n, n, feed_row(f"N{n}", f"NEW{n}"))] for n in range(20)}
    assert fresh.add_products(conn, tomorrow, new) == []
    assert len(fresh._written(conn, ["NEW1", "NEW2"], generation + 1)) == 2
    take(conn, product("N2", LATER, title="Coat"))
    assert fresh._coming(conn, tomorrow, ["N1", "N2"])
    assert fresh.take_back(conn, tomorrow, ["N1", "N2"]) == ({1}, {"N2"})
    assert _hashes(conn, [*range(100, 200)])
    assert list(live_rows(conn, found[0], 1_000))
    assert runs.latest(conn, 5)
    assert runs.run_of(conn, run.id)
    assert runs.rejects_of(conn, run.id, 0, 10)
    runs.forget_rejects(conn, run.id + 100, 10)


def pictures(conn: Connection) -> None:
    """Links are named and followed, from the network and beside a feed; what nobody names is let go of."""
    links.want(conn, [("https://img.example/new", 1), ("https://img.example/10004", 2), ("beside:shop/1", 3)], 1, NOW)
    due = links.take(conn, links.due(conn, NOW, 100), NOW)
    links.put_off(conn, [due[3].link], NOW)
    assert len(due) == 100
    new = Shrunk(Made("new", "image/png", b""), Made("small", "image/png", b""))
    kept = [links.Kept(due[0], new, "etag", None), links.Kept(due[1], None, "etag", None)]
    links.keep(conn, kept, [links.Failed(due[2], "it is none")], NOW)
    assert len(links.of_feed(conn, "shop", "beside:shop/12000", 100)) == 100
    assert len(conn.all(catalog.SQL.links, link="https://img.example/12000", limit=100)) == 100
    assert conn.run(catalog.SQL.forget_link, link="https://img.example/10004", before="2099")
    assert not conn.run(catalog.SQL.forget_picture, hash="hash10077")
    run, _ = runs.begin(conn, "shop", "feed.tsv", NOW)
    runs.add_pictures(conn, run.id, 1, [RefusedRow(line=1, field="image_link", value="", rule="it is none")])


def a_night_by_itself(conn: Connection) -> None:
    """A server takes the night, comes to nothing, and has it told; whether a night is open it asks again and again."""
    night, plan = night_of(NOW, "03:30", UTC), nights.Plan("shop", "feed.tsv")
    conn.run(catalog.SQL.take_night, night="2026-11-19", due_at="", holder="", until="", now="")
    assert nights.is_open(conn, night, NOW)
    assert nights.take(conn, night, plan, "holder", NOW) == 1
    assert nights.ended(conn, night, plan, "holder", 6, "it is away", NOW) == "failed"
    for id_, tries, _ in alarms._due(conn, timestamp(NOW)):
        assert alarms._take(conn, id_, tries, NOW)
        alarms._end(conn, id_)


def a_stocktake(conn: Connection) -> None:
    """All that a store has is counted, beside what was known of it."""
    at = "2030-11-21T12:00:00.000000Z"
    assert stocktake._begin(conn, "M11", "erp", "holder", at) == ""
    assert len(stocktake._page(conn, "M11", "SKU20000")) == stocktake.AT_ONCE
    rows = json.dumps([[f"SKU{n}", 1] for n in range(29_000, 29_100)])
    stocktake._put(conn, "M11", "holder", rows, at, "erp")
    count = StoreCount(store="M11", state="counted", changed=100)
    stocktake._end(conn, "M11", "holder", "erp", at, count, NOW, whole=True)
    assert catalog.stock(conn, ["nothing"], "M11")["nothing"].here


def feed_row(product: str, sku: str) -> FeedRow:
    """A row of a feed."""
    about = ("Coat", None, None, None, None)
    return FeedRow(product, sku, "Coat, red", 1200, "EUR", None, None, {"color": "red"}, None, "in_stock", *about)


def words_of_articles(conn: Connection) -> None:
    """Products get their words late, say others, and lose those of a run that died."""
    words_index.fill_some(conn, words_index.due(conn)[:1])
    generation = catalog.generation(conn)
    words = ProductWords("coat zz77", ("coat", "zz77"))
    words_index.set_words(conn, 7, [(0, generation, words), (generation + 1, 2**63 - 1, words)])
    words_index.set_words(conn, 8, [(0, 2**63 - 1, ProductWords("unheard", ("unheard",)))])
    words_index.set_words(conn, 8, [])
    words_index.write_coming(conn, generation + 1, [words_index.Coming(9, words, known=True)])
    assert conn.all(catalog.SQL.unwritten_words, id=0, limit=10)
    ended = conn.all(catalog.SQL.ended_words, least=0, most=generation, limit=10)
    words_index.drop(conn, ended)
    conn.run_rows(catalog.SQL.keep_words, [(generation, 10)])
    words_index.take_back(conn, generation + 1, {9})


def a_kiosk(conn: Connection) -> None:
    """Customers prove in each way who they are, go on with their carts, hand them over, and leave."""
    settings, keys = Settings(mail="smtp://localhost", mail_from="shop@shop.example"), KEYS
    kiosk = caller_of(enrolled(conn, "kiosk", "M10"))
    till = caller_of(enrolled(conn, "till", "M10"))
    marta = Caller(7, "tablet", "M10", 8, "associate", frozenset({"M10"}))
    pending: list[Pending] = []
    (record,) = customers.person(conn, 301)
    contact = Contact("email", contacts_in(record.emails)[0].value, None)
    asked = kiosks.ask_for_code(conn, kiosk, contact, keys, NOW, settings=settings, pending=pending)
    assert kiosks.address(conn, pending[0], by_mail=True, by_text=False)
    shown = CodeProof(challenge_id=asked.challenge_id, code="no")
    assert isinstance(kiosks.by_code(conn, kiosk, shown, keys, settings, NOW), ProblemError)
    shown = CodeProof(challenge_id=asked.challenge_id, code=pending[0].code)
    started = kiosks.by_code(conn, kiosk, shown, keys, settings, NOW)
    assert isinstance(started, KioskSession)
    gone = kiosks.ask_to_vouch(conn, kiosk, keys, settings, NOW)
    kiosks.withdraw(conn, kiosk, gone.challenge_id, NOW)
    waiting = kiosks.ask_to_vouch(conn, kiosk, keys, settings, NOW)
    assert kiosk_queries.waiting_here(conn, marta, NOW)
    said = Confirmation(customer_id=LINKED, digits=waiting.digits or "")
    assert kiosks.confirm(conn, marta, waiting.challenge_id, said, keys, NOW) is None
    started = kiosks.by_vouch(conn, kiosk, VouchProof(challenge_id=waiting.challenge_id), keys, settings, NOW)
    code = Continue("shop", "K1010301", "of-this-code", NOW)
    started = kiosks.go_on(conn, kiosk, code, keys, settings, NOW)
    customer = caller_at(conn, Credentials(f"Bearer {started.token}".encode(), KEYS.tokens, 300, 180), CART, NOW)
    touch(conn, customer, NOW)
    assert customer.guest
    assert kiosk_queries.whose(conn, customer.guest.session_id)
    assert kiosk_queries.seen_by(conn, customer, NOW).cart.carts
    for _ in range(2):
        called = calls.call(conn, customer, NewHelpCall(about="cart"), NOW)
    assert call_queries.waiting_here(conn, marta, NOW)
    assert calls.answer(conn, marta, called.call_id, NOW).answered_by
    for _ in range(2):
        issued = handoffs.issue(conn, customer, NewHandoff(way="till"), keys, settings, NOW)
    redeemed = handoffs.redeem(conn, till, HandoffCode(code=issued.code or ""), keys, NOW)
    assert isinstance(redeemed, RedeemedHandoff)
    assert handoff_queries.held_by(conn, till, NOW)[0]
    handoffs.complete(conn, till, redeemed.handoff_id, NOW)
    assert handoff_queries.came_from_kiosk(conn, till, redeemed.handoff_id)
    assert handoffs.release_overdue(conn, NOW)
    kiosks.leave(conn, kiosk, NOW)
    assert kiosks.end_left(conn, 180, NOW)


def a_shop_is_told(conn: Connection) -> None:
    """What happens to its carts, in order; what it can never take is skipped."""
    while event_actions.settle(conn):
        pass
    outbox.begin(conn, "shop")
    place = outbox_queries.place(conn, "shop")
    assert place is not None
    for what in (
        HandoffCompleted(handoff_id=1, cart_id=2**40),
        DeliveryAsked(cart_id=1, source="shop", way="pickup"),
    ):
        event_actions.record(conn, what, NOW)
    conn.flush()
    event_actions.settle(conn)
    assert outbox.take(conn, "shop", "this server", NOW)
    assert outbox_queries.places(conn)
    assert outbox_queries.next_for(conn, "shop", place.position).message
    outbox.failed(conn, "shop", "this server", 1, "503", NOW)
    skipped = outbox.skip(conn, "shop")
    assert skipped.message
    assert outbox.went_on(conn, "shop", "this server", skipped.position + 1, NOW)


CART = "GET /v1/kiosk/cart"

WRITES: tuple[Callable[[Connection], object], ...] = (
    an_import,
    a_shop_is_told,
    one_record_each,
    lambda conn: take_lines(conn, [Line(1, b"{"), Line(2, b"[]")], "file", ANY_CARD, NOW),
    lambda conn: [a_note(conn), a_note(conn)],
    lambda conn: customer_actions.set_preferences(conn, TERMINAL, LINKED, NewPreferences(likes=("linen",)), NOW),
    pictures,
    changes_of_carts,
    access_of,
    looks_on_record,
    a_kiosk,
    settle,
    lambda conn: set_consent(
        conn, TERMINAL, LINKED, "email", NewConsent(granted=True, wording="News", contact="a@a.example"), ANY_CARD, NOW
    ),
    an_erasure,
    a_night,
    a_night_of_feeds,
    words_of_articles,
    a_stocktake,
    a_night_by_itself,
)


def every_query() -> set[str]:
    """The names of all queries of all slices."""
    folders = {path.parent for path in Path(server.__file__).parent.glob("*/queries*.sql")}
    return {query.name for folder in folders for query in all_of(folder).values()}


def test_what_a_shop_asks_is_found_by_an_index(engines: Engines, engine: EngineName) -> None:
    """Of 100,000 customers no query scans a large table or reads much to give little, and every query is asked."""
    with crowded(engines, engine) as (reader, writer):
        for journey in READS:
            reader.go(journey)
        for journey in WRITES:
            writer.go(journey)
    assert [*reader.faults, *writer.faults] == []
    decided = reader.asked | writer.asked | COLD.keys()
    assert every_query() - decided == set(), "ask these in a journey, or say in COLD why not"
    assert decided - every_query() == set()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("SELECT id FROM customers WHERE city = :value", r"SCAN customers|Seq Scan of customers"),
        ("SELECT n.id FROM customers n WHERE n.city = :value", r"SCAN n|Seq Scan of customers"),
        ("SELECT max(id) FROM notes WHERE customer_id = 7 AND text <> :value", r"[0-9,]+ (steps|rows)"),
    ],
)
def test_a_bad_plan_is_noticed(conn: Connection, statement: str, fault: str) -> None:
    """A scan is told even of a table that is empty, and an index that gives thousands of rows to be thrown away."""
    assert isinstance(conn, SqliteConnection | PostgresConnection)
    conn.run(
        asked(f"INSERT INTO notes (customer_id, text, written_at) {NUMBERS.format(12_000)} SELECT 7, '', '' FROM n")
    )
    watched = Watched(conn, ["force_custom_plan", "force_generic_plan"])
    watched.all(asked(statement), value="")
    assert any(re.match(f"test: ({fault})", told) for told in watched.faults)


@pytest.mark.parametrize(
    ("text", "scan"),
    [
        ("SCAN c", True),
        ("SCAN customers USING COVERING INDEX customers_person", True),
        ("SEARCH c USING INTEGER PRIMARY KEY (rowid=?)", False),
        ("SEARCH c USING AUTOMATIC COVERING INDEX (city=?)", True),
        ("SCAN k VIRTUAL TABLE INDEX 1:", False),
        ("SCAN s", False),
        ("SCAN customer_words_index VIRTUAL TABLE INDEX 0:M1", False),
        ("SCAN customer_words_index VIRTUAL TABLE INDEX 0:", True),
        ("SCAN CONSTANT ROW", False),
    ],
)
def test_lines_of_a_plan_are_told_apart(text: str, scan: bool) -> None:
    """Large tables are known by any name that a statement gives them; lists, small tables and searches are fine."""
    statement = "SELECT 1 FROM customers c JOIN json_each('[]') k JOIN stores s JOIN customer_words_index"
    assert is_scan(text, statement) is scan
