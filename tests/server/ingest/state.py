"""All that a database holds of records, named by the keys of the records instead of by numbers.

Left out: the vocabulary, events, numbers, and when something was processed.
"""

import json
from collections import defaultdict
from typing import Any

from server.catalog import queries as catalog
from server.customers import context
from server.customers.queries import Sought, matching
from server.db.engine import Connection
from tests.server.given import NOW, rows

State = dict[str, Any]


def state_of(conn: Connection) -> State:
    """Two databases that took the same statements give equal states."""
    keys = {
        id_: (source, external_id)
        for id_, source, external_id in rows(conn, "SELECT id, source, external_id FROM customers")
    }
    keys[None] = None
    return {
        "customers": _customers(conn),
        "persons": _persons(conn),
        "seen": {keys[c]: _seen(conn, c) for (c,) in rows(conn, "SELECT DISTINCT customer_id FROM orders") if c},
        "identities": sorted(
            (kind, value, keys[c], verified)
            for kind, value, c, verified in rows(conn, "SELECT kind, value, customer_id, verified FROM identities")
        ),
        "references": sorted(
            (keys[c], *rest)
            for c, *rest in rows(
                conn,
                "SELECT customer_id, kind, value, record_kind, record_source, record_external_id"
                " FROM customer_references",
            )
        ),
        "words": {keys[c]: words for c, words in rows(conn, "SELECT customer_id, words FROM customer_words")},
        "snapshots": _snapshots(conn, keys),
        "orders": {
            (row["source"], row["external_id"]): (
                keys[row["customer_id"] or None],
                {k: v for k, v in row.items() if k not in {"id", "customer_id"}},
            )
            for row in _dicts(conn, "orders")
        },
        "carts": _carts(conn, keys),
        "wishlists": _with_lines(conn, keys, "wishlists", "wishlist_items", "wishlist_id"),
        "views": sorted(
            (keys[c], *rest) for c, *rest in rows(conn, "SELECT customer_id, viewed_at, sku, source FROM views")
        ),
        "stores": {row[0]: (*row[1:-1], json.loads(row[-1])) for row in _table(conn, "stores")},
        "stock": sorted(rows(conn, "SELECT sku, store, quantity, updated_at, source FROM stock")),
        "products": {
            (p["source"], p["external_id"]): (
                {k: v for k, v in p.items() if k != "id"},
                rows(
                    conn,
                    "SELECT sku, position, gtin, title, options, price, sale_price, currency, picture, brand,"
                    " availability, stated_at FROM variants WHERE product_id = :id ORDER BY position",
                    id=p["id"],
                ),
            )
            for p in _dicts(conn, "products")
        },
        "articles": _articles(conn),
    }


def flaws_of(conn: Connection) -> list[str]:
    """What no database may look like, whatever came in."""
    flaws = []
    for id_, person_id in rows(conn, "SELECT id, person_id FROM customers WHERE person_id IS NOT NULL"):
        members = [m for (m,) in rows(conn, "SELECT id FROM customers WHERE person_id = :p", p=person_id)]
        if person_id not in members:
            flaws.append(f"customer {id_} points to {person_id}, who is not of that person")
        if members == [id_]:
            flaws.append(f"customer {id_} is a person alone and has a person's number")
    for table, column in (
        ("identities", "customer_id"),
        ("customer_references", "customer_id"),
        ("customer_words", "customer_id"),
        ("orders", "customer_id"),
        ("carts", "customer_id"),
        ("wishlists", "customer_id"),
        ("views", "customer_id"),
        ("snapshots", "customer_id"),
    ):
        lost = rows(
            conn,
            f"SELECT 1 FROM {table} t WHERE coalesce(t.{column}, 0) <> 0"
            f" AND NOT EXISTS (SELECT 1 FROM customers c WHERE c.id = t.{column})",
        )
        if lost:
            flaws.append(f"{table} speaks of a customer who is not there")
    for table, parent, columns, key in (
        ("cart_lines", "carts", "customer_id, cart_id", "customer_id, id"),
        ("wishlist_items", "wishlists", "customer_id, wishlist_id", "customer_id, id"),
        ("variants", "products", "product_id", "id"),
    ):
        if rows(conn, f"SELECT 1 FROM {table} WHERE ({columns}) NOT IN (SELECT {key} FROM {parent})"):
            flaws.append(f"{table} has lines of nothing")
    if rows(conn, "SELECT source, external_id, id FROM customers EXCEPT SELECT * FROM customer_keys") or rows(
        conn, "SELECT * FROM customer_keys EXCEPT SELECT source, external_id, id FROM customers"
    ):
        flaws.append("the customers and their keys differ")
    if (stored := _persons(conn)) != (derived := _persons_afresh(conn)):
        flaws.append(f"the persons are {stored} and should be {derived}")
    idle = rows(
        conn,
        "SELECT id FROM customers c WHERE stated = 0 AND deleted_at IS NULL AND redacted_at IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM (SELECT customer_id FROM orders UNION ALL SELECT customer_id FROM carts"
        " UNION ALL SELECT customer_id FROM wishlists UNION ALL SELECT customer_id FROM views) r"
        " WHERE r.customer_id = c.id)",
    )
    if idle:
        flaws.append(f"nothing speaks of the placeholders {idle}")
    for customer_id, words in rows(conn, "SELECT customer_id, words FROM customer_words"):
        for word in words.split():
            if customer_id not in matching(conn, [[Sought(word)]], 1_000_000):
                flaws.append(f"customer {customer_id} is not found by {word!r}")
    return flaws


