"""Commands run in this process, each in an environment of its own."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from server import cli
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


def run_in(folder: Path, *arguments: str, stdin: bytes | None = None, **environ: str) -> Ended:
    """Run a command in this process, in an environment with no other settings than these."""
    clean: dict[str, str | None] = {name: None for name in os.environ if name.startswith("MOSTRADOR_")}
    settings = {"MOSTRADOR_DATABASE": f"sqlite:///{folder / 'shop.db'}", "COLUMNS": "200", "LC_ALL": "en_US.UTF-8"}
    settings |= {
        "MOSTRADOR_SECRET_FILE": str(folder / "mostrador.secret"),
        "MOSTRADOR_AUDIT_HEADS": str(folder / "mostrador.heads"),
    }
    ended = CliRunner().invoke(cli.app, list(arguments), input=stdin, env={**clean, **settings, **environ})
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return Ended(ended.exit_code, ended.stdout, ended.stderr)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run commands on a database of their own, which is not there yet."""

    def run(*arguments: str, stdin: bytes | None = None, **environ: str) -> Ended:
        return run_in(tmp_path, *arguments, stdin=stdin, **environ)

    return run


@pytest.fixture(scope="module")
def shop_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small shop's records, and a database that they were imported into."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.ndjson").write_bytes(ndjson())
    assert run_in(folder, "import", str(folder / "shop.ndjson")).status == 0
    return folder


@pytest.fixture
def shop(shop_folder: Path) -> Run:
    """Ask the small shop: commands that change nothing."""

    def run(*arguments: str, **environ: str) -> Ended:
        return run_in(shop_folder, *arguments, **environ)

    return run
