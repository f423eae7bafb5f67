"""How commands are called: help, completion, wrong calls, hostile texts."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer.main
from typer.testing import CliRunner

from server import cli
from tests.server.cli.conftest import ROOT, Run
from tests.server.given import customer, order, product, store, variant, who
from tests.server.small_shop import (
    LONG_AGO,
    LUCIA_CARD,
    ndjson,
)

COMMANDS = {
    "init": ("--manager", "--store", "--pin-stdin", "--json"),
    "serve": ("--port", "--host", "MOSTRADOR_PORT"),
    "tls-certificate": ("HOST…", "--certificate", "--key"),
    "import": ("FILE…", "--json", "- is standard input"),
    "refused": ("--limit", "--json"),
    "scan": ("CODE", "--store", "--json"),
    "search": ("TEXT…", "--store", "--limit", "--json"),
    "catalog sync": ("FEED", "--source", "--format", "--accept", "--dry-run", "--no-pictures", "--json"),
    "catalog pictures": ("--json",),
    "catalog runs": ("--limit", "--json"),
    "catalog rejects": ("RUN", "--csv", "--json"),
    "stock load": ("FILE", "--store", "--as-of", "--source", "--accept", "--json"),
    "staff add": ("NAME", "--role", "--store", "--badge", "--pin-stdin", "--json"),
    "staff list": ("--json",),
    "staff pin": ("ID", "--pin-stdin"),
    "staff stores": ("ID", "STORE…"),
    "staff remove": ("ID",),
    "shops list": ("--json",),
    "shops skip": ("SOURCE", "--json"),
    "devices enrol": ("KIND", "NAME", "--store", "--json"),
    "devices list": ("--json",),
    "devices revoke": ("ID",),
    "customer export": ("ID",),
    "customer erase": ("ID", "--yes", "--json"),
    "customer readmit": ("CONTACT",),
    "retention run": ("--dry-run", "--json"),
    "audit verify": ("--heads", "--json"),
    "audit show": ("--customer", "--staff", "--device", "--since", "--limit", "--json"),
    "backup": ("FILE", "--json"),
    "move": ("FROM", "TO", "--json"),
    "demo": ("--shop", "--card", "--no-tablet", "--kiosk"),
    "settings": ("--json",),
}


def commands_of(group: Any, prefix: str = "") -> list[str]:
    """The commands of the program, those of groups with their group's name."""
    names = []
    for name, command in group.commands.items():
        names += commands_of(command, f"{prefix}{name} ") if hasattr(command, "commands") else [prefix + name]
    return names


