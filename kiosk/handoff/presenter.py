"""The verbs of a cart that leaves the kiosk, over the port."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from kiosk.handoff.state import (
    HandoffState,
    Trouble,
    asking,
    completed,
    failed,
    goodbye,
    is_over,
    issued,
    put_aside,
    redeemed,
    released,
    ticked,
    told,
    where_to,
)
from kiosk.link.port import RefusedError, UnreachableError
from server.wire.carts import Cart
from server.wire.events import HandoffCompleted, HandoffRedeemed, HandoffReleased
from server.wire.handoffs import CartName, Handoff, HandoffWay, NewHandoff
from server.wire.live import LiveEvent

_TROUBLES: dict[str, Trouble] = {"empty_cart": "empty_cart", "handoff_taken": "taken", "unknown_cart": "gone"}


class HandoffPort(Protocol):
    """What of the server a handoff needs; see `kiosk.link.guest_port`."""

    async def hand_off(self, wanted: NewHandoff, key: str | None = None) -> Handoff: ...
    async def handoff(self, handoff_id: int) -> Handoff: ...


class HandoffPresenter:
    """Sends a cart on its way and follows it, until the customer has left.

    Args:
        port: the server.
        show: told each new state.
        now: tells the time.
        leave: told that the customer is to be forgotten.
        new_key: makes a key for a write.
    """

    def __init__(
        self,
        port: HandoffPort,
        show: Callable[[HandoffState], None],
        now: Callable[[], datetime],
        leave: Callable[[], None],
        *,
        new_key: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        self._port = port
        self._show = show
        self._now = now
        self._leave = leave
        self._new_key = new_key
        self._looking = False
        self.state = HandoffState()

    def ask_where(self, cart: Cart) -> None:
        """Delivered where?"""
        self._set(where_to(self.state, cart))

    async def send(self, way: HandoffWay, cart: Cart) -> None:
        """Send a cart on its way."""
        self._set(asking(self.state, way, cart, self._new_key()))
        await self._ask()

    async def again(self) -> None:
        """Ask once more what nobody answered, so that it is done once."""
        state = self.state
        if state.phase == "failed" and state.cart is not None:
            key = state.key if state.trouble == "unreachable" else self._new_key()
            self._set(asking(state, state.way, state.cart, key))
            await self._ask()

    def heard(self, said: LiveEvent) -> None:
        """Something happened to a handoff of the customer's."""
        known = self.state.handoff and self.state.handoff.handoff_id
        match said.event:
            case HandoffRedeemed(handoff_id=number) if number == known:
                self._set(redeemed(self.state))
            case HandoffCompleted(handoff_id=number) if number == known:
                self._set(completed(self.state))
            case HandoffReleased(handoff_id=number) if number == known:
                self._set(released(self.state))
            case _:
                pass

    async def look(self) -> None:
        """Something may have happened: ask what became of it."""
        handoff = self.state.handoff
        if self._looking or handoff is None or handoff.handoff_id is None:
            return
        if self.state.phase not in {"till", "redeemed"}:
            return
        self._looking = True
        try:
            answer = await self._port.handoff(handoff.handoff_id)
        except (UnreachableError, RefusedError):
            return
        finally:
            self._looking = False
        self._set(told(self.state, answer, self._now()))

    async def tick(self) -> None:
        """A second passed."""
        self._set(ticked(self.state, self._now()))
        if is_over(self.state):
            self._leave()
            self.forget()
        elif self.state.phase == "till" and self.state.left == 0:
            await self.look()

    def back(self) -> None:
        """Back to the cart."""
        self._set(put_aside(self.state))

    def finish(self) -> None:
        """The customer has what they came for."""
        self._set(goodbye(self.state))

    def forget(self) -> None:
        """Know of nobody's cart."""
        self._set(HandoffState(asked=self.state.asked + 1))

    async def _ask(self) -> None:
        state = self.state
        assert state.cart is not None
        wanted = NewHandoff(way=state.way, cart=CartName(source=state.cart.source, external_id=state.cart.external_id))
        try:
            handoff = await self._port.hand_off(wanted, state.key)
        except UnreachableError:
            self._set(failed(self.state, state.asked, "unreachable"))
        except RefusedError as error:
            self._set(failed(self.state, state.asked, _TROUBLES.get(error.problem.code, "not_possible")))
        else:
            self._set(issued(self.state, state.asked, handoff, self._now()))

    def _set(self, state: HandoffState) -> None:
        if state != self.state:
            self.state = state
            self._show(state)
