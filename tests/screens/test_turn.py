"""A tablet that is turned in the hand, from upright to lying and back."""

from pathlib import Path

import pytest

from tests.screens.conftest import Counter
from tests.screens.display import Display
from tests.screens.tablet import Looks, Tablet
from tests.screens.test_scan import LUCIA, LUCIAS_NAME, MARTA, MARTAS_NAME, shows

pytestmark = pytest.mark.xdist_group("screens")

UPRIGHT, LYING = (800, 1280), (1280, 800)


def test_a_tablet_that_is_turned_goes_on(tmp_path: Path, shop_counter: Counter) -> None:
    """Whichever way it is held, cards and keys are heard, and the customer who was shown still is."""
    looks = Looks(*UPRIGHT)
    with (
        Display(1280, 1280, tmp_path / "display.log") as display,
        Tablet(shop_counter.relay.url, display, tmp_path, looks=looks) as tablet,
    ):
        tablet.until(lambda sight: sight.store)
        tablet.scan(LUCIA)
        shows(tablet, LUCIAS_NAME)
        tablet.turn(*LYING)
        shows(tablet, LUCIAS_NAME)
        tablet.scan(MARTA)
        shows(tablet, MARTAS_NAME)
        tablet.type("gar")
        tablet.until(lambda sight: sight.found == "found" and sight.field == "gar")
        tablet.turn(*UPRIGHT)
        tablet.scan(LUCIA)
        shows(tablet, LUCIAS_NAME)
        assert tablet.look().field == "gar"
        assert tablet.complaints == ""
