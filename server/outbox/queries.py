"""What a shop has not been told yet."""

from pathlib import Path
from typing import NamedTuple

import msgspec

from server.db import sql
from server.db.engine import Connection
from server.wire.events import CartLineChanged, DeliveryAsked, Event, HandoffCompleted
from server.wire.outbox import (
    CartLineMessage,
    CartLineTold,
    CartSoldMessage,
    DeliveryMessage,
    DeliveryTold,
    SaleTold,
    ShopMessage,
)

SQL = sql.load(Path(__file__).parent)
AT_ONCE = 100
"""Events for shops that are looked through in one read."""
STRETCH = 20_000
"""Events of whatever kind that are."""

_event = msgspec.json.Decoder(Event)


class Place(NamedTuple):
    """How far a shop was told; `tries` of what comes next were not taken since `since`, because of `trouble`."""

    position: int
    tries: int
    next_at: str
    since: str | None
    trouble: str | None


class Next(NamedTuple):
    """What a shop is told next, if anything, and the event up to which there is nothing else."""

    position: int
    message: ShopMessage | None


def place(conn: Connection, source: str) -> Place | None:
    """How far a shop was told, or None where nobody began."""
    row = conn.one(SQL.place, source=source)
    return None if row is None else Place(*row)


def places(conn: Connection) -> dict[str, Place]:
    """How far each shop was told."""
    return {row[0]: Place(*row[1:]) for row in conn.all(SQL.places)}


def next_for(conn: Connection, source: str, after: int) -> Next:
    """What a shop is told next of what happened after an event; without a message where it was told all up to there."""
    last = conn.one(SQL.last)
    assert last is not None
    upto = min(last[0], after + STRETCH)
    rows = conn.all(SQL.events_for_shops, id=after, upto=upto, limit=AT_ONCE)
    for id_, at, store, body in rows:
        message = _message(conn, source, at, store, _event.decode(body))
        if message is not None:
            return Next(id_, message)
    return Next(rows[-1][0] if len(rows) == AT_ONCE else upto, None)


def waiting(conn: Connection, source: str, after: int, limit: int) -> int:
    """How many messages wait for a shop after an event, counted up to a limit."""
    count = 0
    while count < limit:
        found = next_for(conn, source, after)
        if found.message is None and found.position == after:
            break
        after = found.position
        count += found.message is not None
    return count


def _message(conn: Connection, source: str, at: str, store: str | None, event: Event) -> ShopMessage | None:
    """What a shop is told of an event: of its own carts, for as long as they are kept."""
    match event:
        case CartLineChanged(source=whose) if whose == source:
            name = _name(conn, event.cart_id)
            if name is None:
                return None
            return CartLineMessage(
                timestamp=at,
                data=CartLineTold(
                    source=source,
                    external_id=name[1],
                    version=event.version,
                    line=event.line,
                    line_id=event.line_id,
                    sku=event.sku,
                    base_quantity=event.base_quantity,
                    quantity=event.quantity,
                    unit_price=event.unit_price,
                    currency=event.currency,
                ),
            )
        case DeliveryAsked(source=whose, way=way) if whose == source:
            name = _name(conn, event.cart_id)
            if name is None:
                return None
            return DeliveryMessage(
                timestamp=at, data=DeliveryTold(source=source, external_id=name[1], way=way, store=store)
            )
        case HandoffCompleted():
            name = _name(conn, event.cart_id)
            if name is None or name[0] != source:
                return None
            sale = SaleTold(source=source, external_id=name[1], lines=event.lines, closed=event.closed)
            return CartSoldMessage(timestamp=at, data=sale)
        case _:
            return None


def _name(conn: Connection, cart_id: int) -> tuple[str, str] | None:
    row = conn.one(SQL.cart, id=cart_id)
    return None if row is None else (row[0], row[1])
