"""What is known of a cart that leaves the kiosk, and how each happening changes it. Pure."""

from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from kiosk.words.articles import is_sold, price_of
from server.wire.base import Wire
from server.wire.carts import Cart, CartLine
from server.wire.handoffs import Handoff, HandoffWay, Hindrance

Phase = Literal["", "ask", "asking", "till", "redeemed", "phone", "asked", "goodbye", "failed"]
Trouble = Literal["", "unreachable", "empty_cart", "taken", "gone", "not_possible"]
Ended = Literal["", "released", "run_out"]
GOODBYE = 10
"""Seconds that the last screen stands before nothing of the customer is left."""


class HandoffState(Wire):
    """`ask` is where home or the store is chosen, `asking` waits for an answer, `till` shows the code.

    Attributes:
        way: where the cart goes.
        cart: it, as it was when it was sent on its way.
        handoff: the server's answer.
        key: of the question, so that it is asked once however often it is sent.
        left: seconds until the code is worth nothing, or until the goodbye is over.
        aside: the customer looks at the cart again, while the code is still good.
        trouble: why there is no answer.
        ended: why a code is good no more; it is told beside the cart.
        asked: numbers the questions.
    """

    phase: Phase = ""
    way: HandoffWay = "till"
    cart: Cart | None = None
    handoff: Handoff | None = None
    key: str = ""
    left: int = 0
    aside: bool = False
    trouble: Trouble = ""
    ended: Ended = ""
    asked: int = 0


def where_to(state: HandoffState, cart: Cart) -> HandoffState:
    """The customer wants it delivered: to the door, or to this store?"""
    return HandoffState(phase="ask", way="delivery", cart=cart, asked=state.asked + 1)


def asking(state: HandoffState, way: HandoffWay, cart: Cart, key: str) -> HandoffState:
    """The cart is to go somewhere."""
    return HandoffState(phase="asking", way=way, cart=cart, key=key, asked=state.asked + 1)


def issued(state: HandoffState, number: int, handoff: Handoff, now: datetime) -> HandoffState:
    """It is on its way; an answer that nobody waits for any more is dropped."""
    if number != state.asked or state.phase != "asking":
        return state
    phases: dict[HandoffWay, Phase] = {"till": "till", "phone": "phone", "delivery": "asked", "pickup": "asked"}
    after = msgspec.structs.replace(state, phase=phases[handoff.way], handoff=handoff, trouble="")
    return msgspec.structs.replace(after, left=seconds_left(handoff, now))


def failed(state: HandoffState, number: int, trouble: Trouble) -> HandoffState:
    """It goes nowhere so far."""
    if number != state.asked or state.phase != "asking":
        return state
    return msgspec.structs.replace(state, phase="failed", trouble=trouble)


def told(state: HandoffState, handoff: Handoff, now: datetime) -> HandoffState:
    """The server said what became of it."""
    if state.handoff is None or handoff.handoff_id != state.handoff.handoff_id:
        return state
    match handoff.state:
        case "redeemed":
            return redeemed(state)
        case "completed":
            return completed(state)
        case "released":
            return released(state)
        case _:
            return ticked(state, now)


def redeemed(state: HandoffState) -> HandoffState:
    """A till has it."""
    return msgspec.structs.replace(state, phase="redeemed", aside=False) if state.phase == "till" else state


def completed(state: HandoffState) -> HandoffState:
    """It was sold."""
    return goodbye(state) if state.phase in {"till", "redeemed"} else state


def goodbye(state: HandoffState) -> HandoffState:
    """The customer goes."""
    return msgspec.structs.replace(state, phase="goodbye", left=GOODBYE, aside=False)


def released(state: HandoffState) -> HandoffState:
    """No till has it, and none will by this code: the cart is there again, and it is said why."""
    if state.phase not in {"till", "redeemed"}:
        return state
    ended: Ended = "released" if state.phase == "redeemed" else "run_out"
    return HandoffState(ended=ended, asked=state.asked + 1)


def ticked(state: HandoffState, now: datetime) -> HandoffState:
    """A second passed."""
    if state.phase == "goodbye":
        return msgspec.structs.replace(state, left=max(0, state.left - 1))
    if state.phase == "till" and state.handoff is not None:
        return msgspec.structs.replace(state, left=seconds_left(state.handoff, now))
    return state


def put_aside(state: HandoffState) -> HandoffState:
    """The customer goes back to the cart; a code that was told stays good until it is over."""
    if state.phase in {"till", "redeemed"}:
        return msgspec.structs.replace(state, aside=True)
    return HandoffState(asked=state.asked + 1)


def is_shown(state: HandoffState) -> bool:
    """Whether its screen is the one to be seen."""
    return state.phase != "" and not state.aside


def is_over(state: HandoffState) -> bool:
    """Whether the customer is to be forgotten now."""
    return state.phase == "goodbye" and state.left == 0


def seconds_left(handoff: Handoff, now: datetime) -> int:
    """How long a code is good, in whole seconds."""
    if handoff.expires_at is None:
        return 0
    return max(0, int((datetime.fromisoformat(handoff.expires_at) - now).total_seconds()))


class Hindered(NamedTuple):
    """A line that a till cannot sell, or not all of: how many it can, and why not more."""

    title: str
    quantity: int
    sellable: int
    why: Hindrance


def hindered(cart: Cart) -> tuple[Hindered, ...]:
    """What of a cart a till of this store cannot sell, as the server will tell the till."""
    left: dict[str, int] = {}
    found = []
    for line in cart.lines:
        sellable, why = _sellable(line, cart.currency, left.get(line.sku))
        if line.stock.here is not None and sellable:
            left[line.sku] = left.get(line.sku, line.stock.here.quantity) - sellable
        if why is not None:
            found.append(Hindered(line.title, line.quantity, sellable, why))
    return tuple(found)


def _sellable(line: CartLine, currency: str, left: int | None) -> tuple[int, Hindrance | None]:
    """How many of a line can be sold where so many are left of its article; None: no line before it took any."""
    item, here = line.item, line.stock.here
    if item is None or not is_sold(item):
        return 0, "discontinued"
    if item.currency != currency or not price_of(item):
        return 0, "no_price"
    if here is None:
        return line.quantity, None
    can = max(0, min(line.quantity, here.quantity if left is None else left))
    return can, "no_stock" if can < line.quantity else None
