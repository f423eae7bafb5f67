"""Time as keys see it: they are handed out once a frame, and a frame that is slow to draw holds them up. Pure."""

from kiosk.scan.wedge import GAP, SHORTEST

SLOW, COUNTED = 0.02, GAP * 0.45
"""Seconds: of a wait that is longer than the first, only the second counts between two keys."""


class KeyTime:
    """Seconds that count between keys.

    A scan that comes while a screen is drawn must not be torn by that; nor may a person be taken for a scanner where
    every frame is slow. So one slow frame is forgiven, and further ones only after as many quick keys as no person
    types.
    """

    def __init__(self, at: float) -> None:
        self._at = at
        self._counted = 0.0
        self._forgiven = False

    def now(self, at: float, waiting: int) -> float:
        """The time that counts; to be asked at each key and in each frame, with how many keys wait."""
        passed, self._at = at - self._at, at
        if not waiting:
            self._forgiven = False
        elif passed > SLOW and (waiting >= SHORTEST or not self._forgiven):
            self._forgiven = True
            passed = COUNTED
        self._counted += passed
        return self._counted
