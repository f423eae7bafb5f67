"""Time as keys see it: they are handed out once a frame, and a frame that is slow to draw holds them up. Pure."""

SLOW = 0.02
"""Seconds from which on a wait between two keys is that of a frame that is slow to draw."""
COUNTED = 0.45
"""What counts of such a wait: so much of the gap between keys from which on they are a person's."""


class KeyTime:
    """Seconds that count between keys.

    A scan that comes while a screen is drawn must not be torn by that; nor may a person be taken for a scanner where
    every frame is slow. So one slow frame is forgiven, and further ones only after as many quick keys as no person
    types.

    Args:
        at: the time, in seconds.
        gap: seconds between keys from which on they are a person's.
        shortest: how many quick keys no person types.
    """

    def __init__(self, at: float, gap: float, shortest: int) -> None:
        self._at = at
        self._gap = gap
        self._shortest = shortest
        self._counted = 0.0
        self._forgiven = False

    def now(self, at: float, waiting: int) -> float:
        """The time that counts; to be asked at each key and in each frame, with how many keys wait."""
        passed, self._at = at - self._at, at
        if not waiting:
            self._forgiven = False
        elif passed > SLOW and (waiting >= self._shortest or not self._forgiven):
            self._forgiven = True
            passed = COUNTED * self._gap
        self._counted += passed
        return self._counted
