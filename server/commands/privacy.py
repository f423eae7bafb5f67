"""`mostrador customer` and `mostrador retention`: a person's rights, and what is kept for how long."""

import asyncio
import os
from typing import Annotated

import typer
from rich.text import Text

from server.commands.shell import (
    LARGEST_ID,
    REFUSED,
    AsJson,
    complain,
    database_of,
    looked,
    print_json,
    stderr,
    stdout,
    tables,
    told,
    utc_now,
)
from server.customers.queries import person as person_of
from server.customers.rules import contact_rules, name_of
from server.keys import read_keys
from server.privacy.actions import erase, readmit
from server.privacy.export import of_customer as export_of_customer
from server.privacy.queries import erasure_of
from server.privacy.retention import run_retention
from server.privacy.scrub import scrub
from server.settings import read_settings
from server.terminal.words import harmless_text
from server.wire.problems import ProblemError

customer = typer.Typer(help="A person's rights: to have what is held of them, and to be erased.", no_args_is_help=True)
retention = typer.Typer(help="What is kept for how long.", no_args_is_help=True)
CustomerNumber = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=LARGEST_ID, help="Any number of theirs, as search and scan show it.")
]


@customer.command("export")
@told
def customer_export(customer_id: CustomerNumber) -> None:
    """Write everything that is held of a person to standard output, as one JSON document, contacts unmasked."""
    settings = read_settings(os.environ)
    with database_of(settings, make=False) as database:
        document = database.read_now(export_of_customer, customer_id, utc_now())
        looked(database, settings, "export", tuple(one.id for one in document.customers))
    print_json(document)


@customer.command("erase")
@told
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
    with database_of(settings, make=False) as database:
        found = database.read_now(person_of, customer_id)
        if not found and database.read_now(erasure_of, customer_id) is None:
            raise ProblemError("unknown_customer", "There is no customer with this number. Search again.")
        looked(database, settings, "erasure", tuple(one.id for one in found))
        if not yes:
            if found:
                records = ", ".join(f"{c.source} {c.external_id}" for c in found)
                name = next((name for c in found if (name := name_of(c.given_name, c.family_name))), "Somebody")
                stderr().print(Text(harmless_text(f"{name}: {records}")), soft_wrap=True)
            if not typer.confirm("Erase this person? Nothing brings them back.", err=True):
                complain("Nobody was erased.")
                raise typer.Exit(REFUSED)
        database.write_now(erase, customer_id, rules, utc_now())
        asyncio.run(scrub(database, utc_now))
        erasure = database.read_now(erasure_of, customer_id)
        engine = database.engine
    assert erasure is not None
    if as_json:
        print_json(erasure)
        return
    said = f"Erased: {len(erasure.customer_ids)} customers. {erasure.orders:,} orders stay, of nobody."
    if erasure.scrubbed_at is None:
        said += "\nThe log of the database is in use: a server that runs empties it, or this command once more."
    if engine == "postgresql":
        said += "\nPostgreSQL keeps bytes of what was removed until its administrator runs ANALYZE, then VACUUM FULL, "
        said += "and in its write-ahead log and backups for as long as those are kept."
    stdout().print(said, soft_wrap=True)


@customer.command("readmit")
@told
def customer_readmit(
    contact: Annotated[str, typer.Argument(help="Their e-mail, phone or card, as they say it now.")],
) -> None:
    """Let somebody who was erased come again: they are here and say so. What was erased stays erased."""
    settings = read_settings(os.environ)
    rules = contact_rules(settings, read_keys(settings))
    with database_of(settings, make=False) as database:
        lifted = database.write_now(readmit, contact, rules)
    if not lifted:
        complain("Nobody was erased who had this contact.")
        raise typer.Exit(REFUSED)
    stdout().print("Records with this contact are taken again, but for those of the accounts that were erased.")


@retention.command("run")
@told
def retention_run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and remove nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove now what is kept longer than MOSTRADOR_RETENTION says; a server does it each night by itself."""
    settings = read_settings(os.environ)
    keys = read_keys(settings)
    rules = contact_rules(settings, keys)
    with database_of(settings, make=False) as database:
        report = asyncio.run(run_retention(database, settings.retention, rules, keys.audit, utc_now, dry_run=dry_run))
        if not dry_run:
            asyncio.run(scrub(database, utc_now))
    assert report is not None
    if as_json:
        print_json(report)
    else:
        tables(stdout()).retention(report)
