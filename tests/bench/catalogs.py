"""Takes a generated catalogue again and again, and times it: `python -m tests.bench.catalogs --variants 1000000`.

Beside it stands what SQLite's own shell takes to import the same rows into one bare table with one index.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from multiprocessing import Process
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

from server.db.engine import EngineName
from tests.bench.filled import FOLDER, ROOT
from tests.bench.processes import clean_environment
from tests.bench.shelves import shelf

HEADINGS = (
    *("id", "title", "description", "price", "availability", "gtin", "brand", "color", "size"),
    *("item_group_id", "product_type", "image_link"),
)
EACH = (("red", "S"), ("red", "M"), ("blue", "S"), ("blue", "M"))
"""Colours and sizes of every product."""
WORDS = (
    *("linen", "cotton", "wool", "silk", "denim", "slim", "wide", "long", "short", "classic"),
    *("modern", "soft", "light", "warm", "summer", "winter", "coat", "shirt"),
)


class Spent(NamedTuple):
    """What a program took: seconds by the clock and of processors, and its most memory in MB (10^6 bytes)."""

    wall: float
    cpu: float
    peak: float


def catalogs(
    variants: Annotated[int, typer.Option(min=400, help="How many variants the catalogue has, four to a product.")] = (
        100_000
    ),
    engine: Annotated[str, typer.Option(help="sqlite or postgresql.")] = "sqlite",
) -> None:
    """Take a catalogue the first time, unchanged, shuffled, with 1 % and with 30 % of its prices changed."""
    console = Console(width=max(Console().width, 120))
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix="catalogs-", dir=FOLDER))
    try:
        if engine == "postgresql":
            with shelf("postgresql") as shelved:
                _measure(variants, "postgresql", shelved.empty("part_catalog"), folder, console)
        else:
            _measure(variants, "sqlite", f"sqlite:///{(folder / 'shop.db').absolute()}", folder, console)
    finally:
        shutil.rmtree(folder)


def _measure(variants: int, engine: EngineName, address: str, folder: Path, console: Console) -> None:
    plain = folder / "plain.tsv"
    size = written(plain, variants, 0.0)
    bare = _bare(plain, folder)
    table = Table(title=f"{variants:,} variants, {size / 1e6:,.0f} MB as a feed; {engine}")
    for heading in ("what", "s", "of bare", "CPU s", "of bare", "peak MB", "new", "changed", "unchanged", "aim"):
        table.add_column(heading, justify="left" if heading in {"what", "aim"} else "right", no_wrap=True)
    table.add_row("sqlite3 .import", f"{bare.wall:.1f}", "1", f"{bare.cpu:.1f}", "1", "")
    for what, changed, shuffled, aim in (
        ("first load", 0.0, False, "≤ 4"),
        ("unchanged", 0.0, False, "≤ 0.8"),
        ("unchanged, shuffled", 0.0, True, ""),
        ("1 % changed", 0.01, False, "≤ 1"),
        ("30 % changed", 0.3, False, ""),
    ):
        console.print(f"[bright_black]{what} …[/]")
        feed = folder / "feed.tsv"
        written(feed, variants, changed, shuffled=shuffled)
        spent, run = _sync(feed, address)
        table.add_row(
            what,
            f"{spent.wall:.1f}",
            f"{spent.wall / bare.wall:.2f}",
            f"{spent.cpu:.1f}",
            f"{spent.cpu / bare.cpu:.2f}",
            f"{spent.peak:,.0f}",
            *(f"{run[name]:,}" for name in ("new", "changed", "unchanged")),
            aim,
        )
    console.print(table)


def written(path: Path, variants: int, changed: float, *, shuffled: bool = False) -> int:
    """The same by a program of its own: what a child of ours takes at most is never less than what we take."""
    made = Process(target=_write, args=(path, variants, changed), kwargs={"shuffled": shuffled})
    made.start()
    made.join()
    if made.exitcode:
        raise RuntimeError(f"{path} was not written")
    return path.stat().st_size


def _write(path: Path, variants: int, changed: float, *, shuffled: bool = False) -> int:
    """Write a feed, some of whose prices are others than without `changed`; its bytes."""
    rows = list(_rows(variants, changed))
    if shuffled:
        Random(3).shuffle(rows)
    path.write_text("\t".join(HEADINGS) + "\n" + "".join(rows), "utf-8")
    return path.stat().st_size


def _rows(variants: int, changed: float) -> Iterator[str]:
    rng, which = Random(7), Random(9)
    for product in range(variants // len(EACH)):
        title = " ".join(rng.choice(WORDS).title() for _ in range(4))
        description = " ".join(rng.choice(WORDS) for _ in range(40))
        price = rng.randrange(1_000, 20_000)
        for number, (color, size) in enumerate(EACH):
            cents = price + (100 if which.random() < changed else 0)
            digits = f"84{product * len(EACH) + number:010d}"
            row = (
                *(f"SKU-{product:07d}-{number}", f"{title}, {color} {size}", description),
                *(f"{cents // 100}.{cents % 100:02d} EUR", "in_stock", digits + _check_digit(digits)),
                *(f"Brand{product % 200}", color, size, f"P{product:07d}", "Men > Tops"),
                f"https://img.example/{product}-{number}.jpg",
            )
            yield "\t".join(row) + "\n"


def _check_digit(digits: str) -> str:
    """The last digit of a GTIN-13 (GS1 General Specifications, 7.9.1)."""
    return str(-sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(digits)) % 10)


def _bare(feed: Path, folder: Path) -> Spent:
    columns = ", ".join(f'"{name}" TEXT' for name in HEADINGS)
    made = f"CREATE TABLE rows ({columns}); CREATE INDEX rows_id ON rows (id);"
    script = f"PRAGMA journal_mode=WAL;\n{made}\n.mode tabs\n.import --skip 1 {feed} rows\n"
    return _run(["sqlite3", str(folder / "bare.db")], script.encode())[0]


def _sync(feed: Path, address: str) -> tuple[Spent, dict[str, int]]:
    words = ("catalog", "sync", str(feed), "--source", "bench", "--no-pictures", "--json")
    command = [sys.executable, "-m", "server", *words]
    spent, said = _run(command, b"", {"MOSTRADOR_DATABASE": address})
    return spent, json.loads(said)


def _run(command: Sequence[str], given: bytes, more: dict[str, str] | None = None) -> tuple[Spent, bytes]:
    """Run a program to its end.

    Raises:
        RuntimeError: it failed.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=clean_environment() | (more or {}), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin as stdin:
        stdin.write(given)
    said = process.stdout.read()
    # Of this one child, and of those it waited for.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {said[-1_000:]!r}")
    return Spent(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6), said


if __name__ == "__main__":
    typer.run(catalogs)
