"""What the items screen knows, and how each happening changes it. Pure."""

from typing import Literal

import msgspec

from server.wire.base import Wire
from server.wire.catalog import ProductHit, ProductsFound

SHORTEST = 2
"""Characters from which on a search is asked."""

Phase = Literal["first", "loading", "found", "nothing", "unreachable", "refused"]


class ItemsState(Wire):
    """`asked` numbers the searches; an answer to one that is not newer than `shown` comes too late.

    `slow`: the newest answer lets wait for it so long that it must be said.
    """

    text: str = ""
    phase: Phase = "first"
    hits: tuple[ProductHit, ...] = ()
    capped: bool = False
    corrected: tuple[str, ...] = ()
    asked: int = 0
    shown: int = 0
    slow: bool = False


def typed(state: ItemsState, text: str) -> ItemsState:
    """Somebody typed: what was found stays until there is better, unless nothing is asked for."""
    number = state.asked + 1
    if len("".join(text.split())) < SHORTEST:
        return ItemsState(text=text, asked=number, shown=number)
    # A band that came and went with every key would be noise: who was out of reach is until somebody answers.
    phase: Phase = state.phase if state.phase in {"found", "unreachable"} else "loading"
    return msgspec.structs.replace(state, text=text, asked=number, phase=phase)


def slowed(state: ItemsState, number: int) -> ItemsState:
    """The answer to the newest question lets wait for it."""
    return msgspec.structs.replace(state, slow=True) if state.shown < number == state.asked else state


def answered(state: ItemsState, number: int, answer: ProductsFound) -> ItemsState:
    """An answer came; one that is older than what is shown, or that nobody waits for any more, changes nothing.

    That nothing was found is only said of what is typed now.
    """
    if number <= state.shown or not (answer.hits or number == state.asked):
        return state
    return msgspec.structs.replace(
        state,
        phase="found" if answer.hits else "nothing",
        hits=answer.hits,
        capped=answer.capped,
        corrected=tuple(sorted({word for words in answer.corrected.values() for word in words})),
        shown=number,
        slow=state.slow and number != state.asked,
    )


def failed(state: ItemsState, number: int, phase: Literal["unreachable", "refused"]) -> ItemsState:
    """No answer came to the newest question; what older ones brought is better than nothing, and stays."""
    if number != state.asked:
        return state
    return msgspec.structs.replace(state, phase=phase, shown=number, slow=False)


def forgotten(state: ItemsState) -> ItemsState:
    """Whoever searched has gone: nothing of it stays, and what was asked is waited for no more."""
    number = state.asked + 1
    return ItemsState(asked=number, shown=number)
