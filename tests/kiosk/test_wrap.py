"""Words laid out in few lines."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ui.names import initials
from kiosk.ui.wrap import ELLIPSIS, balanced, wrapped


@pytest.mark.parametrize(
    ("text", "width", "most", "lines"),
    [
        ("", 10, 2, ""),
        ("Hoodie Chaz", 11, 2, "Hoodie Chaz"),
        ("Hoodie Chaz", 10, 2, "Hoodie\nChaz"),
        ("Hoodie  Chaz", 11, 1, "Hoodie Chaz"),
        ("Hoodie Chaz", 10, 1, "Hoodie Ch…"),
        ("Hoodie Chaz", 8, 1, "Hoodie…"),
        ("Atomic Running Tee (Crew-Neck)", 14, 2, "Atomic Running\nTee (Crew-Nec…"),
        ("Tee (Crew-Neck)", 11, 2, "Tee (Crew-\nNeck)"),
        ("Featherstonehaugh", 7, 3, "Feather\nstoneha\nugh"),
        ("Featherstonehaugh", 7, 2, "Feather\nstoneh…"),
        ("A Featherstonehaugh", 7, 2, "A\nFeathe…"),
        ("Ana", 1, 1, "A…"),
    ],
)
def test_words_on_few_lines(text: str, width: int, most: int, lines: str) -> None:
    """Lines end between words, after hyphens, and within a word only where it is too wide; what is cut says so."""
    assert wrapped(text, width, most, len) == lines


@given(st.text("ab -é", max_size=60), st.integers(2, 20), st.integers(1, 4))
def test_no_line_is_too_wide_and_no_letter_is_lost(text: str, width: int, most: int) -> None:
    """Whatever is laid out: few lines, none too wide, and either all letters or an end that says so."""
    lines = wrapped(text, width, most, len).split("\n")
    assert len(lines) <= most
    assert all(len(line) <= width for line in lines)
    letters, shown = "".join(text.split()), "".join("".join(lines).split())
    assert shown == letters or (shown.endswith(ELLIPSIS) and letters.startswith(shown.removesuffix(ELLIPSIS)))


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, ""),
        ("Hoodie Chaz", 11, "Hoodie Chaz"),
        ("Your online cart is here, too", 25, "Your online cart\nis here, too"),
        ("one two three four five six", 24, "one two three\nfour five six"),
        ("a Featherstonehaugh", 18, "a\nFeatherstonehaugh"),
        ("Featherstonehaugh a", 7, "Feather\nstoneha\nugh a"),
    ],
)
def test_words_on_even_lines(text: str, width: int, lines: str) -> None:
    """As few lines as fit, and as narrow as they get; no word is broken for it."""
    assert balanced(text, width, len) == lines


@given(st.text("ab -é", max_size=60), st.floats(8, 250), st.floats(0.5, 12))
def test_even_lines_are_no_more_than_others_and_lose_no_letter(text: str, width: float, letter: float) -> None:
    """Whatever is laid out: as many lines as without, none wider, every letter in its place, no more words broken."""

    def measure(text: str) -> float:
        return len(text) * letter

    lines = wrapped(text, width, 61, measure).split("\n")
    even = balanced(text, width, measure).split("\n")
    assert len(even) == len(lines)
    assert max(map(len, even)) <= max(map(len, lines))
    assert "".join("".join(even).split()) == "".join(text.split())
    whole = re.findall(r"[^\s-]+", text)
    assert sum(one in whole for line in even for one in re.findall(r"[^\s-]+", line)) >= sum(
        one in whole for line in lines for one in re.findall(r"[^\s-]+", line)
    )


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Lucía García Muñoz", "LG"),
        ("María de las Mercedes", "MM"),
        ("ana de la torre", "AD"),
        ("Ana", "A"),
        ("", ""),
        ("(x) Ángel 3", "Á"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    """The first letters of two names; particles are none."""
    assert initials(name) == letters
