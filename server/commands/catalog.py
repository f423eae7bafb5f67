"""`mostrador catalog …`: taking feeds, and what became of them."""

import csv
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from server.catalog import runs
from server.catalog.feeds.formats import FormatName
from server.catalog.fetching import fetch, is_address, without_secrets
from server.catalog.pictures.addresses import network_of
from server.catalog.pictures.gathering import Order, gather
from server.catalog.sync import SyncOrder, origin_of_source, sync_feed, sync_unmodified
from server.commands.shell import (
    REFUSED,
    WRONG_CALL,
    AsJson,
    can_be_read,
    complain,
    database_of,
    print_json,
    stderr,
    stdout,
    tables,
    told,
    utc_now,
)
from server.db.engine import Database
from server.networks import Network
from server.settings import Settings, SettingsError, read_settings
from server.terminal.tables import REFUSALS_SHOWN, origin_of
from server.wire.base import Source, Wire
from server.wire.catalog import RefusedRow, SyncRun
from server.wire.problems import ProblemError

AT_ONCE = 1_000

RunNumber = Annotated[
    int, typer.Argument(metavar="RUN", min=1, max=2**62, help="Its number, see mostrador catalog runs.")
]

catalog = typer.Typer(help="The catalogue: products, variants, prices.", no_args_is_help=True)


@catalog.command("sync")
@told
def catalog_sync(
    feed: Annotated[
        str,
        typer.Argument(metavar="FEED", help="A file, plain or gzip, an address (https://…); - is standard input."),
    ],
    source: Annotated[str, typer.Option(help="Whose catalogue this is, as its records name it.")] = "catalog",
    format_: Annotated[
        FormatName | None, typer.Option("--format", help="What the feed is written in; else it is looked at.")
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take it although much would be gone or cost much else.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Fetch its pictures too, once it is shown.")
    ] = True,
    run: Annotated[int | None, typer.Option(hidden=True)] = None,
    as_json: AsJson = False,
) -> None:
    """Take a whole catalogue: products with their variants, prices and pictures. All of it counts at once.

    Google Merchant (text or XML), Shopify's product CSV, or a product record a line. What the feed has no more is
    kept for old orders, as discontinued.
    """
    settings = read_settings(os.environ)
    if not is_address(feed) and not can_be_read(feed):
        complain(f"{feed} is no file. Nothing was taken.")
        raise typer.Exit(WRONG_CALL)
    order = SyncOrder(
        source=_source(source),
        feed=without_secrets(feed) if is_address(feed) else origin_of(feed),
        format=format_,
        currency=settings.currency,
        accept=accept,
        dry_run=dry_run,
    )
    with database_of(settings) as database, _bar() as bar:
        done = _take(database, feed, order, bar, run, _allowed(settings) if pictures else None)
    if as_json:
        print_json(done)
    else:
        tables(stdout()).sync_run(done)
    if done.state == "held" or done.refused:
        raise typer.Exit(REFUSED)


@catalog.command("pictures")
@told
def catalog_pictures(run: Annotated[int | None, typer.Option(hidden=True)] = None, as_json: AsJson = False) -> None:
    """Fetch pictures that are still to come, and let go of those that no article has any more.

    A sync does so itself; this is for what it left, and for pictures that records name.
    """
    settings = read_settings(os.environ)
    with database_of(settings, make=False) as database, _bar() as bar:
        after = None if run is None else database.read_now(runs.run_of, run)
        _, gathered = gather(database, Order(None, _allowed(settings)), utc_now, bar.tell, after)
    if as_json:
        print_json(gathered)
    else:
        tables(stdout()).gathered(gathered)
    if gathered.refused:
        raise typer.Exit(REFUSED)


