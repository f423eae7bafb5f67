"""What the cart's screen at a kiosk says, in words and in both languages."""

from typing import Any, get_args

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from kiosk.resume.edits import Amount
from kiosk.resume.placing import cart_placed
from kiosk.resume.rows import (
    can_join,
    cart_cards,
    hello_words,
    left_when,
    line_rows,
    note_words,
    option_rows,
    page_of,
    picked_of,
    sum_of,
    where_words,
    wish_rows,
)
from kiosk.resume.state import Note, NoteKind, Removed, ResumeState, Sheet
from kiosk.theme import NORMAL
from kiosk.ui.in_sight import in_sight
from kiosk.words import Words
from server.wire.carts import Cart, CartLine
from server.wire.catalog import Product, Stock, Variant
from tests.kiosk import given
from tests.kiosk.given import NOW

STORES = {"GV": "Gran Vía"}
ENGLISH, SPANISH = Words("en", "Europe/Madrid", STORES), Words("es", "Europe/Madrid", STORES)
NBSP = "\N{NO-BREAK SPACE}"


def line(number: int, quantity: int = 1, **fields: Any) -> CartLine:
    """A line by its number."""
    return given.line(f"Hoodie {number}", quantity, **({"sku": f"S{number}", "line": number} | fields))


def state(*carts: Cart, **fields: Any) -> ResumeState:
    """Somebody's carts, shown."""
    return given.but(ResumeState(phase="shown", first_name="Lucía", carts=carts), **fields)


def cart(*lines: CartLine, **fields: Any) -> Cart:
    """A cart by its lines, which keep their numbers, 0 too."""
    return given.but(given.cart(*lines), **({"lines": lines} | fields))


TILL = cart(line(9, 2), id=2, source="till:demo")


@pytest.mark.parametrize(
    ("shown", "page"),
    [
        (ResumeState(), "loading"),
        (ResumeState(phase="loading"), "loading"),
        (ResumeState(phase="unreachable"), "trouble"),
        (ResumeState(phase="refused"), "trouble"),
        (state(), "empty"),
        (state(cart()), "empty"),
        (state(cart(line(1))), "cart"),
        (state(cart(), removed=(Removed(cart=1, line=line(1), place=0),)), "cart"),
        (state(cart(line(1)), TILL), "carts"),
        (state(cart(line(1)), TILL, chosen=2), "cart"),
        (state(cart(line(1)), sheet=Sheet(kind="wishes")), "wishes"),
        (state(cart(line(1)), sheet=Sheet(kind="variants")), "variants"),
    ],
)
def test_each_state_has_its_page(shown: ResumeState, page: str) -> None:
    """What is laid over it comes first, then what must be chosen, then the cart or that it is empty."""
    assert page_of(shown) == page


def test_who_is_greeted() -> None:
    """By the first name where it is known; and the cart is as old as the shop says."""
    shown = state(given.cart(line(1), updated=-2))
    assert (hello_words(shown, SPANISH), hello_words(given.but(shown, first_name=None), ENGLISH)) == (
        "Hola, Lucía",
        "Hello",
    )
    assert left_when(shown, SPANISH, NOW) == "Tu carrito, como lo dejaste a las 11:00."
    assert (
        left_when(state(given.cart(line(1), updated=-48)), ENGLISH, NOW) == "Your cart, as you left it on Nov 19, 2026."
    )
    assert left_when(state(), ENGLISH, NOW) == left_when(state(cart()), ENGLISH, NOW) == ""


@pytest.mark.parametrize(
    ("stock", "wanted", "english", "tone"),
    [
        (Stock(), 1, "", "plain"),
        (given.stock(None, Serrano=4), 1, "4 in Serrano", "plain"),
        (given.stock(2), 1, "2 in this store", "good"),
        (given.stock(2, Serrano=4), 2, "2 in this store", "good"),
        (given.stock(2, Serrano=4), 3, "2 in this store, 4 in Serrano", "warn"),
        (given.stock(2), 3, "2 in this store", "warn"),
        (given.stock(0, Serrano=1), 1, "Not here · 1 in Serrano", "warn"),
        (given.stock(-1), 1, "Not here, nor near here", "warn"),
        (given.stock(0, Serrano=0), 1, "Not here, nor near here", "warn"),
        (given.stock(0, A=1, B=2, C=3), 1, "Not here · 1 in A, 2 in B", "warn"),
    ],
)
def test_where_an_article_is(stock: Stock, wanted: int, english: str, tone: str) -> None:
    """In words, with the nearest stores where this one has too few, and how old that is."""
    words, said, age = where_words(stock, wanted, ENGLISH, NOW)
    assert (words, said) == (english, tone)
    assert bool(age) == (stock.here is not None or bool(stock.nearby))


