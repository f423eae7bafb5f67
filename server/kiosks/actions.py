"""A kiosk asks, somebody answers, a customer goes on and leaves; each in one transaction, with the events it means."""

import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from server.access import rules as access_rules
from server.access.actions import count_wrong, must_wait, on_device
from server.access.callers import Caller
from server.access.queries import SQL as ACCESS
from server.access.rules import Patience
from server.carts import actions as carts
from server.customers import guests
from server.customers import queries as customers
from server.customers.guests import CartName
from server.customers.rules import Kind
from server.db.engine import Connection
from server.events import actions as events
from server.keys import Keys
from server.kiosks import queries, rules
from server.kiosks.queries import SQL, Address, Asked
from server.kiosks.rules import Continue
from server.orders.queries import NOBODY
from server.settings import Settings
from server.wire.base import timestamp
from server.wire.carts import Cart, JoinCarts
from server.wire.events import KioskSessionEnded, VouchingAsked, VouchingGiven, VouchingWithdrawn
from server.wire.kiosks import Challenge, CodeProof, Confirmation, KioskSession, VouchProof
from server.wire.problems import ProblemError

_CONTACTS = "contact:"


class Contact(NamedTuple):
    """What somebody typed or scanned, as it is kept, and the language that they read."""

    kind: Kind
    value: str
    language: str | None


class Pending(NamedTuple):
    """A code that is to be sent to whoever has a contact, if anybody does; of no use from `over_at` on."""

    challenge_id: int
    contact: Contact
    code: str
    over_at: datetime


def ask_for_code(
    conn: Connection,
    caller: Caller,
    contact: Contact,
    keys: Keys,
    now: datetime,
    *,
    settings: Settings,
    pending: list[Pending],
) -> Challenge:
    """Make a code for a contact. Nobody is looked for: that is done once this was answered, see `address`.

    Args:
        conn: a transaction.
        caller: the kiosk.
        contact: the contact.
        keys: the installation's.
        now: when.
        settings: how many codes are sent.
        pending: gets what is to be sent.

    Raises:
        ProblemError: the kiosk, the contact or the chain asked too often, or too many codes were wrong.
    """
    assert caller.device_id is not None
    contact_hash = rules.hash_of_contact(keys.codes, contact.kind, contact.value)
    waiting = must_wait(conn, _watched(caller.device_id, contact_hash), now)
    if waiting is not None:
        raise waiting
    code = rules.new_digits(rules.CODE_LENGTH)
    over_at = now + rules.CODE_LIVES
    challenge = _ask(conn, caller, "code", contact_hash, code, settings, keys, over_at, now)
    pending[:] = [Pending(challenge.challenge_id, contact, code, over_at)]
    return challenge


def ask_to_vouch(conn: Connection, caller: Caller, keys: Keys, settings: Settings, now: datetime) -> Challenge:
    """Make two digits that an associate confirms, and tell the tablets of the store.

    Raises:
        ProblemError: the kiosk asked too often.
    """
    digits = rules.new_digits(2)
    challenge = _ask(conn, caller, "vouch", None, digits, settings, keys, now + rules.VOUCH_LIVES, now)
    events.record(conn, VouchingAsked(challenge_id=challenge.challenge_id), now, store=caller.store)
    return challenge


def _ask(
    conn: Connection,
    caller: Caller,
    way: str,
    contact_hash: bytes | None,
    code: str,
    settings: Settings,
    keys: Keys,
    until: datetime,
    now: datetime,
) -> Challenge:
    assert caller.device_id is not None
    at, expires_at = timestamp(now), timestamp(until)
    wait = queries.too_often(conn, caller.device_id, contact_hash, settings.kiosk_codes, now)
    if wait:
        raise ProblemError(
            "too_many_tries", f"This was asked for too often. Try again in {wait} seconds.", retry_after=wait
        )
    conn.run(SQL.forget_challenges, before=timestamp(now - rules.KEPT))
    before = timestamp(now - timedelta(seconds=rules.CONTACT.forgotten or 0))
    conn.run(ACCESS.forget_old_tries, first=_CONTACTS, last=f"{_CONTACTS}~", before=before)
    since = timestamp(now - rules.CODE_LIVES)
    _tell_withdrawn(conn, caller, conn.all(SQL.end_challenges_of, device_id=caller.device_id, since=since, at=at), now)
    row = conn.one(
        SQL.add_challenge,
        device_id=caller.device_id,
        store=caller.store,
        way=way,
        contact_hash=contact_hash,
        code_hash=rules.hash_of_code(keys.codes, caller.device_id, code),
        at=at,
        expires_at=expires_at,
    )
    assert row is not None
    digits = code if way == "vouch" else None
    return Challenge(challenge_id=row[0], way="vouch" if digits else "code", digits=digits, expires_at=expires_at)


