"""What the server acknowledged is there after kill -9, and what was under way happens exactly once.

Proven a round: several clerks write notes, preferences and orders over HTTP until the server is killed. Started again
on the same database, it shows every acknowledged write; of a request that nobody answered it took all or nothing; sent
again with its key, such a request succeeds and has happened once. Every acknowledged request that is sent again gets
its first answer, byte for byte, and changes nothing.
"""

import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from random import Random
from typing import Literal, NamedTuple

import httpx
import msgspec

from server.customers.rules import contact_rules
from server.db.address import open_database
from server.db.engine import Database
from server.ingest.actions import apply_batch
from server.settings import Settings
from server.wire.customers import CustomerContext, NewNote, NewPreferences, Note, Preferences
from server.wire.lookup import CustomerScanned
from server.wire.orders import Order, OrderPage
from server.wire.records import CustomerRecord, RecordsSummary
from tests.prove import contents, made_up
from tests.prove.findings import Assignment, BrokenError, Findings
from tests.prove.places import TORN, Place, Places, places
from tests.prove.programs import PATIENCE, Server, serving
from tests.server.given import KEYS
from tests.server.people import KNOWN, bearer

CLERKS = 8
CUSTOMERS = 16
LOAD_SECONDS = 1.5
"""The kill comes within so many seconds after the first answer."""
SOURCE = "pos:tpv"

_json = msgspec.json.Encoder()


class Customer(NamedTuple):
    """Whom one clerk, and nobody else, writes about: so what was written last is known."""

    id: int
    card: str


class Request(NamedTuple):
    """One write. `marks` are the texts by which it is known again: a note, a like, or orders' external ids."""

    kind: Literal["note", "preferences", "records"]
    customer: Customer
    key: str
    marks: tuple[str, ...]
    body: bytes

    def send(self, client: httpx.Client) -> httpx.Response:
        """Send it, with its own key."""
        doors = {
            "note": ("POST", f"/v1/customers/{self.customer.id}/notes", "application/json"),
            "preferences": ("PUT", f"/v1/customers/{self.customer.id}/preferences", "application/json"),
            "records": ("POST", "/v1/records", "application/x-ndjson"),
        }
        method, path, type_ = doors[self.kind]
        token = KNOWN.sync if self.kind == "records" else KNOWN.hq
        headers = {"Idempotency-Key": self.key, "Content-Type": type_, **bearer(token)}
        return client.request(method, path, content=self.body, headers=headers)


class Acknowledged(NamedTuple):
    """A write and the answer that it got."""

    request: Request
    answer: bytes


class Seen(NamedTuple):
    """What the server shows of a customer."""

    notes: Counter[str]
    note_ids: dict[str, Note]
    preferences: Preferences
    orders: Counter[str]
    totals: dict[str, int]


class Clerk(threading.Thread):
    """Writes one request after the other until the server is gone, and remembers what was answered.

    Attributes:
        acknowledged: what was, in its order.
        under_way: what was sent last and never answered.
        complaint: what went wrong while the server lived.
    """

    def __init__(self, server: Server, requests: Iterator[Request], first: threading.Event, dying: threading.Event):
        super().__init__(daemon=True)
        self.acknowledged: list[Acknowledged] = []
        self.under_way: Request | None = None
        self.complaint: str | None = None
        self._server, self._requests, self._first, self._dying = server, requests, first, dying

    def run(self) -> None:
        with self._server.client() as client:
            for request in self._requests:
                self.under_way = request
                try:
                    answer = request.send(client)
                except httpx.TransportError as error:
                    if not self._dying.is_set():
                        self.complaint = f"the {request.kind} {request.key} broke before the kill: {error!r}"
                    return
                if complaint := _complaint(request, answer):
                    self.complaint = complaint
                    return
                self.acknowledged.append(Acknowledged(request, answer.content))
                self.under_way = None
                self._first.set()


