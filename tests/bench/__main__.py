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

from server.db.engine import EngineName
from tests.bench import filled, measure, report
from tests.bench.people import Chain
from tests.bench.shelves import Shelf, shelf

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
    engine: Annotated[
        EngineName, typer.Option(help="The database: a file, or a PostgreSQL of the bench's own.")
    ] = "sqlite",
    servers: Annotated[
        int, typer.Option(min=1, max=2, help="Server processes on the same database, which share the load.")
    ] = 1,
    keep: Annotated[
        Path | None,
        typer.Option(help="Folder that keeps the run's lists and logs, and SQLite's database; else they go."),
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
    filled.FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="run-", dir=filled.FOLDER)) if keep is None else keep
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with shelf(engine) as shelved:
            megabytes = shelved.database(chain, console)
            run = _measured(chain, shelved, folder, seconds, chosen, console, servers)
    except BlockingIOError as error:
        console.print("[red]Another bench uses the kept databases: wait until it has ended.[/]")
        raise typer.Exit(1) from error
    finally:
        if keep is None:
            _remove(folder)
    console.print(
        report.table_of(
            f"{chain.customers:,} customers, {chain.orders:,} orders, {megabytes:,.0f} MB; {_setup(engine, servers)}",
            run.rows,
            _caption(chain, run, busy),
        )
    )
    if json is not None:
        facts = {
            "engine": engine,
            "servers": servers,
            "customers": chain.customers,
            "orders": chain.orders,
            "seed": chain.seed,
            "database_mb": round(megabytes, 1),
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


def _measured(
    chain: Chain,
    shelved: Shelf,
    folder: Path,
    seconds: int,
    chosen: frozenset[str],
    console: Console,
    servers: int,
) -> measure.Bench:
    """A run over a copy."""
    if not shelved.has_room(folder):
        console.print(f"[red]There is no room for a copy of the database in {shelved.place(folder)}.[/]")
        raise typer.Exit(1)
    run = measure.Bench(
        chain,
        shelved.copy(folder),
        folder,
        seconds,
        chosen,
        console,
        postgresql=shelved.processes,
        servers=servers,
    )
    run.run()
    return run


def _setup(engine: EngineName, servers: int) -> str:
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine]
    return f"{name}, {servers} server{'s' if servers > 1 else ''}"


def _caption(chain: Chain, run: measure.Bench, busy: float) -> str:
    uneven = run.bare_spread > UNEVEN
    lines = [
        "a second: answers, records or commits. of bare: over the bare route of this run, by rate and by CPU time.",
        "CPU: of the server, all threads, for each answer. A search's remark is its slowest query's median.",
        f"{os.cpu_count()} processors, load {busy:.1f} before; the bare route's rates differ by {run.bare_spread:.0%}"
        + (": the machine was not even; run it again." if uneven else "."),
    ]
    if run.servers > 1:
        lines.append(
            f"{run.servers} servers, and as many bare ones: a wrk for each at once, with its part of the connections; "
            "rates are added, percentiles are of all answers together. Who asks one by one asks them in turn."
        )
    if run.postgresql is not None:
        lines.append(
            "PostgreSQL's CPU for each answer stands in the last column. Its speeds are reported, not asked for."
        )
    elif run.servers == 1 and (chain.customers, chain.orders) != (report.TARGET_CUSTOMERS, report.TARGET_ORDERS):
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
