"""What the enrolment screen knows, and how each happening changes it. Pure."""

from typing import Literal

import msgspec

from kiosk.enrol.invitation import LENGTH, letters_of
from server.wire.base import Wire

Phase = Literal["asking", "trading", "enrolled", "revoked"]
Trouble = Literal["", "unreachable", "untrusted", "wrong_code", "wait", "wrong_kind", "no_code", "no_room", "refused"]


class EnrolState(Wire):
    """`code` are the letters typed so far; `server` is where they will be traded.

    Attributes:
        unknown: the device is out not because somebody revoked it, but because the server knows it no more.
        detail: what the server said, where nothing better can be.
    """

    phase: Phase = "asking"
    server: str = ""
    code: str = ""
    trouble: Trouble = ""
    detail: str = ""
    unknown: bool = False

    @property
    def complete(self) -> bool:
        """Whether the code has all its letters."""
        return len(self.code) == LENGTH


def typed(state: EnrolState, text: str) -> EnrolState:
    """Letters were typed; what went wrong before is not said any longer."""
    if state.phase != "asking":
        return state
    return msgspec.structs.replace(state, code=(state.code + letters_of(text))[:LENGTH], trouble="", detail="")


def erased(state: EnrolState) -> EnrolState:
    """The last letter was taken back."""
    if state.phase != "asking":
        return state
    return msgspec.structs.replace(state, code=state.code[:-1], trouble="", detail="")


def moved(state: EnrolState, server: str) -> EnrolState:
    """Another server is meant."""
    return msgspec.structs.replace(state, server=server)


def trading(state: EnrolState) -> EnrolState:
    """A code is being traded."""
    return msgspec.structs.replace(state, phase="trading", trouble="", detail="")


def failed(state: EnrolState, trouble: Trouble, detail: str = "") -> EnrolState:
    """It came to nothing; a code that may still be good stays."""
    code = "" if trouble in {"wrong_code", "wrong_kind"} else state.code
    return msgspec.structs.replace(state, phase="asking", code=code, trouble=trouble, detail=detail)


def enrolled(state: EnrolState) -> EnrolState:
    """The device belongs to a store."""
    return EnrolState(phase="enrolled", server=state.server)


def revoked(state: EnrolState, *, unknown: bool = False) -> EnrolState:
    """The device is out, and belongs to nobody."""
    return EnrolState(phase="revoked", server=state.server, unknown=unknown)


def anew(state: EnrolState) -> EnrolState:
    """Somebody wants to enrol a device that was out."""
    return EnrolState(server=state.server)
