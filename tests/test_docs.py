"""What the README promises is there, and what is there stands in the README."""

import re
import shlex
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import typer.main
from babel.messages.pofile import read_po
from litestar.routes import HTTPRoute
from msgspec import json
from typer.testing import CliRunner

from server import cli
from server.app import create_app
from server.db.engine import Database
from server.settings import PREFIX, Settings, read_settings
from server.shop import Ending
from server.wire.problems import PROBLEMS
from server.wire.records import Record
from tests.server.given import KEYS, NOW, ledger

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def rows(*heads: str) -> list[list[str]]:
    """The rows of the README's table that has these heads, without the marks around code."""
    head = "| " + " | ".join(heads) + " |\n"
    assert head in README, f"README.md has no table with the heads {heads}"
    lines = README.split(head, 1)[1].splitlines()
    table = lines[1 : next((n for n, line in enumerate(lines) if not line.startswith("|")), len(lines))]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table]


def code_in(cell: str) -> list[str]:
    """What is marked as code in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def commands_of(group: Any, prefix: str = "") -> list[tuple[str, Any]]:
    """The commands of the program with their names, those of groups with their group's."""
    found: list[tuple[str, Any]] = []
    for name, command in group.commands.items():
        more = hasattr(command, "commands")
        found += commands_of(command, f"{prefix}{name} ") if more else [(prefix + name, command)]
    return found


def test_every_setting_is_told() -> None:
    """Each setting has its row with its name and default, and no row tells of a setting that is none."""
    told = {code_in(cells[0])[0]: code_in(cells[1]) for cells in rows("setting", "default", "what")}
    assert set(told) == {PREFIX + name.upper() for name in Settings.__struct_fields__}
    defaults = {name: default for name, (default, *_) in ((name, cells or [""]) for name, cells in told.items())}
    assert read_settings({name: default for name, default in defaults.items() if default}) == Settings()
    assert f"{PREFIX}CONFIG" in README


def test_every_command_is_told() -> None:
    """Each command has its row with its arguments, and no row tells of a command that is none."""
    told = {code_in(cells[0])[0] for cells in rows("command", "what")}
    commands = {
        " ".join(
            (
                "mostrador",
                name,
                *(p.metavar or p.name.upper() for p in c.params if p.param_type_name == "argument"),
            )
        )
        for name, c in commands_of(typer.main.get_command(cli.app))
    }
    assert told == commands


def test_every_problem_is_told() -> None:
    """Each code has its row with its status and what to do, and no row tells of a code that is none."""
    told = {code_in(cells[0])[0]: int(cells[1]) for cells in rows("code", "status", "what to do")}
    assert told == {code: status for code, (status, _) in PROBLEMS.items()}


def test_every_door_is_told(database: Database) -> None:
    """Each door has its row, and no row tells of a door that is none."""
    app = create_app(Settings(), database, lambda: NOW, Ending(), KEYS, ledger(database))
    doors = {
        f"{method} {route.path_format}"
        for route in app.routes
        if isinstance(route, HTTPRoute) and not route.path_format.startswith("/schema")
        for method in route.methods - {"OPTIONS"}
    }
    assert {door for cells in rows("door", "what") for door in code_in(cells[0])} == doors
    assert "/schema/openapi.json" in README


def test_every_kind_of_record_is_told() -> None:
    """All types of the union stand in the README, and the records that it shows can be taken."""
    tags = {member.__struct_config__.tag for member in Record.__args__}
    (types,) = re.findall(r"^Types: (.*?);", README, re.MULTILINE | re.DOTALL)
    assert set(code_in(types)) == tags
    (block,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    assert [json.decode(line, type=Record) for line in block.splitlines()]


def test_the_commands_it_shows_can_be_called() -> None:
    """Every call of `mostrador` in a block names a command and options that are there, and every `make` a goal."""
    calls = re.findall(r"(?:\.venv/bin/|^|&& )mostrador (.+?)(?= &&|  #| #|$)", _blocks(), re.MULTILINE)
    assert calls
    for call in calls:
        known = dict(commands_of(typer.main.get_command(cli.app)))
        words = shlex.split(call)
        name = next(n for n in (" ".join(words[:2]), words[0]) if n in known)
        options = {option for parameter in known[name].params for option in parameter.opts}
        assert {word for word in words if word.startswith("-") and word != "-"} <= options, call
    makefile = (ROOT / "Makefile").read_text("utf-8")
    goals = re.findall(r"(?:`|^)make (\w+)", README, re.MULTILINE)
    assert goals
    assert [goal for goal in goals if not re.search(rf"^{goal}:", makefile, re.MULTILINE)] == []


def _blocks() -> str:
    return "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))


def test_the_files_it_names_are_there() -> None:
    """Links and paths of the README lead somewhere."""
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    paths = re.findall(r"`((?:server|tests|fixtures|\.ci)/[^`*<…]+)`", README)
    assert [name for name in (*links, *paths) if not (ROOT / name).exists()] == []


def test_the_messages_can_be_counted() -> None:
    """What the README says counts the messages of a file of words counts them, each once."""
    (pattern, name) = re.findall(r"`grep -c '(.+?)' (\S+?\.po)`", README)[0]
    text = (ROOT / name).read_text("utf-8")
    messages = [message for message in read_po(StringIO(text), locale="es") if message.id]
    assert len(re.findall(pattern, text, re.MULTILINE)) == len(messages)


def test_every_folder_of_the_clients_is_told() -> None:
    """Each stands where the README shows the tree, once, and is the tablet's or the kiosk's as its imports are."""
    told = {
        whose: set(re.findall(r"\w+", re.sub(r"\(.*?\)", "", words, flags=re.DOTALL)))
        for whose, words in re.findall(
            r"^  (the tablet's|the kiosk's|of both) +((?:.+\n)(?: {18}.+\n)*)", README, re.MULTILINE
        )
    }
    tablet, kiosk = (
        used_by("app", "door", "verbs"),
        used_by("self_service", "desk", "standby") - {"sign_in"},  # of which the kiosk takes the clock alone
    )
    assert told == {"the tablet's": tablet - kiosk, "the kiosk's": kiosk - tablet, "of both": tablet & kiosk}
    assert set.union(*told.values()) == {file.parent.name for file in (ROOT / "kiosk").glob("*/__init__.py")}


def used_by(*modules: str) -> set[str]:
    """The folders of the clients that some modules import, and that those import in turn."""
    client, seen, coming = ROOT / "kiosk", set[str](), list(modules)
    while coming:
        name = coming.pop()
        if name not in seen:
            seen.add(name)
            files = (client / name).glob("*.py") if (client / name).is_dir() else [client / f"{name}.py"]
            for file in files:
                coming += re.findall(r"^\s*from kiosk\.(\w+)", file.read_text("utf-8"), re.MULTILINE)
    return {name for name in seen if (client / name).is_dir()}


def test_the_changelog_tells_what_is_new() -> None:
    """There is a changelog, newest first, with something under its first heading."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.match(r"# Changelog\n", text)
    first = text.split("\n## ")[1]
    assert re.search(r"^- \S", first, re.MULTILINE)


@pytest.mark.parametrize("word", ["Settings come from MOSTRADOR_*", "Exit status: 0 done, 1", "mostrador settings"])
def test_help_tells_where_settings_and_statuses_are(word: str) -> None:
    """The program's own help sends people to the settings and explains its exit statuses."""
    said = " ".join(CliRunner().invoke(cli.app, ["--help"], env={"COLUMNS": "300"}).stdout.split())
    assert word in said
