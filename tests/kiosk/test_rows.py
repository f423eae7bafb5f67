"""What rows say: in words, in the viewer's language, and nothing that is not so."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kiosk.customer.facts import Facts, facts_of
from kiosk.customer.rows import (
    cart_rows,
    cart_total,
    count_words,
    hand_over_words,
    here_words,
    join_words,
    notice_words,
    order_rows,
    rows_of,
    story_rows,
    trouble_words,
    wish_rows,
)
from kiosk.customer.state import CustomerState, Phase, PutIn, Tab, Undo
from kiosk.find.rows import (
    cart_words,
    hit_rows,
    marked,
    order_words,
    over_hits,
    recent_rows,
)
from kiosk.find.state import FindState, Recent
from kiosk.words import Words
from kiosk.words.articles import Availability, age_words, availability
from kiosk.words.tiers import tier_words
from server.wire.carts import Cart, CartLine
from server.wire.catalog import Stock
from server.wire.customers import CustomerContext, CustomerHit, Match, Preferences, Suggestion
from server.wire.records import Consent, Loyalty
from tests.kiosk.given import (
    NOW,
    at,
    but,
    cart,
    contact,
    context,
    hit,
    in_store,
    item,
    line,
    note,
    order,
    order_line,
    person,
    stock,
    viewed,
    wish,
    wish_list,
)

ENGLISH = Words("en", "Europe/Madrid", {"GV": "Gran Vía"})
AS_OF = "as of 12:00\N{NARROW NO-BREAK SPACE}PM"
"""An hour before now."""
SPANISH = Words("es", "Europe/Madrid", {"GV": "Gran Vía"})

RANGES = st.lists(st.tuples(st.integers(0, 25), st.integers(0, 25)).map(sorted).map(tuple), max_size=5)
NAMES = st.text(st.one_of(st.sampled_from("[]&b/;l"), st.characters(exclude_categories=["Cs"])), max_size=25)

Row = dict[str, Any]


def texts(rows: list[Row], *fields: str) -> list[tuple[Any, ...]]:
    """What rows say in some of their fields."""
    return [tuple(row.get(field, "") for field in fields) for row in rows]


def unmarked(markup: str) -> str:
    """What Kivy shows of markup: no tags, and signs for what is escaped."""
    assert re.fullmatch(r"(\[/?b\]|&(?:amp|bl|br);|[^\[\]&])*", markup, re.DOTALL)
    plain = markup.replace("[b]", "").replace("[/b]", "")
    return plain.replace("&bl;", "[").replace("&br;", "]").replace("&amp;", "&")


@pytest.mark.parametrize(
    ("text", "ranges", "markup"),
    [
        ("Lucía", [], "Lucía"),
        ("Lucía", [(0, 2)], "[b]Lu[/b]cía"),
        ("Lucía", [(0, 5)], "[b]Lucía[/b]"),
        ("Lucía García", [(6, 9), (0, 2)], "[b]Lu[/b]cía [b]Gar[/b]cía"),
        ("Lucía", [(0, 3), (2, 4)], "[b]Luc[/b][b]í[/b]a"),
        ("Lucía", [(0, 4), (1, 2)], "[b]Lucí[/b]a"),
        ("Lucía", [(2, 2)], "Lucía"),
        ("Lucía", [(3, 9), (7, 9)], "Luc[b]ía[/b]"),
        ("[b]Ana[/b] & Co", [], "&bl;b&br;Ana&bl;/b&br; &amp; Co"),
        ("&bl;", [(0, 1)], "[b]&amp;[/b]bl;"),
        ("[x]", [(0, 2)], "[b]&bl;x[/b]&br;"),
        ("", [(0, 2)], ""),
    ],
)
def test_what_matched_is_bold(text: str, ranges: list[tuple[int, int]], markup: str) -> None:
    """Ranges in bold, each letter once; what looks like markup in a name is text."""
    assert marked(text, ranges) == markup


@given(NAMES, RANGES)
def test_markup_never_changes_a_text(text: str, ranges: list[tuple[int, int]]) -> None:
    """Whatever a customer is called, the screen shows that, and bold is what is in a range."""
    markup = marked(text, ranges)
    assert unmarked(markup) == text
    bold = "".join(unmarked(part) for part in re.findall(r"\[b\](.*?)\[/b\]", markup, re.DOTALL))
    assert bold == "".join(letter for n, letter in enumerate(text) if any(start <= n < end for start, end in ranges))


@pytest.mark.parametrize(
    ("found", "row"),
    [
        pytest.param(hit(1, ""), {"marked_name": "No name", "contact": "", "seen": ""}, id="nothing known"),
        pytest.param(
            hit(1, "Ana [x]", phone="+34•••••••23", city="Vic & Roda"),
            {"name": "Ana [x]", "marked_name": "Ana &bl;x&br;", "contact": "+34•••••••23 · Vic &amp; Roda"},
            id="how to tell them apart",
        ),
        pytest.param(
            hit(
                1,
                "Lucía",
                Match(field="name", text="Lucía", ranges=((0, 2),)),
                Match(field="city", text="Madrid", ranges=((0, 3),)),
                city="Madrid",
            ),
            {"marked_name": "[b]Lu[/b]cía", "contact": "[b]Mad[/b]rid"},
            id="name and town",
        ),
        pytest.param(
            hit(1, "Lucía", Match(field="phone", text="+34•••••••44", ranges=((10, 12),)), phone="+34•••••••23"),
            {"contact": "+34•••••••[b]44[/b]"},
            id="a second phone",
        ),
        pytest.param(
            hit(
                1,
                "Lucía",
                Match(field="email", text="l••••@x.es", ranges=((0, 1),)),
                Match(field="email", text="r••••@x.es", ranges=((0, 1),)),
                Match(field="order", text="#1001", ranges=((1, 5),)),
            ),
            {"contact": "[b]l[/b]••••@x.es · [b]r[/b]••••@x.es · #[b]1001[/b]"},
            id="two e-mails and an order",
        ),
        pytest.param(
            hit(1, tier="gold", cart_quantity=3, last_seen_at=at(-48), last_store="GV"),
            {"tier": "Gold", "cart": "3 in the cart", "seen": "Gran Vía · 2 days ago"},
            id="seen in a store",
        ),
        pytest.param(hit(1, last_seen_at=at(-48)), {"seen": "Online · 2 days ago"}, id="seen online"),
    ],
)
def test_what_a_hit_says(found: CustomerHit, row: Row) -> None:
    """Enough to choose the right one of three people of the same name."""
    shown, _ = hit_rows(FindState(hits=(found,)), ENGLISH, NOW)
    assert {field: shown[field] for field in row} == row


@given(NAMES, NAMES, NAMES)
def test_no_name_becomes_markup(name: str, city: str, phone: str) -> None:
    """Whatever is in a record, the row says that and nothing else."""
    row, _ = hit_rows(FindState(hits=(hit(1, name, city=city, phone=phone),)), SPANISH, NOW)
    assert unmarked(row["marked_name"]) == (name or "Sin nombre")
    assert unmarked(row["contact"]) == " · ".join(part for part in (phone, city) if part)


def test_what_a_recent_customer_says() -> None:
    """Who it was and what waits; nothing where nothing does."""
    recent = [
        Recent(customer_id=1, name="Lucía", tier="gold", cart_quantity=1),
        Recent(customer_id=2, name="", tier=None, cart_quantity=0),
    ]
    assert recent_rows(recent, SPANISH) == [
        {"customer_id": 1, "name": "Lucía", "shown_name": "Lucía", "tier": "Oro", "cart": "1 en el carrito"},
        {"customer_id": 2, "name": "", "shown_name": "Sin nombre", "tier": "", "cart": ""},
    ]
    assert cart_words(1200, SPANISH) == "1.200 en el carrito"


@pytest.mark.parametrize(
    ("where", "quantity", "said"),
    [
        (stock(), 1, Availability("", "plain", "")),
        (stock(Sol=4), 1, Availability("", "plain", "4 in Sol · " + AS_OF)),
        (stock(5), 1, Availability("5 here", "good", AS_OF)),
        (stock(5), 5, Availability("5 here", "good", AS_OF)),
        (stock(5), 6, Availability("5 here", "warn", AS_OF)),
        (stock(1), 1, Availability("Only 1 left here", "good", AS_OF)),
        (stock(1), 2, Availability("Only 1 left here", "warn", AS_OF)),
        (stock(0), 1, Availability("None here", "warn", "not in another store either · " + AS_OF)),
        (stock(-2), 1, Availability("None here", "warn", "not in another store either · " + AS_OF)),
        (stock(0, Sol=4), 1, Availability("None here", "warn", "4 in Sol · " + AS_OF)),
        (stock(2, Sol=4, Retiro=1, Goya=9), 1, Availability("2 here", "good", "4 in Sol · 1 in Retiro · " + AS_OF)),
        (stock(1200, Sol=3400), 1, Availability("1,200 here", "good", "3,400 in Sol · " + AS_OF)),
    ],
)
def test_where_an_article_is(where: Stock, quantity: int, said: Availability) -> None:
    """In words, with a tone beside them; where nobody counted, nothing is claimed."""
    assert availability(where, quantity, ENGLISH, NOW) == said


@pytest.mark.parametrize(
    ("hours", "english", "spanish"),
    [
        (0, "as of 1:00\N{NARROW NO-BREAK SPACE}PM", "actualizado a las 13:00"),
        (0.05, "as of 1:03\N{NARROW NO-BREAK SPACE}PM", "actualizado a las 13:03"),
        (-13, "as of 12:00\N{NARROW NO-BREAK SPACE}AM", "actualizado a las 0:00"),
        (-13.01, "as of yesterday", "actualizado ayer"),
        (-37, "as of yesterday", "actualizado ayer"),
        (-37.01, "as of Nov 19", "actualizado el 19 nov"),
        (-24 * 330, "as of Dec 26, 2025", "actualizado el 26 dic 2025"),
    ],
)
def test_how_old_a_count_is(hours: float, english: str, spanish: str) -> None:
    """The hour of today, yesterday, or a day, as it is in the store; of several stores' counts the oldest is told."""
    assert (age_words(at(hours), ENGLISH, NOW), age_words(at(hours), SPANISH, NOW)) == (english, spanish)
    held = but(stock(2, Sol=4), here=but(in_store(2), as_of=at(1)), nearby=(but(in_store(4, "Sol"), as_of=at(hours)),))
    assert availability(held, 1, SPANISH, NOW).elsewhere == f"4 en Sol · {spanish}"


