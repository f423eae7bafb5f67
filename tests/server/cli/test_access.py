"""The first run, people and devices at a terminal."""

import io
import os
import pty
import re
import select
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from server.access.pins import is_pin
from server.db.sqlite import SqliteDatabase
from server.keys import keys_of, read_keys
from server.settings import Settings
from server.wire.access import Device, Enrolment, StaffMember
from tests.server.cli.conftest import ROOT, Ended, Run
from tests.server.given import KEYS, SECRET, rows, store
from tests.server.people import enrolled
from tests.server.small_shop import ndjson
from tests.waiting import PATIENCE

FIRST = ("init", "--manager", "Marta", "--store", "GV")


@pytest.fixture
def call(call: Run) -> Run:
    """Commands of an installation whose secret is in a file, beside SQLite's."""

    def run(*arguments: str, stdin: bytes | None = None, **environ: str) -> Ended:
        return call(*arguments, stdin=stdin, **{"MOSTRADOR_SECRET": None, **environ})

    return run


def settings_of(folder: Path) -> Settings:
    """The settings of a shop in a folder."""
    return Settings(database=f"sqlite:///{folder / 'shop.db'}")


def test_the_first_run_unattended(call: Run, tmp_path: Path) -> None:
    """Database, secret, manager with a PIN shown once, and a code for a tablet; a second run changes nothing."""
    first = call(*FIRST)
    assert (first.status, first.err) == (0, "")
    assert "Marta's PIN is " in first.out
    assert "To enrol Tablet 1, type or scan this on it within 15 minutes: " in first.out
    secret = tmp_path / "mostrador.secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert len(bytes.fromhex(secret.read_text("ascii").strip())) == 32
    before = secret.read_bytes()
    again = call(*FIRST)
    assert (again.status, "PIN" in again.out) == (0, False)
    assert secret.read_bytes() == before
    assert [one["name"] for one in call("staff", "list", "--json").json] == ["Marta"]


def test_the_first_run_in_json(call: Run, tmp_path: Path) -> None:
    """Programs are told the same; the PIN is the manager's, and the code enrols."""
    told = call(*FIRST, "--json").json
    member, enrolment = (msgspec.convert(told[name], type_) for name, type_ in FIRST_MADE)
    assert (member.role, member.stores, told["secret_made"]) == ("manager", ("GV",), True)
    assert enrolment.qr.startswith("mostrador:enrol?server=http%3A%2F%2F127.0.0.1%3A8600&code=")
    database = SqliteDatabase(tmp_path / "shop.db")
    kept = database.read_now(rows, "SELECT pin_hash FROM staff")[0][0]
    database.close()
    assert is_pin(read_keys(settings_of(tmp_path)).pins, kept, told["pin"])


FIRST_MADE = (("manager", StaffMember), ("enrolment", Enrolment))


def test_the_managers_pin_from_standard_input(run: Run) -> None:
    """It is taken, and not shown."""
    ended = run(*FIRST, "--pin-stdin", stdin=b"90817\n")
    assert (ended.status, "90817" in ended.out) == (0, False)


@pytest.mark.parametrize("pin", ["", "123", "1234", "0000", "999999", "12 34", "abcd", "1" * 13])
def test_a_pin_that_anybody_tries_is_refused(run: Run, pin: str) -> None:
    """So is one that is none: a sentence, status 1, and nobody is added."""
    assert run("init").status == 0
    ended = run("staff", "add", "Ana", "--store", "GV", "--pin-stdin", stdin=pin.encode() + b"\n")
    assert (ended.status, ended.out) == (1, "")
    assert "PIN" in ended.err
    assert run("staff", "list", "--json").json == []


def test_a_manager_needs_a_store(run: Run) -> None:
    """Without a store nobody could enrol a tablet: a wrong call, and nothing is begun."""
    ended = run("init", "--manager", "Marta")
    assert ended.status == 2
    assert "--store" in ended.err


def test_asked_at_a_terminal(tmp_path: Path) -> None:
    """Name and store are asked for, the PIN twice and unseen; the code is drawn as a QR."""
    ours, theirs = pty.openpty()
    environ = {"PATH": os.environ["PATH"], "MOSTRADOR_DATABASE": f"sqlite:///{tmp_path / 'shop.db'}", "COLUMNS": "200"}
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "server", "init"],
        cwd=ROOT,
        env=environ,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        # Whoever runs the tests at a terminal of their own is not asked there.
        start_new_session=True,
    ) as process:
        os.close(theirs)
        shown = b""
        answers = [(b"first manager", b"Marta"), (b"store", b"GV"), (b"PIN, 4", b"90817"), (b"epeat", b"90817")]
        with io.FileIO(ours, "r+") as terminal:
            try:
                while select.select([terminal], [], [], PATIENCE)[0] and (part := terminal.read(4096)):
                    shown += part
                    # Only now is what is typed unseen, and nothing of it thrown away.
                    if answers and answers[0][0] in shown and shown.endswith(b": "):
                        shown = shown.partition(answers[0][0])[2]
                        terminal.write(answers.pop(0)[1] + b"\n")
            except OSError:  # how a terminal ends whose last program has gone
                pass
            else:
                process.kill()
    assert (process.returncode, answers) == (0, [])
    assert b"90817" not in shown
    assert "▀".encode() in shown or "▄".encode() in shown


