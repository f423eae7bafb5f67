"""The demo: a small shop, a real server, a card that is scanned over HTTP."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec
from rich.console import Console

from server.wire.lookup import ScanAnswer

SHOP = Path(__file__).parent.parent / "fixtures" / "shop"
CARD = "2900000200012"
STORE = "GV"
PATIENCE = 20.0
"""Seconds that the server may take to start."""


class DemoError(Exception):
    """The demo cannot run; the message says what is missing."""


def run_demo(shop: Path | None, card: str | None, console: Console, show: Callable[[ScanAnswer], None]) -> None:
    """Load a folder of records and a catalogue into a fresh database, serve it, and scan a card.

    Raises:
        DemoError: the folder holds no shop, or a step failed.
    """
    folder = shop or SHOP
    records = sorted(folder.glob("*.ndjson"))
    if not records:
        raise DemoError(f"{folder} holds no records (*.ndjson): give the demo shop's folder with --shop")
    var = Path("var")
    var.mkdir(exist_ok=True)
    database = var / "demo.db"
    for ending in ("", "-wal", "-shm"):
        Path(f"{database}{ending}").unlink(missing_ok=True)
    environ = {**os.environ, "MOSTRADOR_DATABASE": f"sqlite:///{database}"}
    if (folder / "catalog.tsv").exists():
        _run(environ, "catalog", "sync", str(folder / "catalog.tsv"), "--source", "web:demo")
    _run(environ, "import", *map(str, records))
    port = _free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "server", "serve", "--port", str(port)], env=environ, stderr=subprocess.PIPE, text=True
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            _wait(client, server)
            console.print(
                f"The server runs at http://127.0.0.1:{port}. Scanning card {card or CARD} in store {STORE}:\n"
            )
            answer = client.post("/v1/scan", json={"code": card or CARD, "store": STORE})
    finally:
        server.terminate()
        server.communicate()
    if answer.status_code != httpx.codes.OK:
        raise DemoError(answer.json()["detail"])
    show(msgspec.json.decode(answer.content, type=ScanAnswer))
    console.print(
        f"\nThe shop stays in {database}. Look around in it:\n"
        f"MOSTRADOR_DATABASE=sqlite:///{database} .venv/bin/mostrador search garcia",
        style="bright_black",
    )


def _run(environ: dict[str, str], *arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "server", *arguments], env=environ, check=False)
    if done.returncode != 0:
        raise DemoError(f"mostrador {arguments[0]} failed with exit status {done.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(client: httpx.Client, server: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise DemoError(f"the server ended with exit status {server.returncode}: {server.communicate()[1]}")
        try:
            if client.get("/health/ready").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise DemoError(f"the server was not ready within {PATIENCE:.0f} seconds")
