"""Records may come late, twice and in any order: what is held afterwards is the same."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.db.engine import Connection
from server.wire.records import Record
from tests.conftest import Fresh
from tests.server.given import events_of, take
from tests.server.ingest.state import flaws_of, state_of
from tests.server.ingest.strategies import EVERYTHING, FORGOTTEN, PEOPLE, THINGS, deliveries, record_sets

WORLDS = pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(PEOPLE, id="people"),
        pytest.param(FORGOTTEN, id="people who are forgotten"),
        pytest.param(THINGS, id="products and stores"),
        pytest.param(EVERYTHING, id="everything"),
    ],
)

EXAMPLES = settings(max_examples=int(os.environ.get("MOSTRADOR_EXAMPLES", "100")))
"""For each world and engine; `make prove` looks at thousands."""


def _deliver(conn: Connection, batches: list[list[Record]]) -> None:
    for batch in batches:
        take(conn, *batch)


@WORLDS
@EXAMPLES
@given(data=st.data())
def test_any_order_and_repetition_of_records_gives_one_state(
    fresh: Fresh, data: st.DataObject, kinds: tuple[object, ...]
) -> None:
    """What is held is a function of the set of statements: not of their order, repetition or batches."""
    records = data.draw(record_sets(*kinds), label="records")
    another = data.draw(deliveries(records), label="delivered")
    with fresh() as one, fresh() as other:
        _deliver(one, [records])
        _deliver(other, another)
        assert state_of(one) == state_of(other)
        assert flaws_of(one) == flaws_of(other) == []


@EXAMPLES
@given(records=record_sets(*EVERYTHING))
def test_the_same_delivery_twice_changes_nothing(fresh: Fresh, records: list[Record]) -> None:
    """A second delivery is told unchanged or overtaken, and tells nobody anything."""
    with fresh() as conn:
        take(conn, *records)
        before, events = state_of(conn), events_of(conn)
        verdicts = take(conn, *records)
        assert {v for v in verdicts if not v.startswith("$")} <= {"unchanged", "older"}
        assert state_of(conn) == before
        assert events_of(conn) == events
