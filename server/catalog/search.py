"""Finding an article from what somebody typed so far.

Every word that was typed must be a word of the product's, or begin one: of its title, brand and category, of its
variants' options, of what their SKUs have in common; what has a digit in it may begin an SKU or a GTIN too. Candidates
come from an index of words, capped; they are ranked: all words exact before begun ones before corrected ones, then
those of which one variant has all of them, then what is here, then what has them in its title.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from server.catalog import queries
from server.catalog.queries import NO_STOCK, SQL, item_of
from server.catalog.rules import DISCONTINUED
from server.catalog.vocabulary import Vocabulary
from server.catalog.words_index import anything_with
from server.db.engine import Connection, Row
from server.db.sql import Query
from server.search.rules import LONGEST_WORD, Sought, apart, expression, range_of, spans_in, words_in
from server.statements.rules import json_text
from server.wire.catalog import Item, ProductHit, ProductMatch, ProductSearch, ProductsFound, Stock, StoreStock
from server.wire.problems import ProblemError

CANDIDATES = 100
"""How many the index gives at each step; among more than these, nobody finds theirs by looking."""
SHORTEST_NUMBER = 3
"""Signs from which on what was typed may begin an SKU or a GTIN."""
LONGEST_NUMBER = 100
MOST_WORDS = 8
GTIN = 14
"""Digits of a GTIN as it is kept."""
PADDINGS = ("", "0", "00", "000000")
"""What stands before GTINs of 14, 13, 12 and 8 digits where they are kept."""

How = Literal["exact", "prefix", "corrected"]
Field = Literal["title", "brand", "category", "option", "sku", "gtin"]
Ranges = list[tuple[int, int]]


class Typed(NamedTuple):
    """What was typed: words to look for, and pieces that may begin a number, with the words that each is of."""

    words: tuple[str, ...]
    numbers: Mapping[str, frozenset[str]]


class Found(NamedTuple):
    """How a product was found: how well, and by which number of which of its variants.

    `own` are the typed words that the number is of: nothing else need have them.
    """

    step: int
    how: How
    number: str = ""
    kind: Literal["", "sku", "gtin"] = ""
    skus: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()


class Article(NamedTuple):
    """A product with its variants, as far as a hit shows them."""

    id: int
    title: str
    brand: str | None
    category: str | None
    variants: Sequence["Kind"]


class Kind(NamedTuple):
    """A variant, and its GTIN."""

    item: Item
    gtin: str | None


class Fit(NamedTuple):
    """A product with those of its variants that fit best what was typed, and what ranks it."""

    article: Article
    found: Found
    kinds: Sequence[Kind]
    rank: tuple[object, ...]


def read_typed(text: str) -> Typed:
    """Take what was typed apart."""
    # A terminal passes on bytes that are no UTF-8 as half characters, which no database takes; nor NUL.
    text = text.encode("utf-8", "ignore").decode().replace("\0", " ")
    joined = re.sub(r"[\s-]", "", text)
    pieces = [joined] if len(joined) >= 8 and joined.isascii() and joined.isdigit() else text.split()
    numbers = {
        piece[:LONGEST_NUMBER]: frozenset(words_in(piece))
        for piece in pieces
        if len(piece) >= SHORTEST_NUMBER and any(c.isdigit() for c in piece)
    }
    known = dict.fromkeys(word[:LONGEST_WORD] for piece in pieces for word in words_in(piece))
    return Typed(tuple(known)[:MOST_WORDS], numbers)


def search(conn: Connection, request: ProductSearch, vocabulary: Vocabulary) -> ProductsFound:
    """Products that have everything that was typed, the likeliest first.

    Raises:
        ProblemError: too little was typed to look for.
    """
    typed = read_typed(request.text)
    if sum(map(len, typed.words)) < 2:
        raise ProblemError("search_too_short", "Type at least two letters or digits of a name, brand, size or number.")
    found = _Candidates(conn, typed)
    found.add_by_number()
    for how, step, words in _ways(typed.words):
        if len(found.by_id) < CANDIDATES:
            found.add(how, step, [[word] for word in words])
    corrected: dict[str, tuple[str, ...]] = {}
    if not found.by_id:
        corrected = found.add_corrected(vocabulary)
    fits = _fits(conn, typed, corrected, found.by_id, request.store)
    hits = _hits(conn, typed, corrected, fits[: request.limit], request.store)
    said = {word for hit in hits for match in hit.matches for word in words_in(match.text)}
    return ProductsFound(
        hits=hits,
        capped=found.capped or len(fits) > request.limit,
        corrected={
            word: served for word, known in corrected.items() if (served := tuple(w for w in known if w in said))
        },
    )


def _ways(words: Sequence[str]) -> Iterable[tuple[How, int, list[Sought]]]:
    """How words may be meant, the likeliest first: as they are, the last one begun, all of them begun."""
    yield "exact", 0, [Sought(word) for word in words]
    if len(words) > 1:
        yield "prefix", 1, [*map(Sought, words[:-1]), Sought(words[-1], begins=True)]
    yield "prefix", 2, [Sought(word, begins=True) for word in words]


class _Candidates:
    """Products as they are gathered: each counts once, by its best way of being found."""

    def __init__(self, conn: Connection, typed: Typed) -> None:
        self.by_id: dict[int, Found] = {}
        self.capped = False
        self._conn = conn
        self._typed = typed

    def add(self, how: How, step: int, wanted: Sequence[Sequence[Sought]]) -> None:
        """What has, of every group of words, any one."""
        rows = self._conn.all(SQL.find_words, words=expression(self._conn.engine, wanted), limit=CANDIDATES)
        self.capped = self.capped or len(rows) == CANDIDATES
        for (product_id,) in rows:
            held = self.by_id.setdefault(product_id, Found(step, how))
            if step < held.step:
                self.by_id[product_id] = held._replace(step=step, how=how)

    def add_by_number(self) -> None:
        """What has an SKU or a GTIN that begins with what was typed, and the other words."""
        for piece, own in self._typed.numbers.items():
            others = [word for word in self._typed.words if word not in own]
            allowed = self._allowed(others)
            for written in dict.fromkeys((piece, piece.upper(), piece.lower())):
                rows = self._beginning(SQL.skus_from, written)
                whole = frozenset(id_ for sku, id_ in rows if sku == written)
                self._take(rows, whole, Found(1, "prefix", written, "sku", own=own), allowed)
            digits = piece.replace("-", "")
            if digits.isascii() and digits.isdigit():
                for padding in PADDINGS:
                    rows = self._beginning(SQL.gtins_from, padding + digits)
                    whole = frozenset(id_ for _, id_ in rows) if len(padding + digits) == GTIN else frozenset()
                    self._take(rows, whole, Found(1, "prefix", digits, "gtin", own=own), allowed)

    def _allowed(self, others: Sequence[str]) -> frozenset[int] | None:
        """Products that have the other words; None where there are none, and any product will do."""
        if not others:
            return None
        words = expression(self._conn.engine, [[Sought(word, begins=True)] for word in others])
        return frozenset(id_ for (id_,) in self._conn.all(SQL.find_words, words=words, limit=10 * CANDIDATES))

    def _beginning(self, query: Query, first: str) -> list[Row]:
        """Variants whose number begins so: SKU and product."""
        rows = self._conn.all(query, first=first, last=first + "\U0010ffff", limit=CANDIDATES)
        self.capped = self.capped or len(rows) == CANDIDATES
        return rows

    def _take(self, rows: Sequence[Row], whole: frozenset[int], found: Found, allowed: frozenset[int] | None) -> None:
        """Know products by the numbers of their variants; `whole` are those of which all of a number was typed."""
        skus: dict[int, set[str]] = {}
        for sku, product_id in rows:
            if allowed is None or product_id in allowed:
                skus.setdefault(product_id, set()).add(sku)
        for product_id, own in skus.items():
            mine = found._replace(skus=frozenset(own))
            if product_id in whole:
                mine = mine._replace(step=0, how="exact")
            held = self.by_id.get(product_id)
            if held is None or mine.step < held.step:
                self.by_id[product_id] = mine

    def add_corrected(self, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
        """Look for known words near those that nothing has; where each is had by something, near any of them."""
        vocabulary.refresh(self._conn)
        words = self._typed.words
        unknown = [word for word in words if not anything_with(self._conn, Sought(word, begins=True))]
        near = {word: _nearest(vocabulary.corrections(word)) for word in unknown or words}
        if not all(near[word] for word in unknown):
            return {}
        self.add(
            "corrected",
            3,
            [
                [*map(Sought, near.get(word, ())), *([] if word in unknown else [Sought(word, begins=True)])]
                for word in words
            ],
        )
        return {word: known for word, known in near.items() if known}


def _nearest(near: Mapping[str, int]) -> tuple[str, ...]:
    """The nearest of some words, and those that only go on: with a jacket jackets are meant, and no jade."""
    least = min(near.values(), default=0)
    nearest = tuple(word for word, mistakes in near.items() if mistakes == least)
    return tuple(word for word in near if word.startswith(nearest))


def _fits(
    conn: Connection,
    typed: Typed,
    corrected: Mapping[str, Sequence[str]],
    found: Mapping[int, Found],
    store: str | None,
) -> list[Fit]:
    """Candidates with the variants that are meant, the likeliest first."""
    articles = _articles(conn, found)
    skus = [kind.item.sku for article in articles for kind in article.variants]
    rows = conn.all(SQL.some_here, skus=json_text(skus), store=store) if store is not None and skus else []
    here = {sku for (sku,) in rows}
    fits = (_fit(article, found[article.id], typed, corrected, here) for article in articles)
    return sorted((fit for fit in fits if fit is not None), key=lambda fit: fit.rank)


def _articles(conn: Connection, found: Iterable[int]) -> list[Article]:
    ids = json_text(list(found))
    variants: dict[int, list[Kind]] = {}
    for product_id, sku, *columns, gtin in conn.all(SQL.found_variants, ids=ids):
        variants.setdefault(product_id, []).append(Kind(item_of(sku, product_id, *columns), gtin))
    return [
        Article(id_, title or variants[id_][0].item.title, brand, category, variants[id_])
        for id_, title, brand, category in conn.all(SQL.found_products, ids=ids)
        if id_ in variants
    ]


def _fit(
    article: Article, found: Found, typed: Typed, corrected: Mapping[str, Sequence[str]], here: set[str]
) -> Fit | None:
    """Which variants are meant; None where a word is of nothing that is shown."""
    words = [word for word in typed.words if word not in found.own]
    kinds = [kind for kind in article.variants if not found.skus or kind.item.sku in found.skus]
    kinds = [kind for kind in kinds if kind.item.availability != DISCONTINUED] or kinds
    of_product = {word for text in _texts(article) for word in words if _has(words_in(text), word, corrected)}
    had = [_had(kind, words, corrected) for kind in kinds]
    if not of_product.union(*had) >= set(words):
        return None
    weights = [sum(3 if exact else 1 for exact in has.values()) for has in had]
    most = max(weights)
    fitting = [kind for kind, weight in zip(kinds, weights, strict=True) if weight == most]
    meant = [has for has, weight in zip(had, weights, strict=True) if weight == most]
    # The S of a shirt is a size where there is one.
    of_options = {word for has in had for word, exact in has.items() if exact}
    whole = any((of_product - of_options) | has.keys() >= set(words) for has in meant)
    fitting.sort(key=lambda kind: (kind.item.sku not in here, _price(kind.item)))
    in_title = sum(_has(words_in(article.title), word, corrected) for word in words)
    gone = fitting[0].item.availability == DISCONTINUED
    rank = (found.step, gone, not whole, fitting[0].item.sku not in here, -in_title, article.title, article.id)
    return Fit(article, found, fitting, rank)


def _texts(article: Article) -> list[str]:
    return [text for text in (article.title, article.brand, article.category) if text]


def _has(had: Sequence[str], word: str, corrected: Mapping[str, Sequence[str]]) -> bool:
    near = corrected.get(word, ())
    return any(known.startswith(word) or known in near for known in had)


def _had(kind: Kind, words: Sequence[str], corrected: Mapping[str, Sequence[str]]) -> dict[str, bool]:
    """Words that a variant alone has, and whether it has just these: by `s` size S is meant rather than Silver."""
    options = [word for value in kind.item.options.values() for word in words_in(value)]
    own = [*options, *words_in(kind.item.sku)]
    return {word: word in options for word in words if _has(own, word, corrected)}


def _price(item: Item) -> int:
    return item.price if item.sale_price is None else item.sale_price


def _hits(
    conn: Connection,
    typed: Typed,
    corrected: Mapping[str, Sequence[str]],
    fits: Sequence[Fit],
    store: str | None,
) -> tuple[ProductHit, ...]:
    stocks = queries.stock(conn, [kind.item.sku for fit in fits for kind in fit.kinds], store)
    hits = []
    for article, found, kinds, _ in fits:
        shown = kinds[0]
        cheapest = min(_price(kind.item) for kind in kinds)
        dearest = max(_price(kind.item) for kind in kinds)
        hits.append(
            ProductHit(
                product_id=article.id,
                title=article.title,
                category=article.category,
                item=shown.item,
                fitting=len(kinds),
                price_from=cheapest,
                price_to=dearest if dearest != cheapest else None,
                stock=_together([stocks.get(kind.item.sku, NO_STOCK) for kind in kinds]),
                how=found.how,
                matches=_matches(article, shown, found, typed, corrected),
            )
        )
    return tuple(hits)


def _together(stocks: Sequence[Stock]) -> Stock:
    """What stores have of several variants; as old as the oldest of what is told."""
    nearby: dict[str, list[StoreStock]] = {}
    for stock in stocks:
        for there in stock.nearby:
            nearby.setdefault(there.store, []).append(there)
    quantities = Counter({store: sum(one.quantity for one in held) for store, held in nearby.items()})
    return Stock(
        here=_sum([stock.here for stock in stocks if stock.here is not None]),
        nearby=tuple(total for store, _ in quantities.most_common() if (total := _sum(nearby[store])) is not None),
    )


def _sum(held: Sequence[StoreStock]) -> StoreStock | None:
    if not held:
        return None
    # A till that sold more of one size than was counted took nothing from another's.
    quantity = sum(max(0, one.quantity) for one in held) if len(held) > 1 else held[0].quantity
    return msgspec.structs.replace(held[0], quantity=quantity, as_of=min(one.as_of for one in held))


def _matches(
    article: Article, kind: Kind, found: Found, typed: Typed, corrected: Mapping[str, Sequence[str]]
) -> tuple[ProductMatch, ...]:
    """Which fields have what was typed, with what to highlight."""
    shown: list[tuple[Field, str]] = [("title", article.title)]
    if article.brand:
        shown.append(("brand", article.brand))
    shown.extend(("option", value) for value in kind.item.options.values())
    if article.category:
        shown.append(("category", article.category))
    shown.append(("sku", kind.item.sku))
    if kind.gtin:
        shown.append(("gtin", _short(kind.gtin)))
    ranges: dict[int, Ranges] = {}
    if found.kind:
        place = next(n for n, (field, _) in enumerate(shown) if field == found.kind)
        begin = shown[place][1].find(found.number)
        if begin >= 0:
            ranges[place] = [(begin, begin + len(found.number))]
    spans = [spans_in(text) for _, text in shown]
    for word in typed.words:
        if word in found.own:
            continue
        # The S of a shirt is its size, where it has that one.
        meant = [n for n, own in enumerate(spans) if shown[n][0] == "option" and any(s.word == word for s in own)]
        for n in (*meant, *range(len(spans))):
            own = spans[n]
            marked = next((at for span in own if (at := range_of(span, word, corrected.get(word, ())))), None)
            if marked is not None:
                ranges.setdefault(n, []).append(marked)
                break
    return tuple(
        ProductMatch(field=shown[n][0], text=shown[n][1], ranges=apart(marked)) for n, marked in sorted(ranges.items())
    )


def _short(gtin: str) -> str:
    """A GTIN as it is printed under its bars: 13 digits, 12, 8, or all 14."""
    for zeros, length in ((6, 8), (2, 12), (1, 13)):
        if gtin.startswith("0" * zeros) and gtin[zeros] != "0":
            return gtin[-length:]
    return gtin