GONE = {"item": None}
CART_ROW = ("title", "options", "count", "price", "was")


@pytest.mark.parametrize(
    ("in_cart", "row"),
    [
        pytest.param(line(), ("Hoodie Chaz", "XS · Black", 1, "€52.00", ""), id="as it was put in"),
        pytest.param(line(quantity=3), ("Hoodie Chaz", "XS · Black", 3, "€156.00", ""), id="three"),
        pytest.param(
            line(quantity=2, item=item(price=4900)),
            ("Hoodie Chaz", "XS · Black", 2, "€98.00", "€104.00 when added"),
            id="cheaper by now",
        ),
        pytest.param(
            line(item=item(price=5500)),
            ("Hoodie Chaz", "XS · Black", 1, "€55.00", "€52.00 when added"),
            id="dearer by now",
        ),
        pytest.param(
            line(item=item(price=5200, sale_price=3900)),
            ("Hoodie Chaz", "XS · Black", 1, "€39.00", "€52.00 when added"),
            id="on sale by now",
        ),
        pytest.param(
            line(unit_price=3900, item=item(price=5200, sale_price=3900)),
            ("Hoodie Chaz", "XS · Black", 1, "€39.00", ""),
            id="on sale when it was put in",
        ),
        pytest.param(
            line(item=item(price=5200, sale_price=0)),
            ("Hoodie Chaz", "XS · Black", 1, "€0.00", "€52.00 when added"),
            id="free by now",
        ),
        pytest.param(
            line(item=item(price=6100, currency="USD")),
            ("Hoodie Chaz", "XS · Black", 1, "€52.00", ""),
            id="priced in another currency today",
        ),
        pytest.param(
            line(**GONE),
            ("Hoodie Chaz", "No longer in the catalogue", 1, "€52.00", ""),
            id="discontinued",
        ),
        pytest.param(
            line(item=item(options={}, price=5200)), ("Hoodie Chaz", "", 1, "€52.00", ""), id="of one kind only"
        ),
        pytest.param(
            line(unit_price=0, item=item(price=0)), ("Hoodie Chaz", "XS · Black", 1, "€0.00", ""), id="a present"
        ),
    ],
)
def test_what_a_line_of_a_cart_says(in_cart: CartLine, row: tuple[object, ...]) -> None:
    """What it costs today, what it did when it was put in, and whether it can still be had."""
    rows = cart_rows([cart(in_cart)], ENGLISH, NOW)
    assert texts(rows, "kind", *CART_ROW) == [("CartRow", *row)]
    assert rows[0]["sku"] == (in_cart.sku if in_cart.item else "")


