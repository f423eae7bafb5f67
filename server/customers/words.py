"""The words a customer is found by. Pure; the same folding serves what is kept and what is typed."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

import phonenumbers

_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Lower case without accents: Dálton and dalton are the same."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


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
    return NamedWords(" ".join(dict.fromkeys(written)), spoken)


class Span(NamedTuple):
    """A word in a text as it is shown, with where each of its folded characters comes from."""

    word: str
    start: int
    ends: tuple[int, ...]


def spans_in(text: str) -> list[Span]:
    """The words of a text as shown, so that a match of their folded form can be highlighted in the original."""
    spans: list[Span] = []
    # Combining marks belong to their letter: a decomposed é is two characters in one word.
    for match in re.finditer(r"(?:[^\W_]|[\u0300-\u036f])+", text):
        folded = ""
        ends: list[int] = []
        for offset, character in enumerate(match[0]):
            piece = fold(character)
            if not piece and ends:
                ends[-1] = match.start() + offset + 1
            folded += piece
            ends.extend([match.start() + offset + 1] * len(piece))
        spans.append(Span(folded, match.start(), tuple(ends)))
    return spans
