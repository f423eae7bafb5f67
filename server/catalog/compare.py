"""What a feed changes: each product of it beside the one that is shown, and the rows of the next generation.

Nobody sees what is written here until the run switches: rows of the next generation are added, and those that they take
the place of end with the one that is shown.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

import msgspec

from server.catalog import queries
from server.catalog.feeds.shape import FeedRow
from server.catalog.queries import COLUMNS, FIELDS, SQL
from server.catalog.rules import DISCONTINUED, FOR_GOOD
from server.catalog.staging import Staged, Staging
from server.catalog.words import words_of
from server.catalog.words_index import Coming, write_coming
from server.db.engine import Connection
from server.db.sql import Query
from server.statements.rules import STATEMENT, pack_times, unpack_times
from server.wire.catalog import SyncChange

PREVIEWED = 20
_SAID = ("gtin", "title", "options", "price", "sale_price", "currency", "picture", "brand", "availability")
"""Columns of a row that say something of the article."""
_TEXTS = ("title", "description", "brand", "category", "picture")
_FOUND_BY = ("title", "brand", "category")
_encode = msgspec.json.Encoder(order="sorted").encode
_options = msgspec.json.Decoder(dict[str, str]).decode

Group = tuple[str, Sequence[Staged]]
"""A product's key and its rows in the feed."""


class Feed(NamedTuple):
    """The feed that is taken: whose, its number, when it is true, and the generation that it will be shown in."""

    source: str
    number: int
    stated_at: str
    generation: int


class Tally(NamedTuple):
    """What changes: rows that are new, changed, gone; prices that jump; and some of the last two to be looked at.

    `adopted` rows were known from records, and a feed has them now.
    """

    new: int = 0
    changed: int = 0
    gone: int = 0
    jumps: int = 0
    adopted: int = 0
    preview: tuple[SyncChange, ...] = ()

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        preview = self.preview
        if len(preview) < 2 * PREVIEWED:
            preview = (preview + other.preview)[: 2 * PREVIEWED]
        return Tally(
            self.new + other.new,
            self.changed + other.changed,
            self.gone + other.gone,
            self.jumps + other.jumps,
            self.adopted + other.adopted,
            preview,
        )


def compare(conn: Connection, feed: Feed, staging: Staging, groups: Sequence[Group], *, write: bool) -> Tally:
    """Compare products of a feed with those that are shown, and write what differs if asked to."""
    names = _encode([name for name, _ in groups]).decode()
    if write:
        conn.run(SQL.add_product_ids, source=feed.source, external_ids=names)
    ids: dict[str, int] = dict(conn.all(SQL.ids_of, source=feed.source, external_ids=names))
    products, rows = _shown(conn, list(ids.values()))
    found = _Found(feed, staging)
    for name, staged in groups:
        product_id = ids.get(name, 0)
        found.product(product_id, name, products.get(product_id), rows.get(product_id, []), staged)
    if write:
        found.write(conn)
    return found.tally


def compare_gone(conn: Connection, feed: Feed, staging: Staging, ids: Sequence[int], *, write: bool) -> Tally:
    """The same for products that the feed has nothing of."""
    products, rows = _shown(conn, ids)
    found = _Found(feed, staging)
    for product_id, product in products.items():
        found.gone(product, rows.get(product_id, []))
    if write:
        found.write(conn)
    return found.tally


def _shown(conn: Connection, ids: Collection[int]) -> tuple[dict[int, dict[str, Any]], dict[int, list[dict[str, Any]]]]:
    wanted = _encode(list(ids)).decode()
    columns = ("id", "since", "external_id", *FIELDS, "field_times", "deleted_at")
    products = {row[0]: dict(zip(columns, row, strict=True)) for row in conn.all(SQL.products_of, ids=wanted)}
    rows: dict[int, list[dict[str, Any]]] = {}
    if products:
        for row in conn.all(SQL.rows_shown, ids=wanted):
            rows.setdefault(row[0], []).append(dict(zip(COLUMNS, row, strict=True)))
    return products, rows