@pytest.mark.parametrize(
    ("carts", "rows", "total"),
    [
        ([], [], ""),
        ([cart()], [], ""),
        ([cart(line("A"), line("B"))], ["A", "B"], "€104.00"),
        (
            [cart(line("A"), source="web"), cart(line("B"), source="app")],
            ["Cart online", "A", "Cart of app", "B"],
            "€52.00",
        ),
        (
            [cart(line("A"), source="pos:1"), cart(line("B"), source="shopify:es"), cart(line("C"), source="web:pt")],
            ["Cart at the till", "A", "Cart of es", "B", "Cart of pt", "C"],
            "€52.00",
        ),
        ([cart(source="web"), cart(line("B", quantity=2), source="app")], ["B"], "€104.00"),
        ([cart(line("A", quantity=2, item=item(price=4900)), line("B", **GONE))], ["A", "B"], "€150.00"),
    ],
)
def test_carts_of_several_shops_have_names(carts: list[Cart], rows: list[str], total: str) -> None:
    """A heading stands before each cart where there are several with something in them; the sum is of the first."""
    shown = cart_rows(carts, ENGLISH, NOW)
    assert [row.get("title") or row["text"] for row in shown] == rows
    assert cart_total(context(carts=tuple(carts)), ENGLISH, NOW)[0] == total


PRICES = st.integers(0, 10**7)
LINES = st.builds(
    lambda added, now, sale, quantity, currency: line(
        quantity=quantity,
        unit_price=added,
        item=None if now is None else item(price=now, sale_price=sale, currency=currency),
    ),
    PRICES,
    st.none() | PRICES,
    st.none() | PRICES,
    st.integers(1, 99),
    st.sampled_from(["EUR", "USD"]),
)


@given(st.lists(LINES, min_size=1, max_size=5))
def test_rows_add_up_to_the_sum(lines: list[CartLine]) -> None:
    """Whoever adds up what the rows say gets what stands under them."""
    held = cart(*lines)
    prices = [int(re.sub(r"\D", "", row["price"])) for row in cart_rows([held], ENGLISH, NOW)]
    assert int(re.sub(r"\D", "", cart_total(context(carts=(held,)), ENGLISH, NOW)[0])) == sum(prices)


def test_a_cart_says_when_it_was_changed() -> None:
    """The associate knows whether the customer still thinks of it."""
    assert cart_total(context(carts=(cart(line(), updated=-3),)), SPANISH, NOW) == (
        "52,00\N{NO-BREAK SPACE}€",
        "Total · cambiado en la web hace 3 horas",
    )
    several = context(carts=(cart(line(), updated=-3), cart(), cart(line(), source="till")))
    assert cart_total(several, ENGLISH, NOW) == ("€52.00", "Total of the first cart · changed 3 hours ago")


