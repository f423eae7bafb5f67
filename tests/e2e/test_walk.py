"""A cart goes from a phone through a kiosk to a till, on both engines; `python -m tests.bench.walk` times it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from server.db.engine import EngineName
from tests.e2e.till import PICTURES, browser
from tests.e2e.walk import STEPS, Store, store, walk
from tests.engines import Engines

pytestmark = pytest.mark.xdist_group("screens")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser."""
    with browser() as opened:
        yield opened


@pytest.fixture
def shop(engines: Engines, engine: EngineName, chromium: Browser, tmp_path: Path) -> Iterator[Store]:
    """The demo shop, open."""
    with engines.address(engine, tmp_path) as address, store(address, tmp_path, chromium) as opened:
        yield opened


def test_a_cart_goes_from_phone_to_till(shop: Store, tmp_path: Path) -> None:
    """Shown, scanned, painted, changed, handed over, redeemed, sold, forgotten; and once more, ended by a touch."""
    pictures = Path(PICTURES) / "walk" if PICTURES else tmp_path
    for number, look in enumerate((True, False)):
        took = walk(shop, number, pictures, look=look)
        assert took.keys() == STEPS.keys()
        assert all(one.seconds > 0 for one in took.values()), took