class _Found:
    """What was found to differ, and what has to be written for it."""

    def __init__(self, feed: Feed, staging: Staging) -> None:
        self.tally = Tally()
        self._feed = feed
        self._staging = staging
        self._times = pack_times(dict.fromkeys((*FIELDS, STATEMENT), feed.stated_at))
        self._writes: dict[Query, list[Mapping[str, Any]]] = {}
        self._words: list[Coming] = []

    def write(self, conn: Connection) -> None:
        for query, rows in self._writes.items():
            conn.run_many(query, rows)
        write_coming(conn, self._feed.generation, self._words)

    def product(
        self,
        product_id: int,
        name: str,
        shown: Mapping[str, Any] | None,
        rows: Sequence[dict[str, Any]],
        staged: Sequence[Staged],
    ) -> None:
        before = {row["sku"]: row for row in rows}
        # The same articles in another order are no change, nor are fewer.
        in_place = all(entry.row.sku in before for entry in staged)
        if in_place:
            staged = sorted(staged, key=lambda entry: before[entry.row.sku]["position"])
        first = staged[0].row
        texts = {
            "title": first.product_title or common_title([entry.row.title for entry in staged]),
            "description": first.description,
            "brand": first.brand,
            "category": first.category,
            "picture": first.product_picture,
        }
        keep_rows = rewritten = False
        renamed = shown is None
        if shown is None:
            self._add_product(product_id, name, texts, self._times, None)
        else:
            times = unpack_times(shown["field_times"])
            at = self._feed.stated_at
            if shown["deleted_at"] is not None and shown["deleted_at"] >= at:
                return
            later = {field for field in FIELDS if times.get(field, "") > at}
            if later:
                # What a record keeps from this feed is asked of the next one again.
                staged = [entry._replace(row_hash=None) for entry in staged]
            texts |= {field: shown[field] for field in _TEXTS if field in later}
            keep_rows = "variants" in later
            differs = any(texts[field] != shown[field] for field in _TEXTS)
            of_records = len(times) <= len(FIELDS) or (shown["variants"] is not None and not keep_rows)
            # What a record said while this run wrote may have taken the place of words that were written for it.
            renamed = of_records or any(texts[field] != shown[field] for field in _FOUND_BY)
            if differs or of_records:
                merged = {field: max(times.get(field, ""), at) for field in (*FIELDS, STATEMENT)}
                self._end_product(product_id, shown)
                variants = shown["variants"] if keep_rows else None
                self._add_product(product_id, name, texts, pack_times(merged), shown["deleted_at"], variants)
                rewritten = differs
        if keep_rows:
            if renamed:
                self._find(product_id, texts, (), rows, known=True)
            return
        new, changed, others = self._variants(product_id, before, staged, texts, in_place=in_place)
        if rewritten:
            changed = len(staged) - new
        self.tally = self.tally.plus(Tally(new=new, changed=changed))
        kept = rows if shown is None else self._missing(shown, rows, {entry.row.sku for entry in staged})
        if renamed or others or len(kept) < len(rows):
            self._find(product_id, texts, staged, kept, known=shown is not None)

    def gone(self, shown: Mapping[str, Any], rows: Sequence[dict[str, Any]]) -> None:
        """A product of which the feed has nothing."""
        kept = self._missing(shown, rows, frozenset())
        if len(kept) < len(rows):
            self._find(shown["id"], shown, (), kept, known=True)

    def _missing(
        self, shown: Mapping[str, Any], rows: Sequence[dict[str, Any]], has: Collection[str]
    ) -> Sequence[dict[str, Any]]:
        """What the feed has no more is discontinued, unless its row was refused or stands in another product now.

        Returns the rows that are still this product's, whatever becomes of them.
        """
        left = [row for row in rows if row["sku"] not in has and row["availability"] != DISCONTINUED]
        if not left:
            return rows
        if not has and max(unpack_times(shown["field_times"]).get("variants", ""), "") > self._feed.stated_at:
            return rows
        skus = [row["sku"] for row in left]
        refused, elsewhere = self._staging.was_refused(skus), self._staging.holds(skus)
        for row in left:
            if row["sku"] in refused:
                continue
            self._end(row)
            if row["sku"] in elsewhere:
                # There it was counted as new.
                self.tally = self.tally.plus(Tally(new=-1, changed=1))
            else:
                gone = {"row_hash": None, "availability": DISCONTINUED, "feed": self._feed.number}
                self._add(SQL.add_variant, {**row, **self._from_now_on(), **gone})
                told = SyncChange(sku=row["sku"], what="gone", currency=row["currency"], before=row["price"])
                adopted = int(row["feed"] != self._feed.number)
                self.tally = self.tally.plus(Tally(gone=1, adopted=adopted, preview=(told,)))
        return [row for row in rows if row["sku"] in has or row["sku"] in refused or row["sku"] not in elsewhere]

    def _variants(
        self,
        product_id: int,
        before: Mapping[str, Mapping[str, Any]],
        staged: Sequence[Staged],
        texts: Mapping[str, Any],
        *,
        in_place: bool,
    ) -> tuple[int, int, bool]:
        """How many rows are new and changed, and whether any is found by other words."""
        new = changed = 0
        others = False
        for position, (_, row_hash, row) in enumerate(staged):
            held = before.get(row.sku)
            values = _values(row, texts)
            values["position"] = held["position"] if held is not None and in_place else position
            others = others or held is None or held["options"] != values["options"]
            if held is None:
                new += 1
            else:
                if held["availability"] != DISCONTINUED and held["feed"] != self._feed.number:
                    self.tally = self.tally.plus(Tally(adopted=1))
                says_the_same = all(held[name] == values[name] for name in _SAID)
                if says_the_same and held["position"] == values["position"]:
                    if held["row_hash"] != row_hash or held["feed"] != self._feed.number:
                        key = {"sku": row.sku, "product_id": product_id, "since": held["since"]}
                        self._add(SQL.set_row_hash, {**key, "feed": self._feed.number, "row_hash": row_hash})
                    continue
                self._end(held)
                if held["availability"] == DISCONTINUED:
                    new += 1
                elif not says_the_same:
                    changed += 1
                    self._jump(held, row)
            own = {"product_id": product_id, "sku": row.sku, "feed": self._feed.number, "row_hash": row_hash}
            self._add(SQL.add_variant, {**own, **self._from_now_on(), **values, "stated_at": self._feed.stated_at})
        return new, changed, others

    def _find(
        self,
        product_id: int,
        texts: Mapping[str, Any],
        staged: Sequence[Staged],
        rows: Sequence[dict[str, Any]],
        *,
        known: bool,
    ) -> None:
        """A product is found by other words from now on; what the feed has no more of it is kept, and found too."""
        has = {entry.row.sku for entry in staged}
        left = [row for row in rows if row["sku"] not in has]
        options = [entry.row.options for entry in staged] + [_options(row["options"]) for row in left]
        skus = [entry.row.sku for entry in staged] + [row["sku"] for row in left]
        words = words_of([texts[field] for field in _FOUND_BY], options, skus)
        self._words.append(Coming(product_id, words, known))

    def _jump(self, held: Mapping[str, Any], row: FeedRow) -> None:
        told = jump(held["price"], held["currency"], row)
        if told is not None:
            self.tally = self.tally.plus(Tally(jumps=1, preview=(told,)))

    def _add_product(
        self,
        product_id: int,
        name: str,
        texts: Mapping[str, Any],
        times: str,
        deleted_at: str | None,
        variants: str | None = None,
    ) -> None:
        own = {"id": product_id, "source": self._feed.source, "external_id": name, "variants": variants}
        kept = {"field_times": times, "deleted_at": deleted_at}
        self._add(SQL.add_product, {**own, **self._from_now_on(), **texts, **kept})

    def _end_product(self, product_id: int, shown: Mapping[str, Any]) -> None:
        until = self._feed.generation - 1
        self._add(SQL.end_version, {"id": product_id, "since": shown["since"], "until": until})

    def _end(self, row: Mapping[str, Any]) -> None:
        key = {name: row[name] for name in ("sku", "product_id", "since")}
        self._add(SQL.end_variant, {**key, "until": self._feed.generation - 1})

    def _from_now_on(self) -> dict[str, int]:
        return {"since": self._feed.generation, "until": FOR_GOOD}

    def _add(self, query: Query, row: Mapping[str, Any]) -> None:
        self._writes.setdefault(query, []).append(row)


