"""What tests of the server share."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from server import logs
from server.db.engine import Database
from tests.server.given import Shop
from tests.server.http.log import Log
from tests.server.outside import Outside


@pytest.fixture
def shop(database: Database) -> Shop:
    """A new database of each engine, with short words for it."""
    return Shop(database)


@pytest.fixture(scope="session", autouse=True)
def whole_log() -> Iterator[Log]:
    """What every server of these tests tells, down to the least; at the end it is searched for everybody's data."""
    told: Any = Log()
    logs.set_up(told, "json", "debug")
    yield told
    structlog.reset_defaults()
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    for handler in [handler for handler in root.handlers if isinstance(handler, logs.FromOthers)]:
        root.removeHandler(handler)
    told.require_nobody()


@pytest.fixture
def log(whole_log: Log) -> Iterator[Log]:
    """What servers tell during one test."""
    with whole_log.listening():
        yield whole_log


@pytest.fixture
def outside() -> Iterator[Outside]:
    """A server that is reached over the network."""
    opened = Outside()
    yield opened
    opened.close()
