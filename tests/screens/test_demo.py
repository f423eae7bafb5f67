"""The demo where there is no display: the card that stands in a table is seen on the tablet, too."""

import json
import os
import re
import shlex
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.processes import ROOT, Running, clean_environment
from tests.overheard import require_nobody
from tests.screens.display import Display
from tests.screens.shop import SHOP
from tests.screens.tablet import Tablet
from tests.screens.test_door import types_pin
from tests.screens.test_scan import LUCIA, LUCIAS_NAME, shows

LONGEST = 120
README = (ROOT / "README.md").read_text("utf-8")
DISPLAYS = {"DISPLAY", "WAYLAND_DISPLAY"}


def demo(folder: Path, *more: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the demo in a folder, without a display unless one is given."""
    kept = {name: value for name, value in clean_environment().items() if name not in DISPLAYS}
    return subprocess.run(
        [sys.executable, "-m", "server", "demo", "--shop", str(SHOP), *more],
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


def test_the_kiosk_is_shown_in_pictures(tmp_path: Path) -> None:
    """What it shows to everybody, and what the code on a customer's phone leads to."""
    done = demo(tmp_path, "--kiosk")
    assert done.returncode == 0, done.stderr
    for name in ("kiosk", "kiosk-cart"):
        assert f"var/demo/{name}.png" in done.stdout
        picture = (tmp_path / "var" / "demo" / f"{name}.png").read_bytes()
        assert struct.unpack(">II", picture[16:24]) == (1080, 1920)


@pytest.mark.parametrize("display", [":nowhere"])
def test_a_tablet_that_cannot_open_its_window_is_told(tmp_path: Path, display: str) -> None:
    """Where the tablet fails the demo does, in one sentence that names the file with the reason."""
    done = demo(tmp_path, DISPLAY=display, SDL_VIDEODRIVER="x11", PATH=os.environ["PATH"])
    assert done.returncode == 1
    assert "ended with exit status" in done.stderr
    assert (tmp_path / "var" / "demo" / "tablet.log").stat().st_size


def readme(pattern: str) -> tuple[str, ...]:
    """What the README says, in one place."""
    (found,) = re.finditer(pattern, README, re.MULTILINE)
    return found.groups()


def test_a_shop_is_left_to_practise_on(tmp_path: Path, display: Display) -> None:
    """The README's own words: settings, a code for a tablet, a name and a PIN; then a card is scanned."""
    assert demo(tmp_path, PATH="").returncode == 0
    (said,) = readme(r"^export (MOSTRADOR_DATABASE=\S+ MOSTRADOR_SECRET_FILE=\S+)$")
    settings = dict(word.split("=", 1) for word in said.replace("var/", f"{tmp_path}/var/").split())
    (enrol,) = readme(r"^\.venv/bin/mostrador (devices enrol .+)$")
    name, pin = readme(r"sign in as (\w+) with the PIN (\d+)")
    made = subprocess.run(
        [sys.executable, "-m", "server", *shlex.split(enrol), "--json"],
        cwd=ROOT,
        env=clean_environment() | settings,
        capture_output=True,
        check=True,
    )
    code = json.loads(made.stdout)["code"]
    command = [sys.executable, "-m", "server", "serve"]
    with (
        Running(command, "/health/ready", settings, tmp_path / "server.log") as server,
        Tablet(server.url, display, tmp_path, store=None, door=True) as tablet,
    ):
        tablet.until(lambda s: s.gate == "enrol")
        tablet.hands.type(code.replace("-", "").lower())
        tablet.until(lambda s: s.code == code.replace("-", ""))
        tablet.hands.press("Return")
        tablet.touch("StaffCard", name)
        tablet.until(lambda s: s.step == "pin")
        types_pin(tablet, pin)
        tablet.until(lambda s: s.gate == "open" and s.store == "Gran Vía")
        tablet.scan(LUCIA)
        shows(tablet, LUCIAS_NAME)
        assert tablet.complaints == ""
    require_nobody((tmp_path / "server.log").read_text("utf-8"), "the server to practise on")
