"""Words: folded alike in what is kept and in what is typed, looked for, and highlighted in a text as it is shown."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

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


def apart(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Ranges in their order; what two words share is highlighted once."""
    apart: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], end))
        else:
            apart.append((start, end))
    return tuple(apart)


def range_of(span: Span, word: str, corrections: Sequence[str]) -> tuple[int, int] | None:
    """Where a text has a word that was typed, or one that it was corrected to."""
    if span.word.startswith(word):
        return span.start, span.ends[len(word) - 1]
    if span.word in corrections:
        return span.start, span.ends[-1]
    return None


class Sought(NamedTuple):
    """A word to look for, of letters and digits alone: a whole one, or how one begins."""

    word: str
    begins: bool = False


def expression(engine: Literal["sqlite", "postgresql"], wanted: Sequence[Sequence[Sought]]) -> str:
    """Of every group of words any one, in the words of an engine's full-text index, FTS5's or a tsquery's."""
    if engine == "sqlite":
        both, either, quote, beginning = " AND ", " OR ", '"', "*"
    else:
        both, either, quote, beginning = " & ", " | ", "'", ":*"
    groups = (
        either.join(f"{quote}{word}{quote}{beginning if begins else ''}" for word, begins in group) for group in wanted
    )
    return both.join(f"({group})" for group in groups)
