"""The words a customer is found by. Pure; the same folding serves what is kept and what is typed."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

_WORD = re.compile(r"[^\W_\u19b0-\u19c0\u19c8\u19c9\u1cf2\u1cf3]+")
"""Letters and digits; but for some signs of New Tai Lue and of the Vedas, which are no letters to SQLite's index."""


LONGEST_WORD = 500
"""Letters of a word that count: indexes take no words of more than 2,046 bytes."""


def fold(text: str) -> str:
    """Lower case without accents: Dálton and dalton are the same."""
    if text.isascii():
        return text.lower()
    # What compatibility takes apart may be capitals again, and what case folding gives may be composed.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


_fold_sign = lru_cache(2048)(fold)


def words_in(text: str | None) -> list[str]:
    """The folded words of a text, in their order."""
    return _WORD.findall(fold(text)) if text else []


def email_words(email: str) -> list[str]:
    """What an e-mail is found by: the words in front of the @, single and run together.

    The host is no word: half of all customers would have it.
    """
    parts = words_in(email.partition("@")[0])
    return [*parts, "".join(parts)] if len(parts) > 1 else parts


def phone_words(phone: str) -> list[str]:
    """An E.164 number as digits with and without its country code."""
    digits = phone.lstrip("+")
    for length in (1, 2, 3):
        if phone.startswith("+") and int(digits[:length] or 0) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return [digits, digits[length:]]
    return [digits]


class NamedWords(NamedTuple):
    """All words of a customer, and those of names and towns, which misspelt words are corrected to."""

    all: str
    names: tuple[str, ...]


def words_of(
    names: Iterable[str | None], emails: Iterable[str], phones: Iterable[str], cards: Iterable[str]
) -> NamedWords:
    """Everything a customer is found by, each word once."""
    spoken = tuple(dict.fromkeys(word for name in names for word in words_in(name)))
    written = [
        *spoken,
        *(word for email in emails for word in email_words(email)),
        *(word for phone in phones for word in phone_words(phone)),
        *(word for card in cards for word in words_in(card)),
    ]
    spoken = tuple(dict.fromkeys(word[:LONGEST_WORD] for word in spoken))
    return NamedWords(" ".join(dict.fromkeys(word[:LONGEST_WORD] for word in written)), spoken)


class Span(NamedTuple):
    """A word in a text as it is shown, with where each of its folded characters comes from."""

    word: str
    start: int
    ends: tuple[int, ...]


def spans_in(text: str) -> list[Span]:
    """The words of a text as shown, so that a match of their folded form can be highlighted in the original.

    They are the words that `words_in` gives.
    """
    pieces = [text.lower()] if text.isascii() else list(map(_fold_sign, text))
    plain = "".join(pieces)
    if len(plain) == len(text) and "" not in pieces:  # one folded letter for each: nearly every name
        found = _WORD.finditer(plain)
        return [Span(word[0], word.start(), tuple(range(word.start() + 1, word.end() + 1))) for word in found]
    starts: list[int] = []
    ends: list[int] = []
    for offset, piece in enumerate(pieces):
        if not piece and ends:  # a combining mark belongs to its letter: a decomposed é is two characters
            ends[-1] = offset + 1
        starts.extend([offset] * len(piece))
        ends.extend([offset + 1] * len(piece))
    return [
        Span(match[0], starts[match.start()], tuple(ends[match.start() : match.end()]))
        for match in _WORD.finditer(plain)
    ]
