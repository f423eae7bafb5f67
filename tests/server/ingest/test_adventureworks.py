"""A real shop's customers and orders, through the same door as everybody's, twice."""

import gzip
import os
from itertools import islice
from pathlib import Path

import pytest

from server.customers.rules import contact_rules
from server.ingest.actions import take_lines
from server.ingest.ndjson import Line
from server.settings import Settings
from server.wire.records import RecordsSummary
from tests.server.given import KEYS, NOW, Shop

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / os.environ.get("MOSTRADOR_TEST_DATA", "../shared/data") / "adventureworks"
SO_MANY = 4000
"""Of each file; `test_real_data.py` takes all of them, once."""

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no sample data in {FOLDER}: set MOSTRADOR_TEST_DATA")


def _bring(shop: Shop, name: str) -> RecordsSummary:
    with gzip.open(FOLDER / name) as file:
        lines = [Line(n, text) for n, text in enumerate(islice(file, SO_MANY), 1)]
    return shop.database.write_now(take_lines, lines, name, contact_rules(Settings(), KEYS), NOW)


def test_a_second_import_of_a_real_shop_changes_nothing(shop: Shop) -> None:
    """Orders find or await their customers, and all of it is known when it comes again, in the other order."""
    assert _bring(shop, "orders.ndjson.gz") == RecordsSummary(new=SO_MANY)
    assert _bring(shop, "customers.ndjson.gz") == RecordsSummary(new=SO_MANY)
    assert shop.value("SELECT count(*) FROM orders WHERE customer_id IS NULL") == 0
    assert shop.count("orders") == SO_MANY
    assert shop.value("SELECT count(*) FROM customers WHERE stated = 1") == SO_MANY
    told = shop.events()[-1].id
    assert _bring(shop, "customers.ndjson.gz") == RecordsSummary(unchanged=SO_MANY)
    assert _bring(shop, "orders.ndjson.gz") == RecordsSummary(unchanged=SO_MANY)
    assert shop.events()[-1].id == told
    assert not shop.value("SELECT count(*) FROM customers WHERE person_id IS NOT NULL")
