"""The `mostrador` command: for operators, and for anybody at a terminal."""

import asyncio
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, BinaryIO, ParamSpec

import msgspec
import segno
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from server import tls
from server.access import actions as access
from server.access import queries as people
from server.access.callers import TERMINAL
from server.access.pins import hash_pin
from server.access.rules import is_obvious
from server.audit.check import check
from server.audit.heads import HeadsError, heads_path, read_heads, second_place
from server.audit.ledger import Ledger, note_now
from server.audit.queries import Wanted, chains_of_rows, looks
from server.audit.rules import Look
from server.catalog.commands import Terminal, add_commands
from server.catalog.feeds.shape import FeedError
from server.customers.queries import person as person_of
from server.customers.rules import contact_rules, name_of
from server.customers.search import search as search_customers
from server.customers.tombstones import any_erased
from server.customers.vocabulary import Vocabulary
from server.db.address import HIDDEN, AddressError, open_database, passwords_in, place_of, without_password
from server.db.engine import Connection, Database, DatabaseError
from server.db.move import move
from server.demo import DemoError, run_demo
from server.events.actions import settle
from server.events.queries import unsettled
from server.ingest import actions as ingest
from server.ingest import queries as refusals
from server.ingest.intake import Intake
from server.ingest.ndjson import ReadLine
from server.keys import Keys, SecretError, make_secret, read_keys, secret_file
from server.lookup.queries import scan_for
from server.lookup.rules import people_in
from server.privacy.actions import erase, readmit
from server.privacy.export import of_customer as export_of_customer
from server.privacy.queries import erasure_of
from server.privacy.retention import run_retention
from server.privacy.scrub import scrub
from server.serve import RefusedToServeError, listening_of, reached_at, serve_forever
from server.settings import Settings, SettingsError, read_settings
from server.terminal.tables import REFUSALS_SHOWN, Tables, origin_of
from server.terminal.words import harmless_text, terminal_locale
from server.wire.access import DeviceKind, Enrolment, NewEnrolment, NewPin, NewStaff, Role, StaffMember
from server.wire.audit import HeadLine, LookShown, Why
from server.wire.base import Wire, timestamp
from server.wire.codes import read_code
from server.wire.customers import LONGEST_SEARCH, SearchRequest
from server.wire.lookup import ScanAnswer, UnknownCode
from server.wire.problems import ProblemError
from server.wire.records import RecordsSummary, Refusal

P = ParamSpec("P")
REFUSED, WRONG_CALL = 1, 2
CHUNK = 262_144
"""Bytes read at a time."""

app = typer.Typer(
    name="mostrador",
    help="Mostrador: the shopper's online cart, wish lists and history at the shop counter.",
    epilog="Settings come from MOSTRADOR_* in the environment and from the file MOSTRADOR_CONFIG names: see "
    "`mostrador settings`. Exit status: 0 done, 1 refused or partly refused, 2 wrong call.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
catalog = typer.Typer(help="The catalogue: products, variants, prices.", no_args_is_help=True)
app.add_typer(catalog, name="catalog")
staff = typer.Typer(help="People who sign in on tablets.", no_args_is_help=True)
app.add_typer(staff, name="staff")
devices = typer.Typer(help="Tablets, kiosks, tills, and programs at HQ.", no_args_is_help=True)
app.add_typer(devices, name="devices")
customer = typer.Typer(help="A person's rights: to have what is held of them, and to be erased.", no_args_is_help=True)
app.add_typer(customer, name="customer")
retention = typer.Typer(help="What is kept for how long.", no_args_is_help=True)
app.add_typer(retention, name="retention")
CustomerNumber = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=2**63 - 1, help="Any number of theirs, as search and scan show it.")
]
audit = typer.Typer(help="Who saw whom: the record, and whether it is whole.", no_args_is_help=True)
app.add_typer(audit, name="audit")

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, the same as over HTTP, for programs.")]
StoreOption = Annotated[
    str | None, typer.Option("--store", "-s", help="Code of the store you stand in: lines say what is in stock there.")
]
PinStdin = Annotated[
    bool, typer.Option("--pin-stdin", help="Take the PIN from the first line of standard input, without asking.")
]
StaffId = Annotated[int, typer.Argument(metavar="ID", help="Somebody's number, see mostrador staff list.")]


