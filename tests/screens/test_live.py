"""What happens in the shop shows on the real tablet while somebody looks, though nobody touches it."""

from typing import Any

import pytest

from tests.screens.conftest import Counter
from tests.screens.shop import tell_shop
from tests.screens.tablet import Tablet
from tests.screens.test_scan import shows

pytestmark = pytest.mark.xdist_group("screens")

CARD, NAME = "2900000200906", "Rosalía Vega Prado"
"""Of somebody who is a customer for the length of a test."""


def happens(counter: Counter, **record: Any) -> None:
    """Something happens at the online shop."""
    tell_shop(counter.relay.url, record)


def fills(counter: Counter, *titles: str) -> None:
    """Rosalía's cart has these now."""
    lines = [{"sku": title, "title": title, "quantity": 1, "unit_price": 4200} for title in titles]
    happens(
        counter,
        type="cart",
        external_id="live-1",
        customer={"external_id": "rosalia"},
        status="open",
        currency="EUR",
        lines=lines,
    )


def test_a_cart_changes_under_the_eyes(tablet: Tablet, shop_counter: Counter) -> None:
    """A line that is put in at home appears; somebody who is erased goes from the screen and from those lately seen."""
    happens(
        shop_counter,
        type="customer",
        external_id="rosalia",
        given_name="Rosalía",
        family_name="Vega Prado",
        cards=[CARD],
    )
    fills(shop_counter, "Falda larga Duero")
    tablet.scan(CARD)
    shows(tablet, NAME)
    tablet.until(lambda s: s.says("Falda larga Duero"))
    fills(shop_counter, "Falda larga Duero", "Cinturón trenzado Sil")
    tablet.until(lambda s: s.says("Cinturón trenzado Sil"))
    shop_counter.manager.erase(NAME)
    tablet.until(lambda s: s.customer == "gone" and not s.says(NAME))
    assert tablet.remembers("Rosal") == []
