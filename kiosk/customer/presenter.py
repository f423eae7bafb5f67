"""The customer screen's verbs, over the port."""

import asyncio
from collections.abc import Callable

import msgspec

from kiosk.cart.presenter import PAUSES, CartPresenter, new_key
from kiosk.cart.state import NEW, Change
from kiosk.customer.state import (
    CustomerState,
    Phase,
    Tab,
    Undo,
    answered,
    arrived,
    asked_for_orders,
    asked_to_join,
    cart_for,
    changed,
    chose,
    faded,
    failed,
    folded,
    forgotten,
    gone,
    line_in,
    more_orders,
    opened,
    put_back,
    put_in,
    refused,
    renewed,
    took_out,
    understood,
    unfolded,
)
from kiosk.link.port import Port, RefusedError, UnreachableError
from kiosk.words.articles import price_of
from server.wire.carts import Cart, CartLine
from server.wire.catalog import Item, Stock
from server.wire.codes import BankCard, CardPattern, Gtin, read_code
from server.wire.customers import CustomerContext
from server.wire.lookup import CustomerScanned, ProductScanned, ScanAnswer, UnknownCode
from server.wire.problems import Problem

ANY_CARD = (CardPattern(pattern="^.*$"),)
"""Until the server said how loyalty cards look, any number may be one; only a bank card's stripe tells itself."""

UNDO = 8.0
"""Seconds for which a line that was taken out can be put back."""
NEWS = 2.5
"""Seconds after which what changed by another hand is no news any more."""

_REFUSED: dict[str, Phase] = {"bank_card": "bank_card", "mistyped_card": "mistyped_card"}


