"""One tablet for all tests of a worker: a display, the demo shop, its server, and a relay between the two."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from tests.bench.processes import Running, the_server
from tests.overheard import require_nobody
from tests.screens.display import Display
from tests.screens.manager import Manager
from tests.screens.relay import Relay
from tests.screens.shop import load_shop
from tests.screens.tablet import Tablet
from tests.server.http.floor import SHOP_KEY

SIGNED = {"MOSTRADOR_CONTINUE_KEYS": msgspec.json.encode({"web:demo": SHOP_KEY}).decode()}
"""The shop's own site signs codes by which its customers go on at a kiosk."""


@dataclass(frozen=True)
class Counter:
    """A shop counter: the server, the way to it, and who enrols tablets there."""

    server: Running
    relay: Relay
    manager: Manager


@pytest.fixture(scope="package")
def shop_counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """The demo shop, served."""
    folder = tmp_path_factory.mktemp("counter")
    database = folder / "shop.db"
    load_shop(database)
    with (
        the_server(database, folder / "server.log", SIGNED) as server,
        Relay(server.port) as relay,
    ):
        manager = Manager(relay.url)
        manager.hire()
        yield Counter(server, relay, manager)
    require_nobody((folder / "server.log").read_text("utf-8"), "the server of the screens")


@pytest.fixture
def display(tmp_path: Path) -> Iterator[Display]:
    """A display for a test's own tablet: there is one keyboard to a display, and one window has it."""
    with Display(1280, 800, tmp_path / "display.log") as display:
        yield display


@pytest.fixture(scope="package")
def running_tablet(shop_counter: Counter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tablet]:
    """The tablet of all tests that can share one."""
    folder = tmp_path_factory.mktemp("tablet")
    with (
        Display(1280, 800, folder / "display.log") as display,
        Tablet(shop_counter.relay.url, display, folder) as tablet,
    ):
        tablet.until(lambda sight: sight.store)
        yield tablet


@pytest.fixture
def tablet(running_tablet: Tablet) -> Iterator[Tablet]:
    """A tablet at its find screen with nothing typed, on which nothing went wrong meanwhile."""
    running_tablet.go_home()
    yield running_tablet
    assert running_tablet.complaints == ""
