"""What time it is at the server, whatever a device's own clock says."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

UNSURE = timedelta(seconds=10)
"""How much later than it was said a time may be heard: it is in whole seconds, and takes some on the way. What is
earlier than that was not long on the way: the server's clock was set."""


class ServerClock:
    """Learns from every answer what time it is at the server, and goes on from there by a clock that never goes back.

    It is never ahead of the server's; behind it by a second and the quickest answer's way.

    Args:
        own: the device's own time, which is taken until the server has answered.
        clock: seconds of a clock that never goes back.
    """

    def __init__(self, own: Callable[[], datetime], clock: Callable[[], float]) -> None:
        self._own = own
        self._clock = clock
        self._began: datetime | None = None

    def told(self, date: str | None) -> None:
        """An answer of the server is here, with its `Date`."""
        try:
            began = parsedate_to_datetime(date or "") - timedelta(seconds=self._clock())
        except (ValueError, OverflowError):
            return
        if began.tzinfo is not None and (self._began is None or not began <= self._began <= began + UNSURE):
            self._began = began

    def now(self) -> datetime:
        """The server's time."""
        return self._own() if self._began is None else self._began + timedelta(seconds=self._clock())
