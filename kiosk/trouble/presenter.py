"""The trouble screen's verbs."""

import math
from collections.abc import Callable

from kiosk.trouble.state import Trouble, TroubleState, waited


class TroublePresenter:
    """Says what went wrong, and leads on.

    Args:
        show: told each new state.
        clock: seconds of a clock that never goes back.
    """

    def __init__(self, show: Callable[[TroubleState], None], clock: Callable[[], float]) -> None:
        self._show = show
        self._clock = clock
        self._until = 0.0
        self._on: Callable[[], None] = lambda: None
        self.state = TroubleState()

    def rise(self, kind: Trouble, on: Callable[[], None], wait: int = 0) -> None:
        """Something went wrong.

        Args:
            kind: what.
            on: the way on.
            wait: seconds until that is open.
        """
        self._on = on
        self._until = self._clock() + wait
        self._set(TroubleState(kind=kind, wait=wait))

    def tick(self) -> None:
        """Time passed."""
        if self.state.wait:
            self._set(waited(self.state, max(0, math.ceil(self._until - self._clock()))))

    def way_on(self) -> None:
        """Go on, once that is open."""
        if self.state.kind and not self.state.wait:
            self._set(TroubleState())
            self._on()

    def forget(self) -> None:
        """Whoever had it has left, and nothing of them stays: the way on holds what they scanned or typed."""
        self._on = lambda: None
        self._set(TroubleState())

    def _set(self, state: TroubleState) -> None:
        if state != self.state:
            self.state = state
            self._show(state)
