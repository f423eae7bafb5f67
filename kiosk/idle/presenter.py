"""Counts the quiet while a customer is at the kiosk."""

from collections.abc import Callable

from kiosk.idle.state import IdleState, waited


class IdlePresenter:
    """Asks whether somebody is still there, and says when they are not.

    Args:
        show: told each new state.
        alarm: told when it is asked: more than one sense is to notice.
        over: told that nobody is there any more.
        clock: seconds of a clock that never goes back.
    """

    def __init__(
        self,
        show: Callable[[IdleState], None],
        alarm: Callable[[], None],
        over: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self._show = show
        self._alarm = alarm
        self._over = over
        self._clock = clock
        self._watching = False
        self._last = clock()
        self.state = IdleState()

    def watch(self, *, on: bool) -> None:
        """Somebody came, or nobody is there who could leave."""
        if on != self._watching:
            self._watching = on
            self.life()

    def life(self) -> None:
        """Somebody touched, scrolled, typed or scanned."""
        self._last = self._clock()
        self._set(IdleState())

    def quiet(self) -> float:
        """Seconds since the last sign of life."""
        return self._clock() - self._last

    def tick(self) -> None:
        """Time passed."""
        if not self._watching:
            return
        state = waited(self.quiet())
        if state is None:
            self._watching = False
            self._set(IdleState())
            self._over()
            return
        if state.asking and not self.state.asking:
            self._alarm()
        self._set(state)

    def _set(self, state: IdleState) -> None:
        if state != self.state:
            self.state = state
            self._show(state)
