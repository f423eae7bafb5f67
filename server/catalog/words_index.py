"""Keeping the words that products are found by, a generation at a time, and those that misspelt ones are corrected to.

A search joins the index with the generation that is shown, in the snapshot of everything else: it finds by yesterday's
catalogue or by today's. A feed writes what its products will be found by beside what they are found by now, only where
that differs, and the switch of the generation switches both.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from server.catalog.queries import COLUMNS, SQL
from server.catalog.rules import FOR_GOOD
from server.catalog.words import ProductWords, words_of
from server.db.engine import Connection, Database
from server.search.rules import Sought, expression

AT_ONCE = 500
"""Products that get their words in one transaction."""

_options = msgspec.json.Decoder(dict[str, str])
_encode = msgspec.json.Encoder().encode


class Coming(NamedTuple):
    """A product that will be found by other words, and whether it is found by any now."""

    product_id: int
    words: ProductWords
    known: bool


Version = tuple[int, int, ProductWords]
"""From which generation to which a product is found by which words."""


def write_coming(conn: Connection, generation: int, products: Sequence[Coming]) -> None:
    """Let products be found by other words from a generation on, which nobody sees yet."""
    if not products:
        return
    conn.run_rows(SQL.end_words, [(generation - 1, coming.product_id) for coming in products if coming.known])
    rows = [(coming.product_id, generation, FOR_GOOD, coming.words.all) for coming in products if coming.words.all]
    conn.run_rows(SQL.add_words, rows)
    _speak(conn, [coming.words for coming in products])


def set_words(conn: Connection, product_id: int, versions: Sequence[Version]) -> None:
    """Let a product be found as it is shown and as it will be by these words, and by no others."""
    wanted = [(since, until, words.all) for since, until, words in versions if words.all]
    held = conn.all(SQL.words_held, product_id=product_id)
    if [row[2] for row in held] == [row[2] for row in wanted] and len(wanted) < 2:
        return
    conn.run(SQL.drop_words_of, product_id=product_id)
    conn.run_rows(SQL.add_words, [(product_id, *row) for row in wanted])
    _speak(conn, [words for *_, words in versions])
    _fall_silent(conn, {word for row in held for word in row[2].split()})


def write_amended(conn: Connection, generation: int, products: Mapping[int, Iterable[str | None]]) -> None:
    """The same for products of which rows were written for that generation; their texts, as given, did not change."""
    coming = []
    for product_id, texts in products.items():
        found = (dict(zip(COLUMNS, row, strict=True)) for row in conn.all(SQL.rows_of, product_id=product_id))
        rows = [row for row in found if row["until"] >= generation]
        coming.append(Coming(product_id, words_of_rows(texts, rows), known=True))
    write_coming(conn, generation, coming)


def take_back(conn: Connection, generation: int, ids: Collection[int]) -> None:
    """Forget by what products would be found from a generation on."""
    drop(conn, conn.all(SQL.coming_words, ids=_encode(sorted(ids)).decode(), since=generation))


def drop(conn: Connection, rows: Sequence[tuple[int, str]]) -> None:
    """Find products no more by words that no generation which may be shown has."""
    conn.run_rows(SQL.drop_words, [(id_,) for id_, _ in rows])
    _fall_silent(conn, {word for _, words in rows for word in words.split()})


def fill(database: Database) -> int:
    """Give products their words that were there before words were kept; how many they were."""
    filled = 0
    while some := database.read_now(due):
        database.write_now(fill_some, some)
        filled += len(some)
    return filled


def due(conn: Connection) -> list[int]:
    """Some products that have no words yet."""
    return [row[0] for row in conn.all(SQL.words_due, after=0, limit=AT_ONCE)]


def fill_some(conn: Connection, ids: Sequence[int]) -> None:
    """Give products their words, unless somebody else was quicker."""
    wanted = set(due(conn)).intersection(ids)
    listed = _encode(sorted(wanted)).decode()
    variants: dict[int, list[Any]] = {}
    for product_id, sku, _, options, *_ in conn.all(SQL.found_variants, ids=listed):
        variants.setdefault(product_id, []).append((sku, options))
    words = []
    for id_, *texts in conn.all(SQL.found_products, ids=listed):
        rows = variants.get(id_, [])
        words.append((id_, words_of(texts, map(_options.decode, [row[1] for row in rows]), [row[0] for row in rows])))
    for id_, found_by in words:
        set_words(conn, id_, [(0, FOR_GOOD, found_by)])
    conn.run_rows(SQL.drop_due, [(id_,) for id_ in wanted])


def words_of_rows(texts: Iterable[str | None], rows: Sequence[Mapping[str, Any]]) -> ProductWords:
    """What a product is found by whose variants are these rows."""
    return words_of(texts, (_options.decode(row["options"]) for row in rows), [row["sku"] for row in rows])


def _speak(conn: Connection, words: Iterable[ProductWords]) -> None:
    spoken = {word for found_by in words for word in found_by.spoken}
    listed = _encode(sorted(spoken)).decode()
    spoken.difference_update(word for (word,) in conn.all(SQL.spoken_among, words=listed))
    conn.run_rows(SQL.add_spoken, [(word,) for word in sorted(spoken)])


def _fall_silent(conn: Connection, words: set[str]) -> None:
    """Words that no product has any more are none to correct to."""
    spoken = [word for (word,) in conn.all(SQL.spoken_among, words=_encode(sorted(words)).decode())] if words else []
    unused = [word for word in spoken if not anything_with(conn, Sought(word))]
    conn.run_rows(SQL.remove_spoken, [(word,) for word in unused])


def anything_with(conn: Connection, sought: Sought) -> bool:
    """Does any product have a word, in whichever generation?"""
    return conn.one(SQL.any_words, words=expression(conn.engine, [[sought]])) is not None
