"""Where a person is named in a text, and what is over its time."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from server.customers.words import phone_words
from server.search.rules import fold
from server.wire.base import timestamp

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_BETWEEN = re.compile(r"[\s().\-/]+")
SHORTEST_NUMBER = 6
"""Digits and letters from which on a card or phone is looked for anywhere; shorter ones are looked for in quotes."""


class Traces:
    """What tells that a text speaks of a person: a contact, their id beside its source, or their whole name.

    It is said of others now and then rather than ever missed: what it decides about are lines that were refused.
    """

    def __init__(
        self,
        ids: Iterable[tuple[str, str]],
        contacts: Iterable[tuple[str, str]],
        names: Iterable[tuple[str, str]],
    ) -> None:
        self._ids = [(f'"{fold(source)}"', f'"{fold(external_id)}"') for source, external_id in ids]
        self._names = [(fold(given), fold(family)) for given, family in names]
        self._emails, self._numbers, self._quoted = [], [], []
        for kind, value in contacts:
            if kind == "email":
                self._emails.append(fold(value))
                continue
            for number in phone_words(value) if kind == "phone" else [_BETWEEN.sub("", fold(value))]:
                if len(number) >= SHORTEST_NUMBER:
                    self._numbers.append(number)
            self._quoted.append(f'"{fold(value)}"')

    def are_in(self, text: str) -> bool:
        """Whether the text speaks of the person."""
        folded = fold(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))
        if any(email in folded for email in self._emails) or any(quoted in folded for quoted in self._quoted):
            return True
        if any(source in folded and id_ in folded for source, id_ in self._ids):
            return True
        if any(given in folded and family in folded for given, family in self._names):
            return True
        compact = _BETWEEN.sub("", folded)
        return any(number in compact for number in self._numbers)


def kept_from(days: int, now: datetime) -> str | None:
    """What is older than this is over its time; None where it is kept for ever."""
    return timestamp(now - timedelta(days=days)) if days else None


def night_of(now: datetime, hour: int) -> str | None:
    """The night whose turn it is, by its date, or None before the hour of the day from which on it is."""
    return now.date().isoformat() if now.hour >= hour else None
