"""How the tablet looks, measured on every screen and state: contrast, touch targets, words that fit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.processes import clean_environment
from tests.screens.display import Display

ROOT = Path(__file__).parents[2]
PATIENCE = 500
"""Seconds for all screens of one window; it takes some twenty."""
FEWEST = 100
"""Screens and states there are at least."""

pytestmark = pytest.mark.xdist_group("look")


def measured(folder: Path, size: str, language: str, theme: str, *more: str) -> dict[str, list[str]]:
    """What is wrong, by scene."""
    width, height = (int(side) for side in size.split("x"))
    with Display(width, height, folder / "display.log") as display:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.screens.scenes",
                "--size",
                size,
                "--language",
                language,
                "--theme",
                theme,
                *more,
            ],
            cwd=ROOT,
            env=clean_environment()
            | {
                "DISPLAY": display.name,
                "SDL_VIDEODRIVER": "x11",
                "LIBGL_ALWAYS_SOFTWARE": "1",
                "KIVY_NO_CONSOLELOG": "1",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
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
