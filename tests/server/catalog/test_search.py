"""Finding an article from what somebody typed so far: what is found, in which order, and what is shown of it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.catalog import search as searching
from server.catalog import sync, words_index, writing
from server.catalog.search import search
from server.catalog.sync import SyncOrder, sync_feed
from server.catalog.vocabulary import Vocabulary
from server.db.engine import Connection, Database
from server.wire.catalog import ProductHit, ProductSearch, ProductsFound, SyncRun
from server.wire.problems import ProblemError
from tests.conftest import Fresh
from tests.server.given import NOW, Shop, asked, deletion, product, rows, stock, store, take, variant

GTIN = "4006381333931"


def hoodie(**fields: Any) -> Any:
    """A hoodie in two colours and two sizes."""
    options = [(size, colour) for size in ("XS", "S") for colour in ("Black", "Ivory")]
    return product(
        "hoodie",
        title="Hero Hoodie",
        brand="Tramontela",
        category="Men > Tops > Hoodies & Sweatshirts",
        **fields,
        variants=tuple(
            variant(f"HH-{size}-{colour}", 5200 + n, options={"size": size, "colour": colour})
            for n, (size, colour) in enumerate(options)
        ),
    )


SHOP = (
    store("m1", name="Gran Vía"),
    store("m2", name="Serrano"),
    hoodie(),
    product("coat", title="Chaquetón Niebla", brand="Áncora", variants=(variant("C-1", 9900, gtin=GTIN),)),
    product("black", title="Black Tea", category="Kitchen", variants=(variant("TEA", 450, sale_price=400),)),
    product("silver", title="Silver Ring", variants=(variant("RING", 2500, options={"finish": "Shiny"}),)),
    stock(2, sku="HH-XS-Ivory"),
    stock(3, sku="HH-S-Ivory"),
    stock(4, sku="HH-XS-Black", store="m2"),
    stock(-1, sku="C-1"),
)


@pytest.fixture
def shelves(conn: Connection) -> Connection:
    """A shop with some articles."""
    take(conn, *SHOP)
    return conn


def found(conn: Connection, text: str, store: str | None = "m1", limit: int = 20) -> ProductsFound:
    """What a search finds."""
    return search(conn, ProductSearch(text=text, store=store, limit=limit), Vocabulary())


def only(conn: Connection, text: str, **more: Any) -> ProductHit:
    """The one product that a search finds."""
    (hit,) = found(conn, text, **more).hits
    return hit


def marked(hit: ProductHit) -> dict[str, list[str]]:
    """What is highlighted, by field."""
    marks: dict[str, list[str]] = {}
    for match in hit.matches:
        marks.setdefault(match.field, []).extend(match.text[start:end] for start, end in match.ranges)
    return marks


@pytest.mark.parametrize(
    ("text", "title", "how", "marks"),
    [
        ("hero", "Hero Hoodie", "exact", {"title": ["Hero"]}),
        ("hood her", "Hero Hoodie", "prefix", {"title": ["Her", "Hood"]}),
        ("chaqueton", "Chaquetón Niebla", "exact", {"title": ["Chaquetón"]}),
        ("NIEBLA chaque", "Chaquetón Niebla", "prefix", {"title": ["Chaque", "Niebla"]}),
        ("ancora", "Chaquetón Niebla", "exact", {"brand": ["Áncora"]}),
        ("sweatshirts", "Hero Hoodie", "exact", {"category": ["Sweatshirts"]}),
        ("hoodie xs ivory", "Hero Hoodie", "exact", {"title": ["Hoodie"], "option": ["Ivory", "XS"]}),
        ("ivory hoo", "Hero Hoodie", "prefix", {"title": ["Hoo"], "option": ["Ivory"]}),
        ("hodie", "Hero Hoodie", "corrected", {"title": ["Hoodie"]}),
        ("hodie ivry", "Hero Hoodie", "corrected", {"title": ["Hoodie"], "option": ["Ivory"]}),
        ("chaqeutno", "Chaquetón Niebla", "corrected", {"title": ["Chaquetón"]}),
        ("hh-xs", "Hero Hoodie", "exact", {"option": ["XS"], "sku": ["HH"]}),
        ("HH-S-Iv", "Hero Hoodie", "prefix", {"option": ["Iv", "S"], "sku": ["HH"]}),
        ("C-1", "Chaquetón Niebla", "exact", {"sku": ["C-1"]}),
        (GTIN, "Chaquetón Niebla", "exact", {"gtin": [GTIN]}),
        ("4006 3813 3393", "Chaquetón Niebla", "prefix", {"gtin": [GTIN[:12]]}),
        (GTIN[:5], "Chaquetón Niebla", "prefix", {"gtin": [GTIN[:5]]}),
        ("niebla 4006", "Chaquetón Niebla", "prefix", {"title": ["Niebla"], "gtin": ["4006"]}),
    ],
)
def test_an_article_is_found(shelves: Connection, text: str, title: str, how: str, marks: dict[str, list[str]]) -> None:
    """By words in any order, beginnings, without accents, misspelt, by size and colour, by SKU and GTIN."""
    hit = only(shelves, text)
    assert (hit.title, hit.how) == (title, how)
    assert marked(hit) == marks


@pytest.mark.parametrize("text", ["nothing", "hoodie nothing", "niebla 9999", "xyz123", '" OR *', "hoodie kitchen"])
def test_what_nothing_has_is_not_found(shelves: Connection, text: str) -> None:
    """Every word must be of the same product."""
    assert found(shelves, text) == ProductsFound(hits=(), capped=False)


@pytest.mark.parametrize("text", ["", "x", "%%", "·"])
def test_too_little_is_refused(shelves: Connection, text: str) -> None:
    """One letter would find a whole catalogue."""
    with pytest.raises(ProblemError, match="two letters"):
        found(shelves, text)


def test_variants_that_fit_are_told_with_their_stock(shelves: Connection) -> None:
    """What fits is counted, priced and counted in stores together; the one to show first is here."""
    hit = only(shelves, "hoodie")
    assert (hit.fitting, hit.price_from, hit.price_to) == (4, 5200, 5203)
    assert hit.item.sku == "HH-XS-Ivory"
    assert hit.stock.here is not None
    assert (hit.stock.here.store, hit.stock.here.quantity) == ("m1", 5)
    assert [(one.name, one.quantity) for one in hit.stock.nearby] == [("Serrano", 4)]
    narrow = only(shelves, "hoodie black xs")
    assert (narrow.item.sku, narrow.fitting, narrow.price_to, narrow.stock.here) == ("HH-XS-Black", 1, None, None)
    assert only(shelves, "niebla").stock.here == only(shelves, GTIN).stock.here
    assert only(shelves, "tea").price_from == 400


def test_a_size_is_meant_rather_than_a_word_that_begins_so(shelves: Connection) -> None:
    """`hoodie s` is a hoodie in S, of whatever colour; `black` alone is more things than one."""
    hit = only(shelves, "hoodie s")
    assert {hit.item.options["size"], hit.fitting} == {"S", 2}
    assert [hit.title for hit in found(shelves, "black").hits] == ["Black Tea", "Hero Hoodie"]
    assert found(shelves, "black").hits[1].item.options["colour"] == "Black"


def test_one_article_that_has_all_words_comes_first(conn: Connection) -> None:
    """Before a product of which one article has one word, and another one the other."""
    take(
        conn,
        product("a", title="Zeta shirt", variants=(variant("Z1", options={"size": "S", "colour": "Red"}),)),
        product(
            "b",
            title="Alfa shirt",
            variants=(
                variant("A1", options={"size": "S", "colour": "Blue"}),
                variant("A2", options={"size": "M", "colour": "Red"}),
            ),
        ),
    )
    assert [hit.title for hit in found(conn, "shirt s red").hits] == ["Zeta shirt", "Alfa shirt"]


def test_what_is_here_comes_before_what_is_not(conn: Connection) -> None:
    """Of two that fit as well; without a store nothing is here."""
    take(
        conn,
        product("a", title="Cap A", variants=(variant("A"),)),
        product("b", title="Cap B", variants=(variant("B"),)),
    )
    take(conn, store(), stock(1, sku="B"))
    assert [hit.title for hit in found(conn, "cap").hits] == ["Cap B", "Cap A"]
    assert [hit.title for hit in found(conn, "cap", store=None).hits] == ["Cap A", "Cap B"]


def test_many_are_capped(conn: Connection) -> None:
    """That there are more than were asked for is said."""
    take(conn, *(product(f"p{n}", title=f"Cap {n}", variants=(variant(f"S{n}"),)) for n in range(8)))
    assert not found(conn, "cap", limit=8).capped
    few = found(conn, "cap", limit=3)
    assert (len(few.hits), few.capped) == (3, True)


def test_more_than_are_looked_through_are_said(conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index gives so many; that there are others is said."""
    monkeypatch.setattr(searching, "CANDIDATES", 5)
    take(conn, *(product(f"p{n}", title=f"Cap {n}", variants=(variant(f"S{n}"),)) for n in range(8)))
    assert found(conn, "cap").capped
    assert found(conn, "s1").capped is False


