"""What was acknowledged outlives PostgreSQL's sudden end, and the servers in front of it go on by themselves.

Proven a round: all processes of a PostgreSQL that syncs its commits are killed -9 while clerks write notes through two
servers, and it is started again. Every acknowledged note is there and none is there twice; while it is away, whatever
needs it is refused with a clear 503, in time, and the servers say that they live but are not ready; afterwards they
answer again. One live stream of each server, opened before the first kill, tells to the end every event once and in
order; one that is opened while PostgreSQL is away does the same.
"""

import shutil
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import count, pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

import httpx
import msgspec
import psycopg

from server.db.postgres import REACH, PostgresConnection, PostgresDatabase
from server.live.stream import HEARTBEAT
from server.wire.customers import NewNote, Note
from server.wire.events import NoteAdded
from server.wire.live import LiveEvent
from server.wire.problems import Problem
from tests.cluster import SAFE, Cluster, cluster
from tests.prove.findings import Assignment, BrokenError, Findings
from tests.prove.places import faults_of_tables
from tests.prove.programs import PATIENCE, Server, serving
from tests.prove.writes import CUSTOMERS, Customer, fill, scanned_customer
from tests.server.ingest.state import flaws_of
from tests.server.people import KNOWN, bearer

SERVERS = 2
CLERKS = 8
LOAD_SECONDS = 1.5
"""The kill comes within so many seconds after the first answers."""
AWAY_SECONDS = 8.0
"""PostgreSQL stays away for so many seconds at most: for less than a server waits for it, and for more."""
AFTERWARDS = 0.5
"""Seconds of load after all is well again."""
LONGEST_ANSWER = 2 * REACH + 2.0
"""Seconds: a write may have to wait for the one before it, and each waits no longer than the server's own reach."""
PAUSE = 0.1
"""Seconds between two looks, and before a write that was refused is sent again: sooner than any polite client."""
CATCH_UP = 10.0
"""Seconds that a stream may need after a round to tell what is left."""
REFUSALS = frozenset({"database_unavailable", "database_busy", "audit_unavailable"})


class Answer(NamedTuple):
    """What a server answered, and when it was asked; `status` is None where it broke off."""

    server: int
    door: str
    asked: float
    answered: float
    status: int | None
    text: str

    @property
    def good(self) -> bool:
        return self.status in {200, 201}

    @property
    def seconds(self) -> float:
        return self.answered - self.asked


class Written(NamedTuple):
    """A note that was acknowledged: what was sent, by which server's answer, and that answer."""

    customer: Customer
    key: str
    body: bytes
    server: int
    answer: bytes


class Told(NamedTuple):
    """An event as a stream told it."""

    id: int
    note: int | None


@dataclass
class Figures:
    """What is said beside the table."""

    processes: int = 0
    recoveries: list[float] = field(default_factory=list)
    first_read: list[float] = field(default_factory=list)
    first_write: list[float] = field(default_factory=list)
    last_refusal: list[float] = field(default_factory=list)
    longest: dict[str, float] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    open: int = 0
    told: list[int] = field(default_factory=list)


class Listener(threading.Thread):
    """One live stream that goes on after an event.

    Attributes:
        told: all events, as they came.
        opened: once it tells.
        ended: why it is no longer open.
        leave: it is no longer listened to.
    """

    def __init__(self, server: Server, after: int) -> None:
        super().__init__(daemon=True)
        self.told: list[Told] = []
        self.opened = threading.Event()
        self.ended: str | None = None
        self.leave = False
        self._server, self._after = server, after

    def run(self) -> None:
        try:
            with httpx.Client(
                base_url=self._server.address, timeout=2 * HEARTBEAT, trust_env=False, headers=bearer(KNOWN.hq)
            ) as client:
                # Who asks cannot be found without a database: a clear no is asked again, as a tablet does.
                while not self._heard(client):
                    time.sleep(PAUSE)
            self.ended = "the server ended it"
        except (httpx.HTTPError, msgspec.MsgspecError, KeyError) as error:
            self.ended = f"{error!r}"

    def _heard(self, client: httpx.Client) -> bool:
        """Listen until the stream ends; false where it did not begin because the database is away."""
        with client.stream("GET", "/v1/live", headers={"Last-Event-ID": str(self._after)}) as answer:
            if answer.status_code == 503:
                answer.read()
                if answer.json()["code"] in REFUSALS and "Retry-After" in answer.headers:
                    return False
            self._listen(answer)
        return True

    def _listen(self, answer: httpx.Response) -> None:
        fields: dict[str, str] = {}
        for line in answer.raise_for_status().iter_lines():
            if self.leave:
                return
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
                continue
            if fields.get("event") == "opened":
                self.opened.set()
            elif "data" in fields:
                event = msgspec.json.decode(fields["data"], type=LiveEvent).event
                self.told.append(Told(int(fields["id"]), event.note_id if isinstance(event, NoteAdded) else None))
            fields = {}


