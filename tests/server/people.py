"""Devices, people and sessions as tests need them, made by the server's own actions with a secret that tests share."""

import re
from contextlib import closing
from datetime import UTC, datetime
from typing import NamedTuple

from server.access import actions, queries
from server.access.callers import TERMINAL, Caller
from server.access.pins import hash_pin
from server.access.rules import SHIFT, hash_of
from server.db.address import open_database
from server.db.engine import Connection
from server.keys import Keys
from server.wire.access import (
    DeviceKind,
    DeviceToken,
    EnrolmentCode,
    NewEnrolment,
    NewStaff,
    Role,
    SessionStarted,
    StaffMember,
)
from server.wire.base import timestamp
from tests.server.given import KEYS, NOW, SECRET, asked

PIN, WRONG_PIN = "4826", "4827"
BADGE = "BADGE-ANA"
PIN_HASH = hash_pin(KEYS.pins, PIN)
"""Made once: it takes its time, which is the point of it."""
IDLE = 300
ELSEWHERE = "192.0.2.1"
"""Where devices of tests are enrolled from: who guesses codes at 127.0.0.1 makes them wait no longer."""
ENVIRONMENT = {"MOSTRADOR_SECRET": SECRET, "MOSTRADOR_IDLE": "43200"}
"""Of a server that tests start as a program, and look at for longer than anybody is left alone."""


def enrolled(
    conn: Connection, kind: DeviceKind = "tablet", store: str | None = "GV", *, now: datetime = NOW, keys: Keys = KEYS
) -> DeviceToken:
    """A device with its token."""
    wanted = NewEnrolment(kind=kind, name=f"A {kind}", store=store)
    code = actions.make_enrolment(conn, TERMINAL, wanted, keys, "http://127.0.0.1:8600", now).code
    token = actions.enrol(conn, TERMINAL, EnrolmentCode(code=code), ELSEWHERE, keys, now)
    assert isinstance(token, DeviceToken)
    return token


def hired(
    conn: Connection,
    role: Role = "associate",
    *stores: str,
    name: str = "Marta",
    badge: str | None = None,
    now: datetime = NOW,
) -> StaffMember:
    """Somebody who works in some stores; their PIN is `PIN`."""
    wanted = NewStaff(name=name, role=role, stores=() if role == "hq" else stores or ("GV",), badge=badge)
    return actions.add_staff(conn, TERMINAL, wanted, PIN_HASH, KEYS, now)


def caller_of(device: DeviceToken) -> Caller:
    """A device as it comes to a door, with nobody signed in on it."""
    return Caller(device.device_id, device.kind, device.store, None, None, frozenset())


def signed_in(
    conn: Connection, device: DeviceToken, member: StaffMember, *, now: datetime = NOW, keys: Keys = KEYS
) -> SessionStarted:
    """Somebody signed in on a device, as after the right PIN."""
    found = queries.staff(conn, member.id)
    assert found is not None
    return actions.start_session(conn, caller_of(device), found, keys, IDLE, now)


class Tokens(NamedTuple):
    """A token of each kind that lets somebody in."""

    tablet: str
    kiosk: str
    till: str
    sync: str
    associate: str
    manager: str
    hq: str


NOBODY = Tokens(*[""] * 7)
"""No tokens."""


def tokens(conn: Connection, store: str = "GV", now: datetime = NOW) -> Tokens:
    """One of each: people each on a tablet of their own. Zoe is nowhere signed in."""
    kiosk, till = (enrolled(conn, kind, store, now=now).token for kind in ("kiosk", "till"))  # type: ignore[arg-type]
    people = (
        hired(conn, "associate", store, name="Ana", badge=BADGE, now=now),
        hired(conn, "manager", store, name="Marta", now=now),
        hired(conn, "hq", name="Hugo", now=now),
    )
    hired(conn, "associate", store, name="Zoe", now=now)
    return Tokens(
        enrolled(conn, "tablet", store, now=now).token,
        kiosk,
        till,
        enrolled(conn, "sync", None, now=now).token,
        *(signed_in(conn, enrolled(conn, "tablet", store, now=now), one, now=now).token for one in people),
    )


def bearer(token: str) -> dict[str, str]:
    """The header that shows a token."""
    return {"Authorization": f"Bearer {token}"}


def tokens_in(address: str, store: str = "GV") -> Tokens:
    """The same for a server that is a program of its own and goes by the machine's clock."""
    with closing(open_database(address)) as database:
        return database.write_now(tokens, store, datetime.now(UTC))


class Known(NamedTuple):
    """Tokens that are the same in every database that tests let themselves in."""

    hq: str
    sync: str
    tablet: str
    """Of the tablet that HQ's person is signed in on."""


_NUMBER = 1_000_001
KNOWN = Known(hq=f"ses_{_NUMBER}_{'A' * 43}", sync=f"dev_{_NUMBER + 1}_{'S' * 43}", tablet=f"dev_{_NUMBER}_{'T' * 43}")
_LET_IN = (
    "DELETE FROM sessions WHERE id = :number",
    "DELETE FROM staff WHERE id = :number",
    "DELETE FROM devices WHERE id IN (:number, :next)",
    """INSERT INTO devices (id, kind, store, name, token_hash, enrolled_at, seen_at)
    VALUES (:number, 'tablet', 'GV', 'Tablet', :tablet, :now, :now),
        (:next, 'sync', NULL, 'Sync', :sync, :now, :now)""",
    "INSERT INTO staff (id, name, role, added_at) VALUES (:number, 'Hugo', 'hq', :now)",
    """INSERT INTO sessions (id, token_hash, device_id, staff_id, store, started_at, seen_at, ends_at)
    VALUES (:number, :hq, :number, :number, 'GV', :now, :now, :end)""",
)


def let_in(address: str, now: datetime | None = None) -> None:
    """Have the tokens of `KNOWN` good for a shift in the database at an address: from now, by the machine's clock."""
    now = now or datetime.now(UTC)
    values = {
        "number": _NUMBER,
        "next": _NUMBER + 1,
        "tablet": hash_of(KEYS.tokens, KNOWN.tablet),
        "hq": hash_of(KEYS.tokens, KNOWN.hq),
        "sync": hash_of(KEYS.tokens, KNOWN.sync),
        "now": timestamp(now),
        "end": timestamp(now + SHIFT),
    }

    def write(conn: Connection) -> None:
        for statement in _LET_IN:
            names = re.findall(r":([a-z]+)", statement)
            conn.run(asked(statement), **{name: values[name] for name in names})

    with closing(open_database(address)) as database:
        database.write_now(write)
