"""How the tablet looks, measured on every screen and state: contrast, touch targets, words that fit."""

from pathlib import Path

import pytest

from tests.screens.drawn import said_by

FEWEST = 100
"""Screens and states there are at least."""

pytestmark = pytest.mark.xdist_group("look")


def measured(folder: Path, size: str, language: str, theme: str, *more: str) -> dict[str, list[str]]:
    """What is wrong, by scene."""
    width, height = (int(side) for side in size.split("x"))
    arguments = ["--size", size, "--language", language, "--theme", theme, *more]
    found: dict[str, list[str]] = said_by("scenes", folder, *arguments, size=(width, height))
    return found


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [
        ("1280x800", "es", "light"),
        ("1280x800", "en", "dark"),
        ("800x1280", "es", "dark"),
        ("800x1280", "en", "light"),
    ],
)
def test_every_screen_can_be_read_and_touched(tmp_path: Path, size: str, language: str, theme: str) -> None:
    """Text stands out from its ground, fits its box and stands on no other; what can be touched is 56 dp at least."""
    found = measured(tmp_path, size, language, theme)
    assert len(found) >= FEWEST
    assert {scene: faults for scene, faults in found.items() if faults} == {}


def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    """A sheet with one fault of each kind: each is named, so that the silence of the test above means something."""
    (found,) = measured(tmp_path, "640x480", "en", "light", "--faulty").values()
    for fault in (
        "pale",
        "is cut",
        "takes",
        "can be touched on",
        "reaches out of",
        "says nothing",
        "stands on",
        "begin at",
    ):
        assert any(fault in words for words in found), (fault, found)
