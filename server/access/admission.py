"""Who stands at a door, and whether it opens: found in the transaction of what they ask for.

So nothing is asked twice, and whoever was revoked or signed out before is refused, on every server.
"""

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar

from server.access.callers import ANYBODY, Caller, Guest
from server.access.doors import DOORS, OPEN_ELSEWHERE, OPEN_WHILE_LOCKED, PERSONS, PUBLIC
from server.access.queries import SQL
from server.access.rules import Token, hash_of_token, is_locked, is_stale, read_token
from server.db.engine import Connection
from server.wire.base import timestamp
from server.wire.problems import ProblemError

P = ParamSpec("P")
T = TypeVar("T")

_NOBODY: frozenset[str] = frozenset()
_NOWHERE: frozenset[str] = frozenset()


class Credentials:
    """What a request shows, and what is to be written down once it was answered.

    Args:
        header: of the name Authorization, or None.
        key: of tokens' hashes.
        idle: seconds after which a session is locked.
        kiosk_idle: seconds after which a customer has left a kiosk.

    Attributes:
        stale: who was not seen for a while, in the database's eyes.
        rolled: a device that showed its next token for the first time, and the token's hash.
        caller: whose token it turned out to be, whether the door opened to them or not.
    """

    __slots__ = ("caller", "header", "idle", "key", "kiosk_idle", "rolled", "stale")

    def __init__(self, header: bytes | None, key: bytes, idle: int, kiosk_idle: int = 0) -> None:
        self.header = header
        self.key = key
        self.idle = idle
        self.kiosk_idle = kiosk_idle
        self.caller: Caller | None = None
        self.stale: Caller | None = None
        self.rolled: tuple[int, bytes] | None = None


def admitted(
    conn: Connection,
    credentials: Credentials,
    door: str,
    now: datetime,
    fn: Callable[Concatenate[Connection, Caller, P], T],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run `fn(conn, caller, …)` for whoever may go through a door.

    Raises:
        ProblemError: nobody is known by what was shown, or the door is not for them.
    """
    return fn(conn, caller_at(conn, credentials, door, now), *args, **kwargs)


def caller_at(conn: Connection, credentials: Credentials, door: str, now: datetime) -> Caller:
    """Who stands at a door, if it opens to them.

    Raises:
        ProblemError: see `admitted`.
    """
    welcome = DOORS.get(door, _NOBODY)
    if welcome is PUBLIC:
        return ANYBODY
    if credentials.header is None:
        raise ProblemError(
            "no_token",
            "This door wants to know who asks: send the device's or the session's token as `Authorization: Bearer …`.",
        )
    token = read_token(credentials.header)
    if token is None:
        raise _unknown()
    caller = _BY_KIND[token.kind](conn, credentials, token, door, now)
    if caller.who not in welcome:
        raise _closed(caller, welcome)
    return caller


def _device(conn: Connection, credentials: Credentials, token: Token, _door: str, now: datetime) -> Caller:
    row = conn.one(SQL.by_device, id=token.id)
    if row is None:
        raise _unknown()
    token_hash, next_token_hash, kind, store, seen_at, revoked_at = row
    shown = hash_of_token(credentials.key, token.secret)
    is_next = next_token_hash is not None and hmac.compare_digest(bytes(next_token_hash), shown)
    if not is_next and not hmac.compare_digest(bytes(token_hash), shown):
        raise _unknown()
    if revoked_at is not None:
        raise _revoked()
    caller = credentials.caller = Caller(token.id, kind, store, None, None, _NOWHERE)
    credentials.rolled = (token.id, shown) if is_next else None
    credentials.stale = caller if is_stale(seen_at, now) else None
    return caller


def _session(conn: Connection, credentials: Credentials, token: Token, door: str, now: datetime) -> Caller:
    rows = conn.all(SQL.by_session, id=token.id)
    if not rows:
        raise _unknown()
    token_hash, seen_at, ends_at, ended_at, device_id, kind, store, revoked_at, *person, _ = rows[0]
    staff_id, role, removed_at = person
    if not hmac.compare_digest(bytes(token_hash), hash_of_token(credentials.key, token.secret)):
        raise _unknown()
    if revoked_at is not None:
        raise _revoked()
    if ended_at is not None or removed_at is not None or ends_at <= timestamp(now):
        raise ProblemError("session_ended", "Nobody is signed in any more. Sign in again.")
    stores: frozenset[str] = frozenset(row[-1] for row in rows if row[-1] is not None)
    caller = credentials.caller = Caller(device_id, kind, store, staff_id, role, stores, token.id)
    if door not in OPEN_ELSEWHERE and store is not None and not caller.works_in(store):
        raise ProblemError("wrong_caller", "Whoever is signed in does not work in this store any more. Sign out.")
    # Nobody is locked out who was seen within the minute.
    if door not in OPEN_WHILE_LOCKED and is_stale(seen_at, now):
        if is_locked(seen_at, credentials.idle, now):
            raise ProblemError("session_locked", "Nobody did anything here for a while. Type the PIN to go on.")
        credentials.stale = caller
    return caller


def _customer(conn: Connection, credentials: Credentials, token: Token, _door: str, now: datetime) -> Caller:
    row = conn.one(SQL.by_kiosk_session, id=token.id)
    if row is None:
        raise _unknown()
    token_hash, seen_at, ends_at, ended_at, customer_id, source, external_id, device_id, kind, store, revoked_at = row
    if not hmac.compare_digest(bytes(token_hash), hash_of_token(credentials.key, token.secret)):
        raise _unknown()
    if revoked_at is not None:
        raise _revoked()
    if ended_at is not None or ends_at <= timestamp(now) or is_locked(seen_at, credentials.kiosk_idle, now):
        raise ProblemError("session_ended", "Whoever was here has left. Show again who you are.")
    guest = Guest(token.id, customer_id, None if source is None else (source, external_id))
    caller = credentials.caller = Caller(device_id, kind, store, None, None, _NOWHERE, None, guest)
    credentials.stale = caller if is_stale(seen_at, now) else None
    return caller


_BY_KIND = {"dev": _device, "ses": _session, "kio": _customer}


def touch(conn: Connection, caller: Caller, now: datetime) -> None:
    """Write down that somebody was seen."""
    at = timestamp(now)
    if caller.guest is not None:
        conn.run(SQL.touch_kiosk_session, id=caller.guest.session_id, at=at)
    if caller.session_id is not None:
        conn.run(SQL.touch_session, id=caller.session_id, at=at)
    conn.run(SQL.touch_device, id=caller.device_id, at=at)


def take_next_token(conn: Connection, device_id: int, token_hash: bytes) -> None:
    """A device showed its next token: the one before it is worth nothing any more."""
    conn.run(SQL.take_next_token, id=device_id, next_token_hash=token_hash)


def _unknown() -> ProblemError:
    return ProblemError(
        "unknown_token", "Nobody has this token. Enrol the device anew with a code that a manager makes."
    )


def _revoked() -> ProblemError:
    return ProblemError("device_revoked", "This device was taken out of use. A manager can enrol it anew.")


def _closed(caller: Caller, welcome: frozenset[str]) -> ProblemError:
    if caller.kind == "tablet" and caller.role is None and welcome & PERSONS:
        return ProblemError("not_signed_in", "Nobody is signed in on this tablet. Sign in, then ask again.")
    return ProblemError("wrong_caller", f"This door is not for callers of the kind {caller.who}.")
