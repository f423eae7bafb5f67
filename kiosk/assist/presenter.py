"""Helping at kiosks: verbs, over the port."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from kiosk.assist.state import (
    DIGITS,
    AssistState,
    Trouble,
    answered,
    asked,
    closed,
    confirmed,
    erased,
    failed,
    passed,
    seen,
    typed,
    vouching,
)
from kiosk.cart.presenter import new_key
from kiosk.link.port import Port, RefusedError, UnreachableError
from server.wire.kiosks import Confirmation

PAUSES = (1.0, 3.0, 10.0)
"""Seconds until it is asked again who waits, where nobody answered; the last one from then on."""

_TROUBLE: dict[str, Trouble] = {"wrong_proof": "wrong", "unknown_challenge": "over"}


class AssistPresenter:
    """Knows which kiosks of the store want somebody, vouches for customers, and says that one is coming.

    Args:
        port: the server.
        show: told each new state.
        key: makes a key for what is said to the server.
        pauses: see `PAUSES`.
    """

    def __init__(
        self,
        port: Port,
        show: Callable[[AssistState], None],
        key: Callable[[], str] = new_key,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        self._port = port
        self._show = show
        self._new_key = key
        self._pauses = pauses
        self._key = ""
        self._asked = self._seen = 0
        self.state = AssistState()

    async def look(self) -> None:
        """Ask who waits, again until somebody answers; an answer that is older than what is known by then is none."""
        self._asked += 1
        number, tries = self._asked, 0
        while number == self._asked and (pause := await self._look(number, tries)) is not None:
            await asyncio.sleep(pause)
            tries += 1

    def tick(self, now: datetime) -> None:
        """Time went by."""
        self._set(passed(self.state, now))

    async def come(self, call_id: int) -> None:
        """Say that one is on the way to whoever called; where nobody hears it, they wait on."""
        try:
            await self._port.answer_call(call_id, self._new_key())
        except UnreachableError:
            return
        except RefusedError as error:
            if error.problem.code != "unknown_call":
                return
        self._set(answered(self.state, call_id))

    def vouch(self, customer_id: int) -> None:
        """Vouch for a customer at the kiosk that waits; once more: at the next one that does."""
        self._key = ""
        self._set(vouching(self.state, customer_id))

    async def digit(self, digit: str) -> None:
        """Type a digit; the last of them is sent at once."""
        before = self.state
        self._set(typed(before, digit))
        if self.state is not before:
            self._key = self._new_key()
            await self._confirm()

    def erase(self) -> None:
        """Take the last digit back."""
        self._set(erased(self.state))

    async def again(self) -> None:
        """Send the same digits once more: nobody answered."""
        await self._confirm()

    def close(self) -> None:
        """Vouch for nobody."""
        self._set(closed(self.state))

    def forget(self) -> None:
        """Whoever was in has left: nothing is known, and an answer that is under way comes too late."""
        self._asked += 1
        self._seen = self._asked
        self._set(AssistState())

    async def _look(self, number: int, tries: int) -> float | None:
        """Ask once; after how many seconds it is to be asked again, None where it is not."""
        try:
            waiting, calls = await self._port.waiting_kiosks(), await self._port.help_calls()
        except UnreachableError:
            return self._pauses[min(tries, len(self._pauses) - 1)]
        except RefusedError as error:
            return error.retry_after
        if number > self._seen:
            self._seen = number
            self._set(seen(self.state, waiting, calls))
        return None

    async def _confirm(self) -> None:
        one = self.state.vouching
        if one is None or one.busy or len(one.digits) < DIGITS:
            return
        self._set(asked(self.state))
        number = one.challenge.challenge_id
        said = Confirmation(customer_id=one.customer_id, digits=one.digits)
        try:
            await self._port.vouch(number, said, self._key)
        except UnreachableError:
            self._set(failed(self.state, number, "unreachable"))
        except RefusedError as error:
            self._set(failed(self.state, number, _TROUBLE.get(error.problem.code, "refused")))
        else:
            self._set(confirmed(self.state, number))

    def _set(self, state: AssistState) -> None:
        if state != self.state:
            self.state = state
            self._show(state)