def main() -> None:
    """Run the command line."""
    app()


def _told(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what can go wrong into one line that says what to do."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ProblemError as error:
            if kwargs.get("as_json"):
                _print_json(error.problem)
            else:
                _complain(error.detail)
            raise typer.Exit(REFUSED) from None
        except (DatabaseError, FeedError, DemoError, HeadsError) as error:
            _complain(str(error))
            raise typer.Exit(REFUSED) from None
        except (SettingsError, SecretError, AddressError, RefusedToServeError, tls.TlsError) as error:
            _complain(str(error))
            raise typer.Exit(WRONG_CALL) from None
        except BrokenPipeError:
            # Whoever read our output has enough of it; a second complaint at exit would help nobody.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(REFUSED) from None

    return run


@app.command()
@_told
def init(
    manager: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who may enrol devices and add people; asked for at a terminal.")
    ] = None,
    store: Annotated[
        str | None, typer.Option("--store", "-s", help="Code of the store of that manager and of the first tablet.")
    ] = None,
    pin_stdin: PinStdin = False,
    as_json: AsJson = False,
) -> None:
    """Make the database, the secret, the first manager and a code for the first tablet, and say what to do next.

    Started again it brings the database up to date and changes nothing else. Where nobody can be asked for a PIN, one
    is made and shown once.
    """
    settings = read_settings(os.environ)
    if manager is not None and not store:
        raise typer.BadParameter("--manager needs --store: the code of the store where they work")
    with _database(settings) as database:
        new = not database.read_now(people.has_manager) and not database.read_now(people.devices)
        # With another secret nobody who was erased would be recognised, and no look on record could be checked.
        made = new and not database.read_now(_is_bound_to_a_secret) and make_secret(settings)
        keys = read_keys(settings)
        if new and manager is None and sys.stdin.isatty() and not as_json:
            manager = typer.prompt("Name of the first manager")
            store = store or typer.prompt("Code of the store")
        first = _first(database, settings, keys, manager, store, pin_stdin) if new and manager and store else None
    if as_json:
        shown = {"database": place_of(settings.database), "secret_made": made}
        _print_json(shown | (msgspec.to_builtins(first) if first else {}))
        return
    out = _out()
    out.print(Text(f"The database is {place_of(settings.database)}."), soft_wrap=True)
    if made:
        out.print(
            Text(f"The secret is {secret_file(settings)}. Keep a copy of it, but never beside copies of the database."),
            soft_wrap=True,
        )
    if first is not None:
        if first.pin is not None:
            out.print(Text(f"{first.manager.name}'s PIN is {first.pin}. It is not shown again."), soft_wrap=True)
        _show_enrolment(out, first.enrolment)
    elif new:
        out.print(
            Text("Nobody may enrol devices yet: mostrador init --manager NAME --store CODE", style="yellow"),
            soft_wrap=True,
        )
    out.print(
        Text.assemble(
            "Next: ",
            ("mostrador catalog sync FEED", "bold"),
            " and ",
            ("mostrador import FILE…", "bold"),
            " fill it, ",
            ("mostrador serve", "bold"),
            " opens the shop.",
        ),
        soft_wrap=True,
    )


class _First(Wire, frozen=True, kw_only=True):
    """Whom and what a shop begins with; `pin` is the manager's where it was made here."""

    manager: StaffMember
    pin: str | None
    enrolment: Enrolment


def _first(database: Database, settings_: Settings, keys: Keys, manager: str, store: str, pin_stdin: bool) -> _First:
    asked = pin_stdin or sys.stdin.isatty()
    pin = _pin(pin_stdin) if asked else _made_pin()
    added = _add_staff(database, keys, NewStaff(name=manager, role="manager", stores=(store,), pin=pin))
    enrolment = _enrol(database, settings_, keys, NewEnrolment(kind="tablet", name="Tablet 1", store=store))
    return _First(manager=added, pin=None if asked else pin, enrolment=enrolment)


def _is_bound_to_a_secret(conn: Connection) -> bool:
    return any_erased(conn) or any(True for _ in chains_of_rows(conn))