def test_people_come_and_go(run: Run) -> None:
    """They are added with their stores, listed, given another PIN, moved, and removed."""
    run(*FIRST)
    added = run("staff", "add", "Ana", "-s", "GV", "-s", "SE", "--pin-stdin", "--json", stdin=b"4826\n").json
    assert (added["role"], added["stores"]) == ("associate", ["GV", "SE"])
    number = str(added["id"])
    assert "Ana" in run("staff", "list").out
    assert "another PIN" in run("staff", "pin", number, "--pin-stdin", stdin=b"90817\n").out
    assert "Ana works in SE." in run("staff", "stores", number, "SE").out
    assert run("staff", "remove", number).status == 0
    assert [one["name"] for one in run("staff", "list", "--json").json] == ["Marta"]
    gone = run("staff", "remove", number)
    assert (gone.status, gone.out) == (1, "")


def test_the_last_manager_stays(run: Run) -> None:
    """With them nobody could let anybody in: the word says what to do first, and then they may go."""
    run(*FIRST)
    marta = str(run("staff", "list", "--json").json[0]["id"])
    last = run("staff", "remove", marta)
    assert (last.status, last.out) == (1, "")
    assert "Without Marta nobody could enrol devices or add people" in last.err
    assert [one["name"] for one in run("staff", "list", "--json").json] == ["Marta"]
    run("staff", "add", "Ana", "--store", "GV", "--pin-stdin", stdin=b"4826\n")
    assert run("staff", "remove", marta).status == 1
    run("staff", "add", "Hugo", "--role", "hq", "--pin-stdin", stdin=b"4826\n")
    assert run("staff", "remove", marta).status == 0
    assert [one["name"] for one in run("staff", "list", "--json").json] == ["Ana", "Hugo"]


@pytest.mark.parametrize(
    "command",
    [
        "devices enrol tablet|",
        "devices enrol tablet|" + "x" * 300,
        "staff add|" + "x" * 300,
    ],
)
def test_a_name_that_is_none_is_refused_as_over_http(run: Run, command: str) -> None:
    """What the doors refuse, commands refuse: nothing, and whole books."""
    run("init", "--json")
    words, _, name = command.partition("|")
    said = run(*words.split(), name, "--store", "GV", *(["--pin-stdin"] if "staff" in words else []), stdin=b"7391\n")
    assert said.status == 1
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    "words", ["devices revoke", "staff remove", "staff pin", "audit show --customer", "audit show --staff"]
)
def test_a_number_beyond_all_numbers_is_refused(run: Run, words: str) -> None:
    """What no database can number is told by its range, in words."""
    run("init", "--json")
    said = run(*words.split(), str(2**63))
    assert said.status == 2
    assert "9223372036854775807" in said.err


def test_devices_come_and_go(call: Run, tmp_path: Path) -> None:
    """A code is made, its device is listed once it is enrolled, and revoked."""
    call("init")
    assert "mostrador devices enrol KIND NAME" in call("devices", "list").out
    made = msgspec.convert(call("devices", "enrol", "till", "Till 1", "-s", "GV", "--json").json, Enrolment)
    assert (made.kind, made.name, made.store) == ("till", "Till 1", "GV")
    program = call("devices", "enrol", "sync", "Nightly").out
    assert re.search(r'POST /v1/devices with \{"code": "\w{5}-\w{5}"\}', program), program
    assert "scan" not in program
    database = SqliteDatabase(tmp_path / "shop.db")
    device = database.write_now(enrolled, "till", keys=read_keys(settings_of(tmp_path)))
    database.close()
    assert "A till" in call("devices", "list").out
    assert call("devices", "revoke", str(device.device_id)).status == 0
    (listed,) = msgspec.convert(call("devices", "list", "--json").json, list[Device])
    assert listed.revoked_at is not None
    needs = call("devices", "enrol", "tablet", "Tablet")
    assert (needs.status, "say in which with --store CODE" in needs.err) == (1, True)
    assert call("devices", "enrol", "tablet", "Tablet", "--json").json["path"] == "$.store"


