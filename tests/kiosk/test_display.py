"""Where no window can be opened that is said in one sentence, before the toolkit tries."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from kiosk import cli, kiosk_cli
from kiosk.display import is_none

NOWHERE = {"DISPLAY": None, "WAYLAND_DISPLAY": None, "XDG_RUNTIME_DIR": None, "SDL_VIDEODRIVER": None}


@pytest.mark.parametrize(
    ("environment", "platform", "none"),
    [
        ({}, "linux", True),
        ({"DISPLAY": ""}, "linux", True),
        ({"DISPLAY": ":0"}, "linux", False),
        ({"WAYLAND_DISPLAY": "wayland-1"}, "linux", False),
        ({"SDL_VIDEODRIVER": "KMSDRM"}, "linux", False),
        ({"KIVY_BCM_DISPMANX_ID": "0"}, "linux", False),
        ({"KIVY_WINDOW": "egl_rpi"}, "linux", False),
        ({}, "darwin", False),
        ({}, "win32", False),
    ],
)
def test_there_is_none_where_nothing_says_that_there_is_one(
    tmp_path: Path, environment: dict[str, str], platform: str, none: bool
) -> None:
    """On Linux a display is named in the environment, or a driver that draws without one."""
    assert is_none(environment, platform, tmp_path) == none


def test_a_screen_that_is_drawn_on_without_a_session_is_one(tmp_path: Path) -> None:
    """A graphics card that we may open is a display, too, and so is Wayland where it is by default."""
    (tmp_path / "renderD128").touch()
    assert is_none({}, "linux", tmp_path)
    (tmp_path / "card0").touch()
    assert not is_none({}, "linux", tmp_path)
    (tmp_path / "card0").unlink()
    (tmp_path / "wayland-0").touch()
    assert not is_none({"XDG_RUNTIME_DIR": str(tmp_path)}, "linux", tmp_path)


@pytest.mark.parametrize(
    ("app", "name", "arguments"),
    [
        (cli.app, "mostrador-tablet", []),
        (cli.app, "mostrador-tablet", ["--gallery"]),
        (kiosk_cli.app, "mostrador-kiosk", []),
        (kiosk_cli.app, "mostrador-kiosk", ["--picture", "a.png"]),
    ],
)
def test_a_client_says_so_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, app: typer.Typer, name: str, arguments: list[str]
) -> None:
    """One sentence that names xvfb-run, and exit status 1; nothing is started."""
    said: list[str] = []
    monkeypatch.setattr("kiosk.display.CARDS", tmp_path)
    monkeypatch.setattr(cli, "complain", said.append)
    monkeypatch.setattr("sys.platform", "linux")
    ended = CliRunner().invoke(app, arguments, env=NOWHERE)
    assert ended.exit_code == 1
    (sentence,) = said
    assert sentence.startswith(f"{name}: there is no display")
    assert "xvfb-run" in sentence
