"""The tablet over a real company's data, where it is at hand."""

import gzip
from pathlib import Path

import msgspec
import pytest

from tests.bench.processes import the_server
from tests.overheard import require_nobody
from tests.screens.display import Display
from tests.screens.shop import DATA, command
from tests.screens.tablet import Tablet
from tests.screens.test_scan import shows

pytestmark = [
    pytest.mark.xdist_group("screens"),
    pytest.mark.skipif(
        not (DATA / "adventureworks").is_dir(), reason=f"no sample data in {DATA}: set MOSTRADOR_TEST_DATA"
    ),
]

DALTON = "2900000110915"


def some_of(folder: Path, card: str) -> tuple[list[bytes], list[bytes]]:
    """The first thousand customers and whoever has a card, and the orders of all of them."""
    with gzip.open(folder / "customers.ndjson.gz") as file:
        customers = [line for number, line in enumerate(file) if number < 1_000 or card.encode() in line]
    known = {msgspec.json.decode(line)["external_id"] for line in customers}
    with gzip.open(folder / "orders.ndjson.gz") as file:
        orders = [line for line in file if msgspec.json.decode(line)["customer"].get("external_id") in known]
    return customers, orders


def test_a_customer_of_a_real_company(display: Display, tmp_path: Path) -> None:
    """Dalton Perez's card brings up his 26 orders, and his name finds him."""
    records = tmp_path / "records.ndjson"
    customers, orders = some_of(DATA / "adventureworks", DALTON)
    records.write_bytes(b"".join([*customers, *orders]))
    database = tmp_path / "adventureworks.db"
    command(database, "import", str(records))
    with (
        the_server(database, tmp_path / "server.log") as server,
        Tablet(server.url, display, tmp_path, store=None) as tablet,
    ):
        tablet.until(lambda s: s.link == "connected")
        tablet.scan(DALTON)
        shows(tablet, "Dalton Perez")
        assert tablet.thing("Tab", "26")
        tablet.touch("RailItem")
        tablet.until(lambda s: s.screen == "find")
        tablet.type("dalton per")
        tablet.until(lambda s: s.hits[:1] == ("Dalton Perez",))
        assert tablet.complaints == ""
    require_nobody((tmp_path / "server.log").read_text("utf-8"), "a real company's server")
