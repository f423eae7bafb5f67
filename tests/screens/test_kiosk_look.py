"""How the kiosk looks, measured on every screen and state: contrast, touch targets, letters, words that fit."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.processes import ROOT, clean_environment
from tests.screens.display import Display
from tests.screens.tablet import DRAWN

PATIENCE = 500
"""Seconds for all screens of one window."""
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
    with Display(width, height, tmp_path / "display.log") as display:
        done = subprocess.run(
            [sys.executable, "-m", "tests.screens.kiosk_scenes", *arguments],
            cwd=ROOT,
            env=clean_environment() | DRAWN | {"DISPLAY": display.name, "KIVY_NO_CONSOLELOG": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    assert len(found) >= FEWEST
    assert {scene: faults for scene, faults in found.items() if faults} == {}
