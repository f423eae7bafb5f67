"""Keeping the words that customers are found by, and those that misspelt ones are corrected to."""

from collections.abc import Iterator

from server.customers import queries, words
from server.customers.queries import SQL
from server.db.engine import Connection
from server.search.rules import Sought

SMALL = 16
"""Pages of an index, of some 4,000 bytes, that is made anew in a moment."""


def set_words(conn: Connection, customer_id: int, found_by: words.NamedWords | None) -> None:
    """Keep what a customer is found by; words that nobody has any more leave the vocabulary."""
    conn.flush()
    row = conn.one(SQL.words, customer_id=customer_id)
    before: str = row[0] if row else ""
    after = found_by.all if found_by else ""
    if before == after:
        return
    if found_by is None or not after:
        conn.run(SQL.remove_words, customer_id=customer_id)
    else:
        add_words(conn, customer_id, found_by)
        conn.flush()
    for word in set(before.split()) - set(after.split()):
        if not queries.anybody_with(conn, Sought(word)):
            conn.run(SQL.remove_from_vocabulary, word=word)


def add_words(conn: Connection, customer_id: int, found_by: words.NamedWords) -> None:
    """Keep what a customer is found by who was found by nothing so far."""
    if found_by.all:
        conn.run_late(SQL.put_words, {"customer_id": customer_id, "words": found_by.all})
    for word in found_by.names:
        conn.run_late(SQL.add_to_vocabulary, {"word": word})


def sweep(conn: Connection, pages: int) -> int:
    """Write a part of the index anew, without words that nobody has any more; the pages to go on with, 0: it is done.

    SQLite's index keeps a word that was taken out until the part that it stands in is written anew, and leaves it there
    even then where it takes that part for one that something older may stand below. So a round that came to its end is
    looked at, and where words may be left, a small index is made anew, and a large one goes round once more.

    Args:
        conn: a write's.
        pages: so many at a time. A number below 0 begins a round over all parts, numbers above 0 go on with it.
    """
    before = conn.one(SQL.changes)
    conn.run(SQL.merge_words, pages=pages)
    after = conn.one(SQL.changes)
    assert before is not None
    assert after is not None
    if after[0] - before[0] > 1:
        return abs(pages)
    row = conn.one(SQL.index_parts)
    largest = 0 if row is None or row[0] is None else unswept(bytes(row[0]))
    if not largest:
        return 0
    if largest <= SMALL:
        conn.run(SQL.rebuild_words)
        return 0
    conn.run(SQL.stir_words, command=None)
    conn.run(SQL.stir_words, command="delete")
    return -abs(pages)


def unswept(structure: bytes) -> int:
    """How many pages the oldest part of an index has, if words may be left in it that nobody has; 0: none are.

    None are where the part stands on the highest level: whoever wrote it knew that nothing older is below.
    https://sqlite.org/fts5.html, and `fts5StructureDecode` in SQLite's source: after a number of four bytes come, in
    SQLite's variable length, how many levels and parts there are and what was written; then, for each level, how many
    of its parts are being merged and how many it has, and for each of those its number, first and last page.
    """
    numbers = _numbers(structure[4:])
    levels, _, _ = next(numbers), next(numbers), next(numbers)
    highest, pages = -1, 0
    for level in range(levels):
        _, parts = next(numbers), next(numbers)
        for part in range(parts):
            _, first, last = next(numbers), next(numbers), next(numbers)
            if part == 0:
                highest, pages = level, last - first + 1
    return 0 if highest in {-1, levels - 1} else pages


def _numbers(text: bytes) -> Iterator[int]:
    number = 0
    for byte in text:
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            yield number
            number = 0
