"""The demo where there is no display: the card that stands in a table is seen on the tablet, too."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.processes import ROOT, clean_environment
from tests.screens.shop import SHOP

LONGEST = 120
DISPLAYS = {"DISPLAY", "WAYLAND_DISPLAY"}


def demo(folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the demo in a folder, without a display unless one is given."""
    kept = {name: value for name, value in clean_environment().items() if name not in DISPLAYS}
    return subprocess.run(
        [sys.executable, "-m", "server", "demo", "--shop", str(SHOP)],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )


def test_the_tablet_is_shown_in_a_picture(tmp_path: Path) -> None:
    """The demo scans the card by keys at the tablet's window, and says where the picture of it is."""
    done = demo(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Lucía García Muñoz" in done.stdout
    assert "var/demo/tablet.png" in done.stdout
    picture = (tmp_path / "var" / "demo" / "tablet.png").read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (1280, 800)


@pytest.mark.parametrize("display", [":nowhere"])
def test_a_tablet_that_cannot_open_its_window_is_told(tmp_path: Path, display: str) -> None:
    """Where the tablet fails the demo does, in one sentence that names the file with the reason."""
    done = demo(tmp_path, DISPLAY=display, SDL_VIDEODRIVER="x11", PATH=os.environ["PATH"])
    assert done.returncode == 1
    assert "the tablet ended with exit status" in done.stderr
    assert (tmp_path / "var" / "demo" / "tablet.log").stat().st_size
