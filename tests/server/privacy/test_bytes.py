"""After an erasure the bytes of name, e-mail, phone and card are nowhere on the disk: found before, not found after."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from random import Random

import apsw
import msgspec
import psycopg
import pytest

from server.customers.queries import customer_id_of
from server.customers.search import search
from server.customers.vocabulary import Vocabulary
from server.db.engine import Connection
from server.db.postgres import PostgresDatabase
from server.db.sqlite import SqliteDatabase, connect
from server.ingest.actions import apply_batch
from server.privacy.actions import erase
from server.privacy.scrub import PAGES, scrub
from server.wire.customers import SearchRequest
from server.wire.records import Consent
from tests.cluster import Cluster
from tests.server.cli.conftest import Run
from tests.server.given import ANY_CARD, NOW, customer, hour, order, take, who
from tests.server.http.conftest import PATIENCE, client_of
from tests.server.http.test_process import served
from tests.server.privacy import people

pytestmark = pytest.mark.programs

NEEDLES = tuple(
    text.encode() for text in (people.GIVEN, people.FAMILY, people.EMAIL, people.PHONE, people.CARD, people.EXTERNAL_ID)
)
"""As she wrote them; what she is found by is looked for beside them."""
WORDS = tuple(word.encode() for word in ("quirina", "zurbaran", "611987654", people.CARD))


LETTERS = str.maketrans("0123456789", "ghijklmnop")


def found_in(paths: Iterable[Path], needles: Iterable[bytes]) -> dict[bytes, list[str]]:
    """Which files hold which bytes."""
    read = {path.name: path.read_bytes() for path in paths if path.is_file()}
    return {needle: [name for name, content in read.items() if needle in content] for needle in needles}


def in_index(path: Path, needles: Iterable[bytes]) -> dict[bytes, bool]:
    """Which bytes the pages of SQLite's index of words hold."""
    with closing(connect(path, apsw.SQLITE_OPEN_READONLY)) as raw:
        blocks = b"\0".join(block for (block,) in raw.execute("SELECT block FROM customer_words_index_data"))
    return {needle: needle in blocks for needle in needles}


def ndjson(folder: Path) -> Path:
    """A file with all of her and of the others."""
    file = folder / "all.ndjson"
    file.write_bytes(b"\n".join(msgspec.json.encode(r) for r in (*people.her(), *people.others())))
    return file


def test_a_real_server_leaves_no_byte(tmp_path: Path) -> None:
    """Database, log and index of a server that runs hold her, and after its door for erasure was opened they do not."""
    with (
        served(tmp_path) as server,
        client_of(server.port, server.tokens.manager) as client,
        client_of(server.port, server.tokens.sync) as sync,
    ):
        answer = sync.post("/v1/records", content=ndjson(tmp_path).read_bytes())
        assert answer.json()["refused"] == 0, answer.text
        (tmp_path / "all.ndjson").unlink()
        files = [p for p in tmp_path.iterdir() if p.name.startswith("shop.db")]
        assert {p.name for p in files} == {"shop.db", "shop.db-wal", "shop.db-shm"}
        assert [needle for needle, where in found_in(files, NEEDLES).items() if not where] == []
        assert all(in_index(server.database, WORDS).values())
        hit = client.post("/v1/customers/search", json={"text": "zurbaran"}).json()["hits"][0]["customer_id"]
        first = client.post(f"/v1/customers/{hit}/erasure", json={"confirm": True}, headers={"Idempotency-Key": "e"})
        assert first.status_code == 200, first.text
        deadline = time.monotonic() + PATIENCE
        # What is asked again tells how far it is; the first answer stays the first under its key.
        while client.post(f"/v1/customers/{hit}/erasure", json={"confirm": True}).json()["scrubbed_at"] is None:
            assert time.monotonic() < deadline
        repeat = client.post(f"/v1/customers/{hit}/erasure", json={"confirm": True}, headers={"Idempotency-Key": "e"})
        assert repeat.json() == first.json()
        files = [p for p in tmp_path.iterdir() if p.name.startswith("shop.db")]
        assert {needle: where for needle, where in found_in(files, (*NEEDLES, *WORDS)).items() if where} == {}
        assert not any(in_index(server.database, WORDS).values())
        assert client.post("/v1/customers/search", json={"text": "roca"}).json()["hits"] != []
        status, said = server.stop()
    assert (status, [n for n in NEEDLES if n.decode() in said]) == (0, [])
    assert {needle: where for needle, where in found_in(tmp_path.iterdir(), NEEDLES).items() if where} == {}


def test_the_terminal_leaves_no_byte(call: Run, tmp_path: Path) -> None:
    """The command erases and scrubs; a second import of the same file brings not one byte back."""
    file = ndjson(tmp_path)
    assert call("import", str(file)).status == 0
    found = call("search", "zurbaran", "--json").json["hits"][0]["customer_id"]
    assert people.EMAIL in call("customer", "export", str(found)).out
    refused = call("customer", "erase", str(found), stdin=b"n\n")
    assert (refused.status, "Quirina" in refused.err) == (1, True)
    databases = [p for p in tmp_path.iterdir() if p.name.startswith("shop.db")]
    assert [needle for needle, where in found_in(databases, NEEDLES).items() if not where] == []
    erased = call("customer", "erase", str(found), "--yes", "--json")
    assert (erased.status, erased.json["orders"], erased.json["scrubbed_at"] is None) == (0, 3, False)
    assert call("customer", "export", str(found)).status == 1
    for _ in range(2):
        databases = [p for p in tmp_path.iterdir() if p.name.startswith("shop.db")]
        assert {n: where for n, where in found_in(databases, (*NEEDLES, *WORDS)).items() if where} == {}
        assert call("import", str(file), "--json").json[0]["new"] == 0


