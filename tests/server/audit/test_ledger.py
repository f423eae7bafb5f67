"""The record of servers as they run: nobody is shown unrecorded, whatever becomes of the database or the process."""

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from server.audit.check import check
from server.audit.heads import FileHeads, heads_path, read_heads
from server.audit.ledger import LIMIT, Ledger
from server.audit.queries import Wanted, looks
from server.db.address import open_database
from server.db.engine import Connection, Database, EngineName
from server.ingest.actions import apply_batch
from server.settings import Settings
from server.wire.audit import LookShown
from server.wire.problems import ProblemError
from tests.engines import Engines
from tests.server.audit.given import look
from tests.server.audit.places import checked, held, tamper
from tests.server.cli.conftest import run_in
from tests.server.given import ANY_CARD, AUDIT_KEY, NOW, SECRET, rows
from tests.server.http.conftest import PATIENCE, UNHURRIED, Running, client_of, running
from tests.server.http.log import Log
from tests.server.http.test_doors import require_problem
from tests.server.http.test_process import served
from tests.server.people import tokens_in
from tests.server.small_shop import EMAIL, GUEST_CARD, LUCIA_CARD, PHONE, RECORDS, SHARED_CARD, ndjson
from tests.waiting import until

REFUSED = b'{"type": "customer", "source": "web", "given_name": "Luc\xc3\xada"}\n'
"""A line that names somebody and lacks what it must have."""


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    """The second place."""
    return tmp_path / "heads"


@pytest.fixture
def shop(database: Database, heads: Path) -> Iterator[Running]:
    """The small shop, served, with a record that gives up soon where the database takes nothing."""
    ledger = Ledger(database, AUDIT_KEY, FileHeads(heads), lambda: NOW, grace=0.2)
    with running(database, UNHURRIED, ledger=ledger) as house:
        assert house.sync.post("/v1/records", content=ndjson()).json()["refused"] == 0
        yield house


def on_record(conn: Connection) -> list[LookShown]:
    """Everything that is on record, latest first."""
    return looks(conn, Wanted(), 10_000)


def hq_and_tablet(conn: Connection) -> tuple[int, int]:
    """The device and the person that ask in these tests."""
    found = rows(conn, "SELECT device_id, staff_id FROM sessions JOIN staff ON staff.id = staff_id WHERE role = 'hq'")
    return tuple(found[0])


def ask_everything(client: httpx.Client, lucia: int) -> None:
    """Ask at every door that shows people."""
    for code in (LUCIA_CARD, SHARED_CARD, GUEST_CARD, "#1003"):
        assert client.post("/v1/scan", json={"code": code}).json()["type"] != "unknown"
    for text in ("lucia", "garcia madrid", EMAIL, PHONE, LUCIA_CARD, "#1003"):
        assert client.post("/v1/customers/search", json={"text": text}).json()["hits"], text
    (cart,) = client.get(f"/v1/customers/{lucia}/context").json()["carts"]
    lines = f"/v1/carts/{cart['id']}/lines"
    assert client.post(lines, json={"sku": "SHIRT-M"}).is_success
    assert client.put(f"{lines}/1", json={"quantity": 2, "base_quantity": 3}).is_success
    assert client.delete(f"{lines}/1", params={"base_quantity": 2}).is_success
    assert client.post(lines, json={"sku": "nothing"}).status_code == 404  # shows nobody
    assert client.get(f"/v1/customers/{lucia}/orders").is_success
    with client.stream("GET", "/v1/live", params={"customer": lucia}) as stream:
        assert stream.is_success
    assert client.get(f"/v1/customers/{lucia}/consents").is_success
    assert client.get(f"/v1/customers/{lucia}/export").is_success
    # Of whom they are nobody knows; where there are none, none is shown.
    assert client.get("/v1/records/refused").json()
    assert client.get("/v1/records/refused", params={"before": 1}).json() == []
    # Written, and nobody shown.
    assert client.post(f"/v1/customers/{lucia}/notes", json={"text": "x"}).is_success
    assert client.put(f"/v1/customers/{lucia}/consents/post", json={"granted": False}).is_success
    refused = client.post(f"/v1/customers/{lucia}/erasure", json={"confirm": False})
    require_problem(refused, 422, "invalid_field", "$.confirm")
    for _ in range(2):  # the second time there is nobody to see any more
        assert client.post(f"/v1/customers/{lucia}/erasure", json={"confirm": True}).is_success