def withdraw(conn: Connection, caller: Caller, challenge_id: int, now: datetime) -> None:
    """A kiosk waits for its digits or its code no more; what is another's, or over, is left as it is."""
    at = timestamp(now)
    rows = conn.all(SQL.withdraw_challenge, id=challenge_id, device_id=caller.device_id, at=at)
    _tell_withdrawn(conn, caller, rows, now)


def _tell_withdrawn(conn: Connection, caller: Caller, ended: Iterable[tuple[Any, ...]], now: datetime) -> None:
    """Tell the tablets of the store which of what a kiosk waited for they need not look at any more."""
    for id_, way, customer_id, expires_at in ended:
        if way == "vouch" and customer_id is None and expires_at > timestamp(now):
            events.record(conn, VouchingWithdrawn(challenge_id=id_), now, store=caller.store)


def address(conn: Connection, pending: Pending, *, by_mail: bool, by_text: bool) -> Address | None:
    """Where a code goes, and that its challenge is theirs; written down too where it is nobody's."""
    found = queries.address_of(conn, pending.contact.kind, pending.contact.value, by_mail=by_mail, by_text=by_text)
    conn.run(SQL.set_customer, id=pending.challenge_id, customer_id=found and found.customer_id)
    return found


def confirm(
    conn: Connection, caller: Caller, challenge_id: int, said: Confirmation, keys: Keys, now: datetime
) -> ProblemError | None:
    """An associate says who stands at a kiosk of their store; a wrong try is given back, so that it is kept.

    Raises:
        ProblemError: nobody waits there, or there is no such customer.
    """
    found = queries.challenge(conn, challenge_id)
    if (
        found is None
        or found.way != "vouch"
        or found.store != caller.store
        or found.customer_id is not None
        or _is_over(found, now)
    ):
        raise ProblemError("unknown_challenge", "Nobody waits there any more. List again who does.")
    person = customers.person(conn, said.customer_id)
    if not person:
        raise ProblemError("unknown_customer", "There is no customer with this number. Search again.")
    if not _fits(found, found.device_id, said.digits, keys):
        _count_try(conn, challenge_id, found, now)
        return ProblemError("wrong_proof", "The kiosk shows other digits. Look again.", path="$.digits")
    conn.run(SQL.set_customer, id=challenge_id, customer_id=person[0].person_id or person[0].id)
    events.record(conn, VouchingGiven(challenge_id=challenge_id), now, store=found.store)
    return None


def go_on(
    conn: Connection, caller: Caller, code: Continue, keys: Keys, settings: Settings, now: datetime
) -> KioskSession:
    """A customer goes on with the cart that a shop's code names: at this kiosk, and at no other.

    Raises:
        ProblemError: the code was used, or the cart is not there.
    """
    conn.run(SQL.forget_codes, before=timestamp(now))
    # As long as it could be shown again.
    used = rules.hash_of_continue(keys.codes, code)
    if not conn.run(SQL.use_code, code_hash=used, expires_at=timestamp(code.expires_at)):
        raise ProblemError(
            "proof_used",
            "This code was used already. If that was not you, tell somebody; the site or the app shows a new one.",
        )
    name = (code.source, code.external_id)
    found = guests.open_cart(conn, name)
    if found is None:
        raise ProblemError("unknown_cart", "This cart is not here yet, or not open any more. Try again in a moment.")
    return start(conn, caller, found.place.customer_id or NOBODY, name, "continue", keys, settings, now)


def by_code(
    conn: Connection, caller: Caller, shown: CodeProof, keys: Keys, settings: Settings, now: datetime
) -> KioskSession | ProblemError:
    """A customer shows the code that was sent to them; a wrong one is given back, so that the try is kept.

    Raises:
        ProblemError: the code is over, or it is too early for another try.
    """
    assert caller.device_id is not None
    found = _required(conn, caller, shown.challenge_id, "code", now)
    watched = _watched(caller.device_id, found.contact_hash or b"")
    waiting = must_wait(conn, watched, now)
    if waiting is not None:
        raise waiting
    # Compared in any case: a contact that is nobody's takes as long.
    fits = _fits(found, caller.device_id, rules.code_typed(shown.code), keys)
    if not fits or found.customer_id is None:
        wait = count_wrong(conn, watched, now)
        _count_try(conn, shown.challenge_id, found, now)
        return ProblemError(
            "wrong_proof", "This is not the code that was sent. Look again.", path="$.code", retry_after=wait or None
        )
    conn.run(ACCESS.forget_tries, subject=watched[0][0])
    return _proven(conn, caller, shown.challenge_id, found, keys, settings, now)


