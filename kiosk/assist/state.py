"""Which kiosks want somebody, and how each happening changes that. Pure."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from server.wire.base import Wire, timestamp
from server.wire.calls import HelpCall
from server.wire.kiosks import WaitingChallenge

DIGITS = 2
CALL_LASTS = timedelta(minutes=15)

Trouble = Literal["", "wrong", "over", "unreachable", "refused"]


class Vouching(Wire):
    """An associate says who stands at a kiosk.

    Attributes:
        challenge: what the kiosk waits with.
        customer_id: who stands there.
        digits: those that are typed; sent ones that nobody answered stay.
        busy: they are on their way.
        done: the kiosk goes on.
        trouble: why it does not.
    """

    challenge: WaitingChallenge
    customer_id: int
    digits: str = ""
    busy: bool = False
    done: bool = False
    trouble: Trouble = ""


class AssistState(Wire):
    """Somebody waits at these kiosks: to be vouched for, or for help."""

    waiting: tuple[WaitingChallenge, ...] = ()
    calls: tuple[HelpCall, ...] = ()
    vouching: Vouching | None = None


def seen(
    state: AssistState, waiting: tuple[WaitingChallenge, ...] | None = None, calls: tuple[HelpCall, ...] | None = None
) -> AssistState:
    """The server said who waits; None: it did not."""
    return msgspec.structs.replace(
        state,
        waiting=state.waiting if waiting is None else waiting,
        calls=state.calls if calls is None else tuple(call for call in calls if call.answered_by is None),
    )


def passed(state: AssistState, now: datetime) -> AssistState:
    """Time went by: nobody waits for ever."""
    since = timestamp(now - CALL_LASTS)
    return msgspec.structs.replace(
        state,
        waiting=tuple(one for one in state.waiting if one.expires_at > timestamp(now)),
        calls=tuple(call for call in state.calls if call.called_at > since),
    )


def answered(state: AssistState, call_id: int) -> AssistState:
    """Somebody is on the way."""
    return msgspec.structs.replace(state, calls=tuple(call for call in state.calls if call.call_id != call_id))


def vouching(state: AssistState, customer_id: int) -> AssistState:
    """Somebody is to be vouched for at the kiosk that has waited longest; with another one, at the next."""
    if not state.waiting:
        return state
    ids = [one.challenge_id for one in state.waiting]
    before = state.vouching
    at = (
        (ids.index(before.challenge.challenge_id) + 1) % len(ids)
        if (before is not None and not before.done and before.challenge.challenge_id in ids)
        else 0
    )
    return msgspec.structs.replace(state, vouching=Vouching(challenge=state.waiting[at], customer_id=customer_id))


def typed(state: AssistState, digit: str) -> AssistState:
    """A digit was touched; the first one after a slip begins anew."""
    one = state.vouching
    if one is None or one.busy or one.done:
        return state
    digits = digit if len(one.digits) >= DIGITS else one.digits + digit
    return _with(state, digits=digits, trouble="")


def erased(state: AssistState) -> AssistState:
    """The last digit was a slip."""
    one = state.vouching
    return state if one is None or one.busy or one.done else _with(state, digits=one.digits[:-1], trouble="")


def asked(state: AssistState) -> AssistState:
    """The digits are on their way."""
    return _with(state, busy=True, trouble="")


def confirmed(state: AssistState, challenge_id: int) -> AssistState:
    """The kiosk goes on."""
    left = tuple(one for one in state.waiting if one.challenge_id != challenge_id)
    state = msgspec.structs.replace(state, waiting=left)
    return _with(state, busy=False, done=True) if _is_of(state, challenge_id) else state


def failed(state: AssistState, challenge_id: int, trouble: Trouble) -> AssistState:
    """It does not: wrong digits are typed anew, those that nobody answered can be sent again."""
    if not _is_of(state, challenge_id) or state.vouching is None:
        return state
    digits = state.vouching.digits if trouble == "unreachable" else ""
    return _with(state, busy=False, trouble=trouble, digits=digits)


def closed(state: AssistState) -> AssistState:
    """Nobody is to be vouched for."""
    return msgspec.structs.replace(state, vouching=None)


def _is_of(state: AssistState, challenge_id: int) -> bool:
    return state.vouching is not None and state.vouching.challenge.challenge_id == challenge_id


def _with(state: AssistState, **fields: object) -> AssistState:
    assert state.vouching is not None
    return msgspec.structs.replace(state, vouching=msgspec.structs.replace(state.vouching, **fields))