def prove_writes(asked: Assignment, load_seconds: float = LOAD_SECONDS) -> Findings:
    """Kill servers."""
    findings = Findings("writes", engine=asked.engine, kills=0, acknowledged=0)
    restarts: list[float] = []
    under_way: Counter[str] = Counter()
    started = time.perf_counter()
    with places(asked.engine) as made:
        shop = _shop(made, asked.folder / "writes")
        for number in range(asked.times):
            folder = asked.folder / f"writes-{number}"
            before = findings.count()
            database = made.copy_of(shop, folder, "shop")
            rng = Random(f"{asked.seed}/writes/{number}")
            try:
                _Round(findings, database, rng, under_way, restarts).run(load_seconds)
            except (BrokenError, httpx.HTTPError, msgspec.MsgspecError) as error:
                findings.wrong.append(f"{error!r}")
            except TORN as error:
                findings.torn.append(f"{error!r}")
            findings.times += 1
            findings.blame(f"round {number}", before)
            made.leave(folder, keep=findings.count() != before)
            asked.advance()
    findings.seconds = time.perf_counter() - started
    findings.remarks.append(
        f"{under_way.total()} requests were under way when the server died, {under_way['written']} of them already "
        "written; all were sent again"
    )
    if restarts:
        findings.remarks.append(
            f"the server started again answered after {statistics.median(restarts):.2f} s (median), "
            f"{max(restarts):.2f} s (most)"
        )
    return findings


def _shop(made: Places, folder: Path) -> Place:
    shop = made.new(folder, "shop")
    with closing(open_database(shop.address)) as database:
        fill(database)
    return shop


def fill(database: Database) -> None:
    """Bring a few customers with a card each."""
    customers = [
        CustomerRecord(
            source=SOURCE,
            external_id=f"k{index}",
            updated_at=made_up.OPENED,
            given_name="Cliente",
            family_name=f"N.º {index}",
            cards=(made_up.card(index),),
        )
        for index in range(CUSTOMERS)
    ]
    database.write_now(apply_batch, customers, contact_rules(Settings(), KEYS), made_up.OPENED)