def test_corrections_are_told(shelves: Connection) -> None:
    """Only those that were of use, and only where nothing has what was typed."""
    assert found(shelves, "hodie").corrected == {"hodie": ("hoodie",)}
    assert found(shelves, "hoodie").corrected == {}


def test_the_nearest_words_are_meant(conn: Connection) -> None:
    """With one slip a jacket, or several; what two slips make of it is another word."""
    titles = ("Trek Jacket", "Rain Jackets", "Jade Ring")
    take(conn, *(product(title, title=title, variants=(variant(title),)) for title in titles))
    assert {hit.title for hit in found(conn, "jaket").hits} == {"Trek Jacket", "Rain Jackets"}
    assert [hit.title for hit in found(conn, "jadde").hits] == ["Jade Ring"]


def test_a_product_is_found_by_what_is_stated_last(shop: Shop) -> None:
    """A record that changes its words, takes an article away or deletes it counts at once, for corrections too."""
    shop.take(*SHOP)
    vocabulary = Vocabulary()

    def titles(text: str) -> list[str]:
        request = ProductSearch(text=text, store="m1")
        return [hit.title for hit in shop.database.read_now(search, request, vocabulary).hits]

    assert titles("chaqeuton") == ["Chaquetón Niebla"]
    shop.take(product("coat", 5, title="Parka"))
    assert titles("chaqueton") == titles("chaqeuton") == []
    assert titles("parka") == titles("parca") == titles("ancora") == ["Parka"]
    shop.take(product("coat", 6, variants=(variant("C-2", options={"colour": "Magenta"}),)))
    assert titles("c-1") == titles(GTIN) == []
    assert titles("parka magenta") == ["Parka"]
    shop.take(deletion("product", "coat", 7))
    assert titles("parka") == titles("magenta") == titles("parca") == []


