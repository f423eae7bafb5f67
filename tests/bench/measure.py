"""The measurements, in the order in which they disturb each other least."""

import http.client
import math
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec
from rich.console import Console

from server.db.address import open_database
from server.db.engine import Connection
from server.db.sql import Query
from tests.bench import load, people, queries, report
from tests.bench.filled import ROOT
from tests.bench.load import Request, Stream
from tests.bench.people import Chain
from tests.bench.processes import (
    Family,
    Together,
    clean_environment,
    memory_of,
    settings_for,
    the_bare,
    the_server,
)
from tests.bench.report import Row, Target
from tests.server.people import KNOWN, bearer

NAMES = ("bare", "one", "scan", "beside", "paced", "search", "write", "import", "memory")
"""What `--only` may name."""

CONNECTIONS = 8
SCANS_PACED, SEARCHES_BESIDE = 200.0, 20.0
"""A second. Two hundred scans are what some thousand tablets and tills make in a busy minute."""
CARDS = 50_000
"""Different cards that are scanned, drawn from all customers alike."""
NOTES = 5_000
"""Different customers of whom notes are written."""
TIMED = 100
HEADERS = {"Content-Type": "application/json", **bearer(KNOWN.hq)}
"""At least so many questions of a kind that are asked one by one, so that one in a hundred is one."""
NEW_ORDERS = 60_000

_BY_CARD = Query("by_card", "Whose a card is.")
_BY_CARD.sqlite = "SELECT customer_id FROM identities WHERE kind = 'card' AND value = :value"
_BY_CARD.postgresql = "SELECT customer_id FROM identities WHERE kind = 'card' AND value = %(value)s"


class Spent(NamedTuple):
    """Seconds of processor time, of servers and of PostgreSQL; the latter is no number where there is none."""

    server: float
    postgresql: float


NOTHING = Spent(0, 0)


