"""Whoever is erased while the server dies is wholly there or wholly gone, and once it was asked again no byte is left.

Proven a round: several managers erase people over HTTP until the server is killed, and commands erase others until they
are. Afterwards each person is as before in every part of their export, or gone with a keyed tombstone for each of their
names; who was acknowledged is gone. All are erased again under the same keys; then their names, contacts and ids are
nowhere in the database's files, its log and its index of words, and a second import brings nobody back. Whoever was not
erased is as before. Before, every one of those texts is found in the files.
"""

import signal
import subprocess
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from random import Random
from typing import NamedTuple

import httpx
import msgspec

from server.access.callers import TERMINAL
from server.customers import actions as customer_actions
from server.customers.queries import customer_id_of
from server.customers.rules import contact_rules
from server.customers.tombstones import Name, mac
from server.db.address import open_database
from server.db.engine import Connection
from server.ingest.actions import take_lines
from server.ingest.ndjson import Line
from server.privacy.export import of_customer
from server.settings import Settings
from server.wire.customers import NewNote
from server.wire.privacy import CustomerExport, Erasure
from server.wire.problems import ProblemError
from server.wire.records import RecordsSummary
from tests.prove import contents, made_up
from tests.prove.findings import Assignment, BrokenError, Findings
from tests.prove.places import TORN, Place, Places, places
from tests.prove.programs import PATIENCE, Server, serving, start
from tests.server.given import KEYS, rows
from tests.server.people import KNOWN, bearer

PEOPLE, STAYING, MANAGERS, COMMANDS = 48, 4, 4, 3
"""Who is erased over HTTP or by a command, the last of them by commands; who stays; and by how many at once."""
LOAD_SECONDS = 0.6
"""The kill comes within so many seconds after the first answer."""
COMMAND_SECONDS = 1.5
"""A command is killed within so many seconds after its start."""
NOW = datetime(2025, 6, 1, tzinfo=UTC)
RULES = contact_rules(Settings(), KEYS)

_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_json = msgspec.json.Encoder()


def _odd(what: str) -> str:
    """A word that begins as no other one does."""
    return sha256(what.encode()).hexdigest()[:16].translate(_LETTERS)


class Person(NamedTuple):
    """Somebody with two accounts, and an order as a guest, that one verified e-mail address joins.

    No text of theirs is anybody else's.
    """

    number: int

    @property
    def texts(self) -> dict[str, str]:
        """What names them, as their records say it."""
        n = self.number
        return {
            "given_name": _odd(f"given {n}").title(),
            "family_name": _odd(f"family {n}").title(),
            "email": f"mail{n:03}@quiet.example",
            "phone": f"+34611{n:06}",
            "card": made_up.card(700_000 + n),
            "web": f"web-{n:03}-q",
            "till": f"till-{n:03}-q",
        }

    @property
    def names(self) -> list[Name]:
        """What they are recognised by when they are brought again."""
        texts = self.texts
        contacts: list[Name] = [(kind, texts[kind]) for kind in ("email", "phone", "card")]
        return [("id", "web", texts["web"]), ("id", "till", texts["till"]), *contacts]

    @property
    def needles(self) -> list[bytes]:
        """What must be nowhere once they are erased.

        The index has small letters only, and of a word only what differs from the word before it.
        """
        texts = self.texts
        words = [texts["given_name"][5:], texts["family_name"][5:], texts["phone"][3:]]
        return [text.encode() for text in (*texts.values(), *words)]

    @property
    def lines(self) -> list[bytes]:
        """Their records; the last one cannot be taken, and is kept as it came."""
        texts, at = self.texts, made_up.OPENED
        base = {"updated_at": at}
        emails = [{"value": texts["email"], "verified": True}]
        whose = {"external_id": texts["web"]}
        line = {"sku": "P0001-0", "title": "Camisa", "quantity": 1, "unit_price": 100}
        money = {"currency": "EUR", "lines": [line]}
        sale = {"channel": "online", "placed_at": at, "status": "paid", "total": 100}
        names = {"given_name": texts["given_name"], "family_name": texts["family_name"], "emails": emails}
        records: list[dict[str, object]] = [
            {"type": "customer", "source": "web", "external_id": texts["web"], **names, "phones": [texts["phone"]]},
            {"type": "customer", "source": "till", "external_id": texts["till"], "emails": emails},
            {"type": "order", "source": "web", "external_id": f"o{self.number}", "number": f"#{self.number}",
             "customer": whose, **sale, **money},
            {"type": "order", "source": "web", "external_id": f"p{self.number}", "number": f"#p{self.number}",
             "customer": {"email": texts["email"]}, **sale, **money},
            {"type": "cart", "source": "web", "external_id": f"c{self.number}", "status": "open", "customer": whose,
             **money},
            {"type": "wishlist", "source": "web", "external_id": f"w{self.number}", "customer": whose,
             "name": f"For {texts['given_name']}", "items": [{"sku": "P0001-0", "added_at": at}]},
        ]  # fmt: skip
        records[1]["cards"] = [texts["card"]]
        view = {"type": "view", "source": "web", "customer": whose, "sku": "P0001-0", "viewed_at": at}
        refused = {"type": "customer", "source": "web", "external_id": texts["web"], "given_name": 7}
        return [_json.encode(one) for one in [*(record | base for record in records), view, refused]]


