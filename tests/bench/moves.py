"""Moves the bench's database from SQLite to PostgreSQL and back, and times it: `python -m tests.bench.moves`."""

import shutil
import time
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from server.db.move import Moved, move
from tests.bench.filled import FOLDER
from tests.bench.people import Chain
from tests.bench.shelves import SqliteShelf, shelf


def moves(
    customers: Annotated[int, typer.Option(min=1_000, help="How many customers the chain has.")] = 100_000,
    orders: Annotated[int | None, typer.Option(min=0, help="How many orders; three for each customer.")] = None,
) -> None:
    """Move a filled database there and back; every value is read back and compared on either way."""
    console = Console()
    chain = Chain(customers, 3 * customers if orders is None else orders)
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="moves-", dir=FOLDER))
    try:
        files = SqliteShelf(FOLDER)
        megabytes = files.database(chain, console)
        with shelf("postgresql") as shelved:
            middle = shelved.empty("part_moved")
            table = Table(title=f"{chain.customers:,} customers, {chain.orders:,} orders, {megabytes:,.0f} MB")
            for heading in ("move", "rows", "copying s", "verifying s", "rows/s copied"):
                table.add_column(heading, justify="left" if heading == "move" else "right")
            there = _timed(table, "SQLite to PostgreSQL", files.copy(folder), middle, console)
            back = _timed(
                table, "PostgreSQL to SQLite", middle, f"sqlite:///{(folder / 'back.db').absolute()}", console
            )
        console.print(table)
        same = there.tables == back.tables
        console.print("Rows and checksums of every table are the same." if same else "[red]The checksums differ.[/]")
        if not same:
            raise typer.Exit(1)
    finally:
        shutil.rmtree(folder)


def _timed(table: Table, name: str, source: str, target: str, console: Console) -> Moved:
    console.print(f"[bright_black]{name} …[/]")
    started = time.perf_counter()
    moved = move(source, target, lambda *_: None)
    seconds = time.perf_counter() - started
    rows = sum(part.rows for part in moved.tables)
    table.add_row(
        f"{name}, {seconds:,.0f} s in all",
        f"{rows:,}",
        f"{moved.seconds_copying:,.0f}",
        f"{moved.seconds_verifying:,.0f}",
        f"{rows / moved.seconds_copying:,.0f}",
    )
    return moved


if __name__ == "__main__":
    typer.run(moves)