@app.command()
@_told
def serve(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on, instead of MOSTRADOR_PORT.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on, instead of MOSTRADOR_HOST.")] = None,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Database to serve, instead of MOSTRADOR_DATABASE; an address with a password is taken there only.",
        ),
    ] = None,
) -> None:
    """Run the server until it is told to stop (Ctrl-C, SIGTERM)."""
    settings = read_settings(os.environ)
    if database is not None and passwords_in(database):
        raise AddressError(
            "A password on the command line is shown to everybody on this machine: set MOSTRADOR_DATABASE instead, or "
            "leave the password to PGPASSWORD or ~/.pgpass."
        )
    settings = msgspec.structs.replace(
        settings,
        port=settings.port if port is None else port,
        host=settings.host if host is None else host,
        database=settings.database if database is None else database,
    )
    with _database(settings) as opened:
        listening_of(settings)
        keys = read_keys(settings)
        serve_forever(settings, opened, _now, keys, Ledger(opened, keys.audit, second_place(settings), _now))


@app.command("tls-certificate")
@_told
def tls_certificate(
    hosts: Annotated[
        list[str], typer.Argument(metavar="HOST…", help="Names and addresses that devices will use for this server.")
    ],
    certificate: Annotated[Path, typer.Option(help="File for the certificate.")] = Path("mostrador-tls.crt"),
    key: Annotated[Path, typer.Option(help="File for its private key, which nobody else may read.")] = Path(
        "mostrador-tls.key"
    ),
) -> None:
    """Make a certificate that the server signs itself, for a store where nobody else makes one.

    It is valid for 825 days. Devices know it by its fingerprint, which enrolment gives them.
    """
    fingerprint = tls.make(hosts, certificate, key, _now())
    _out().print(
        Text.assemble(
            f"The certificate is {certificate}, its key {key}.\nSHA-256 {tls.in_pairs(fingerprint)}\nNext: ",
            (f"MOSTRADOR_TLS_CERTIFICATE={certificate} MOSTRADOR_TLS_KEY={key}", "bold"),
            " and ",
            (f"MOSTRADOR_ALLOWED_HOSTS={','.join(hosts)}", "bold"),
            ", then ",
            ("mostrador serve", "bold"),
            ".",
        ),
        soft_wrap=True,
    )


@app.command("import")
@_told
def import_(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE…", help="NDJSON files, plain or gzip; - is standard input.")
    ],
    as_json: AsJson = False,
) -> None:
    """Take records from files: customers, stores, products, orders, carts, wish lists, views, stock.

    One JSON record a line. The newest statement wins, whatever order they come in; importing a file again changes
    nothing, so after an interruption just start it again. A refused line is reported and does not stop the rest.
    """
    settings = read_settings(os.environ)
    for name in files:
        if not _can_be_read(name):
            _complain(f"{name} is no file. Nothing was imported.")
            raise typer.Exit(WRONG_CALL)
    summaries: list[tuple[str, RecordsSummary]] = []
    with _database(settings) as database:
        for name in files:
            summaries.append((origin_of(name), _import_file(database, settings, name)))
    if as_json:
        _print_json([{"file": name, **msgspec.to_builtins(summary)} for name, summary in summaries])
    else:
        _tables(_out()).records(summaries)
    if any(summary.refused or summary.stopped for _, summary in summaries):
        if not as_json:
            _err().print(Text("Refused lines are kept: mostrador refused", style="bright_black"))
        raise typer.Exit(REFUSED)


