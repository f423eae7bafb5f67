"""Screens greet in the language that the shop names first."""

from pathlib import Path

import pytest

from tests.screens.drawn import said_by

pytestmark = pytest.mark.xdist_group("look")


def test_screens_speak_what_the_shop_speaks_first_and_never_change_under_somebodys_eyes(tmp_path: Path) -> None:
    """Whoever began is spoken to as they began; whoever comes next hears the shop's language, unless one was given."""
    spoken = said_by("greetings", tmp_path)
    assert spoken["kiosk"] == {
        "before the shop was asked": "es",
        "at the welcome screen": "en",
        "chosen by a customer": "es",
        "once they went without a word": "en",
        "under the eyes of somebody who has begun": "es",
        "when they have left": "en",
        "under the eyes of somebody who has larger letters": "es",
        "where the shop's languages are not known": "es",
    }
    assert set(spoken["kiosk with a language"].values()) == {"es"}
    assert spoken["tablet"] == {"before the shop was asked": "es", "when it was": "en"}
    assert set(spoken["tablet with a language"].values()) == {"es"}