class _Round:
    def __init__(
        self, findings: Findings, database: Place, rng: Random, under_way: Counter[str], restarts: list[float]
    ) -> None:
        self.findings = findings
        self.database = database
        self.rng = rng
        self.under_way = under_way
        self.restarts = restarts

    def run(self, load_seconds: float) -> None:
        """Load, kill, look, start again, look, send again, look."""
        customers, clerks = self._load_and_kill(load_seconds)
        self._look_at_rows("after the kill")
        acknowledged = [done for clerk in clerks for done in clerk.acknowledged]
        open_ = [clerk.under_way for clerk in clerks if clerk.under_way is not None]
        assert self.findings.acknowledged is not None
        self.findings.acknowledged += len(acknowledged)
        with serving(self.database.address) as server:
            self.restarts.append(server.seconds)
            with server.client() as client:
                self._compare(_seen(client, customers), acknowledged, open_)
                for request in open_:
                    if complaint := _complaint(request, request.send(client)):
                        self.findings.wrong.append(f"sent again after the kill: {complaint}")
            self._repeat(server, acknowledged)
            with server.client() as client:
                seen = _seen(client, customers)
                self._require_once(seen, [done.request for done in acknowledged] + open_)
            server.end()
        self._look_at_rows("at the end")
        with self.database.looked_at() as conn:
            told = contents.events(conn)
        notes = sum(seen.notes.total() for seen in seen.values())
        if told["note_added"] != notes:
            self.findings.wrong.append(f"{notes} notes were added and {told['note_added']} told")

    def _load_and_kill(self, load_seconds: float) -> tuple[list[Customer], list[Clerk]]:
        first, dying = threading.Event(), threading.Event()
        with serving(self.database.address) as server:
            with server.client() as client:
                customers = [scanned_customer(client, index) for index in range(CUSTOMERS)]
            clerks = [
                Clerk(server, _requests(f"r{n}", customers[n::CLERKS], Random(self.rng.random())), first, dying)
                for n in range(CLERKS)
            ]
            for clerk in clerks:
                clerk.start()
            try:
                if not first.wait(PATIENCE):
                    raise BrokenError(f"nothing was acknowledged in {PATIENCE:.0f} seconds; {server.said}")
                time.sleep(self.rng.uniform(0, load_seconds))
            finally:
                dying.set()
                killed = server.kill()
                for clerk in clerks:
                    clerk.join(PATIENCE)
        if not killed:
            raise BrokenError(f"the server ended by itself: {server.said}")
        assert self.findings.kills is not None
        self.findings.kills += 1
        self.findings.wrong += [clerk.complaint for clerk in clerks if clerk.complaint]
        self.findings.wrong += ["a clerk hangs" for clerk in clerks if clerk.is_alive()]
        return customers, clerks

    def _look_at_rows(self, when: str) -> None:
        with self.database.looked_at() as conn:
            self.findings.torn += [f"{when}: {fault}" for fault in self.database.faults(conn) + contents.flaws(conn)]

    def _compare(self, seen: dict[Customer, Seen], acknowledged: list[Acknowledged], open_: list[Request]) -> None:
        """After the restart: everything that was acknowledged, whole or nothing of what was not, and nothing else."""
        preferences = {done.request.customer: done for done in acknowledged if done.request.kind == "preferences"}
        for request, answer in acknowledged:
            there = seen[request.customer]
            if request.kind == "note":
                written = msgspec.json.decode(answer, type=Note)
                if there.note_ids.get(request.marks[0]) != written:
                    self.findings.lost.append(f"note {written} is shown as {there.note_ids.get(request.marks[0])}")
            elif request.kind == "records":
                self.findings.lost += [f"order {mark}" for mark in request.marks if not there.orders[mark]]
        for request in open_:
            there = seen[request.customer]
            found = [_is_there(request, mark, there) for mark in request.marks]
            self.under_way["written" if all(found) else "not written"] += 1
            if any(found) != all(found):
                self.findings.torn.append(f"of the {request.kind} {request.key} only a part was taken: {found}")
            if request.kind == "preferences" and all(found):
                preferences.pop(request.customer, None)
        for customer, done in preferences.items():
            written_ = msgspec.json.decode(done.answer, type=Preferences)
            if seen[customer].preferences != written_:
                self.findings.lost.append(f"preferences {written_} are shown as {seen[customer].preferences}")

    def _repeat(self, server: Server, acknowledged: list[Acknowledged]) -> None:
        """Send all that was acknowledged once more, and require the first answers."""

        def repeat(part: list[Acknowledged]) -> list[str]:
            with server.client() as client:
                return [complaint for done in part if (complaint := _repeated(client, done))]

        with ThreadPoolExecutor(CLERKS) as pool:
            for complaints in pool.map(repeat, [acknowledged[n::CLERKS] for n in range(CLERKS)]):
                self.findings.wrong += complaints

    def _require_once(self, seen: dict[Customer, Seen], requests: list[Request]) -> None:
        """At the end: every write once, the preferences that were set last, and nothing that nobody sent."""
        notes: dict[Customer, Counter[str]] = {customer: Counter() for customer in seen}
        orders: dict[Customer, dict[str, int]] = {customer: {} for customer in seen}
        likes: dict[Customer, tuple[str, ...]] = dict.fromkeys(seen, ())
        for request in requests:
            if request.kind == "note":
                notes[request.customer].update(request.marks)
            elif request.kind == "preferences":
                likes[request.customer] = request.marks
            else:
                orders[request.customer].update(_totals(request.marks))
        for customer, there in seen.items():
            for what, expected, found in (
                ("notes", notes[customer], there.notes),
                ("likes", likes[customer], there.preferences.likes),
                ("orders", Counter(orders[customer].keys()), there.orders),
                ("totals of orders", orders[customer], there.totals),
            ):
                if expected != found:
                    self.findings.wrong.append(
                        f"{what} of customer {customer.id}: {_unlike(expected, found)} instead of once each"
                    )


def _requests(clerk: str, customers: list[Customer], rng: Random) -> Iterator[Request]:
    """Writes without end, each of them to be told from all others."""
    for number in count():
        customer, name = rng.choice(customers), f"{clerk}-{number}"
        match rng.randrange(5):
            case 0 | 1:
                body = _json.encode(NewNote(text=name))
                yield Request("note", customer, name, (name,), body)
            case 2:
                body = _json.encode(NewPreferences(sizes={"tops": str(number)}, likes=(name,)))
                yield Request("preferences", customer, name, (name,), body)
            case _:
                marks = tuple(f"{name}-{line}" for line in range(rng.choice((1, 1, 3, 20))))
                body = b"\n".join(_order(mark, customer) for mark in marks)
                yield Request("records", customer, name, marks, body)


