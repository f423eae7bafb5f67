"""Consents: what is said to sources and at the counter is kept with its proof, and the last word counts."""

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.access.callers import TERMINAL, Caller
from server.customers.consents import history_of, set_consent
from server.customers.context import of_customer
from server.db.engine import Connection
from server.wire.customers import ConsentEntry, NewConsent
from server.wire.problems import ProblemError
from server.wire.records import Consent
from tests.conftest import Fresh
from tests.server.given import ANY_CARD, NOW, customer, events_of, hour, redaction, rows, take
from tests.server.privacy.test_erasure import number


def said(channel: str = "email", at: int = 0, *, granted: bool = True, **more: Any) -> Consent:
    """What a record says of a consent."""
    return Consent(channel=channel, granted=granted, at=hour(at), **more)


def at_counter(conn: Connection, channel: str = "email", *, granted: bool = True, **more: Any) -> ConsentEntry:
    """Say something at the counter."""
    wanted = NewConsent(granted=granted, wording="News" if granted else None, **more)
    return set_consent(conn, TERMINAL, number(conn, "1"), channel, wanted, ANY_CARD, NOW)


def shown(conn: Connection) -> dict[tuple[str, str], bool]:
    """What counts, by channel and masked contact."""
    conn.flush()
    person = of_customer(conn, number(conn, "1"), None, NOW).person
    return {(c.channel, c.contact or ""): c.granted for c in person.consents}


@given(seed=st.integers(0, 2**32))
def test_the_last_word_counts_in_any_order(fresh: Fresh, seed: int) -> None:
    """Two sources and the counter speak of channels and contacts, in any order and repeatedly: the latest counts."""
    rng = random.Random(seed)
    contacts = ("", "a@a.example", "+34600123123")
    words = [
        (rng.choice(("shop", "till", "counter")), rng.choice(("email", "sms")), rng.choice(contacts), hours, granted)
        for hours, granted in ((n, rng.random() < 0.5) for n in rng.sample(range(40), 8))
    ]
    expected: dict[tuple[str, str], bool] = {}
    latest: dict[str, int] = {}
    lists: dict[str, dict[tuple[str, str], Consent]] = {"shop": {}, "till": {}}
    records = []
    for source, channel, contact, at, granted in sorted(words, key=lambda word: word[3]):
        if source != "counter":
            # A source states all that it knows by then.
            lists[source][channel, contact] = said(channel, at, granted=granted, contact=contact or None)
            records.append((source, at, tuple(lists[source].values())))
            latest[source] = at
        expected[channel, contact] = granted
    masks = {"": "", "a@a.example": "•@a.example", "+34600123123": "+34•••••••23"}
    with fresh() as conn:
        joined = {"cards": ("CARD-1",)}
        take(conn, customer("1", 0, **joined), customer("2", 0, source="till", **joined))
        steps: list[tuple[str, Any]] = [("record", record) for record in records]
        steps += [("counter", word) for word in words if word[0] == "counter"]
        for kind, step in rng.sample([*steps, *steps], 2 * len(steps)):
            if kind == "record":
                source, at, consents = step
                take(conn, customer("1" if source == "shop" else "2", at + 1, source=source, consents=consents))
            else:
                _, channel, contact, at, granted = step
                at_counter(conn, channel, granted=granted, contact=contact or None, at=hour(at))
        assert shown(conn) == {(channel, masks[contact]): yes for (channel, contact), yes in expected.items()}
        entries = history_of(conn, number(conn, "1"))
        assert {(e.channel, e.contact or "", e.at, e.granted) for e in entries} >= {
            (channel, contact, hour(at).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), granted)
            for _, channel, contact, at, granted in words
        }
        assert len(entries) == len(words)


def test_what_was_said_is_kept_with_its_proof(conn: Connection) -> None:
    """Giving and withdrawing are entries of a history: when, in which words, to whom, how, by whose device."""
    take(conn, customer("1", 1, consents=(said(at=0, wording="By mail", by="web", contact="A@a.example", how="form"),)))
    id_ = number(conn, "1")
    wanted = NewConsent(granted=False, by="Marta")
    last = len(events_of(conn))
    caller = Caller(12, "tablet", "GV", 3, "associate", frozenset({"GV"}))
    entry = set_consent(conn, caller, id_, "email", wanted, ANY_CARD, NOW)
    conn.flush()
    assert [e.event.__struct_config__.tag for e in events_of(conn)][last:] == ["consent_changed"]
    given_then, withdrawn = reversed(history_of(conn, id_))
    assert withdrawn == entry
    assert (withdrawn.granted, withdrawn.how, withdrawn.source, withdrawn.device_id, withdrawn.staff_id) == (
        False, "counter", "@counter", 12, 3,
    )  # fmt: skip
    assert (given_then.contact, given_then.wording, given_then.by, given_then.how, given_then.source) == (
        "a@a.example", "By mail", "web", "form", "shop",
    )  # fmt: skip


def test_a_withdrawal_at_the_same_moment_wins(conn: Connection) -> None:
    """Where both were said at one time nobody is written to."""
    take(conn, customer("1", 1, consents=(said(at=0),)))
    at_counter(conn, granted=False, at=hour(0))
    assert shown(conn) == {("email", ""): False}


def test_the_same_said_twice_is_one(conn: Connection) -> None:
    """A record that comes again, and a request that comes again, add nothing to the history."""
    for _ in range(2):
        take(conn, customer("1", 1, consents=(said(at=0),)))
        at_counter(conn, granted=False)
        conn.flush()
    assert len(rows(conn, "SELECT 1 FROM consents_log")) == 2


def test_a_source_that_clears_its_consents_grants_nothing(conn: Connection) -> None:
    """What a source says no more does not count, and stays in the history."""
    take(conn, customer("1", 1, consents=(said(at=0),)))
    take(conn, customer("1", 2, consents=None))
    assert shown(conn) == {}
    assert len(history_of(conn, number(conn, "1"))) == 1


def test_a_redaction_takes_the_history_along(conn: Connection) -> None:
    """Who asks a source to be forgotten leaves no history of before."""
    take(conn, customer("1", 1, consents=(said(at=0), said("sms", 9))), redaction("1", 5))
    take(conn, customer("1", 1, consents=(said(at=0),)))
    assert rows(conn, "SELECT channel FROM consents_log") == [("sms",)]


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        (NewConsent(granted=True), "$.wording"),
        (NewConsent(granted=True, wording="  "), "$.wording"),
        (NewConsent(granted=False, contact="nobody"), "$.contact"),
        (NewConsent(granted=False, at=NOW + timedelta(minutes=6)), "$.at"),
    ],
)
def test_without_its_proof_it_is_not_taken(conn: Connection, wanted: NewConsent, path: str) -> None:
    """Giving needs the words; a contact must be one; nobody agreed tomorrow. Withdrawing needs nothing."""
    take(conn, customer("1", 1))
    with pytest.raises(ProblemError) as refused:
        set_consent(conn, TERMINAL, number(conn, "1"), "email", wanted, ANY_CARD, NOW)
    assert refused.value.path == path
    set_consent(conn, TERMINAL, number(conn, "1"), "email", NewConsent(granted=False), ANY_CARD, NOW)


def test_a_contact_that_is_none_is_refused_in_records_too(conn: Connection) -> None:
    """A record's consent names an e-mail or a phone, or none."""
    assert take(conn, customer("1", 1, consents=(said(contact="nobody"),))) == ["$.consents[0].contact"]