def test_a_line_says_what_it_costs_and_did() -> None:
    """Today's price for all of it, what it was when added where they differ, and what the shop does not know yet."""
    cheaper = line(1, 2, unit_price=6900, item=given.item("S1", 5200), pending=True)
    (row, other) = line_rows(state(cart(cheaper, line(2))), SPANISH, NOW)
    assert (row["price"], row["was"], row["pending"]) == (
        f"104,00{NBSP}€",
        f"138,00{NBSP}€ al añadirlo",
        "De camino a la tienda online",
    )
    assert (other["was"], other["pending"], other["quantity"]) == ("", "", 1)
    foreign = line(1, item=given.item("S1", 100, currency="GBP"))
    assert line_rows(state(cart(foreign)), SPANISH, NOW)[0]["price"] == f"52,00{NBSP}€"
    unknown = line(1, item=None)
    gone = line(1, item=given.item("S1", availability="discontinued"), stock=given.stock(2))
    for row in line_rows(state(cart(unknown, gone)), SPANISH, NOW):
        assert (row["options"], row["where"], row["tone"]) == ("", "Ya no se vende", "warn")


def test_a_line_that_was_taken_out_leaves_its_way_back() -> None:
    """Where it stood; in the cart that it was in, and in no other."""
    gone = Removed(cart=1, line=line(2), place=1)
    rows = line_rows(state(cart(line(1), line(3)), removed=(gone,)), ENGLISH, NOW)
    assert [row["kind"] for row in rows] == ["LineCard", "GoneRow", "LineCard"]
    assert rows[1]["title"] == "Hoodie 2: taken out"
    elsewhere = state(cart(line(1)), removed=(given.but(gone, cart=2),))
    assert [row["kind"] for row in line_rows(elsewhere, ENGLISH, NOW)] == ["LineCard"]


def test_what_else_there_is_stands_below() -> None:
    """The wish list and other carts, each by how much can be had of it; nothing where there is none."""
    gone = given.item("C", availability="discontinued")
    wishes = given.wish_list(given.wish("A"), given.wish("B", item=None), given.wish("C", item=gone))
    shown = state(cart(line(1)), TILL, chosen=1, wishlists=(wishes,))
    rows = line_rows(shown, ENGLISH, NOW)
    assert [(row["title"], row["way"]) for row in rows[1:]] == [
        ("1 thing waits on your wish list", "wishes"),
        ("2 things are in another cart of yours", "carts"),
    ]
    assert line_rows(state(), ENGLISH, NOW) == []


def test_what_changed_glows_and_what_waits_is_held() -> None:
    """By the number of the change; a line without a number, or that becomes another, cannot be touched."""
    edit = Amount(key="k", cart=1, seen=line(1), place=0, base=1, quantity=1, variant=given.item("S7"))
    shown = state(cart(line(1), line(2), line(0)), glowing=("S2",), glow=4, edits=(edit,))
    rows = line_rows(shown, ENGLISH, NOW)
    assert [row["glow"] for row in rows] == [0, 4, 0]
    assert [row["held"] for row in rows] == [True, False, True]


def test_the_sum() -> None:
    """Pieces and today's prices; that something is on its way, or that there is no network, is said quietly."""
    shown = state(cart(line(1, 2), line(2, item=given.item("S2", 5200, sale_price=1000))))
    assert sum_of(shown, SPANISH) == ("3 artículos", f"114,00{NBSP}€", "")
    assert sum_of(state(cart(line(1, pending=True))), ENGLISH).pending == "1 change is on its way to the online shop"
    assert sum_of(state(cart(pending=2)), ENGLISH).pending == "2 changes are on their way to the online shop"
    assert "No network" in sum_of(given.but(shown, reached=False), ENGLISH).pending
    assert sum_of(state(cart()), ENGLISH).pieces == "No articles"
    assert sum_of(state(), ENGLISH) == ("", "", "")


def test_each_piece_of_news_has_its_words() -> None:
    """In both languages; where there is none, how something is added."""
    for words in (ENGLISH, SPANISH):
        said = [note_words(Note(kind=kind, title="Hoodie"), words) for kind in get_args(NoteKind)]
        assert all(icon and text for icon, text, _ in said)
        assert len({text for _, text, _ in said}) == len(said)
    assert note_words(Note(), ENGLISH) == ("barcode-scan", "Hold any label to the reader to add it", "brand")
    assert note_words(Note(kind="gone_elsewhere"), ENGLISH)[1] == "Your cart changed elsewhere"


def test_several_carts_to_choose_from() -> None:
    """What each is called, how much is in it, how old, and the first of its articles."""
    shown = state(cart(*(line(n) for n in range(1, 6)), updated_at=given.at(-3)), TILL)
    first, second = cart_cards(shown, ENGLISH, NOW)
    assert first == (
        1,
        "Cart online",
        "5 articles · 3 hours ago",
        "Hoodie 1, Hoodie 2, Hoodie 3 and 2 more",
        "€260.00",
    )
    assert (second.name, second.titles) == ("Cart at the till", "Hoodie 9")
    assert can_join(shown)
    assert not can_join(state(cart(line(1)), given.but(TILL, currency="GBP")))


