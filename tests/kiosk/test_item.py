"""One article: opened from a row or a scan, in all its sizes and colours, and in words where it is."""

from collections.abc import Callable

import pytest

from kiosk.item.presenter import ItemPresenter
from kiosk.item.rows import (
    Facts,
    facts_of,
    heading_of,
    legend_of,
    table_of,
    trouble_words,
    unnamed_words,
    where_of,
    wisher_rows,
    wishers_words,
)
from kiosk.item.state import (
    ItemState,
    again,
    arrived,
    chose,
    dropped,
    failed,
    folded,
    forgotten,
    named,
    opened,
    scanned,
    unnamed,
    variant_of,
    wished,
)
from kiosk.ui.table import Choice, Table
from kiosk.words import Words
from server.wire.catalog import Product
from server.wire.customers import WisherCount, WisherPage
from tests.fakes import FakePort, played
from tests.kiosk.given import NOW, article, but, product, sizes_and_colours, stock, variant, wishers

ENGLISH, SPANISH = Words("en", "Europe/Madrid"), Words("es", "Europe/Madrid")
HIT = article("Hoodie Chaz")
BOTH = product(variant("S1", 2, options={"size": "S"}), variant("S2", 0, price=6000, options={"size": "M"}))
OPENING = opened(ItemState(), "S1", HIT.title, HIT.item)
SHOWN = arrived(OPENING, 1, BOTH)


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        pytest.param(SHOWN, lambda s: opened(s, "S9"), ItemState(phase="loading", sku="S9", asked=2), id="another one"),
        pytest.param(
            ItemState(),
            lambda s: opened(s, "S1", HIT.title, HIT.item),
            ItemState(phase="loading", sku="S1", title="Hoodie Chaz", item=HIT.item, asked=1),
            id="its row is known before it is",
        ),
        pytest.param(OPENING, lambda s: arrived(s, 0, BOTH), OPENING, id="nobody waits for it any more"),
        pytest.param(
            OPENING,
            lambda s: arrived(s, 1, BOTH),
            ItemState(phase="shown", sku="S1", title="Hoodie Chaz", item=BOTH.variants[0].item, product=BOTH, asked=1),
            id="arrives",
        ),
        pytest.param(OPENING, lambda s: scanned(s, BOTH), but(SHOWN, asked=2), id="scanned meanwhile"),
        pytest.param(
            SHOWN, lambda s: chose(s, "S2"), but(SHOWN, sku="S2", item=BOTH.variants[1].item), id="another size"
        ),
        pytest.param(SHOWN, lambda s: chose(s, "S9"), SHOWN, id="a size that there is not"),
        pytest.param(OPENING, lambda s: failed(s, 1, "unreachable"), but(OPENING, phase="unreachable"), id="silence"),
        pytest.param(OPENING, lambda s: failed(s, 0, "unknown"), OPENING, id="an older no"),
        pytest.param(but(OPENING, phase="unreachable"), again, but(OPENING, asked=2), id="again"),
        pytest.param(SHOWN, forgotten, ItemState(asked=2), id="forgets"),
    ],
)
def test_what_happens_to_an_article(
    before: ItemState, change: Callable[[ItemState], ItemState], after: ItemState
) -> None:
    """Each happening leads to one state."""
    assert change(before) == after


def test_the_article_that_was_asked_for_last_is_shown() -> None:
    """Whatever order answers come in; an article that was scanned needs none."""

    async def scene() -> None:
        port = FakePort()
        item = ItemPresenter(port, lambda _state: None)
        await item.again()
        first = await port.question(item.open("S1", HIT.title, HIT.item))
        second = await port.question(item.open("S2"))
        await second.answer(but(BOTH, sku="S2"))
        await first.answer(BOTH)
        assert (item.state.phase, item.state.sku) == ("shown", "S2")
        item.choose("S1")
        assert variant_of(item.state) == BOTH.variants[0]
        await (await port.question(item.open("S3"))).lose()
        assert item.state.phase == "unreachable"
        await (await port.question(item.again())).refuse("unknown_product")
        assert item.state.phase == "unknown"
        late = await port.question(item.open("S1"))
        item.show(but(BOTH, sku="S2"))
        await late.answer(BOTH)
        assert item.state.sku == "S2"
        item.forget()
        assert item.state.product is None
        assert port.asked == [("product", sku) for sku in ("S1", "S2", "S3", "S3", "S1")]

    played(scene())


