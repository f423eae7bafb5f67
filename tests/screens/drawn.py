"""What programs say that draw screens on a display of their own and look at them: as JSON, on their last line."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.processes import ROOT, clean_environment
from tests.screens.display import Display
from tests.screens.tablet import DRAWN

PATIENCE = 500
"""Seconds for one program; the longest takes some twenty."""


def said_by(program: str, folder: Path, *arguments: str, size: tuple[int, int] = (1080, 1920), cwd: Path = ROOT) -> Any:
    """Run a program of `tests.screens` on a display of a size in pixels, whose log goes into a folder.

    Raises:
        AssertionError: it failed.
    """
    with Display(*size, folder / "display.log") as display:
        done = subprocess.run(
            [sys.executable, "-m", f"tests.screens.{program}", *arguments],
            cwd=cwd,
            env=clean_environment() | DRAWN | {"DISPLAY": display.name, "KIVY_NO_CONSOLELOG": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])
