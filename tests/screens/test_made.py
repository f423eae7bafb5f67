"""What the tablet is made of is not looked through for garbage, and the eye sees nothing that is half made."""

from pathlib import Path

import pytest

from tests.screens.drawn import said_by
from tests.screens.tablet import Tablet
from tests.waiting import until

pytestmark = pytest.mark.xdist_group("screens")


def test_what_the_tablet_is_made_of_stays(tablet: Tablet) -> None:
    """All that was made for its first screen is left alone from then on, and what comes later is tidied up."""
    until(lambda: tablet.timing().kept > 100_000)


def test_what_is_made_between_two_frames_is_seen_in_its_place(tmp_path: Path) -> None:
    """A finger that went where it is not yet laid out would touch something else."""
    *seen, there = said_by("made_late", tmp_path, size=(640, 480))
    assert there == [440, 0, 640, 80]
    assert seen == [there] * 20


@pytest.mark.parametrize("client", ["tablet", "kiosk"])
def test_a_finger_meets_what_is_made_in_its_place(client: str, tmp_path: Path) -> None:
    """Neither it presses what has not come to its place yet, nor misses what is there in the same frame."""
    assert said_by("touched_early", tmp_path, client, size=(640, 480)) == ["nothing", "Here"]
