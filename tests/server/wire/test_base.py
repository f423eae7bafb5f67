"""Times as every message has them."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from server.wire.base import timestamp

OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(timezones=st.just(UTC) | OFFSETS).filter(lambda moment: 2 <= moment.year <= 9998)


@given(moment=MOMENTS)
def test_a_timestamp_is_the_moment_in_utc_with_microseconds(moment: datetime) -> None:
    """Whole seconds have six zeros, so that every timestamp has 27 characters."""
    assert timestamp(moment) == moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27)


@given(one=MOMENTS, other=MOMENTS)
def test_timestamps_sort_as_their_moments_do(one: datetime, other: datetime) -> None:
    """Databases compare them as text."""
    assert (timestamp(one) < timestamp(other)) == (one < other)
