"""The measurements, in the order in which they disturb each other least."""

import http.client
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import msgspec
from rich.console import Console

from tests.bench import load, people, queries, report
from tests.bench.filled import ROOT
from tests.bench.load import Request, Stream
from tests.bench.people import Chain
from tests.bench.processes import Running, clean_environment, memory_of, settings_for, the_bare, the_server
from tests.bench.report import Row

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
"""At least so many questions of a kind that are asked one by one, so that one in a hundred is one."""
NEW_ORDERS = 60_000


class Bench:
    """One run over one database.

    Args:
        chain: what is in the database.
        database: a copy that this run may write to.
        folder: for the lists, logs and files of this run.
        seconds: how long each measurement takes.
        only: names of measurements.
        console: to say what is being done.
    """

    def __init__(
        self, chain: Chain, database: Path, folder: Path, seconds: int, only: frozenset[str], console: Console
    ) -> None:
        self.chain = chain
        self.database = database
        self.folder = folder
        self.seconds = seconds
        self.only = only
        self.console = console
        self.rows: list[Row] = []
        self.bare_rows: list[Row] = []
        self.slowest: list[dict[str, object]] = []
        self._rng = Random(f"{chain.seed}/load")

    def run(self) -> None:
        """Measure everything that was asked for; the bare route before and after the scans, which are set beside it."""
        self._prepare()
        with the_bare(self.database, self.folder / "bare.log") as bare:
            self._bare(bare, "bare route")
            self._bare_one_by_one(bare)
            if "one" in self.only:
                self._wrk("one row by card", bare, self.one_list, CONNECTIONS)
            if self.only & {"scan", "beside", "paced", "search", "write", "memory"}:
                with the_server(self.database, self.folder / "server.log") as server:
                    self._serve(server, bare)
        if "import" in self.only:
            self._import()
        self._compare()

    def _serve(self, server: Running, bare: Running) -> None:
        at_start = server.memory()
        self._check(server)
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
            self._memory(server, at_start.resident)

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

    def _check(self, server: Running) -> None:
        """See that the answers are what is to be measured, before their speed is.

        Raises:
            RuntimeError: they are not.
        """
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        with closing(connection):
            orders = 0
            for request in self.scans[:200]:
                connection.request(request.method, request.path, request.body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                said = answer.read()
                if answer.status != 200 or not said.startswith(b'{"type":"customer"'):
                    raise RuntimeError(f"a scan was answered with {answer.status} {said[:300]!r}")
                orders += len(msgspec.json.decode(said)["context"]["orders"])
            if not orders:
                raise RuntimeError("none of 200 customers has an order: this is not the database that was asked for")
            for request in self.searches:
                connection.request(request.method, request.path, request.body, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                said = answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"the search {request.body!r} was answered with {answer.status} {said[:300]!r}")

    # --- the measurements

    def _say(self, what: str) -> None:
        self.console.print(f"[bright_black]{what} …[/]")

    def _wrk(self, name: str, server: Running, list_: Path, connections: int, *, key_prefix: str | None = None) -> Row:
        """A second to warm up, with other requests of the list; then the measurement."""
        self._say(name)
        warm_prefix = f"{key_prefix}warm-" if key_prefix else None
        load.wrk(server.url, list_, 1, connections, start=CARDS * 4 // 5, key_prefix=warm_prefix)
        cpu = server.cpu()
        result = load.wrk(server.url, list_, self.seconds, connections, key_prefix=key_prefix)
        row = report.row_of(name, result, cpu_seconds=server.cpu() - cpu)
        self.rows.append(row)
        return row

    def _bare(self, bare: Running, name: str) -> None:
        row = self._wrk(name, bare, self.bare_list, CONNECTIONS)
        self.bare_rows.append(row)

    def _bare_one_by_one(self, bare: Running) -> None:
        """What a question costs that asks nothing: client and loopback, a part of all that is asked one by one."""
        asked = load.run(load.in_turn(bare.port, [Request("GET", "/bare")], self.seconds / 10, TIMED))
        self.rows.append(report.row_of("bare route, one by one", _one_by_one(asked)))

    def _scan(self, server: Running) -> None:
        row = self._wrk(f"context by card, {CONNECTIONS} connections", server, self.scan_list, CONNECTIONS)
        row.targets = {str(report.SCAN_RATIO): False, str(report.SCAN_P99): False}

    def _walk_in(self, server: Running) -> None:
        self._say("context of the walk-in account")
        request = Request("POST", "/v1/scan", self._scan_body(people.card(self.chain, people.WALK_IN)))
        cpu = server.cpu()
        asked = load.run(load.in_turn(server.port, [request], self.seconds / 10, TIMED))
        name = f"the walk-in's context ({self.chain.walk_in_orders:,} orders), one by one"
        self.rows.append(report.row_of(name, _one_by_one(asked), cpu_seconds=server.cpu() - cpu))

    def _beside(self, server: Running) -> None:
        """Searches at a pace, while wrk takes all that is left: its times are those of eight waiting in a queue."""
        self._say("context by card and searches beside, saturated")
        with load.Wrk(server.url, self.scan_list, self.seconds, CONNECTIONS, start=CARDS // 2) as running:
            time.sleep(0.2)
            stream = Stream(self.searches, SEARCHES_BESIDE)
            (searches,) = load.run(
                load.paced(server.port, [stream], max(self.seconds - 0.4, 0.5), f"{self.chain.seed}/beside")
            )
            scans = running.result()
        row = report.row_of(f"context by card, {CONNECTIONS} connections + {SEARCHES_BESIDE:.0f} searches/s", scans)
        report.judge(row, report.SCAN_P99)
        self.rows += [row, report.row_of("  the searches beside it", searches)]

    def _paced(self, server: Running) -> None:
        """At a pace that does not fill the server: these are the times that people see."""
        scans, searches = Stream(self.scans, SCANS_PACED), Stream(self.searches, SEARCHES_BESIDE)
        self._say("paced scans")
        seed = f"{self.chain.seed}/paced"
        (alone,) = load.run(load.paced(server.port, [scans], self.seconds, seed))
        self._say("paced scans and searches")
        cpu = server.cpu()
        both = load.run(load.paced(server.port, [scans, searches], self.seconds, seed))
        busy = (server.cpu() - cpu) / self.seconds
        rows = [
            report.row_of(f"context by card, {SCANS_PACED:.0f}/s paced", alone),
            report.row_of(f"context by card, {SCANS_PACED:.0f}/s paced + {SEARCHES_BESIDE:.0f} searches/s", both[0]),
            report.row_of("  the searches beside it", both[1], remark=f"the server is busy {busy:.0%} of the time"),
        ]
        report.judge(rows[0], report.SCAN_P99)
        report.judge(rows[1], report.SCAN_P99)
        self.rows += rows

    def _search(self, server: Running) -> None:
        self._say("searches by section")
        every: list[float] = []
        for section, searches in self.sections.items():
            requests = [Request("POST", "/v1/customers/search", search.body) for search in searches]
            cpu = server.cpu()
            asked = load.run(load.in_turn(server.port, requests, self.seconds / 10, TIMED))
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
                cpu_seconds=server.cpu() - cpu,
                remark=f"{slowest}: {slowest_ms:,.1f} ms",
            )
            report.judge(row, report.SEARCH_P99)
            self.rows.append(row)
        self.slowest.sort(key=lambda search: -float(str(search["p50_ms"])))
        row = self._wrk("search, the whole list, 2 connections", server, self.search_list, 2)
        report.judge(row, report.SEARCH_P99)
        row.remark = f"one by one: p99 {load.percentile(sorted(every), 99) * 1000:,.1f} ms"

    def _write(self, server: Running) -> None:
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
        conn = sqlite3.connect(f"{self.database.absolute().as_uri()}?mode=ro", uri=True)
        with closing(conn):
            return [
                conn.execute(
                    "SELECT customer_id FROM identities WHERE kind = 'card' AND value = ?", (number,)
                ).fetchone()[0]
                for number in self.cards[:NOTES]
            ]

    def _memory(self, server: Running, at_start: float) -> None:
        held = server.memory()
        row = Row(
            name="memory of the server after all that",
            memory_mb=held.resident,
            remark=(
                f"{held.resident:,.0f} MB, {held.anonymous:,.0f} of it anonymous; "
                f"at start {at_start:,.0f}, peak {held.peak:,.0f}"
            ),
        )
        report.judge(row, report.MEMORY)
        self.rows.append(row)

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
        seconds, cpu, peak = self._import_file(file, new=count)
        for name, took, took_cpu in (
            (f"import of {count:,} orders, start to end", seconds, cpu),
            ("  without start-up", seconds - start_up, cpu - start_up_cpu),
        ):
            row = Row(name=name, rate=count / took, requests=count, cpu_us=took_cpu * 1e6 / count)
            report.judge(row, report.IMPORT_RATE)
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
                env=clean_environment() | settings_for(self.database),
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
            if str(report.SCAN_RATIO) in row.targets:
                report.judge(row, report.SCAN_RATIO, report.SCAN_P99)

    @property
    def bare_spread(self) -> float:
        """By how much the bare route's two rates differ, as a share of the larger: how even the machine was."""
        rates = [row.rate for row in self.bare_rows]
        return 1 - min(rates) / max(rates)


def _one_by_one(asked: Sequence[load.Asked]) -> load.Load:
    """What came of questions of which each waited for the answer before it."""
    times = [a.answer.seconds for a in asked]
    return load.load_of(times, math.fsum(times), sum(a.answer.status >= 300 for a in asked))


def copy_of(database: Path, folder: Path) -> Path:
    """A copy that may be written to, which shares the original's blocks where the file system can."""
    copy = folder / "bench.db"
    subprocess.run(["cp", "--reflink=auto", "--", str(database), str(copy)], check=True)
    # A server that has been up for a day has its file in the system's memory; and what was copied is not yet on disk.
    os.sync()
    with copy.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass
    return copy


def free_enough(database: Path, folder: Path) -> bool:
    """Whether there is room for a copy and for what is written to it."""
    return shutil.disk_usage(folder).free > 1.5 * database.stat().st_size


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
