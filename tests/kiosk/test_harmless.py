"""Control characters and what turns the direction of writing do not reach a label, wherever they stand."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.words.harmless import harmless

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Lucía García\nMuñoz", "Lucía García\nMuñoz"),
        ("Lu\x1b[31mcía", "Lu\ufffd[31mcía"),
        ("ana\u202egnp.exe", "ana\ufffdgnp.exe"),
        ("a\tb\r\nc\u2028d", "a b \nc d"),
        ("\x00\x7f\x9b", "\ufffd\ufffd\ufffd"),
        ("שלום 🧥", "שלום 🧥"),
        ({"n\x1b": ["a\x07", 1, None, {"b": "\u2067"}]}, {"n\ufffd": ["a\ufffd", 1, None, {"b": "\ufffd"}]}),
    ],
)
def test_what_commands_becomes_a_sign(value: Any, shown: Any) -> None:
    """Texts are made harmless however deep they stand, and everything else stays."""
    assert harmless(value) == shown


@given(st.text())
def test_any_text_can_be_shown(text: str) -> None:
    """Nothing that commands is left, and each sign stays in its place."""
    shown = harmless(text)
    assert len(shown) == len(text)
    assert not [sign for sign in shown if sign in TURNING or (unicodedata.category(sign) == "Cc" and sign != "\n")]
