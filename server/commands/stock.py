"""`mostrador stock …`: what stores have."""

import os
from typing import Annotated

import msgspec
import typer
from rich.progress import TextColumn

from server.catalog.feeds.shape import FeedError
from server.catalog.stocktake import StockOrder, load_stock
from server.commands.shell import (
    REFUSED,
    WRONG_CALL,
    AsJson,
    can_be_read,
    complain,
    database_of,
    opened,
    print_json,
    progress,
    stdout,
    tables,
    told,
    utc_now,
)
from server.settings import read_settings
from server.wire.base import Moment, Source, StoreCode, Wire
from server.wire.problems import ProblemError

stock = typer.Typer(help="Stock: what stores have.", no_args_is_help=True)


@stock.command("load")
@told
def stock_load(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Rows of store, sku and quantity, plain or gzip; - is standard input.")
    ],
    store: Annotated[str | None, typer.Option(metavar="CODE", help="The store, where rows name none.")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIME", help="When it was true: 2026-11-21T14:02:03Z; else now.")
    ] = None,
    source: Annotated[str, typer.Option(help="Who says so, as records name it.")] = "stock",
    accept: Annotated[
        bool, typer.Option("--accept", help="Take it although most of what a store has is not named.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take all of the stock of one store or several: what is not named of a store is not there.

    An object a line, or text with the column names store, sku, quantity. What is newer than the snapshot stays.
    """
    order = _order(source, as_of, store, accept=accept)
    if not can_be_read(file):
        complain(f"{file} is no file. Nothing was taken.")
        raise typer.Exit(WRONG_CALL)
    with (
        database_of(read_settings(os.environ)) as database,
        opened(file) as rows,
        progress(TextColumn("{task.completed:,} rows")) as bar,
    ):
        task = bar.add_task("reading", total=None)

        def tell(doing: str, done: int, all_: int | None) -> None:
            bar.update(task, description=doing, completed=done, total=all_)

        try:
            report = load_stock(database, rows, order, utc_now, tell)
        except FeedError as error:
            raise ProblemError("invalid_request", f"This is no snapshot of stock: {error}") from error
    if as_json:
        print_json(report)
    else:
        tables(stdout()).stock_report(report)
    if report.refused:
        raise typer.Exit(REFUSED)


class _Asked(Wire, frozen=True, kw_only=True):
    source: Source
    as_of: Moment | None
    store: StoreCode | None


def _order(source: str, as_of: str | None, store: str | None, *, accept: bool) -> StockOrder:
    try:
        asked = msgspec.convert({"source": source, "as_of": as_of, "store": store}, _Asked)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$.")
        option = path.rstrip("`").replace("_", "-")
        raise typer.BadParameter(
            {
                "source": "letters, digits and . _ : - after a letter or digit: erp:madrid",
                "as-of": "a time with an offset: 2026-11-21T14:02:03Z",
            }.get(option, reason),
            param_hint=f"--{option}",
        ) from None
    return StockOrder(asked.source, asked.as_of or utc_now(), asked.store, accept)