def test_every_door_that_shows_people_is_on_record(
    engines: Engines, engine: EngineName, tmp_path: Path, heads: Path
) -> None:
    """Who was shown, by number; no name, e-mail, phone, card or code that was typed stands in either place."""
    with engines.database(engine, tmp_path) as database:
        with running(database, UNHURRIED, ledger=Ledger(database, AUDIT_KEY, FileHeads(heads), lambda: NOW)) as house:
            house.sync.post("/v1/records", content=ndjson())
            house.sync.post("/v1/records", content=REFUSED)
            lucia = house.customer("lucia")
            ana, berta = house.customer("ana"), house.customer("berta")
            ask_everything(house.client, lucia)
            for text in ("zzzz", "PIN"):
                house.client.post("/v1/scan", json={"code": text})
            house.client.post("/v1/customers/search", json={"text": "nobody is called so"})
        report = checked(database, heads)
        assert (report.findings, report.unfinished) == ((), ())
        shown = database.read_now(on_record)[::-1]
        assert [one.why for one in shown] == ["scan"] * 4 + ["search"] * 6 + [
            "context", "cart", "cart", "cart", "orders", "live", "consents", "export", "refused", "erasure",
        ]  # fmt: skip
        assert shown[0].people[0] == lucia
        assert set(shown[1].people) == {ana, berta}
        assert {one.kind for one in shown} == {"tablet"}
        ((device, member),) = {(one.device_id, one.staff_id) for one in shown}
        assert (device, member) == database.read_now(hq_and_tablet)
        *_, export, refused, erasure = shown
        assert all(one.people[0] == lucia for one in shown[4:-3])
        assert all(lucia in one.people for one in (export, erasure)), "all numbers of one person"
        assert refused.people == ()
        text = repr(database.read_now(rows, "SELECT * FROM audit_looks"))
        text += repr(database.read_now(rows, "SELECT * FROM audit_chains")) + heads.read_text()
    private = {value for record in RECORDS for value in texts_of(record)}
    assert {"Lucía", EMAIL, PHONE, LUCIA_CARD, "lucia"} <= private
    assert [value for value in private if value.lower() in text.lower()] == []


def texts_of(record: object) -> set[str]:
    """What a customer's record says of them in words."""
    names = ("given_name", "family_name", "external_id", "city")
    found = {getattr(record, name, None) for name in names}
    for contacts in ("emails", "phones", "cards"):
        found |= {getattr(contact, "value", contact) for contact in getattr(record, contacts, None) or ()}
    return {text for text in found if isinstance(text, str) and len(text) > 2}


def test_a_database_that_takes_no_records_shows_nobody(shop: Running, engines: Engines, heads: Path) -> None:
    """Soon after it takes none the doors answer 503; once it does they open by themselves, and all is on record."""
    answered = 0
    with held(engines.latest):
        while (answer := shop.client.post("/v1/scan", json={"code": LUCIA_CARD})).is_success:
            answered += 1
        require_problem(answer, 503, "audit_unavailable")
        assert int(answer.headers["retry-after"]) > 0
        require_problem(shop.client.post("/v1/customers/search", json={"text": "lucia"}), 503, "audit_unavailable")
        assert shop.client.get("/v1/stores").is_success, "what shows nobody stays open"
    until(lambda: shop.client.post("/v1/scan", json={"code": LUCIA_CARD}).is_success)
    answered += 1
    until(lambda: len(shop.database.read_now(on_record)) >= answered)
    assert len(shop.database.read_now(on_record)) == answered
    assert checked(shop.database, heads).findings == ()


def test_a_full_queue_shows_nobody(database: Database, heads: Path) -> None:
    """So many looks may wait and no more."""
    ledger = Ledger(database, AUDIT_KEY, FileHeads(heads), lambda: NOW)
    for n in range(LIMIT):
        ledger.note(look(n))
    with pytest.raises(ProblemError, match="cannot be put on record"):
        ledger.note(look(0))


def test_a_second_place_that_is_away_is_told_and_waited_for(database: Database, tmp_path: Path, log: Log) -> None:
    """The record goes on without it; once it is there, it knows how far the record goes."""
    folder = tmp_path / "far"
    folder.mkdir()
    heads = folder / "heads"
    with running(database, UNHURRIED, ledger=Ledger(database, AUDIT_KEY, FileHeads(heads), lambda: NOW)) as house:
        house.sync.post("/v1/records", content=ndjson())
        folder.rename(tmp_path / "gone")
        assert house.client.post("/v1/scan", json={"code": LUCIA_CARD}).is_success
        log.line("second_place_of_the_audit_is_away")
        (tmp_path / "gone").rename(folder)
    assert checked(database, heads).findings == ()
    assert [line.closed for line in read_heads(heads)][-1]


