"""Articles on the real tablet: looked for, opened, another size looked at, scanned while somebody is shown."""

import pytest

from tests.screens.tablet import Tablet
from tests.screens.test_scan import LUCIA, LUCIAS_NAME, shows

pytestmark = pytest.mark.xdist_group("screens")

ARTICLE = "9520010460003"
WISHED = "T4051-CHO-S"
"""Lucía wishes for it, and nobody else of that store."""


def test_an_article_is_looked_for_and_opened(tablet: Tablet) -> None:
    """Words find it, misspelt too; a touch opens it, another place of its grid is looked at, the rail leads back."""
    tablet.go_to_items()
    tablet.type("sudadrea")
    sight = tablet.until(lambda s: s.items == "found" and s.field == "sudadrea" and s)
    assert any("Sudadera" in title for title in sight.articles)
    tablet.at_rest()
    tablet.touch("ProductRow", sight.articles[0])
    tablet.until(lambda s: (s.screen, s.item) == ("item", "shown"))
    before = tablet.look().sku
    places = list(tablet.until(lambda s: list(s.all("ChoicePlace"))))
    tablet.hands.touch(places[-1].middle)
    tablet.hands.touch(places[0].middle)
    tablet.until(lambda s: s.sku)
    assert before
    tablet.go_to_items()
    sight = tablet.look()
    assert (sight.items, sight.field) == ("found", "sudadrea")


def test_each_place_keeps_what_was_typed(tablet: Tablet) -> None:
    """What was typed for customers is there again after looking for an article, and the other way round."""
    tablet.type("luc gar")
    tablet.until(lambda s: s.found == "found" and s.field == "luc gar")
    tablet.go_to_items()
    assert tablet.look().field == ""
    tablet.type("gorro")
    tablet.until(lambda s: s.field == "gorro" and s.items in {"found", "nothing"})
    tablet.touch("RailItem")
    tablet.until(lambda s: (s.screen, s.found, s.field) == ("find", "found", "luc gar"))
    tablet.go_to_items()
    assert tablet.look().field == "gorro"


def test_an_article_that_is_scanned_while_somebody_is_shown(tablet: Tablet) -> None:
    """It is shown at once, and a touch leads back to the customer."""
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)
    tablet.scan(ARTICLE)
    sight = tablet.until(lambda s: (s.screen, s.item) == ("item", "shown") and s.things and s)
    assert sight.field == ""
    tablet.touch("PillButton", LUCIAS_NAME)
    shows(tablet, LUCIAS_NAME)
    tablet.scan(ARTICLE)
    tablet.until(lambda s: s.screen == "item")
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)


def test_a_line_of_the_cart_opens_its_article(tablet: Tablet) -> None:
    """In the size and colour that lies in the cart; the arrow leads back to the cart."""
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)
    tablet.touch("CartRow")
    sight = tablet.until(lambda s: (s.screen, s.item) == ("item", "shown") and s)
    assert sight.sku
    tablet.touch("IconButton")
    shows(tablet, LUCIAS_NAME)
    assert tablet.look().tab == "cart"


def test_who_wishes_for_an_article_is_named_and_opened(tablet: Tablet) -> None:
    """It is said how many of the store's customers wish for it; a touch names them, another opens one."""
    tablet.scan(WISHED)
    tablet.until(lambda s: (s.screen, s.item) == ("item", "shown"))
    tablet.until(lambda s: list(s.all("Fold")))
    assert list(tablet.at_rest().all("WisherRow")) == []
    tablet.touch("Fold")
    tablet.until(lambda s: list(s.all("WisherRow", LUCIAS_NAME)))
    tablet.at_rest()
    tablet.touch("WisherRow", LUCIAS_NAME)
    shows(tablet, LUCIAS_NAME)
