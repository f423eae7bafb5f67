"""`mostrador staff` and `mostrador devices`: who signs in, and on what."""

import os
import secrets
import sys
from typing import Annotated, Any, TypeVar

import msgspec
import segno
import typer
from rich.console import Console
from rich.text import Text

from server.access import actions as access
from server.access import queries as people
from server.access.callers import TERMINAL
from server.access.pins import hash_pin
from server.access.rules import is_obvious
from server.commands.shell import LARGEST_ID, AsJson, database_of, print_json, stderr, stdout, tables, told, utc_now
from server.db.engine import Database
from server.keys import Keys, read_keys
from server.listening import reached_at
from server.settings import Settings, read_settings
from server.stores.queries import all_stores
from server.terminal.words import harmless_text
from server.wire.access import DeviceKind, Enrolment, NewEnrolment, NewPin, NewStaff, Role, StaffMember
from server.wire.base import in_words
from server.wire.problems import ProblemError

T = TypeVar("T")

STORES_NAMED = 10
"""Stores that a warning names at most."""

staff = typer.Typer(help="People who sign in on tablets.", no_args_is_help=True)
devices = typer.Typer(help="Tablets, kiosks, tills, and programs at HQ.", no_args_is_help=True)

PinStdin = Annotated[
    bool, typer.Option("--pin-stdin", help="Take the PIN from the first line of standard input, without asking.")
]
StaffId = Annotated[
    int, typer.Argument(min=1, max=LARGEST_ID, metavar="ID", help="Somebody's number, see mostrador staff list.")
]


@staff.command("add")
@told
def staff_add(
    name: Annotated[str, typer.Argument(help="How they are called on the tablet.")],
    role: Annotated[Role, typer.Option(help="What they may.")] = "associate",
    store: Annotated[
        list[str] | None, typer.Option("--store", "-s", help="Code of a store where they work; again for each further.")
    ] = None,
    badge: Annotated[str | None, typer.Option(help="What a scanner reads from their badge.")] = None,
    pin_stdin: PinStdin = False,
    as_json: AsJson = False,
) -> None:
    """Let somebody sign in on tablets. The PIN is asked for."""
    settings = read_settings(os.environ)
    keys = read_keys(settings)
    wanted = as_wished(NewStaff, name=name, role=role, stores=tuple(store or ()), pin=ask_pin(pin_stdin), badge=badge)
    with database_of(settings, make=False) as database:
        added = add_member(database, keys, wanted)
        tell_unknown_stores(database, *wanted.stores)
    if as_json:
        print_json(added)
    else:
        stdout().print(Text(f"{added.name} is number {added.id}."), soft_wrap=True)


@staff.command("list")
@told
def staff_list(as_json: AsJson = False) -> None:
    """Show who works here."""
    with database_of(read_settings(os.environ), make=False) as database:
        everybody = database.read_now(people.all_staff)
    if as_json:
        print_json(everybody)
    else:
        tables(stdout()).staff(everybody)


@staff.command("pin")
@told
def staff_pin(staff_id: StaffId, pin_stdin: PinStdin = False) -> None:
    """Give somebody another PIN; they are signed out everywhere, and need not wait after wrong ones any more."""
    settings = read_settings(os.environ)
    keys = read_keys(settings)
    with database_of(settings, make=False) as database:
        found = database.read_now(access.require_staff, TERMINAL, staff_id)
        pin_hash = hash_pin(keys.pins, ask_pin(pin_stdin))
        database.write_now(access.set_pin, TERMINAL, staff_id, pin_hash, utc_now())
    stdout().print(Text(f"{found.name} has another PIN."), soft_wrap=True)


@staff.command("stores")
@told
def staff_stores(
    staff_id: StaffId,
    store: Annotated[list[str], typer.Argument(metavar="STORE…", help="Codes of the stores where they work.")],
) -> None:
    """Say where somebody works from now on."""
    with database_of(read_settings(os.environ), make=False) as database:
        found = database.write_now(access.set_stores, TERMINAL, staff_id, store)
        tell_unknown_stores(database, *store)
    stdout().print(Text(f"{found.name} works in {', '.join(found.stores)}."), soft_wrap=True)


@staff.command("remove")
@told
def staff_remove(staff_id: StaffId) -> None:
    """Somebody works here no more: they are signed out everywhere, at once. The last manager stays."""
    with database_of(read_settings(os.environ), make=False) as database:
        database.write_now(access.remove_staff, TERMINAL, staff_id, utc_now())
    stdout().print(Text(f"Number {staff_id} works here no more."), soft_wrap=True)


@devices.command("list")
@told
def devices_list(as_json: AsJson = False) -> None:
    """Show every device that was ever enrolled."""
    with database_of(read_settings(os.environ), make=False) as database:
        every = database.read_now(people.devices)
    if as_json:
        print_json(every)
    else:
        tables(stdout()).devices(every)


