"""The words a customer is found by. Pure; the same folding serves what is kept and what is typed."""

from collections.abc import Iterable
from typing import NamedTuple

import phonenumbers

from server.search.rules import LONGEST_WORD, words_in


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
