"""What the shell knows of the server, and how each happening changes it. Pure."""

from typing import Literal

import msgspec

from kiosk.enrol.state import EnrolState
from kiosk.sign_in.state import SignInState
from server.wire.base import Wire
from server.wire.problems import Problem


class LinkState(Wire):
    """Whether the server answers; `problem` is why it refuses to set this tablet up."""

    phase: Literal["asking", "connected", "lost", "refused"] = "asking"
    problem: Problem | None = None


def set_up(state: LinkState) -> LinkState:
    """The server said what a device needs to know."""
    return msgspec.structs.replace(state, phase="connected", problem=None)


def refused(state: LinkState, problem: Problem) -> LinkState:
    """The server does not take this tablet."""
    return msgspec.structs.replace(state, phase="refused", problem=problem)


def heard(state: LinkState, *, reached: bool) -> LinkState:
    """Somebody asked something. A refused tablet stays one, whatever else is answered, until it is set up."""
    if reached and state.problem is not None:
        return msgspec.structs.replace(state, phase="refused")
    return msgspec.structs.replace(state, phase="connected" if reached else "lost")


def gate_of(enrol: EnrolState, sign_in: SignInState) -> Literal["enrol", "sign_in", "open"]:
    """What stands before the screens: only whoever is signed in on an enrolled tablet sees any."""
    if enrol.phase != "enrolled":
        return "enrol"
    return "open" if sign_in.step == "in" else "sign_in"
