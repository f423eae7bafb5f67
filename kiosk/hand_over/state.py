"""What the tablet knows of a cart that it hands over, and how each happening changes it. Pure."""

from typing import Literal

import msgspec

from server.wire.base import Wire
from server.wire.carts import Cart
from server.wire.events import Event, HandoffCompleted, HandoffRedeemed, HandoffReleased
from server.wire.handoffs import Handoff, HandoffState

Phase = Literal["nothing", "choosing", "asking", "shown", "unreachable", "refused"]


class HandOverState(Wire):
    """`asked` numbers the codes that were asked for; `code` is the problem's, where there is none.

    Attributes:
        carts: those that could go, while it is asked which.
        cart: the one that goes.
        handoff: with its code, as it was issued.
        became: what became of it.
    """

    phase: Phase = "nothing"
    carts: tuple[Cart, ...] = ()
    cart: Cart | None = None
    handoff: Handoff | None = None
    became: HandoffState | None = None
    code: str = ""
    asked: int = 0


def begun(state: HandOverState, carts: tuple[Cart, ...]) -> HandOverState:
    """Somebody wants to hand over one of these."""
    return HandOverState(phase="choosing", carts=carts, asked=state.asked + 1)


def asked_for(state: HandOverState, cart: Cart) -> HandOverState:
    """A code is asked for."""
    return HandOverState(phase="asking", carts=state.carts, cart=cart, asked=state.asked + 1)


def issued(state: HandOverState, number: int, handoff: Handoff) -> HandOverState:
    """There is a code; one that nobody waits for any more is dropped."""
    if number != state.asked:
        return state
    return msgspec.structs.replace(state, phase="shown", handoff=handoff, became=handoff.state)


def failed(
    state: HandOverState, number: int, phase: Literal["unreachable", "refused"], code: str = ""
) -> HandOverState:
    """There is none."""
    return msgspec.structs.replace(state, phase=phase, code=code) if number == state.asked else state


def told(state: HandOverState, event: Event) -> HandOverState:
    """Something happened to a handoff, perhaps to this one."""
    match event:
        case HandoffRedeemed(handoff_id=number):
            return became(state, number, "redeemed")
        case HandoffCompleted(handoff_id=number):
            return became(state, number, "completed")
        case HandoffReleased(handoff_id=number):
            return became(state, number, "released")
        case _:
            return state


def became(state: HandOverState, handoff_id: int, what: HandoffState) -> HandOverState:
    """A handoff is further; what is said of another, or of what is over, changes nothing."""
    if state.handoff is None or state.handoff.handoff_id != handoff_id or state.became in {"completed", "released"}:
        return state
    return msgspec.structs.replace(state, became=what)


def forgotten(state: HandOverState) -> HandOverState:
    """Whoever asked has gone: nothing of it stays."""
    return HandOverState(asked=state.asked + 1)
