"""Known words, held in memory, to which misspelt ones are corrected."""

import threading
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from server.db.engine import Connection
from server.db.sql import Query

ALTERNATIVES = 6
SHORTEST_CORRECTED = 3
SHORTEST_WITH_TWO_MISTAKES = 5
SHORTEST_BY_PAIRS = 6
"""Letters that a word must have to be taken as a beginning, a middle and an end, two letters each at least."""

Place = int
"""Where two letters stand in a word; -2 for its last two."""


class KnownWords:
    """Every word of a table; follows it as it grows.

    Args:
        size: asks how many words there are, and the last one's id.
        after: asks for the words that came after one.
    """

    def __init__(self, size: Query, after: Query) -> None:
        self._size_query = size
        self._after = after
        self._by_length: dict[int, list[str]] = {}
        self._by_pair: dict[tuple[Place, str], list[str]] = {}
        self._size = 0
        self._last_id = 0
        self._lock = threading.Lock()

    def refresh(self, conn: Connection) -> None:
        """Learn what came since; start anew where words went, so that a forgotten name is not kept here."""
        with self._lock:
            size, last_id = conn.one(self._size_query) or (0, 0)
            if (size, last_id) == (self._size, self._last_id):
                return
            rows = conn.all(self._after, id=self._last_id)
            if self._size + len(rows) != size:
                self._by_length, self._by_pair, rows = {}, {}, conn.all(self._after, id=0)
            self.learn(word for _, word in rows)
            self._size, self._last_id = size, last_id

    def learn(self, words: Iterable[str]) -> None:
        """Take up words that are new."""
        for word in words:
            self._by_length.setdefault(len(word), []).append(word)
            for place in range(min(len(word) - 1, 4)):
                self._by_pair.setdefault((place, word[place : place + 2]), []).append(word)
            self._by_pair.setdefault((-2, word[-2:]), []).append(word)

    def corrections(self, word: str) -> dict[str, int]:
        """Known words that are one mistake away (two, for longer words), with how many, the nearest first.

        A mistake is a letter too many, too few, another, or two neighbours swapped (optimal string alignment distance).
        """
        if len(word) < SHORTEST_CORRECTED or not word.isalpha():
            return {}
        mistakes = 2 if len(word) >= SHORTEST_WITH_TWO_MISTAKES else 1
        near = self._by_pairs(word) if len(word) >= SHORTEST_BY_PAIRS else self._of_lengths(len(word), mistakes)
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=mistakes, limit=None, processor=None)
        nearest = sorted((int(distance), known) for known, distance, _ in found if known != word)
        return {known: distance for distance, known in nearest[:ALTERNATIVES]}

    def _of_lengths(self, length: int, mistakes: int) -> list[str]:
        return [known for n in range(length - mistakes, length + mistakes + 1) for known in self._by_length.get(n, ())]

    def _by_pairs(self, word: str) -> set[str]:
        """All known words that are two mistakes away or nearer, among a part of those that would have to be compared.

        A word is its first two letters, the two behind them, and the rest. Two mistakes leave one of these as it is,
        the middle moved by one place at most; but for neighbours swapped over a border, which spoil two at once. A
        second mistake in the third then leaves the other end as it is after the swap.
        """
        over_first = word[0] + word[2] + word[1] + word[3:]
        over_second = word[:3] + word[4] + word[3] + word[5:]
        pairs = {
            *((0, swapped[:2]) for swapped in (word, over_first)),
            *((place, word[2:4]) for place in (1, 2, 3)),
            *((-2, swapped[-2:]) for swapped in (word, over_second)),
        }
        least, most = len(word) - 2, len(word) + 2
        return {known for pair in pairs for known in self._by_pair.get(pair, ()) if least <= len(known) <= most}