@pytest.mark.parametrize(
    ("carts", "words"),
    [
        ((), ""),
        ((cart(),), ""),
        ((cart(line(quantity=3, stock=stock(1)), line(stock=stock())),), "1 of 4"),
        ((cart(), cart(line(stock=stock(1)))), "1 of 1"),
    ],
)
def test_how_much_of_the_cart_is_here(carts: tuple[Cart, ...], words: str) -> None:
    """Large words beside the cart; none where there is no cart."""
    large, under = here_words(context(carts=carts), ENGLISH)
    assert (large, bool(under)) == (words, bool(words))


@pytest.mark.parametrize(
    ("carts", "under", "chip"),
    [
        ((cart(line(stock=stock(1))), cart()), "of the cart, to try on now", "1 of 1 of the cart here"),
        (
            (cart(line(stock=stock(1))), cart(line(quantity=3))),
            "of the first cart, to try on now",
            "1 of 1 of the first cart here",
        ),
    ],
)
def test_which_cart_is_counted_is_said(carts: tuple[Cart, ...], under: str, chip: str) -> None:
    """Where there are several carts, the words name the one whose pieces they count."""
    known = context(carts=carts)
    assert here_words(known, ENGLISH)[1] == under
    assert chip in [words for _, words, _ in facts_of(known, ENGLISH, NOW).chips]


@pytest.mark.parametrize(
    ("known", "rows"),
    [
        pytest.param(context(), [], id="no list"),
        pytest.param(context(wishlists=(wish_list(),)), [], id="an empty list"),
        pytest.param(
            context(wishlists=(wish_list(wish()),)),
            [("ArticleRow", "Hoodie Chaz", "", "€52.00", "", "XS · Black · wished on Nov 20, 2026")],
            id="one list",
        ),
        pytest.param(
            context(wishlists=(wish_list(wish(), name="Summer"), wish_list(), wish_list(wish(), name="Gifts"))),
            [
                ("RowHeading", "", "Summer", "", "", ""),
                ("ArticleRow", "Hoodie Chaz", "", "€52.00", "", "XS · Black · wished on Nov 20, 2026"),
                ("RowHeading", "", "Gifts", "", "", ""),
                ("ArticleRow", "Hoodie Chaz", "", "€52.00", "", "XS · Black · wished on Nov 20, 2026"),
            ],
            id="several lists",
        ),
        pytest.param(
            context(wishlists=(wish_list(wish(item=item(sale_price=3900))),)),
            [("ArticleRow", "Hoodie Chaz", "", "€39.00", "€52.00 before", "XS · Black · wished on Nov 20, 2026")],
            id="on sale",
        ),
        pytest.param(
            context(wishlists=(wish_list(wish(item=item(sale_price=0))),)),
            [("ArticleRow", "Hoodie Chaz", "", "€0.00", "€52.00 before", "XS · Black · wished on Nov 20, 2026")],
            id="free",
        ),
        pytest.param(
            context(wishlists=(wish_list(wish("OLD-1", **GONE)),)),
            [("ArticleRow", "OLD-1", "", "", "", "No longer in the catalogue · wished on Nov 20, 2026")],
            id="discontinued",
        ),
    ],
)
def test_what_a_wish_says(known: CustomerContext, rows: list[tuple[str, ...]]) -> None:
    """What it is, what it costs today, and since when it is wished for."""
    shown = wish_rows(CustomerState(context=known), ENGLISH, NOW)
    assert texts(shown, "kind", "title", "text", "price", "was", "options") == rows


def test_a_row_says_that_it_was_put_in_last() -> None:
    """The one of that article in that cart, and no other: the list brings it into sight."""
    two = (cart(line(sku="A"), line(sku="B")), cart(line(sku="B"), id_=2))
    last = PutIn(cart_id=1, sku="B", asked=1, times=1)
    puts = [row.get("put") for row in cart_rows(two, ENGLISH, NOW, put=last) if row["kind"] == "CartRow"]
    assert puts == [None, last, None]


def test_a_wish_says_whether_it_can_be_put_into_the_cart() -> None:
    """There is a way where there is a cart of its currency that takes it; what is in there is said."""
    wishes = (wish_list(wish("S1"), wish("S2"), wish("OLD-1", **GONE), wish("S3", item=item("S3", currency="USD"))),)
    known = context(carts=(cart(line(quantity=2)),), wishlists=wishes)
    shown = wish_rows(CustomerState(phase="shown", context=known), ENGLISH, NOW)
    way = "Add to cart"
    assert texts(shown, "add", "in_cart") == [(way, "2 in the cart"), (way, ""), ("", ""), ("", "")]
    without = wish_rows(CustomerState(phase="shown", context=but(known, carts=())), ENGLISH, NOW)
    assert texts(without, "add", "in_cart") == [("", "")] * 4


def test_a_line_that_the_shop_does_not_show_yet_says_so() -> None:
    """It can be changed once the server has given it a number; only what changed glows."""
    new = line("New", line=9, pending=True)
    unsent = but(cart(line("Old"), new), lines=(*cart(line("Old"), new).lines, line("Unsent", pending=True)))
    rows = cart_rows([unsent], ENGLISH, NOW, {("line", 1, 9)}, 3)
    pending = "Not in the shop yet"
    assert texts(rows, "pending", "steps", "glow") == [("", True, 0), (pending, True, 3), (pending, False, 0)]
    assert texts(cart_rows([but(unsent, version=0)], ENGLISH, NOW), "steps") == [(False,)] * 3


