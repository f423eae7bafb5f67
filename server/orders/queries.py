"""Orders as they are shown."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from server.catalog import queries as catalog
from server.db import sql
from server.db.engine import Connection, Row
from server.wire.catalog import Item
from server.wire.orders import Order, OrderLine

SQL = sql.load(Path(__file__).parent)

FIRST_PAGE = ("~", 0)
"""A place in the list before every order: `~` sorts after every time."""


def latest_rows(conn: Connection, customer_ids: Sequence[int], before: tuple[str, int], limit: int) -> list[Row]:
    """Rows of the `limit` latest orders of some customers and their lines, latest first, for `orders_from`.

    One short range of the index for each customer: a person with 50,000 orders costs what one with ten does.
    """
    placed_at, id_ = before
    rows = [
        row
        for customer_id in customer_ids
        for row in conn.all(SQL.latest_of_customer, customer_id=customer_id, placed_at=placed_at, id=id_, limit=limit)
    ]
    if len(customer_ids) > 1:
        rows.sort(key=lambda row: (row[6], row[0]), reverse=True)  # stable: an order's lines stay in their order
        latest = list(dict.fromkeys(row[0] for row in rows))[:limit]
        rows = [row for row in rows if row[0] in latest]
    return rows


def orders_from(rows: Iterable[Row], items: dict[str, Item]) -> tuple[Order, ...]:
    """Orders out of rows that have one line each; an order without lines has one row with an empty line."""
    orders: list[Order] = []
    lines: list[OrderLine] = []
    head: Row = ()
    for row in rows:
        if not head or row[0] != head[0]:
            if head:
                orders.append(_order(head, lines))
            head, lines = row, []
        if row[11] is not None:
            lines.append(_line(items, *row[10:]))
    if head:
        orders.append(_order(head, lines))
    return tuple(orders)


def skus_of(rows: Iterable[Row]) -> set[str]:
    """The SKUs that lines name."""
    return {row[11] for row in rows if row[11] is not None}


def by_number(conn: Connection, number: str) -> tuple[Order, int | None] | None:
    """The latest order with a number and its customer's id, or None."""
    found = conn.one(SQL.by_number, number=number)
    if found is None:
        return None
    order_id, customer_id = found
    rows = conn.all(SQL.by_id, id=order_id)
    return orders_from(rows, catalog.items(conn, skus_of(rows)))[0], customer_id


def customers_by_number(conn: Connection, prefix: str, limit: int) -> list[tuple[int, str]]:
    """Customer ids and numbers of orders whose number starts with a text."""
    rows = conn.all(SQL.customers_by_number, first=prefix, last=prefix + "\U0010ffff", limit=limit)
    return [(customer_id, number) for customer_id, number in rows]


def _order(head: Row, lines: list[OrderLine]) -> Order:
    id_, source, external_id, number, channel, store, placed_at, status, currency, total = head[:10]
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
        lines=tuple(lines),
    )


def _line(
    items: dict[str, Item],
    line_id: str | None,
    sku: str,
    title: str,
    quantity: int,
    unit_price: int,
    discount: int,
    returned_quantity: int,
    fulfilled_quantity: int,
) -> OrderLine:
    return OrderLine(
        line_id=line_id,
        sku=sku,
        title=title,
        quantity=quantity,
        unit_price=unit_price,
        discount=discount,
        returned_quantity=returned_quantity,
        fulfilled_quantity=fulfilled_quantity,
        item=items.get(sku),
    )