@pytest.mark.parametrize("victim", ["both", "one"])
def test_a_server_that_is_killed_leaves_no_finding(
    engines: Engines, engine: EngineName, tmp_path: Path, heads: Path, victim: str
) -> None:
    """Two servers under load, killed with -9: what they wrote is whole and unfinished; a row taken then is found."""
    environ = {"MOSTRADOR_SECRET": SECRET, "MOSTRADOR_AUDIT_HEADS": str(heads)}
    with engines.database(engine, tmp_path) as database:
        database.write_now(apply_batch, RECORDS, ANY_CARD, NOW)
        address = engines.latest
        environ["MOSTRADOR_DATABASE"] = address
        with ExitStack() as stack:
            shown = tokens_in(address)
            servers = [stack.enter_context(served(tmp_path, shown, **environ)) for _ in range(2)]
            answered = [0, 0]
            enough = threading.Event()

            def ask(n: int) -> None:
                try:
                    with client_of(servers[n].port, shown.associate) as client:
                        while client.post("/v1/scan", json={"code": LUCIA_CARD}).is_success:
                            answered[n] += 1
                            if min(answered) > 200:
                                enough.set()
                except httpx.TransportError:
                    pass  # it was killed

            threads = [threading.Thread(target=ask, args=(n,)) for n in range(2)]
            for thread in threads:
                thread.start()
            assert enough.wait(PATIENCE)
            until(lambda: len({line.chain for line in read_heads(heads)}) == 2)
            servers[0].process.send_signal(signal.SIGKILL)
            servers[1].process.send_signal(signal.SIGKILL if victim == "both" else signal.SIGTERM)
            for server, thread in zip(servers, threads, strict=True):
                server.process.wait(PATIENCE)
                thread.join(PATIENCE)
        report = check(database, AUDIT_KEY, lambda: read_heads(heads))
        assert report.findings == ()
        assert len(report.unfinished) == (2 if victim == "both" else 1)
        assert 0 < report.rows <= sum(answered) + 2
        clean = run_in(tmp_path, "audit", "verify", "--json", **environ)
        assert (clean.status, clean.json["rows"]) == (0, report.rows)
        last = max((line for line in read_heads(heads)), key=lambda line: line.position)
        assert tamper(address, f"DELETE FROM audit_looks WHERE chain = '{last.chain}' AND position = {last.position}")
        found = run_in(tmp_path, "audit", "verify", **environ)
        assert (found.status, last.chain in found.out) == (1, True)


def test_a_terminals_look_is_on_record_before_it_is_shown(
    engines: Engines, engine: EngineName, tmp_path: Path, heads: Path
) -> None:
    """A command that shows people is a chain of its own, closed; what shows nobody leaves none."""
    environ = {"MOSTRADOR_SECRET": SECRET, "MOSTRADOR_AUDIT_HEADS": str(heads)}
    with engines.database(engine, tmp_path) as database:
        database.write_now(apply_batch, RECORDS, ANY_CARD, NOW)
        environ["MOSTRADOR_DATABASE"] = engines.latest

        def run(*arguments: str) -> tuple[int, object]:
            ended = run_in(tmp_path, *arguments, **environ)
            return ended.status, ended.json if "--json" in arguments else ended.out

        assert run("scan", LUCIA_CARD)[0] == 0
        assert run("search", "garcia")[0] == 0
        assert run("search", "nobody is called so")[0] == 1
        assert run("refused")[0] == 0
        status, report = run("audit", "verify", "--json")
        assert isinstance(report, dict)
        assert (status, report["chains"], report["rows"], report["unfinished"]) == (0, 2, 2, [])
        _, shown = run("audit", "show", "--json")
        assert isinstance(shown, list)
        assert [(one["kind"], one["why"]) for one in shown] == [("terminal", "search"), ("terminal", "scan")]
        (lucia,) = set(shown[1]["people"])
        assert len(run_in(tmp_path, "audit", "show", "--customer", str(lucia), "--json", **environ).json) == 2
        assert run("customer", "export", str(lucia))[0] == 0
        assert run("customer", "erase", str(lucia), "--yes")[0] == 0
        assert run("customer", "erase", str(lucia), "--yes")[0] == 0
        kept = run_in(tmp_path, "audit", "show", "--customer", str(lucia), "--json", **environ).json
        assert [one["why"] for one in kept] == ["erasure", "export", "search", "scan"]
        assert run("audit", "verify")[0] == 0
        assert run("audit", "show", "--staff", "7") == (0, "Nobody looked.\n")
        assert run("audit", "show", "--since", "2100-01-01") == (0, "Nobody looked.\n")
        assert "terminal" in str(run("audit", "show", "--limit", "1")[1])
        other = run_in(tmp_path, "audit", "verify", **environ | {"MOSTRADOR_SECRET": "77" * 32})
        assert (other.status, "is MOSTRADOR_SECRET_FILE the secret" in other.out) == (1, True)
        heads.rename(tmp_path / "log")
        assert run("audit", "verify")[0] == 1
        assert run("audit", "verify", "--heads", str(tmp_path / "log"))[0] == 0
        assert run("audit", "verify", "--heads", "none")[0] == 2


