"""Consents: what sources state and what is said at the counter, kept with their proof; the last word counts."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from msgspec import UNSET

from server.access.callers import Caller
from server.customers import queries, rules
from server.customers.queries import SQL, Customer, Has
from server.customers.rules import ContactRules
from server.db.engine import Connection
from server.events import actions as events
from server.statements.rules import json_text, latest
from server.wire.base import timestamp
from server.wire.customers import ConsentEntry, NewConsent
from server.wire.events import ConsentChanged
from server.wire.problems import ProblemError
from server.wire.records import Consent

COUNTER = "@counter"
"""Stands for the source of what was said to an associate. No source's name starts so."""
HOW_AT_COUNTER = "counter"


def keep(
    conn: Connection,
    customer_id: int,
    said: Iterable[Consent],
    source: str,
    now: datetime,
    *,
    device_id: int | None = None,
    staff_id: int | None = None,
) -> None:
    """Add to the history what was said; what is there already is not added again."""
    for consent in said:
        packed = json_text(consent) or ""
        conn.run_late(
            SQL.add_consent,
            {
                "customer_id": customer_id,
                "channel": consent.channel,
                "contact": consent.contact or "",
                "at": timestamp(consent.at),
                "statement": hashlib.blake2b(f"{source} {packed}".encode(), digest_size=16).hexdigest(),
                "granted": int(consent.granted),
                "wording": consent.wording,
                "taken_by": consent.by,
                "how": consent.how or None,
                "source": source,
                "device_id": device_id,
                "staff_id": staff_id,
                "recorded_at": timestamp(now),
            },
        )


def set_consent(
    conn: Connection,
    caller: Caller,
    customer_id: int,
    channel: str,
    wanted: NewConsent,
    rules_: ContactRules,
    now: datetime,
) -> ConsentEntry:
    """Keep that a customer gave or withdrew a consent at the counter, and who took it there.

    Raises:
        ProblemError: there is no such customer, or the proof is not complete.
    """
    if conn.one(SQL.linked, id=customer_id) is None:
        raise ProblemError("unknown_customer", "There is no customer with this number. Search again.")
    channel, wording = channel.strip(), (wanted.wording or "").strip()
    if not channel:
        raise ProblemError("invalid_field", "Name the channel: email, sms, post …", path="channel")
    if wanted.granted and not wording:
        raise ProblemError(
            "invalid_field", "Say which words the customer agreed to: without them it proves nothing.", path="$.wording"
        )
    contact = rules.consent_contact(wanted.contact or "", rules_)
    if contact is None:
        raise ProblemError("invalid_field", f"{rules.NO_CONTACT}.".capitalize(), path="$.contact")
    if wanted.at is not None and wanted.at > latest(now):
        raise ProblemError("invalid_field", "This is in the future: set the device's clock.", path="$.at")
    consent = Consent(
        channel=channel,
        granted=wanted.granted,
        at=wanted.at or now,
        wording=wording or None,
        by=(wanted.by or "").strip() or None,
        contact=contact[1] if contact else UNSET,
        how=(wanted.how or "").strip() or HOW_AT_COUNTER,
    )
    keep(conn, customer_id, [consent], COUNTER, now, device_id=caller.device_id, staff_id=caller.staff_id)
    conn.run_late(SQL.mark, {"id": customer_id, "has": Has.CONSENTS})
    events.record(conn, ConsentChanged(channel=channel), now, customer_id=customer_id)
    return ConsentEntry(
        channel=channel,
        wording=consent.wording,
        by=consent.by,
        contact=consent.contact or None,
        how=consent.how or None,
        granted=consent.granted,
        at=timestamp(consent.at),
        source=COUNTER,
        device_id=caller.device_id,
        staff_id=caller.staff_id,
        recorded_at=timestamp(now),
    )


def that_count(conn: Connection, customers: Iterable[Customer]) -> tuple[Consent, ...]:
    """What a person said last for each channel and contact, to any source or at the counter."""
    said: list[Consent] = []
    for customer in customers:
        said.extend(rules.consents_in(customer.consents))
        if customer.has & Has.CONSENTS:
            said.extend(_as_said(entry) for entry in history(conn, [customer.id]) if entry.source == COUNTER)
    return rules.consents_that_count(said)


def history(conn: Connection, customer_ids: Iterable[int]) -> tuple[ConsentEntry, ...]:
    """Every consent that a person's customers gave or withdrew, with its proof, the latest first."""
    entries = [
        ConsentEntry(
            channel=channel,
            contact=contact or None,
            at=at,
            granted=bool(granted),
            wording=wording,
            by=by,
            how=how,
            source=source,
            device_id=device_id,
            staff_id=staff_id,
            recorded_at=recorded_at,
        )
        for id_ in customer_ids
        for channel, contact, at, granted, wording, by, how, source, device_id, staff_id, recorded_at in conn.all(
            SQL.consents_of, customer_id=id_
        )
    ]
    return tuple(sorted(entries, key=lambda entry: entry.at, reverse=True))


def history_of(conn: Connection, customer_id: int) -> tuple[ConsentEntry, ...]:
    """The same for the person that a customer is.

    Raises:
        ProblemError: there is no such customer.
    """
    customers = queries.person(conn, customer_id)
    if not customers:
        raise ProblemError("unknown_customer", "There is no customer with this number. Search again.")
    return history(conn, [customer.id for customer in customers])


def _as_said(entry: ConsentEntry) -> Consent:
    return Consent(
        channel=entry.channel,
        granted=entry.granted,
        at=datetime.fromisoformat(entry.at),
        wording=entry.wording,
        by=entry.by,
        contact=entry.contact or UNSET,
        how=entry.how or UNSET,
    )
