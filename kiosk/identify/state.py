"""How far a customer is with proving who they are, and how each happening changes it. Pure.

Whether a contact is anybody's is not in here: nobody tells the kiosk.
"""

from typing import Literal

import msgspec

from server.wire.base import Wire
from server.wire.kiosks import EVERY_WAY, Way

CODE_LENGTH = 6
"""Digits of a code that is sent."""
MOST_WRONG = 3
"""Wrong codes, after which there is a wait and then a new one."""
LONGEST_CONTACT = 80

Step = Literal["ways", "phone", "email", "code", "digits"]


class IdentifyState(Wire):
    """Which way is taken, and what was typed so far.

    Attributes:
        step: `ways` shows where to hold a card or code, and the other ways; `phone` and `email` are pads to type on;
            `code` waits for the code that was sent; `digits` shows two digits until an associate confirms them.
        ways: those that are open in this chain.
        contact: as far as it is typed.
        code: as far as it is typed.
        digits: that are shown.
        wrong: so many codes were wrong.
        busy: the server is being asked.
        hint: what is said of what was typed.
    """

    step: Step = "ways"
    ways: frozenset[Way] = frozenset(EVERY_WAY)
    contact: str = ""
    code: str = ""
    digits: str = ""
    wrong: int = 0
    busy: bool = False
    hint: Literal["", "no_contact", "wrong_code"] = ""

    @property
    def complete(self) -> bool:
        """Whether what is typed can be sent."""
        if self.busy:
            return False
        match self.step:
            case "phone":
                return sum(sign.isdigit() for sign in self.contact) >= 6
            case "email":
                name, _, host = self.contact.rpartition("@")
                return bool(name) and "." in host.strip(".")
            case "code":
                return len(self.code) == CODE_LENGTH
            case _:
                return False

    @property
    def personal(self) -> bool:
        """Whether it holds anything of somebody."""
        return bool(self.contact or self.code or self.digits or self.busy or self.step in {"code", "digits"})


def opened(state: IdentifyState) -> IdentifyState:
    """Somebody new begins."""
    return IdentifyState(ways=state.ways)


def stepped(state: IdentifyState, step: Step) -> IdentifyState:
    """Another way is taken; what was typed for the one before is gone."""
    return IdentifyState(step=step, ways=state.ways)


def closed(state: IdentifyState, way: Way) -> IdentifyState:
    """The server says that a way is not open."""
    return IdentifyState(ways=state.ways - {way})


def allowed(state: IdentifyState, ways: frozenset[Way]) -> IdentifyState:
    """These ways are open."""
    return msgspec.structs.replace(state, ways=ways)


def typed(state: IdentifyState, text: str) -> IdentifyState:
    """A key of the pad was touched."""
    if state.busy:
        return state
    if state.step == "code":
        code = (state.code + "".join(sign for sign in text if sign in "0123456789"))[:CODE_LENGTH]
        return msgspec.structs.replace(state, code=code, hint="")
    if state.step in {"phone", "email"}:
        return msgspec.structs.replace(state, contact=(state.contact + text)[:LONGEST_CONTACT], hint="")
    return state


def erased(state: IdentifyState) -> IdentifyState:
    """The last sign was a slip."""
    if state.busy:
        return state
    if state.step == "code":
        return msgspec.structs.replace(state, code=state.code[:-1], hint="")
    return msgspec.structs.replace(state, contact=state.contact[:-1], hint="")


def asking(state: IdentifyState) -> IdentifyState:
    """The server is being asked."""
    return msgspec.structs.replace(state, busy=True, hint="")


def answered(state: IdentifyState) -> IdentifyState:
    """It is asked no longer."""
    return msgspec.structs.replace(state, busy=False)


def sent(state: IdentifyState) -> IdentifyState:
    """A code is on its way, if the contact is anybody's."""
    return IdentifyState(step="code", ways=state.ways)


def no_contact(state: IdentifyState) -> IdentifyState:
    """What was typed is neither a phone number nor an e-mail address."""
    return msgspec.structs.replace(state, busy=False, hint="no_contact")


def wrong_code(state: IdentifyState) -> IdentifyState:
    """It was not the code."""
    return msgspec.structs.replace(state, busy=False, code="", wrong=state.wrong + 1, hint="wrong_code")


def showing(state: IdentifyState, digits: str) -> IdentifyState:
    """Two digits are to be confirmed."""
    return IdentifyState(step="digits", ways=state.ways, digits=digits)
