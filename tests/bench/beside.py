"""What the counter notices of a catalogue's first night: `python -m tests.bench.beside --variants 1000000`.

A server of a small chain answers scans and puts articles into carts at a pace, in quiet and while a whole catalogue
that was sent to it is taken for the first time. The times of both stand beside each other; the longest of a cart's is
what other writes had to wait. The pace is that of a busy shop and no more: where processors have nothing left, times
tell of the queue alone.
"""

import http.client
import shutil
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from server.db.address import open_database
from server.db.engine import Connection, EngineName
from tests.bench import load, people
from tests.bench.catalogs import written
from tests.bench.filled import FOLDER
from tests.bench.load import Load, Request, Stream
from tests.bench.people import Chain
from tests.bench.processes import the_server
from tests.bench.shelves import shelf
from tests.server.given import rows
from tests.server.people import KNOWN, bearer

CHAIN = Chain(20_000, 60_000)
SCANS, CARTS = 100.0, 20.0
"""A second."""
AT_MOST = 2.0
"""Times the p99 in quiet."""
PATIENCE = 1_800.0


def beside(
    variants: Annotated[int, typer.Option(min=400, help="How many variants the catalogue has.")] = 100_000,
    seconds: Annotated[int, typer.Option(min=2, help="How long the counter is looked at, in quiet and beside.")] = 20,
    engine: Annotated[EngineName, typer.Option(help="sqlite or postgresql.")] = "sqlite",
) -> None:
    """Scan and change carts at a pace, in quiet and during a catalogue's first load."""
    console = Console(width=max(Console().width, 120))
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="beside-", dir=FOLDER))
    try:
        feed = folder / "feed.tsv"
        written(feed, variants, 0.0)
        with shelf(engine) as shelved:
            shelved.database(CHAIN, console)
            address = shelved.copy(folder)
            streams = _streams(address)
            with the_server(address, folder / "server.log") as server:
                quiet = load.run(load.paced([server.port], streams, seconds, "quiet"))
                run = _sent(server.port, feed)
                busy = load.run(load.paced([server.port], streams, seconds, "beside"))
                still = _asked(server.port, "GET", f"/v1/catalog/syncs/{run}")["state"] == "running"
                said = _ended(server.port, run)
        took = datetime.fromisoformat(said["ended_at"]) - datetime.fromisoformat(said["began_at"])
        console.print(_table(quiet, busy))
        console.print(
            f"{variants:,} variants, {engine}: {said['state']}, {said['new']:,} new, in {took.total_seconds():.1f} s, "
            f"of which {seconds} were looked at"
            + ("." if still else "; it ended before that: some of the figures are those of a quiet server.")
        )
        if any(one.failed for one in (*quiet, *busy)):
            raise typer.Exit(1)
    finally:
        shutil.rmtree(folder)


def _table(quiet: Sequence[Load], busy: Sequence[Load]) -> Table:
    table = Table(title="the counter during a catalogue's first load")
    for heading in ("what", "asked", "refused", "p50 ms", "p99 ms", "longest ms", "p99 of quiet", "aim"):
        table.add_column(heading, justify="left" if heading in {"what", "aim"} else "right", no_wrap=True)
    for name, before, during in zip(("scans", "carts"), quiet, busy, strict=True):
        for what, one, ratio, aim in (
            (f"{name}, in quiet", before, "1", ""),
            (f"{name}, beside", during, f"{during.p99_ms / before.p99_ms:.2f}", f"≤ {AT_MOST:g}"),
        ):
            times = (f"{ms:,.1f}" for ms in (one.p50_ms, one.p99_ms, one.max_ms))
            table.add_row(what, f"{one.requests:,}", f"{one.failed}", *times, ratio, aim)
    return table


def _streams(address: str) -> list[Stream]:
    """Scans of cards, and articles put into carts, each cart and card once in a while."""
    cards = [number for n in range(1, CHAIN.customers) if (number := people.card(CHAIN, n)) is not None]
    with closing(open_database(address)) as database:
        found = database.read_now(_carts)
    scans = [Request("POST", "/v1/scan", msgspec.json.encode({"code": card, "store": "GV"})) for card in cards]
    carts = [Request("POST", f"/v1/carts/{cart_id}/lines", msgspec.json.encode({"sku": sku})) for cart_id, sku in found]
    rng = Random(5)
    rng.shuffle(scans)
    rng.shuffle(carts)
    return [Stream(scans, SCANS), Stream(carts, CARTS)]


def _carts(conn: Connection) -> list[tuple[int, str]]:
    """Open carts of somebody, each with an article that lies in it."""
    found = rows(
        conn,
        "SELECT c.id, min(l.sku) FROM carts c JOIN cart_lines l ON l.customer_id = c.customer_id AND l.cart_id = c.id"
        " JOIN variants v ON v.sku = l.sku WHERE c.status = 'open' AND c.customer_id > 0 GROUP BY c.id",
    )
    return [(cart_id, sku) for cart_id, sku in found]


def _sent(port: int, feed: Path) -> int:
    """Send a catalogue; the number of the run that takes it from here on."""
    with feed.open("rb") as body:
        size = {"Content-Length": str(feed.stat().st_size)}
        run_id: int = _asked(port, "POST", "/v1/catalog/syncs?source=bench", body, size)["id"]
    return run_id


def _ended(port: int, run_id: int) -> dict[str, Any]:
    """A run, once it has ended.

    Raises:
        RuntimeError: it did not.
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        run: dict[str, Any] = _asked(port, "GET", f"/v1/catalog/syncs/{run_id}")
        if run["state"] != "running":
            return run
        time.sleep(0.2)
    raise RuntimeError(f"run {run_id} did not end within {PATIENCE:.0f} s")


def _asked(port: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    with closing(connection):
        connection.request(method, path, body, bearer(KNOWN.sync) | (headers or {}))
        answer = connection.getresponse()
        said = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path} was answered with {answer.status} {said[:300]!r}")
        return msgspec.json.decode(said)


if __name__ == "__main__":
    typer.run(beside)
