"""Known words of names and towns, held in memory, to which misspelt ones are corrected."""

import threading

from rapidfuzz import process
from rapidfuzz.distance import OSA

from server.customers.queries import SQL
from server.db.engine import Connection

ALTERNATIVES = 6
SHORTEST_CORRECTED = 3
SHORTEST_WITH_TWO_MISTAKES = 5


class Vocabulary:
    """Every word that a name or town has, by length; follows the table as it grows.

    Some hundred thousand words for a million customers: the words are many fewer than the people.
    """

    def __init__(self) -> None:
        self._by_length: dict[int, list[str]] = {}
        self._size = 0
        self._last_id = 0
        self._lock = threading.Lock()

    def refresh(self, conn: Connection) -> None:
        """Learn what came since; start anew where words went, so that a forgotten name is not kept here."""
        with self._lock:
            size, last_id = conn.one(SQL.vocabulary_size) or (0, 0)
            if (size, last_id) == (self._size, self._last_id):
                return
            rows = conn.all(SQL.vocabulary_after, id=self._last_id)
            if self._size + len(rows) != size:
                self._by_length, rows = {}, conn.all(SQL.vocabulary_after, id=0)
            for _, word in rows:
                self._by_length.setdefault(len(word), []).append(word)
            self._size, self._last_id = size, last_id

    def corrections(self, word: str) -> dict[str, int]:
        """Known words that are one mistake away (two, for longer words), with how many, the nearest first.

        A mistake is a letter too many, too few, another, or two neighbours swapped (optimal string alignment distance).
        """
        if len(word) < SHORTEST_CORRECTED or not word.isalpha():
            return {}
        mistakes = 2 if len(word) >= SHORTEST_WITH_TWO_MISTAKES else 1
        found: list[tuple[int, str]] = []
        for length in range(len(word) - mistakes, len(word) + mistakes + 1):
            candidates = self._by_length.get(length, ())
            found.extend(
                (int(distance), known)
                for known, distance, _ in process.extract(
                    word, candidates, scorer=OSA.distance, score_cutoff=mistakes, limit=ALTERNATIVES, processor=None
                )
                if known != word
            )
        return {known: distance for distance, known in sorted(found)[:ALTERNATIVES]}
