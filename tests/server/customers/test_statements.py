"""What sources state of customers: field by field, the newest wins."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.customers.rules import normal_card, normal_email, normal_name, normal_phone
from server.wire.codes import CardPattern
from server.wire.records import Consent, Contact, Loyalty
from tests.server.given import Shop, customer, hour


def _said(shop: Shop) -> tuple[str | None, str | None, list[str]]:
    [(given, city)] = shop.rows("SELECT given_name, city FROM customers")
    return given, city, [value for (value,) in shop.rows("SELECT value FROM identities ORDER BY value")]


@pytest.mark.parametrize(
    ("said", "verdicts", "expected"),
    [
        pytest.param([(1, {"given_name": "Ada"})], ["new"], ("Ada", None, []), id="first"),
        pytest.param([(1, {})], ["new"], (None, None, []), id="nothing said"),
        pytest.param([(1, {}), (1, {})], ["new", "unchanged"], (None, None, []), id="nothing said, twice"),
        pytest.param(
            [(1, {"given_name": "Ada", "city": "Madrid"}), (2, {"given_name": "Bea"})],
            ["new", "changed"],
            ("Bea", "Madrid", []),
            id="absent keeps",
        ),
        pytest.param(
            [(1, {"given_name": "Ada", "city": "Madrid"}), (2, {"city": None})],
            ["new", "changed"],
            ("Ada", None, []),
            id="null clears",
        ),
        pytest.param(
            [(2, {"city": None}), (1, {"given_name": "Ada", "city": "Madrid"})],
            ["new", "changed"],
            ("Ada", None, []),
            id="null clears what comes late",
        ),
        pytest.param(
            [(1, {"given_name": "Ada"}), (1, {"given_name": "Bea"}), (1, {"given_name": "Ada"})],
            ["new", "changed", "older"],
            ("Bea", None, []),
            id="two of one time",
        ),
        pytest.param(
            [(1, {"given_name": "Ada"}), (2, {"given_name": "Ada"}), (1, {"given_name": "Eve"})],
            ["new", "confirmed", "older"],
            ("Ada", None, []),
            id="confirmed counts",
        ),
        pytest.param(
            [(1, {"emails": ("a@example.com", "b@example.com")}), (2, {"emails": ("b@example.com",)})],
            ["new", "changed"],
            (None, None, ["b@example.com"]),
            id="a list is one field",
        ),
        pytest.param(
            [(1, {"emails": ("a@example.com",)}), (2, {"emails": ()})],
            ["new", "changed"],
            (None, None, []),
            id="empty list",
        ),
        pytest.param(
            [(1, {"given_name": "  Ada   María "}), (2, {"given_name": "Ada Mari\u0301a"})],
            ["new", "confirmed"],
            ("Ada María", None, []),
            id="one name in two spellings",
        ),
        pytest.param([(1, {"given_name": "  "})], ["new"], (None, None, []), id="a blank name is none"),
    ],
)
def test_fields_of_customers(shop: Shop, said: list[tuple[int, Any]], verdicts: list[str], expected: Any) -> None:
    """An absent field keeps what was known, null clears it, and the newest statement of each field counts."""
    assert [shop.take(customer("1", at, **fields))[0] for at, fields in said] == verdicts
    assert _said(shop) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"loyalty": Loyalty(tier="gold", points=3, as_of=hour(1))},
        {"consents": (Consent(channel="email", granted=True, at=hour(1), wording="yes", by="till"),)},
        {"birth_date": date(1990, 2, 28)},
        {"attributes": {"b": "2", "a": "1"}},
        {"emails": (Contact(value="A@Example.com", verified=True), "b@example.com")},
    ],
    ids=["loyalty", "consents", "birth date", "attributes", "contacts"],
)
def test_a_field_in_another_form_is_the_same(shop: Shop, fields: dict[str, Any]) -> None:
    """Times in another zone, keys in another order, letters in another case: nothing of it is a change."""
    there = timezone(timedelta(hours=-3))
    other: dict[str, Any] = {
        "loyalty": Loyalty(tier="gold", points=3, as_of=hour(1).astimezone(there)),
        "consents": (Consent(channel="email", granted=True, at=hour(1).astimezone(there), wording="yes", by="till"),),
        "birth_date": date(1990, 2, 28),
        "attributes": {"a": "1", "b": "2"},
        "emails": (Contact(value="a@example.COM", verified=True), Contact(value="b@example.com", verified=False)),
    }
    [name] = fields
    shop.take(customer("1", 1, **fields))
    assert shop.take(customer("1", 1, **{name: other[name]})) == ["unchanged"]


def test_contacts_count_once_and_as_proven_if_one_is(shop: Shop) -> None:
    """An e-mail in two spellings is one contact, proven if either is."""
    shop.take(customer("1", emails=("a@example.com", Contact(value="A@example.com", verified=True)), cards=("C1",)))
    assert shop.rows("SELECT kind, value, verified FROM identities ORDER BY kind") == [
        ("card", "C1", 1),
        ("email", "a@example.com", 1),
    ]


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        (" a@example.com\n", "a@example.com"),
        ("a+b@example.com", "a+b@example.com"),
        ("JOSÉ@example.com", "josé@example.com"),
        ("jose\u0301@example.com", "josé@example.com"),
        ("a@example", None),
        ("@example.com", None),
        ("a.example.com", None),
        ("a b@example.com", None),
        ("a\u200b@example.com", None),
        ("", None),
    ],
)
def test_emails_are_kept_in_one_form(text: str, email: str | None) -> None:
    """Case, blanks and composition are no difference; what has no host is no e-mail."""
    assert normal_email(text) == email


@pytest.mark.parametrize(
    ("text", "country", "phone"),
    [
        ("600 123 123", "ES", "+34600123123"),
        ("600-12-31-23", "ES", "+34600123123"),
        ("0034 600123123", "ES", "+34600123123"),
        ("+34600123123", "PT", "+34600123123"),
        ("+34 600 123 123", "PT", "+34600123123"),
        ("(0)171 1234567", "DE", "+491711234567"),
        ("0171 1234567", "DE", "+491711234567"),
        ("1", "ES", None),
        ("+0600123123", "ES", None),
        ("call me", "ES", None),
        ("", "ES", None),
    ],
)
def test_phones_are_kept_in_one_form(text: str, country: str, phone: str | None) -> None:
    """Numbers are kept in E.164; one without a country code belongs to the shop's country."""
    assert normal_phone(text, country) == phone


