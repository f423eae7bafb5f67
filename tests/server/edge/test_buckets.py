"""Token buckets: never more than they promise, never less, and never more of them than may be."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.edge.buckets import Buckets

RATES = st.sampled_from([0.125, 0.5, 1.0, 8.0])
BURSTS = st.integers(1, 6)
PAUSES = st.lists(st.sampled_from([0.0, 0.125, 0.25, 1.0, 8.0, 100.0]), max_size=40)


class Plain:
    """A bucket as everybody draws it: permits that are counted and filled up."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst, self.permits, self.at = rate, burst, float(burst), 0.0

    def take(self, now: float) -> bool:
        """Whether there was one."""
        self.permits = min(self.burst, self.permits + (now - self.at) * self.rate)
        self.at = now
        if self.permits < 1:
            return False
        self.permits -= 1
        return True


def moments(pauses: Iterable[float]) -> list[float]:
    """Moments with these pauses between them."""
    now, found = 0.0, []
    for pause in pauses:
        now += pause
        found.append(now)
    return found


@given(RATES, BURSTS, PAUSES)
def test_it_is_a_token_bucket(rate: float, burst: int, pauses: list[float]) -> None:
    """It lets in exactly whom a bucket lets in whose permits are counted one by one."""
    buckets, plain = Buckets[str](rate, burst), Plain(rate, burst)
    for now in moments(pauses):
        assert (buckets.take("a", now) == 0) == plain.take(now)


@given(RATES, BURSTS, PAUSES)
def test_who_waits_as_long_as_told_is_let_in(rate: float, burst: int, pauses: list[float]) -> None:
    """The wait is true: after it there is a permit, a little earlier there is none."""
    buckets = Buckets[str](rate, burst)
    for now in moments(pauses):
        wait = buckets.take("a", now)
        if wait:
            assert buckets.take("a", now + wait - 0.01) > 0
            assert buckets.take("a", now + wait) == 0
            return


@given(RATES, BURSTS, PAUSES)
def test_nobody_pays_for_others(rate: float, burst: int, pauses: list[float]) -> None:
    """What one does changes nothing for another."""
    alone, among = Buckets[str](rate, burst), Buckets[str](rate, burst)
    for now in moments(pauses):
        among.take("b", now)
        assert alone.take("a", now) == among.take("a", now)


@given(st.integers(1, 20), st.lists(st.integers(0, 60), max_size=80))
def test_there_are_never_more_than_may_be(most: int, keys: list[int]) -> None:
    """However many ask, so many buckets are kept: those of who asked last."""
    buckets = Buckets[int](1.0, 2, most)
    for key in keys:
        buckets.take(key, 0.0)
        assert len(buckets) <= most
    assert len(buckets) == min(most, len(set(keys)))


@pytest.mark.parametrize(("rate", "burst", "seconds", "let_in"), [(50, 300, 60, 3300), (1 / 6, 20, 3600, 620)])
def test_what_the_defaults_come_to(rate: float, burst: int, seconds: int, let_in: int) -> None:
    """Of 100 tries a second, a minute of a device and an hour of guesses at codes let in so many."""
    buckets = Buckets[str](rate, burst)
    assert sum(buckets.take("a", n / 100) == 0 for n in range(seconds * 100)) == pytest.approx(let_in, abs=2)
