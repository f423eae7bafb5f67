"""The tablet on a bad network: answers that come late, or never, and a server that goes away and comes back."""

from pathlib import Path

import pytest

from tests.bench.processes import free_port
from tests.screens.conftest import Counter
from tests.screens.display import Display
from tests.screens.relay import Relay
from tests.screens.sight import Sight
from tests.screens.tablet import Tablet
from tests.screens.test_scan import LUCIA, LUCIAS_NAME, MARTA, MARTAS_NAME, shows

pytestmark = pytest.mark.xdist_group("screens")


def test_a_late_search_changes_nothing(tablet: Tablet, shop_counter: Counter) -> None:
    """Results that come after those of a newer search are not shown."""
    with shop_counter.relay.holding("/v1/customers/search") as late:
        tablet.type("marta")
        late.arrived()
        tablet.clear()
        tablet.type("otxoa")
        tablet.until(lambda s: s.hits == ("Jon Otxoa Lasarte",))
        late.release()
        sight = tablet.rest(0.3)
    assert sight.hits == ("Jon Otxoa Lasarte",)
    assert sight.says("Jon Otxoa Lasarte")


def test_a_late_customer_changes_nothing(tablet: Tablet, shop_counter: Counter) -> None:
    """A customer whose answer comes after the next one was scanned is not shown."""
    with shop_counter.relay.holding("/v1/scan") as late:
        tablet.scan(LUCIA)
        late.arrived()
        tablet.scan(MARTA, at_once=True)
        shows(tablet, MARTAS_NAME)
        late.release()
        sight = tablet.rest(0.3)
    assert sight.name == MARTAS_NAME
    assert not sight.says(LUCIAS_NAME)


def test_a_slow_customer_is_known_by_name_at_once(tablet: Tablet, shop_counter: Counter) -> None:
    """While a context is under way, its skeleton is shown, and what was scanned before is gone."""
    tablet.scan(MARTA)
    shows(tablet, MARTAS_NAME)
    with shop_counter.relay.holding("/v1/scan") as slow:
        tablet.scan(LUCIA)
        slow.arrived()
        sight = tablet.until(lambda s: s.customer == "loading" and s.thing("Skeleton") and s)
        assert not sight.says(MARTAS_NAME)
        slow.release()
        shows(tablet, LUCIAS_NAME)


def comes_back(tablet: Tablet, sight: Sight) -> bool:
    """Whether the customer is shown; who sees the way to ask again takes it, unless the tablet did by itself."""
    if button := sight.thing("PillButton", "Probar otra vez"):
        tablet.hands.touch(button.middle)
    return sight.customer == "shown"


def test_a_server_that_goes_away_and_comes_back(tablet: Tablet, shop_counter: Counter) -> None:
    """Without a server a search and a scan say so, and what was typed stays; when it is back, both are answered."""
    server = shop_counter.server
    server.__exit__(None, None, None)
    try:
        tablet.type("otxoa")
        # The first letters may be answered while the last one is typed.
        tablet.until(lambda s: (s.found, s.field) == ("unreachable", "otxoa"))
        tablet.scan(LUCIA)
        tablet.until(lambda s: s.customer == "unreachable")
    finally:
        server.__enter__()
    tablet.until(lambda s: comes_back(tablet, s))
    shows(tablet, LUCIAS_NAME)
    tablet.touch("RailItem")
    tablet.until(lambda s: s.screen == "find")
    if tablet.look().found == "unreachable":
        tablet.hands.press("BackSpace")
        tablet.hands.type("a")
    tablet.until(lambda s: s.hits == ("Jon Otxoa Lasarte",))
    tablet.until(lambda s: s.link == "connected")


def test_a_tablet_that_is_started_before_its_server(shop_counter: Counter, display: Display, tmp_path: Path) -> None:
    """It says that nobody answers, and finds its store by itself once there is a server."""
    port = free_port()
    with Relay(port) as relay, Tablet(relay.url, display, tmp_path) as tablet:
        tablet.until(lambda s: s.link != "connected")
        assert tablet.look().store == ""
        relay.lead_to(shop_counter.server.port)
        tablet.until(lambda s: s.link == "connected" and s.store == "Gran Vía")
        assert tablet.complaints == ""
