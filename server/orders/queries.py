"""Orders as they are shown."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from server.catalog import queries as catalog
from server.db import sql
from server.db.engine import Connection, Row
from server.wire.catalog import Item
from server.wire.orders import Order, OrderLine

SQL = sql.load(Path(__file__).parent)

NOBODY = 0
"""Stands for the customer where an order has none: it is part of a key."""
FIRST_PAGE = ("~", 0)
"""A place in the list before every order: `~` sorts after every time."""

_lines = msgspec.json.Decoder(tuple[OrderLine, ...])


def latest(conn: Connection, customer_ids: Sequence[int], before: tuple[str, int], limit: int) -> list[Order]:
    """The `limit` latest orders of some customers before a place, latest first; `with_items` completes their lines.

    One short range of the table for each customer: a person with 50,000 orders costs what one with ten does.
    """
    placed_at, id_ = before
    orders = [
        _order(*row)
        for customer_id in customer_ids
        for row in conn.all(SQL.latest_of_customer, customer_id=customer_id, placed_at=placed_at, id=id_, limit=limit)
    ]
    if len(customer_ids) > 1:
        orders.sort(key=lambda order: (order.placed_at, order.id), reverse=True)
        del orders[limit:]
    return orders


def count(conn: Connection, customer_ids: Sequence[int], limit: int) -> int:
    """How many orders some customers have, counted up to `limit`, so that nobody waits for 50,000."""
    counted = 0
    for customer_id in customer_ids:
        row = conn.one(SQL.count_of_customer, customer_id=customer_id, limit=limit - counted)
        assert row is not None
        counted += row[0]
    return counted


def skus_of(orders: Iterable[Order]) -> set[str]:
    """The SKUs that lines name."""
    return {line.sku for order in orders for line in order.lines}


def with_items(orders: Iterable[Order], items: dict[str, Item]) -> tuple[Order, ...]:
    """Complete the lines of orders that were just read with their articles."""
    orders = tuple(orders)
    for order in orders:
        for line in order.lines:
            # Nobody else has seen these lines yet; making each anew took as long as reading them.
            msgspec.structs.force_setattr(line, "item", items.get(line.sku))
    return orders


def by_number(conn: Connection, number: str) -> tuple[Order, int | None] | None:
    """The latest order with a number and its customer's id, or None."""
    found = conn.one(SQL.by_number, number=number)
    if found is None:
        return None
    *columns, customer_id = found
    order = _order(*columns)
    complete = with_items([order], catalog.items(conn, skus_of([order])))[0]
    return complete, None if customer_id == NOBODY else customer_id


def customers_by_number(conn: Connection, prefix: str, limit: int) -> list[tuple[int, str]]:
    """Customer ids and numbers of orders whose number starts with a text."""
    rows: list[Row] = conn.all(SQL.customers_by_number, first=prefix, last=prefix + "\U0010ffff", limit=limit)
    return [(customer_id, number) for customer_id, number in rows]


def _order(
    id_: int,
    source: str,
    external_id: str,
    number: str,
    channel: str,
    store: str | None,
    placed_at: str,
    status: str,
    currency: str,
    total: int,
    lines: str,
) -> Order:
    return Order(
        id=id_,
        source=source,
        external_id=external_id,
        number=number,
        channel=channel,
        store=store,
        placed_at=placed_at,
        status=status,
        currency=currency,
        total=total,
        lines=_lines.decode(lines),
    )
