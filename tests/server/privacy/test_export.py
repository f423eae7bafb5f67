"""Everything that is held of a person is in the document they get; what is not says why."""

import json
from typing import Any

import msgspec
import pytest

from server.db.engine import Connection
from server.privacy.export import of_customer
from server.wire.problems import ProblemError
from tests.server.given import NOW, memory, rows
from tests.server.privacy import people
from tests.server.privacy.test_erasure import number, with_everything

HERS = {
    "customers": "id IN (:ids)",
    "customer_references": "customer_id IN (:ids)",
    "customer_words": "customer_id IN (:ids)",
    "notes": "customer_id IN (:ids)",
    "views": "customer_id IN (:ids)",
    "orders": "customer_id IN (:ids)",
    "carts": "customer_id IN (:ids)",
    "cart_lines": "customer_id IN (:ids)",
    "wishlists": "customer_id IN (:ids)",
    "wishlist_items": "customer_id IN (:ids)",
    "consents_log": "customer_id IN (:ids)",
    "idempotency_keys": "customer_id IN (:ids)",
    "events": "customer_id IN (:ids)",
    "handoffs": "customer_id IN (:ids)",
    "refused_records": "line < 6",
}
"""Which rows of a table are a person's."""

NOT_EXPORTED = {
    "audit_chains.*": "where chains of looks begin",
    "audit_looks.*": "who saw whom, by numbers: `mostrador audit show --customer` tells it, and it stays as written",
    "customer_keys.*": "the source and id of each customer, which are exported with it",
    "identities.*": "the contacts of each customer with whether they are proven, which are exported with it",
    "snapshots.*": "what is newer of each order, cart and wish list; the time is exported with them",
    "devices.*": "of the chain: tablets, kiosks, tills",
    "enrolments.*": "codes for devices",
    "staff.*": "of who works here",
    "staff_stores.*": "of who works here",
    "sessions.*": "of who works here",
    "pin_tries.*": "of who works here; of contacts that were typed, keyed hashes",
    "kiosk_challenges.*": "gone after a day; keyed hashes of contacts and codes",
    "help_calls.*": "a kiosk's, whoever stood there",
    "kiosk_codes.*": "keyed hashes of shops' codes, gone after ten minutes",
    "kiosk_sessions.*": "gone after a day; that somebody was at a kiosk is on the record of looks",
    "handoffs.code_hash": "a keyed hash",
    "handoffs.cart_id": "the cart is named by its source and id",
    "handoffs.device_id": "where it was issued",
    "handoffs.staff_id": "of who works here",
    "handoffs.till_id": "which till it went to",
    "handoffs.until": "when it would have ended by itself",
    "notes.staff_id": "the number of whose name is exported as the author",
    "customers.has": "which tables are looked into; what is in them is exported",
    "customer_references.customer_id": "stands where it is named",
    "customer_words.customer_id": "stands where it is named",
    "carts.version": "a count of changes",
    "carts.next_line": "a number",
    "carts.seen_version": "a count of changes",
    "carts.till_until": "until when a till has it; where it went is exported",
    "carts.converted_at": "that it was sold is exported, and when that was of where it went",
    "cart_lines.line": "a number",
    "cart_lines.customer_id": "the cart's",
    "cart_lines.cart_id": "lines stand in their cart",
    "cart_lines.position": "lines stand in their order",
    "wishlist_items.customer_id": "the list's",
    "wishlist_items.wishlist_id": "wishes stand in their list",
    "wishlist_items.position": "wishes stand in their order",
    "consents_log.customer_id": "whose of one person's customers said it is not asked",
    "consents_log.statement": "a hash of the other columns",
    "idempotency_keys.request_hash": "a hash of what was asked",
    "idempotency_keys.customer_id": "whom the answers are exported for",
    "refused_records.text_hash": "a hash of the line",
    "vocabulary.*": "words without whose they are",
    "tombstones.*": "keyed hashes of people who are not here any more",
    "erasures.*": "numbers of people who are not here any more",
    "retention_runs.*": "counts",
    "order_ids.*": "a number",
    "stores.*": "of the chain",
    "products.*": "of the catalogue",
    "product_ids.*": "of the catalogue",
    "catalog_generations.*": "of the catalogue",
    "catalog_sources.*": "of the catalogue",
    "catalog_runs.*": "of the catalogue",
    "catalog_rejects.*": "of the catalogue",
    "product_words.*": "of the catalogue",
    "product_words_due.*": "of the catalogue",
    "product_vocabulary.*": "of the catalogue",
    "variants.*": "of the catalogue",
    "stock.*": "of the catalogue",
    "stock_counts.*": "of the catalogue",
    "catalog_nights.*": "of the catalogue",
    "catalog_alarms.*": "of the catalogue",
    "pictures.*": "of the catalogue",
    "picture_links.*": "of the catalogue",
    "outbox.*": "how far shops were told of events, which are exported",
    "schema_migrations.*": "of the program",
}
"""What a person's document does not show, and why nothing is missing by that."""