@pytest.mark.parametrize(
    ("fields", "join"),
    [({}, "Join to the first"), ({"currency": "USD"}, ""), ({"version": 0}, "")],
)
def test_a_second_cart_can_be_joined_to_the_first(fields: dict[str, Any], join: str) -> None:
    """The first has no such way, nor has one in another currency, or of a server that cannot join them."""
    carts = (cart(line()), but(cart(line(), line(quantity=2), source="till:gv", id_=2), **fields))
    rows = [row for row in cart_rows(carts, ENGLISH, NOW) if row["kind"] == "RowHeading"]
    assert texts(rows, "text", "join", "source", "target") == [
        ("Cart online", "", 1, 1),
        ("Cart at the till", join, 2, 1),
    ]
    state = CustomerState(phase="shown", context=context(carts=carts), joining=(2, 1))
    assert join_words(state, ENGLISH) == (
        "Join the two carts?",
        "3 pieces move into “Cart online”. “Cart at the till” is empty then.",
    )
    assert join_words(but(state, joining=None), ENGLISH) == ("", "")


TAKEN_OUT = Undo(cart_id=1, seen=line("Scarf"), place=0)
CLOSED = "Nothing was changed. The shop closed this cart: it was bought or given up. The cart is shown as it is."
AT_TILL = "Nothing was changed. A till has this cart just now. The cart is shown as it is."
NOT_TAKEN = "Nothing was changed. The server did not take it. The cart is shown as it is."


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, ("", "plain", "", "")),
        ({"undo": TAKEN_OUT}, ("trash-can-outline", "plain", "Scarf was taken out.", "Undo")),
        ({"trouble": "cart_closed", "undo": TAKEN_OUT}, ("alert-circle-outline", "warn", CLOSED, "All right")),
        ({"trouble": "handoff_taken"}, ("alert-circle-outline", "warn", AT_TILL, "All right")),
        ({"trouble": "database_closed"}, ("alert-circle-outline", "warn", NOT_TAKEN, "All right")),
    ],
)
def test_what_happened_to_a_cart_is_said_under_it(fields: dict[str, Any], said: tuple[str, ...]) -> None:
    """What was taken out can be put back; why a change was not taken comes first."""
    assert notice_words(but(CustomerState(), **fields), ENGLISH) == said


@pytest.mark.parametrize(
    ("known", "tab", "words"),
    [
        (context(carts=(cart(line()),)), "cart", "Hand over cart"),
        (context(carts=(cart(line()),)), "wishes", ""),
        (context(carts=(cart(),)), "cart", ""),
        (context(carts=(cart(line()),), store=None), "cart", ""),
        (None, "cart", ""),
    ],
)
def test_a_cart_can_be_handed_over(known: CustomerContext | None, tab: Tab, words: str) -> None:
    """Where there is something in it, and a store with tills."""
    assert hand_over_words(CustomerState(context=known, tab=tab), ENGLISH) == words


HEADING = ("number", "day", "channel", "status", "tone", "total")


@pytest.mark.parametrize(
    ("placed", "heading"),
    [
        ({}, ("#1", "Oct 10, 2026", "Online", "delivered", "good", "€52.00")),
        (
            {"channel": "store", "store": "GV", "status": "paid"},
            ("#1", "Oct 10, 2026", "Gran Vía", "paid", "plain", "€52.00"),
        ),
        ({"channel": "store", "store": "X9"}, ("#1", "Oct 10, 2026", "X9", "delivered", "good", "€52.00")),
        ({"channel": "store"}, ("#1", "Oct 10, 2026", "In store", "delivered", "good", "€52.00")),
        (
            {"status": "ready_for_pickup", "store": "GV"},
            ("#1", "Oct 10, 2026", "Online", "ready for pick-up", "brand", "€52.00"),
        ),
        ({"status": "cancelled", "currency": "JPY"}, ("#1", "Oct 10, 2026", "Online", "cancelled", "bad", "¥5,200")),
        ({"status": "on_hold"}, ("#1", "Oct 10, 2026", "Online", "on_hold", "plain", "€52.00")),
    ],
)
def test_what_an_order_says(placed: dict[str, Any], heading: tuple[str, ...]) -> None:
    """When, where, how far it is and how much it was."""
    (row,) = order_rows(CustomerState(orders=(order(1, **placed),)), ENGLISH)
    assert row["kind"] == "OrderHeading"
    assert texts([row], *HEADING) == [heading]


@pytest.mark.parametrize(
    ("bought", "row"),
    [
        (order_line(), ("Hoodie Chaz", "", "", "€52.00")),
        (order_line(quantity=2, item=item()), ("Hoodie Chaz", "XS · Black", "2 ×", "€104.00")),
        (order_line(quantity=2, discount=1000), ("Hoodie Chaz", "", "2 ×", "€94.00")),
        (order_line(returned_quantity=1), ("Hoodie Chaz", "1 returned", "", "€52.00")),
        (
            order_line(quantity=2, returned_quantity=2, item=item()),
            ("Hoodie Chaz", "XS · Black · 2 returned", "2 ×", "€104.00"),
        ),
    ],
)
def test_what_a_line_of_an_order_says(bought: Any, row: tuple[str, ...]) -> None:
    """What was paid for it, and what of it came back."""
    (_, shown) = order_rows(CustomerState(orders=(order(1, bought),)), ENGLISH)
    assert texts([shown], "kind", "title", "options", "quantity", "price") == [("OrderLineRow", *row)]


