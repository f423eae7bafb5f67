"""People who show what screens must bear: a cart of fifty lines; and customers for a catalogue that has none."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

FULL_CART_CARD = "2900000900011"
LUMA_CARDS = ("2900000910010", "2900000910027", "2900000910034")
AT = "2026-11-20T17:40:00Z"
_NAMES = (("Lucía", "García Muñoz"), ("Olivia", "Hughes-Bennett"), ("Jon", "Otxoa Lasarte"))


def full_cart(feed: Path) -> list[dict[str, Any]]:
    """Somebody with fifty lines in the cart, of as many products as there are."""
    rows = list({row["item_group_id"]: row for row in _rows(feed)}.values())[:50]
    return list(_customer("web:demo", "X1", ("Dolores", "Cinquenta Montero"), FULL_CART_CARD, rows))


def shoppers(feed: Path, source: str) -> list[dict[str, Any]]:
    """Customers whose carts, wishes and orders hold articles of a catalogue."""
    rows = list({row["item_group_id"]: row for row in _rows(feed)}.values())
    records: list[dict[str, Any]] = []
    for number, (name, card) in enumerate(zip(_NAMES, LUMA_CARDS, strict=True)):
        records += _customer(source, f"L{number}", name, card, rows[number * 7 : number * 7 + 4 + number * 3])
        records += _more(source, f"L{number}", card, rows[40 + number * 30 : 60 + number * 30])
    records += [
        {"type": "stock", "source": source, "sku": row["id"], "store": "GV", "quantity": n % 5, "updated_at": AT}
        for n, row in enumerate(rows)
    ]
    records += [
        {"type": "stock", "source": source, "sku": row["id"], "store": store, "quantity": quantity, "updated_at": AT}
        for n, row in enumerate(_rows(feed))
        for store, quantity in (("GV", (n * 7 + n // 5) % 4), ("SE", (n * 5 + n // 3) % 3))
        if (n + len(store)) % 11
    ]
    return records


def ndjson(records: list[dict[str, Any]]) -> bytes:
    """Records as a file holds them."""
    return b"".join(msgspec.json.encode(record) + b"\n" for record in records)


def _rows(feed: Path) -> Iterator[dict[str, str]]:
    with feed.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _customer(
    source: str, id_: str, name: tuple[str, str], card: str, rows: list[dict[str, str]]
) -> Iterator[dict[str, Any]]:
    yield {
        "type": "customer",
        "source": source,
        "external_id": id_,
        "updated_at": AT,
        "given_name": name[0],
        "family_name": name[1],
        "cards": [card],
        "emails": [f"{id_.lower()}@correo.example"],
        "loyalty": {"tier": "gold", "points": 1240},
        "attributes": {"size_tops": "S", "size_shoes": "38"},
    }
    yield {
        "type": "cart",
        "source": source,
        "external_id": f"cart-{id_}",
        "updated_at": AT,
        "customer": {"external_id": id_},
        "status": "open",
        "currency": _currency(rows),
        "lines": [_line(row, 1 + n % 2) for n, row in enumerate(rows)],
    }


def _more(source: str, id_: str, card: str, rows: list[dict[str, str]]) -> Iterator[dict[str, Any]]:
    """Wishes, orders and views."""
    yield {
        "type": "wishlist",
        "source": source,
        "external_id": f"wish-{id_}",
        "updated_at": AT,
        "customer": {"external_id": id_},
        "name": "Favoritos",
        "items": [{"sku": row["id"], "added_at": "2026-11-12T10:00:00Z"} for row in rows[:5]],
    }
    for n in range(5):
        lines = [_line(row, 1) | {"line_id": str(k)} for k, row in enumerate(rows[5 + 3 * n : 7 + 3 * n])]
        store = "GV" if n % 2 else None
        yield {
            "type": "order",
            "source": source,
            "external_id": f"order-{id_}-{n}",
            "number": f"L-{n}{id_[1:]}1",
            "updated_at": AT,
            "customer": {"card": card},
            "channel": "store" if store else "online",
            "store": store,
            "placed_at": f"2026-0{n + 2}-11T11:20:00Z",
            "status": "delivered",
            "currency": _currency(rows),
            "total": sum(line["quantity"] * line["unit_price"] for line in lines),
            "lines": lines,
        }
    for n, row in enumerate(rows[:4]):
        yield {
            "type": "view",
            "source": source,
            "customer": {"external_id": id_},
            "sku": row["id"],
            "viewed_at": f"2026-11-20T1{n}:10:00Z",
        }


def _line(row: dict[str, str], quantity: int) -> dict[str, Any]:
    return {"sku": row["id"], "title": row["title"], "quantity": quantity, "unit_price": _minor(row)}


def _minor(row: dict[str, str]) -> int:
    return round(float(row["price"].split()[0]) * 100)


def _currency(rows: list[dict[str, str]]) -> str:
    return rows[0]["price"].split()[1] if rows else "EUR"
