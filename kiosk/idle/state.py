"""Whether a customer is still there, as a kiosk can know. Pure."""

import math

from server.wire.base import Wire

QUIET = 45.0
"""Seconds without a sign of life after which somebody is asked whether they are still there."""
GRACE = 20.0
"""Seconds that they have to say so (WCAG 2.2, 2.2.1)."""


class IdleState(Wire):
    """`left` are the seconds until all is wiped, while it is asked for a sign of life; 0: nobody is asked."""

    left: int = 0

    @property
    def asking(self) -> bool:
        """Whether the sheet is shown."""
        return self.left > 0

    @property
    def share(self) -> float:
        """How much of the time is left."""
        return self.left / GRACE


def waited(quiet: float) -> IdleState | None:
    """After so many seconds without a sign of life; None where they are over."""
    if quiet < QUIET:
        return IdleState()
    left = math.ceil(QUIET + GRACE - quiet)
    return IdleState(left=left) if left > 0 else None
