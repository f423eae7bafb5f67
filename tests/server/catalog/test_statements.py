"""What sources state of products, their variants, and stock."""

from typing import Any

import pytest

from server.catalog import queries
from server.wire.catalog import Item, Product, Stock
from server.wire.records import Record
from tests.server.given import Shop, deletion, product, stock, store, variant


def _product(shop: Shop, sku: str = "S1") -> Product:
    found = shop.database.read_now(queries.product_by_sku, sku, "m1")
    assert found is not None
    return found


def _item(shop: Shop, sku: str = "S1") -> Item | None:
    return shop.database.read_now(queries.items, [sku]).get(sku)


def _stock(shop: Shop, sku: str = "S1") -> Stock | None:
    return shop.database.read_now(queries.stock, [sku], "m1").get(sku)


@pytest.mark.parametrize(
    ("said", "verdicts", "expected"),
    [
        pytest.param([(1, {"title": "Shirt"})], ["new"], ("Shirt", None), id="first"),
        pytest.param([(1, {}), (1, {})], ["new", "unchanged"], (None, None), id="nothing said, twice"),
        pytest.param(
            [(1, {"title": "Shirt", "brand": "Acme"}), (2, {"title": "Top"})],
            ["new", "changed"],
            ("Top", "Acme"),
            id="absent keeps",
        ),
        pytest.param(
            [(2, {"brand": None}), (1, {"title": "Shirt", "brand": "Acme"})],
            ["new", "changed"],
            ("Shirt", None),
            id="null clears what comes late",
        ),
        pytest.param(
            [(1, {"title": "Shirt"}), (2, {"title": "Shirt"}), (1, {"title": "Top"})],
            ["new", "confirmed", "older"],
            ("Shirt", None),
            id="confirmed counts",
        ),
        pytest.param(
            [(1, {"title": "A"}), (1, {"title": "B"}), (1, {"title": "A"})],
            ["new", "changed", "older"],
            ("B", None),
            id="two of one time",
        ),
    ],
)
def test_fields_of_products(shop: Shop, said: list[tuple[int, Any]], verdicts: list[str], expected: Any) -> None:
    """An absent field keeps what was known, null clears it, and the newest statement of each field counts."""
    assert [shop.take(product("p1", at, **fields))[0] for at, fields in said] == verdicts
    assert shop.rows("SELECT title, brand FROM products") == [expected]


@pytest.mark.parametrize(
    ("records", "skus"),
    [
        pytest.param([product(variants=(variant("S1"), variant("S2")))], ["S1", "S2"], id="two"),
        pytest.param([product(variants=(variant("S2"), variant("S1")))], ["S2", "S1"], id="in their source's order"),
        pytest.param(
            [product(at=1, variants=(variant("S1"), variant("S2"))), product(at=2, variants=(variant("S2"),))],
            ["S2"],
            id="one gone",
        ),
        pytest.param(
            [product(at=2, variants=(variant("S2"),)), product(at=1, variants=(variant("S1"),))], ["S2"], id="late"
        ),
        pytest.param([product(at=1, variants=(variant("S1"),)), product(at=2, title="Top")], ["S1"], id="absent keeps"),
        pytest.param([product(at=1, variants=(variant("S1"),)), product(at=2, variants=None)], [], id="null clears"),
        pytest.param([product(at=1, variants=(variant("S1"),)), product(at=2, variants=())], [], id="none any more"),
        pytest.param([product(at=1, variants=(variant("S1"),)), deletion("product", "p1", 1)], [], id="deleted"),
        pytest.param([deletion("product", "p1", 1), product(at=1, variants=(variant("S1"),))], [], id="deleted before"),
        pytest.param(
            [deletion("product", "p1", 1), product(at=2, variants=(variant("S1"),))], ["S1"], id="there again"
        ),
    ],
)
def test_the_list_of_variants_is_one_field(shop: Shop, records: list[Record], skus: list[str]) -> None:
    """The newest list of variants counts whole."""
    for record in records:
        shop.take(record)
    assert [sku for (sku,) in shop.rows("SELECT sku FROM variants ORDER BY position")] == skus


def test_a_variant_is_complete_with_what_its_product_says(shop: Shop) -> None:
    """Title, brand and picture come from the product where the variant has none; a link is no picture."""
    shop.take(
        product(
            at=1,
            title="Shirt",
            brand="Acme",
            picture="shirt.jpg",
            variants=(variant("S1"), variant("S2", title="Red shirt", picture="red.jpg", gtin="40170725")),
        )
    )
    one, two = _item(shop, "S1"), _item(shop, "S2")
    assert one is not None
    assert two is not None
    assert (one.title, one.brand, one.picture) == ("Shirt", "Acme", None)
    assert (two.title, two.brand, two.picture) == ("Red shirt", "Acme", None)
    assert shop.rows("SELECT picture FROM variants ORDER BY sku") == [("shirt.jpg",), ("red.jpg",)]
    shop.take(product(at=2, title=None, brand="Bold"))
    one = _item(shop, "S1")
    assert one is not None
    assert (one.title, one.brand) == ("S1", "Bold")
    found = shop.database.read_now(queries.product_by_gtin, "00000040170725", None)
    assert found is not None
    assert found.sku == "S2"


