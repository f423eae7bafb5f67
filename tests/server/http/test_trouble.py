"""When the database is busy, gone or damaged: the caller is told what to do, and nothing of the inside."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from server.db import postgres
from server.db.engine import Database, EngineName
from server.db.postgres import PostgresDatabase
from server.db.sqlite import SqliteDatabase, connect
from tests.engines import Engines
from tests.server.http.conftest import UNHURRIED, Running, running
from tests.server.http.log import Log
from tests.server.http.test_doors import require_problem
from tests.server.small_shop import LUCIA_CARD, ndjson


@pytest.fixture
def address(engines: Engines, engine: EngineName, tmp_path: Path) -> Iterator[str]:
    """Where the database of a frail shop lies."""
    with engines.address(engine, tmp_path) as address:
        yield address


@pytest.fixture
def frail(engine: EngineName, address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """A shop of its own, on each engine, whose database waits for nobody."""
    if engine == "sqlite":
        database: Database = SqliteDatabase(Path(address.removeprefix("sqlite:///")), patience=0.0)
    else:
        monkeypatch.setattr(postgres, "LONGEST_LOCK", 0.05)
        database = PostgresDatabase(address)
    with closing(database), running(database, UNHURRIED) as house:
        assert house.sync.post("/v1/records", content=ndjson()).is_success
        yield house


@contextmanager
def held(address: str) -> Iterator[None]:
    """Another program keeps everybody from writing."""
    if address.startswith("sqlite:"):
        with closing(connect(Path(address.removeprefix("sqlite:///")))) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    with psycopg.connect(address) as raw:
        # Not the events: whoever gives them their numbers would wait here too.
        raw.execute("LOCK TABLE customers, notes, idempotency_keys, snapshots, stores IN EXCLUSIVE MODE")
        yield
        raw.rollback()


def change(address: str, statement: str) -> None:
    """What another program writes."""
    if address.startswith("sqlite:"):
        with closing(connect(Path(address.removeprefix("sqlite:///")))) as other:
            other.execute(statement)
    else:
        with psycopg.connect(address) as raw:
            raw.execute(statement.encode())


def test_a_busy_database_is_told_with_when_to_come_again(frail: Running, address: str) -> None:
    """While another program writes, a write is answered 503 with Retry-After and reads go on; then it goes through."""
    with held(address):
        answer = frail.client.post("/v1/customers/1/notes", json={"text": "x"}, headers={"Idempotency-Key": "k"})
        require_problem(answer, 503, "database_busy")
        assert int(answer.headers["retry-after"]) > 0
        require_problem(frail.sync.post("/v1/records", content=ndjson()), 503, "database_busy")
        assert frail.client.post("/v1/scan", json={"code": LUCIA_CARD}).json()["type"] == "customer"
        assert frail.client.get("/health/ready").is_success
    answer = frail.client.post("/v1/customers/1/notes", json={"text": "x"}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 201


def test_a_closed_database_is_told(frail: Running) -> None:
    """A write that comes after the database was closed is answered 503, not lost in silence."""
    frail.database.close()
    answer = frail.client.post("/v1/customers/1/notes", json={"text": "x"})
    require_problem(answer, 503, "database_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert frail.client.get("/health/live").is_success


def test_a_damaged_row_is_our_trouble(frail: Running, address: str, log: Log) -> None:
    """What nobody expected is answered 500 without a word of the inside, and written to the log without the row."""
    change(address, "UPDATE customers SET loyalty = 'no JSON' WHERE external_id = 'lucia'")
    answer = frail.client.post("/v1/scan", json={"code": LUCIA_CARD})
    require_problem(answer, 500, "internal_error")
    assert "no JSON" not in answer.text
    told = log.line("internal_error")
    assert told["request_id"] == answer.headers["x-request-id"] == answer.json()["request_id"]
    assert "msgspec.DecodeError" in told["exception"]
    assert "server/lookup/queries.py" in told["exception"]
    assert LUCIA_CARD not in log.text
    assert "no JSON" not in log.text
    # Everybody else is served as before.
    assert frail.client.get("/v1/stores").is_success