def by_vouch(
    conn: Connection, caller: Caller, shown: VouchProof, keys: Keys, settings: Settings, now: datetime
) -> KioskSession:
    """A customer goes on whom an associate knew.

    Raises:
        ProblemError: nobody confirmed it so far, or it is over.
    """
    found = _required(conn, caller, shown.challenge_id, "vouch", now)
    if found.customer_id is None:
        raise ProblemError("proof_waits", "Nobody confirmed it yet. Somebody who works here is on their way.")
    return _proven(conn, caller, shown.challenge_id, found, keys, settings, now)


def _required(conn: Connection, caller: Caller, challenge_id: int, way: str, now: datetime) -> Asked:
    found = queries.challenge(conn, challenge_id)
    if found is None or found.device_id != caller.device_id or found.way != way or _is_over(found, now):
        raise ProblemError("proof_over", "This can be used no more. Begin anew.")
    return found


def _proven(
    conn: Connection, caller: Caller, challenge_id: int, found: Asked, keys: Keys, settings: Settings, now: datetime
) -> KioskSession:
    assert found.customer_id is not None
    conn.run(SQL.end_challenge, id=challenge_id, at=timestamp(now))
    if not customers.person(conn, found.customer_id):
        raise ProblemError("proof_over", "This can be used no more. Begin anew.")
    return start(conn, caller, found.customer_id, None, found.way, keys, settings, now)


def start(
    conn: Connection,
    caller: Caller,
    customer_id: int,
    cart: CartName | None,
    proof: str,
    keys: Keys,
    settings: Settings,
    now: datetime,
) -> KioskSession:
    """Let a customer go on at a kiosk, in place of whoever was there.

    Args:
        conn: a transaction.
        caller: the kiosk.
        customer_id: who; 0: nobody known, who has the one cart.
        cart: that is shown first.
        proof: how they showed who they are.
        keys: the installation's.
        settings: how long they may stay.
        now: when.
    """
    leave(conn, caller, now)
    conn.run(SQL.forget_sessions, before=timestamp(now - rules.KEPT))
    ends_at = timestamp(now + timedelta(seconds=settings.kiosk_longest))
    source, external_id = cart or (None, None)
    row = conn.one(
        SQL.add_session,
        device_id=caller.device_id,
        customer_id=customer_id,
        source=source,
        external_id=external_id,
        proof=proof,
        at=timestamp(now),
        ends_at=ends_at,
    )
    assert row is not None
    token = access_rules.token_text("kio", row[0], access_rules.new_secret())
    conn.run(SQL.set_session_token, id=row[0], token_hash=access_rules.hash_of(keys.tokens, token))
    return KioskSession(token=token, ends_at=ends_at, idle=settings.kiosk_idle)


def join_carts(conn: Connection, caller: Caller, wanted: JoinCarts, now: datetime) -> Cart:
    """Put all that is in one of a guest's carts into another of theirs.

    Raises:
        ProblemError: they are not two open ones of theirs in one currency.
    """
    assert caller.guest is not None
    person = guests.customers_of(conn, caller.guest)
    return carts.join_carts(conn, caller, [customer.id for customer in person], wanted, now)


def leave(conn: Connection, caller: Caller, now: datetime) -> None:
    """Whoever is at a kiosk has left."""
    for (id_,) in conn.all(SQL.end_sessions_on, device_id=caller.device_id, at=timestamp(now)):
        events.record(conn, KioskSessionEnded(kiosk_session_id=id_), now)


def end_left(conn: Connection, idle: int, now: datetime) -> int:
    """End what is over by itself, so that streams are told; how many customers had left."""
    ended = 0
    for id_ in queries.left(conn, idle, now):
        if conn.all(SQL.end_session, id=id_, at=timestamp(now)):
            events.record(conn, KioskSessionEnded(kiosk_session_id=id_), now)
            ended += 1
    return ended


def _watched(device_id: int, contact_hash: bytes) -> tuple[tuple[str, Patience], tuple[str, Patience]]:
    return (f"{_CONTACTS}{contact_hash.hex()}", rules.CONTACT), (on_device("kiosk", device_id), rules.KIOSK)


def _is_over(found: Asked, now: datetime) -> bool:
    return found.ended_at is not None or found.expires_at <= timestamp(now)


def _fits(found: Asked, device_id: int, code: str, keys: Keys) -> bool:
    return hmac.compare_digest(bytes(found.code_hash), rules.hash_of_code(keys.codes, device_id, code))


def _count_try(conn: Connection, challenge_id: int, found: Asked, now: datetime) -> None:
    over = found.tries + 1 >= rules.MOST_TRIES
    conn.run(SQL.count_try, id=challenge_id, ended_at=timestamp(now) if over else None)
    if over and found.way == "vouch":
        events.record(conn, VouchingWithdrawn(challenge_id=challenge_id), now, store=found.store)
