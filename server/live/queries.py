"""Reading on from an event, with whom it is about."""

from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import structs

from server.db import sql
from server.db.engine import Connection
from server.wire.base import Wire
from server.wire.events import Event, RecordRemoved
from server.wire.live import LiveEvent

SQL = sql.load(Path(__file__).parent)
_encode = msgspec.json.Encoder().encode
_live = msgspec.json.Decoder(LiveEvent)
_event = msgspec.json.Decoder(Event)


class _Tagged(Wire, frozen=True):
    """What each event says, of whatever kind it is."""

    type: str


_tag = msgspec.json.Decoder(_Tagged)


class Told(NamedTuple):
    """An event as a stream tells it, and what decides who is told.

    Attributes:
        cart_id: the cart that it is about: of carts whoever stands at a kiosk is told, of their own.
        data: empty where this server does not know what kind of event it is: a newer one wrote it.
    """

    id: int
    customer_id: int | None
    person_id: int | None
    store: str | None
    tag: str
    data: bytes
    cart_id: int | None


def after(conn: Connection, id_: int, limit: int) -> list[Told]:
    """The events that follow one, oldest first."""
    return [_told(*row) for row in conn.all(SQL.after, id=id_, limit=limit)]


def _told(id_: int, at: str, customer_id: int | None, person_id: int | None, store: str | None, body: str) -> Told:
    try:
        event = _event.decode(body)
    except msgspec.ValidationError:
        return Told(id_, customer_id, person_id, store, _tag.decode(body).type, b"", None)
    live = LiveEvent(id=id_, at=at, customer_id=customer_id, person_id=person_id, store=store, event=event)
    return Told(
        id_,
        customer_id,
        person_id,
        store,
        str(type(event).__struct_config__.tag),
        _encode(live),
        _cart_in(event),
    )


def _cart_in(event: Event) -> int | None:
    """The cart that an event is about, if it is about one."""
    if isinstance(event, RecordRemoved):
        return event.id if event.kind == "cart" else None
    return getattr(event, "cart_id", None)


def without_whom(data: bytes) -> bytes:
    """An event as a kiosk hears it: no customer's number is told there."""
    return _encode(structs.replace(_live.decode(data), customer_id=None, person_id=None))


def last(conn: Connection) -> int:
    """The number of the latest event; 0 where nothing ever happened."""
    row = conn.one(SQL.last)
    assert row is not None
    number: int = row[0]
    return number


def kept(conn: Connection) -> tuple[int, int]:
    """The numbers of the oldest event that is kept and of the latest; 1 and 0 where nothing ever happened."""
    row = conn.one(SQL.kept)
    assert row is not None
    return row[0], row[1]


def person_of(conn: Connection, customer_id: int) -> int | None:
    """The person that a customer is, or None where there is no such customer."""
    row = conn.one(SQL.person_of, customer_id=customer_id)
    return None if row is None else row[0]