def _customers(conn: Connection) -> dict[tuple[str, str], dict[str, Any]]:
    left_out = {"id", "person_id", "source", "external_id", "has"}
    return {
        (c["source"], c["external_id"]): {
            k: json.loads(v) if k == "field_times" else v for k, v in c.items() if k not in left_out
        }
        for c in _dicts(conn, "customers")
    }


def _seen(conn: Connection, customer_id: int) -> tuple[int, str | None, str | None]:
    shown = context.of_customer(conn, customer_id, None, NOW)
    return shown.order_count, shown.person.last_seen_at, shown.person.last_store


def _persons(conn: Connection) -> list[list[tuple[str, str]]]:
    persons = defaultdict(list)
    for person, source, external_id in rows(
        conn, "SELECT coalesce(person_id, id), source, external_id FROM customers ORDER BY source, external_id"
    ):
        persons[person].append((source, external_id))
    return sorted(persons.values())


def _persons_afresh(conn: Connection) -> list[list[tuple[str, str]]]:
    """The persons as the design says it, by looking at everybody: slow, and with nothing to go wrong."""
    customers = {
        id_: (stated, (source, external_id))
        for id_, stated, source, external_id in rows(conn, "SELECT id, stated, source, external_id FROM customers")
    }
    contacts = rows(conn, "SELECT kind, value, customer_id, verified FROM identities")
    person = {id_: id_ for id_ in customers}
    changed = True
    while changed:
        changed = False
        for kind, value, one, proven in contacts:
            for other_kind, other_value, other, also in contacts:
                if (kind, value) == (other_kind, other_value) and proven and also and person[one] < person[other]:
                    person[other] = person[one]
                    changed = True
    for id_, (stated, key) in customers.items():
        if stated:
            continue
        own = [(key[0][1:], key[1])] if key[0].startswith("@") else []
        for deciding in ("card", "email", "phone"):
            meant = set()
            for kind, value in [
                *own,
                *rows(conn, "SELECT kind, value FROM customer_references WHERE customer_id = :id", id=id_),
            ]:
                holders = [(c, verified) for k, v, c, verified in contacts if (k, v) == (kind, value) and k == deciding]
                meant |= {person[c] for c, verified in holders if verified} or {person[c] for c, _ in holders}
            if len(meant) == 1:
                person[id_] = meant.pop()
                break
    persons = defaultdict(list)
    for id_, (_, key) in sorted(customers.items(), key=lambda item: item[1][1]):
        persons[person[id_]].append(key)
    return sorted(persons.values())


def _snapshots(conn: Connection, keys: dict[Any, Any]) -> dict[tuple[str, str, str], Any]:
    return {
        (s["kind"], s["source"], s["external_id"]): (
            s["row_id"] is not None,
            keys[s["customer_id"]],
            s["placed_at"],
            s["updated_at"],
            s["content_hash"],
            s["deleted_at"],
        )
        for s in _dicts(conn, "snapshots")
    }


def _with_lines(conn: Connection, keys: dict[Any, Any], table: str, lines: str, column: str) -> dict[Any, Any]:
    return {
        (row["source"], row["external_id"]): (
            keys[row["customer_id"] or None],
            {k: v for k, v in row.items() if k not in {"id", "customer_id"}},
            [
                line[2:]
                for line in rows(conn, f"SELECT * FROM {lines} WHERE {column} = :id ORDER BY position", id=row["id"])
            ],
        )
        for row in _dicts(conn, table)
    }


def _carts(conn: Connection, keys: dict[Any, Any]) -> dict[Any, Any]:
    """What is shown; how often it changed on the way, and how lines were numbered by that, is no matter."""
    lines = defaultdict(list)
    for cart_id, *line in rows(
        conn,
        "SELECT cart_id, position, line_id, sku, title, quantity, unit_price, shop_quantity, edits FROM cart_lines"
        " WHERE quantity > 0 OR shop_quantity > 0 ORDER BY cart_id, position",
    ):
        lines[cart_id].append(line)
    return {
        (row["source"], row["external_id"]): (
            keys[row["customer_id"] or None],
            {k: v for k, v in row.items() if k not in {"id", "customer_id", "version", "next_line"}},
            lines[row["id"]],
        )
        for row in _dicts(conn, "carts")
    }


def _articles(conn: Connection) -> dict[str, Any]:
    """Which product's statement of an SKU counts, by itself and in a line."""
    keys = {
        id_: (source, external_id)
        for id_, source, external_id in rows(conn, "SELECT id, source, external_id FROM products")
    }
    found: dict[str, Any] = {}
    for (sku,) in rows(conn, "SELECT DISTINCT sku FROM variants"):
        shown = catalog.product_by_sku(conn, sku, None)
        assert shown is not None
        found[sku] = (shown.source, shown.external_id), keys[catalog.items(conn, [sku])[sku].product_id]
    for (gtin,) in rows(conn, "SELECT DISTINCT gtin FROM variants WHERE gtin IS NOT NULL"):
        shown = catalog.product_by_gtin(conn, gtin, None)
        assert shown is not None
        found[gtin] = (shown.source, shown.external_id, shown.sku)
    return found


def _dicts(conn: Connection, table: str) -> list[dict[str, Any]]:
    if conn.engine == "sqlite":
        columns = "SELECT name FROM pragma_table_info(:table) ORDER BY cid"
    else:
        columns = (
            "SELECT column_name FROM information_schema.columns WHERE table_name = :table ORDER BY ordinal_position"
        )
    names = [name for (name,) in rows(conn, columns, table=table)]
    return [dict(zip(names, row, strict=True)) for row in _table(conn, table)]


def _table(conn: Connection, table: str) -> list[Any]:
    return rows(conn, f"SELECT * FROM {table}")