@catalog.command("runs")
@told
def catalog_runs(
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many, the latest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show every time that a catalogue was taken, or was to be."""
    with database_of(read_settings(os.environ), make=False) as database:
        latest = database.read_now(runs.latest, limit)
    if as_json:
        print_json(latest)
    else:
        tables(stdout()).sync_runs(latest)


@catalog.command("rejects")
@told
def catalog_rejects(
    run: RunNumber,
    as_csv: Annotated[bool, typer.Option("--csv", help="All of them as CSV, for a spreadsheet.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the rows that a run refused: line, field, value, rule."""
    settings = read_settings(os.environ)
    with database_of(settings, make=False) as database:
        if database.read_now(runs.run_of, run) is None:
            raise ProblemError("unknown_run", f"There is no run {run}. See mostrador catalog runs.")
        rejects = _rejects(database, run)
        if as_csv:
            out = csv.writer(sys.stdout, lineterminator="\n")
            out.writerow(("line", "field", "value", "rule"))
            out.writerows((row.line, row.field, _no_formula(row.value), row.rule) for row in rejects)
        elif as_json:
            print_json(list(rejects))
        else:
            tables(stdout()).sync_rejects([row for row, _ in zip(rejects, range(REFUSALS_SHOWN + 1), strict=False)])


def _take(
    database: Database,
    feed: str,
    order: SyncOrder,
    bar: "_Bar",
    run_id: int | None,
    allowed: tuple[Network, ...] | None,
) -> SyncRun:
    if is_address(feed):
        fetched = fetch(feed, database.read_now(origin_of_source, order.source), bar.bytes)
        if fetched is None:
            return _with_pictures(database, sync_unmodified(database, order, utc_now), None, bar, allowed)
        file, origin = fetched
        with file:
            done = sync_feed(database, file, order._replace(origin=origin), utc_now, bar.tell, run_id)
        return _with_pictures(database, done, None, bar, allowed)
    with _seekable(feed) as (file, folder):
        done = sync_feed(database, file, order._replace(folder=folder), utc_now, bar.tell, run_id)
    return _with_pictures(database, done, folder, bar, allowed)


def _with_pictures(
    database: Database, done: SyncRun, folder: Path | None, bar: "_Bar", allowed: tuple[Network, ...] | None
) -> SyncRun:
    """A run once its pictures have come, where they are wanted."""
    if allowed is None or done.state != "done":
        return done
    run, _ = gather(database, Order(folder, allowed), utc_now, bar.tell, done)
    return done if run is None else run


def _allowed(settings: Settings) -> tuple[Network, ...]:
    try:
        return tuple(network_of(text) for text in settings.picture_networks)
    except ValueError as error:
        raise SettingsError(
            f"MOSTRADOR_PICTURE_NETWORKS takes addresses and networks between commas, 10.1.0.0/16: {error}"
        ) from error


@contextmanager
def _seekable(feed: str) -> Iterator[tuple[BinaryIO, Path | None]]:
    """A feed's file, and where it lies; what comes through a pipe is kept in a file that nobody sees."""
    if feed == "-" and _is_file(sys.stdin.buffer):
        yield sys.stdin.buffer, None
        return
    if feed == "-":
        with tempfile.TemporaryFile() as kept:
            shutil.copyfileobj(sys.stdin.buffer, kept)
            yield kept, None
        return
    with Path(feed).open("rb") as file:
        if file.seekable():
            yield file, Path(feed).parent
            return
        with tempfile.TemporaryFile() as kept:
            shutil.copyfileobj(file, kept)
            yield kept, None


def _is_file(file: BinaryIO) -> bool:
    """Whether a stream is a file from its beginning, which can be read twice."""
    return file.seekable() and file.tell() == 0


def _rejects(database: Database, run_id: int) -> Iterator[RefusedRow]:
    after = 0
    while found := database.read_now(runs.rejects_of, run_id, after, AT_ONCE):
        for number, row in found:
            after = number
            yield row


class _Bar:
    """How far a run is: rows, rows a second, time left."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self._doing: str | None = None

    def bytes(self, here: int, all_: int | None) -> None:
        self._progress.update(self._task, description="fetching", completed=here, total=all_, rows="", rate="")

    def tell(self, run: SyncRun, done: int, all_: int) -> None:
        if run.doing != self._doing:
            self._doing = run.doing
            self._progress.reset(self._task, description=run.doing or "")
        elapsed = self._progress.tasks[0].elapsed or 0
        rows = run.rows if run.doing == "reading" else done
        rate = f"{rows / elapsed:,.0f}/s" if elapsed > 0 else ""
        what = "" if run.doing == "pictures" else " rows"
        self._progress.update(self._task, completed=done, total=all_, rows=f"{rows:,}{what}", rate=rate)


@contextmanager
def _bar() -> Iterator[_Bar]:
    """A bar on standard error, where it is a terminal."""
    err = stderr()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]}  {task.fields[rate]}"))
    with Progress(
        *columns, TimeRemainingColumn(), console=err, transient=True, disable=not err.is_terminal
    ) as progress:
        yield _Bar(progress, progress.add_task("reading", total=None, rows="", rate=""))


class _Named(Wire, frozen=True, kw_only=True):
    source: Source


def _source(name: str) -> str:
    try:
        return msgspec.convert({"source": name}, _Named).source
    except msgspec.ValidationError:
        raise typer.BadParameter(
            "--source takes letters, digits and . _ : - after a letter or digit: shopify:madrid"
        ) from None


def _no_formula(value: str) -> str:
    """A value that no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
