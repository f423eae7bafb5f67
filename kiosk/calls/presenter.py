"""Calling somebody to a kiosk, over the port."""

import asyncio
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
        self._listener = Listener(port, self.heard, self._missed)
        self._about: About = "help"
        self._behind = False
        self._again: asyncio.Task[None] | None = None
        self.state = CallState()

    async def call(self, about: About) -> None:
        """Have somebody come; whoever was called already is called once."""
        if self.state.phase in {"calling", "coming"}:
            return
        self._about = about
        self._listener.start()
        self._set(calling(self.state))
        await self._ask()

    def heard(self, told: LiveEvent) -> None:
        """Something happened in the store."""
        if isinstance(told.event, HelpAnswered):
            self._behind = True
            self._set(coming(self.state, told.event.call_id, told.event.by))

    def tick(self) -> None:
        """Time passed: what was said long enough is said no more."""
        lasts = {"failed": FAILED, "coming": COMING, "called": CALLED}.get(self.state.phase)
        if lasts is not None and self._clock() - self._since > lasts:
            self.forget()

    def forget(self) -> None:
        """Nobody waits here any more."""
        self._listener.stop()
        if self._again is not None:
            self._again.cancel()
        self._set(CallState())

    async def _ask(self) -> None:
        """Call, and learn who comes; once more where that was told before it was heard, or known whose call it is.

        Whoever called already is called once, and told who comes.
        """
        try:
            while True:
                self._behind = False
                made = await self._port.call(self._about)
                if made.answered_by or made.call_id != self.state.call_id:
                    self._set(called(made.call_id, made.answered_by))
                if not self._behind or self.state.phase != "called":
                    return
        except LinkError:
            if self.state.phase == "calling":
                self._listener.stop()
                self._set(CallState(phase="failed"))

    def _missed(self) -> None:
        """Nobody can tell whether somebody said that they come."""
        self._behind = True
        if self.state.phase == "called" and (self._again is None or self._again.done()):
            self._again = asyncio.ensure_future(self._ask())

    def _set(self, state: CallState) -> None:
        if state != self.state:
            self._since = self._clock()
            self.state = state
            self._show(state)
