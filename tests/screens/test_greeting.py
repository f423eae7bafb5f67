"""Screens greet in the language that the shop names first."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.processes import ROOT, clean_environment
from tests.screens.display import Display
from tests.screens.tablet import DRAWN

PATIENCE = 120
"""Seconds for one program."""

pytestmark = pytest.mark.xdist_group("look")


def test_screens_speak_what_the_shop_speaks_first_and_never_change_under_somebodys_eyes(tmp_path: Path) -> None:
    """Whoever began is spoken to as they began; whoever comes next hears the shop's language, unless one was given."""
    with Display(1080, 1920, tmp_path / "display.log") as display:
        done = subprocess.run(
            [sys.executable, "-m", "tests.screens.greetings"],
            cwd=ROOT,
            env=clean_environment() | DRAWN | {"DISPLAY": display.name, "KIVY_NO_CONSOLELOG": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    spoken = json.loads(done.stdout.splitlines()[-1])
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
