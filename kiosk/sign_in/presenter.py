"""The sign-in screen's verbs, over the port."""

import math
from collections.abc import Callable
from contextlib import suppress

from kiosk.link.port import LinkError, Port, RefusedError, UnreachableError
from kiosk.sign_in.idle import Idle
from kiosk.sign_in.state import (
    MOST,
    SignInState,
    Somebody,
    Trouble,
    Why,
    asked,
    badged,
    digit,
    failed,
    gone_back,
    let_in,
    listed,
    locked,
    not_listed,
    out,
    picked,
    trying,
    unlocked,
    waited,
)

_TROUBLE: dict[str, Trouble] = {"wrong_pin": "wrong", "too_many_tries": "wait", "unknown_staff": "nobody"}
ABANDONED = 60.0
"""Seconds without a touch after which half a PIN is forgotten."""
_AT_LEAST = 30
"""Seconds to wait where a server counts tries and does not say how long."""


class SignInPresenter:
    """Lets people in, locks the tablet when nobody touches it, and lets them out. The PIN is nowhere but here.

    Args:
        port: the server.
        show: told each new state.
        clock: seconds of a clock that never goes back.
    """

    def __init__(self, port: Port, show: Callable[[SignInState], None], clock: Callable[[], float]) -> None:
        self._port = port
        self._show = show
        self._clock = clock
        self._idle = Idle(clock())
        self._pin = ""
        self._badge = ""
        self._asked = 0
        self._waits: dict[int | str, float] = {}
        self.state = SignInState()

    async def ask_names(self) -> None:
        """Ask who may sign in."""
        self._set(asked(self.state))
        self._asked += 1
        number = self._asked
        try:
            staff = await self._port.staff()
        except LinkError as error:
            if number == self._asked:
                self._set(not_listed(self.state, "unreachable" if isinstance(error, UnreachableError) else "refused"))
        else:
            if number == self._asked:
                self._set(listed(self.state, staff))

    def given(self) -> None:
        """Work as somebody whom whoever started the program signed in."""
        self._set(SignInState(step="in", somebody=Somebody(staff_id=0, name="")))

    def pick(self, staff_id: int) -> None:
        """Sign in by name."""
        self._wipe()
        self._set(picked(self.state, staff_id, self._left(staff_id)))

    def scan(self, badge: str) -> None:
        """Sign in by badge."""
        if self.state.step == "in" or self.state.busy:
            return
        self._wipe()
        self._badge = badge
        self._set(badged(self.state, self._left(badge)))

    def type(self, keys: str) -> None:
        """Add digits to the PIN; other keys are none."""
        for key in keys:
            if self.state.ready and key in "0123456789" and len(self._pin) < MOST:
                self._pin += key
                self._set(digit(self.state, len(self._pin)))

    def erase(self) -> None:
        """Take the last digit back."""
        if self.state.ready:
            self._pin = self._pin[:-1]
            self._set(digit(self.state, len(self._pin)))

    async def confirm(self) -> None:
        """Try the PIN that is typed."""
        if not self.state.complete:
            return
        whom = self._whom()
        before, pin = self.state, self._pin
        self._wipe()
        self._set(trying(before))
        try:
            if before.step == "locked":
                after = unlocked(before, await self._port.unlock(pin))
            else:
                after = let_in(before, await self._port.sign_in(whom, pin))
        except UnreachableError:
            self._fail(before, "unreachable")
        except RefusedError as error:
            wait = error.retry_after or 0
            trouble = _TROUBLE.get(error.problem.code, "refused")
            if trouble == "wait":
                wait = wait or _AT_LEAST
            if wait:
                self._waits[whom] = self._clock() + wait
            self._fail(before, trouble, wait, error.problem.detail)
        else:
            if not (self.state.busy and self.state.step == before.step):
                self._port.leave()
                return
            self._waits.pop(whom, None)
            self._badge = ""
            self.life()
            self._set(after)

    def back(self) -> None:
        """Not sign in after all."""
        self._wipe()
        if not self.state.busy:
            self._badge = ""
        self._set(gone_back(self.state, self._left(_LOCKED)))

    def lock(self) -> None:
        """Hide everything until the PIN is typed again."""
        self._wipe()
        self._set(locked(self.state, self._left(_LOCKED)))

    async def sign_out(self, why: Why = "signed_out") -> None:
        """End the shift. The tablet forgets at once, whether the server hears of it or not."""
        self._wipe()
        self._set(out(self.state, why))
        with suppress(LinkError):
            await self._port.sign_out()

    def ended(self) -> None:
        """The server ended the shift."""
        if self.state.somebody is not None:
            self._wipe()
            self._port.leave()
            self._set(out(self.state, "ended"))

    def forget(self) -> None:
        """Know nobody any more: the tablet itself is out."""
        self._wipe()
        self._badge = ""
        self._waits.clear()
        self._asked += 1
        self._set(SignInState())

    def life(self) -> None:
        """Somebody touched, typed or scanned."""
        self._idle.life(self._clock())

    def tick(self) -> None:
        """Time passed: waits become shorter, and a tablet that nobody touches is locked."""
        state = self.state
        if state.wait:
            self._set(waited(state, self._left(self._whom())))
        if state.step == "in":
            assert state.somebody is not None
            seconds = state.somebody.idle_seconds
            if seconds is not None and self._idle.over(self._clock(), seconds):
                self.lock()
        elif self._idle.over(self._clock(), ABANDONED):
            # What somebody began to type and left behind is nobody's.
            if state.step == "pin":
                self.back()
            elif state.digits:
                self._wipe()
                self._set(digit(state, 0))

    def _whom(self) -> int | str:
        if self.state.step == "locked":
            return _LOCKED
        return self.state.who.id if self.state.who is not None else self._badge

    def _left(self, whom: int | str) -> int:
        return max(0, math.ceil(self._waits.get(whom, 0.0) - self._clock()))

    def _fail(self, before: SignInState, trouble: Trouble, wait: int = 0, detail: str = "") -> None:
        # What the server said may have led elsewhere by now: the shift was over, the device revoked.
        if self.state.busy and self.state.step == before.step:
            self._set(failed(self.state, trouble, wait, detail))

    def _wipe(self) -> None:
        self._pin = ""

    def _set(self, state: SignInState) -> None:
        if state != self.state:
            self.state = state
            self._show(state)


_LOCKED = ""
"""Whose wait it is while the tablet is locked: no badge is called so."""
