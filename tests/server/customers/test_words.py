"""The words a customer is found by: folded alike in what is kept and in what is typed."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.customers.words import email_words, phone_words, words_of
from server.customers.words_index import unswept
from server.search.rules import Span, fold, spans_in, words_in

NAMES = st.text(alphabet=st.characters(categories=["L", "M", "N", "P", "Z", "S", "Cc"]), max_size=30)
"""Letters of all scripts, marks, numbers and whatever stands between them."""


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Dálton", "dalton"),
        ("DÁLTON", "dalton"),
        ("Da\u0301lton", "dalton"),
        ("García-Peña", "garcia-pena"),
        ("Straße", "strasse"),
        ("ﬁnca", "finca"),
        ("ＡＢＣ", "abc"),
        ("ᴬna", "ana"),
        ("𝐀na", "ana"),
        ("İstanbul", "istanbul"),
        ("Ελένη", "ελενη"),
        ("Λάμπρος", "λαμπροσ"),
        ("Жанна", "жанна"),
        ("مُحَمَّد", "محمد"),
        ("李小龍", "李小龍"),
        ("Łódź", "łodz"),
        ("\u0301", ""),
        ("", ""),
    ],
)
def test_case_and_accents_do_not_matter(text: str, folded: str) -> None:
    """Everybody is found by plain letters, whichever way their name is written or encoded."""
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Lucía García Peña", ["lucia", "garcia", "pena"]),
        ("O'Brien", ["o", "brien"]),
        ("García-Peña", ["garcia", "pena"]),
        ("snake_case", ["snake", "case"]),
        ("  many   blanks\t", ["many", "blanks"]),
        ("#1001", ["1001"]),
        ("½", ["1", "2"]),
        ('!?()"*^:{}', []),
        ("👩🏽‍💻", []),
        (None, []),
        ("", []),
    ],
)
def test_words_are_what_stands_between_signs(text: str | None, words: list[str]) -> None:
    """Nothing but letters and digits is ever a word, so no sign of a query language can be one."""
    assert words_in(text) == words


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("lucia@example.com", ["lucia"]),
        ("lucia.garcia@example.com", ["lucia", "garcia", "luciagarcia"]),
        ("lucia_garcia+news@example.com", ["lucia", "garcia", "news", "luciagarcianews"]),
        ("...@example.com", []),
        ("@example.com", []),
        ("lucia", ["lucia"]),
    ],
)
def test_an_email_is_found_by_what_is_before_its_at(email: str, words: list[str]) -> None:
    """Its parts and all of them run together; never by its host, which half of all customers share."""
    assert email_words(email) == words


@pytest.mark.parametrize(
    ("phone", "words"),
    [
        ("+34600123123", ["34600123123", "600123123"]),
        ("+15551234567", ["15551234567", "5551234567"]),
        ("+351912345678", ["351912345678", "912345678"]),
        ("+99912345678", ["99912345678"]),
        ("600123123", ["600123123"]),
    ],
)
def test_a_phone_is_found_with_and_without_its_country_code(phone: str, words: list[str]) -> None:
    """Nobody types a country code at home."""
    assert phone_words(phone) == words


def test_a_customer_has_each_word_once_and_only_names_correct_mistakes() -> None:
    """Contacts are looked up, but a misspelt name is never corrected to somebody's e-mail or card."""
    found_by = words_of(
        ["Lucía", "García", "Madrid", None], ["lucia.garcia@example.com"], ["+34600123123"], ["2900000110915"]
    )
    assert found_by.names == ("lucia", "garcia", "madrid")
    assert found_by.all == "lucia garcia madrid luciagarcia 34600123123 600123123 2900000110915"


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Dálton Pérez", [Span("dalton", 0, (1, 2, 3, 4, 5, 6)), Span("perez", 7, (8, 9, 10, 11, 12))]),
        ("Da\u0301l", [Span("dal", 0, (1, 3, 4))]),
        ("ß", [Span("ss", 0, (1, 1))]),
        ("مُحَ", [Span("مح", 0, (2, 4))]),
        ("-", []),
    ],
)
def test_each_folded_letter_knows_where_it_comes_from(text: str, spans: list[Span]) -> None:
    """A letter's mark belongs to it, and one sign may be two letters."""
    assert spans_in(text) == spans


@given(NAMES)
@example("İ\u0307 \u0345α\u0345\u0301")
@example("ß\u0301ﬁ½ᴬ")
def test_shown_words_are_the_words_that_are_looked_up(text: str) -> None:
    """What is highlighted and what is found are taken apart the same way, in every script."""
    assert [span.word for span in spans_in(text)] == words_in(text)


@given(NAMES)
def test_what_stands_in_a_span_folds_to_its_word(text: str) -> None:
    """A span holds its word and nothing else, and its ends never run backwards."""
    for span in spans_in(text):
        assert len(span.ends) == len(span.word)
        assert list(span.ends) == sorted(span.ends)
        assert span.start < span.ends[0]
        assert span.ends[-1] <= len(text)
        assert span.word in fold(text[span.start : span.ends[-1]])


@given(NAMES)
def test_folding_twice_is_folding_once(text: str) -> None:
    """Folded text is as it will ever be, and it does not matter how a text was composed."""
    once = fold(text)
    assert fold(once) == once
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("structure", "pages"),
    [
        pytest.param("00000000 01 00 01 0000", 0, id="no part"),
        pytest.param("00000000 02 01 05 0000 0001 010101", 0, id="one part, on the highest level"),
        pytest.param("00000000 08 01 822c 0000 0001 050103 0000 0000 0000 0000 0000 0000", 3, id="a lower level"),
        pytest.param("00000000 03 03 05 0002 070101 080101 0000 0001 060181 00", 0, id="newer parts below"),
        pytest.param("00000000 03 02 05 0002 050104 060101 0000 0000", 4, id="the oldest of a lower level"),
    ],
)
def test_where_words_may_be_left(structure: str, pages: int) -> None:
    """SQLite's own note of its index's parts tells whether the oldest is known to be it, and how large it is."""
    assert unswept(bytes.fromhex(structure)) == pages
