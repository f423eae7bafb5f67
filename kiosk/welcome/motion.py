"""How the welcome screen moves: slowly, and never twice along the same line, so that nothing burns in. Pure."""

import math
from typing import NamedTuple

REACH = 14.0
"""How far words move from their place, in dp."""
FAR = 60.0
"""How far what is drawn behind them does."""
SHADE = 0.22
"""How much darker that becomes at most."""


class Drift(NamedTuple):
    """Where things are at one moment.

    Attributes:
        words: how far words are from their place, in dp across and up.
        near: the same for what is drawn before.
        far: the same for what is drawn behind.
        shade: how deep the ground's colour is, 0 to 1.
    """

    words: tuple[float, float]
    near: tuple[float, float]
    far: tuple[float, float]
    shade: float


STILL = Drift((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), 0.0)
"""For who has asked that nothing moves."""


def drift(seconds: float) -> Drift:
    """Where things are so many seconds after the start, when all are in their places."""
    return Drift(
        words=_around(seconds, REACH, 181, 239),
        near=_around(seconds, REACH * 2, 47, 71),
        far=_around(seconds, FAR, 97, 131),
        shade=0.5 - 0.5 * math.cos(2 * math.pi * seconds / 241),
    )


def _around(seconds: float, reach: float, across: float, up: float) -> tuple[float, float]:
    """A path that fills a square: its two periods, in seconds, have no small multiple in common."""
    return (
        reach * math.sin(2 * math.pi * seconds / across),
        reach * math.sin(2 * math.pi * seconds / up),
    )
