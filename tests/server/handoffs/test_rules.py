"""What a till is told of a line, and what handoffs' codes and links look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.access.rules import ALPHABET
from server.handoffs.rules import code_typed, lines_for_till, link_of, new_code, qr_text, total_of
from server.wire.carts import Cart, CartLine
from server.wire.catalog import Item, Stock, StoreStock

AT = "2026-11-21T12:00:00.000000Z"


def item(sku: str = "S", price: int = 1000, **but: object) -> Item:
    """An article."""
    facts = {"title": "Shirt", "options": {}, "sale_price": None, "currency": "EUR", "picture": None}
    return Item(**{"sku": sku, "product_id": 1, "price": price, "brand": None, "availability": None} | facts | but)  # type: ignore[arg-type]


def line(quantity: int, here: int | None, article: Item | None, sku: str = "S") -> CartLine:
    """A line of a cart, of which so many are here."""
    stock = Stock() if here is None else Stock(here=StoreStock(store="GV", name="Gran Vía", quantity=here, as_of=AT))
    return CartLine(line_id=None, sku=sku, title="Shirt", quantity=quantity, unit_price=1200, item=article, stock=stock)


def cart(*lines: CartLine) -> Cart:
    """A cart."""
    about = {"source": "shop", "external_id": "c", "status": "open", "currency": "EUR", "updated_at": AT}
    return Cart(id=1, total=0, lines=lines, **about)


@pytest.mark.parametrize(
    ("told", "sellable", "hindrance", "price"),
    [
        (line(2, 5, item()), 2, None, 1000),
        (line(2, None, item()), 2, None, 1000),
        (line(2, 1, item()), 1, "no_stock", 1000),
        (line(2, 0, item()), 0, "no_stock", 1000),
        (line(2, -3, item()), 0, "no_stock", 1000),
        (line(2, 5, None), 0, "discontinued", None),
        (line(2, 5, item(availability="discontinued")), 0, "discontinued", 1000),
        (line(2, 5, item(price=0)), 0, "no_price", None),
        (line(2, 5, item(currency="USD")), 0, "no_price", None),
        (line(2, 5, item(sale_price=800)), 2, None, 800),
    ],
)
def test_a_line_says_what_of_it_can_be_sold(
    told: CartLine, sellable: int, hindrance: str | None, price: int | None
) -> None:
    """How many, at today's price, and why not all; what nobody counted is not held back."""
    (found,) = lines_for_till(cart(told))
    assert (found.sellable, found.hindrance, found.price) == (sellable, hindrance, price)
    assert total_of((found,)) == sellable * (price or 0)


def test_a_line_says_which_of_its_product_it_is() -> None:
    """Two sizes of one title are told apart; what the catalogue has no more has no options."""
    sizes = [item(f"S{size}", options={"size": size}) for size in "SM"]
    told = lines_for_till(cart(*(line(1, 1, one, one.sku) for one in sizes), line(1, 1, None, "GONE")))
    assert [each.options for each in told] == [{"size": "S"}, {"size": "M"}, {}]


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 9)), max_size=6), st.integers(-2, 12))
def test_nothing_is_sold_twice(wanted: list[tuple[str, int]], here: int) -> None:
    """Whatever lines want of one article: together as many as there are, and each says why not."""
    lines = lines_for_till(cart(*(line(quantity, here, item(sku), sku) for sku, quantity in wanted)))
    for sku in "AB":
        asked = sum(quantity for name, quantity in wanted if name == sku)
        assert sum(one.sellable for one in lines if one.sku == sku) == min(asked, max(0, here))
    assert all((one.hindrance is None) == (one.sellable == one.quantity) for one in lines)


def test_a_code_is_read_however_it_comes() -> None:
    """Typed in groups and small letters, or scanned; its signs are not taken for one another."""
    code = new_code()
    assert set(code) <= set(ALPHABET)
    for shown in (code, code.lower(), f" {code[:3]}-{code[3:]} ", qr_text(code), f"{qr_text(code)}\r\n"):
        assert code_typed(shown) == code


def test_a_link_is_filled_in_safely() -> None:
    """What a shop calls its carts stays in its place in the address."""
    template = "https://shop.example/cart?from={source}&id={cart}"
    assert link_of(template, "web", "a&b={source}#/") == (
        "https://shop.example/cart?from=web&id=a%26b%3D%7Bsource%7D%23%2F"
    )
    assert link_of(None, "web", "c") is None
