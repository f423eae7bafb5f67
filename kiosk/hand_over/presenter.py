"""Handing a cart over: verbs, over the port."""

from collections.abc import Callable

from kiosk.cart.presenter import new_key
from kiosk.hand_over.state import HandOverState, asked_for, became, begun, failed, forgotten, issued, told
from kiosk.link.port import LinkError, Port, RefusedError, UnreachableError
from server.wire.carts import Cart
from server.wire.events import Event
from server.wire.handoffs import CartName, NewHandoff


class HandOverPresenter:
    """Asks for a code that a till takes, and tells what became of it.

    Args:
        port: the server.
        show: told each new state.
        key: makes a key for a code: asked for again under the same one where no answer came.
    """

    def __init__(self, port: Port, show: Callable[[HandOverState], None], key: Callable[[], str] = new_key) -> None:
        self._port = port
        self._show = show
        self._new_key = key
        self._key = ""
        self.state = HandOverState()

    async def begin(self, carts: tuple[Cart, ...]) -> None:
        """Hand one of a customer's carts over; which, is asked where there are several."""
        self._set(begun(self.state, carts))
        if len(carts) == 1:
            await self.choose(carts[0].id)

    async def choose(self, cart_id: int) -> None:
        """Ask for a code for a cart."""
        cart = next((cart for cart in self.state.carts if cart.id == cart_id), None)
        if cart is not None:
            self._key = self._new_key()
            await self._ask(cart)

    async def again(self) -> None:
        """Ask once more; for a new code, unless the answer to the last question was lost."""
        if self.state.cart is not None:
            if self.state.phase != "unreachable":
                self._key = self._new_key()
            await self._ask(self.state.cart)

    def happened(self, event: Event) -> None:
        """Something happened in the store."""
        self._set(told(self.state, event))

    async def look(self) -> None:
        """See what became of it: something may have happened that nobody told."""
        handoff = self.state.handoff
        if handoff is None or handoff.handoff_id is None:
            return
        try:
            seen = await self._port.handoff(handoff.handoff_id)
        except LinkError:
            return
        if seen.state is not None:
            self._set(became(self.state, handoff.handoff_id, seen.state))

    def forget(self) -> None:
        """Know of no cart and no code."""
        self._set(forgotten(self.state))

    async def _ask(self, cart: Cart) -> None:
        self._set(asked_for(self.state, cart))
        number = self.state.asked
        wanted = NewHandoff(way="till", cart=CartName(source=cart.source, external_id=cart.external_id))
        try:
            handoff = await self._port.hand_over(wanted, self._key)
        except UnreachableError:
            self._set(failed(self.state, number, "unreachable"))
        except RefusedError as error:
            self._set(failed(self.state, number, "refused", error.problem.code))
        else:
            self._set(issued(self.state, number, handoff))

    def _set(self, state: HandOverState) -> None:
        if state != self.state:
            self.state = state
            self._show(state)