class House:
    """The servers, and all that they answered in a round."""

    def __init__(self, servers: list[Server]) -> None:
        self.servers = servers
        self.answers: list[Answer] = []
        self.over = threading.Event()
        """Nothing new is begun."""

    def ask(
        self, client: httpx.Client, server: int, door: str, *request: str, **words: object
    ) -> httpx.Response | None:
        """Ask, and write down what came; None where that is no answer."""
        asked = time.monotonic()
        try:
            answer = client.request(*request, **words)  # type: ignore[arg-type]
        except httpx.HTTPError as error:
            self.answers.append(Answer(server, door, asked, time.monotonic(), None, f"{error!r}"))
            return None
        self.answers.append(Answer(server, door, asked, time.monotonic(), answer.status_code, _said(answer)))
        return answer

    def has_answered(self, since: float, *doors: str) -> bool:
        """Whether each server gave a good answer at each of these doors to what it was asked since then."""
        seen = {(answer.server, answer.door) for answer in list(self.answers) if answer.good and answer.asked >= since}
        return all((server, door) in seen for server in range(len(self.servers)) for door in doors)


class Clerk(threading.Thread):
    """Writes notes, each until it is acknowledged: what is refused is sent again with its key, to the other server.

    Attributes:
        written: what was acknowledged.
        left: a note that never was.
        repeats: how often one was sent again.
    """

    def __init__(self, house: House, home: int, name: str, customers: list[Customer]) -> None:
        super().__init__(daemon=True)
        self.written: list[Written] = []
        self.left: str | None = None
        self.repeats = 0
        self._house, self._home, self._name, self._customers = house, home, name, customers

    def run(self) -> None:
        with ExitStack() as open_:
            clients = [open_.enter_context(server.client()) for server in self._house.servers]
            for number in count():
                if self._house.over.is_set() or self.left:
                    return
                self._write(clients, f"{self._name}-{number}", self._customers[number % len(self._customers)])

    def _write(self, clients: list[httpx.Client], key: str, customer: Customer) -> None:
        body = msgspec.json.encode(NewNote(text=key))
        deadline = time.monotonic() + PATIENCE
        for attempt in count():
            server = (self._home + attempt) % len(clients)
            answer = _post(self._house, clients[server], server, customer, key, body)
            if answer is not None and answer.is_success:
                self.written.append(Written(customer, key, body, server, answer.content))
                return
            if time.monotonic() > deadline:
                self.left = key
                return
            self.repeats += 1
            time.sleep(PAUSE)


class Watcher(threading.Thread):
    """Looks at one door of one server, again and again."""

    def __init__(self, house: House, server: int, door: str, path: str) -> None:
        super().__init__(daemon=True)
        self._house, self._server, self._door, self._path = house, server, door, path

    def run(self) -> None:
        with self._house.servers[self._server].client() as client:
            while not self._house.over.wait(PAUSE):
                self._house.ask(client, self._server, self._door, "GET", self._path)


