"""Feeds in each format: what they say, and every kind of dirt with its line, field, value and rule."""

import gzip
from io import BytesIO
from pathlib import Path

import pytest

from server.catalog.feeds.formats import FormatName, open_feed, pieces
from server.catalog.feeds.shape import LONGEST_LINE, Defaults, FeedError, FeedRow, RefusedRowError

FOLDER = Path(__file__).parents[3] / "fixtures" / "feeds"
Refused = tuple[int, str, str, str]


def read(content: bytes, named: FormatName | None = None) -> tuple[str, list[FeedRow], list[Refused]]:
    """The format of a feed, its rows, and those that cannot be taken."""
    format_, reader = open_feed(BytesIO(content), named, Defaults("erp", "EUR"))
    rows: list[FeedRow] = []
    refused: list[Refused] = []
    for line, piece in pieces(reader):
        for row in reader.rows(line, piece):
            if isinstance(row, FeedRow):
                rows.append(row)
            else:
                refused.append((row.line or line, row.field, row.value, str(row)))
    return format_, rows, refused


NO_GTIN = "no GTIN: 8, 12, 13 or 14 digits, the last of which is a check digit"
DIRT: dict[str, tuple[str, list[str], list[Refused]]] = {
    "dirty.tsv": (
        "google-tsv",
        ["OK-1", "OK-2", "OK-1"],
        [
            (6, "gtin", "4006381333932", NO_GTIN),
            (7, "price", "-1.00 EUR", "a price is not negative and not absurd"),
            (8, "price", "100000000000000 EUR", "a price is not negative and not absurd"),
            (9, "price", "12,34 EUR", "no price: digits and a point, 12.34 EUR"),
            (10, "title", "<br>", "title is missing"),
            (11, "price", "12.34 XQZ", "no price with its currency: 12.34 EUR"),
            (12, "sale_price", "1.00 USD", "in another currency than the price (EUR)"),
            (13, "availability", "soon", "none of in_stock, out_of_stock, preorder, backorder"),
            (14, "id", "", "id is missing"),
            (15, "", "LATIN\tCamis\ufffdta\t\t1.00 EUR", "the line is not in UTF-8"),
            (16, "price", "", "price is missing"),
        ],
    ),
    "merchant.xml": (
        "google-xml",
        ["X-1"],
        [(16, "price", "29,90 EUR", "no price: digits and a point, 12.34 EUR")],
    ),
    "shopify.csv": (
        "shopify-csv",
        ["TEE-S", "tee-M-Red"],
        [
            (6, "Variant Price", "-1", "a price is not negative and not absurd"),
            (7, "Title", "", "Title is missing"),
        ],
    ),
    "products.ndjson": (
        "records",
        ["CAP-1"],
        [
            (1, "currency", "XQZ", "there is no such currency: EUR"),
            (2, "source", "web", "of another source than this catalogue's, which is erp"),
            (3, "variants", "belt", "variants are missing"),
            (4, "", '{"type": "product"', "the line is no JSON object"),
        ],
    ),
}
"""Feeds of each format with every kind of dirt: what is taken, and what is said of the rest."""


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", DIRT)
def test_each_kind_of_dirt_costs_its_row_alone(name: str, packed: bool) -> None:
    """The format is found by looking; every row that cannot be taken is told, and the others are taken."""
    content = (FOLDER / name).read_bytes()
    format_, rows, refused = read(gzip.compress(content) if packed else content)
    assert (format_, [row.sku for row in rows], [(*told[:2], told[2][:60], told[3]) for told in refused]) == DIRT[name]
    assert read(content, format_)[1:] == (rows, refused)  # type: ignore[arg-type]


def test_texts_are_made_plain_and_links_stay() -> None:
    """No tags, no entities, no scripts in what people read; a link's `&copy=` is none."""
    row = read((FOLDER / "dirty.tsv").read_bytes())[1][0]
    assert (row.title, row.description, row.category) == ("Linen Shirt & Co, blue", "Light & airy.", "Men > Shirts")
    assert row.picture == "https://img.example/1.jpg?a=1&copy=2"
    assert (row.price, row.sale_price, row.gtin) == (4990, 3990, "04006381333931")


def test_googles_attributes_go_before_rss_s_own() -> None:
    """`g:title` counts, not `title`; what stands in a group of attributes is not the variant's."""
    row = read((FOLDER / "merchant.xml").read_bytes())[1][0]
    assert (row.title, row.description, row.price) == ("Wool & Silk Scarf, green", "Warm.", 2990)


def test_what_shopify_leaves_out_is_made_up_for() -> None:
    """Product fields stand on the first row, the currency in the settings, a missing SKU is handle and options."""
    small, medium = read((FOLDER / "shopify.csv").read_bytes())[1]
    assert (small.price, small.sale_price, small.currency, small.gtin) == (2500, 2000, "EUR", "04006381333931")
    assert (medium.price, medium.sale_price, medium.gtin) == (2050, None, None)
    assert (medium.product_title, medium.description, medium.options) == (
        "Organic Tee",
        "Soft, and fair.",
        {"size": "M", "color": "Red"},
    )
    assert (small.picture, medium.picture) == ("https://img.example/tee.jpg", "https://img.example/red.jpg")


BOMB = b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><rss><item><id>&b;</id></item></rss>'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(BOMB, "declares a document type or entities", id="a bomb"),
        pytest.param(
            b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><rss/>', "declares a document type or entities", id="a file"
        ),
        pytest.param(b"<rss><item><id>1</id></item>", "the XML is broken in line 1", id="cut off"),
        pytest.param(b"<rss><item>&unknown;</item></rss>", "the XML is broken in line 1", id="an unknown entity"),
        pytest.param(b"\x00" * 100, "names no column", id="rubbish"),
        pytest.param(b"id\ttitle\tprice\n" + b"x" * (LONGEST_LINE + 600_000), "longer than 4 MiB", id="no line ends"),
        pytest.param(
            b"<rss><item><title>" + b"x" * (LONGEST_LINE + 70_000), "longer than 4 MiB", id="an item without end"
        ),
    ],
)
def test_what_is_no_feed_is_told_in_a_sentence(content: bytes, sentence: str) -> None:
    """Nothing of it grows, nothing is fetched, and whoever sent it learns why."""
    with pytest.raises(FeedError, match=sentence):
        read(content)


def test_a_piece_is_the_same_wherever_it_stands() -> None:
    """What a feed says of a product is known again after other products, in each format."""
    for name in DIRT:
        content = (FOLDER / name).read_bytes()
        format_, reader = open_feed(BytesIO(content), None, Defaults("erp", "EUR"))
        once = [piece for _, piece in pieces(reader)]
        again = open_feed(BytesIO(content), None, Defaults("erp", "EUR"))[1]
        assert (format_, [piece for _, piece in pieces(again)]) == (DIRT[name][0], once)
        assert len(once) > 1


def test_a_refusal_says_whose_row_it_was() -> None:
    """So that the article stays as it was known."""
    format_, reader = open_feed(BytesIO((FOLDER / "dirty.tsv").read_bytes()), None, Defaults("erp", "EUR"))
    told = [row for line, piece in pieces(reader) for row in reader.rows(line, piece)]
    assert [row.sku for row in told if isinstance(row, RefusedRowError)][:2] == ["GTIN", "NEG"]
    assert format_ == "google-tsv"
