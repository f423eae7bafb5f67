"""How the kiosk looks, measured on every screen and state: contrast, touch targets, letters, words that fit."""

from pathlib import Path

import pytest

from tests.screens.drawn import said_by

FEWEST = 40
"""Screens and states there are at least."""

pytestmark = pytest.mark.xdist_group("look")


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [
        ("1080x1920", "es", "normal"),
        ("1920x1080", "en", "normal"),
        ("1080x1920", "en", "large"),
        ("1920x1080", "es", "large"),
    ],
)
def test_every_screen_can_be_read_and_touched(tmp_path: Path, size: str, language: str, theme: str) -> None:
    """Text stands out from its ground and fits, nothing is under 18 sp, and what can be touched is 72 dp at least."""
    width, height = (int(side) for side in size.split("x"))
    arguments = ["--size", size, "--language", language, "--theme", theme]
    found: dict[str, list[str]] = said_by("kiosk_scenes", tmp_path, *arguments, size=(width, height))
    assert len(found) >= FEWEST
    assert {scene: faults for scene, faults in found.items() if faults} == {}
