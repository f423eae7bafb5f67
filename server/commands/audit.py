"""`mostrador audit`: who saw whom, and whether the record of it is whole."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from server.audit.check import check
from server.audit.heads import heads_path, read_heads
from server.audit.queries import Wanted, looks
from server.commands.shell import (
    LARGEST_ID,
    REFUSED,
    WRONG_CALL,
    AsJson,
    can_be_read,
    complain,
    database_of,
    print_json,
    stdout,
    tables,
    told,
)
from server.customers.queries import person as person_of
from server.db.engine import Connection
from server.keys import read_keys
from server.settings import read_settings
from server.wire.audit import HeadLine, LookShown
from server.wire.base import timestamp

audit = typer.Typer(help="Who saw whom: the record, and whether it is whole.", no_args_is_help=True)


@audit.command("verify")
@told
def audit_verify(
    heads: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The second place's lines, instead of MOSTRADOR_AUDIT_HEADS: a log with them."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check that every look is on record as it was written: none missing, changed, added, moved or cut off.

    Servers may run meanwhile. Exit status 1: something is not as it was written.
    """
    settings = read_settings(os.environ)
    if heads is None and settings.audit_heads == "syslog":
        complain("Give the lines of mostrador-audit from the system's log: --heads FILE")
        raise typer.Exit(WRONG_CALL)
    if heads is not None and not can_be_read(str(heads)):
        complain(f"{heads} is no file. Nothing was checked.")
        raise typer.Exit(WRONG_CALL)

    def read() -> list[HeadLine]:
        return read_heads(heads or heads_path(settings))

    with database_of(settings, make=False) as database:
        report = check(database, read_keys(settings).audit, read)
    if as_json:
        print_json(report)
    else:
        tables(stdout()).audit(report)
    if report.findings:
        raise typer.Exit(REFUSED)


@audit.command("show")
@told
def audit_show(
    customer: Annotated[
        int | None, typer.Option(min=1, max=LARGEST_ID, metavar="ID", help="Only who saw this person.")
    ] = None,
    staff: Annotated[
        int | None, typer.Option(min=1, max=LARGEST_ID, metavar="ID", help="Only what this associate saw.")
    ] = None,
    device: Annotated[
        int | None, typer.Option(min=1, max=LARGEST_ID, metavar="ID", help="Only what was seen on this device.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"], help="Only from then on; UTC."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, the latest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show who saw whom, where, when and why; people are numbers."""

    def ask(conn: Connection) -> list[LookShown]:
        people = None if customer is None else frozenset((customer, *(one.id for one in person_of(conn, customer))))
        begin = "" if since is None else timestamp(since if since.tzinfo else since.replace(tzinfo=UTC))
        return looks(conn, Wanted(people, staff, device, begin), limit)

    with database_of(read_settings(os.environ), make=False) as database:
        shown = database.read_now(ask)
    if as_json:
        print_json(shown)
    else:
        tables(stdout()).looks(shown)
