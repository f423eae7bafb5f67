"""The identify screen's verbs, over the port."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any
from uuid import uuid4

from kiosk.identify.state import (
    MOST_WRONG,
    IdentifyState,
    Step,
    allowed,
    answered,
    asking,
    closed,
    erased,
    no_contact,
    opened,
    sent,
    showing,
    stepped,
    typed,
    wrong_code,
)
from kiosk.link.guest_port import GuestPort
from kiosk.link.port import LinkError, RefusedError, UnreachableError
from kiosk.trouble.state import Trouble
from server.wire.codes import BankCard, Card, CardPattern, Empty, Gtin, read_code
from server.wire.kiosks import CodeProof, ContinueProof, KioskSession, VouchProof, Way

CONTINUE = "MC1."
"""How a code begins that the shop's own site or app shows."""
POLL = 2.0
"""Seconds between two questions whether an associate confirmed the digits."""
SHORTEST_WAIT = 30
"""Seconds to wait after too many wrong codes where the server does not say how long."""

_TROUBLE: dict[str, Trouble] = {
    "bank_card": "bank_card",
    "mistyped_card": "card",
    "invalid_field": "card",
    "invalid_request": "card",
    "wrong_proof": "card",
    "proof_used": "used",
    "proof_over": "old",
    "unknown_cart": "no_cart",
    "way_closed": "way",
}

_WRONG = frozenset({"wrong_proof", "too_many_tries"})

Rise = Callable[[Trouble, Callable[[], None], int], None]


def _nothing() -> None:
    """Lead nowhere else than to this screen."""


