"""Keeping the words that customers are found by, and those that misspelt ones are corrected to."""

from server.customers import queries, words
from server.customers.queries import SQL, Sought
from server.db.engine import Connection


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


def merge(conn: Connection, pages: int) -> bool:
    """Write a part of the index anew, without the words that nobody has any more; whether anything was left to do.

    SQLite's index keeps a word that was taken out until the part that it stands in is written anew. A number below 0
    begins a round over all parts, numbers above 0 go on with it.
    """
    before = conn.one(SQL.changes)
    conn.run(SQL.merge_words, pages=pages)
    after = conn.one(SQL.changes)
    assert before is not None
    assert after is not None
    return bool(after[0] - before[0] > 1)