def prove_postgresql(
    asked: Assignment, load_seconds: float = LOAD_SECONDS, away_seconds: tuple[float, float] = (0.0, AWAY_SECONDS)
) -> Findings:
    """Kill PostgreSQL."""
    findings = Findings("postgresql", engine="postgresql", kills=0, acknowledged=0)
    figures = Figures()
    started = time.perf_counter()
    with cluster(SAFE) as postgres, ExitStack() as open_:
        name = postgres.empty()
        with closing(PostgresDatabase(postgres.address(name))) as database:
            fill(database)
        postgres.run("CREATE EXTENSION amcheck", name)
        servers: list[Server] = []
        try:
            for _ in range(SERVERS):
                servers.append(open_.enter_context(serving(postgres.address(name))))
            campaign = _Campaign(findings, figures, postgres, name, servers)
            for number in range(asked.times):
                before = findings.count()
                rng = Random(f"{asked.seed}/postgresql/{number}")
                try:
                    campaign.run(number, rng.uniform(0, load_seconds), rng.uniform(*away_seconds))
                finally:
                    findings.times += 1
                    findings.blame(f"round {number}", before)
                asked.advance()
            for server in servers:
                server.end()
        except (BrokenError, RuntimeError, httpx.HTTPError, msgspec.MsgspecError, psycopg.Error) as error:
            findings.wrong.append(f"given up: {error!r}")
        if findings.failures:
            _keep(asked.folder / "postgresql", postgres, servers)
    findings.seconds = time.perf_counter() - started
    findings.remarks += _remarks(figures)
    return findings


