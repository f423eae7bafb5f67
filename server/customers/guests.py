"""Which carts are a guest's: a customer's who stands at a kiosk and proved who they are there."""

from collections.abc import Sequence
from typing import NamedTuple

from server.access.callers import Guest
from server.carts import queries as carts
from server.carts.actions import Place
from server.customers import queries
from server.customers.queries import Customer
from server.db.engine import Connection, Row
from server.orders.queries import NOBODY
from server.statements.queries import Snapshots

CartName = tuple[str, str]
"""Source and external id of a cart."""


class Found(NamedTuple):
    """A cart that is open: where it lies, and its rows for `carts_from`."""

    place: Place
    rows: list[Row]


def customers_of(conn: Connection, guest: Guest) -> list[Customer]:
    """Every customer of the person that a guest is, the newest statements first; none where nobody is known."""
    return [] if guest.customer_id == NOBODY else queries.person(conn, guest.customer_id)


def open_rows(conn: Connection, guest: Guest, customers: Sequence[Customer]) -> list[Row]:
    """Rows of a guest's open carts, for `carts_from`: first the one that the shop's code named, then the current one.

    Whoever came with a cart of nobody has that cart alone, whosever it becomes.
    """
    if guest.customer_id == NOBODY:
        found = None if guest.cart is None else open_cart(conn, guest.cart)
        return [] if found is None else found.rows
    rows = carts.open_rows(conn, [customer.id for customer in customers])
    return sorted(rows, key=lambda row: (row[1], row[2]) != guest.cart)


def open_cart(conn: Connection, name: CartName) -> Found | None:
    """A cart by its name at the shop, whoever's it is; None where there is none that is open."""
    known = Snapshots(conn).find(("cart", *name))
    if known is None or known.row_id is None:
        return None
    owner = NOBODY if known.customer_id is None else known.customer_id
    rows = carts.open_cart(conn, owner, known.row_id)
    return Found(Place(known.customer_id, known.row_id), rows) if rows else None


def is_guests(conn: Connection, guest: Guest, name: CartName) -> bool:
    """Whether a cart is one that a guest may see and change."""
    rows = open_rows(conn, guest, customers_of(conn, guest))
    return any((row[1], row[2]) == name for row in rows)