@pytest.mark.parametrize(
    ("text", "patterns", "card"),
    [
        ("2900000110007", (CardPattern(pattern=r"^29\d{11}$", check="ean13"),), "2900000110007"),
        (" 2900000110007 ", (CardPattern(pattern=r"^29\d{11}$", check="ean13"),), "2900000110007"),
        ("2900 0001 1000 7", (CardPattern(pattern=r"^29\d{11}$", check="ean13"),), "2900000110007"),
        ("2900-0001-1000\u00a07", (CardPattern(pattern=r"^29\d{11}$", check="ean13"),), "2900000110007"),
        ("2900 0001 1000 8", (CardPattern(pattern=r"^29\d{11}$", check="ean13"),), None),
        ("4111 1111 1111 1111", (CardPattern(pattern=r"^\d{16}$", check="none"),), None),
        ("4111 1111-1111\u00a01111", (), None),
        ("2900000110008", (CardPattern(pattern=r"^29\d{11}$", check="ean13"),), None),
        ("C1", (CardPattern(pattern=r"^29\d{11}$", check="ean13"), CardPattern(pattern=r"^C\d$")), "C1"),
        ("C1", (), "C1"),
        ("4111111111111111", (), None),
        ("  ", (), None),
    ],
)
def test_cards_are_what_the_settings_say(text: str, patterns: tuple[CardPattern, ...], card: str | None) -> None:
    """A card is what one of the chain's patterns takes; without patterns anything but a bank card."""
    assert normal_card(text, patterns) == card


@given(text=st.text(max_size=30))
def test_what_is_normal_stays_as_it_is(text: str) -> None:
    """Bringing a text to its normal form a second time changes nothing."""
    for normal in (normal_email, normal_name, lambda t: normal_phone(t, "ES"), lambda t: normal_card(t, ())):
        once = normal(text)
        assert once is None or normal(once) == once


@given(local=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=10))
def test_every_spelling_of_an_email_is_one(local: str) -> None:
    """Upper and lower case, composed or not, an e-mail is the same contact."""
    one = normal_email(f"{local}@example.com")
    assert one is None or one == normal_email(one.upper()) or one.upper().lower() != one


def test_a_birthday_is_kept_as_a_day(shop: Shop) -> None:
    """A day of birth has no time and no zone."""
    shop.take(customer("1", birth_date=date(1990, 2, 28)))
    assert shop.context("1").person.birth_date == "1990-02-28"
    assert datetime.fromisoformat("1990-02-28").date() == date(1990, 2, 28)