@pytest.mark.parametrize(
    ("state", "kinds", "last"),
    [
        (CustomerState(), [], ""),
        (
            CustomerState(orders=(order(2, order_line()), order(1))),
            ["OrderHeading", "OrderLineRow", "OrderHeading"],
            "",
        ),
        (CustomerState(orders=(order(2),), orders_before="2"), ["OrderHeading", "MoreRow"], "Show older orders"),
        (
            CustomerState(orders=(order(2),), orders_before="2", orders_loading=True),
            ["OrderHeading", "MoreRow"],
            "Loading…",
        ),
    ],
)
def test_the_way_to_older_orders_stands_last(state: CustomerState, kinds: list[str], last: str) -> None:
    """Each order, its lines, and at the end the way on, where there is more."""
    rows = order_rows(state, ENGLISH)
    assert [row["kind"] for row in rows] == kinds
    assert rows[-1].get("text", "") == last if rows else not last


def test_a_story_is_told_over_all_channels() -> None:
    """What somebody looked at, wished for, put in the cart, bought, brought back and what was written, latest first."""
    known = context(
        views=(viewed(-1), viewed(-30, sku="OLD-1", **GONE)),
        carts=(cart(line(quantity=2), line(), updated=-2), cart(updated=-2.5)),
        wishlists=(wish_list(wish(hours=-4), wish("OLD-2", -5, **GONE)),),
        notes=(note(hours=-3), note(hours=-60, author=None)),
    )
    orders = (
        order(998, order_line("Hoodie"), order_line("Scarf", returned_quantity=1), placed_at=at(-20)),
        order(997, order_line("Belt"), placed_at=at(-50), channel="store", store="GV", status="returned"),
        order(996, order_line("Cap"), placed_at=at(-70), channel="store"),
    )
    assert texts(story_rows(CustomerState(context=known, orders=orders), ENGLISH), "text", "where") == [
        ("Looked at Hoodie Chaz", "Online"),
        ("3 pieces wait in the cart", "Online"),
        ("A note was written", "Ana P."),
        ("Wished for Hoodie Chaz", "Online"),
        ("Wished for OLD-2", "Online"),
        ("Returned something of order #998", "Online"),
        ("Bought Hoodie, Scarf", "Online"),
        ("Looked at OLD-1", "Online"),
        ("Returned something of order #997", "Gran Vía"),
        ("Bought Belt", "Gran Vía"),
        ("A note was written", ""),
        ("Bought Cap", "In store"),
    ]


def test_a_story_tells_days_of_the_store() -> None:
    """Half past eleven at night in UTC is tomorrow in Madrid."""
    known = context(views=(viewed(11.5),))
    assert texts(story_rows(CustomerState(context=known), SPANISH), "kind", "when") == [("StoryRow", "22 nov 2026")]


@pytest.mark.parametrize(
    ("tab", "kind"),
    [("cart", "CartRow"), ("wishes", "RowHeading"), ("orders", "OrderHeading"), ("story", "StoryRow")],
)
def test_each_tab_has_its_rows(tab: Tab, kind: str) -> None:
    """A tab shows what it is called; before anybody is there, nothing."""
    known = context(carts=(cart(line()),), wishlists=(wish_list(wish()), wish_list(wish())))
    state = CustomerState(context=known, orders=(order(),), tab=tab)
    assert rows_of(state, ENGLISH, NOW)[0]["kind"] == kind
    assert rows_of(but(state, context=None), ENGLISH, NOW) == []


NOTHING = Facts(
    about="",
    why=(),
    tier="",
    points="",
    sizes=(),
    consents=(),
    chips=(),
    likes="",
    notes="",
    notes_by=(),
    contact=(),
    suggestion="",
    last_seen="",
)


EMAIL_YES, SMS_NO = ("email-outline", "E-mail: yes", "good"), ("cancel", "SMS: no", "plain")


def size(words: str) -> tuple[str, str, str]:
    """A size, as a chip says it."""
    return ("tape-measure", words, "plain")


def consent(channel: str, day: int, *, granted: bool = True) -> Consent:
    """A consent of a day in March 2021."""
    return Consent(channel=channel, granted=granted, at=datetime(2021, 3, day, tzinfo=UTC))