FACTS = Facts("Hoodie Chaz", "", "", "€52.00", "", (), "", "SKU S1")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        pytest.param(OPENING, FACTS, id="what the row said"),
        pytest.param(opened(ItemState(), "S9"), Facts("S9", "", "", "", "", (), "", "SKU S9"), id="its number alone"),
        pytest.param(scanned(ItemState(), product()), FACTS._replace(price=""), id="a product without variants"),
        pytest.param(chose(SHOWN, "S2"), FACTS._replace(price="€60.00", numbers="SKU S2"), id="another size's price"),
        pytest.param(
            scanned(
                ItemState(),
                product(
                    variant("S1", 1, "04006381333931", sale_price=3900, availability="out_of_stock", picture="ab"),
                    brand="Luma",
                    category="Tops",
                    description="Warm.",
                ),
            ),
            Facts(
                *("Hoodie Chaz", "Luma · Tops", "ab", "€39.00", "€52.00 before"),
                (("web", "Sold out online", "warn"),),
                *("Warm.", "SKU S1 · GTIN 4006381333931"),
            ),
            id="everything",
        ),
    ],
)
def test_what_an_article_is(state: ItemState, said: Facts) -> None:
    """Its name, brand and numbers, what it costs and cost before, and what the web shop says."""
    assert facts_of(state, ENGLISH) == said


@pytest.mark.parametrize(
    ("availability", "said"),
    [
        ("in_stock", []),
        (None, []),
        ("discontinued", ["Ya no está en el catálogo"]),
        ("preorder", ["Se puede reservar"]),
        ("backorder", ["Se puede pedir, llega más tarde"]),
    ],
)
def test_what_the_catalogue_says_of_buying_it(availability: str | None, said: list[str]) -> None:
    """In the language of whoever looks; nothing where it is as usual."""
    state = scanned(ItemState(), product(variant("S1", availability=availability)))
    assert [words for _, words, _ in facts_of(state, SPANISH).notes] == said


def table(shown: Product, room: float = 700.0) -> Table:
    """How a product's variants are laid out in so many dp."""
    return table_of(scanned(ItemState(), shown), room, ENGLISH)


def test_sizes_across_and_colours_down() -> None:
    """Each place says how many are here; where none are, and another store has some, a sign says so."""
    laid = table(sizes_and_colours("S M L", "Black Ivory", "20-01-"))
    assert (laid.kind, laid.columns) == ("grid", ("S", "M", "L"))
    assert [row.label for row in laid.rows] == ["Black", "Ivory"]
    assert laid.rows[0].choices == (
        Choice("S0", "2", tone="good", chosen=True),
        Choice("S1", "0", icon="store-outline", tone="warn"),
        Choice("S2", "–", tone="plain"),
    )
    assert [choice and choice.text for choice in laid.rows[1].choices] == ["0", "1", "–"]
    assert [words for _, words, _ in legend_of(laid, ENGLISH)] == [
        *("pieces here", "in another store", "nowhere, or not counted"),
    ]


@pytest.mark.parametrize(
    ("sizes", "colours", "room", "kind", "columns"),
    [
        ("S M L", "Black Ivory", 700, "grid", ("S", "M", "L")),
        ("30 31 32 33 34 35 36 37 38 39", "Black Ivory", 700, "grid", ("Black", "Ivory")),
        ("30 31 32 33 34 35 36 37 38 39", "A B C D E F G H I J", 700, "list", ()),
        ("30 31 32 33 34 35 36 37 38 39", "Black", 700, "places", ()),
        ("S M L", "Black Ivory Navy", 200, "list", ()),
    ],
)
def test_a_grid_fits_its_room(sizes: str, colours: str, room: float, kind: str, columns: tuple[str, ...]) -> None:
    """Where columns do not fit it is turned; where neither fits it is a list; one option stands place by place."""
    shown = sizes_and_colours(sizes, colours)
    laid = table(shown, room)
    assert (laid.kind, laid.columns) == (kind, columns)
    assert sorted(choice.key for choice in laid.choices()) == sorted(one.item.sku for one in shown.variants)
    if kind == "grid":
        assert laid.label + len(columns) * (laid.place + 8) <= room
        assert laid.place >= 56


