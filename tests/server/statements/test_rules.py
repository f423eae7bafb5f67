"""Which of two statements counts."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.statements import rules
from server.statements.rules import Known, Value, Verdict
from server.wire.base import timestamp
from server.wire.records import Consent, Record
from tests.server.given import NOW, cart, hour, order, who, wishlist

T1, T2, T3 = (timestamp(hour(n)) for n in (1, 2, 3))
SMALL, LARGE = b"\1" * 16, b"\2" * 16
FIELDS = ("name", "city")

statements = st.tuples(
    st.sampled_from([T1, T2, T3]),
    st.dictionaries(st.sampled_from(FIELDS), st.sampled_from([None, "Ada", "Bea", 1, 2.5])),
)


def _known(at: str = T2, hash_: bytes = SMALL, *, row: int | None = 7, deleted: str | None = None) -> Known:
    return Known(row, None, None, at, hash_, deleted)


@pytest.mark.parametrize(
    ("held", "at", "hash_", "expected"),
    [
        pytest.param(None, T1, SMALL, "new", id="nothing held"),
        pytest.param(_known(), T3, LARGE, "changed", id="later and other"),
        pytest.param(_known(), T3, SMALL, "confirmed", id="later and the same"),
        pytest.param(_known(), T2, SMALL, "unchanged", id="the very same"),
        pytest.param(_known(), T1, LARGE, "older", id="earlier"),
        pytest.param(_known(), T1, SMALL, "older", id="earlier and the same"),
        pytest.param(_known(), T2, LARGE, "changed", id="at the same time the larger hash wins"),
        pytest.param(_known(hash_=LARGE), T2, SMALL, "older", id="at the same time the smaller hash loses"),
        pytest.param(_known("", b"", row=None, deleted=T2), T3, SMALL, "new", id="after a deletion"),
        pytest.param(_known("", b"", row=None, deleted=T2), T2, SMALL, "older", id="at the time of a deletion"),
        pytest.param(_known("", b"", row=None, deleted=T2), T1, SMALL, "older", id="before a deletion"),
        pytest.param(_known(T3, deleted=T2), T3, SMALL, "unchanged", id="known beside an older deletion"),
        pytest.param(_known(row=None), T2, SMALL, "unchanged", id="withheld and the same"),
        pytest.param(_known(row=None), T2, LARGE, "new", id="withheld, overtaken at the same time"),
        pytest.param(_known(row=None), T3, SMALL, "new", id="withheld, said again later"),
        pytest.param(_known(row=None), T1, LARGE, "older", id="withheld, and this is older"),
    ],
)
def test_the_newest_snapshot_wins(held: Known | None, at: str, hash_: bytes, expected: Verdict) -> None:
    """A snapshot wins by its time, and at equal times by its content's hash."""
    assert rules.verdict(held, at, hash_) == expected


def _merged(*said: tuple[str, dict[str, Value]]) -> tuple[dict[str, Value], dict[str, str]]:
    held: dict[str, Value] = dict.fromkeys(FIELDS)
    times: dict[str, str] = {}
    for at, stated in said:
        merged = rules.merge_fields(held, times, stated, at, None)
        held, times = {**held, **merged.changes}, merged.times
    return held, times


@given(said=st.lists(statements, min_size=1, max_size=4))
def test_fields_end_the_same_in_any_order(said: list[tuple[str, dict[str, Value]]]) -> None:
    """Every order and repetition of statements on one thing gives the same fields and times."""
    results = [_merged(*order_, *order_[:1]) for order_ in permutations(said)]
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param([(T1, {"name": "Ada"}), (T2, {"city": "Rome"})], ("Ada", "Rome"), id="absent keeps"),
        pytest.param([(T1, {"name": "Ada"}), (T2, {"name": None})], (None, None), id="null clears"),
        pytest.param([(T2, {"name": None}), (T1, {"name": "Ada"})], (None, None), id="null clears what comes late"),
        pytest.param([(T1, {"name": None}), (T2, {"name": "Ada"})], ("Ada", None), id="said again after a null"),
        pytest.param(
            [(T2, {"name": "Ada"}), (T1, {"name": "Bea", "city": "Rome"})], ("Ada", "Rome"), id="field by field"
        ),
        pytest.param(
            [(T1, {"name": "Ada"}), (T1, {"name": None})], ("Ada", None), id="at one time a value beats a null"
        ),
        pytest.param([(T1, {"name": "Bea"}), (T1, {"name": "Ada"})], ("Bea", None), id="at one time the larger value"),
        pytest.param([(T1, {})], (None, None), id="nothing said"),
    ],
)
def test_fields_win_one_by_one(said: list[tuple[str, dict[str, Value]]], expected: tuple[Value, Value]) -> None:
    """An absent field keeps what was known, null clears it, each by the time it was stated."""
    held, _ = _merged(*said)
    assert (held["name"], held["city"]) == expected