CLAIMS = [
    pytest.param([("b", 2), ("a", 1)], "b", id="the later one"),
    pytest.param([("a", 1), ("b", 2)], "b", id="the later one comes last"),
    pytest.param([("a", 1), ("b", 1)], "a", id="of one time the first by name"),
    pytest.param([("b", 1), ("a", 1)], "a", id="of one time, the other way round"),
]


@pytest.mark.parametrize(("claims", "winner"), CLAIMS)
def test_an_sku_that_two_products_claim(shop: Shop, claims: list[tuple[str, int]], winner: str) -> None:
    """Of two products that claim one SKU or GTIN the later statement counts, everywhere the same."""
    for name, at in claims:
        shop.take(product(name, at, title=name, variants=(variant("S1", gtin="40170725"),)))
    item = _item(shop)
    by_gtin = shop.database.read_now(queries.product_by_gtin, "00000040170725", None)
    assert item is not None
    assert by_gtin is not None
    assert _product(shop).external_id == item.title == by_gtin.external_id == winner


def test_when_a_claim_is_given_up_the_other_counts(shop: Shop) -> None:
    """An SKU whose latest claimant lets it go belongs to the one before."""
    shop.take(
        product("a", 1, title="a", variants=(variant("S1"),)), product("b", 2, title="b", variants=(variant("S1"),))
    )
    assert _product(shop).external_id == "b"
    shop.take(product("b", 3, variants=()))
    assert _product(shop).external_id == "a"
    shop.take(deletion("product", "a", 4))
    assert shop.database.read_now(queries.product_by_sku, "S1", None) is None


@pytest.mark.parametrize(
    ("said", "verdicts", "left"),
    [
        pytest.param([stock(3, 1)], ["new"], 3, id="first"),
        pytest.param([stock(3, 1), stock(2, 2)], ["new", "changed"], 2, id="newer"),
        pytest.param([stock(2, 2), stock(3, 1)], ["new", "older"], 2, id="late"),
        pytest.param([stock(3, 1), stock(3, 1)], ["new", "unchanged"], 3, id="twice"),
        pytest.param([stock(3, 1), stock(3, 2), stock(4, 1)], ["new", "confirmed", "older"], 3, id="confirmed counts"),
        pytest.param([stock(3, 1), stock(5, 1)], ["new", "changed"], 5, id="of one time the larger"),
        pytest.param([stock(5, 1), stock(3, 1)], ["new", "older"], 5, id="of one time the larger, first"),
        pytest.param([stock(3, 1), stock(1, 2, source="till")], ["new", "changed"], 1, id="whoever says it"),
        pytest.param([stock(-2, 1)], ["new"], -2, id="sold more than counted"),
        pytest.param([stock(0, 1)], ["new"], 0, id="none"),
    ],
)
def test_the_newest_statement_of_stock_wins(shop: Shop, said: list[Record], verdicts: list[str], left: int) -> None:
    """Whichever source says it: of one article in one store the newest quantity counts."""
    assert [shop.take(record)[0] for record in said] == verdicts
    found = _stock(shop)
    assert found is not None
    assert found.here is not None
    assert found.here.quantity == left


def test_stock_is_here_and_nearby(shop: Shop) -> None:
    """Other stores that have some are listed, most first, by their names where known."""
    shop.take(
        store("m2", name="Mar"), stock(0, store="m1"), stock(2, store="m2"), stock(5, store="m3"), stock(0, store="m4")
    )
    found = _stock(shop)
    assert found is not None
    assert found.here is not None
    assert (found.here.quantity, [(s.name, s.quantity) for s in found.nearby]) == (0, [("m3", 5), ("Mar", 2)])
    assert _stock(shop, "S9") is None


@pytest.mark.parametrize(
    ("records", "verdicts"),
    [
        pytest.param([product(at=1, title="A"), deletion("product", "p1", 1)], ["new", "changed"], id="gone"),
        pytest.param([deletion("product", "p1", 1), product(at=1, title="A")], ["new", "older"], id="late"),
        pytest.param([product(at=2, title="A"), deletion("product", "p1", 1)], ["new", "confirmed"], id="overtaken"),
        pytest.param(
            [deletion("product", "p1", 1), deletion("product", "p1", 1), deletion("product", "p1", 0)],
            ["new", "unchanged", "older"],
            id="again and again",
        ),
    ],
)
def test_a_deletion_of_a_product_counts_by_its_time(shop: Shop, records: list[Record], verdicts: list[str]) -> None:
    """What was stated up to a deletion no longer counts, whichever came first."""
    assert [shop.take(record)[0] for record in records] == verdicts