@app.command()
@_told
def refused(
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many, the latest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show lines that were refused, and why; bank card numbers are blacked out."""
    with _database(read_settings(os.environ), make=False) as database:
        records = database.read_now(refusals.refused, None, limit)
    if as_json:
        _print_json(records)
    else:
        _tables(_out()).refused(records)


@app.command()
@_told
def scan(
    code: Annotated[
        str, typer.Argument(help="What the scanner reads: a loyalty card, an article's number, an order's number.")
    ],
    store: StoreOption = None,
    as_json: AsJson = False,
) -> None:
    """Look a code up: a customer with all we know of them, an article, or an order."""
    settings = read_settings(os.environ)
    with _database(settings, make=False) as database:
        answer = database.read_now(scan_for, TERMINAL, read_code(code, settings.card_patterns), _text(store), _now())
        _looked(database, settings, "scan", people_in(answer))
    if as_json:
        sys.stdout.write(msgspec.json.format(_encode(answer)).decode() + "\n")
    else:
        _tables(_out()).scan(answer)
    if isinstance(answer, UnknownCode):
        raise typer.Exit(REFUSED)


@app.command()
@_told
def search(
    text: Annotated[
        list[str],
        typer.Argument(metavar="TEXT…", help="Names, town, e-mail, phone, card or order number, in any mixture."),
    ],
    store: StoreOption = None,
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many people to show.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Find customers by what you have of them. Words may be beginnings, accents and small slips do not matter."""
    typed = " ".join(text)
    if len(typed) > LONGEST_SEARCH:
        raise ProblemError(
            "invalid_field", f"A search has at most {LONGEST_SEARCH} characters, this has {len(typed):,}."
        )
    settings = read_settings(os.environ)
    with _database(settings, make=False) as database:
        request = SearchRequest(text=typed, store=_text(store), limit=limit)
        answer = database.read_now(search_customers, request, Vocabulary())
        _looked(database, settings, "search", tuple(hit.customer_id for hit in answer.hits))
    if as_json:
        _print_json(answer)
    else:
        _tables(_out()).search(answer)
    if not answer.hits:
        raise typer.Exit(REFUSED)


@app.command("move")
@_told
def move_(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Address of the database that is there.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="Address of the new one, with nothing in it.")],
    as_json: AsJson = False,
) -> None:
    """Move a whole database, to another file, to PostgreSQL or back, and verify every value by reading it back.

    Stop servers and imports first. What was broken off goes on where it was when it is started again; until it is
    done, nothing else opens the new database. The old one stays as it is.
    """
    with closing(open_database(source, make=False)) as database:
        while database.read_now(unsettled):
            database.write_now(settle)
    with _progress(TextColumn("{task.completed:,} of {task.total:,} rows")) as bar:
        task = bar.add_task("")

        def tell(doing: str, table: str, done: int, total: int) -> None:
            bar.update(task, description=f"{doing} {table}", completed=done, total=total)

        moved = move(source, target, tell)
    if as_json:
        _print_json(moved._asdict() | {"tables": [table._asdict() for table in moved.tables]})
    else:
        _tables(_out()).moved(moved)


@staff.command("add")
@_told
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
    wanted = NewStaff(name=name, role=role, stores=tuple(store or ()), pin=_pin(pin_stdin), badge=badge)
    with _database(settings, make=False) as database:
        added = _add_staff(database, keys, wanted)
    if as_json:
        _print_json(added)
    else:
        _out().print(Text(f"{added.name} is number {added.id}."), soft_wrap=True)


@staff.command("list")
@_told
def staff_list(as_json: AsJson = False) -> None:
    """Show who works here."""
    with _database(read_settings(os.environ), make=False) as database:
        everybody = database.read_now(people.all_staff)
    if as_json:
        _print_json(everybody)
    else:
        _tables(_out()).staff(everybody)


@staff.command("pin")
@_told
def staff_pin(staff_id: StaffId, pin_stdin: PinStdin = False) -> None:
    """Give somebody another PIN; they are signed out everywhere, and need not wait after wrong ones any more."""
    settings = read_settings(os.environ)
    keys = read_keys(settings)
    with _database(settings, make=False) as database:
        found = database.read_now(access.require_staff, TERMINAL, staff_id)
        pin_hash = hash_pin(keys.pins, _pin(pin_stdin))
        database.write_now(access.set_pin, TERMINAL, staff_id, pin_hash, _now())
    _out().print(Text(f"{found.name} has another PIN."), soft_wrap=True)


@staff.command("stores")
@_told
def staff_stores(
    staff_id: StaffId,
    store: Annotated[list[str], typer.Argument(metavar="STORE…", help="Codes of the stores where they work.")],
) -> None:
    """Say where somebody works from now on."""
    with _database(read_settings(os.environ), make=False) as database:
        found = database.write_now(access.set_stores, TERMINAL, staff_id, store)
    _out().print(Text(f"{found.name} works in {', '.join(found.stores)}."), soft_wrap=True)


