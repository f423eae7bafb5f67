"""The command line of the kiosk: what it hands on, and what it refuses in words."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner

from kiosk import kiosk_cli
from kiosk.words import languages


class Started:
    """What was started; no window is opened, and no program supervised."""

    def __init__(self) -> None:
        self.supervised: list[list[str]] = []
        self.ran: list[Any] = []
        self.prepared: list[dict[str, Any]] = []


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Takes the place of what opens windows."""
    told = Started()

    async def run(options: Any) -> None:
        told.ran.append(options)

    def prepare(_width: int, _height: int, program: str, **but: Any) -> Path:
        told.prepared.append(but)
        return Path(program)

    app, rehearsal = ModuleType("kiosk.self_service"), ModuleType("kiosk.rehearsal")
    app.run_kiosk, app.Options = run, dict  # type: ignore[attr-defined]
    rehearsal.RehearsalError = RuntimeError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kiosk.self_service", app)
    monkeypatch.setitem(sys.modules, "kiosk.rehearsal", rehearsal)
    supervisor = ModuleType("kiosk.standby.supervisor")
    supervisor.supervise = told.supervised.append  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kiosk.standby.supervisor", supervisor)
    monkeypatch.setenv("DISPLAY", ":nowhere")
    monkeypatch.setattr(kiosk_cli, "prepare_kivy", prepare)
    return told


def test_it_runs_under_a_supervisor(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts it starts two programs, with the options as they were given."""
    monkeypatch.setattr(sys, "argv", ["mostrador-kiosk", "--language", "en"])
    ended = CliRunner().invoke(kiosk_cli.app, ["--language", "en"])
    assert (ended.exit_code, started.supervised, started.ran) == (0, [["--language", "en"]], []), ended.output


@pytest.mark.parametrize(
    ("arguments", "guarded", "prepared"),
    [
        ([], True, {"hidden": True, "fullscreen": True}),
        (["--window"], False, {"hidden": True, "fullscreen": False}),
    ],
)
def test_a_program_with_a_seat_is_hidden_at_first(
    started: Started, arguments: list[str], guarded: bool, prepared: dict[str, Any]
) -> None:
    """One of the two shows nothing until it is told to; on the whole screen nobody closes it."""
    ended = CliRunner().invoke(kiosk_cli.app, ["--seat", "5", "--token", "dev_1", "--reduce-motion", *arguments])
    assert ended.exit_code == 0, ended.output
    (options,) = started.ran
    assert (options["seat"], options["guarded"], options["token"], options["moves"]) == (5, guarded, "dev_1", False)
    assert started.prepared == [prepared]


@pytest.mark.parametrize(("arguments", "language", "follows"), [([], "es", True), (["--language", "es"], "es", False)])
def test_the_shop_says_what_is_spoken_where_nobody_else_does(
    started: Started, arguments: list[str], language: str, follows: bool
) -> None:
    """A language that was given stays; without one it is Spanish until the server was asked."""
    ended = CliRunner().invoke(kiosk_cli.app, ["--seat", "5", *arguments])
    assert ended.exit_code == 0, ended.output
    (options,) = started.ran
    assert (options["words"].language, options["follows"]) == (language, follows)


def test_a_picture_is_taken_alone(started: Started) -> None:
    """Nobody supervises a show: it moves nothing, and takes no screen."""
    ended = CliRunner().invoke(kiosk_cli.app, ["--picture", "a.png", "--scan", "MC1.a.b"])
    assert ended.exit_code == 0, ended.output
    (options,) = started.ran
    assert (options["scan"], options["seat"], options["moves"]) == ("MC1.a.b", None, False)
    assert started.prepared == [{"hidden": False, "fullscreen": False}]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--language", "xx"], ["--language", *languages()]),
        (["--theme", "dark"], ["--theme", "normal", "large"]),
        (["--reader", "above"], ["--reader", "below"]),
        (["--server", "mostrador:8600"], ["--server", "http://"]),
        (["--size", "wide"], ["--size", "1280x800"]),
        (["--scan", "MC1.a.b"], ["--scan", "--picture"]),
    ],
)
def test_what_cannot_be_is_refused_in_words(started: Started, arguments: list[str], words: list[str]) -> None:
    """An option that cannot be is named, with what may stand there instead, and nothing is started."""
    ended = CliRunner().invoke(kiosk_cli.app, arguments, env={"COLUMNS": "200", "TERM": "dumb"})
    assert (ended.exit_code, started.ran, started.supervised) == (2, [], [])
    assert [word for word in words if word not in ended.output] == []
