"""Devices come and go, people are added, sign in and out; each in one transaction, with the events it means."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Literal, NamedTuple, get_args

from server.access import queries, rules
from server.access.callers import Caller
from server.access.queries import SQL, Staff
from server.access.rules import DEVICE, EVERYBODY, PEER, PERSON, Patience
from server.db.engine import Connection
from server.events import actions as events
from server.keys import Keys
from server.wire.access import (
    DeviceToken,
    Enrolment,
    EnrolmentCode,
    NewEnrolment,
    NewStaff,
    SessionStarted,
    SessionUnlocked,
    SignIn,
    StaffMember,
)
from server.wire.base import timestamp
from server.wire.events import DeviceRevoked, SessionEnded
from server.wire.problems import ProblemError

Watched = Literal["device", "kiosk", "till"]
"""What is counted on a device: PINs, codes of customers at a kiosk, codes of carts at a till."""

_CODE, _CODE_OF_PEER = "code", "code:"


def make_enrolment(
    conn: Connection,
    caller: Caller,
    wanted: NewEnrolment,
    keys: Keys,
    server: str,
    now: datetime,
    fingerprint: str | None = None,
) -> Enrolment:
    """Make a code that enrols one device.

    Args:
        conn: a transaction.
        caller: who makes it; a manager for their own stores only.
        wanted: the device.
        keys: the installation's.
        server: the address at which the device finds us.
        now: when.
        fingerprint: of the one certificate that the device is to trust; None where any is good that its system trusts.

    Raises:
        ProblemError: the device needs a store, or it is not one of the manager's.
    """
    if wanted.store is None and wanted.kind != "sync":
        raise ProblemError("invalid_field", f"A {wanted.kind} stands in a store: say in which.", path="$.store")
    if not caller.works_in(wanted.store):
        raise ProblemError("wrong_caller", "Managers enrol devices of the stores they work in.")
    code, at = rules.new_code(), timestamp(now)
    expires_at = timestamp(now + rules.ENROLMENT)
    conn.run(SQL.forget_enrolments, before=at)
    conn.run(
        SQL.add_enrolment,
        code_hash=rules.hash_of(keys.codes, code),
        kind=wanted.kind,
        store=wanted.store,
        name=wanted.name,
        made_by=caller.staff_id,
        expires_at=expires_at,
    )
    return Enrolment(
        code=rules.code_shown(code),
        qr=rules.enrolment_qr(server, code, fingerprint),
        kind=wanted.kind,
        name=wanted.name,
        store=wanted.store,
        expires_at=expires_at,
    )


def enrol(
    conn: Connection, _caller: Caller, typed: EnrolmentCode, peer: str, keys: Keys, now: datetime
) -> DeviceToken | ProblemError:
    """Trade a code for a device's token; a problem where it is none, given back so that the wrong try is kept.

    Raises:
        ProblemError: the code is for a device of another kind; it can still be used, by one of that.
    """
    watched: tuple[tuple[str, Patience], ...] = ((_CODE, EVERYBODY), (_CODE_OF_PEER + peer, PEER))
    waiting = must_wait(conn, watched, now)
    if waiting is not None:
        return waiting
    at = timestamp(now)
    code_hash = rules.hash_of(keys.codes, rules.code_typed(typed.code))
    found = conn.all(SQL.use_enrolment, code_hash=code_hash, at=at)
    if not found:
        before = timestamp(now - timedelta(seconds=PEER.forgotten or 0))
        conn.run(SQL.forget_old_tries, first=_CODE_OF_PEER, last=_CODE_OF_PEER + "\U0010ffff", before=before)
        wait = count_wrong(conn, watched, now)
        return ProblemError(
            "wrong_code",
            "This code enrols nothing: it was mistyped, used, or is older than 15 minutes. Ask for a new one.",
            retry_after=wait or None,
        )
    kind, store, name = found[0]
    if typed.kind not in {None, kind}:
        raise ProblemError(
            "wrong_kind", f"This code is for a {kind}, and this is a {typed.kind}. The code can still be used there."
        )
    row = conn.one(SQL.add_device, kind=kind, store=store, name=name, at=at)
    assert row is not None
    device_id: int = row[0]
    token = rules.token_text("dev", device_id, rules.new_secret())
    conn.run(SQL.set_token, id=device_id, token_hash=rules.hash_of(keys.tokens, token))
    return DeviceToken(device_id=device_id, token=token, kind=kind, name=name, store=store)


def asker_of(typed: str, keys: Keys) -> str:
    """What whoever asks with a code is called where anybody may ask."""
    return f"code:{rules.hash_of(keys.codes, rules.code_typed(typed)).hex()}"


def next_token(conn: Connection, caller: Caller, keys: Keys) -> DeviceToken:
    """Give a device its next token; the one it has lives until the next is used."""
    assert caller.device_id is not None
    device = queries.device(conn, caller.device_id)
    assert device is not None
    token = rules.token_text("dev", device.id, rules.new_secret())
    conn.run(SQL.set_next_token, id=device.id, next_token_hash=rules.hash_of(keys.tokens, token))
    return DeviceToken(device_id=device.id, token=token, kind=device.kind, name=device.name, store=device.store)


def revoke_device(conn: Connection, caller: Caller, device_id: int, now: datetime) -> None:
    """Take a device out of use, and whoever is signed in on it with it.

    Raises:
        ProblemError: there is no such device in the caller's stores.
    """
    require_device(conn, caller, device_id)
    if conn.run(SQL.revoke_device, id=device_id, at=timestamp(now)):
        _end(conn, SQL.end_sessions_on, now, device_id=device_id)
        events.record(conn, DeviceRevoked(device_id=device_id), now)


def require_device(conn: Connection, caller: Caller, device_id: int) -> None:
    """A device that a caller may manage.

    Raises:
        ProblemError: there is none with this number in the caller's stores.
    """
    device = queries.device(conn, device_id)
    if device is None or not caller.works_in(device.store):
        raise ProblemError("unknown_device", "There is no device with this number in your stores. List them again.")


def add_staff(
    conn: Connection, caller: Caller, wanted: NewStaff, pin_hash: str | None, keys: Keys, now: datetime
) -> StaffMember:
    """Let somebody work here.

    Raises:
        ProblemError: they have no store, are none that the caller may add, or the badge is another's.
    """
    stores = frozenset(wanted.stores)
    if wanted.role == "hq" and stores:
        raise ProblemError("invalid_field", "HQ's people work in all stores: name none.", path="$.stores")
    if wanted.role != "hq" and not stores:
        raise ProblemError("invalid_field", "Say in which stores they work.", path="$.stores")
    if not rules.may_manage(caller, wanted.role, stores):
        raise ProblemError("wrong_caller", "Managers add people of the stores they work in.")
    badge_hash = None if wanted.badge is None else badge_hash_of(keys, wanted.badge)
    if badge_hash is not None and conn.one(SQL.has_badge, badge_hash=badge_hash) is not None:
        raise ProblemError("badge_taken", "Somebody has this badge already. Give another one.", path="$.badge")
    name = wanted.name.replace("\0", "").strip()
    if not name:
        raise ProblemError("invalid_field", "The name is empty.", path="$.name")
    row = conn.one(
        SQL.add_staff, name=name, role=wanted.role, badge_hash=badge_hash, pin_hash=pin_hash, at=timestamp(now)
    )
    assert row is not None
    conn.run_many(SQL.add_staff_store, [{"staff_id": row[0], "store": store} for store in sorted(stores)])
    return StaffMember(id=row[0], name=name, role=wanted.role, stores=tuple(sorted(stores)))


def badge_hash_of(keys: Keys, badge: str) -> bytes:
    """What is kept of a badge."""
    return rules.hash_of(keys.codes, f"badge {badge.strip()}")


def require_good(pin: str) -> None:
    """A PIN that is not among the first that somebody would try.

    Raises:
        ProblemError: it is.
    """
    if rules.is_obvious(pin):
        raise ProblemError("invalid_field", "Everybody tries this PIN first. Choose another one.", path="$.pin")


def require_staff(conn: Connection, caller: Caller, staff_id: int) -> Staff:
    """Somebody whom a caller may manage.

    Raises:
        ProblemError: there is nobody of this number, or they are none of the caller's.
    """
    found = queries.staff(conn, staff_id)
    if found is None or not rules.may_manage(caller, found.role, found.stores):
        raise _unknown_staff()
    return found


def set_stores(conn: Connection, caller: Caller, staff_id: int, stores: Iterable[str]) -> StaffMember:
    """Let somebody work elsewhere from now on.

    Raises:
        ProblemError: they are none of the caller's, neither before nor after.
    """
    found, after = require_staff(conn, caller, staff_id), frozenset(stores)
    if found.role == "hq" or not after:
        raise ProblemError("invalid_field", "HQ's people work in all stores, others in one or more.", path="$.stores")
    if not rules.may_manage(caller, found.role, after):
        raise ProblemError("wrong_caller", "Managers add people to the stores they work in.")
    conn.run(SQL.forget_staff_stores, staff_id=staff_id)
    conn.run_many(SQL.add_staff_store, [{"staff_id": staff_id, "store": store} for store in sorted(after)])
    return StaffMember(id=staff_id, name=found.name, role=found.role, stores=tuple(sorted(after)))


def set_pin(conn: Connection, caller: Caller, staff_id: int, pin_hash: str, now: datetime) -> None:
    """Give somebody another PIN; waits end, and so does every session of theirs.

    Raises:
        ProblemError: they are none of the caller's.
    """
    require_staff(conn, caller, staff_id)
    conn.run(SQL.set_pin, id=staff_id, pin_hash=pin_hash)
    _forget_tries_of(conn, staff_id)
    _end(conn, SQL.end_sessions_of, now, staff_id=staff_id)


def remove_staff(conn: Connection, caller: Caller, staff_id: int, now: datetime) -> None:
    """Somebody works here no more: they are signed out everywhere, and never in again.

    Raises:
        ProblemError: they are none of the caller's, or the last who may enrol devices and add people.
    """
    found = require_staff(conn, caller, staff_id)
    # Writes come one after the other, or as if they did: of two managers who go at once, one is the last.
    if found.role != "associate" and not queries.has_other_manager(conn, staff_id):
        raise ProblemError(
            "last_manager",
            f"Without {found.name} nobody could enrol devices or add people: no other manager has a PIN and a store. "
            "Add one first; at a terminal: mostrador staff add NAME --role manager --store CODE.",
        )
    conn.run(SQL.remove_staff, id=staff_id, at=timestamp(now))
    conn.run(SQL.forget_staff_stores, staff_id=staff_id)
    _forget_tries_of(conn, staff_id)
    _end(conn, SQL.end_sessions_of, now, staff_id=staff_id)


def end_waits_of_person(conn: Connection, caller: Caller, staff_id: int) -> None:
    """Let somebody who mistyped their PIN try again at once.

    Raises:
        ProblemError: they are none of the caller's.
    """
    require_staff(conn, caller, staff_id)
    _forget_tries_of(conn, staff_id)


def end_waits_of_device(conn: Connection, caller: Caller, device_id: int) -> None:
    """Let people try again at once on a device.

    Raises:
        ProblemError: there is no such device in the caller's stores.
    """
    require_device(conn, caller, device_id)
    for what in get_args(Watched):
        conn.run(SQL.forget_tries, subject=on_device(what, device_id))


class Try(NamedTuple):
    """A try to sign in that counts as wrong unless it turns out to be right; `wait` are seconds until the next one."""

    staff: Staff
    subject: str
    wait: int


def begin_try(conn: Connection, caller: Caller, claim: SignIn, keys: Keys, now: datetime) -> Try:
    """Count a try before the PIN is looked at: of those that come at once none is free, nor is one that is broken off.

    Raises:
        ProblemError: nobody works here by this number or badge, or it is too early for another try.
    """
    assert caller.device_id is not None
    staff_id = claim.staff_id
    if claim.badge is not None:
        staff_id = queries.staff_id_of_badge(conn, badge_hash_of(keys, claim.badge))
    found = None if staff_id is None else queries.staff(conn, staff_id)
    if found is None or found.pin_hash is None or not _works_here(found, caller):
        raise _unknown_staff()
    # Whoever was signed in on a device before is not kept waiting by what others try on other devices.
    known = conn.one(SQL.has_signed_in, staff_id=found.id, device_id=caller.device_id) is not None
    subject = f"staff:{found.id}@{caller.device_id}" if known else f"staff:{found.id}"
    watched = ((subject, PERSON), (on_device("device", caller.device_id), DEVICE))
    waiting = must_wait(conn, watched, now)
    if waiting is not None:
        raise waiting
    return Try(found, subject, count_wrong(conn, watched, now))


def confirm_try(conn: Connection, caller: Caller, tried: Try, now: datetime) -> Staff:
    """The PIN was right: the try counts as wrong no more.

    Raises:
        ProblemError: while the PIN was looked at it was changed, or whose it is works here no more.
    """
    found = queries.staff(conn, tried.staff.id)
    if found is None or not _works_here(found, caller):
        raise _unknown_staff()
    if found.pin_hash != tried.staff.pin_hash:
        raise ProblemError("wrong_pin", "The PIN was changed just now. Type the new one.", path="$.pin")
    conn.run(SQL.forget_tries, subject=tried.subject)
    assert caller.device_id is not None
    subject = on_device("device", caller.device_id)
    counted = queries.tries(conn, subject)
    if counted is not None and counted.wrong > 1:
        queries.keep_tries(conn, subject, counted._replace(wrong=counted.wrong - 1, wait_until=now))
    elif counted is not None:
        conn.run(SQL.forget_tries, subject=subject)
    return found


def start_session(
    conn: Connection, caller: Caller, staff: Staff, keys: Keys, idle: int, now: datetime
) -> SessionStarted:
    """Somebody is signed in on a device from now on, in place of whoever was."""
    assert caller.device_id is not None
    _end(conn, SQL.end_sessions_on, now, device_id=caller.device_id)
    ends_at = timestamp(now + rules.SHIFT)
    row = conn.one(
        SQL.add_session,
        device_id=caller.device_id,
        staff_id=staff.id,
        store=caller.store,
        at=timestamp(now),
        ends_at=ends_at,
    )
    assert row is not None
    token = rules.token_text("ses", row[0], rules.new_secret())
    conn.run(SQL.set_session_token, id=row[0], token_hash=rules.hash_of(keys.tokens, token))
    return SessionStarted(
        token=token,
        staff_id=staff.id,
        name=staff.name,
        role=staff.role,
        stores=tuple(sorted(staff.stores)),
        store=caller.store,
        ends_at=ends_at,
        idle=idle,
    )


def unlock(conn: Connection, caller: Caller, idle: int, now: datetime) -> SessionUnlocked:
    """Whoever is signed in has shown the PIN again."""
    assert caller.session_id is not None
    assert caller.staff_id is not None
    conn.run(SQL.unlock_session, id=caller.session_id, at=timestamp(now))
    row = conn.one(SQL.session, id=caller.session_id)
    assert row is not None
    return SessionUnlocked(staff_id=caller.staff_id, ends_at=row[0], idle=idle)


def sign_out(conn: Connection, caller: Caller, now: datetime, *, everywhere: bool) -> None:
    """Somebody signs out, on this device or on all of theirs."""
    if everywhere:
        _end(conn, SQL.end_sessions_of, now, staff_id=caller.staff_id)
    else:
        _end(conn, SQL.end_session, now, id=caller.session_id)


def _end(conn: Connection, query: object, now: datetime, **whose: object) -> None:
    for session_id in sorted(row[0] for row in conn.all(query, at=timestamp(now), **whose)):  # type: ignore[arg-type]
        events.record(conn, SessionEnded(session_id=session_id), now)


def _works_here(staff: Staff, caller: Caller) -> bool:
    return staff.role == "hq" or caller.store in staff.stores


def on_device(what: Watched, device_id: int) -> str:
    """What wrong tries of a kind on a device are counted under."""
    return f"{what}:{device_id}"


def _forget_tries_of(conn: Connection, staff_id: int) -> None:
    conn.run(SQL.forget_tries, subject=f"staff:{staff_id}")
    # All that begin with the @ that stands before a device's number; A is the sign after it.
    conn.run(SQL.forget_tries_between, first=f"staff:{staff_id}@", last=f"staff:{staff_id}A")


def must_wait(conn: Connection, watched: Iterable[tuple[str, Patience]], now: datetime) -> ProblemError | None:
    """The problem that it is too early for another try, of any of some subjects; None: it is not."""
    waits = [(rules.wait_left(queries.tries(conn, subject), now), patience) for subject, patience in watched]
    wait, patience = max(waits, key=itemgetter(0))
    return None if wait == 0 else _too_early(wait, lifted=patience.lifted)


def count_wrong(conn: Connection, watched: Iterable[tuple[str, Patience]], now: datetime) -> int:
    """Count one more wrong try; seconds until the next one."""
    wait = 0
    for subject, patience in watched:
        counted = rules.after_wrong(queries.tries(conn, subject), patience, now)
        queries.keep_tries(conn, subject, counted)
        wait = max(wait, rules.wait_left(counted, now))
    return wait


def _too_early(wait: int, *, lifted: bool) -> ProblemError:
    said = f"There were too many wrong tries. The next one is looked at in {wait} seconds"
    return ProblemError(
        "too_many_tries", f"{said}; a manager can end the wait." if lifted else f"{said}.", retry_after=wait
    )


def _unknown_staff() -> ProblemError:
    return ProblemError("unknown_staff", "Nobody by this number or badge works here. Pick the name, or ask a manager.")
