"""The demo shop in a database of its own, made once and copied."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec

from server.wire.base import timestamp
from tests.bench.processes import ROOT, clean_environment, settings_for
from tests.screens.display import PATIENCE
from tests.server.people import KNOWN, bearer

SHOP = ROOT / "fixtures" / "shop"
DATA = Path(os.environ.get("MOSTRADOR_TEST_DATA", ROOT.parent / "shared" / "data"))
"""Real shops' data, where it is at hand."""


def load_shop(database: Path | str) -> None:
    """Take the demo shop through the product's own commands."""
    command(database, "catalog", "sync", str(SHOP / "catalog.tsv"), "--source", "web:demo")
    command(database, "import", *map(str, sorted(SHOP.glob("*.ndjson"))))


def command(database: Path | str, *arguments: str) -> None:
    """Run a command of `mostrador` on a database, SQLite's file or any address.

    Raises:
        RuntimeError: it refused something.
    """
    done = subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        cwd=ROOT,
        env=clean_environment() | settings_for(database),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"mostrador {arguments[0]} failed: {done.stdout}{done.stderr}")


def tell_shop(url: str, record: dict[str, Any]) -> None:
    """Something happens at an online shop, and it tells the server so over HTTP."""
    told = {"source": "shopify:live"} | record | {"updated_at": timestamp(datetime.now(UTC))}
    answer = httpx.post(
        f"{url}/v1/records",
        content=msgspec.json.encode(told) + b"\n",
        headers=bearer(KNOWN.sync) | {"Content-Type": "application/x-ndjson"},
        timeout=PATIENCE,
    )
    answer.raise_for_status()