@devices.command("enrol")
@told
def devices_enrol(
    kind: Annotated[DeviceKind, typer.Argument(help="What it is; sync is a program at HQ that sends records.")],
    name: Annotated[str, typer.Argument(help="How you call it.")],
    store: Annotated[str | None, typer.Option("--store", "-s", help="Code of the store it stands in.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a code that enrols one device, once, within 15 minutes."""
    if store is None and kind != "sync":
        raise ProblemError(
            "invalid_field", f"A {kind} stands in a store: say in which with --store CODE.", path="$.store"
        )
    settings = read_settings(os.environ)
    keys = read_keys(settings)
    with database_of(settings, make=False) as database:
        enrolment = make_enrolment(database, settings, keys, as_wished(NewEnrolment, kind=kind, name=name, store=store))
        tell_unknown_stores(database, store)
    if as_json:
        print_json(enrolment)
    else:
        show_enrolment(stdout(), enrolment)


@devices.command("revoke")
@told
def devices_revoke(
    device_id: Annotated[
        int, typer.Argument(min=1, max=LARGEST_ID, metavar="ID", help="Its number, see mostrador devices list.")
    ],
) -> None:
    """Take a device out of use, at once and on every server."""
    with database_of(read_settings(os.environ), make=False) as database:
        database.write_now(access.revoke_device, TERMINAL, device_id, utc_now())
    stdout().print(Text(f"Device {device_id} is out of use."), soft_wrap=True)


def as_wished(type_: type[T], **fields: Any) -> T:
    """A message of what was typed, within the limits that it has over HTTP.

    Raises:
        ProblemError: something is beyond them.
    """
    try:
        return msgspec.convert({name: value for name, value in fields.items() if value is not None}, type_)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$.")
        raise ProblemError("invalid_field", f"{in_words(reason)}.", path=f"$.{path[:-1]}" if path else None) from None


def ask_pin(from_stdin: bool) -> str:
    """A PIN that can be taken: the first line of standard input, or asked for twice, unseen."""
    if from_stdin:
        pin = sys.stdin.readline().strip()
    elif not sys.stdin.isatty():
        raise ProblemError(
            "invalid_field", "Nobody can be asked for the PIN here: give it with --pin-stdin.", path="$.pin"
        )
    else:
        pin = typer.prompt("PIN, 4 to 12 digits", hide_input=True, confirmation_prompt=True)
    try:
        msgspec.convert({"pin": pin}, NewPin)
    except msgspec.ValidationError:
        raise ProblemError("invalid_field", "A PIN has 4 to 12 digits and nothing else.", path="$.pin") from None
    access.require_good(pin)
    return pin


def tell_unknown_stores(database: Database, *codes: str | None) -> None:
    """Say which stores nobody told of yet: they may come with the records, or be mistyped."""
    for message in _unknown_stores(_stores(database), *codes):
        stderr().print(Text(message, style="yellow"), soft_wrap=True)


def require_store(database: Database, code: str | None) -> None:
    """A store to look things up for is one of those that are known, if any is given and any are known.

    Raises:
        BadParameter: nobody told of it, but of others.
    """
    known = _stores(database)
    for message in _unknown_stores(known, code) if known else ():
        raise typer.BadParameter(message, param_hint="--store")


def _stores(database: Database) -> set[str]:
    return {store.code for store in database.read_now(all_stores)}


def _unknown_stores(known: set[str], *codes: str | None) -> list[str]:
    others = f"; known: {', '.join(sorted(known)[:STORES_NAMED])}" if known else ""
    return [
        harmless_text(f"There is no store {code} yet: a store record brings it, unless it is mistyped{others}.")
        for code in codes
        if code is not None and code not in known
    ]


def made_pin() -> str:
    """A PIN that was made here, and that nobody tries first."""
    while True:
        pin = f"{secrets.randbelow(10**6):06d}"
        if not is_obvious(pin):
            return pin


def add_member(database: Database, keys: Keys, wanted: NewStaff) -> StaffMember:
    """Let somebody work here."""
    pin_hash = None if wanted.pin is None else hash_pin(keys.pins, wanted.pin)
    return database.write_now(access.add_staff, TERMINAL, wanted, pin_hash, keys, utc_now())


def make_enrolment(database: Database, settings_: Settings, keys: Keys, wanted: NewEnrolment) -> Enrolment:
    """Make a code for a device, with the address at which it finds the server."""
    address, fingerprint = reached_at(settings_)
    return database.write_now(access.make_enrolment, TERMINAL, wanted, keys, address, utc_now(), fingerprint)


def show_enrolment(out: Console, enrolment: Enrolment) -> None:
    """Say how a device is enrolled; at a terminal, with a QR to scan. A program has no scanner."""
    if enrolment.kind == "sync":
        out.print(
            Text.assemble(
                f"To enrol {enrolment.name}, have it trade this code for its token within 15 minutes: POST /v1/devices "
                'with {"code": "',
                (enrolment.code, "bold"),
                '"}',
            ),
            soft_wrap=True,
        )
        return
    out.print(
        Text.assemble(
            f"To enrol {enrolment.name}, type or scan this on it within 15 minutes: ", (enrolment.code, "bold")
        ),
        soft_wrap=True,
    )
    if out.is_terminal:
        segno.make(enrolment.qr, micro=False).terminal(compact=True)
