"""How long a customer waits on the way from the phone to the till: `python -m tests.bench.walk`.

The walk of `tests.e2e.walk`, again and again: a window under Xvfb (drawn by the processor, as on no kiosk), the demo
shop's server behind a relay that notes when it had answered, Chromium at the till; all of them on this machine.
"""

import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from server.db.engine import EngineName
from tests.bench.report import Row, Target, as_json, judge, table_of
from tests.bench.shelves import OPTIONS
from tests.bench.tablet import row_of_times
from tests.cluster import cluster
from tests.e2e.till import browser
from tests.e2e.walk import STEPS, store, walk

WIDTH = 130
TARGETS = {"identified": Target("p99", "≤", 1_000, " ms"), "goodbye": Target("p99", "≤", 500, " ms")}


def bench(
    times: Annotated[int, typer.Option(min=1, help="How many walks.")] = 50,
    engine: Annotated[
        EngineName, typer.Option(help="The database: a file, or a PostgreSQL of the bench's own.")
    ] = "sqlite",
    json: Annotated[Path | None, typer.Option(help="File that gets all figures.")] = None,
) -> None:
    """Measure the way of a cart from the phone through the kiosk to the till, step by step."""
    console, busy, started = Console(width=WIDTH), os.getloadavg()[0], time.monotonic()
    with (
        TemporaryDirectory(prefix="mostrador-") as work,
        database(engine, Path(work)) as address,
        browser() as chromium,
        store(address, Path(work), chromium) as shop,
    ):
        walks = [walk(shop, number, Path(work), look=False) for number in range(times)]
    rows = []
    for step, name in STEPS.items():
        row = row_of_times(name, [took[step].seconds for took in walks])
        server = median(took[step].server for took in walks)
        row.remark += "" if math.isnan(server) else f"; the server took {server * 1000:,.0f} ms"
        if step in TARGETS:
            judge(row, TARGETS[step])
        rows.append(row)
    told(console, rows, engine, busy, time.monotonic() - started)
    if json is not None:
        json.write_bytes(as_json({"engine": engine, "processors": os.cpu_count(), "load_before": busy}, rows))


def told(console: Console, rows: list[Row], engine: EngineName, busy: float, seconds: float) -> None:
    """The table that people read."""
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine]
    caption = f"{os.cpu_count()} processors, load {busy:.1f} before; {seconds:,.0f} s. Drawn without a graphics card."
    console.print(table_of(f"From the phone to the till, {name}", rows, caption))


@contextmanager
def database(engine: EngineName, folder: Path) -> Iterator[str]:
    """The address of an empty database, which waits for the disk as an operator's does."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'shop.db'}"
        return
    with cluster(OPTIONS) as started:
        yield started.new()


if __name__ == "__main__":
    typer.run(bench)