@staff.command("remove")
@_told
def staff_remove(staff_id: StaffId) -> None:
    """Somebody works here no more: they are signed out everywhere, at once."""
    with _database(read_settings(os.environ), make=False) as database:
        database.write_now(access.remove_staff, TERMINAL, staff_id, _now())
    _out().print(Text(f"Number {staff_id} works here no more."), soft_wrap=True)


@devices.command("list")
@_told
def devices_list(as_json: AsJson = False) -> None:
    """Show every device that was ever enrolled."""
    with _database(read_settings(os.environ), make=False) as database:
        every = database.read_now(people.devices)
    if as_json:
        _print_json(every)
    else:
        _tables(_out()).devices(every)


@devices.command("enrol")
@_told
def devices_enrol(
    kind: Annotated[DeviceKind, typer.Argument(help="What it is; sync is a program at HQ that sends records.")],
    name: Annotated[str, typer.Argument(help="How you call it.")],
    store: Annotated[str | None, typer.Option("--store", "-s", help="Code of the store it stands in.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a code that enrols one device, once, within 15 minutes."""
    settings = read_settings(os.environ)
    keys = read_keys(settings)
    with _database(settings, make=False) as database:
        enrolment = _enrol(database, settings, keys, NewEnrolment(kind=kind, name=name, store=store))
    if as_json:
        _print_json(enrolment)
    else:
        _show_enrolment(_out(), enrolment)


@devices.command("revoke")
@_told
def devices_revoke(
    device_id: Annotated[int, typer.Argument(metavar="ID", help="Its number, see mostrador devices list.")],
) -> None:
    """Take a device out of use, at once and on every server."""
    with _database(read_settings(os.environ), make=False) as database:
        database.write_now(access.revoke_device, TERMINAL, device_id, _now())
    _out().print(Text(f"Device {device_id} is out of use."), soft_wrap=True)


@customer.command("export")
@_told
def customer_export(customer_id: CustomerNumber) -> None:
    """Write everything that is held of a person to standard output, as one JSON document, contacts unmasked."""
    settings = read_settings(os.environ)
    with _database(settings, make=False) as database:
        document = database.read_now(export_of_customer, customer_id, _now())
        _looked(database, settings, "export", tuple(one.id for one in document.customers))
    _print_json(document)


@customer.command("erase")
@_told
def customer_erase(
    customer_id: CustomerNumber,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person for good, over all customers that are this person; their orders stay, of nobody.

    What names them leaves the database, the index of words and the log, and they do not come back with an import.
    """
    settings = read_settings(os.environ)
    rules = contact_rules(settings, read_keys(settings))
    with _database(settings, make=False) as database:
        found = database.read_now(person_of, customer_id)
        _looked(database, settings, "erasure", tuple(one.id for one in found))
        if not yes:
            if found:
                records = ", ".join(f"{c.source} {c.external_id}" for c in found)
                name = next((name for c in found if (name := name_of(c.given_name, c.family_name))), "Somebody")
                _err().print(Text(harmless_text(f"{name}: {records}")), soft_wrap=True)
            if not typer.confirm("Erase this person? Nothing brings them back.", err=True):
                _complain("Nobody was erased.")
                raise typer.Exit(REFUSED)
        database.write_now(erase, customer_id, rules, _now())
        asyncio.run(scrub(database, _now))
        erasure = database.read_now(erasure_of, customer_id)
        engine = database.engine
    assert erasure is not None
    if as_json:
        _print_json(erasure)
        return
    said = f"Erased: {len(erasure.customer_ids)} customers. {erasure.orders:,} orders stay, of nobody."
    if erasure.scrubbed_at is None:
        said += "\nThe log of the database is in use: a server that runs empties it, or this command once more."
    if engine == "postgresql":
        said += "\nPostgreSQL keeps bytes of what was removed until its administrator runs VACUUM FULL, and in its "
        said += "write-ahead log and backups for as long as those are kept."
    _out().print(said, soft_wrap=True)


@customer.command("readmit")
@_told
def customer_readmit(
    contact: Annotated[str, typer.Argument(help="Their e-mail, phone or card, as they say it now.")],
) -> None:
    """Let somebody who was erased come again: they are here and say so. What was erased stays erased."""
    settings = read_settings(os.environ)
    rules = contact_rules(settings, read_keys(settings))
    with _database(settings, make=False) as database:
        lifted = database.write_now(readmit, contact, rules)
    if not lifted:
        _complain("Nobody was erased who had this contact.")
        raise typer.Exit(REFUSED)
    _out().print("Records with this contact are taken again, but for those of the accounts that were erased.")


@retention.command("run")
@_told
def retention_run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and remove nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove now what is kept longer than MOSTRADOR_RETENTION says; a server does it each night by itself."""
    settings = read_settings(os.environ)
    rules = contact_rules(settings, read_keys(settings))
    with _database(settings, make=False) as database:
        report = asyncio.run(run_retention(database, settings.retention, rules, _now, dry_run=dry_run))
        if not dry_run:
            asyncio.run(scrub(database, _now))
    assert report is not None
    if as_json:
        _print_json(report)
    else:
        _tables(_out()).retention(report)


@audit.command("verify")
@_told
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
        _complain("Give the lines of mostrador-audit from the system's log: --heads FILE")
        raise typer.Exit(WRONG_CALL)
    if heads is not None and not _can_be_read(str(heads)):
        _complain(f"{heads} is no file. Nothing was checked.")
        raise typer.Exit(WRONG_CALL)

    def read() -> list[HeadLine]:
        return read_heads(heads or heads_path(settings))

    with _database(settings, make=False) as database:
        report = check(database, read_keys(settings).audit, read)
    if as_json:
        _print_json(report)
    else:
        _tables(_out()).audit(report)
    if report.findings:
        raise typer.Exit(REFUSED)


@audit.command("show")
@_told
def audit_show(
    customer: Annotated[int | None, typer.Option(metavar="ID", help="Only who saw this person.")] = None,
    staff: Annotated[int | None, typer.Option(metavar="ID", help="Only what this associate saw.")] = None,
    device: Annotated[int | None, typer.Option(metavar="ID", help="Only what was seen on this device.")] = None,
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

    with _database(read_settings(os.environ), make=False) as database:
        shown = database.read_now(ask)
    if as_json:
        _print_json(shown)
    else:
        _tables(_out()).looks(shown)


@app.command()
@_told
def demo(
    shop: Annotated[Path | None, typer.Option(help="Folder with the demo shop's records and catalogue.")] = None,
    card: Annotated[str | None, typer.Option(help="Card to scan, instead of the demo's own.")] = None,
    tablet: Annotated[bool, typer.Option(help="Show the tablet too: in a window, or in a picture without one.")] = True,
) -> None:
    """Load the demo shop, start the server on it, scan a card over HTTP and on the tablet, and show the answers."""
    run_demo(shop, card, tablet, _out(), lambda answer: _tables(_out()).scan(answer))


@app.command()
@_told
def settings(as_json: AsJson = False) -> None:
    """Show every setting, what it is now, and its name in the environment."""
    values = read_settings(os.environ)
    values = msgspec.structs.replace(
        values, database=without_password(values.database), secret=None if values.secret is None else HIDDEN
    )
    if as_json:
        _print_json(values)
        return
    out = _out()
    for name in values.__struct_fields__:
        value = getattr(values, name)
        shown = value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode()
        out.print(Text.assemble((f"MOSTRADOR_{name.upper()}", "bold cyan"), f"={shown}"), soft_wrap=True)


def _pin(from_stdin: bool) -> str:
    """A PIN that can be taken: the first line of standard input, or asked for twice, unseen."""
    if from_stdin:
        pin = sys.stdin.readline().strip()
    else:
        pin = typer.prompt("PIN, 4 to 12 digits", hide_input=True, confirmation_prompt=True)
    try:
        msgspec.convert({"pin": pin}, NewPin)
    except msgspec.ValidationError:
        raise ProblemError("invalid_field", "A PIN has 4 to 12 digits and nothing else.", path="$.pin") from None
    access.require_good(pin)
    return pin


def _made_pin() -> str:
    while True:
        pin = f"{secrets.randbelow(10**6):06d}"
        if not is_obvious(pin):
            return pin


def _add_staff(database: Database, keys: Keys, wanted: NewStaff) -> StaffMember:
    pin_hash = None if wanted.pin is None else hash_pin(keys.pins, wanted.pin)
    return database.write_now(access.add_staff, TERMINAL, wanted, pin_hash, keys, _now())


def _enrol(database: Database, settings_: Settings, keys: Keys, wanted: NewEnrolment) -> Enrolment:
    address, fingerprint = reached_at(settings_)
    return database.write_now(access.make_enrolment, TERMINAL, wanted, keys, address, _now(), fingerprint)


def _show_enrolment(out: Console, enrolment: Enrolment) -> None:
    out.print(
        Text.assemble(
            f"To enrol {enrolment.name}, type or scan this on it within 15 minutes: ", (enrolment.code, "bold")
        ),
        soft_wrap=True,
    )
    if out.is_terminal:
        segno.make(enrolment.qr, micro=False).terminal(compact=True)


def _can_be_read(name: str) -> bool:
    """Standard input, a file, or what the shell made of `<(…)`."""
    return name == "-" or (Path(name).exists() and not Path(name).is_dir())


def _import_file(database: Database, settings_: Settings, name: str) -> RecordsSummary:
    """Read a file to its end, batch by batch, and tell of refused lines as they come."""
    intake, origin, err = Intake(), origin_of(name), _err()
    rules = contact_rules(settings_, read_keys(settings_))
    told = 0
    size = Path(name).stat().st_size if name != "-" else None
    with _opened(name) as file, _progress(DownloadColumn()) as bar:
        task = bar.add_task(origin, total=size)

        def chunks() -> Iterator[bytes]:
            while chunk := file.read(CHUNK):
                yield chunk
                bar.advance(task, len(chunk))

        def take(read: list[ReadLine]) -> RecordsSummary:
            return database.write_now(ingest.take_read, read, origin, rules, _now())

        for part in intake.run(chunks(), take):
            for refusal in part.refusals:
                told += 1
                if told <= REFUSALS_SHOWN:
                    bar.console.print(_refusal(origin, refusal))
    if told > REFUSALS_SHOWN:
        err.print(Text(f"{origin}: … and {told - REFUSALS_SHOWN:,} more refused lines", style="red"))
    return intake.summary


def _looked(database: Database, settings_: Settings, why: Why, people: tuple[int, ...]) -> None:
    """Put on record whom this terminal is about to show."""
    if people:
        now = _now()
        look = Look(TERMINAL.kind, TERMINAL.device_id, TERMINAL.staff_id, why, people, now)
        note_now(database, read_keys(settings_).audit, second_place(settings_), "terminal", [look], now)


def _text(argument: str | None) -> str | None:
    """An argument without bytes that are no UTF-8, which no database takes."""
    return None if argument is None else argument.encode("utf-8", "replace").decode()


def _refusal(origin: str, refusal: Refusal) -> Text:
    reason = harmless_text(refusal.reason)
    return Text.assemble((f"{origin}:{refusal.line}", "bold"), f" {refusal.path} ", (reason, "red"))


@contextmanager
def _database(settings_: Settings, *, make: bool = True) -> Iterator[Database]:
    """The database of the settings, open; migrated where that is needed, and made, but for who only reads."""
    database = open_database(settings_.database, make=make)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        yield file


def _progress(*columns: Any) -> Progress:
    """A bar on standard error, where it is a terminal."""
    err = _err()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        *columns,
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def _tables(console: Console) -> Tables:
    return Tables(console, terminal_locale(), _now())


def _out() -> Console:
    return Console(highlight=False, markup=False, emoji=False)


def _err() -> Console:
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def _complain(message: str) -> None:
    _err().print(Text(harmless_text(message), style="red"), soft_wrap=True)


def _encode(answer: ScanAnswer) -> bytes:
    return msgspec.json.encode(answer)


def _print_json(value: Any) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")


def _now() -> datetime:
    return datetime.now(UTC)


add_commands(catalog, Terminal(_told, _database, lambda: _tables(_out()), _complain))