def columns() -> list[tuple[str, str]]:
    """Every column of every table."""
    raw = memory().raw
    tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [
        (table, row[1])
        for table in tables
        if not table.startswith(("customer_words_index", "product_words_index", "sqlite_"))
        for row in raw.execute(f"PRAGMA table_info({table})")
    ]


def leaves(value: Any) -> set[str]:
    """Every value in a document, and every key of what it names by words, as text."""
    if isinstance(value, dict):
        return {str(key) for key in value} | {leaf for inner in value.values() for leaf in leaves(inner)}
    if isinstance(value, list):
        return {leaf for inner in value for leaf in leaves(inner)}
    return {str(value).lower() if isinstance(value, bool) else str(value)}


def parts(column: str, value: Any) -> set[str]:
    """What of a row's value must be in the document: texts that are JSON or lists of words in their parts."""
    if column == "words":
        return set(value.split())
    if column in {"stated", "granted"}:
        return {str(bool(value)).lower()}
    if isinstance(value, str) and value[:1] in "[{" and column not in {"body", "answer", "text"}:
        return {leaf.replace("+00:00", "Z") for leaf in leaves(json.loads(value))} - {"None"}
    return {str(value)}


def test_every_column_is_exported_or_says_why_not() -> None:
    """A new table or column has to be named here: as a person's, or with a reason why it holds nothing of one."""
    all_columns = columns()
    reasons = {(t, c) for t, c in all_columns if f"{t}.{c}" in NOT_EXPORTED or f"{t}.*" in NOT_EXPORTED}
    assert [f"{t}.{c}" for t, c in all_columns if t not in HERS and (t, c) not in reasons] == []
    named = {f"{t}.{c}" for t, c in all_columns} | {f"{t}.*" for t, _ in all_columns}
    assert NOT_EXPORTED.keys() - named == set()
    assert {f"{t}.*" for t in HERS} & NOT_EXPORTED.keys() == set()


def test_every_value_of_hers_is_in_the_document(conn: Connection) -> None:
    """What stands in any column of any row of hers, over both sources, stands in the document, unmasked."""
    with_everything(conn)
    document = of_customer(conn, number(conn, people.EXTERNAL_ID), NOW)
    shown = leaves(json.loads(msgspec.json.encode(document)))
    ids = ", ".join(str(customer.id) for customer in document.customers)
    missing, seen = set(), set()
    for table, column in columns():
        if table in HERS and f"{table}.{column}" not in NOT_EXPORTED:
            for (value,) in rows(conn, f"SELECT {column} FROM {table} WHERE {HERS[table].replace(':ids', ids)}"):
                if value is not None and value != "":
                    seen.add(table)
                    missing |= {f"{table}.{column}: {part}" for part in parts(column, value) - shown}
    assert missing == set()
    # On PostgreSQL what is not committed has no number yet, and waits in another table.
    assert HERS.keys() - seen <= ({"events"} if conn.engine == "postgresql" else set())
    assert document.events
    for secret in (people.EMAIL, people.OTHER_EMAIL, people.PHONE, people.CARD):
        assert secret in shown


def test_nothing_of_others_is_in_it(conn: Connection) -> None:
    """Who stays has a document of their own, and nobody else's has a word of it."""
    with_everything(conn)
    hers = msgspec.json.encode(of_customer(conn, number(conn, people.EXTERNAL_ID), NOW))
    assert [word for word in (b"Berta", b"Roca", b"berta@", b"guest@", b'"O9"') if word in hers] == []


def test_nobody_has_no_document(conn: Connection) -> None:
    """A number that is nobody's is a problem."""
    with pytest.raises(ProblemError, match="no customer"):
        of_customer(conn, 7, NOW)
