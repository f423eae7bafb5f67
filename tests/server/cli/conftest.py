"""Commands run in this process, each in an environment of its own, on a database of each engine."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from server import cli
from server.db.engine import EngineName
from tests.engines import Engines
from tests.server.given import SECRET
from tests.server.small_shop import (
    ndjson,
)

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ended]


def run_on(folder: Path, address: str, *arguments: str, stdin: bytes | None = None, **environ: str) -> Ended:
    """Run a command in this process, in an environment with no other settings than these; the folder takes heads."""
    clean: dict[str, str | None] = {name: None for name in os.environ if name.startswith("MOSTRADOR_")}
    settings = {
        "MOSTRADOR_DATABASE": address,
        "MOSTRADOR_SECRET": SECRET,
        "MOSTRADOR_AUDIT_HEADS": str(folder / "shop.heads"),
        "COLUMNS": "200",
        "LC_ALL": "en_US.UTF-8",
    }
    ended = CliRunner().invoke(cli.app, list(arguments), input=stdin, env={**clean, **settings, **environ})
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return Ended(ended.exit_code, ended.stdout, ended.stderr)


def run_in(folder: Path, *arguments: str, stdin: bytes | None = None, **environ: str) -> Ended:
    """The same on a SQLite database of the folder's own."""
    return run_on(folder, f"sqlite:///{folder / 'shop.db'}", *arguments, stdin=stdin, **environ)


@pytest.fixture
def call(tmp_path: Path) -> Run:
    """Run commands that need no database, or SQLite's alone: it is not there yet."""

    def run(*arguments: str, stdin: bytes | None = None, **environ: str) -> Ended:
        return run_in(tmp_path, *arguments, stdin=stdin, **environ)

    return run


@pytest.fixture
def address(engines: Engines, engine: EngineName, tmp_path: Path) -> Iterator[str]:
    """Where a database of each engine may be, with nothing in it."""
    with engines.address(engine, tmp_path) as address:
        yield address


@pytest.fixture
def run(address: str, tmp_path: Path) -> Run:
    """Run commands on a database of their own, of each engine."""

    def run(*arguments: str, stdin: bytes | None = None, **environ: str) -> Ended:
        return run_on(tmp_path, address, *arguments, stdin=stdin, **environ)

    return run


@pytest.fixture(scope="module")
def shop_address(engines: Engines, engine: EngineName, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of each engine that the small shop was imported into."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.ndjson").write_bytes(ndjson())
    with engines.address(engine, folder) as address:
        assert run_on(folder, address, "import", str(folder / "shop.ndjson")).status == 0
        yield address


@pytest.fixture
def shop(shop_address: str, tmp_path: Path) -> Run:
    """Ask the small shop: commands that change nothing."""

    def run(*arguments: str, **environ: str) -> Ended:
        return run_on(tmp_path, shop_address, *arguments, **environ)

    return run
