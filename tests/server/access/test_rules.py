"""Tokens, codes, PINs and waits: what holds of all of them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.access.callers import TERMINAL, Caller
from server.access.rules import (
    ALPHABET,
    CODE_LENGTH,
    DEVICE,
    EVERYBODY,
    PEER,
    PERSON,
    Patience,
    Tries,
    after_wrong,
    code_shown,
    code_typed,
    enrolment_qr,
    is_obvious,
    may_manage,
    new_code,
    new_secret,
    read_token,
    sees_notes_of,
    token_text,
    wait_left,
)
from server.wire.access import Role
from tests.server.given import NOW

PATIENCES = [PERSON, DEVICE, PEER, EVERYBODY]


@given(st.sampled_from(["dev", "ses"]), st.integers(1, 10**18 - 1))
def test_a_token_is_read_as_it_was_written(kind: str, number: int) -> None:
    """Whatever its number, and only behind the scheme's name."""
    text = token_text(kind, number, new_secret())  # type: ignore[arg-type]
    assert read_token(f"Bearer {text}".encode()) == (kind, number, text.encode())
    assert read_token(text.encode()) is None


@given(st.binary(max_size=120))
def test_nothing_else_is_a_token(header: bytes) -> None:
    """Any bytes may come in a header."""
    assert read_token(header) is None
    assert read_token(b"Bearer " + header) is None


def test_codes_are_read_aloud_and_typed() -> None:
    """However a code is grouped, spaced and written, it is the one that was made; none has signs that look alike."""
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    for code in codes:
        assert len(code) == CODE_LENGTH
        assert set(code) <= set(ALPHABET)
        assert code_typed(f" {code_shown(code).lower()}\n") == code_typed(" ".join(code)) == code
    assert not set("01ILOU") & set(ALPHABET)


def test_a_qr_names_server_code_and_certificate() -> None:
    """As text that a tablet reads; the certificate only where there is one."""
    text = enrolment_qr("https://shop.example:8600", "7KQ2MXW4TP")
    assert text == "mostrador:enrol?server=https%3A%2F%2Fshop.example%3A8600&code=7KQ2MXW4TP"
    assert enrolment_qr("https://shop.example:8600", "7KQ2MXW4TP", "ab12") == f"{text}&fp=ab12"


@pytest.mark.parametrize(
    ("pin", "obvious"),
    [
        *[(pin, True) for pin in ("0000", "7777777", "1234", "4321", "7890", "0987654321", "1212", "123123", "424242")],
        *[(pin, True) for pin in ("1990", "2026", "2580", "1122")],
        *[(pin, False) for pin in ("4826", "90817", "7351", "198765")],
    ],
)
def test_what_is_tried_first_is_no_pin(pin: str, obvious: bool) -> None:
    """One digit, runs, the same again and again, years and favourites."""
    assert is_obvious(pin) is obvious


def test_few_pins_are_refused() -> None:
    """Of the 10,000 of four digits enough are left that a guess finds one in nine thousand."""
    assert sum(not is_obvious(f"{n:04d}") for n in range(10_000)) > 9_000


@pytest.mark.parametrize("patience", PATIENCES)
def test_waits_grow_and_have_an_end(patience: Patience) -> None:
    """The first tries are free, each wait is at least as long as the one before, and none longer than the longest."""
    tried, now, waits = None, NOW, []
    for _ in range(100):
        tried = after_wrong(tried, patience, now)
        waits.append(wait_left(tried, now))
        now = tried.wait_until
        assert wait_left(tried, now) == 0
    assert waits[: patience.free] == [0] * patience.free
    assert waits[patience.free] == patience.first
    assert waits == sorted(waits)
    assert max(waits) == patience.longest


@pytest.mark.parametrize("patience", PATIENCES)
def test_what_was_wrong_is_forgotten_or_not(patience: Patience) -> None:
    """After a while without a wrong try all begins anew; but for a person, who is not guessed at one try a day."""
    tried = Tries(50, NOW, NOW)
    after = after_wrong(tried, patience, NOW + timedelta(seconds=patience.forgotten or 10**8, microseconds=1))
    assert after.wrong == (51 if patience.forgotten is None else 1)
    assert (patience is PERSON) == (patience.forgotten is None)


@given(st.integers(1, 10**6))
def test_no_count_is_too_large_for_a_wait(wrong: int) -> None:
    """Whoever goes on for years waits the longest wait."""
    assert wait_left(after_wrong(Tries(wrong + PERSON.free + 8, NOW, NOW), PERSON, NOW), NOW) == PERSON.longest


def person(role: Role, *stores: str) -> Caller:
    """Somebody signed in on a tablet of the first of their stores."""
    return Caller(1, "tablet", stores[0] if stores else "GV", 7, role, frozenset(stores), 3)


@pytest.mark.parametrize(
    ("caller", "role", "stores", "may"),
    [
        (TERMINAL, "hq", (), True),
        (person("hq"), "hq", (), True),
        (person("hq"), "associate", ("SE",), True),
        (person("manager", "GV"), "associate", ("GV",), True),
        (person("manager", "GV", "SE"), "manager", ("GV", "SE"), True),
        (person("manager", "GV"), "associate", ("GV", "SE"), False),
        (person("manager", "GV"), "associate", (), False),
        (person("manager", "GV"), "hq", ("GV",), False),
        (person("associate", "GV"), "associate", ("GV",), False),
        (Caller(1, "kiosk", "GV", None, None, frozenset()), "associate", ("GV",), False),
    ],
)
def test_who_manages_whom(caller: Caller, role: Role, stores: tuple[str, ...], may: bool) -> None:
    """Managers manage people of their own stores and nobody of HQ; HQ and the terminal everybody; others nobody."""
    assert may_manage(caller, role, frozenset(stores)) is may


@pytest.mark.parametrize(
    ("caller", "store", "sees"),
    [
        (person("associate", "GV"), "GV", True),
        (person("associate", "GV"), "SE", False),
        (person("associate", "GV"), None, True),
        (person("manager", "GV"), "SE", True),
        (person("hq"), "SE", True),
        (TERMINAL, "SE", True),
    ],
)
def test_who_sees_a_stores_notes(caller: Caller, store: str | None, sees: bool) -> None:
    """Associates those of their own stores, and those that no store wrote; everybody else all."""
    assert sees_notes_of(caller, store) is sees
