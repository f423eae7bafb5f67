"""An import that dies at any moment leaves a sound database, and starting it again gives what one import gives.

Proven a round: after kill -9 the database passes its engine's checks (SQLite's and the full-text index's own; amcheck
on PostgreSQL), and no row contradicts another, as no batch was taken by half; a second import gives the state of an
undisturbed one, and what happened was told once; a third changes nothing.
"""

import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec

from server.db.engine import EngineName
from server.wire.records import RecordsSummary
from tests.prove import contents, made_up
from tests.prove.findings import Assignment, BrokenError, Findings
from tests.prove.places import TORN, Places, places
from tests.prove.programs import import_file, kill_import
from tests.server.ingest.state import State

RECORDS: Mapping[EngineName, int] = {"sqlite": 8_000, "postgresql": 3_000}
"""Of a file: some seconds of work."""
ROUNDS_OF_FILE = 10
"""A new file after so many rounds."""
ATTEMPTS = 25
"""Kills that may come too late before one is in time."""


class Undisturbed(NamedTuple):
    """A file, the state that it leaves when nothing disturbs its import, and the seconds that takes."""

    file: Path
    content: State
    events: int
    seconds: float
    said: RecordsSummary


def prove_imports(asked: Assignment, records: int | None = None) -> Findings:
    """Kill imports."""
    records = records or RECORDS[asked.engine]
    findings = Findings("import", engine=asked.engine, kills=0)
    moments: Counter[str] = Counter()
    late = 0
    undisturbed: Undisturbed | None = None
    seconds: list[float] = []
    started = time.perf_counter()
    with places(asked.engine) as made:
        for number in range(asked.times):
            folder = asked.folder / f"import-{number}"
            folder.mkdir(parents=True)
            before = findings.count()
            try:
                if undisturbed is None or number % ROUNDS_OF_FILE == 0:
                    undisturbed = _undisturbed(asked, made, folder, number // ROUNDS_OF_FILE, records)
                    seconds.append(undisturbed.seconds)
                rng = Random(f"{asked.seed}/import/{number}")
                moment, redone = _round(findings, undisturbed, made, folder, rng)
                moments[moment] += 1
                late += redone
            except (BrokenError, msgspec.MsgspecError) as error:
                findings.wrong.append(f"{error}")
            except TORN as error:
                findings.torn.append(f"{error!r}")
            findings.times += 1
            findings.blame(f"round {number}", before)
            made.leave(folder, keep=findings.count() != before)
            asked.advance()
    findings.seconds = time.perf_counter() - started
    findings.remarks.append(
        f"{records:,} records a file, taken in {max(seconds, default=0):.1f} s at most; killed before the first commit "
        f"{moments['before']}, between commits {moments['amid']}, after the last one, at the end's tidying, "
        f"{moments['after']}; {late} kills came after the end and were done again"
    )
    return findings


def _undisturbed(asked: Assignment, made: Places, folder: Path, number: int, records: int) -> Undisturbed:
    file = asked.folder / f"records-{number}.ndjson"
    file.write_bytes(b"\n".join(made_up.lines(f"{asked.seed}/records/{number}", records)) + b"\n")
    database = made.new(folder, "undisturbed")
    started = time.perf_counter()
    said = import_file(database.address, file)
    seconds = time.perf_counter() - started
    with database.looked_at() as conn:
        if flaws := contents.flaws(conn):
            raise BrokenError(f"already an undisturbed import leaves flaws: {flaws[:5]}")
        content = contents.content(conn)
        return Undisturbed(file, content, contents.events(conn).total(), seconds, said)


def _round(findings: Findings, undisturbed: Undisturbed, made: Places, folder: Path, rng: Random) -> tuple[str, int]:
    """Kill one import and start it again twice; at which moment it died, and how many kills came too late."""
    assert findings.kills is not None
    file, seconds = undisturbed.file, undisturbed.seconds
    for attempt in range(ATTEMPTS):
        database = made.new(folder, f"shop-{attempt}")
        took = kill_import(database.address, file, rng.uniform(0, seconds))
        if took is None:
            break
        # The machine may be quicker now than when it was measured: then no kill would hit.
        seconds = min(seconds, took)
    else:
        raise BrokenError(f"the import ended before it was killed, {ATTEMPTS} times")
    findings.kills += 1
    with database.looked_at() as conn:
        findings.torn += [f"after the kill: {fault}" for fault in database.faults(conn) + contents.flaws(conn)]
        told = contents.events(conn).total()
    moment = "before" if not told else "amid" if told < undisturbed.events else "after"

    again = import_file(database.address, file)
    if again.refused != undisturbed.said.refused:
        findings.wrong.append(f"{undisturbed.said.refused} lines were refused, after the kill {again.refused}")
    with database.looked_at() as conn:
        findings.torn += [f"after the second import: {fault}" for fault in database.faults(conn)]
        findings.lost += contents.differences(undisturbed.content, contents.content(conn))

    third = import_file(database.address, file)
    if third.new or third.changed or third.stopped:
        findings.wrong.append(f"a third import says {third.new} new and {third.changed} changed")
    with database.looked_at() as conn:
        changed = contents.differences(undisturbed.content, contents.content(conn))
        findings.wrong += [f"the third import changed something: {change}" for change in changed]
    return moment, attempt