def _values(row: FeedRow, texts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "gtin": row.gtin,
        "title": row.title,
        "options": _encode(row.options).decode(),
        "price": row.price,
        "sale_price": row.sale_price,
        "currency": row.currency,
        "picture": row.picture or texts["picture"],
        "brand": texts["brand"],
        "availability": row.availability,
    }


def jump(price: int, currency: str, row: FeedRow) -> SyncChange | None:
    """What is told of a price that changes by more than half, or None."""
    if currency == row.currency and abs(row.price - price) * 2 <= price:
        return None
    return SyncChange(sku=row.sku, what="price", currency=row.currency, before=price, after=row.price)


def common_title(titles: Sequence[str]) -> str:
    """What the titles of all variants begin with; Sport-100 Helmet, where they go on with a colour."""
    if len(titles) == 1:
        return titles[0]
    words = [title.split(" ") for title in titles]
    common = takewhile(lambda same: len(set(same)) == 1, zip(*words, strict=False))
    title = " ".join(word for word, *_ in common).rstrip(" ,-–/|(")
    # Sport-100 Helmet, Red and Sport-100 Helmet, Black share the word `Helmet,` with its comma.
    return title or titles[0]


def next_generation(conn: Connection) -> int:
    """The generation that comes after the one that is shown."""
    return queries.generation(conn) + 1