class Known(NamedTuple):
    """Somebody as they are before anybody is erased."""

    person: Person
    id: int
    export: bytes


class Manager(threading.Thread):
    """Erases one person after the other until the server is gone.

    Attributes:
        acknowledged: whom, and the answer.
        complaint: what went wrong while the server lived.
    """

    def __init__(self, server: Server, people: list[Known], first: threading.Event, dying: threading.Event) -> None:
        super().__init__(daemon=True)
        self.acknowledged: dict[int, bytes] = {}
        self.complaint: str | None = None
        self._server, self._people, self._first, self._dying = server, people, first, dying

    def run(self) -> None:
        with self._server.client() as client:
            for known in self._people:
                try:
                    answer = _erase(client, known)
                except httpx.TransportError as error:
                    if not self._dying.is_set():
                        self.complaint = f"the erasure of {known.id} broke before the kill: {error!r}"
                    return
                if not answer.is_success:
                    self.complaint = f"the erasure of {known.id} got {answer.status_code}: {answer.text[:500]}"
                    return
                self.acknowledged[known.id] = answer.content
                self._first.set()


def prove_erasures(asked: Assignment, load_seconds: float = LOAD_SECONDS) -> Findings:
    """Kill servers and commands that erase people."""
    findings = Findings("erasures", engine=asked.engine, kills=0, acknowledged=0)
    started = time.perf_counter()
    found = {"there": 0, "gone": 0}
    with places(asked.engine) as made:
        shop, known = _shop(made, asked)
        for number in range(asked.times):
            folder = asked.folder / f"erasures-{number}"
            before = findings.count()
            database = made.copy_of(shop, folder, "shop")
            rng = Random(f"{asked.seed}/erasures/{number}")
            try:
                _Round(findings, database, known, rng, found).run(load_seconds)
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
        f"of the people who were to be erased {found['gone']} were wholly gone after the kill and {found['there']} "
        "wholly there; all were erased again"
    )
    return findings


def _shop(made: Places, asked: Assignment) -> tuple[Place, list[Known]]:
    """A shop with everybody in it, and each of them as they are.

    Raises:
        BrokenError: somebody's texts are not found in the database's files, so that it would prove nothing later.
    """
    shop = made.new(asked.folder / "erasures", "shop")
    everybody = [Person(number) for number in range(PEOPLE + STAYING)]
    with closing(open_database(shop.address)) as database:
        database.write_now(_fill, everybody)
        known = database.read_now(_as_they_are, everybody)
    needles = [needle for person in everybody for needle in person.needles]
    if missing := set(needles) - shop.found_in_files(needles):
        raise BrokenError(f"before anybody was erased these were not in the files: {sorted(missing)[:5]}")
    return shop, known


