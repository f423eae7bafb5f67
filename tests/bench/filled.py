"""A database with a whole chain in it, filled once through the product's own way in and kept for the next run."""

import hashlib
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from server.customers.rules import ContactRules
from server.customers.words import words_of
from server.db.address import open_database
from server.db.engine import EngineName
from server.ingest import actions
from server.ingest.intake import Intake
from server.ingest.reader import Reader, ReadLine
from server.settings import Settings
from server.wire.records import RecordsSummary
from tests.bench import people
from tests.bench.people import Chain
from tests.server.given import KEYS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "bench"
CHUNK = 262_144
"""Bytes read at a time, as `mostrador import` does."""

_MAKE_IT_WHAT_IT_IS = ("server/db/migrations/{engine}", "tests/bench/people.py", "tests/bench/names.py")


def key(engine: EngineName) -> str:
    """Changes with the schema, with the records, and with the words by which the product finds people."""
    digest = hashlib.blake2b(digest_size=6)
    for name in _MAKE_IT_WHAT_IT_IS:
        path = ROOT / name.format(engine=engine)
        for file in sorted(path.glob("*.sql")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    for record in people.customers(Chain(1_000, 0)):
        names = (record["given_name"], record["family_name"], record.get("city"))
        emails = [email if isinstance(email, str) else email["value"] for email in record.get("emails", ())]
        found_by = words_of(names, emails, record.get("phones", ()), record.get("cards", ()))
        digest.update(repr(found_by).encode())
    return digest.hexdigest()


def fill(chain: Chain, address: str, console: Console) -> str:
    """Take a chain into an empty database; what there is to say of it."""
    started = time.perf_counter()
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.bench.people",
            "--customers",
            str(chain.customers),
            "--orders",
            str(chain.orders),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    ) as generator:
        assert generator.stdout is not None
        try:
            taken = take(address, generator.stdout, people.expected(chain), console)
        finally:
            generator.kill()
    seconds = time.perf_counter() - started
    return f"Filled in {seconds:,.0f} s: {taken:,} records, {taken / seconds:,.0f}/s"


def take(address: str, records: IO[bytes], expected: int, console: Console) -> int:
    """Take NDJSON into a database as `mostrador import` does; how many records that were.

    Raises:
        RuntimeError: a record was refused, or there were none.
    """
    settings = Settings()
    rules = ContactRules(settings.card_patterns, settings.country, KEYS.tombstones)
    intake = Intake()
    database = open_database(address)
    columns = (
        TextColumn("filling"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    try:
        with (
            Reader(rules) as reader,
            Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress,
        ):
            task = progress.add_task("filling", total=expected, rate="")
            started = time.perf_counter()

            def write(read: list[ReadLine]) -> RecordsSummary:
                return database.write_now(actions.take_read, read, "bench", rules, datetime.now(UTC))

            for _ in intake.run(iter(lambda: records.read(CHUNK), b""), reader, write):
                done = intake.summary.new
                progress.update(task, completed=done, rate=f"{done / (time.perf_counter() - started):,.0f}/s")
    finally:
        database.close()
    summary = intake.summary
    if summary.refused or summary.stopped:
        raise RuntimeError(f"{summary.refused} of the records were refused: {summary.refusals[:3]} {summary.stopped}")
    return summary.new
