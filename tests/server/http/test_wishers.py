"""Who wishes for an article over HTTP: counting them is no look at anybody, naming them is one at each."""

from collections.abc import Iterator

import pytest

from server.db.engine import Database
from tests.server.http.floor import Floor, floor
from tests.server.small_shop import ndjson, order


@pytest.fixture
def shop_floor(database: Database) -> Iterator[Floor]:
    """The floor of a store where Lucía, who wishes for a shirt, bought last."""
    with floor(database) as opened:
        answer = opened.house.sync.post(
            "/v1/records", content=ndjson([order("o-last", "#2000", 13, customer="lucia", at_store="GV")])
        )
        assert answer.json()["refused"] == 0, answer.text
        yield opened


def test_nobody_is_looked_at_before_somebody_wants_to_know_who(shop_floor: Floor) -> None:
    """Of the count nothing is on record and nobody named, even where both are asked; of the names it is, once each."""
    lucia = shop_floor.house.customer("lucia")
    before = shop_floor.looks()
    for _ in range(3):
        assert shop_floor.tablet.get("/v1/wishers/count?sku=SHIRT-S").json() == {"count": 1, "more": False}
    assert shop_floor.far_tablet.get("/v1/wishers/count?sku=SHIRT-S").json() == {"count": 0, "more": False}
    named = shop_floor.tablet.get("/v1/wishers?sku=SHIRT-S").json()
    assert [wisher["hit"]["customer_id"] for wisher in named["wishers"]] == [lucia]
    # Looks of one server are written in order: with this one everything before it is there.
    shop_floor.until_on_record(("tablet", "search", (lucia,)), before.count(("tablet", "search", (lucia,))) + 1)
    assert len(shop_floor.looks()) == len(before) + 1
