"""The program as a process of its own: pipes, terminals, the demo, two at once."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

from server.db.address import open_database
from server.settings import Settings
from tests.server.cli.conftest import ROOT, Run, run_on
from tests.server.given import SECRET, customer
from tests.server.http.conftest import running
from tests.server.small_shop import (
    LONG_AGO,
    LUCIA_CARD,
    ndjson,
)


def program(folder: Path, address: str, *arguments: str, **more: Any) -> "subprocess.Popen[bytes]":
    """Start the program as a process of its own; warnings are errors there too."""
    environ = {"PATH": os.environ["PATH"], "MOSTRADOR_DATABASE": address, "COLUMNS": "200"}
    environ |= {"MOSTRADOR_SECRET": SECRET, "MOSTRADOR_AUDIT_HEADS": str(folder / "shop.heads")}
    return subprocess.Popen([sys.executable, "-W", "error", "-m", "server", *arguments], cwd=ROOT, env=environ, **more)


def test_whoever_reads_our_output_may_stop_reading(shop_address: str, tmp_path: Path) -> None:
    """With `| head` the program ends quietly when nobody listens any more: no complaint, no traceback."""
    with program(
        tmp_path,
        shop_address,
        "scan",
        LUCIA_CARD,
        "--json",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()
    assert (process.returncode, said) == (1, b"")


def test_at_a_terminal_there_is_colour_and_in_a_pipe_there_is_none(shop_address: str, tmp_path: Path) -> None:
    """What a person sees is set off by colour; a file gets plain text."""
    ours, theirs = pty.openpty()
    with program(
        tmp_path, shop_address, "search", "garcia", stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL
    ) as process:
        os.close(theirs)
        shown = b""
        with io.FileIO(ours) as terminal:
            try:
                while part := terminal.read(4096):
                    shown += part
            except OSError:  # how a terminal ends whose last program has gone
                pass
    assert process.returncode == 0
    assert b"\x1b[" in shown
    assert b"Lucia" in shown


def test_demo_serves_a_shop_and_scans_a_card(tmp_path: Path) -> None:
    """A folder of records becomes a shop; its card is scanned and shown; the shop stays, for a command to be pasted."""
    (tmp_path / "records.ndjson").write_bytes(ndjson())
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "60"}
    ended = subprocess.run(
        [sys.executable, "-m", "server", "demo", "--shop", str(tmp_path), "--card", LUCIA_CARD, "--no-tablet"],
        cwd=tmp_path,
        env=environ,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    assert "Lucia Garcia" in ended.stdout
    assert (tmp_path / "var" / "demo.db").exists()
    assert ended.stdout.splitlines()[-1].split() == [
        *("MOSTRADOR_DATABASE=sqlite:///var/demo.db", "MOSTRADOR_SECRET_FILE=var/demo.secret"),
        *(".venv/bin/mostrador", "search", "garcia"),
    ]
    assert "http://" not in ended.stdout


def test_demo_without_a_shop_is_told(call: Run, tmp_path: Path) -> None:
    """A folder without records is no shop: status 1, and what is missing."""
    ended = call("demo", "--shop", str(tmp_path))
    assert (ended.status, "holds no records (*.ndjson): give the demo shop's folder with --shop" in ended.err) == (
        1,
        True,
    )


def test_two_programs_share_the_database(shop_address: str, tmp_path: Path) -> None:
    """An import beside a server that runs waits for its turn and is seen by the server at once."""
    (tmp_path / "new.ndjson").write_bytes(ndjson([customer("new", LONG_AGO, given_name="Newcomer")]))
    database = open_database(shop_address)
    try:
        with running(database, Settings()) as house:
            assert run_on(tmp_path, shop_address, "import", str(tmp_path / "new.ndjson")).status == 0
            answer = house.client.post("/v1/customers/search", json={"text": "newcomer"})
            assert [hit["name"] for hit in answer.json()["hits"]] == ["Newcomer"]
    finally:
        database.close()
