"""What tests of every slice share: an open database, one in memory, and how long properties are looked at."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from server.db.engine import Database
from server.db.sqlite import SqliteConnection, SqliteDatabase
from tests.server.given import memory

settings.register_profile(
    "mostrador",
    max_examples=int(os.environ.get("MOSTRADOR_EXAMPLES", "150")),
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("mostrador")


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A new database of each engine, open."""
    opened = SqliteDatabase(tmp_path / "shop.db", patience=2.0)
    yield opened
    opened.close()


@pytest.fixture
def second(database: Database, tmp_path: Path) -> Iterator[Database]:
    """The same database, opened by another program."""
    opened = SqliteDatabase(tmp_path / "shop.db", patience=2.0)
    yield opened
    opened.close()


@pytest.fixture
def conn() -> Iterator[SqliteConnection]:
    """A new database in memory, as a connection: quick, without threads, and without transactions."""
    opened = memory()
    yield opened
    opened.raw.close()