class IdentifyPresenter:
    """Lets a customer prove who they are: by the shop's code, by a code that is sent to them, or by an associate.

    Args:
        port: the server.
        show: told each new state.
        rise: told what went wrong, what is to be done once that was read, and after how many seconds.
        enter: told that a customer is in.
        start: begins a verb.
        language: tells which one is spoken.
        poll: see `POLL`.

    Attributes:
        personal: whether anything of somebody came in since the last one left, wherever that has led to.
    """

    def __init__(
        self,
        port: GuestPort,
        show: Callable[[IdentifyState], None],
        rise: Rise,
        enter: Callable[[KioskSession], None],
        start: Callable[[Coroutine[Any, Any, None]], None],
        language: Callable[[], str],
        poll: float = POLL,
    ) -> None:
        self._port = port
        self._show = show
        self._rise = rise
        self._enter = enter
        self._start = start
        self._language = language
        self._poll = poll
        self._challenge = 0
        self._digits_of = 0
        self._contact = ""
        self._turn = 0
        self.personal = False
        self.card_patterns: tuple[CardPattern, ...] = ()
        self.state = IdentifyState()

    def open(self) -> None:
        """Somebody new begins."""
        self._step(opened(self.state))

    def forget(self) -> None:
        """Whoever was here has left, and nothing of them stays."""
        self._contact = ""
        self.open()
        self.personal = False

    def allow(self, ways: Iterable[Way]) -> None:
        """These ways are open in this chain."""
        self._set(allowed(self.state, frozenset(ways)))

    def take(self, step: Step) -> None:
        """Take another way."""
        self._step(stepped(self.state, step))

    def type(self, text: str) -> None:
        """A key of the pad was touched; the last digit of a code sends it."""
        self._set(typed(self.state, text))
        if self.state.step == "code" and self.state.complete:
            self._start(self.confirm())

    def erase(self) -> None:
        """Take the last sign back."""
        self._set(erased(self.state))

    async def scan(self, code: str) -> None:
        """Whatever was held to the reader."""
        if self.state.busy:
            return
        self.personal = True
        if code.strip().startswith(CONTINUE):
            self._step(stepped(self.state, "ways"))
            await self._prove(ContinueProof(code=code.strip()))
            return
        # What it is, is told here already: a bank card never leaves the kiosk.
        match read_code(code, self.card_patterns):
            case Card(value=value):
                self._step(stepped(self.state, "ways"))
                await self._ask(value)
            case BankCard():
                self._trouble("bank_card")
            case Gtin():
                self._trouble("article")
            case Empty():
                pass
            case _:
                self._trouble("card")

    async def confirm(self) -> None:
        """Send what is typed."""
        if not self.state.complete:
            return
        if self.state.step == "code":
            await self._prove(CodeProof(challenge_id=self._challenge, code=self.state.code))
        else:
            await self._ask(self.state.contact)

    async def vouch(self) -> None:
        """Show two digits until an associate of this store confirms them."""
        self._step(stepped(self.state, "ways"))
        turn = self._turn
        self._set(asking(self.state))
        try:
            challenge = await self._port.ask_to_vouch()
        except LinkError as error:
            if turn == self._turn:
                self._failed(error, "vouch", lambda: self._start(self.vouch()))
            return
        if turn != self._turn:
            self._start(self._port.withdraw(challenge.challenge_id))
            return
        self._digits_of = challenge.challenge_id
        self._set(showing(self.state, challenge.digits or ""))
        # Where the answer to the one question that counts is lost, the next one gets it.
        proof, key = VouchProof(challenge_id=challenge.challenge_id), uuid4().hex
        while turn == self._turn:
            await asyncio.sleep(self._poll)
            if turn == self._turn and await self._is_vouched(proof, key):
                return

    async def _is_vouched(self, proof: VouchProof, key: str) -> bool:
        """Whether there is nothing more to wait for."""
        turn = self._turn
        try:
            session = await self._port.prove(proof, key)
        except UnreachableError:
            # Whoever waits for somebody to come loses nothing by a network that is gone for a while.
            return False
        except RefusedError as error:
            if error.problem.code == "proof_waits":
                return False
            if turn == self._turn:
                self._digits_of = 0
                self._failed(error, "vouch", _nothing)
            return True
        await self._in(session, turn)
        return True

    async def _ask(self, contact: str) -> None:
        """Have a code sent to a contact, whoever's it is."""
        turn, before = self._turn, self.state
        self._contact = contact
        self._set(asking(before))
        try:
            challenge = await self._port.ask_for_code(contact, self._language())
        except LinkError as error:
            if turn != self._turn:
                return
            if before.step != "ways" and isinstance(error, RefusedError) and error.problem.code == "invalid_field":
                self._set(no_contact(before))
            else:
                self._failed(error, "code", lambda: self._start(self._ask(contact)))
            return
        if turn == self._turn:
            self._challenge = challenge.challenge_id
            self._step(sent(self.state))

    async def _prove(self, proof: ContinueProof | CodeProof, key: str | None = None) -> None:
        # Where the answer is lost the same proof goes under the same key: it works once, and is not lost with it.
        key = key or uuid4().hex
        turn = self._turn
        way: Way = "continue" if isinstance(proof, ContinueProof) else "code"
        self._set(asking(self.state))
        try:
            session = await self._port.prove(proof, key)
        except LinkError as error:
            if turn != self._turn:
                return
            if way == "code" and isinstance(error, RefusedError) and error.problem.code in _WRONG:
                self._wrong(error.retry_after or 0, given_up=error.problem.code == "too_many_tries")
            else:
                self._failed(error, way, lambda: self._start(self._prove(proof, key)))
            return
        await self._in(session, turn)

    async def _in(self, session: KioskSession, turn: int) -> None:
        if turn != self._turn:
            # Whoever it was has left meanwhile, or got in another way.
            await self._port.end(session)
            return
        # What brought somebody in is waited for no more.
        self._digits_of = 0
        self._port.enter(session)
        self._step(opened(self.state))
        self._enter(session)

    def _wrong(self, wait: int, *, given_up: bool) -> None:
        """It was not the code; three times, or after others that were not, and there is a wait and then a new one."""
        state = wrong_code(self.state)
        if not given_up and state.wrong < MOST_WRONG and not wait:
            self._set(state)
            return
        contact = self._contact
        # Whoever was wrong once is not told of three times because somebody else was before; given up, a code is not
        # even looked at, and may be the right one.
        kind: Trouble = "code" if state.wrong >= MOST_WRONG else "codes"
        self._step(opened(self.state))
        self._rise(kind, lambda: self._start(self._ask(contact)), wait or SHORTEST_WAIT)

    def _failed(self, error: LinkError, way: Way, again: Callable[[], None]) -> None:
        """It came to nothing: say why, and lead on."""
        self._set(answered(self.state))
        if not isinstance(error, RefusedError):
            self._rise("network", again, 0)
            return
        kind = _TROUBLE.get(error.problem.code, "refused")
        if kind == "old" and way == "vouch":
            kind = "digits"
        if kind == "way":
            self._set(closed(self.state, way))
        elif self.state.step != "ways":
            self._step(opened(self.state))
        self._rise(kind, _nothing, error.retry_after or 0 if kind == "refused" else 0)

    def _trouble(self, kind: Trouble) -> None:
        self._step(opened(self.state))
        self._rise(kind, _nothing, 0)

    def _step(self, state: IdentifyState) -> None:
        """Whatever was under way is so no more."""
        self._turn += 1
        self._withdraw()
        self._set(state)

    def _withdraw(self) -> None:
        """No associate need come for digits that are shown no more."""
        number, self._digits_of = self._digits_of, 0
        if number:
            self._start(self._port.withdraw(number))

    def _set(self, state: IdentifyState) -> None:
        self.personal = self.personal or state.personal
        if state != self.state:
            self.state = state
            self._show(state)
