"""`make bench`: fill a database with a chain, start the real server on it, load it, and print what came of it."""

import os
import signal
import sys
import time
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

import typer
from rich.console import Console

from tests.bench import filled, measure, report
from tests.bench.people import Chain

LEAST_CUSTOMERS = 1_000
SMALL = 50_000
"""Customers: with fewer it is tried whether all of it works, and nobody waits for exact figures."""
WIDTH = 130
"""Columns, where the output is no terminal that has a width."""
UNEVEN = 0.1
"""Share by which the bare route's rates may differ before the figures are doubtful."""


def bench(
    customers: Annotated[int, typer.Option(min=LEAST_CUSTOMERS, help="How many customers the chain has.")] = 100_000,
    orders: Annotated[int | None, typer.Option(min=0, help="How many orders; three for each customer.")] = None,
    seconds: Annotated[
        int | None, typer.Option(min=1, help=f"How long each measurement takes: 5; 2 below {SMALL:,} customers.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Folder that keeps the run's lists, logs and database; else they go.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="File that gets all figures.")] = None,
    only: Annotated[
        str, typer.Option(help=f"Only these measurements, with commas between: {', '.join(measure.NAMES)}.")
    ] = "",
) -> None:
    """Measure the server over a database that is filled from a seed, and kept in var/bench for the next run."""
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    try:
        chosen = measure.measured([name.strip() for name in only.split(",") if name.strip()])
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--only") from error
    seconds = seconds or (2 if customers < SMALL else 5)
    chain = Chain(customers, 3 * customers if orders is None else orders)
    busy = os.getloadavg()[0]
    started = time.monotonic()
    database = filled.database(chain, console)
    if keep is None:
        folder = Path(mkdtemp(prefix="run-", dir=filled.FOLDER))
    else:
        folder = keep
        folder.mkdir(parents=True, exist_ok=True)
    try:
        if not measure.free_enough(database, folder):
            console.print(f"[red]There is no room for a copy of the database in {folder}.[/]")
            raise typer.Exit(1)
        copy = measure.copy_of(database, folder)
        run = measure.Bench(chain, copy, folder, seconds, chosen, console)
        run.run()
    finally:
        if keep is None:
            _remove(folder)
    console.print(
        report.table_of(
            f"{chain.customers:,} customers, {chain.orders:,} orders, {database.stat().st_size / 1e6:,.0f} MB",
            run.rows,
            _caption(chain, run, busy),
        )
    )
    if json is not None:
        facts = {
            "customers": chain.customers,
            "orders": chain.orders,
            "seed": chain.seed,
            "database_mb": round(database.stat().st_size / 1e6, 1),
            "seconds": seconds,
            "processors": os.cpu_count(),
            "load_before": busy,
            "bare_spread": run.bare_spread,
            "searches": run.slowest,
        }
        json.write_bytes(report.as_json(facts, run.rows))
    console.print(f"[bright_black]{time.monotonic() - started:,.0f} s in all.[/]")
    if any(row.failed for row in run.rows):
        raise typer.Exit(1)


def _caption(chain: Chain, run: measure.Bench, busy: float) -> str:
    uneven = run.bare_spread > UNEVEN
    lines = [
        "a second: answers, records or commits. of bare: over the bare route of this run, by rate and by CPU time.",
        "CPU: of the server, all threads, for each answer. A search's remark is its slowest query's median.",
        f"{os.cpu_count()} processors, load {busy:.1f} before; the bare route's rates differ by {run.bare_spread:.0%}"
        + (": the machine was not even; run it again." if uneven else "."),
    ]
    if (chain.customers, chain.orders) != (report.TARGET_CUSTOMERS, report.TARGET_ORDERS):
        lines.append(
            f"The targets are meant for {report.TARGET_CUSTOMERS:,} customers and {report.TARGET_ORDERS:,} orders."
        )
    return "\n".join(lines)


def _remove(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()


def _end(number: int, _frame: object) -> None:
    """Being told to stop unwinds like an error: what was started is ended on the way out."""
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    typer.run(bench)
