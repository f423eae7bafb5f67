"""How long nobody touched a device. Pure; time is an argument."""

import time


class Idle:
    """Counts from the last sign of life.

    Args:
        at: seconds of a clock that never goes back.
    """

    def __init__(self, at: float) -> None:
        self._last = at

    def life(self, at: float) -> None:
        """Somebody touched, typed or scanned."""
        self._last = max(self._last, at)

    def over(self, at: float, seconds: float) -> bool:
        """Whether there was no sign of life for so long."""
        return at - self._last >= seconds


def since_start() -> float:
    """Seconds since the machine was started, those that it slept included: a tablet in a drawer is idle, too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