class CustomerPresenter:
    """Opens customers from a row or a code; only the one that was asked for last is shown.

    Args:
        port: the server.
        show: told each new state.
        lost: told whom the shop knows no more, so that they are kept nowhere else either.
        key: makes a key for a change of a cart.
        pauses: seconds until such a change is sent again.
        undo: see `UNDO`.
        news: see `NEWS`.

    Attributes:
        card_patterns: how loyalty cards look, from the device's setup; bank cards are told by them and never sent.
    """

    def __init__(
        self,
        port: Port,
        show: Callable[[CustomerState], None],
        lost: Callable[[int], None] = lambda _: None,
        *,
        key: Callable[[], str] = new_key,
        pauses: tuple[float, ...] = PAUSES,
        undo: float = UNDO,
        news: float = NEWS,
    ) -> None:
        self._lost = lost
        self._port = port
        self._show = show
        self.state = CustomerState()
        self.card_patterns: tuple[CardPattern, ...] = ANY_CARD
        self._undo_for = undo
        self._news_for = news
        self._news = 0
        self._renewing = False
        self._carts = CartPresenter(port, self._changed, self._answered, self._not_taken, key, pauses)
        self._aside: CustomerState | None = None
        self._untold: dict[int, str] = {}
        self._undoing: asyncio.TimerHandle | None = None

    @property
    def about(self) -> int | None:
        """Who is shown, or was before a code was scanned that may be no customer's."""
        return self.state.customer_id if self._aside is None else self._aside.customer_id

    @property
    def unsent(self) -> int:
        """How many changes, of whosever carts, the server is yet to answer."""
        return len(self._carts.changes)

    async def open(self, customer_id: int, name: str) -> None:
        """Show a customer whose row was touched."""
        self._aside = None
        self._set(opened(self.state, name, customer_id))
        number = self.state.asked
        try:
            context = await self._port.context(customer_id)
        except UnreachableError:
            self._set(failed(self.state, number, "unreachable"))
        except RefusedError as error:
            if error.problem.code == "unknown_customer":
                self._lose(number, customer_id)
            else:
                self._set(failed(self.state, number, "gone"))
        else:
            self._arrive(number, context)

    async def scan(self, code: str) -> ScanAnswer | None:
        """Show what a scanned code means; returns what it is where that is not a customer.

        Whoever asked shows that. After an article's code, the customer who was shown is shown again; after an order's
        or a card's that several people carry, nobody is.
        """
        if self.state.phase == "shown":
            self._aside = self.state
        elif not isinstance(read_code(self.state.code, self.card_patterns), Gtin):
            # What is overtaken may be the next customer's card: whoever was shown before it never comes back.
            self._aside = None
        self._set(opened(self.state, "", None, code))
        number, news = self.state.asked, self._news
        try:
            return await self._look_up(code, number)
        finally:
            if number == self.state.asked:
                self._aside = None
                if news != self._news:
                    await self.renew()

    async def _look_up(self, code: str, number: int) -> ScanAnswer | None:
        if isinstance(read_code(code, self.card_patterns), BankCard):
            self._set(failed(self.state, number, "bank_card"))
            return None
        try:
            answer = await self._port.scan(code)
        except UnreachableError:
            self._set(failed(self.state, number, "unreachable"))
            return None
        except RefusedError as error:
            self._set(failed(self.state, number, _REFUSED.get(error.problem.code, "unknown_code")))
            return None
        if isinstance(answer, CustomerScanned):
            self._arrive(number, answer.context)
            return None
        if isinstance(answer, UnknownCode):
            self._set(failed(self.state, number, "unknown_card" if answer.looks_like == "card" else "unknown_code"))
        else:
            before = self._aside if isinstance(answer, ProductScanned) else None
            self._set(put_back(self.state, number, before or CustomerState()))
        return answer if number == self.state.asked else None

    async def again(self) -> None:
        """Look the same up once more."""
        if self.state.customer_id is not None:
            await self.open(self.state.customer_id, self.state.name)
        elif self.state.code:
            await self.scan(self.state.code)

    async def renew(self) -> None:
        """Something of who is shown changed: show it, without a wait that anybody sees; many changes are one."""
        self._news += 1
        if self._renewing:
            return
        self._renewing = True
        try:
            seen = 0
            while seen != self._news:
                seen = self._news
                await self._renew()
        finally:
            self._renewing = False

    def erased(self, customer_id: int) -> None:
        """The shop was told to forget a customer: nothing of them stays here either."""
        self._lost(customer_id)
        self._untold.pop(customer_id, None)
        if self.state.customer_id == customer_id:
            self._set(gone(self.state, self.state.asked))

    async def set_quantity(self, cart_id: int, number: int, quantity: int) -> None:
        """Want another quantity of a line; one that is taken out can be put back for a while."""
        found = line_in(self.state, cart_id, number)
        if found is None or number == NEW or self.state.customer_id is None:
            return
        line, place = found
        if not quantity:
            self._offer_undo(Undo(cart_id=cart_id, seen=line, place=place))
        await self._carts.set_quantity(self.state.customer_id, cart_id, line, place, quantity)

    async def undo(self) -> None:
        """Put back what was taken out last."""
        undo = self.state.undo
        if undo is None or self.state.customer_id is None:
            return
        self._set(took_out(self.state, None))
        gone_line = msgspec.structs.replace(undo.seen, quantity=0)
        await self._carts.set_quantity(self.state.customer_id, undo.cart_id, gone_line, undo.place, undo.seen.quantity)

    async def put_in(self, item: Item, stock: Stock) -> None:
        """Put an article into the cart of whoever is shown."""
        cart = cart_for(self.state, item)
        if cart is None or self.state.customer_id is None:
            return
        held = next((line for line in cart.lines if line.sku == item.sku), None)
        new = CartLine(
            line_id=None,
            sku=item.sku,
            title=item.title,
            quantity=0,
            unit_price=price_of(item),
            item=item,
            stock=stock,
            line=NEW,
            pending=True,
            shop_quantity=0,
        )
        self._set(put_in(self.state, cart.id, item.sku))
        await self._carts.put_in(self.state.customer_id, cart.id, new, len(cart.lines), held.quantity if held else 0)

    async def put_wish_in(self, wishlist_id: int, sku: str) -> None:
        """Put a wished article into the cart; it stays on the list, which is the shop's."""
        wishlists = () if self.state.context is None else self.state.context.wishlists
        for wishlist in wishlists:
            wish = next((wish for wish in wishlist.items if wish.sku == sku), None)
            if wishlist.id == wishlist_id and wish is not None and wish.item is not None:
                await self.put_in(wish.item, wish.stock)
                return

    def ask_to_join(self, source: int, target: int) -> None:
        """Ask whether all that is in one cart shall go into another."""
        self._set(asked_to_join(self.state, (source, target)))

    def keep_apart(self) -> None:
        """It shall not."""
        self._set(asked_to_join(self.state, None))

    async def join(self) -> None:
        """It shall."""
        if self.state.joining is not None and self.state.customer_id is not None:
            source, target = self.state.joining
            await self._carts.join(self.state.customer_id, source, target)

    def understand(self) -> None:
        """Say no more why a change was not taken."""
        self._set(understood(self.state))

    async def older_orders(self) -> None:
        """Fetch the next page of orders."""
        state = self.state
        if state.orders_before is None or state.orders_loading or state.customer_id is None:
            return
        self._set(asked_for_orders(state))
        page = None
        try:
            page = await self._port.orders(state.customer_id, state.orders_before)
        except RefusedError as error:
            if error.problem.code == "unknown_customer":
                self._lose(state.asked, state.customer_id)
                return
        except UnreachableError:
            pass
        self._set(more_orders(self.state, state.asked, page))

    def choose(self, tab: Tab) -> None:
        """Show another tab."""
        self._set(chose(self.state, tab))

    def fold_notes(self) -> None:
        """Open or close the notes."""
        self._set(folded(self.state))

    def fold_more(self) -> None:
        """Show more than the essentials, or less."""
        self._set(unfolded(self.state))

    def forget(self) -> None:
        """Know of nobody; an answer that is under way comes too late. Changes wait for whoever made them."""
        self._carts.hold()
        self._aside = None
        self._set(forgotten(self.state))

    def drop(self) -> None:
        """Whoever made changes does not come back: those that were not sent never are, and nobody is told of others."""
        self._carts.forget()
        self._untold.clear()

    async def go_on(self) -> None:
        """Somebody is in: send what is left of their changes."""
        await self._carts.go_on()

    async def _renew(self) -> None:
        number, customer_id = self.state.asked, self.state.customer_id
        if self.state.phase != "shown" or customer_id is None:
            return
        try:
            context = await self._port.context(customer_id)
        except UnreachableError:
            return
        except RefusedError as error:
            if error.problem.code == "unknown_customer":
                self._lose(number, customer_id)
        else:
            self._set(renewed(self.state, number, context))

    def _arrive(self, number: int, context: CustomerContext) -> None:
        """Show a customer, and say what was refused while they were not shown."""
        trouble = self._untold.pop(context.person.id, "") if number == self.state.asked else ""
        self._set(arrived(self.state, number, context, self._carts.changes, trouble))

    def _changed(self) -> None:
        self._set(changed(self.state, self._carts.changes))

    def _answered(self, change: Change, cart: Cart) -> None:
        if self._aside is not None:
            self._aside = answered(self._aside, change, self._carts.changes, cart)
        self._set(answered(self.state, change, self._carts.changes, cart))

    async def _not_taken(self, change: Change, problem: Problem) -> None:
        if not any(shown is not None and change in shown.changes for shown in (self.state, self._aside)):
            self._untold[change.customer_id] = problem.code
        if self._aside is not None:
            self._aside = refused(self._aside, change, self._carts.changes, problem.code)
        self._set(refused(self.state, change, self._carts.changes, problem.code))
        await self.renew()

    def _lose(self, number: int, customer_id: int) -> None:
        """The shop knows a customer no more, perhaps as they asked for it: nothing of them stays."""
        self._lost(customer_id)
        self._set(gone(self.state, number))

    def _offer_undo(self, undo: Undo) -> None:
        if self._undoing is not None:
            self._undoing.cancel()
        self._set(took_out(self.state, undo))
        self._undoing = asyncio.get_running_loop().call_later(self._undo_for, self._forget_undo, undo)

    def _forget_undo(self, undo: Undo) -> None:
        if self.state.undo == undo:
            self._set(took_out(self.state, None))

    def _fade(self, glow: int) -> None:
        self._set(faded(self.state, glow))

    def _set(self, state: CustomerState) -> None:
        if state != self.state:
            glows = bool(state.fresh) and state.glow != self.state.glow
            self.state = state
            self._show(state)
            if glows:
                asyncio.get_running_loop().call_later(self._news_for, self._fade, state.glow)
