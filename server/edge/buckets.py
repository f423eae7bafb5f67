"""Token buckets: how often somebody may ask. Pure; the time is an argument.

A bucket holds `burst` permits and is filled up again at `rate` a second; each request takes one. Kept is one number a
bucket: when it will be full again (the generic cell rate algorithm, which is the same thing counted backwards).
"""

from typing import Generic, TypeVar

K = TypeVar("K")

MOST_BUCKETS = 10_000
"""The one that was asked longest ago is forgotten first, so that nobody fills our memory with names."""


class Buckets(Generic[K]):
    """A bucket for each who asks.

    Args:
        rate: permits a second.
        burst: permits that a full bucket has, at least one.
        most: buckets that are kept.
    """

    def __init__(self, rate: float, burst: int, most: int = MOST_BUCKETS) -> None:
        self._interval = 1 / rate
        self._depth = (burst - 1) / rate
        self._most = most
        self._full_at: dict[K, float] = {}

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: K, now: float) -> float:
        """Take a permit; 0, or the seconds until there will be one, and then none is taken.

        Args:
            key: whose bucket.
            now: seconds of a clock that never goes back.
        """
        full_at = self._full_at.pop(key, now)
        wait = full_at - now - self._depth
        if wait > _ROUNDING:
            self._full_at[key] = full_at
            return wait
        self._full_at[key] = max(full_at, now) + self._interval
        if len(self._full_at) > self._most:
            del self._full_at[next(iter(self._full_at))]
        return 0.0


_ROUNDING = 1e-9
