"""The example for systemd: its files are well-formed, and what they start is there."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import typer.main

from server import cli
from server.settings import Settings
from tests.test_docs import commands_of

FOLDER = Path(__file__).parents[1] / "fixtures" / "systemd"
KNOWN = {
    "Unit": {"Description", "Documentation", "After", "Wants"},
    "Service": {
        *("Type", "User", "EnvironmentFile", "Environment", "ExecStart", "Nice", "TimeoutStartSec"),
        *("NoNewPrivileges", "PrivateTmp", "ProtectSystem", "SuccessExitStatus"),
        *("WorkingDirectory", "Restart", "RestartSec"),
    },
    "Timer": {"OnCalendar", "RandomizedDelaySec", "Persistent"},
    "Install": {"WantedBy"},
}
"""What stands in which part, as systemd.unit(5), systemd.service(5), systemd.exec(5) and systemd.timer(5) have it."""


def unit(name: str) -> dict[str, dict[str, str]]:
    """The parts of a unit's file."""
    parser = configparser.ConfigParser(interpolation=None, strict=True, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((FOLDER / name).read_text("utf-8"))
    return {part: dict(parser[part]) for part in parser.sections()}


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
def test_a_unit_is_well_formed(name: str) -> None:
    """Every setting stands once, with a value, in the part to which it belongs."""
    for part, settings in unit(name).items():
        assert settings.keys() <= KNOWN[part], part
        assert all(settings.values())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """Systemd's own check of both files finds nothing, the program being there."""
    for path in FOLDER.iterdir():
        text = re.sub(r"ExecStart=\S+", f"ExecStart={shutil.which('true')}", path.read_text("utf-8"))
        (tmp_path / path.name).write_text(text, "utf-8")
    units = [str(tmp_path / path.name) for path in sorted(FOLDER.iterdir())]
    done = subprocess.run(["systemd-analyze", "verify", *units], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("name", "called"), [("mostrador", "serve"), ("mostrador-catalog", "catalog sync")])
def test_a_service_starts_a_command_that_is_there(name: str, called: str) -> None:
    """Its command and options are the program's own."""
    program, *words = shlex.split(unit(f"{name}.service")["Service"]["ExecStart"])
    assert program.endswith("/.venv/bin/mostrador")
    assert " ".join(words).startswith(called)
    command = dict(commands_of(typer.main.get_command(cli.app)))[called]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_the_catalogue_has_the_name_of_its_environment() -> None:
    """What the service says once is what its command takes."""
    service = unit("mostrador-catalog.service")["Service"]
    words = shlex.split(service["ExecStart"])
    name, _, value = service["Environment"].partition("=")
    assert (f"${{{name}}}" in words, value.startswith("https://")) == (True, True)


def test_the_timer_is_of_the_service_and_names_a_time() -> None:
    """Both have one name, and the time is a date's, an hour's and a zone's that there is."""
    timer = unit("mostrador-catalog.timer")["Timer"]
    assert (FOLDER / "mostrador-catalog.service").exists()
    day, hour, zone = timer["OnCalendar"].split(" ")
    assert (day, bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d:00", hour))) == ("*-*-*", True)
    assert ZoneInfo(zone).key == zone
    assert Settings().catalog_at is None