def test_every_command_is_known_here() -> None:
    """A new command needs its place in this table."""
    assert set(commands_of(typer.main.get_command(cli.app))) == set(COMMANDS)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_names_arguments_and_options(call: Run, command: str) -> None:
    """`--help` says what the command does and names every argument and option."""
    ended = call(*command.split(), "--help")
    assert (ended.status, ended.err) == (0, "")
    words = COMMANDS[command] if command else [name.split()[0] for name in COMMANDS]
    assert [word for word in words if word.lower() not in ended.out.lower()] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan",),
        ("search",),
        ("import",),
        ("catalog", "sync"),
        ("catalog", "sync", "-", "--source", "no source"),
        ("catalog", "sync", "-", "--format", "excel"),
        ("catalog", "rejects"),
        ("catalog", "rejects", "0"),
        ("nonsense",),
        ("scan", "--nonsense", "x"),
        ("scan", "x", "y"),
        ("search", "x", "--limit", "0"),
        ("search", "x", "--limit", "51"),
        ("search", "x", "--limit", "many"),
        ("refused", "--limit", "501"),
        ("audit", "show", "--since", "yesterday"),
        ("audit", "show", "--limit", "0"),
        ("audit", "verify", "--heads", "nowhere"),
        ("serve", "--port", "70000"),
        ("serve", "--port", "-1"),
        ("serve", "--host", "0.0.0.0"),
        ("serve", "--host", ""),
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_told(call: Run, arguments: tuple[str, ...]) -> None:
    """Status 2 and what is wrong on standard error; nothing on standard output."""
    ended = call(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.strip()
    assert "Traceback" not in ended.err


def test_the_version_is_that_of_the_package(call: Run, tmp_path: Path) -> None:
    """One line, whatever else is asked for, and whatever the settings are; nothing is made."""
    wanted = f"mostrador {tomllib.loads((ROOT / 'pyproject.toml').read_text('utf-8'))['project']['version']}\n"
    for arguments in (("--version",), ("--version", "init"), ("--version", "nonsense")):
        ended = call(*arguments, MOSTRADOR_DATABASE="nonsense")
        assert (ended.status, ended.out, ended.err) == (0, wanted, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_set_up(shell: str) -> None:
    """A script for the shell is printed that asks the program itself what may come next."""
    asked = {"_MOSTRADOR_COMPLETE": f"source_{shell}"}
    ended = CliRunner().invoke(cli.app, [], prog_name="mostrador", env=asked)
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert f"_MOSTRADOR_COMPLETE=complete_{shell}" in ended.stdout
    assert "mostrador" in ended.stdout


def test_completion_knows_the_commands() -> None:
    """What the shell's script asks is answered with the commands that begin as typed."""
    asked = {"_MOSTRADOR_COMPLETE": "complete_bash", "COMP_WORDS": "mostrador s", "COMP_CWORD": "1"}
    ended = CliRunner().invoke(cli.app, [], prog_name="mostrador", env=asked)
    assert set(ended.stdout.split()) == {"scan", "search", "serve", "settings", "shops", "staff", "stock"}


HOSTILE = "\x1b[31m[/red] [bold]x[/bold] :smile: \u202e\x9b31m"


def test_what_comes_from_outside_is_only_text(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    """No name, title, note or refused line can colour, move or break what a terminal shows."""
    records = [
        customer(
            "1",
            LONG_AGO,
            given_name=HOSTILE,
            family_name="Ana",
            city=HOSTILE,
            cards=(LUCIA_CARD,),
            attributes={HOSTILE: HOSTILE},
        ),
        store("GV", LONG_AGO, name=HOSTILE),
        product(
            "p",
            LONG_AGO,
            title=HOSTILE,
            brand=HOSTILE,
            category=HOSTILE,
            variants=(variant("S0", title=HOSTILE, options={"a": HOSTILE}),),
        ),
        msgspec.structs.replace(order("o", LONG_AGO, who("1"), placed=LONG_AGO), number=f"N{HOSTILE}"),
    ]
    broken = (
        json.dumps({"type": "customer", "source": HOSTILE}).encode() + b"\n" + json.dumps({"type": HOSTILE}).encode()
    )
    taken = run("import", "-", stdin=ndjson(records) + broken)
    feed = f"id\ttitle\tprice\n{HOSTILE}\tx\t{HOSTILE}\n{HOSTILE}\t\t1.00 EUR\n".encode()
    asked = [
        taken,
        run("scan", LUCIA_CARD),
        run("scan", "S0"),
        run("scan", f"N{HOSTILE}"),
        run("search", "ana"),
        run("refused"),
        run("catalog", "sync", "-", stdin=feed),
        run("import", HOSTILE),
    ]
    assert [ended.status for ended in asked] == [1, 0, 0, 0, 0, 0, 1, 2]
    for ended in asked:
        assert "[bold]x[/bold]" in ended.out + ended.err
        assert ":smile:" in ended.out + ended.err
        for command in ("\x1b", "\x9b", "\u202e"):
            assert command not in ended.out + ended.err


@pytest.mark.parametrize("without", ["litestar", "uvicorn", "biip", "kivy", "psycopg"])
def test_a_command_starts_without_what_it_has_no_use_for(without: str) -> None:
    """Completion and help come at once: nothing that takes long to import is there before it is needed."""
    asked = f"import sys, server.cli; print({without!r} in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"