def _order(mark: str, customer: Customer) -> bytes:
    total = _totals((mark,))[mark]
    return _json.encode(
        {
            "type": "order",
            "source": SOURCE,
            "external_id": mark,
            "updated_at": made_up.OPENED,
            "number": mark,
            "channel": "store",
            "store": made_up.STORES[0],
            "placed_at": made_up.OPENED,
            "status": "paid",
            "currency": "EUR",
            "total": total,
            "customer": {"card": customer.card},
            "lines": [{"sku": "P0001-0", "title": "Camisa", "quantity": 1, "unit_price": total}],
        }
    )


def _totals(marks: tuple[str, ...]) -> dict[str, int]:
    """What an order costs follows from its name, so that one in another's place is noticed."""
    return {mark: 100 + sum(mark.encode()) for mark in marks}


def _complaint(request: Request, answer: httpx.Response) -> str | None:
    """Why an answer is no acknowledgement."""
    if not answer.is_success:
        return f"the {request.kind} {request.key} got {answer.status_code}: {answer.text[:500]}"
    if request.kind == "records":
        said = msgspec.json.decode(answer.content, type=RecordsSummary)
        if said.refused or said.stopped or said.new + said.unchanged != len(request.marks):
            return f"the records {request.key} got {answer.text[:500]}"
    return None


def _repeated(client: httpx.Client, done: Acknowledged) -> str | None:
    """What is wrong with the answer to a request that was acknowledged before."""
    answer = done.request.send(client)
    if done.request.kind == "records":
        expected = msgspec.json.encode(RecordsSummary(unchanged=len(done.request.marks)))
    else:
        expected = done.answer
    if answer.content != expected:
        return f"the {done.request.kind} {done.request.key} was answered {done.answer!r}, now {answer.content!r}"
    return None


def _is_there(request: Request, mark: str, seen: Seen) -> bool:
    match request.kind:
        case "note":
            return mark in seen.notes
        case "preferences":
            return mark in seen.preferences.likes
        case "records":
            return mark in seen.orders


def scanned_customer(client: httpx.Client, index: int) -> Customer:
    """One of those that `fill` brings."""
    card = made_up.card(index)
    scanned = msgspec.json.decode(
        client.post("/v1/scan", json={"code": card}).raise_for_status().content, type=CustomerScanned
    )
    return Customer(scanned.context.person.id, card)


def _seen(client: httpx.Client, customers: list[Customer]) -> dict[Customer, Seen]:
    return {customer: _seen_of(client, customer.id) for customer in customers}


def _seen_of(client: httpx.Client, customer_id: int) -> Seen:
    answer = client.get(f"/v1/customers/{customer_id}/context").raise_for_status()
    context = msgspec.json.decode(answer.content, type=CustomerContext)
    orders: list[Order] = []
    page: OrderPage | None = None
    while page is None or page.before is not None:
        place = {} if page is None else {"before": page.before}
        answer = client.get(f"/v1/customers/{customer_id}/orders", params={"limit": 100, **place}).raise_for_status()
        page = msgspec.json.decode(answer.content, type=OrderPage)
        orders += page.orders
    return Seen(
        notes=Counter(note.text for note in context.notes),
        note_ids={note.text: note for note in context.notes},
        preferences=context.preferences,
        orders=Counter(order.external_id for order in orders),
        totals={order.external_id: order.total for order in orders},
    )


def _unlike(expected: object, found: object) -> str:
    """What differs of two counters, or both as they are."""
    if isinstance(expected, dict) and isinstance(found, dict):
        keys = sorted(key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key))
        return ", ".join(f"{key} {found.get(key, 0)} (sent: {expected.get(key, 0)})" for key in keys[:5])
    return f"{found} (sent: {expected})"
