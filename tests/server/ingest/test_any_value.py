"""Whatever stands in a record's fields, it is taken or refused; nothing of it breaks the import."""

import json
from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from server.ingest.actions import take_lines
from server.ingest.ndjson import Line
from server.wire.records import Consent, Loyalty, Record
from tests.conftest import Fresh
from tests.server.given import (
    ANY_CARD,
    NOW,
    cart,
    customer,
    deletion,
    hour,
    order,
    product,
    redaction,
    stock,
    store,
    variant,
    view,
    who,
    wishlist,
)
from tests.server.ingest.state import flaws_of, state_of

EVERYBODY = who("1", card="C1", email="ada@example.com", phone="+34600000001")
RECORDS: tuple[Record, ...] = (
    customer(
        "1",
        given_name="Ada",
        family_name="Roca",
        emails=("ada@example.com",),
        phones=("+34600000001",),
        cards=("C1",),
        locale="es",
        city="Madrid",
        birth_date=None,
        loyalty=Loyalty(tier="gold", points=1, as_of=hour(0)),
        consents=(Consent(channel="email", granted=True, at=hour(0), wording="yes", by="till"),),
        attributes={"shoes": "38"},
    ),
    store("m1", name="Sol", city="Madrid", time_zone="Europe/Madrid", country="ES", latitude=40.4, longitude=-3.7),
    product(title="Shirt", brand="Acme", variants=(variant("S1", gtin="40170725", options={"size": "S"}),)),
    order(customer=EVERYBODY, store="m1"),
    cart(customer=EVERYBODY),
    wishlist(customer=EVERYBODY),
    view(customer=EVERYBODY),
    stock(),
    deletion("customer", "1"),
    redaction("1"),
)
TEMPLATES: list[dict[str, Any]] = [json.loads(msgspec.json.encode(record)) for record in RECORDS]

texts = st.text(max_size=20) | st.sampled_from(
    ["", " ", "\u0301", "İ", "ﬀ", "ß@ß.ß", "\u202e", '"', "'", "%_", "\x1f", "NEAR(", "*",
     "é" * 255, "x" * 256, "0", "@", "a@b.c"]
)  # fmt: skip
times = st.sampled_from(
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "0002-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
     "1969-12-31T23:59:59.999999Z", "2026-10-01T00:00:00.5+05:45", "2026-10-01", "now"]
)  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | texts | times,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value that something may stand at."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(place for key, inner in entries for place in _places(inner, (*path, key)))]


PLACES = [(number, place) for number, template in enumerate(TEMPLATES) for place in _places(template)]


def _with(template: dict[str, Any], place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(template))
    inner: Any = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed


@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), values), min_size=1, max_size=4))
@example(changes=[((3, ("placed_at",)), "0001-01-01T00:00:00+23:59")])
@example(changes=[((5, ("items", 0, "added_at")), "0001-01-01T00:00:00+23:59")])
@example(changes=[((0, ("consents", 0, "at")), "0001-01-01T00:00:00+23:59")])
def test_any_value_is_taken_or_refused(fresh: Fresh, changes: list[tuple[tuple[int, tuple[Any, ...]], Any]]) -> None:
    """No value in any field raises, and what was taken is known when it comes again."""
    lines = [
        Line(n, json.dumps(_with(TEMPLATES[number], place, value)).encode())
        for n, ((number, place), value) in enumerate(changes, 1)
    ]
    with fresh() as conn:
        first = take_lines(conn, lines, "test", ANY_CARD, NOW)
        before = state_of(conn)
        second = take_lines(conn, lines, "test", ANY_CARD, NOW)
        conn.flush()
        assert first.new + first.changed + first.unchanged + first.older + first.refused == len(lines)
        assert (second.new, second.changed, second.refused) == (0, 0, first.refused)
        assert state_of(conn) == before
        assert flaws_of(conn) == []