HEAD = "id\ttitle\tprice\titem_group_id\tcolor\tsize\tbrand\n"


class Ticking:
    """A clock that goes on by a second whenever it is asked."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def feed(*lines: tuple[str, str, str, str]) -> bytes:
    """A feed of articles: id, title, group, colour."""
    return (HEAD + "".join(f"{i}\t{t}\t10.00 EUR\t{g}\t{c}\tS\tAcme\n" for i, t, g, c in lines)).encode()


BEFORE = feed(*((f"S{n}", f"Coat {n}", f"P{n}", "Red") for n in range(40)))
AFTER = feed(*((f"S{n}", f"Jacket {n}", f"P{n}", "Red") for n in range(20, 60)))


def sync_of(shop: Shop, content: bytes, **more: Any) -> Any:
    """Take a feed."""
    return sync_feed(shop.database, BytesIO(content), SyncOrder("erp", "feed.tsv", accept=True), Ticking(), **more)


def seen(database: Database) -> tuple[int, int, int]:
    """How many coats and jackets are found, and of which one asks by number."""
    request = [ProductSearch(text=text, limit=50) for text in ("coat", "jacket", "s45")]
    return tuple(len(database.read_now(search, one, Vocabulary()).hits) for one in request)  # type: ignore[return-value]


def test_a_search_sees_one_catalogue_or_the_other(shop: Shop) -> None:
    """While a feed is taken searches find what was there before, and from the switch on what is there now."""
    sync_of(shop, BEFORE)
    sights: list[tuple[int, int, int]] = []
    sync_of(shop, AFTER, tell=lambda *_: sights.append(seen(shop.database)))
    assert set(sights) == {(40, 0, 0)}
    # What the feed has no more is kept for old orders, and found.
    assert seen(shop.database) == (20, 40, 1)
    assert _held(shop.database) == 60


@pytest.mark.parametrize("stage", ["compare", "compare_gone", "_switch"])
def test_a_run_that_died_leaves_the_search_as_it_was(shop: Shop, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    """Wherever it ended: yesterday's catalogue is found, and the next run begins clean."""
    sync_of(shop, BEFORE)

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    real: Callable[..., Any] = getattr(sync, stage)

    def once(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        die()

    with monkeypatch.context() as patched:
        patched.setattr(sync, stage, once)
        patched.setattr(sync._Sync, "give_up", die)
        patched.setattr(writing, "FIRST_WRITE", 5)
        patched.setattr(writing, "MOST_WRITE", 5)
        with pytest.raises(KeyboardInterrupt):
            sync_of(shop, AFTER)
    assert seen(shop.database) == (40, 0, 0)
    shop.database.write_now(lambda conn: conn.run(asked("UPDATE catalog_runs SET holder = '- 0 -'")))
    sync_of(shop, BEFORE)
    assert seen(shop.database) == (40, 0, 0)
    assert _held(shop.database) == 40
    sync_of(shop, AFTER)
    assert seen(shop.database) == (20, 40, 1)


def test_what_a_record_says_during_a_run_is_found_after_it(shop: Shop) -> None:
    """It counts in the catalogue that is shown, and in the one that comes."""
    sync_of(shop, BEFORE)
    said: list[str] = []

    def say(run: SyncRun, *_: Any) -> None:
        if run.doing == "writing" and not said:
            later = NOW + timedelta(hours=2)
            said.extend(shop.take(product("P30", 720 + 1, source="erp", title="Poncho"), now=later))

    sync_feed(shop.database, BytesIO(AFTER), SyncOrder("erp", "f", accept=True), Ticking(), say)
    hit = shop.database.read_now(lambda conn: only(conn, "poncho"))
    assert hit.item.sku == "S30"
    assert shop.database.read_now(lambda conn: found(conn, "jacket 30")).hits == ()


def test_prices_that_change_touch_no_words(shop: Shop) -> None:
    """The nightly case writes nothing into the index."""
    sync_of(shop, BEFORE)
    before = shop.database.read_now(lambda conn: rows(conn, "SELECT id FROM product_words ORDER BY id"))
    assert sync_of(shop, BEFORE.replace(b"10.00", b"11.00")).changed == 40
    assert shop.database.read_now(lambda conn: rows(conn, "SELECT id FROM product_words ORDER BY id")) == before


SORTED = [(f"S{n}", f"Coat {n % 5}", f"P{n // 4}", f"Red{n}") for n in range(40)]
FEEDS = {
    "in order": [SORTED],
    "in no order": [sorted(SORTED, key=lambda row: sha256(row[0].encode()).digest())],
    "other colours": [SORTED, [(*row[:3], "Blue") if n % 3 else row for n, row in enumerate(SORTED)]],
    "other titles": [
        SORTED,
        [(row[0], f"Jacket {n}", *row[2:]) if n % 7 == 0 else row for n, row in enumerate(SORTED)],
    ],
    "some gone": [SORTED, SORTED[6:]],
    "some new": [SORTED[6:], SORTED],
    "some in other products": [SORTED, [(*row[:2], f"P{n // 5}", row[3]) for n, row in enumerate(SORTED)]],
}


@pytest.mark.parametrize("feeds", FEEDS.values(), ids=FEEDS.keys())
@pytest.mark.parametrize("said", [False, True], ids=["feeds alone", "after records"])
def test_whatever_way_a_feed_is_written_its_products_are_found(shop: Shop, feeds: list[Any], said: bool) -> None:
    """At once, by rows that amend or by products that are compared: each has the words of all that is kept of it."""
    if said:
        shop.take(product("P3", source="erp", title="Poncho", variants=(variant("S13", options={"color": "Moss"}),)))
    for content in feeds:
        assert sync_of(shop, feed(*content)).state == "done"
    kept = shop.database.read_now(lambda conn: rows(conn, "SELECT product_id, words FROM product_words"))
    shop.database.write_now(forget_words)
    words_index.fill(shop.database)
    wanted = shop.database.read_now(lambda conn: rows(conn, "SELECT product_id, words FROM product_words"))
    assert sorted((id_, *sorted(words.split())) for id_, words in kept) == sorted(
        (id_, *sorted(words.split())) for id_, words in wanted
    )


def forget_words(conn: Connection) -> None:
    """What a database is like that was kept before products could be found."""
    conn.run(asked("DELETE FROM product_words"))
    conn.run(asked("DELETE FROM product_vocabulary"))
    conn.run(asked("INSERT INTO product_words_due (product_id) SELECT id FROM product_ids"))


def test_products_of_an_older_database_get_their_words(shop: Shop) -> None:
    """Whoever opens it gives them those, a few at a time, and twice does no harm; a feed begins with it."""
    shop.take(*SHOP)
    whole = _words(shop.database)
    shop.database.write_now(forget_words)
    assert shop.database.read_now(lambda conn: found(conn, "hoodie")).hits == ()
    some = shop.database.read_now(words_index.due)
    for _ in range(2):
        shop.database.write_now(words_index.fill_some, some[:2])
    assert words_index.fill(shop.database) == len(some) - 2
    assert words_index.fill(shop.database) == 0
    assert _words(shop.database) == whole
    shop.database.write_now(forget_words)
    sync_of(shop, BEFORE)
    assert shop.database.read_now(lambda conn: only(conn, "hodie")).title == "Hero Hoodie"


def _words(database: Database) -> tuple[list[Any], list[Any]]:
    """What is kept of words."""
    return database.read_now(
        lambda conn: (
            rows(conn, "SELECT product_id, words FROM product_words ORDER BY product_id"),
            rows(conn, "SELECT word FROM product_vocabulary ORDER BY word"),
        )
    )


def _held(database: Database) -> int:
    """How many rows of words there are."""
    return int(database.read_now(lambda conn: rows(conn, "SELECT count(*) FROM product_words"))[0][0])


WORDS = st.lists(
    st.sampled_from(["coat", "Niebla", "rosé", "xs", "28/32", "ＡＢ", "Łódź", "李", "a"]), min_size=1, max_size=4
)


@given(title=WORDS, colour=WORDS, text=st.text(max_size=12))
def test_whatever_is_typed_has_an_answer(fresh: Fresh, title: list[str], colour: list[str], text: str) -> None:
    """Any text is looked for or too short; a product is found by its own words, and marks lie in its texts."""
    with fresh() as conn:
        options = {"colour": " ".join(colour)}
        take(conn, product("p", title=" ".join(title), variants=(variant("S1", options=options),)))
        own = found(conn, f"coat {title[-1]}" if "coat" in title else f"{title[0]} {colour[0]} s1")
        assert [hit.item.sku for hit in own.hits] == ["S1"]
        hits = [*own.hits]
        with suppress(ProblemError):
            hits += found(conn, text).hits
        for match in (match for hit in hits for match in hit.matches):
            assert all(0 <= start < end <= len(match.text) for start, end in match.ranges)