def _fill(conn: Connection, everybody: list[Person]) -> None:
    for person in everybody:
        lines = [Line(number, line) for number, line in enumerate(person.lines, 1)]
        take_lines(conn, lines, "file", RULES, NOW)
        note = NewNote(text=f"{person.texts['given_name']} likes linen")
        customer_actions.add_note(conn, TERMINAL, _number(conn, person), note, NOW)


def _number(conn: Connection, person: Person) -> int:
    found = customer_id_of(conn, "web", person.texts["web"])
    assert found is not None
    return found


def _as_they_are(conn: Connection, everybody: list[Person]) -> list[Known]:
    known = [Known(person, id_, _export(conn, id_)) for person in everybody for id_ in [_number(conn, person)]]
    for one in known:
        export = msgspec.json.decode(one.export, type=CustomerExport)
        parts = (export.customers, export.orders, export.carts, export.wishlists, export.views, export.notes)
        assert [len(part) for part in parts] == [3, 2, 1, 1, 1, 1]
        assert len(export.refused_records) == 1
    return known


def _export(conn: Connection, customer_id: int) -> bytes:
    """All that is held of somebody, but for what devices were told, which gets its numbers by and by."""
    return _json.encode(msgspec.structs.replace(of_customer(conn, customer_id, NOW), events=()))


def _erase(client: httpx.Client, known: Known, *, key: bool = True) -> httpx.Response:
    headers = {"Idempotency-Key": f"erase {known.id}"} if key else {}
    return client.post(f"/v1/customers/{known.id}/erasure", json={"confirm": True}, headers=headers)