class _Campaign:
    def __init__(
        self, findings: Findings, figures: Figures, postgres: Cluster, name: str, servers: list[Server]
    ) -> None:
        self.findings = findings
        self.figures = figures
        self.postgres = postgres
        self.name = name
        self.servers = servers
        self.begun = self._events(0)[-1]
        """The streams tell what follows this event."""
        self.notes: dict[int, Note] = {}
        """All that were acknowledged so far."""
        with servers[0].client() as client:
            self.customers = [scanned_customer(client, index) for index in range(CUSTOMERS)]
        self.listeners = [Listener(server, self.begun) for server in servers]
        for listener in self.listeners:
            listener.start()
            if not listener.opened.wait(PATIENCE):
                raise BrokenError(f"a stream does not open: {listener.ended}")

    def run(self, number: int, load: float, away: float) -> None:
        """Load, kill, wait, start again, look."""
        house = House(self.servers)
        clerks = [
            Clerk(house, clerk % SERVERS, f"r{number}-{clerk}", self.customers[clerk::CLERKS])
            for clerk in range(CLERKS)
        ]
        doors = {
            "live": "/health/live",
            "ready": "/health/ready",
            "context": f"/v1/customers/{self.customers[0].id}/context",
        }
        watchers = [Watcher(house, server, *door) for server in range(SERVERS) for door in doors.items()]
        began = time.monotonic()
        for thread in (*clerks, *watchers):
            thread.start()
        try:
            self._wait(lambda: house.has_answered(began, "notes", *doors), "no good answers before the kill")
            time.sleep(load)
            dying = time.monotonic()
            killed = self.postgres.kill()
            dead = time.monotonic()
            late = Listener(self.servers[number % SERVERS], self.begun)
            late.start()
            time.sleep(away)
            start = time.monotonic()
            accepts = self.postgres.start()
            self._wait(lambda: house.has_answered(accepts, "notes", *doors), "no good answers after the restart")
            time.sleep(AFTERWARDS)
        finally:
            house.over.set()
            for thread in (*clerks, *watchers):
                thread.join(PATIENCE)
        assert self.findings.kills is not None
        self.findings.kills += 1
        self.figures.processes += killed
        self.figures.recoveries.append(accepts - start)
        self._look_at_answers(house.answers, dying, dead, start, accepts)
        written = [done for clerk in clerks for done in clerk.written]
        self.findings.wrong += [f"the note {clerk.left} was never acknowledged" for clerk in clerks if clerk.left]
        self.findings.wrong += ["somebody hangs" for thread in (*clerks, *watchers) if thread.is_alive()]
        self.figures.repeated += sum(clerk.repeats for clerk in clerks)
        self._repeat([clerk.written[-1] for clerk in clerks if clerk.written])
        self._look_at_notes(written)
        for server, listener in enumerate(self.listeners):
            self._look_at_stream(f"the stream of server {server}", listener)
        self.figures.open = sum(not listener.ended for listener in self.listeners)
        self.figures.told = [len(listener.told) for listener in self.listeners]
        self._look_at_stream(f"the stream that was opened at server {number % SERVERS} meanwhile", late)
        late.leave = True
        self._look_at_tables()

    def _wait(self, come: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not come():
            if time.monotonic() > deadline:
                raise BrokenError(f"{otherwise}, in {PATIENCE:.0f} seconds; {self.servers[0].said}")
            time.sleep(PAUSE / 5)

    def _look_at_answers(self, answers: list[Answer], dying: float, dead: float, start: float, accepts: float) -> None:
        """While it was away: refused, clearly and in time; before and after it: answered."""
        wrong = self.findings.wrong
        for answer in answers:
            where = f"server {answer.server}, {answer.door}, {answer.asked - dead:.2f} s after the kill"
            if answer.text or (answer.door == "live" and not answer.good):
                wrong.append(f"{where}: {answer.status} {answer.text}")
            if answer.good and answer.door != "live" and dead < answer.asked and answer.answered < start:
                wrong.append(f"{where}: {answer.status} without a database")
            if answer.seconds > LONGEST_ANSWER:
                wrong.append(f"{where}: {answer.status} took {answer.seconds:.1f} s")
            if not answer.good and answer.answered < dying:
                wrong.append(f"{where}: {answer.status} before the kill")
            longest = self.figures.longest
            longest[answer.door] = max(longest.get(answer.door, 0.0), answer.seconds)
            self.figures.refused[answer.door] += answer.status == 503
        for server in range(SERVERS):
            of_server = [answer for answer in answers if answer.server == server and answer.door != "live"]
            good = [answer for answer in of_server if answer.good and answer.answered > start]
            read = min(answer.answered for answer in good if answer.door != "notes")
            write = min(answer.answered for answer in good if answer.door == "notes")
            bad = [answer.answered for answer in of_server if not answer.good]
            self.figures.first_read.append(max(0.0, read - accepts))
            self.figures.first_write.append(max(0.0, write - accepts))
            self.figures.last_refusal.append(max(0.0, max(bad, default=0.0) - accepts))
            if start - dead > LONGEST_ANSWER / 2 and not any(
                answer.status == 503 and dead < answer.answered < start
                for answer in of_server
                if answer.door == "ready"
            ):
                wrong.append(f"server {server} never said that it is not ready")

    def _repeat(self, written: list[Written]) -> None:
        """What was acknowledged last, sent once more to a server that did not: it gives the first answer."""
        house = House(self.servers)
        for done in written:
            other = (done.server + 1) % SERVERS
            with self.servers[other].client() as client:
                answer = _post(house, client, other, done.customer, done.key, done.body)
            if answer is None or answer.content != done.answer:
                said = None if answer is None else answer.text
                self.findings.wrong.append(f"the note {done.key} was answered {done.answer!r}, now {said!r}")

    def _look_at_notes(self, written: list[Written]) -> None:
        """Every acknowledged note as it was answered, of this round and of all before; and no other."""
        assert self.findings.acknowledged is not None
        self.findings.acknowledged += len(written)
        for done in written:
            note = msgspec.json.decode(done.answer, type=Note)
            if note.text != done.key or note.id in self.notes:
                self.findings.wrong.append(f"the note {done.key} was answered with {note}")
            self.notes[note.id] = note
        rows = self.postgres.run("SELECT id, text, author, written_at, store FROM notes", self.name)
        there = {note.id: note for row in rows for note in [msgspec.convert(_note(*row), Note)]}
        self.findings.lost += [
            f"{note} is shown as {there.get(note.id)}" for note in self.notes.values() if there.get(note.id) != note
        ]
        texts = Counter(note.text for note in there.values())
        self.findings.wrong += [f"the note {text} is there {times} times" for text, times in texts.items() if times > 1]
        self.findings.wrong += [f"{there[id_]} was never acknowledged" for id_ in there.keys() - self.notes.keys()]

    def _look_at_stream(self, where: str, listener: Listener) -> None:
        """It is open, and told what the table holds, each once, in its order; and so each note's event once."""
        wrong = self.findings.wrong
        events = self._events(self.begun)
        deadline = time.monotonic() + CATCH_UP
        while len(listener.told) < len(events) and not listener.ended and time.monotonic() < deadline:
            time.sleep(PAUSE / 5)
        if listener.ended:
            wrong.append(f"{where} ended after {len(listener.told)} events: {listener.ended}")
        told = list(listener.told)
        ids = [event.id for event in told]
        if ids != events:
            missing, twice = sorted(set(events) - set(ids)), [id_ for id_, n in Counter(ids).items() if n > 1]
            wrong.append(f"{where} told {len(ids)} of {len(events)} events; missing {missing[:10]}, twice {twice[:10]}")
        if any(earlier >= later for earlier, later in pairwise(ids)):
            wrong.append(f"{where} told numbers that do not grow")
        notes = Counter(event.note for event in told if event.note is not None)
        if notes != Counter(self.notes.keys()):
            unlike = sorted(id_ for id_ in notes.keys() | self.notes.keys() if notes[id_] != (id_ in self.notes))
            wrong.append(f"{where} did not tell once each: the notes {unlike[:10]}")

    def _look_at_tables(self) -> None:
        """No page, no index and no row contradicts another."""
        with psycopg.connect(self.postgres.address(self.name), autocommit=True) as raw:
            conn = PostgresConnection(raw)
            self.findings.torn += faults_of_tables(conn) + flaws_of(conn)

    def _events(self, after: int) -> list[int]:
        """The numbers of what was told, once nothing waits for its number any more; for the first time, with a 0."""
        deadline = time.monotonic() + CATCH_UP
        while self.postgres.run("SELECT 1 FROM events_new LIMIT 1", self.name):
            if time.monotonic() > deadline:
                raise BrokenError(f"events wait for their numbers for {CATCH_UP:.0f} seconds")
            time.sleep(PAUSE / 5)
        rows = self.postgres.run(f"SELECT id FROM events WHERE id > {after} ORDER BY id", self.name)
        return [int(str(id_)) for (id_,) in rows]


def _post(
    house: House, client: httpx.Client, server: int, customer: Customer, key: str, body: bytes
) -> httpx.Response | None:
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    path = f"/v1/customers/{customer.id}/notes"
    return house.ask(client, server, "notes", "POST", path, content=body, headers=headers)


def _said(answer: httpx.Response) -> str:
    """What is wrong with an answer; nothing if it is good, or a refusal that tells a program what to do."""
    if answer.status_code in {200, 201}:
        return ""
    try:
        code = msgspec.json.decode(answer.content, type=Problem).code
    except msgspec.MsgspecError:
        code = ""
    if answer.status_code == 503 and code in REFUSALS and "Retry-After" in answer.headers:
        return ""
    return answer.text[:500] or "without a word"


def _note(id_: object, text: object, author: object, written_at: object, store: object) -> dict[str, object]:
    return {"id": id_, "text": text, "author": author, "written_at": written_at, "store": store}


def _keep(folder: Path, postgres: Cluster, servers: list[Server]) -> None:
    """What the programs wrote for their operators; the database goes with its server."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(postgres.folder / "log", folder / "postgresql.log")
    for number, server in enumerate(servers):
        (folder / f"server-{number}.log").write_text(server.said)


def _remarks(figures: Figures) -> list[str]:
    if not figures.recoveries:
        return []
    recoveries, read, write, last = map(
        _median_and_worst, (figures.recoveries, figures.first_read, figures.first_write, figures.last_refusal)
    )
    good = f"to each server's first good answer to a read: {read}; to a write: {write}; to its last refusal: {last}"
    refused = ", ".join(f"{door} {times:,}" for door, times in sorted(figures.refused.items()) if times)
    longest = ", ".join(f"{door} {seconds:.2f} s" for door, seconds in sorted(figures.longest.items()))
    streams = " and ".join(f"{told:,}" for told in figures.told)
    return [
        f"{figures.processes} processes of PostgreSQL were killed; started again it let somebody in after {recoveries}",
        f"from then on {good}",
        f"refused with a clear 503: {refused}; {figures.repeated:,} notes were sent again; longest answers: {longest}",
        f"{figures.open} of {SERVERS} streams were open from the first kill to the end; they told {streams} events",
    ]


def _median_and_worst(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s (median), {max(seconds):.2f} s (worst)"
