"""Google Merchant feeds, beyond what the command line's tests try."""

from server.catalog.feeds.google import read_products
from tests.server.given import NOW

FEED = (
    "id\ttitle\tprice\tcolor\timage_link\tproduct_type\n"
    "A\tLumaTech&trade; Tee &amp; Co\t10.00 EUR\tBlanc&eacute;\thttps://x.example/p.jpg?a=1&copy=2\tMen &gt; Tops\n"
)


def test_entities_in_texts_are_the_signs_they_stand_for_and_links_stay() -> None:
    """Shops leave HTML's entities in what people read; a link's `&copy=` is none."""
    (product,), refused = read_products(FEED.encode().splitlines(keepends=True), "web", NOW)
    assert not refused
    assert product.title == "LumaTech™ Tee & Co"
    assert product.category == "Men > Tops"
    assert product.picture == "https://x.example/p.jpg?a=1&copy=2"
    assert isinstance(product.variants, tuple)
    assert product.variants[0].options == {"color": "Blancé"}
