"""Devices, people, sessions and wrong tries as they stand."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from server.access.rules import Tries
from server.db import sql
from server.db.engine import Connection
from server.wire.access import Device, DeviceKind, Role, StaffMember, StaffName, by_name
from server.wire.base import timestamp

SQL = sql.load(Path(__file__).parent)


class Staff(NamedTuple):
    """Somebody who works here, with what their PIN is checked against."""

    id: int
    name: str
    role: Role
    pin_hash: str | None
    stores: frozenset[str]


def staff(conn: Connection, id_: int) -> Staff | None:
    """Somebody by their number, or None where nobody of that number works here."""
    row = conn.one(SQL.staff, id=id_)
    if row is None:
        return None
    name, role, pin_hash = row
    return Staff(id_, name, role, pin_hash, frozenset(store for (store,) in conn.all(SQL.stores_of, staff_id=id_)))


def staff_id_of_badge(conn: Connection, badge_hash: bytes) -> int | None:
    """Who has a badge, or None."""
    row = conn.one(SQL.staff_by_badge, badge_hash=badge_hash)
    return None if row is None else row[0]


def staff_in(conn: Connection, store: str | None) -> tuple[StaffName, ...]:
    """Who may sign in in a store, by name."""
    names = (StaffName(id=id_, name=name) for id_, name in conn.all(SQL.staff_in, store=store))
    return tuple(sorted(names, key=lambda one: (by_name(one.name), one.id)))


def all_staff(conn: Connection) -> tuple[StaffMember, ...]:
    """Everybody who works here, by name."""
    found: dict[int, StaffMember] = {}
    for id_, name, role, store in conn.all(SQL.all_staff):
        stores = (found[id_].stores if id_ in found else ()) + ((store,) if store is not None else ())
        found[id_] = StaffMember(id=id_, name=name, role=role, stores=stores)
    return tuple(sorted(found.values(), key=lambda one: (by_name(one.name), one.id)))


def has_manager(conn: Connection) -> bool:
    """Whether anybody may enrol devices and add people."""
    return conn.one(SQL.has_manager) is not None


def has_other_manager(conn: Connection, id_: int) -> bool:
    """Whether anybody but one may enrol devices and add people, and can sign in to do so."""
    return conn.one(SQL.has_other_manager, id=id_) is not None


def devices(conn: Connection) -> tuple[Device, ...]:
    """Every device that was ever enrolled, by store and name."""
    return tuple(_device(*row) for row in conn.all(SQL.devices))


def device(conn: Connection, id_: int) -> Device | None:
    """A device by its number, or None."""
    row = conn.one(SQL.device, id=id_)
    return None if row is None else _device(*row)


def tries(conn: Connection, subject: str) -> Tries | None:
    """What a subject guessed wrong, or None."""
    row = conn.one(SQL.tries, subject=subject)
    return None if row is None else Tries(row[0], datetime.fromisoformat(row[1]), datetime.fromisoformat(row[2]))


def keep_tries(conn: Connection, subject: str, kept: Tries) -> None:
    """Write down what a subject guessed wrong."""
    conn.run(
        SQL.set_tries,
        subject=subject,
        wrong=kept.wrong,
        wrong_at=timestamp(kept.wrong_at),
        wait_until=timestamp(kept.wait_until),
    )


def _device(
    id_: int, kind: DeviceKind, name: str, store: str | None, enrolled_at: str, seen_at: str, revoked_at: str | None
) -> Device:
    return Device(
        id=id_,
        kind=kind,
        name=name,
        store=store,
        enrolled_at=enrolled_at,
        seen_at=seen_at,
        revoked_at=revoked_at,
    )