def product() -> Product:
    """Two colours in two sizes, one of which is not made and one sold out."""
    return given.but(
        given.product(),
        variants=tuple(
            Variant(
                item=given.item(f"{colour}-{size}", options={"color": colour, "size": size}, price=price),
                gtin=None,
                stock=given.stock(here, Serrano=1),
            )
            for colour, size, here, price in (
                ("Black", "S", 2, 5200),
                ("Black", "M", 0, 5300),
                ("Grey", "S", None, 5400),
            )
        ),
    )


def test_sizes_and_colours() -> None:
    """Every value there is; which are picked, and which are not to be had here with what else is picked."""
    sheet = Sheet(kind="variants", line=1, product=product(), picked=(("color", "Black"), ("size", "S")))
    colours, sizes = option_rows(sheet, SPANISH)
    assert (colours.name, sizes.name) == ("Color", "Talla")
    assert [(one.value, one.picked, one.there, one.here) for one in (*colours.choices, *sizes.choices)] == [
        ("Black", True, True, True),
        ("Grey", False, True, True),
        ("S", True, True, True),
        ("M", False, True, False),
    ]
    grey = given.but(sheet, picked=(("color", "Grey"), ("size", "S")))
    assert [(one.value, one.there) for one in option_rows(grey, ENGLISH)[1].choices] == [("S", True), ("M", False)]
    assert option_rows(Sheet(), ENGLISH) == []


def test_what_is_picked() -> None:
    """With its price and place; it can be taken where it is another than the line's."""
    sheet = Sheet(kind="variants", line=1, product=product(), picked=(("color", "Black"), ("size", "M")))
    shown = state(cart(line(1, sku="Black-S")), sheet=sheet)
    picked = picked_of(shown, ENGLISH, NOW)
    assert (picked.options, picked.price, picked.where, picked.can) == (
        "Black · M",
        "€53.00",
        "Not here · 1 in Serrano",
        True,
    )
    same = given.but(shown, sheet=given.but(sheet, picked=(("color", "Black"), ("size", "S"))))
    assert not picked_of(same, ENGLISH, NOW).can
    unknown = picked_of(given.but(shown, sheet=Sheet(kind="variants", line=1)), ENGLISH, NOW)
    assert (unknown.title, unknown.can) == ("Hoodie 1", False)
    assert picked_of(state(), ENGLISH, NOW).title == ""


def test_wishes() -> None:
    """Each with its price and place; those that are in the cart say so; several lists are named."""
    wishes = given.wish_list(given.wish("S1", stock=given.stock(1)), given.wish("S2", item=None))
    shown = state(cart(line(1)), wishlists=(wishes,))
    (row,) = wish_rows(shown, ENGLISH, NOW)
    assert (row["add"], row["there"], row["where"], row["price"]) == (
        "One more",
        "In your cart",
        "1 in this store",
        "€52.00",
    )
    two = given.but(shown, wishlists=(wishes, given.wish_list(given.wish("S3"), name="Ana")))
    assert [(row["kind"], row["title"]) for row in wish_rows(two, ENGLISH, NOW)][2:] == [
        ("HeadRow", "Ana"),
        ("WishCard", "Hoodie Chaz"),
    ]
    assert wish_rows(state(), ENGLISH, NOW) == []


def test_what_was_scanned_is_fresh_where_nothing_glows() -> None:
    """Where nothing may move the list still knows what to bring into sight; elsewhere the same row glows."""
    shown = state(cart(line(1), line(2)), glowing=("S2",), glow=3, note=Note("added", "Hoodie 2"))
    rows = line_rows(shown, ENGLISH, NOW)
    for moves in (True, False):
        placed = cart_placed(rows, None, NORMAL, 1000, moves)
        assert [(row["fresh"], row["own"], row["glow"]) for row in placed] == [(0, True, 0), (3, True, 3 * moves)]


HEIGHTS = st.lists(st.floats(10, 300), min_size=1, max_size=30)


@drawn(HEIGHTS, st.data(), st.floats(400, 900), st.floats(0, 88), st.floats(0, 1))
def test_a_row_is_brought_into_sight(
    heights: list[float], data: st.DataObject, room: float, above: float, scroll: float
) -> None:
    """Whole; one that is seen already stays where it is, but for the first, over which the list begins."""
    at = data.draw(st.integers(0, len(heights) - 1))
    hidden = above + sum(heights) - room
    after = in_sight(heights, at, room, above, scroll)
    assert 0 <= after <= 1
    if hidden <= 0:
        assert after == scroll
        return
    top = above + sum(heights[:at])
    before, over = (1 - scroll) * hidden, (1 - after) * hidden
    slack = 1e-6
    assert over - slack <= top
    assert top + heights[at] <= over + room + slack
    if at and before <= top and top + heights[at] <= before + room:
        assert abs(over - before) < slack
