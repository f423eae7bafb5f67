"""Whether somebody was called to a kiosk, and who comes. Pure."""

from typing import Literal

import msgspec

from server.wire.base import Wire
from server.wire.calls import About

_ABOUT: dict[str, About] = {
    "network": "network",
    **dict.fromkeys(("card", "bank_card", "used", "old", "no_cart"), "card"),
    **dict.fromkeys(("code", "codes", "digits"), "code"),
    "item": "item",
}
"""What a call for help is about, by the trouble that is on the screen."""


def about_of(screen: str, trouble: str) -> About:
    """What a call from a screen is about, of which the last trouble is this one."""
    if screen == "trouble":
        return _ABOUT.get(trouble, "help")
    return "cart" if screen == "cart" else "help"


class CallState(Wire):
    """A call for help.

    Attributes:
        phase: `called` until somebody says that they come, `coming` from then on, `failed` where nobody could be told.
        call_id: of the call.
        by: first name of whoever comes.
    """

    phase: Literal["", "calling", "called", "coming", "failed"] = ""
    call_id: int = 0
    by: str = ""


def calling(state: CallState) -> CallState:
    """The server is being asked; whoever is on the way still is."""
    return state if state.phase == "coming" else CallState(phase="calling")


def called(call_id: int, by: str | None) -> CallState:
    """The tablets of the store know."""
    return CallState(phase="coming" if by else "called", call_id=call_id, by=by or "")


def coming(state: CallState, call_id: int, by: str) -> CallState:
    """Somebody is on the way; to this kiosk, if the call is its own."""
    if state.phase != "called" or state.call_id != call_id:
        return state
    return msgspec.structs.replace(state, phase="coming", by=by)
