"""Who may ask how often: each token by itself, who has none by the address they ask from.

A token counts as one once a door knew whose it is; until then it counts for its address, so that nobody gets new
permits by making tokens up. Doors that take codes or PINs have a stricter limit of their own.
"""

import ipaddress
import re
from collections.abc import Callable
from functools import lru_cache
from math import ceil

from server.edge.asked import Asked
from server.edge.buckets import MOST_BUCKETS, Buckets
from server.wire.problems import ProblemError

CODES_A_SECOND = 1 / 6
CODES_AT_ONCE = 20
"""Enough for all who sign in on one tablet at opening time."""
_CODES = re.compile(r"/*(?:v1/+(?:devices|sessions(?:/+current/+unlock)?)|till/+enrolment)/*")
"""Paths of doors that take a code or a PIN by POST; slashes too many are none to the router."""

_ONE_NETWORK = 64
"""Bits. Whoever has one IPv6 address has all that begin like it."""


class RateCheck:
    """Refuses who asks too often.

    Args:
        rate: requests a second, of one token or address; 0 for no limit.
        burst: requests at once after a pause.
        clock: seconds, monotonic.
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._doors = Buckets[bytes | str](rate, burst) if rate else None
        self._codes = Buckets[bytes | str](CODES_A_SECOND, CODES_AT_ONCE) if rate else None
        self._known: dict[bytes, None] = {}

    def __call__(self, asked: Asked) -> ProblemError | None:
        if self._doors is None or self._codes is None:
            return None
        token = asked.token
        who = token if token is not None and token in self._known else network_of(asked.peer)
        now = self._clock()
        wait = self._doors.take(who, now)
        if not wait and asked.method == "POST" and _CODES.fullmatch(asked.path):
            wait = self._codes.take(who, now)
        if not wait:
            return None
        return ProblemError(
            "too_many_requests", "This came too often. Wait as long as Retry-After says.", retry_after=ceil(wait)
        )

    def answered(self, asked: Asked, *, known: bool) -> None:
        """Learn from an answer whether somebody is known by the token."""
        token = asked.token
        if token is None:
            return
        if not known:
            self._known.pop(token, None)
        elif token not in self._known:
            self._known[token] = None
            if len(self._known) > MOST_BUCKETS:
                del self._known[next(iter(self._known))]


@lru_cache(MOST_BUCKETS)
def network_of(address: str) -> str:
    """What a peer is counted as: an IPv4 address, or the 64 bits that one customer of a network provider has."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return address
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.IPv6Network((ip, _ONE_NETWORK), strict=False))
