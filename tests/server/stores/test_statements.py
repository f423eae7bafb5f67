"""What sources state of stores."""

from typing import Any

import pytest

from server.stores import queries
from tests.server.given import Shop, store


@pytest.mark.parametrize(
    ("said", "verdicts", "expected"),
    [
        pytest.param([(1, {"name": "Sol", "latitude": 40.4})], ["new"], ("Sol", None, 40.4), id="first"),
        pytest.param([(1, {}), (1, {})], ["new", "unchanged"], ("m1", None, None), id="nothing said, twice"),
        pytest.param(
            [(1, {"name": "Sol", "city": "Madrid"}), (2, {"name": "Mar"})],
            ["new", "changed"],
            ("Mar", "Madrid", None),
            id="absent keeps",
        ),
        pytest.param(
            [(2, {"city": None}), (1, {"name": "Sol", "city": "Madrid"})],
            ["new", "changed"],
            ("Sol", None, None),
            id="null clears what comes late",
        ),
        pytest.param(
            [(1, {"name": "Sol"}), (1, {"name": "Sol"}), (2, {"name": "Sol"}), (1, {"name": "Mar"})],
            ["new", "unchanged", "confirmed", "older"],
            ("Sol", None, None),
            id="confirmed counts",
        ),
        pytest.param(
            [(1, {"name": "Mar"}), (1, {"name": "Sol"}), (1, {"name": "Mar"})],
            ["new", "changed", "older"],
            ("Sol", None, None),
            id="two of one time",
        ),
        pytest.param(
            [(1, {"latitude": None}), (1, {"latitude": 40.4})],
            ["new", "changed"],
            ("m1", None, 40.4),
            id="a value beats none",
        ),
    ],
)
def test_fields_of_stores(shop: Shop, said: list[tuple[int, Any]], verdicts: list[str], expected: Any) -> None:
    """An absent field keeps what was known, null clears it, and the newest statement of each field counts."""
    assert [shop.take(store("m1", at, **fields))[0] for at, fields in said] == verdicts
    found = shop.database.read_now(queries.by_code, "m1")
    assert found is not None
    assert (found.name, found.city, found.latitude) == expected


def test_stores_are_listed_by_name(shop: Shop) -> None:
    """Every store is there, once, also one of which only the code is known."""
    shop.take(store("m1", name="Sol"), store("m2", name="Mar"), store("m2", 1, city="Palma"), store("m3"))
    stores = shop.database.read_now(queries.all_stores)
    assert {(s.code, s.name) for s in stores} == {("m1", "Sol"), ("m2", "Mar"), ("m3", "m3")}
