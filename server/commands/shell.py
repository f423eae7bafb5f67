"""What all commands share: the database, whom they show on record, and how they say things."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, BinaryIO, ParamSpec

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from server import tls
from server.access.callers import TERMINAL
from server.audit.heads import HeadsError, second_place
from server.audit.ledger import note_now
from server.audit.rules import Look
from server.catalog.feeds.shape import FeedError
from server.db.address import AddressError, open_database
from server.db.engine import Database, DatabaseError
from server.demo import DemoError
from server.keys import SecretError, read_keys
from server.listening import RefusedToServeError
from server.settings import Settings, SettingsError
from server.terminal.tables import Tables
from server.terminal.words import harmless_text, terminal_locale
from server.wire.audit import Why
from server.wire.problems import ProblemError

P = ParamSpec("P")
REFUSED, WRONG_CALL = 1, 2
LARGEST_ID = 2**63 - 1
"""What a database can number."""

_LISTED = {
    "unknown_staff": "Nobody by this number works here: see mostrador staff list.",
    "unknown_device": "There is no device with this number: see mostrador devices list.",
    "unknown_customer": "There is no customer with this number: see mostrador search.",
}
"""What a terminal says of numbers that nobody has, as there it is a command that lists them."""

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, the same as over HTTP, for programs.")]


def told(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what can go wrong into one line that says what to do."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ProblemError as error:
            if kwargs.get("as_json"):
                print_json(error.problem)
            else:
                complain(_LISTED.get(error.code, error.detail))
            raise typer.Exit(REFUSED) from None
        except (DatabaseError, FeedError, DemoError, HeadsError) as error:
            complain(str(error))
            raise typer.Exit(REFUSED) from None
        except (SettingsError, SecretError, AddressError, RefusedToServeError, tls.TlsError) as error:
            complain(str(error))
            raise typer.Exit(WRONG_CALL) from None
        except BrokenPipeError:
            # Whoever read our output has enough of it; a second complaint at exit would help nobody.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(REFUSED) from None

    return run


def can_be_read(name: str) -> bool:
    """Standard input, a file, or what the shell made of `<(…)`."""
    return name == "-" or (Path(name).exists() and not Path(name).is_dir())


def looked(database: Database, settings_: Settings, why: Why, people: tuple[int, ...]) -> None:
    """Put on record whom this terminal is about to show."""
    if people:
        note_look(database, settings_, why, people)


def note_look(database: Database, settings_: Settings, why: Why, people: tuple[int, ...]) -> None:
    """Put on record that this terminal is about to show people, or what may speak of somebody."""
    now = utc_now()
    look = Look(TERMINAL.kind, TERMINAL.device_id, TERMINAL.staff_id, why, people, now)
    note_now(database, read_keys(settings_).audit, second_place(settings_), "terminal", [look], now)


@contextmanager
def database_of(settings_: Settings, *, make: bool = True) -> Iterator[Database]:
    """The database of the settings, open; migrated where that is needed, and made, but for who only reads."""
    database = open_database(settings_.database, make=make)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """A file to read, or standard input."""
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        yield file


def progress(*columns: Any) -> Progress:
    """A bar on standard error, where it is a terminal."""
    err = stderr()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *columns,
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def tables(console: Console) -> Tables:
    """Tables for people, as they read and write where they are."""
    return Tables(console, terminal_locale(), utc_now())


def stdout() -> Console:
    """What was asked for goes there."""
    return Console(highlight=False, markup=False, emoji=False)


def stderr() -> Console:
    """What else there is to say goes there."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def complain(message: str) -> None:
    """Say what went wrong, in red at a terminal."""
    stderr().print(Text(harmless_text(message), style="red"), soft_wrap=True)


def print_json(value: Any) -> None:
    """Answer for programs."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@contextmanager
def interrupted_by_sigterm() -> Iterator[None]:
    """Have SIGTERM end what is done as Ctrl-C does, so that nothing half done stays."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