def test_a_terminal_that_shows_refused_lines_is_on_record(engines: Engines, engine: EngineName, tmp_path: Path) -> None:
    """Whom they name nobody knows: the row has no person, and the record stays whole."""
    with engines.database(engine, tmp_path):
        environ = {"MOSTRADOR_DATABASE": engines.latest}
        assert run_in(tmp_path, "import", "-", stdin=REFUSED, **environ).status == 1
        assert "Luc\u00eda" in run_in(tmp_path, "refused", "--json", **environ).out
        (shown,) = run_in(tmp_path, "audit", "show", "--json", **environ).json
        assert (shown["why"], shown["people"]) == ("refused", [])
        assert run_in(tmp_path, "audit", "show", "--customer", "1", "--json", **environ).json == []
        assert "refused" in run_in(tmp_path, "audit", "show", **environ).out
        assert run_in(tmp_path, "audit", "verify", **environ).status == 0


def test_a_terminal_shows_nobody_unrecorded(engines: Engines, tmp_path: Path) -> None:
    """Where the second place cannot be written, the command says so and shows nobody."""
    with engines.database("sqlite", tmp_path) as database:
        database.write_now(apply_batch, RECORDS, ANY_CARD, NOW)
    assert run_in(tmp_path, "import", "-", stdin=REFUSED).status == 1
    (tmp_path / "heads").mkdir()
    for arguments in (
        ("refused",),
        ("scan", LUCIA_CARD),
        ("search", "garcia", "--json"),
        ("customer", "export", "1"),
        ("customer", "erase", "1", "--yes"),
    ):
        ended = run_in(tmp_path, *arguments, MOSTRADOR_AUDIT_HEADS=str(tmp_path / "heads"))
        assert (ended.status, ended.out) == (1, "")
        assert "MOSTRADOR_AUDIT_HEADS" in ended.err


@pytest.mark.parametrize(
    ("database", "heads", "place"),
    [
        ("sqlite:////var/lib/mostrador/shop.db", "", "/var/lib/mostrador/shop.db.heads"),
        ("sqlite:///shop.db", "", "shop.db.heads"),
        ("postgresql://user:secret@db.example/chain?sslmode=require", "", "chain.heads"),
        ("postgresql://db.example", "", "mostrador.heads"),
        ("sqlite:///shop.db", "/far/heads", "/far/heads"),
    ],
)
def test_each_database_has_a_second_place_of_its_own(database: str, heads: str, place: str) -> None:
    """What one knows nothing of would be missing in it; no password stands in its name."""
    assert heads_path(Settings(database=database, audit_heads=heads)) == Path(place)


def test_a_system_log_takes_heads(engines: Engines, engine: EngineName, tmp_path: Path) -> None:
    """Nothing is kept of them here; a check asks for the log's lines."""
    with engines.database(engine, tmp_path) as database:
        database.write_now(apply_batch, RECORDS, ANY_CARD, NOW)
        environ = {"MOSTRADOR_AUDIT_HEADS": "syslog", "MOSTRADOR_DATABASE": engines.latest}
        assert run_in(tmp_path, "scan", LUCIA_CARD, **environ).status == 0
        ended = run_in(tmp_path, "audit", "verify", **environ)
        assert (ended.status, "--heads FILE" in ended.err) == (2, True)
        (tmp_path / "empty").touch()
        ended = run_in(tmp_path, "audit", "verify", "--heads", str(tmp_path / "empty"), "--json", **environ)
        assert (ended.status, [one["sealed"] for one in ended.json["unfinished"]]) == (0, [0])
        with closing(open_database(engines.latest)) as opened:
            assert len(opened.read_now(on_record)) == 1
