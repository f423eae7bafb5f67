"""What the find screen knows, and how each happening changes it. Pure."""

from typing import Literal

import msgspec

from server.wire.base import Wire
from server.wire.customers import CustomerHit, SearchAnswer
from server.wire.orders import Order

RECENT_KEPT = 12
SHORTEST = 2
"""Characters from which on a search is asked."""

Phase = Literal["recent", "loading", "found", "nobody", "unreachable", "refused", "order"]


class Recent(Wire):
    """A customer who was looked at on this tablet."""

    customer_id: int
    name: str
    tier: str | None
    cart_quantity: int


class FindState(Wire):
    """`asked` numbers the searches; an answer to one that is not newer than `shown` comes too late.

    `slow`: the newest answer lets wait for it so long that it must be said. `shared`: the hits are those of one card.
    `order` is what a scan found that is nobody's.
    """

    text: str = ""
    phase: Phase = "recent"
    hits: tuple[CustomerHit, ...] = ()
    capped: bool = False
    corrected: tuple[str, ...] = ()
    recent: tuple[Recent, ...] = ()
    asked: int = 0
    shown: int = 0
    code: str = ""
    slow: bool = False
    shared: bool = False
    order: Order | None = None


def typed(state: FindState, text: str) -> FindState:
    """Somebody typed: what was found stays until there is better, unless nothing is asked for."""
    state = msgspec.structs.replace(state, text=text, asked=state.asked + 1, code="", order=None)
    if len("".join(text.split())) < SHORTEST:
        return msgspec.structs.replace(
            state, phase="recent", hits=(), capped=False, corrected=(), shown=state.asked, slow=False, shared=False
        )
    # A band that came and went with every key would be noise: who was out of reach is until somebody answers.
    phase: Phase = state.phase if state.phase in {"found", "unreachable"} else "loading"
    return msgspec.structs.replace(state, phase=phase)


def slowed(state: FindState, number: int) -> FindState:
    """The answer to the newest question lets wait for it."""
    return msgspec.structs.replace(state, slow=True) if state.shown < number == state.asked else state


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
        slow=state.slow and number != state.asked,
        shared=False,
    )


def failed(state: FindState, number: int, phase: Literal["unreachable", "refused"], code: str = "") -> FindState:
    """No answer came to the newest question; what older ones brought is better than nothing, and stays."""
    if number != state.asked:
        return state
    return msgspec.structs.replace(state, phase=phase, code=code, shown=number, slow=False)


def scanned(state: FindState, hits: tuple[CustomerHit, ...] = (), order: Order | None = None) -> FindState:
    """A scan found several people, or an order of nobody: it is shown, and no older search replaces it."""
    number = state.asked + 1
    return FindState(
        phase="order" if order else "found",
        hits=hits,
        recent=state.recent,
        asked=number,
        shown=number,
        shared=bool(hits),
        order=order,
    )


def looked_at(state: FindState, recent: Recent) -> FindState:
    """A customer was opened: they are the most recent one."""
    others = (other for other in state.recent if other.customer_id != recent.customer_id)
    return msgspec.structs.replace(state, recent=(recent, *others)[:RECENT_KEPT])


def without(state: FindState, customer_id: int) -> FindState:
    """A customer is no longer known to the shop: they stand in no list."""
    return msgspec.structs.replace(
        state,
        hits=tuple(hit for hit in state.hits if hit.customer_id != customer_id),
        recent=tuple(recent for recent in state.recent if recent.customer_id != customer_id),
    )


def forgotten(state: FindState) -> FindState:
    """Whoever searched has gone: nothing of it stays, and what was asked is waited for no more."""
    number = state.asked + 1
    return FindState(asked=number, shown=number)