def test_a_list_says_it_in_words() -> None:
    """Of what no grid shows, each article stands on a line with its options and where it is."""
    laid = table(sizes_and_colours("S M", "Black Ivory", "2101"), 100)
    assert [(choice.label, choice.text) for choice in laid.choices()] == [
        *(("S · Black", "2 here"), ("M · Black", "Only 1 left here")),
        *(("S · Ivory", "None here"), ("M · Ivory", "Only 1 left here")),
    ]
    nameless = table(product(*(variant(f"S{n}", options={}) for n in range(2))))
    assert [(choice.label, choice.text) for choice in nameless.choices()] == [("Hoodie Chaz", "–")] * 2
    assert legend_of(laid, ENGLISH) == ()


def test_nothing_is_laid_out_before_it_is_known() -> None:
    """What a row said has no variants."""
    assert table_of(OPENING, 700, ENGLISH) == Table()
    assert heading_of(OPENING, ENGLISH) == ""
    assert heading_of(SHOWN, ENGLISH) == "2 variants"
    assert where_of(OPENING, ENGLISH, NOW).here == ()


def test_where_a_variant_is() -> None:
    """Here in words, every store that has some, and how old that is."""
    there = but(BOTH.variants[0], stock=stock(2, Serrano=4, Goya=1))
    said = where_of(scanned(ItemState(), but(BOTH, variants=(there,))), ENGLISH, NOW)
    assert said == (
        "S",
        (("", "2 here", "good"),),
        (("store-outline", "Serrano: 4", "plain"), ("store-outline", "Goya: 1", "plain")),
        "as of 12:00\N{NARROW NO-BREAK SPACE}PM",
    )
    nowhere = where_of(scanned(ItemState(), product(variant())), ENGLISH, NOW)
    assert nowhere.here == (("", "Nobody counted it here.", "plain"),)
    assert (nowhere.elsewhere, nowhere.as_of) == ((("store-off-outline", "in no other store", "plain"),), "")


def test_every_trouble_says_what_to_do() -> None:
    """That nobody answers, or that it is gone."""
    assert trouble_words("unreachable", ENGLISH)[1:] == (
        *("The server does not answer", "Check the network of the store, then try again."),
    )
    assert trouble_words("unknown", ENGLISH)[1] == "This article is no longer known"
    assert trouble_words("shown", ENGLISH) == ("", "", "")


WISHED = wished(SHOWN, 1, WisherCount(count=3))
NAMED = named(folded(WISHED), 1, WisherPage(wishers=wishers("Lucía", "", "Jon")))


@pytest.mark.parametrize(
    ("before", "change", "count", "names"),
    [
        pytest.param(WISHED, lambda s: s, 3, [], id="counted"),
        pytest.param(SHOWN, lambda s: wished(s, 0, WisherCount(count=1)), 0, [], id="of another article"),
        pytest.param(WISHED, lambda s: chose(s, "S2"), 3, [], id="another size"),
        pytest.param(WISHED, lambda s: scanned(s, BOTH), 0, [], id="another article"),
        pytest.param(WISHED, lambda s: dropped(s, 1), 3, [], id="nobody knows whether they were one of them"),
        pytest.param(NAMED, lambda s: s, 3, ["Lucía", "", "Jon"], id="named"),
        pytest.param(NAMED, lambda s: wished(s, 1, WisherCount(count=9)), 3, ["Lucía", "", "Jon"], id="counted late"),
        pytest.param(
            NAMED, lambda s: named(s, 0, WisherPage(wishers=())), 3, ["Lucía", "", "Jon"], id="names of before"
        ),
        pytest.param(NAMED, lambda s: dropped(s, 1), 2, ["", "Jon"], id="somebody is gone"),
        pytest.param(NAMED, lambda s: chose(s, "S2"), 3, ["Lucía", "", "Jon"], id="another size, named"),
        pytest.param(NAMED, lambda s: scanned(s, BOTH), 0, [], id="another article, named"),
        pytest.param(NAMED, forgotten, 0, [], id="forgets"),
        pytest.param(folded(WISHED), lambda s: unnamed(s, 1), 3, [], id="nobody says"),
        pytest.param(folded(WISHED), lambda s: named(s, 1, WisherPage(wishers=())), 0, [], id="nobody is left"),
    ],
)
def test_who_wishes_for_an_article(
    before: ItemState, change: Callable[[ItemState], ItemState], count: int, names: list[str]
) -> None:
    """They are those of the article that is shown, as long as it is, and as long as they are known."""
    after = change(before)
    assert (after.wish_count, [wisher.hit.name for wisher in after.wishers]) == (count, names)