@pytest.mark.parametrize(
    ("known", "facts"),
    [
        pytest.param(context(), {}, id="nothing known"),
        pytest.param(
            context(
                person(
                    locale="es-ES",
                    city="Madrid",
                    attributes={"customer_since": "2021-04-17"},
                    consents=(consent("email", 2), consent("sms", 1, granted=False)),
                )
            ),
            {
                "about": "Customer since 2021 · Spanish · Madrid",
                "consents": (EMAIL_YES, SMS_NO),
                "chips": (EMAIL_YES, SMS_NO),
            },
            id="who",
        ),
        pytest.param(context(person(locale="tlh-x", city="Vic")), {"about": "Vic"}, id="a language nobody knows"),
        pytest.param(context(person(attributes={"customer_since": "long ago"})), {}, id="since nobody knows when"),
        pytest.param(
            context(person(consents=(consent("post", 1), consent("pigeon", 1)))),
            {
                "consents": (
                    ("message-text-outline", "Post: yes", "good"),
                    ("message-text-outline", "pigeon: yes", "good"),
                ),
            },
            id="other channels",
        ),
        pytest.param(
            context(person(loyalty=Loyalty(tier="gold", points=1240))),
            {
                "tier": "Gold",
                "points": "1,240 points",
                "chips": (("star-four-points-outline", "Gold", "brand"), ("", "1,240 points", "plain")),
            },
            id="gold",
        ),
        pytest.param(
            context(person(loyalty=Loyalty(tier="new", points=1))), {"tier": "new", "points": "1 point"}, id="one point"
        ),
        pytest.param(
            context(person(attributes={"size_shoes": "38", "size_kids": "128", "size_tops": "S", "pet": "cat"})),
            {"sizes": (size("S tops"), size("38 shoes"), size("128 children’s"))},
            id="sizes of the shop, as one dresses",
        ),
        pytest.param(
            context(person(attributes={"size_tops": "S"}), preferences=Preferences(sizes={"hats": "58", "tops": "M"})),
            {"sizes": (size("M tops"), size("58 hats"))},
            id="sizes that were said here",
        ),
        pytest.param(
            context(person(attributes={"likes": "silk"}), preferences=Preferences(likes=("organic", "linen"))),
            {"likes": "Likes organic, linen"},
            id="likes that were said here",
        ),
        pytest.param(context(person(attributes={"likes": "silk"})), {"likes": "Likes silk"}, id="likes of the shop"),
        pytest.param(
            context(notes=(note("Prefers linen"), note("Older", author=None))),
            {
                "notes": "2 notes",
                "notes_by": (
                    ("", "Ana P. · Nov 19, 2026", "soft"),
                    ("", "Prefers linen", "plain"),
                    ("", "Nov 19, 2026", "soft"),
                    ("", "Older", "plain"),
                ),
            },
            id="notes",
        ),
        pytest.param(
            context(person(last_seen_at=at(-72), last_store="GV")),
            {
                "last_seen": "",
                "why": (("receipt-text-outline", "Last bought 3 days ago · Gran Vía", "plain"),),
            },
            id="seen in a store",
        ),
        pytest.param(
            context(person(last_seen_at=at(-72)), views=(viewed(),)),
            {"last_seen": "Last bought 3 days ago"},
            id="seen online, and something looked at",
        ),
        pytest.param(
            context(person(emails=(contact("m••••••••••••••@x.es"),))),
            {"contact": (("email-outline", "m••••••@x.es", "soft"),)},
            id="a long e-mail",
        ),
        pytest.param(
            context(
                person(
                    phones=(contact("+34•••23"), contact("+34•••99")),
                    emails=(contact("l•••@x.es"), contact("m•••@x.es")),
                )
            ),
            {"contact": (("phone-outline", "+34•••23", "soft"), ("email-outline", "l•••@x.es", "soft"))},
            id="masked contacts",
        ),
        pytest.param(
            context(suggestions=(Suggestion(customer_id=2, name="Lucia G.", because="email"),)),
            {"suggestion": "May be the same person as Lucia G."},
            id="somebody alike",
        ),
    ],
)
def test_what_is_said_of_a_person(known: CustomerContext, facts: dict[str, Any]) -> None:
    """Every fact in words; of what is not known, nothing."""
    said = facts_of(known, ENGLISH, NOW)
    # The chips and the reasons are made of the others; where a case does not name them, others do.
    assert said == NOTHING._replace(**{"chips": said.chips, "why": said.why} | facts)
    assert bool(said.chips) == bool(said.tier or said.points or said.sizes or said.consents)


READY = order(3, status="ready_for_pickup", store="GV")


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (context(), ()),
        (
            context(orders=(READY, order(2))),
            (("package-variant-closed", "Order #3 is ready for pick-up · Gran Vía", "brand"),),
        ),
        (
            context(orders=(READY, order(2, status="ready_for_pickup"))),
            (("package-variant-closed", "2 orders are ready for pick-up", "brand"),),
        ),
        (context(carts=(cart(line(quantity=3)),)), (("cart-outline", "3 pieces wait in the cart", "brand"),)),
        (context(views=(viewed(-3),)), (("eye-outline", "Looked at Hoodie Chaz 3 hours ago", "plain"),)),
        (
            context(views=(viewed(-3, sku="OLD-1", item=None),)),
            (("eye-outline", "Looked at OLD-1 3 hours ago", "plain"),),
        ),
        (
            context(
                person(birth_date="1990-11-21", last_seen_at=at(-72)),
                orders=(order(3, status="ready_for_pickup"),),
                carts=(cart(line()),),
                views=(viewed(),),
            ),
            (
                ("package-variant-closed", "Order #3 is ready for pick-up", "brand"),
                ("cake-variant-outline", "Birthday today", "warn"),
                ("cart-outline", "1 piece waits in the cart", "brand"),
            ),
        ),
    ],
)
def test_why_somebody_may_be_here(known: CustomerContext, why: tuple[tuple[str, str, str], ...]) -> None:
    """What waits for them, a birthday, what they looked at, the likeliest first, and never more than three."""
    assert facts_of(known, ENGLISH, NOW).why == why


def test_how_much_of_the_cart_is_here_is_one_of_the_essentials() -> None:
    """Where there is no room beside the cart, a chip says it."""
    known = context(carts=(cart(line(quantity=2, stock=stock(1))),))
    assert facts_of(known, ENGLISH, NOW).chips == (("store-outline", "1 of 2 of the cart here", "good"),)


@pytest.mark.parametrize(("n", "words"), [(0, ""), (1, "1"), (999, "999"), (1000, "999+"), (5148, "999+")])
def test_what_stands_on_a_tab(n: int, words: str) -> None:
    """A number that fits on it, and nothing where there is none."""
    assert count_words(n, SPANISH) == words


