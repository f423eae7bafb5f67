"""Handoffs as they stand."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from server.access.callers import Caller
from server.carts import queries as carts
from server.carts.queries import carts_from, skus_of
from server.catalog import queries as catalog
from server.customers import guests
from server.customers.guests import Found
from server.db import sql
from server.db.engine import Connection
from server.handoffs.rules import code_typed, hash_of_code, total_of
from server.keys import Keys
from server.orders.queries import NOBODY
from server.wire.base import timestamp
from server.wire.carts import Cart
from server.wire.handoffs import Handoff, HandoffLine, HandoffState, RedeemedHandoff
from server.wire.problems import ProblemError

SQL = sql.load(Path(__file__).parent)
AT_ONCE = 100

_lines = msgspec.json.Decoder(tuple[HandoffLine, ...])


class Held(NamedTuple):
    """A handoff as it stands; `customer_id` 0: nobody's, `till_id`: the till that has it."""

    id: int
    store: str
    customer_id: int
    cart_id: int
    source: str
    external_id: str
    state: HandoffState
    till_id: int | None
    until: str

    def state_at(self, now: datetime) -> HandoffState:
        """Its state; where its time ran out and nobody wrote that down so far, too."""
        is_open = self.state in {"issued", "redeemed"}
        return "released" if is_open and self.until <= timestamp(now) else self.state


def by_code(conn: Connection, caller: Caller, code: str, keys: Keys) -> Held | None:
    """The handoff of a caller's store that has a code, or None."""
    if caller.store is None:
        return None
    row = conn.one(SQL.by_code, code_hash=hash_of_code(keys.codes, caller.store, code_typed(code)))
    return None if row is None else Held(*row)


def open_of_cart(conn: Connection, name: guests.CartName) -> list[Held]:
    """Handoffs of a cart that nobody ended so far."""
    return [Held(*row) for row in conn.all(SQL.open_of_cart, source=name[0], external_id=name[1])]


def overdue(conn: Connection, now: datetime) -> list[Held]:
    """Handoffs whose time ran out, the first of them."""
    return [Held(*row) for row in conn.all(SQL.overdue, at=timestamp(now), limit=AT_ONCE)]


def held_by(conn: Connection, caller: Caller, now: datetime) -> tuple[RedeemedHandoff | None, int]:
    """The cart that a till has, as it was told it, the one that it took last; and whose it is, 0: nobody's."""
    row = conn.one(SQL.held_by, till_id=caller.device_id, at=timestamp(now))
    if row is None:
        return None, 0
    id_, customer_id, source, external_id, until, lines = row
    place = guests.place_of(conn, (source, external_id))
    cart = None if place is None else carts.held(conn, place.customer_id or NOBODY, place.id)
    if cart is None:
        return None, 0
    told = _lines.decode(lines)
    answer = RedeemedHandoff(
        handoff_id=id_,
        source=source,
        external_id=external_id,
        currency=cart.currency,
        total=total_of(told),
        lines=told,
        until=until,
    )
    return answer, customer_id


def lines_of(conn: Connection, held: Held) -> tuple[HandoffLine, ...]:
    """The lines of a cart as a till got them; none where none did."""
    row = conn.one(SQL.lines, id=held.id)
    return () if row is None else _lines.decode(row[0])


def required(conn: Connection, caller: Caller, handoff_id: int) -> Held:
    """A handoff that a caller may see: of their store; a till those that it has, a customer those of their carts.

    Raises:
        ProblemError: there is none.
    """
    row = conn.one(SQL.by_id, id=handoff_id)
    held = None if row is None else Held(*row)
    if held is None or held.store != caller.store or not _is_theirs(conn, caller, held):
        raise ProblemError("unknown_handoff", "There is no handoff with this number here.")
    return held


def _is_theirs(conn: Connection, caller: Caller, held: Held) -> bool:
    if caller.guest is not None:
        # Also once it was sold, when the cart is open no more.
        ids = {customer.id for customer in guests.customers_of(conn, caller.guest)}
        return held.customer_id in ids or caller.guest.cart == (held.source, held.external_id)
    return caller.role is not None or held.till_id == caller.device_id


def came_from_kiosk(conn: Connection, caller: Caller, handoff_id: int) -> bool:
    """Whether a customer sent it from a kiosk, whose screen then waits for its end, and nobody of the store.

    Raises:
        ProblemError: see `required`.
    """
    return conn.one(SQL.from_kiosk, id=required(conn, caller, handoff_id).id) is not None


def seen(conn: Connection, caller: Caller, handoff_id: int, now: datetime) -> Handoff:
    """What became of a handoff.

    Raises:
        ProblemError: see `required`.
    """
    held = required(conn, caller, handoff_id)
    return Handoff(way="till", handoff_id=held.id, state=held.state_at(now), expires_at=held.until)


def cart_in(conn: Connection, found: Found, store: str) -> Cart:
    """A cart with what of it is in a store."""
    skus = skus_of(found.rows)
    (cart,) = carts_from(found.rows, catalog.items(conn, skus), catalog.stock(conn, skus, store))
    return cart
