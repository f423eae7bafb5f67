"""Which carts are a guest's: a customer's who stands at a kiosk and proved who they are there."""

from collections.abc import Sequence
from typing import NamedTuple

from server.access.callers import Caller, Guest
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
    place = place_of(conn, name)
    if place is None:
        return None
    rows = carts.open_cart(conn, NOBODY if place.customer_id is None else place.customer_id, place.id)
    return Found(place, rows) if rows else None


def place_of(conn: Connection, name: CartName) -> Place | None:
    """Where a cart lies that is called so at the shop, open or not."""
    known = Snapshots(conn).find(("cart", *name))
    return None if known is None or known.row_id is None else Place(known.customer_id, known.row_id)


def place_for(conn: Connection, caller: Caller, cart_id: int) -> Place:
    """Where a cart lies that a caller may change: of whoever works here anybody's, of a guest their own.

    Raises:
        ProblemError: there is none with this number, as far as the caller is told.
    """
    guest = caller.guest
    if guest is not None and guest.customer_id == NOBODY:
        place = None if guest.cart is None else place_of(conn, guest.cart)
        if place is None or place.id != cart_id:
            raise carts.unknown_cart()
        return place
    place = Place(carts.owner(conn, cart_id), cart_id)
    if guest is not None and place.customer_id not in {customer.id for customer in customers_of(conn, guest)}:
        raise carts.unknown_cart()
    return place


def is_guests(conn: Connection, guest: Guest, name: CartName) -> bool:
    """Whether a cart is one that a guest may see and change."""
    rows = open_rows(conn, guest, customers_of(conn, guest))
    return any((row[1], row[2]) == name for row in rows)
