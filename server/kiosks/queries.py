"""Who waits at which kiosk, and what a customer sees there."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from server.access.callers import Caller
from server.access.rules import SHIFT, is_locked
from server.carts import queries as carts
from server.catalog import queries as catalog
from server.customers import guests
from server.customers import queries as customers
from server.customers.queries import Customer
from server.customers.rules import Kind, contacts_in
from server.db import sql
from server.db.engine import Connection
from server.kiosks.rules import OF_CONTACT, OF_CONTACT_A_DAY, OF_KIOSK, Limit
from server.wire.base import timestamp
from server.wire.kiosks import KioskCart, WaitingChallenge
from server.wishlists import queries as wishlists

SQL = sql.load(Path(__file__).parent)


class Asked(NamedTuple):
    """A challenge as it stands."""

    device_id: int
    store: str | None
    way: str
    contact_hash: bytes | None
    code_hash: bytes
    customer_id: int | None
    tries: int
    expires_at: str
    ended_at: str | None


class Address(NamedTuple):
    """Where a code goes: an e-mail or a phone, and whose it is."""

    customer_id: int
    kind: Kind
    value: str
    locale: str | None


class Seen(NamedTuple):
    """What a kiosk is told, and whom it is about."""

    cart: KioskCart
    people: tuple[int, ...]


def challenge(conn: Connection, id_: int) -> Asked | None:
    """A challenge, or None."""
    row = conn.one(SQL.challenge, id=id_)
    return None if row is None else Asked(*row)


def waiting_here(conn: Connection, caller: Caller, now: datetime) -> tuple[WaitingChallenge, ...]:
    """Kiosks of a caller's store that wait for an associate."""
    return tuple(
        WaitingChallenge(challenge_id=id_, kiosk=name, asked_at=asked_at, expires_at=expires_at)
        for id_, name, asked_at, expires_at in conn.all(SQL.waiting_in, store=caller.store, at=timestamp(now))
    )


def too_often(conn: Connection, device_id: int, contact_hash: bytes | None, codes_a_minute: int, now: datetime) -> int:
    """Seconds until a kiosk may ask again, for a contact where there is one; 0: now."""
    waits = [_left(conn.one(SQL.asked_by, device_id=device_id, since=_since(OF_KIOSK, now)), OF_KIOSK, now)]
    if contact_hash is not None:
        for limit in (OF_CONTACT, OF_CONTACT_A_DAY):
            waits.append(
                _left(conn.one(SQL.asked_for, contact_hash=contact_hash, since=_since(limit, now)), limit, now)
            )
        chain = Limit(codes_a_minute, 60)
        waits.append(_left(conn.one(SQL.asked_at_all, since=_since(chain, now), most=chain.most), chain, now))
    return max(waits)


def _since(limit: Limit, now: datetime) -> str:
    return timestamp(now - timedelta(seconds=limit.seconds))


def _left(row: tuple[int, str | None] | None, limit: Limit, now: datetime) -> int:
    if row is None or row[0] < limit.most or row[1] is None:
        return 0
    ends = datetime.fromisoformat(row[1]) + timedelta(seconds=limit.seconds)
    return max(1, int((ends - now).total_seconds()) + 1)


def address_of(conn: Connection, kind: Kind, value: str, *, by_mail: bool, by_text: bool) -> Address | None:
    """Where a code for whoever has a contact goes; None where nobody has it, or several people do.

    A contact that can be written to gets it itself; a card's goes to the e-mail, else the phone, of a record that has
    the card, a proven one before others.
    """
    persons = customers.carriers(conn, kind, value)
    if len(persons) != 1:
        return None
    having = [record for record in persons[0] if any(c.value == value for c in contacts_in(_packed(record, kind)))]
    can: list[Kind] = [way for way, able in (("email", by_mail), ("phone", by_text)) if able]  # type: ignore[misc]
    person = persons[0][0]
    locale = next((record.locale for record in persons[0] if record.locale), None)
    for way in sorted(can, key=lambda way: way != kind):
        found = [c for record in having for c in contacts_in(_packed(record, way))]
        found.sort(key=lambda c: (c.value != value, not c.verified))
        if found:
            return Address(person.person_id or person.id, way, found[0].value, locale)
    return None


def _packed(record: Customer, kind: Kind) -> str | None:
    return {"email": record.emails, "phone": record.phones, "card": record.cards}[kind]


def whose(conn: Connection, session_id: int) -> int:
    """The customer whose session it is; 0: nobody's who is known."""
    row = conn.one(SQL.session, id=session_id)
    return 0 if row is None else row[0]


def left(conn: Connection, idle: int, now: datetime) -> list[int]:
    """Sessions that nobody ended though they are over."""
    at = timestamp(now)
    rows = conn.all(SQL.open_sessions, until=timestamp(now + SHIFT))
    return [id_ for id_, seen_at, ends_at in rows if ends_at <= at or is_locked(seen_at, idle, now)]


def seen_by(conn: Connection, caller: Caller, now: datetime) -> Seen:
    """What a customer sees at a kiosk."""
    guest = caller.guest
    assert guest is not None
    person = guests.customers_of(conn, guest)
    rows = guests.open_rows(conn, guest, person)
    wishes = wishlists.rows_of(conn, [customer.id for customer in person])
    skus = carts.skus_of(rows) | wishlists.skus_of(wishes)
    items, stock = catalog.items(conn, skus), catalog.stock(conn, skus, caller.store)
    session = conn.one(SQL.session, id=guest.session_id)
    assert session is not None
    cart = KioskCart(
        first_name=next((record.given_name for record in person if record.given_name), None),
        carts=carts.carts_from(rows, items, stock),
        wishlists=wishlists.wishlists_from(wishes, items, stock),
        store=caller.store,
        as_of=timestamp(now),
        ends_at=session[1],
    )
    return Seen(cart, (person[0].person_id or person[0].id,) if person else ())