@pytest.mark.parametrize(
    ("words", "lists"),
    [
        ("staff pin 99", "mostrador staff list"),
        ("staff stores 99 GV", "mostrador staff list"),
        ("staff remove 99", "mostrador staff list"),
        ("devices revoke 99", "mostrador devices list"),
        ("customer export 99", "mostrador search"),
        ("customer erase 99", "mostrador search"),
        ("customer erase 99 --yes", "mostrador search"),
    ],
)
def test_a_number_that_nobody_has_is_told_with_where_it_stands(run: Run, words: str, lists: str) -> None:
    """Whoever sits at a terminal is told the command that lists them, before anything is asked."""
    run(*FIRST)
    ended = run(*words.split())
    assert (ended.status, ended.out) == (1, "")
    assert "this number" in ended.err
    assert lists in ended.err
    assert "Erase" not in ended.err


def test_a_store_that_nobody_told_of_is_named(call: Run) -> None:
    """It may come with the records, so it is taken; a mistyped one is told from those that are known."""
    call(*FIRST)
    call("import", "-", stdin=ndjson([store(code="GV"), store(code="SA")]))
    for words in ("devices enrol tablet Front --store GW", "staff add Ana --store GW --pin-stdin", "staff stores 1 GW"):
        ended = call(*words.split(), stdin=b"7391\n")
        assert (ended.status, ended.err.count("There is no store GW yet")) == (0, 1), words
        assert "known: GV, SA." in ended.err
    assert call(*["devices", "enrol", "tablet", "Front", "--store", "GV"]).err == ""


def test_a_pin_is_not_asked_where_nobody_is(call: Run) -> None:
    """A script is told how to give it; nothing is made."""
    call(*FIRST)
    ended = call("staff", "add", "Ana", "--store", "GV", stdin=b"")
    assert (ended.status, ended.out) == (1, "")
    assert "--pin-stdin" in ended.err
    assert "Ana" not in call("staff", "list").out


def test_a_manager_who_is_not_added_is_told(call: Run) -> None:
    """A shop has its first once; whoever asks for another learns how."""
    call(*FIRST)
    again = call(*FIRST)
    assert again.status == 0
    assert "was not added" in again.out
    assert "mostrador staff add" in again.out


def test_a_secret_that_is_missing_is_not_made_anew(call: Run, tmp_path: Path) -> None:
    """Where there are people, a new secret would shut all of them out: it says to bring the old one back."""
    call(*FIRST)
    (tmp_path / "mostrador.secret").rename(tmp_path / "elsewhere")
    for command in (("init",), ("serve",), ("devices", "enrol", "sync", "Nightly")):
        ended = call(*command)
        assert (ended.status, ended.out) == (2, "")
        assert "bring its own back" in ended.err
    assert call("init", MOSTRADOR_SECRET_FILE=str(tmp_path / "elsewhere")).status == 0


@pytest.mark.parametrize("content", [b"", b"short", b"5e" * 31, b"\xff" * 64, b"x" * 64])
def test_a_secret_that_is_none_is_told(call: Run, tmp_path: Path, content: bytes) -> None:
    """With its file's name, and without a sign of what is in it."""
    call("init")
    (tmp_path / "mostrador.secret").write_bytes(content)
    ended = call("devices", "enrol", "sync", "Nightly")
    assert ended.status == 2
    assert "mostrador.secret" in ended.err
    assert not content or content.decode("latin-1") not in ended.err


def test_the_secret_of_the_environment(call: Run, tmp_path: Path) -> None:
    """It counts without a file, and no command shows it, nor does what is said of a wrong one."""
    call(*FIRST, MOSTRADOR_SECRET=SECRET)
    assert not (tmp_path / "mostrador.secret").exists()
    assert read_keys(Settings(secret=SECRET)) == KEYS
    for arguments in (("settings",), ("settings", "--json")):
        shown = call(*arguments, MOSTRADOR_SECRET=SECRET)
        assert (shown.status, SECRET in shown.out, "***" in shown.out) == (0, False, True)
    wrong = call("settings", MOSTRADOR_SECRET=SECRET[:-2])
    assert (wrong.status, SECRET[:-2] in wrong.err) == (2, False)
    assert "MOSTRADOR_SECRET cannot be taken: Expected 64 hexadecimal digits or more" in wrong.err


def test_keys_are_apart() -> None:
    """Each purpose has a key of its own, another secret has others, and no key is shown where they are printed."""
    one, other = KEYS, keys_of(bytes(32))
    values = [
        getattr(keys, name) for keys in (one, other) for name in ("pins", "codes", "tokens", "audit", "tombstones")
    ]
    assert len(set(values)) == 10
    assert repr(one) == "Keys()"
