"""When the database is busy, gone or damaged: the caller is told what to do, and nothing of the inside."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from server.db.sqlite import SqliteDatabase
from server.settings import Settings
from tests.server.http.conftest import Running, running
from tests.server.http.test_doors import require_problem
from tests.server.small_shop import LUCIA_CARD, ndjson


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the database of a frail shop lies."""
    return tmp_path / "shop.db"


@pytest.fixture
def frail(file: Path) -> Iterator[Running]:
    """A shop of its own whose database waits for nobody."""
    database = SqliteDatabase(file, patience=0.0)
    with running(database, Settings()) as house:
        assert house.sync.post("/v1/records", content=ndjson()).is_success
        yield house
    database.close()


def test_a_busy_database_is_told_with_when_to_come_again(frail: Running, file: Path) -> None:
    """While another program writes, a write is answered 503 with Retry-After and reads go on; then it goes through."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = frail.client.post("/v1/customers/1/notes", json={"text": "x"}, headers={"Idempotency-Key": "k"})
        require_problem(answer, 503, "database_busy")
        assert int(answer.headers["retry-after"]) > 0
        require_problem(frail.sync.post("/v1/records", content=ndjson()), 503, "database_busy")
        assert frail.client.post("/v1/scan", json={"code": LUCIA_CARD}).json()["type"] == "customer"
        assert frail.client.get("/health/ready").is_success
        other.execute("ROLLBACK")
    answer = frail.client.post("/v1/customers/1/notes", json={"text": "x"}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 201


def test_a_closed_database_is_told(frail: Running) -> None:
    """A write that comes after the database was closed is answered 503, not lost in silence."""
    frail.database.close()
    answer = frail.client.post("/v1/customers/1/notes", json={"text": "x"})
    require_problem(answer, 503, "database_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert frail.client.get("/health/live").is_success


def test_a_damaged_row_is_our_trouble(frail: Running, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What nobody expected is answered 500 without a word of the inside, and written to the log."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("UPDATE customers SET loyalty = 'no JSON' WHERE external_id = 'lucia'")
    with caplog.at_level(logging.ERROR):
        answer = frail.client.post("/v1/scan", json={"code": LUCIA_CARD})
    require_problem(answer, 500, "internal_error")
    assert "no JSON" not in answer.text
    assert [record.name for record in caplog.records] == ["server.problems"]
    assert LUCIA_CARD not in caplog.text
    # Everybody else is served as before.
    assert frail.client.get("/v1/stores").is_success


def test_a_refused_request_is_not_in_the_log(frail: Running, caplog: pytest.LogCaptureFixture) -> None:
    """What callers do wrong is answered, not logged: a log would keep what they sent."""
    with caplog.at_level(logging.DEBUG, logger="server"):
        for code in ("4111111111111111", LUCIA_CARD, ""):
            frail.client.post("/v1/scan", json={"code": code})
        frail.client.post("/v1/customers/search", json={"text": "lucia.garcia@example.com"})
        frail.client.post("/v1/customers/search", content=b"{")
    assert [record for record in caplog.records if record.name.startswith(("server", "litestar", "uvicorn"))] == []