@pytest.mark.parametrize("phase", [phase for phase in get_args(Phase) if phase not in {"nobody", "loading", "shown"}])
def test_every_trouble_says_what_to_do(phase: str) -> None:
    """Each has an icon, what happened, and what to do now, in each language."""
    for words in (ENGLISH, SPANISH):
        assert all(trouble_words(phase, words)), phase


@pytest.mark.parametrize(
    ("tier", "english", "spanish"),
    [
        (None, "", ""),
        ("", "", ""),
        ("gold", "Gold", "Oro"),
        (" SILVER ", "Silver", "Plata"),
        ("Founders’ Circle", "Founders’ Circle", "Founders’ Circle"),
    ],
)
def test_what_a_tier_is_called(tier: str | None, english: str, spanish: str) -> None:
    """The usual ones in the viewer's language; one that only a retailer has, as given."""
    assert (tier_words(tier, ENGLISH), tier_words(tier, SPANISH)) == (english, spanish)


@pytest.mark.parametrize(
    ("state", "over", "under"),
    [
        (FindState(hits=(hit(1),)), "", "1 person"),
        (FindState(hits=(hit(1), hit(2))), "", "2 people"),
        (
            FindState(hits=(hit(1),), capped=True),
            "Showing 1 of many: add a letter or the town.",
            "Showing 1 of many: add a letter or the town.",
        ),
        (FindState(hits=(hit(1),), slow=True), "", "Searching…"),
        (FindState(hits=(hit(1),), shared=True), "Several people carry this card. Ask who it is.", "1 person"),
        (
            FindState(hits=(hit(1),), corrected=("lucia", "luis")),
            "Nobody is called that. Shown instead: lucia, luis",
            "1 person",
        ),
        (FindState(corrected=("lucia",)), "", None),
    ],
)
def test_what_is_said_over_and_under_the_hits(state: FindState, over: str, under: str | None) -> None:
    """Why it is they who are shown, how many they are, and that a better answer is on its way."""
    rows = hit_rows(state, ENGLISH, NOW)
    assert over_hits(state, ENGLISH) == over
    assert (rows[-1]["text"] if rows else None) == under
    assert [row["kind"] for row in hit_rows(state, ENGLISH, NOW, wide=False)] == [
        row["kind"].replace("HitRow", "HitCard") for row in rows
    ]


@pytest.mark.parametrize(
    ("fields", "where"),
    [({}, "Online"), ({"channel": "store", "store": "GV"}, "Gran Vía"), ({"channel": "store"}, "In store")],
)
def test_what_an_order_of_nobody_says(fields: dict[str, Any], where: str) -> None:
    """When and where it was, and of what."""
    nobodys = order(1, order_line("Hoodie"), order_line("Belt"), **fields)
    assert order_words(nobodys, ENGLISH) == f"Oct 10, 2026 · {where} · Hoodie, Belt"


def birthday(born: str | None, now: datetime) -> str:
    """What is said of the birthday of somebody of whom nothing else is known."""
    why = facts_of(context(person(birth_date=born)), ENGLISH, now).why
    return why[0][1] if why else ""


@pytest.mark.parametrize(
    ("born", "today", "said"),
    [
        ("1990-11-21", "2026-11-21", "Birthday today"),
        ("1990-11-22", "2026-11-21", "Birthday in 1 day"),
        ("1990-11-28", "2026-11-21", "Birthday in 7 days"),
        ("1990-11-29", "2026-11-21", ""),
        ("1990-11-20", "2026-11-21", ""),
        ("2026-11-21", "2026-11-21", "Birthday today"),
        # Over the turn of the year
        ("1990-01-01", "2026-12-31", "Birthday in 1 day"),
        ("1990-01-03", "2026-12-27", "Birthday in 7 days"),
        ("1990-12-31", "2027-01-01", ""),
        # Born on a leap day
        ("1992-02-29", "2028-02-29", "Birthday today"),
        ("1992-02-29", "2028-02-28", "Birthday in 1 day"),
        ("1992-02-29", "2027-02-28", "Birthday today"),
        ("1992-02-29", "2027-02-21", "Birthday in 7 days"),
        ("1992-02-29", "2027-03-01", ""),
        ("1992-02-28", "2028-02-28", "Birthday today"),
        ("1992-03-01", "2028-02-29", "Birthday in 1 day"),
        (None, "2026-11-21", ""),
    ],
)
def test_a_birthday_near_is_worth_a_word(born: str | None, today: str, said: str) -> None:
    """Today or within a week, over the turn of the year, and also for who was born on 29 February."""
    now = datetime.fromisoformat(f"{today}T12:00:00+00:00")
    assert birthday(born, now) == said


def test_a_birthday_is_on_the_store_s_day() -> None:
    """Late in the evening in UTC, it is tomorrow in Madrid already."""
    now = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert birthday("1990-11-22", now) == "Birthday today"


@given(st.dates(date(1900, 1, 1), date(2030, 1, 1)), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
@example(date(1992, 2, 29), date(2100, 2, 20))
def test_everybody_has_one_birthday_a_year(born: date, first: date) -> None:
    """Whoever comes every day for a year is congratulated once, and it is announced on the seven days before."""
    assume(first.month != 2)
    noon = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    days = (date(first.year + 1, first.month, first.day) - first).days if (first.month, first.day) != (2, 29) else 366
    said = [birthday(born.isoformat(), noon + timedelta(days=n)) for n in range(days)]
    assert said.count("Birthday today") == 1
    assert sum(words != "" for words in said) == 8
