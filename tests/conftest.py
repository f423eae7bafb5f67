"""What tests of every slice share: an open database, a connection of its own, and how long properties are looked at."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from server.db.address import open_database
from server.db.engine import Connection, Database, EngineName
from tests.cluster import Cluster
from tests.engines import ENGINES, Engines

settings.register_profile(
    "mostrador",
    max_examples=int(os.environ.get("MOSTRADOR_EXAMPLES", "100")),
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("mostrador")

# Kivy makes a folder for itself when it is imported, and falls over another program that is making the same one.
_KIVY_HOME = tempfile.TemporaryDirectory(prefix="mostrador-kivy-")
os.environ["KIVY_HOME"] = _KIVY_HOME.name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs no database and starts no program: the quick part, which `make unit` runs."""
    for item in items:
        if "engines" not in getattr(item, "fixturenames", ()) and item.get_closest_marker("programs") is None:
            item.add_marker(pytest.mark.unit)


Fresh = Callable[[], AbstractContextManager[Connection]]
"""Gives a new database as a connection, as often as a property asks for one."""


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """Where new databases come from; each worker of a test run has its own server."""
    made = Engines()
    yield made
    made.close()


@pytest.fixture(scope="session")
def cluster(engines: Engines) -> Cluster:
    """The PostgreSQL server, for tests of what it alone does."""
    return engines.cluster


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> EngineName:
    """Each engine in turn."""
    name: EngineName = request.param
    return name


@pytest.fixture
def database(engines: Engines, engine: EngineName, tmp_path: Path) -> Iterator[Database]:
    """A new database of each engine, open."""
    with engines.database(engine, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def fresh(engines: Engines, engine: EngineName) -> Fresh:
    """New databases of each engine as connections."""
    return partial(engines.connection, engine)


@pytest.fixture
def conn(fresh: Fresh) -> Iterator[Connection]:
    """A new database of each engine as a connection: quick, without threads, and without a commit."""
    with fresh() as opened:
        yield opened


@pytest.fixture
def second(engines: Engines, database: Database) -> Iterator[Database]:
    """The same database, opened by another program."""
    del database  # it is open by now
    with closing(open_database(engines.latest)) as opened:
        yield opened
