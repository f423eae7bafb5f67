"""Carts as they are shown."""

from collections.abc import Sequence
from pathlib import Path

from server.catalog.queries import NO_STOCK
from server.db import sql
from server.db.engine import Connection, Row
from server.wire.carts import Cart, CartLine
from server.wire.catalog import Item, Stock

SQL = sql.load(Path(__file__).parent)


def open_rows(conn: Connection, customer_ids: Sequence[int]) -> list[Row]:
    """Rows of the open carts of some customers and their lines, for `carts_from`, the current cart first."""
    rows = [row for customer_id in customer_ids for row in conn.all(SQL.open_of_customer, customer_id=customer_id)]
    if len(customer_ids) > 1:
        rows.sort(key=lambda row: (row[5], row[0]), reverse=True)
    return rows


def open_cart(conn: Connection, customer_id: int, id_: int) -> list[Row]:
    """Rows of one cart for `carts_from`; none where it is not open any more."""
    return conn.all(SQL.open_cart, customer_id=customer_id, id=id_)


def carts_from(rows: Sequence[Row], items: dict[str, Item], stock: dict[str, Stock]) -> tuple[Cart, ...]:
    """Carts out of rows that have one line each; an empty cart has one row with an empty line."""
    carts: list[Cart] = []
    lines: list[CartLine] = []
    head: Row = ()
    for row in rows:
        if not head or row[0] != head[0]:
            if head:
                carts.append(_cart(head, lines))
            head, lines = row, []
        if row[7] is not None:
            _, _, _, _, _, _, line_id, sku, title, quantity, unit_price = row
            lines.append(
                CartLine(
                    line_id=line_id,
                    sku=sku,
                    title=title,
                    quantity=quantity,
                    unit_price=unit_price,
                    item=items.get(sku),
                    stock=stock.get(sku, NO_STOCK),
                )
            )
    if head:
        carts.append(_cart(head, lines))
    return tuple(carts)


def skus_of(rows: Sequence[Row]) -> set[str]:
    """The SKUs that lines name."""
    return {row[7] for row in rows if row[7] is not None}


def waiting(conn: Connection, customer_ids: Sequence[int]) -> int:
    """How many pieces wait in the open carts of some customers."""
    return sum(row[0] for id_ in customer_ids if (row := conn.one(SQL.waiting, customer_id=id_)))


def _cart(head: Row, lines: list[CartLine]) -> Cart:
    id_, source, external_id, status, currency, updated_at = head[:6]
    return Cart(
        id=id_,
        source=source,
        external_id=external_id,
        status=status,
        currency=currency,
        updated_at=updated_at,
        total=sum(line.quantity * line.unit_price for line in lines),
        lines=tuple(lines),
    )


def keys_until(conn: Connection, customer_id: int, until: str) -> list[tuple[str, str]]:
    """Source and external id of what a customer had up to a moment."""
    return [
        (source, external_id) for source, external_id in conn.all(SQL.keys_until, customer_id=customer_id, until=until)
    ]
