"""Calling somebody to a kiosk, over the port."""

from collections.abc import Callable

from kiosk.calls.state import CallState, called, calling, coming
from kiosk.link.guest_port import GuestPort
from kiosk.link.live import Listener
from kiosk.link.port import LinkError
from server.wire.calls import About
from server.wire.events import HelpAnswered
from server.wire.live import LiveEvent

FAILED = 8.0
"""Seconds that it is said that nobody could be told."""
COMING = 60.0
"""Seconds that it is said who comes."""
CALLED = 900.0
"""Seconds that a call waits; then the server has forgotten it."""


class CallPresenter:
    """Calls somebody who works here, and says who comes.

    Args:
        port: the server.
        show: told each new state.
        clock: seconds of a clock that never goes back.
    """

    def __init__(self, port: GuestPort, show: Callable[[CallState], None], clock: Callable[[], float]) -> None:
        self._port = port
        self._show = show
        self._clock = clock
        self._since = 0.0
        self._listener = Listener(port, self.heard, lambda: None)
        self.state = CallState()

    async def call(self, about: About) -> None:
        """Have somebody come; whoever was called already is called once."""
        if self.state.phase in {"calling", "coming"}:
            return
        # Heard from before it is asked, so that no answer is missed.
        self._listener.start()
        self._set(calling(self.state))
        try:
            made = await self._port.call(about)
        except LinkError:
            self._listener.stop()
            self._set(CallState(phase="failed"))
        else:
            self._set(called(made.call_id, made.answered_by))

    def heard(self, told: LiveEvent) -> None:
        """Something happened in the store."""
        if isinstance(told.event, HelpAnswered):
            self._set(coming(self.state, told.event.call_id, told.event.by))

    def tick(self) -> None:
        """Time passed: what was said long enough is said no more."""
        lasts = {"failed": FAILED, "coming": COMING, "called": CALLED}.get(self.state.phase)
        if lasts is not None and self._clock() - self._since > lasts:
            self.forget()

    def forget(self) -> None:
        """Nobody waits here any more."""
        self._listener.stop()
        self._set(CallState())

    def _set(self, state: CallState) -> None:
        if state != self.state:
            self._since = self._clock()
            self.state = state
            self._show(state)
