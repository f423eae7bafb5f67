"""Carts as they are shown, and as they are changed."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from server.carts.rules import Edit, Line, Lines
from server.catalog import queries as catalog
from server.catalog.queries import NO_STOCK
from server.db import sql
from server.db.engine import Connection, Row
from server.wire.carts import Cart, CartLine
from server.wire.catalog import Item, Stock
from server.wire.problems import ProblemError

SQL = sql.load(Path(__file__).parent)

_edits = msgspec.json.Decoder(tuple[Edit, ...])


class Held(NamedTuple):
    """A cart as it is kept, whatever of it is shown.

    `till_until`: until when a till has it; `converted_at`: when it was sold here, unless its shop opened it since.
    """

    customer_id: int
    id: int
    source: str
    status: str
    currency: str
    version: int
    edited_at: str | None
    till_until: str | None
    converted_at: str | None
    lines: Lines


def open_rows(conn: Connection, customer_ids: Sequence[int]) -> list[Row]:
    """Rows of the open carts of some customers and their lines, for `carts_from`, the current cart first."""
    rows = [row for customer_id in customer_ids for row in conn.all(SQL.open_of_customer, customer_id=customer_id)]
    if len(customer_ids) > 1:
        rows.sort(key=lambda row: (max(row[5], row[15] or ""), row[0]), reverse=True)
    return rows


def open_cart(conn: Connection, customer_id: int, id_: int) -> list[Row]:
    """Rows of one cart for `carts_from`; none where it is not open any more."""
    return conn.all(SQL.open_cart, customer_id=customer_id, id=id_)


def carts_from(rows: Sequence[Row], items: dict[str, Item], stock: dict[str, Stock]) -> tuple[Cart, ...]:
    """Carts out of rows that have one line each; an empty cart has one row with an empty line."""
    carts: list[Cart] = []
    lines: list[CartLine] = []
    taken_out = 0
    head: Row = ()
    for row in rows:
        if not head or row[0] != head[0]:
            if head:
                carts.append(_cart(head, lines, taken_out))
            head, lines, taken_out = row, [], 0
        if row[7] is not None:
            line_id, sku, title, quantity, unit_price, number, shop_quantity, edits = row[6:14]
            if not quantity:
                taken_out += 1
                continue
            line = Line(number, line_id, sku, title, unit_price, shop_quantity, quantity, _edits_in(edits))
            lines.append(
                CartLine(
                    line_id=line_id,
                    sku=sku,
                    title=title,
                    quantity=quantity,
                    unit_price=unit_price,
                    item=items.get(sku),
                    stock=stock.get(sku, NO_STOCK),
                    line=number,
                    pending=line.is_pending,
                    shop_quantity=shop_quantity,
                )
            )
    if head:
        carts.append(_cart(head, lines, taken_out))
    return tuple(carts)


def skus_of(rows: Sequence[Row]) -> set[str]:
    """The SKUs that lines name."""
    return {row[7] for row in rows if row[7] is not None}


def waiting(conn: Connection, customer_ids: Sequence[int]) -> int:
    """How many pieces wait in the open carts of some customers."""
    return sum(row[0] for id_ in customer_ids if (row := conn.one(SQL.waiting, customer_id=id_)))


def owner(conn: Connection, cart_id: int) -> int:
    """The customer whose cart it is.

    Raises:
        ProblemError: there is no such cart, or it is nobody's.
    """
    row = conn.one(SQL.owner, id=cart_id)
    if row is None:
        raise unknown_cart()
    customer_id: int = row[0]
    return customer_id


def unknown_cart() -> ProblemError:
    """Why nothing can be done with a cart."""
    return ProblemError("unknown_cart", "There is no cart with this number any more. Look at the carts again.")


def held(conn: Connection, customer_id: int, cart_id: int) -> Held | None:
    """A customer's cart as it is kept; of nobody's by the number of nobody."""
    rows = conn.all(SQL.held, customer_id=customer_id, id=cart_id)
    if not rows:
        return None
    source, status, currency, version, edited_at, till_until, converted_at, next_line, seen_version = rows[0][:9]
    lines = tuple(Line._make((*row[9:16], _edits_in(row[16]))) for row in rows if row[9] is not None)
    return Held(
        customer_id,
        cart_id,
        source,
        status,
        currency,
        version,
        edited_at,
        till_until,
        converted_at,
        Lines(lines, next_line, seen_version),
    )


def _edits_in(kept: str | None) -> tuple[Edit, ...]:
    return () if kept is None else _edits.decode(kept)


def shown(conn: Connection, customer_id: int, cart_id: int, store: str | None) -> Cart:
    """A cart as it is shown in a store."""
    rows = conn.all(SQL.shown, customer_id=customer_id, id=cart_id)
    skus = skus_of(rows)
    return carts_from(rows, catalog.items(conn, skus), catalog.stock(conn, skus, store))[0]


def _cart(head: Row, lines: list[CartLine], taken_out: int) -> Cart:
    id_, source, external_id, status, currency, updated_at = head[:6]
    version, edited_at = head[14:16]
    return Cart(
        id=id_,
        source=source,
        external_id=external_id,
        status=status,
        currency=currency,
        updated_at=updated_at,
        total=sum(line.quantity * line.unit_price for line in lines),
        lines=tuple(lines),
        version=version,
        edited_at=edited_at,
        pending=taken_out + sum(line.pending for line in lines),
    )


def keys_until(conn: Connection, customer_id: int, until: str) -> list[tuple[str, str]]:
    """Source and external id of what a customer had up to a moment."""
    return [
        (source, external_id) for source, external_id in conn.all(SQL.keys_until, customer_id=customer_id, until=until)
    ]
