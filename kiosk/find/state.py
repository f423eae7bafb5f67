"""What the find screen knows, and how each happening changes it. Pure."""

from typing import Literal

import msgspec

from server.wire.base import Wire
from server.wire.customers import CustomerHit, SearchAnswer

RECENT_KEPT = 12
SHORTEST = 2
"""Characters from which on a search is asked."""

Phase = Literal["recent", "loading", "found", "nobody", "unreachable", "refused"]


class Recent(Wire):
    """A customer who was looked at on this tablet."""

    customer_id: int
    name: str
    tier: str | None
    cart_quantity: int


class FindState(Wire):
    """`asked` numbers the searches; an answer to one that is not newer than `shown` comes too late."""

    text: str = ""
    phase: Phase = "recent"
    hits: tuple[CustomerHit, ...] = ()
    capped: bool = False
    corrected: tuple[str, ...] = ()
    recent: tuple[Recent, ...] = ()
    asked: int = 0
    shown: int = 0
    code: str = ""


def typed(state: FindState, text: str) -> FindState:
    """Somebody typed: what was found stays until there is better, unless nothing is asked for."""
    if len("".join(text.split())) < SHORTEST:
        number = state.asked + 1
        return msgspec.structs.replace(
            state, text=text, phase="recent", hits=(), capped=False, corrected=(), asked=number, shown=number, code=""
        )
    phase: Phase = state.phase if state.phase == "found" else "loading"
    return msgspec.structs.replace(state, text=text, phase=phase, asked=state.asked + 1, code="")


def answered(state: FindState, number: int, answer: SearchAnswer) -> FindState:
    """An answer came; one that is older than what is shown, or that nobody waits for any more, changes nothing.

    That nobody was found is only said of what is typed now.
    """
    if number <= state.shown or not (answer.hits or number == state.asked):
        return state
    return msgspec.structs.replace(
        state,
        phase="found" if answer.hits else "nobody",
        hits=answer.hits,
        capped=answer.capped,
        corrected=tuple(sorted({word for words in answer.corrected.values() for word in words})),
        shown=number,
    )


def failed(state: FindState, number: int, phase: Literal["unreachable", "refused"], code: str = "") -> FindState:
    """No answer came to the newest question; what older ones brought is better than nothing, and stays."""
    if number != state.asked:
        return state
    return msgspec.structs.replace(state, phase=phase, code=code, shown=number)


def scanned(state: FindState, hits: tuple[CustomerHit, ...]) -> FindState:
    """A card that several people carry was scanned: they are shown, and no older search may replace them."""
    number = state.asked + 1
    return msgspec.structs.replace(
        state, text="", phase="found", hits=hits, capped=False, corrected=(), asked=number, shown=number, code=""
    )


def looked_at(state: FindState, recent: Recent) -> FindState:
    """A customer was opened: they are the most recent one."""
    others = (other for other in state.recent if other.customer_id != recent.customer_id)
    return msgspec.structs.replace(state, recent=(recent, *others)[:RECENT_KEPT])