def test_no_byte_of_many_is_left_among_many(tmp_path: Path) -> None:
    """Of 3,000 customers every tenth goes, in a database whose pages were split and joined: no byte of them stays."""
    path = tmp_path / "shop.db"
    with closing(SqliteDatabase(path)) as database:
        for start in range(0, 3000, 500):
            records = [
                record
                for n in range(start, start + 500)
                for record in (
                    customer(
                        f"extern{n:05}x", 1, given_name=f"Gn{n:05}q", family_name=f"Fn{n:05}z", city=f"Ort{n % 7}",
                        emails=(f"mail{n:05}@host.example",), phones=(f"+346000{n:05}",), cards=(f"KT{n:05}-7",),
                    ),
                    order(f"o{n}", 2, who(f"extern{n:05}x")),
                    order(f"p{n}", 2, who(email=f"mail{n:05}@host.example")),
                )
            ]  # fmt: skip
            database.write_now(take, *records)
        gone = range(0, 3000, 10)
        needles = [
            text.format(n).encode()
            for n in gone
            for text in (
                "extern{:05}x",
                "Gn{:05}q",
                "gn{:05}q",
                "fn{:05}z",
                "mail{:05}@host",
                "+346000{:05}",
                "KT{:05}-7",
            )
        ]
        before = path.read_bytes() + path.with_name("shop.db-wal").read_bytes()
        assert [needle for needle in needles if needle not in before and needle[:2] not in (b"gn", b"fn")] == []
        for n in gone:
            row = database.read_now(_number, f"extern{n:05}x")
            database.write_now(erase, row, ANY_CARD, NOW)
    with closing(SqliteDatabase(path)) as database:
        assert asyncio.run(scrub(database, lambda: NOW)) >= len(gone)
        assert asyncio.run(scrub(database, lambda: NOW)) == 0
        assert path.with_name("shop.db-wal").stat().st_size < 100_000
        after = path.read_bytes() + path.with_name("shop.db-wal").read_bytes()
    assert [needle for needle in needles if needle in after] == []


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("pages", [1, PAGES])
def test_no_byte_is_left_of_many_who_go_one_after_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, pages: int
) -> None:
    """However erasures and scrubs follow one another, after the last scrub the index holds nobody who went.

    SQLite's own merge leaves words of theirs in the index in most of these orders.
    """
    monkeypatch.setattr("server.customers.words_index.SMALL", 16 if seed % 2 else 1)
    monkeypatch.setattr("server.privacy.scrub.PAGES", pages)
    chance = Random(seed)
    path = tmp_path / "shop.db"
    with closing(SqliteDatabase(path)) as database:
        # Words that share no beginning: an index keeps of a word only what differs from the one before it.
        names = [sha256(f"{seed} {n}".encode()).hexdigest()[:16].translate(LETTERS) for n in range(60)]
        database.write_now(take, *(customer(f"{n}", 1, given_name=name) for n, name in enumerate(names)))
        going = list(range(50))
        while going:
            for n in [going.pop(0) for _ in range(min(len(going), chance.randrange(1, 6)))]:
                database.write_now(erase, database.read_now(_number, f"{n}"), ANY_CARD, NOW)
            if not going or chance.random() < 0.6:
                assert asyncio.run(scrub(database, lambda: NOW))
        tails = {n: name[5:].encode() for n, name in enumerate(names)}
        there = in_index(path, tails.values())
        hits = database.read_now(search, SearchRequest(text=names[55]), Vocabulary()).hits
    assert {n for n, tail in tails.items() if there[tail]} == set(range(50, 60))
    assert [hit.name for hit in hits] == [names[55]]
    assert [n for n in range(50) if tails[n] in path.read_bytes()] == []


def _number(conn: Connection, external_id: str) -> int:
    found = customer_id_of(conn, "shop", external_id)
    assert found is not None
    return found


def test_postgresql_leaves_no_byte_after_analyze_and_vacuum_full(cluster: Cluster) -> None:
    """Its files hold her after a checkpoint; after ANALYZE and VACUUM FULL they do not, though its log still may."""
    address = cluster.address(cluster.empty())
    try:
        with closing(PostgresDatabase(address)) as database:
            # Of a table that is empty afterwards PostgreSQL would go on noting what was in it.
            said = Consent(channel="post", granted=True, at=hour(0), wording="News", by="web", contact="c@roca.example")
            other = customer("other", 1, given_name="Berta", emails=("c@roca.example",), consents=(said,))
            database.write_now(apply_batch, [*people.her(), *people.others(), other], ANY_CARD, NOW)
            found = database.read_now(_number, people.EXTERNAL_ID)
            assert _files_with(cluster, address) == set(NEEDLES)
            with psycopg.connect(address, autocommit=True) as raw:
                # What PostgreSQL notes of columns has values of them in it.
                raw.execute("ANALYZE")
            database.write_now(erase, found, ANY_CARD, NOW)
        with psycopg.connect(address, autocommit=True) as raw:
            raw.execute("VACUUM FULL")
        assert _files_with(cluster, address), "the notes are as they were"
        with psycopg.connect(address, autocommit=True) as raw:
            raw.execute("ANALYZE")
            raw.execute("VACUUM FULL")
        assert _files_with(cluster, address) == set()
    finally:
        cluster.drop(address)


def _files_with(cluster: Cluster, address: str) -> set[bytes]:
    """What is found in the files of one database, without the server's log, after all was written to them."""
    with psycopg.connect(address, autocommit=True) as raw:
        raw.execute("CHECKPOINT")
        row = raw.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
    assert row
    folder = cluster.folder / "data" / "base" / str(row[0])
    return {needle for needle, where in found_in(folder.iterdir(), NEEDLES).items() if where}
