"""Changes of carts on their way to the server, over the port."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import msgspec

from kiosk.cart.state import NEW, Change, Edit, Join
from kiosk.link.port import Port, RefusedError, UnreachableError
from server.wire.carts import Cart, CartLine, JoinCarts, LineQuantity, NewCartLine
from server.wire.problems import Problem

PAUSES = (0.5, 1.0, 3.0, 10.0)
"""Seconds until a change is sent again that nobody answered, the last one from then on."""


def new_key() -> str:
    """A key that names one change."""
    return uuid4().hex


class CartPresenter:
    """Sends changes one after the other, each until it is answered, and under its own key, so that none counts twice.

    Whose carts they are does not matter: a change is sent on though somebody else is looked at by then.

    Args:
        port: the server.
        changed: told that other changes are under way.
        answered: told the cart as the server has it after a change.
        refused: told why a change was not taken.
        key: makes a key for a change.
        pauses: see `PAUSES`.

    Attributes:
        changes: those that are not answered, oldest first.
    """

    def __init__(
        self,
        port: Port,
        changed: Callable[[], None],
        answered: Callable[[Change, Cart], None],
        refused: Callable[[Change, Problem], Awaitable[None]],
        key: Callable[[], str] = new_key,
        pauses: tuple[float, ...] = PAUSES,
    ) -> None:
        self._port = port
        self._changed = changed
        self._answered = answered
        self._refused = refused
        self._key = key
        self._pauses = pauses
        self._sent = ""
        self._sending = False
        self._held = False
        self.changes: tuple[Change, ...] = ()

    async def set_quantity(self, customer_id: int, cart_id: int, seen: CartLine, place: int, quantity: int) -> None:
        """Want another quantity of a line; one that is wanted before the last was sent takes that one's place."""
        last = self.changes[-1] if self.changes else None
        if (
            isinstance(last, Edit)
            and last.key != self._sent
            and (last.cart_id, last.seen.line) == (cart_id, seen.line)
            and seen.line != NEW
        ):
            again = msgspec.structs.replace(last, quantity=quantity)
            self._set((*self.changes[:-1], *((again,) if again.base != quantity else ())))
        else:
            self._edit(customer_id, cart_id, seen, place, base=seen.quantity, quantity=quantity)
        await self._send()

    async def put_in(self, customer_id: int, cart_id: int, line: CartLine, place: int, base: int) -> None:
        """Put one more of an article into a cart, of which so many are in it."""
        self._edit(customer_id, cart_id, line, place, base=base, quantity=base + 1)
        await self._send()

    async def join(self, customer_id: int, source: int, target: int) -> None:
        """Put all that is in one of a customer's carts into another."""
        self._set((*self.changes, Join(key=self._key(), customer_id=customer_id, source=source, target=target)))
        await self._send()

    def hold(self) -> None:
        """Whoever made them is away: nothing is sent as theirs until they are back."""
        self._held = True

    async def go_on(self) -> None:
        """They are back, or somebody else is there: what is left is sent."""
        self._held = False
        await self._send()

    def forget(self) -> None:
        """Whoever made them has gone: nothing more is sent as theirs."""
        self._set(())

    async def _send(self) -> None:
        if self._sending:
            return
        self._sending = True
        try:
            tries = 0
            while self.changes and not self._held:
                tries = 0 if await self._try(self.changes[0], tries) else tries + 1
        finally:
            self._sending = False

    async def _try(self, change: Change, tries: int) -> bool:
        """Send a change; whether it is done with."""
        self._sent = change.key
        try:
            cart = await self._ask(change)
        except UnreachableError:
            await asyncio.sleep(self._pauses[min(tries, len(self._pauses) - 1)])
            return False
        except RefusedError as error:
            if self._held:
                # It may be about the lock, and nobody is there who could read why: asked again, it is answered again.
                return False
            if error.retry_after is not None:
                await asyncio.sleep(error.retry_after)
                return False
            if self._drop(change):
                await self._refused(change, error.problem)
        else:
            if self._drop(change):
                self._answered(change, cart)
        return True

    async def _ask(self, change: Change) -> Cart:
        if isinstance(change, Join):
            wanted = JoinCarts(source=change.source, target=change.target)
            return await self._port.join_carts(change.customer_id, wanted, change.key)
        if change.seen.line == NEW:
            new = NewCartLine(sku=change.seen.sku, quantity=change.quantity - change.base)
            return await self._port.add_line(change.cart_id, new, change.key)
        quantity = LineQuantity(quantity=change.quantity, base_quantity=change.base)
        return await self._port.set_line(change.cart_id, change.seen.line, quantity, change.key)

    def _edit(self, customer_id: int, cart_id: int, seen: CartLine, place: int, *, base: int, quantity: int) -> None:
        edit = Edit(
            key=self._key(),
            customer_id=customer_id,
            cart_id=cart_id,
            seen=seen,
            place=place,
            base=base,
            quantity=quantity,
        )
        self._set((*self.changes, edit))

    def _drop(self, change: Change) -> bool:
        """A change is done with; False where nobody waits for it any more."""
        left = tuple(other for other in self.changes if other.key != change.key)
        waited = len(left) < len(self.changes)
        # Said after the answer is: a line that goes back to what it was for one frame would flicker.
        self.changes = left
        return waited

    def _set(self, changes: tuple[Change, ...]) -> None:
        self.changes = changes
        self._changed()
