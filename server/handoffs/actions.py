"""Handoffs are issued, redeemed by a till, completed or released; each in one transaction, with its events."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import msgspec

from server.access.actions import count_wrong, must_wait, on_device
from server.access.callers import Caller
from server.access.queries import SQL as ACCESS
from server.carts.actions import Place, convert_cart, hold_cart, take_sold
from server.carts.rules import Sold
from server.customers import guests
from server.customers.guests import CartName, Found
from server.db.engine import Connection
from server.events import actions as events
from server.handoffs import queries, rules
from server.handoffs.queries import SQL, Held
from server.idempotency.actions import once
from server.idempotency.requests import Repeatable
from server.keys import Keys
from server.orders.queries import NOBODY
from server.settings import Settings
from server.wire.base import timestamp
from server.wire.events import DeliveryAsked, HandoffCompleted, HandoffIssued, HandoffRedeemed, HandoffReleased
from server.wire.handoffs import Handoff, HandoffCode, HandoffEnd, NewHandoff, RedeemedHandoff
from server.wire.problems import ProblemError

_AGAIN = 5
"""So often another code is made where a store has one already."""


def issue(
    conn: Connection, caller: Caller, wanted: NewHandoff, keys: Keys, settings: Settings, now: datetime
) -> Handoff:
    """Send a cart to a till of this store, to the phone, or to the door.

    Raises:
        ProblemError: it is no open cart that the caller may see, there is nothing in it, or a till has it.
    """
    name = _name(conn, caller, wanted)
    found = guests.open_cart(conn, name)
    if found is None or (caller.guest is not None and not guests.is_guests(conn, caller.guest, name)):
        raise _unknown_cart()
    if caller.store is None:
        raise ProblemError("wrong_caller", "Carts are handed over in a store: this device stands in none.")
    if all(row[9] is None or row[9] <= 0 for row in found.rows):
        raise ProblemError("empty_cart", "There is nothing in this cart to hand over.")
    link = rules.link_of(settings.handoff_link, *name)
    under_way = queries.open_of_cart(conn, name)
    if wanted.way != "phone" and any(held.state_at(now) == "redeemed" for held in under_way):
        raise ProblemError("handoff_taken", "A till has this cart already. Go on there.")
    if wanted.way != "till":
        if wanted.way != "phone":
            asked = DeliveryAsked(cart_id=found.place.id, source=name[0], way=wanted.way)
            events.record(conn, asked, now, customer_id=found.place.customer_id, store=caller.store)
        return Handoff(way=wanted.way, link=link)
    for held in under_way:
        _release(conn, held, "time" if held.state_at(now) == "released" else "again", now)
    return _issue(conn, caller, name, found, keys, link, now)


def _name(conn: Connection, caller: Caller, wanted: NewHandoff) -> CartName:
    if wanted.cart is not None:
        return wanted.cart.source, wanted.cart.external_id
    if caller.guest is None:
        raise ProblemError("invalid_field", "Say which cart.", path="$.cart")
    rows = guests.open_rows(conn, caller.guest, guests.customers_of(conn, caller.guest))
    if not rows:
        raise _unknown_cart()
    return rows[0][1], rows[0][2]


def _issue(
    conn: Connection, caller: Caller, name: CartName, found: Found, keys: Keys, link: str | None, now: datetime
) -> Handoff:
    store = caller.store
    assert store is not None
    until = timestamp(now + rules.ISSUED)
    for _ in range(_AGAIN):
        code = rules.new_code()
        row = conn.one(
            SQL.add,
            code_hash=rules.hash_of_code(keys.codes, store, code),
            store=store,
            customer_id=found.place.customer_id or NOBODY,
            cart_id=found.place.id,
            source=name[0],
            external_id=name[1],
            device_id=caller.device_id,
            staff_id=caller.staff_id,
            at=timestamp(now),
            until=until,
        )
        if row is not None:
            break
    else:
        raise ProblemError("database_busy", "No code is free just now. Try again in a moment.")
    issued = HandoffIssued(handoff_id=row[0], cart_id=found.place.id)
    events.record(conn, issued, now, customer_id=found.place.customer_id, store=store)
    return Handoff(
        way="till",
        handoff_id=row[0],
        state="issued",
        code=code,
        qr=rules.qr_text(code),
        link=link,
        expires_at=until,
    )


def redeem(
    conn: Connection, caller: Caller, shown: HandoffCode, keys: Keys, now: datetime
) -> RedeemedHandoff | ProblemError:
    """Give a cart's lines to a till, once; a wrong code is given back as a problem, so that the try is kept.

    Raises:
        ProblemError: it is too early for another try, another till has it, or it is over.
    """
    assert caller.device_id is not None
    watched = ((on_device("till", caller.device_id), rules.TILL),)
    waiting = must_wait(conn, watched, now)
    if waiting is not None:
        raise waiting
    held = queries.by_code(conn, caller, shown.code, keys)
    if held is None:
        wait = count_wrong(conn, watched, now)
        return ProblemError(
            "unknown_handoff",
            "No cart of this store has this code. Scan it, or type it again.",
            path="$.code",
            retry_after=wait or None,
        )
    conn.run(ACCESS.forget_tries, subject=watched[0][0])
    state = held.state_at(now)
    if state == "redeemed":
        raise ProblemError("handoff_taken", "A till has this cart already.")
    found = guests.open_cart(conn, (held.source, held.external_id))
    if state != "issued" or found is None:
        raise _over()
    cart = queries.cart_in(conn, found, held.store)
    lines = rules.lines_for_till(cart)
    until = now + rules.REDEEMED
    answer = RedeemedHandoff(
        handoff_id=held.id,
        source=held.source,
        external_id=held.external_id,
        currency=cart.currency,
        total=rules.total_of(lines),
        lines=lines,
        until=timestamp(until),
    )
    kept = msgspec.json.encode(lines).decode()
    taken = conn.run(
        SQL.redeem, id=held.id, till_id=caller.device_id, at=timestamp(now), until=timestamp(until), lines=kept
    )
    assert taken == 1
    hold_cart(conn, found.place, until)
    _tell(conn, HandoffRedeemed(handoff_id=held.id, cart_id=held.cart_id), held, now)
    return answer


def redeem_once(
    conn: Connection, caller: Caller, asked: Repeatable, shown: HandoffCode, keys: Keys, now: datetime
) -> tuple[RedeemedHandoff | ProblemError, int]:
    """Redeem it, or tell the same till again what it got under the same key; and whose cart it is, 0: nobody's.

    Raises:
        ProblemError: see `redeem`.
    """
    held = queries.by_code(conn, caller, shown.code, keys)
    if held is not None and held.customer_id:
        asked = msgspec.structs.replace(asked, customer_id=held.customer_id)
    action: Callable[..., Any] = redeem  # whose answer may be a problem
    answer: RedeemedHandoff | ProblemError = once(conn, caller, asked, RedeemedHandoff, now, action, shown, keys)
    return answer, 0 if held is None else held.customer_id


def complete(conn: Connection, caller: Caller, handoff_id: int, now: datetime) -> HandoffEnd:
    """What of a cart a till could sell was sold: only now it is taken out, and the cart is converted if that was all.

    Raises:
        ProblemError: the till has no such handoff, or it was released.
    """
    held = queries.required(conn, caller, handoff_id)
    state = held.state_at(now)
    if state == "redeemed":
        conn.run(SQL.end, id=held.id, state="completed", at=timestamp(now))
        _sold(conn, held, now)
    elif state != "completed":
        raise _over()
    return HandoffEnd(handoff_id=held.id, state="completed")


def _sold(conn: Connection, held: Held, now: datetime) -> None:
    """Take what was sold out of the cart, and tell of it; a shop hears of what is taken out before it hears of that."""
    place, lines = _let_go(conn, held), rules.sold_of(queries.lines_of(conn, held))
    sold = [Sold(line.line_id, line.sku, line.quantity) for line in lines]
    is_left = place is not None and take_sold(conn, place, sold, now)
    _tell(conn, HandoffCompleted(handoff_id=held.id, cart_id=held.cart_id, lines=lines, closed=not is_left), held, now)
    if place is not None and not is_left:
        convert_cart(conn, place, now)


def _let_go(conn: Connection, held: Held) -> Place | None:
    """No till has the cart of a handoff any more; where it lies, if it is still there."""
    place = guests.place_of(conn, (held.source, held.external_id))
    if place is not None:
        hold_cart(conn, place, None)
    return place


def release(conn: Connection, caller: Caller, handoff_id: int, now: datetime) -> HandoffEnd:
    """A till gives up: the cart stays open, and may go to another till.

    Raises:
        ProblemError: the till has no such handoff, or what was in it was sold.
    """
    held = queries.required(conn, caller, handoff_id)
    if held.state == "completed":
        raise _over()
    if held.state != "released":
        _release(conn, held, "time" if held.state_at(now) == "released" else "till", now)
    return HandoffEnd(handoff_id=held.id, state="released")


def release_overdue(conn: Connection, now: datetime) -> int:
    """Release what nobody came for; how many it were."""
    found = queries.overdue(conn, now)
    for held in found:
        _release(conn, held, "time", now)
    return len(found)


def _release(conn: Connection, held: Held, because: Literal["till", "time", "again"], now: datetime) -> None:
    if conn.run(SQL.end, id=held.id, state="released", at=timestamp(now)):
        if held.state == "redeemed":
            _let_go(conn, held)
        _tell(conn, HandoffReleased(handoff_id=held.id, cart_id=held.cart_id, because=because), held, now)


def _tell(
    conn: Connection, event: HandoffRedeemed | HandoffCompleted | HandoffReleased, held: Held, now: datetime
) -> None:
    events.record(conn, event, now, customer_id=held.customer_id or None, store=held.store)


def _unknown_cart() -> ProblemError:
    return ProblemError("unknown_cart", "There is no such cart that is open.")


def _over() -> ProblemError:
    return ProblemError("handoff_over", "This handoff is over: the cart was sold, goes elsewhere, or the time ran out.")