class Bench:
    """One run over one database.

    Args:
        chain: what is in the database.
        address: of a copy that this run may write to.
        folder: for the lists, logs and files of this run.
        seconds: how long each measurement takes.
        only: names of measurements.
        console: to say what is being done.
        postgresql: PostgreSQL's processes, where it is the engine.
        servers: how many there are, of those that are measured and of those they are measured against.
    """

    def __init__(
        self,
        chain: Chain,
        address: str,
        folder: Path,
        seconds: int,
        only: frozenset[str],
        console: Console,
        *,
        postgresql: Family | None = None,
        servers: int = 1,
    ) -> None:
        self.chain = chain
        self.address = address
        self.folder = folder
        self.seconds = seconds
        self.only = only
        self.console = console
        self.postgresql = postgresql
        self.servers = servers
        self.rows: list[Row] = []
        self.bare_rows: list[Row] = []
        self.slowest: list[dict[str, object]] = []
        self._rng = Random(f"{chain.seed}/load")

    def run(self) -> None:
        """Measure everything that was asked for; the bare route before and after the scans, which are set beside it."""
        self._prepare()
        logs = range(1, self.servers + 1)
        with Together([the_bare(self.address, self.folder / f"bare-{number}.log") for number in logs]) as bare:
            self._bare(bare, "bare route")
            self._bare_one_by_one(bare)
            if "one" in self.only:
                self._wrk("one row by card", bare, self.one_list, CONNECTIONS)
            if self.only & {"scan", "beside", "paced", "search", "write", "memory"}:
                running = [the_server(self.address, self.folder / f"server-{number}.log") for number in logs]
                with Together(running) as server:
                    self._serve(server, bare)
        if "import" in self.only:
            self._import()
        self._compare()

    def _serve(self, server: Together, bare: Together) -> None:
        at_start = [memory.resident for memory in server.memory()]
        for port in server.ports:
            self._check(port)
        if "scan" in self.only:
            self._scan(server)
            self._bare(bare, "bare route, again")
            self._walk_in(server)
        for name, measurement in (
            ("beside", self._beside),
            ("paced", self._paced),
            ("search", self._search),
            ("write", self._write),
        ):
            if name in self.only:
                measurement(server)
        if "memory" in self.only:
            self._memory(server, at_start)

    # --- what is asked

    def _prepare(self) -> None:
        """Draw cards, bodies and customers, and write them down for wrk."""
        carried = [
            number for index in range(1, self.chain.customers) if (number := people.card(self.chain, index)) is not None
        ]
        self.cards = self._rng.sample(carried, min(CARDS, len(carried)))
        self.scans = [Request("POST", "/v1/scan", self._scan_body(number)) for number in self.cards]
        self.sections = queries.by_section()
        self.searches = [
            Request("POST", "/v1/customers/search", search.body) for found in self.sections.values() for search in found
        ]
        self._rng.shuffle(self.searches)
        self.scan_list = load.write_list(self.folder / "scans.txt", self.scans)
        self.search_list = load.write_list(self.folder / "searches.txt", self.searches)
        self.bare_list = load.write_list(self.folder / "bare.txt", [Request("GET", "/bare")])
        self.one_list = load.write_list(
            self.folder / "one.txt", [Request("GET", f"/one?card={number}") for number in self.cards]
        )

    def _scan_body(self, card: str | None) -> bytes:
        return msgspec.json.encode({"code": card, "store": self._rng.choice(people.STORES)})

    def _check(self, port: int) -> None:
        """See that the answers are what is to be measured, before their speed is.

        Raises:
            RuntimeError: they are not.
        """
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with closing(connection):
            orders = 0
            for request in self.scans[:200]:
                connection.request(request.method, request.path, request.body, HEADERS)
                answer = connection.getresponse()
                said = answer.read()
                if answer.status != 200 or not said.startswith(b'{"type":"customer"'):
                    raise RuntimeError(f"a scan was answered with {answer.status} {said[:300]!r}")
                orders += len(msgspec.json.decode(said)["context"]["orders"])
            if not orders:
                raise RuntimeError("none of 200 customers has an order: this is not the database that was asked for")
            for request in self.searches:
                connection.request(request.method, request.path, request.body, HEADERS)
                answer = connection.getresponse()
                said = answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"the search {request.body!r} was answered with {answer.status} {said[:300]!r}")

    # --- the measurements

    def _say(self, what: str) -> None:
        self.console.print(f"[bright_black]{what} …[/]")

    def _spent(self, server: Together, before: Spent = NOTHING) -> Spent:
        """What was spent since."""
        postgresql = math.nan if self.postgresql is None else self.postgresql.cpu()
        return Spent(server.cpu() - before.server, postgresql - before.postgresql)

    def _judge(self, row: Row, *targets: Target) -> None:
        """The targets are for one server on SQLite; others' speeds are reported, not asked for."""
        if self.postgresql is None and self.servers == 1:
            report.judge(row, *targets)

    def _wrk(self, name: str, server: Together, list_: Path, connections: int, *, key_prefix: str | None = None) -> Row:
        """A second to warm up, with other requests of the list; then the measurement."""
        self._say(name)
        warm_prefix = f"{key_prefix}warm-" if key_prefix else None
        load.wrk(server.urls, list_, 1, connections, start=CARDS * 4 // 5, key_prefix=warm_prefix)
        before = self._spent(server)
        result = load.wrk(server.urls, list_, self.seconds, connections, key_prefix=key_prefix)
        spent = self._spent(server, before)
        row = report.row_of(name, result, cpu_seconds=spent.server, postgresql_seconds=spent.postgresql)
        self.rows.append(row)
        return row

    def _bare(self, bare: Together, name: str) -> None:
        row = self._wrk(name, bare, self.bare_list, CONNECTIONS)
        row.postgresql_us = math.nan  # it is not asked
        self.bare_rows.append(row)

    def _bare_one_by_one(self, bare: Together) -> None:
        """What a question costs that asks nothing: client and loopback, a part of all that is asked one by one."""
        asked = load.run(load.in_turn(bare.ports, [Request("GET", "/bare")], self.seconds / 10, TIMED))
        self.rows.append(report.row_of("bare route, one by one", _one_by_one(asked)))

    def _scan(self, server: Together) -> None:
        row = self._wrk(f"context by card, {CONNECTIONS} connections", server, self.scan_list, CONNECTIONS)
        self._judge(row, report.SCAN_RATIO, report.SCAN_P99)

    def _walk_in(self, server: Together) -> None:
        self._say("context of the walk-in account")
        request = Request("POST", "/v1/scan", self._scan_body(people.card(self.chain, people.WALK_IN)))
        before = self._spent(server)
        asked = load.run(load.in_turn(server.ports, [request], self.seconds / 10, TIMED))
        spent = self._spent(server, before)
        name = f"the walk-in's context ({self.chain.walk_in_orders:,} orders), one by one"
        self.rows.append(
            report.row_of(name, _one_by_one(asked), cpu_seconds=spent.server, postgresql_seconds=spent.postgresql)
        )

    def _beside(self, server: Together) -> None:
        """Searches at a pace, while wrk takes all that is left: its times are those of eight waiting in a queue."""
        self._say("context by card and searches beside, saturated")
        with load.Wrk(server.urls, self.scan_list, self.seconds, CONNECTIONS, start=CARDS // 2) as running:
            time.sleep(0.2)
            stream = Stream(self.searches, SEARCHES_BESIDE)
            (searches,) = load.run(
                load.paced(server.ports, [stream], max(self.seconds - 0.4, 0.5), f"{self.chain.seed}/beside")
            )
            scans = running.result()
        row = report.row_of(f"context by card, {CONNECTIONS} connections + {SEARCHES_BESIDE:.0f} searches/s", scans)
        self._judge(row, report.SCAN_P99)
        self.rows += [row, report.row_of("  the searches beside it", searches)]

    def _paced(self, server: Together) -> None:
        """At a pace that does not fill the server: these are the times that people see."""
        scans, searches = Stream(self.scans, SCANS_PACED), Stream(self.searches, SEARCHES_BESIDE)
        self._say("paced scans")
        seed = f"{self.chain.seed}/paced"
        (alone,) = load.run(load.paced(server.ports, [scans], self.seconds, seed))
        self._say("paced scans and searches")
        before = self._spent(server)
        both = load.run(load.paced(server.ports, [scans, searches], self.seconds, seed))
        spent = self._spent(server, before)
        busy = f"the server is busy {spent.server / self.seconds:.0%} of the time"
        if self.postgresql is not None:
            busy += f", PostgreSQL {spent.postgresql / self.seconds:.0%}"
        rows = [
            report.row_of(f"context by card, {SCANS_PACED:.0f}/s paced", alone),
            report.row_of(f"context by card, {SCANS_PACED:.0f}/s paced + {SEARCHES_BESIDE:.0f} searches/s", both[0]),
            report.row_of("  the searches beside it", both[1], remark=busy),
        ]
        self._judge(rows[0], report.SCAN_P99)
        self._judge(rows[1], report.SCAN_P99)
        self.rows += rows

    def _search(self, server: Together) -> None:
        self._say("searches by section")
        every: list[float] = []
        for section, searches in self.sections.items():
            requests = [Request("POST", "/v1/customers/search", search.body) for search in searches]
            before = self._spent(server)
            asked = load.run(load.in_turn(server.ports, requests, self.seconds / 10, TIMED))
            spent = self._spent(server, before)
            every += [a.answer.seconds for a in asked]
            by_search = [
                (load.percentile(sorted(a.answer.seconds for a in asked if a.number == number), 50) * 1000, search.text)
                for number, search in enumerate(searches)
            ]
            self.slowest += [{"section": section, "text": text, "p50_ms": round(ms, 3)} for ms, text in by_search]
            slowest_ms, slowest = max(by_search)
            row = report.row_of(
                f"search, {section}",
                _one_by_one(asked),
                cpu_seconds=spent.server,
                postgresql_seconds=spent.postgresql,
                remark=f"{slowest}: {slowest_ms:,.1f} ms",
            )
            self._judge(row, report.SEARCH_P99)
            self.rows.append(row)
        self.slowest.sort(key=lambda search: -float(str(search["p50_ms"])))
        row = self._wrk("search, the whole list, 2 connections", server, self.search_list, 2)
        self._judge(row, report.SEARCH_P99)
        row.remark = f"one by one: p99 {load.percentile(sorted(every), 99) * 1000:,.1f} ms"

    def _write(self, server: Together) -> None:
        """Notes, each acknowledged once it is on disk; those that wait together share a commit."""
        ids = self._customer_ids()
        notes = [
            Request("POST", f"/v1/customers/{id_}/notes", msgspec.json.encode({"text": f"Prefiere la talla M ({n})"}))
            for n, id_ in enumerate(ids)
        ]
        list_ = load.write_list(self.folder / "notes.txt", notes)
        prefix = f"bench-{time.time_ns():x}-"
        row = self._wrk(f"write: notes, {CONNECTIONS} connections", server, list_, CONNECTIONS, key_prefix=prefix)
        row.remark = "each acknowledged once it is on disk"

    def _customer_ids(self) -> list[int]:

        def find(conn: Connection) -> list[int]:
            found = (conn.one(_BY_CARD, value=number) for number in self.cards[:NOTES])
            return [row[0] for row in found if row is not None]

        with closing(open_database(self.address)) as database:
            return database.read_now(find)

    def _memory(self, server: Together, at_start: Sequence[float]) -> None:
        for number, (held, first) in enumerate(zip(server.memory(), at_start, strict=True), 1):
            row = Row(
                name=f"memory of {'the server' if self.servers == 1 else f'server {number}'} after all that",
                memory_mb=held.resident,
                remark=(
                    f"{held.resident:,.0f} MB, {held.anonymous:,.0f} of it anonymous; "
                    f"at start {first:,.0f}, peak {held.peak:,.0f}"
                ),
            )
            self._judge(row, report.MEMORY)
            self.rows.append(row)
        if self.postgresql is not None:
            count, held_mb, shared = self.postgresql.memory()
            row.remark += f"; PostgreSQL {held_mb:,.0f} MB in {count} processes, {shared:,.0f} of it shared"

    def _import(self) -> None:
        """`mostrador import` of orders that come after those in the database, as a process of its own."""
        count = min(NEW_ORDERS, max(self.chain.orders // 5, 1_000))
        self._say(f"import of {count:,} new orders")
        file = self.folder / "new-orders.ndjson"
        with file.open("wb") as out:
            for record in people.new_orders(self.chain, count):
                out.write(msgspec.json.encode(record) + b"\n")
        known = self.folder / "known.ndjson"
        known.write_bytes(msgspec.json.encode(next(people.stores())) + b"\n")
        start_up, start_up_cpu, _ = min(self._import_file(known) for _ in range(2))
        before = math.nan if self.postgresql is None else self.postgresql.cpu()
        seconds, cpu, peak = self._import_file(file, new=count)
        postgresql = math.nan if self.postgresql is None else self.postgresql.cpu() - before
        for name, took, took_cpu in (
            (f"import of {count:,} orders, start to end", seconds, cpu),
            ("  without start-up", seconds - start_up, cpu - start_up_cpu),
        ):
            row = Row(name=name, rate=count / took, requests=count, cpu_us=took_cpu * 1e6 / count)
            row.postgresql_us = postgresql * 1e6 / count
            self._judge(row, report.IMPORT_RATE)
            self.rows.append(row)
        self.rows[-1].remark = f"start-up {start_up:.2f} s; peak {peak:,.0f} MB"

    def _import_file(self, file: Path, *, new: int = 0) -> tuple[float, float, float]:
        """Seconds, seconds of processor time, and MB at most of an import.

        Raises:
            RuntimeError: not all was taken that should be.
        """
        said = self.folder / "import.json"
        with said.open("wb") as out:
            started = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "server", "import", str(file), "--json"],
                cwd=ROOT,
                env=clean_environment() | settings_for(self.address),
                stdin=subprocess.DEVNULL,
                stdout=out,
            )
            peak = 0.0
            try:
                while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
                    # What the kernel says at the end begins with what we held when it was started.
                    peak = max(peak, memory_of(process.pid).peak)
                    time.sleep(0.02)
                _, status, used = ended
                seconds = time.perf_counter() - started
                process.returncode = os.waitstatus_to_exitcode(status)
            finally:
                if process.returncode is None:
                    process.kill()
                    process.wait()
        summary = msgspec.json.decode(said.read_bytes())[0] if process.returncode == 0 else {}
        if summary.get("refused") != 0 or summary.get("new") != new:
            raise RuntimeError(f"the import ended with {process.returncode} and {str(summary)[:500]}")
        return seconds, used.ru_utime + used.ru_stime, peak

    def _compare(self) -> None:
        """Set every row beside the bare route of this run."""
        rate = math.fsum(row.rate for row in self.bare_rows) / len(self.bare_rows)
        cpu = math.fsum(row.cpu_us for row in self.bare_rows) / len(self.bare_rows)
        for row in self.rows:
            row.ratio = row.rate / rate
            row.cpu_ratio = cpu / row.cpu_us if row.cpu_us else math.nan
            if str(report.SCAN_RATIO) in row.targets:  # what was judged before there was a ratio
                self._judge(row, report.SCAN_RATIO, report.SCAN_P99)

    @property
    def bare_spread(self) -> float:
        """By how much the bare route's two rates differ, as a share of the larger: how even the machine was."""
        rates = [row.rate for row in self.bare_rows]
        return 1 - min(rates) / max(rates)


def _one_by_one(asked: Sequence[load.Asked]) -> load.Load:
    """What came of questions of which each waited for the answer before it."""
    times = [a.answer.seconds for a in asked]
    return load.load_of(times, math.fsum(times), sum(a.answer.status >= 300 for a in asked))


def measured(only: Sequence[str]) -> frozenset[str]:
    """The measurements that names stand for.

    Raises:
        ValueError: a name is none of them.
    """
    unknown = set(only) - set(NAMES)
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))}: there are {', '.join(NAMES)}")
    chosen = frozenset(only) or frozenset(NAMES)
    # What is shown as a ratio needs what it is a ratio of.
    return chosen | {"bare"}
