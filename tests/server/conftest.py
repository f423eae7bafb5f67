"""What tests of the server share."""

import pytest

from server.db.engine import Database
from tests.server.given import Shop


@pytest.fixture
def shop(database: Database) -> Shop:
    """A new database of each engine, with short words for it."""
    return Shop(database)