class _Round:
    def __init__(
        self, findings: Findings, database: Place, known: list[Known], rng: Random, found: dict[str, int]
    ) -> None:
        self.findings = findings
        self.database = database
        self.going, self.staying = known[:PEOPLE], known[PEOPLE:]
        self.rng = rng
        self.found = found

    def run(self, load_seconds: float) -> None:
        """Erase and kill, look, erase again, look for every byte."""
        over_http, by_command = self.going[:-COMMANDS], self.going[-COMMANDS:]
        acknowledged = self._erase_and_kill(over_http, load_seconds)
        done = {known.id for known in by_command if self._command(known)}
        assert self.findings.acknowledged is not None
        self.findings.acknowledged += len(acknowledged) + len(done)
        self._look("after the kill", {*acknowledged, *done}, at_all=True)
        with serving(self.database.address) as server:
            with server.client() as client:
                self._erase_again(client, acknowledged)
                self._bring_back(client)
            server.end()
        self._look("at the end", {known.id for known in self.going}, at_all=False)
        needles = [needle for known in self.going for needle in known.person.needles]
        if left := self.database.found_in_files(needles, swept=True):
            self.findings.wrong.append(f"in the files there are still {len(left)} texts: {sorted(left)[:10]}")

    def _erase_and_kill(self, people: list[Known], load_seconds: float) -> dict[int, bytes]:
        first, dying = threading.Event(), threading.Event()
        with serving(self.database.address) as server:
            managers = [Manager(server, people[n::MANAGERS], first, dying) for n in range(MANAGERS)]
            for manager in managers:
                manager.start()
            try:
                if not first.wait(PATIENCE):
                    raise BrokenError(f"nobody was erased in {PATIENCE:.0f} seconds; {server.said}")
                time.sleep(self.rng.uniform(0, load_seconds))
            finally:
                dying.set()
                killed = server.kill()
                for manager in managers:
                    manager.join(PATIENCE)
        if not killed:
            raise BrokenError(f"the server ended by itself: {server.said}")
        self._count_kill()
        self.findings.wrong += [manager.complaint for manager in managers if manager.complaint]
        return {id_: answer for manager in managers for id_, answer in manager.acknowledged.items()}

    def _command(self, known: Known) -> bool:
        """Erase somebody at a terminal, and kill that after a while; whether it said that it is done."""
        with start(self.database.address, "customer", "erase", str(known.id), "--yes", "--json") as process:
            try:
                answer, errors = process.communicate(timeout=self.rng.uniform(0.3, COMMAND_SECONDS))
            except subprocess.TimeoutExpired:
                process.kill()
                answer, errors = process.communicate()
        if process.returncode == -signal.SIGKILL:
            self._count_kill()
            return False
        if process.returncode:
            raise BrokenError(f"customer erase ended with exit status {process.returncode}: {errors[-2000:]}")
        return known.id in msgspec.json.decode(answer, type=Erasure).customer_ids

    def _count_kill(self) -> None:
        assert self.findings.kills is not None
        self.findings.kills += 1

    def _look(self, when: str, gone: set[int], *, at_all: bool) -> None:
        """Each is wholly there or wholly gone, and whoever must be gone is."""
        with self.database.looked_at() as conn:
            self.findings.torn += [f"{when}: {fault}" for fault in self.database.faults(conn) + contents.flaws(conn)]
            for known in self.going:
                is_gone, torn = _state_of(conn, known)
                self.findings.torn += [f"{when}: {fault}" for fault in torn]
                if not is_gone and known.id in gone:
                    self.findings.lost.append(f"{when}: the erasure of {known.id} was acknowledged, and is not done")
                if at_all:
                    self.found["gone" if is_gone else "there"] += 1
            for known in self.staying:
                if _export(conn, known.id) != known.export:
                    self.findings.wrong.append(f"{when}: {known.id}, whom nobody erased, is not as before")

    def _erase_again(self, client: httpx.Client, acknowledged: dict[int, bytes]) -> None:
        for known in self.going:
            again = _erase(client, known).raise_for_status().content
            if acknowledged.get(known.id, again) != again:
                self.findings.wrong.append(f"the erasure of {known.id} was answered otherwise when it was asked again")
        deadline = time.monotonic() + PATIENCE
        for known in self.going:
            while _erase(client, known, key=False).raise_for_status().json()["scrubbed_at"] is None:
                if time.monotonic() > deadline:
                    raise BrokenError(f"the last traces did not leave within {PATIENCE:.0f} seconds")
                time.sleep(0.05)

    def _bring_back(self, client: httpx.Client) -> None:
        """A second import of everything takes nothing of whoever was erased."""
        body = b"\n".join(line for known in self.going for line in known.person.lines)
        answer = client.post("/v1/records", content=body, headers=bearer(KNOWN.sync)).raise_for_status()
        summary = msgspec.json.decode(answer.content, type=RecordsSummary)
        # Orders are known already, as nobody's.
        if summary.new or summary.changed:
            self.findings.wrong.append(f"a second import brought back: {answer.text[:500]}")


def _state_of(conn: Connection, known: Known) -> tuple[bool, list[str]]:
    """Whether somebody is gone, and what of them is otherwise."""
    numbers = [customer.id for customer in msgspec.json.decode(known.export, type=CustomerExport).customers]
    wanted = ", ".join(map(str, numbers))
    erased = rows(conn, f"SELECT customer_id FROM erasures WHERE customer_id IN ({wanted})")
    macs = ", ".join(f"'{mac(KEYS.tombstones, name)}'" for name in known.person.names)
    tombstones = rows(conn, f"SELECT mac FROM tombstones WHERE mac IN ({macs})")
    try:
        export = _export(conn, known.id)
    except ProblemError:
        torn = [] if len(erased) == len(numbers) else [f"{known.id} is gone, and not on record as erased"]
        if len(tombstones) != len(known.person.names):
            torn.append(f"{known.id} is gone, with {len(tombstones)} tombstones")
        left = rows(conn, f"SELECT id FROM customers WHERE id IN ({wanted})")
        return True, torn + [f"{known.id} is gone, and the customer {id_} of theirs is not" for (id_,) in left]
    torn = [f"{known.id} is there, and there is an erasure or a tombstone of them"] if erased or tombstones else []
    if export != known.export:
        torn.append(f"{known.id} is there, and not as before")
    return False, torn
