"""The command line of the tablet: what it hands on, and what it refuses in words."""

import io
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner

from kiosk import cli
from kiosk.scan.wedge import Scanned, Wedge
from kiosk.theme import Theme
from kiosk.words import Words, languages


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the tablet was started with; it opens no window."""
    calls: list[tuple[Any, ...]] = []

    async def run(*arguments: Any) -> None:
        calls.append(arguments)

    app, rehearsal = ModuleType("kiosk.app"), ModuleType("kiosk.rehearsal")
    monkeypatch.setattr(app, "run_tablet", run, raising=False)
    monkeypatch.setattr(app, "run_gallery", run, raising=False)
    monkeypatch.setattr(rehearsal, "RehearsalError", RuntimeError, raising=False)
    monkeypatch.setitem(sys.modules, "kiosk.app", app)
    monkeypatch.setitem(sys.modules, "kiosk.rehearsal", rehearsal)
    monkeypatch.setenv("DISPLAY", ":nowhere")
    monkeypatch.setattr(cli, "prepare_kivy", lambda width, height: Path(f"{width}x{height}"))
    return calls


def test_a_scanner_s_settings_reach_the_wedge(started: list[tuple[Any, ...]]) -> None:
    """What a scanner puts around a code is taken off it."""
    ended = CliRunner().invoke(cli.app, ["--prefix", "~", "--suffix", "#"])
    assert ended.exit_code == 0, ended.output
    ((*_, wedge, _scan, _picture, _follows),) = started
    assert isinstance(wedge, Wedge)
    for number, key in enumerate("~2900000200012#"):
        wedge.key(key, number / 100, number / 100)
    assert wedge.end("\n", 0.15, 0.15) == [Scanned("2900000200012")]


@pytest.mark.parametrize(("arguments", "moves"), [([], True), (["--reduce-motion"], False)])
def test_whoever_cannot_bear_motion_has_none(started: list[tuple[Any, ...]], arguments: list[str], moves: bool) -> None:
    """The theme says how long what moves takes: no time, where nothing may."""
    ended = CliRunner().invoke(cli.app, arguments)
    assert ended.exit_code == 0, ended.output
    (theme,) = (one for one in started[0] if isinstance(one, Theme))
    assert (theme.motion > 0) == moves


@pytest.mark.parametrize(("arguments", "language", "follows"), [([], "es", True), (["--language", "es"], "es", False)])
def test_the_shop_says_what_is_spoken_where_nobody_else_does(
    started: list[tuple[Any, ...]], arguments: list[str], language: str, follows: bool
) -> None:
    """A language that was given stays; without one it is Spanish until the server was asked."""
    ended = CliRunner().invoke(cli.app, arguments)
    assert ended.exit_code == 0, ended.output
    (words,) = (one for one in started[0] if isinstance(one, Words))
    assert (words.language, started[0][-1]) == (language, follows)


@pytest.mark.parametrize(
    ("arguments", "environment", "tokens"),
    [
        ([], {}, (None, None)),
        (["--token", "dev_1"], {}, ("dev_1", None)),
        ([], {"MOSTRADOR_TABLET_TOKEN": "dev_1"}, ("dev_1", None)),
        (["--session", "ses_1"], {"MOSTRADOR_TABLET_TOKEN": "dev_1"}, ("dev_1", "ses_1")),
        ([], {"MOSTRADOR_TABLET_SESSION": "ses_1"}, (None, "ses_1")),
    ],
)
def test_tokens_for_a_show(
    started: list[tuple[Any, ...]], arguments: list[str], environment: dict[str, str], tokens: tuple[str | None, ...]
) -> None:
    """A device's token and a session's reach the tablet from options or the environment; without them it enrols."""
    unset = {"MOSTRADOR_TABLET_TOKEN": None, "MOSTRADOR_TABLET_SESSION": None}
    ended = CliRunner().invoke(cli.app, arguments, env=unset | environment)
    assert ended.exit_code == 0, ended.output
    ((_server, _store, token, session, *_),) = started
    assert (token, session) == tokens


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--server", "https://mostrador.example"],
        ["--server", "http://[::1]:8600/"],
        ["--language", "en", "--theme", "dark"],
        ["--size", "600x600"],
        ["--size", "800x1280"],
        ["--gallery"],
    ],
)
def test_what_is_well_is_started(started: list[tuple[Any, ...]], arguments: list[str]) -> None:
    """Every usual set of options starts the tablet once."""
    ended = CliRunner().invoke(cli.app, arguments)
    assert (ended.exit_code, len(started)) == (0, 1), ended.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--language", "xx"], ["--language", *languages()]),
        (["--language", "../es"], ["--language", *languages()]),
        (["--theme", "pink"], ["--theme", "light", "dark"]),
        (["--server", "mostrador:8600"], ["--server", "http://"]),
        (["--server", "ftp://mostrador"], ["--server", "http://"]),
        (["--server", "http://"], ["--server", "http://"]),
        (["--server", "http://mostrador:many"], ["--server", "http://"]),
        (["--server", "http://mostrador:0"], ["--server", "http://"]),
        (["--server", "http://[::1"], ["--server", "http://"]),
        (["--server", ""], ["--server", "http://"]),
        (["--size", "599x800"], ["--size", "600"]),
        (["--size", "800x599"], ["--size", "600"]),
        (["--size", "800"], ["--size", "1280x800"]),
        (["--size", "wide"], ["--size", "1280x800"]),
        (["--size", "²²²²x800"], ["--size", "1280x800"]),
        (["--picture", "a.png"], ["--picture", "--scan"]),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    started: list[tuple[Any, ...]], arguments: list[str], words: list[str]
) -> None:
    """An option that cannot be is named, with what may stand there instead, and nothing is started."""
    ended = CliRunner().invoke(cli.app, arguments, env={"COLUMNS": "200", "TERM": "dumb"})
    assert (ended.exit_code, started) == (2, [])
    assert [word for word in words if word not in ended.output] == []


def test_what_went_wrong_is_said_beside_kivys_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kivy takes the place of standard error, with something that no text can be written to."""
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", ModuleType("kivy"))
    monkeypatch.setattr(sys, "__stderr__", said)
    cli.complain("mostrador-tablet: the scan was not answered")
    assert said.getvalue() == "mostrador-tablet: the scan was not answered\n"