@pytest.mark.parametrize(
    ("before", "said", "deleted_at", "expected"),
    [
        pytest.param([], (T1, {"name": "Ada"}), None, "new", id="first"),
        pytest.param([], (T1, {}), None, "new", id="first, and nothing said"),
        pytest.param([(T1, {})], (T1, {}), None, "unchanged", id="nothing said, twice"),
        pytest.param([(T1, {"name": "Ada"})], (T1, {"name": "Ada"}), None, "unchanged", id="the same again"),
        pytest.param([(T1, {"name": "Ada"})], (T2, {"name": "Ada"}), None, "confirmed", id="the same, later"),
        pytest.param([(T1, {"name": "Ada"})], (T2, {"name": "Bea"}), None, "changed", id="another value"),
        pytest.param([(T2, {"name": "Ada"})], (T1, {"name": "Bea"}), None, "older", id="earlier"),
        pytest.param(
            [(T2, {"name": "Ada"})], (T1, {"name": "Bea", "city": "Rome"}), None, "changed", id="partly earlier"
        ),
        pytest.param([], (T1, {"name": "Ada"}), T1, "older", id="deleted at that time"),
        pytest.param([], (T2, {"name": "Ada"}), T1, "new", id="deleted before"),
    ],
)
def test_a_statement_says_what_became_of_it(
    before: list[tuple[str, dict[str, Value]]],
    said: tuple[str, dict[str, Value]],
    deleted_at: str | None,
    expected: Verdict,
) -> None:
    """The verdict tells news from repetition, so that nobody is told twice."""
    held, times = _merged(*before) if before else (dict.fromkeys(FIELDS), {})
    assert rules.merge_fields(held, times, said[1], said[0], deleted_at).verdict == expected


@given(said=st.lists(statements, max_size=4), at=st.sampled_from([T1, T2, T3]))
def test_a_deletion_forgets_what_was_stated_up_to_it(said: list[tuple[str, dict[str, Value]]], at: str) -> None:
    """Deleting after the statements leaves what the later ones alone would have left."""
    held, times = _merged(*said) if said else (dict.fromkeys(FIELDS), {})
    forgotten = rules.forget_fields(held, times, at)
    later = [s for s in said if s[0] > at]
    expected, expected_times = _merged(*later) if later else (dict.fromkeys(FIELDS), {})
    assert {**held, **forgotten.changes} == expected
    assert forgotten.times == expected_times


@given(times=st.dictionaries(st.sampled_from(["", "name", "city", "emails"]), st.sampled_from([T1, T2])))
def test_times_of_fields_survive_packing(times: dict[str, str]) -> None:
    """What is unpacked is what was packed, and equal times are packed equally."""
    packed = rules.pack_times(times)
    assert rules.unpack_times(packed) == times
    assert rules.pack_times(dict(reversed(times.items()))) == packed


def _elsewhere(record: Record) -> Record:
    """The same record as a system in another zone writes its times."""
    text = msgspec.json.encode(record).decode()
    for n in range(4):
        moment = hour(n)
        zone = timezone(timedelta(hours=5, minutes=45))
        text = text.replace(moment.isoformat().replace("+00:00", "Z"), moment.astimezone(zone).isoformat())
    return msgspec.json.decode(text, type=Record)


@pytest.mark.parametrize(
    "record",
    [order(at=1, placed=2, customer=who("1")), cart(at=1), wishlist(at=1)],
    ids=["order", "cart", "wish list"],
)
def test_times_count_and_not_how_they_are_written(record: Any) -> None:
    """A snapshot whose times stand in another zone is the same snapshot."""
    other: Any = _elsewhere(record)
    assert other.updated_at.tzinfo is not record.updated_at.tzinfo
    assert rules.content_hash(other) == rules.content_hash(record)


def test_a_text_that_looks_like_a_zone_stays_as_it_is() -> None:
    """Only times are told in UTC; a text that ends like one is kept."""
    consent = Consent(
        channel="at 10:00+02:00", granted=True, at=datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    )
    kept = rules.json_text((consent,))
    assert kept is not None
    assert "at 10:00+02:00" in kept
    assert "2026-01-01T00:00:00Z" in kept


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-1, False), (0, False), (300, False), (300.000001, True), (86_400, True)],
)
def test_a_clock_may_be_five_minutes_ahead(seconds: float, expected: bool) -> None:
    """Up to five minutes are a clock's inaccuracy, more is a wrong clock."""
    assert (NOW + timedelta(seconds=seconds) > rules.latest(NOW)) is expected


@given(
    moment=st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    other=st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    offset=st.integers(-14 * 60, 14 * 60),
)
def test_times_sort_as_texts(moment: datetime, other: datetime, offset: int) -> None:
    """Whatever zone they were written in, times as texts are equally long and in the order of the times."""
    there = moment.astimezone(timezone(timedelta(minutes=offset)))
    assert len(timestamp(there)) == len(timestamp(other)) == 27
    assert (timestamp(there) < timestamp(other)) == (moment < other)
    assert timestamp(there) == timestamp(moment)