def test_those_who_wish_are_named_when_somebody_asks() -> None:
    """First it is said how many they are; unfolded, who, for which variant, since when, or why nobody can say it."""
    assert wishers_words(SHOWN, ENGLISH) == ""
    assert wishers_words(WISHED, ENGLISH) == "3 of your customers wish for it"
    assert wishers_words(dropped(dropped(NAMED, 1), 2), SPANISH) == "1 de tus clientes lo desea"
    assert wishers_words(but(WISHED, more_wishers=True), ENGLISH) == "At least 3 of your customers wish for it"
    assert wisher_rows(WISHED, ENGLISH) == wisher_rows(folded(WISHED), ENGLISH) == wisher_rows(folded(NAMED), ENGLISH)
    first, second, third = wisher_rows(NAMED, ENGLISH)
    assert (first["customer_id"], first["name"], first["about"]) == (1, "Lucía", "S · wished on Nov 20, 2026")
    assert (second["shown_name"], second["about"]) == ("No name", "M · wished on Nov 19, 2026")
    assert third["about"] == "wished on Nov 18, 2026"
    assert folded(folded(NAMED)) == NAMED
    lost = unnamed(folded(WISHED), 1)
    assert unnamed_words(lost, ENGLISH) == "Nobody can say who just now. Touch to try again."
    assert unnamed_words(folded(lost), ENGLISH) == unnamed_words(folded(WISHED), ENGLISH) == ""
    assert (lost.unfolded, folded(lost).names) == (False, "asked")


def test_nothing_is_said_of_wishes_where_nobody_answers() -> None:
    """How many wish for it is asked beside all else; silence or a no leaves the article as it is."""

    async def scene() -> None:
        port = FakePort()
        item = ItemPresenter(port, lambda _state: None)
        item.show(BOTH)
        await (await port.question(item.ask_wishers())).lose()
        await (await port.question(item.ask_wishers())).refuse("unknown_product")
        assert (item.state.phase, item.state.wish_count) == ("shown", 0)
        late = await port.question(item.ask_wishers())
        item.show(BOTH)
        await late.answer(WisherCount(count=2))
        assert item.state.wish_count == 0
        assert port.asked == [("wisher_count", "S1")] * 3

    played(scene())


def test_names_are_asked_for_when_somebody_wants_to_know_them() -> None:
    """Only then, once while the article is shown, and anew where nobody answered; what comes too late names nobody."""

    async def scene() -> None:
        port = FakePort()
        item = ItemPresenter(port, lambda _state: None)
        item.show(BOTH)
        await (await port.question(item.ask_wishers())).answer(WisherCount(count=1))
        assert (item.state.wish_count, port.asked) == (1, [("wisher_count", "S1")])
        await (await port.question(item.fold())).lose()
        assert (item.state.unfolded, item.state.names, item.state.wish_count) == (False, "unreachable", 1)
        under_way = await port.question(item.fold())
        # Closed and opened once more while the answer is under way: it is waited for, not asked for twice.
        assert await port.begin(item.fold()) is None
        assert await port.begin(item.fold()) is None
        await under_way.answer(WisherPage(wishers=wishers("Lucía")))
        assert (item.state.unfolded, [wisher.hit.name for wisher in item.state.wishers]) == (True, ["Lucía"])
        for _ in range(2):
            assert await port.begin(item.fold()) is None
        item.drop(1)
        assert (item.state.wishers, item.state.wish_count) == ((), 0)
        item.show(BOTH)
        await (await port.question(item.ask_wishers())).answer(WisherCount(count=1))
        late = await port.question(item.fold())
        item.forget()
        await late.answer(WisherPage(wishers=wishers("Jon")))
        assert item.state.wishers == ()
        assert [verb for verb, *_ in port.asked] == ["wisher_count", "wishers", "wishers", "wisher_count", "wishers"]

    played(scene())


def test_who_is_dropped_while_names_are_asked_is_not_named() -> None:
    """The answer was given before they were erased, and comes after we heard of that."""

    async def scene() -> None:
        port = FakePort()
        item = ItemPresenter(port, lambda _state: None)
        item.show(BOTH)
        await (await port.question(item.ask_wishers())).answer(WisherCount(count=2))
        under_way = await port.question(item.fold())
        item.drop(1)
        await under_way.answer(WisherPage(wishers=wishers("Lucía", "Jon")))
        assert [wisher.hit.name for wisher in item.state.wishers] == ["Jon"]
        assert item.state.wish_count == 1

    played(scene())
