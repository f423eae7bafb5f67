"""What the tablet is made of is not looked through for garbage while somebody waits for a screen."""

import pytest

from tests.screens.tablet import Tablet
from tests.waiting import until

pytestmark = pytest.mark.xdist_group("screens")


def test_what_the_tablet_is_made_of_stays(tablet: Tablet) -> None:
    """All that was made for its first screen is left alone from then on, and what comes later is tidied up."""
    until(lambda: tablet.timing().kept > 100_000)
