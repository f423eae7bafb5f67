"""The verbs of the cart's screen, over the port."""

import asyncio
from collections.abc import Callable
from typing import Protocol
from uuid import uuid4

from kiosk.link.port import RefusedError, UnreachableError
from kiosk.resume.edits import Amount, Edit, More
from kiosk.resume.state import (
    NoteKind,
    ResumeState,
    SheetKind,
    added,
    amount,
    answered,
    chose,
    current,
    dimmed,
    failed,
    filled_carts,
    forgotten,
    joined,
    noted,
    opened,
    picked,
    put_back,
    refused,
    seen,
    sending,
    sheet_filled,
    sheet_opened,
    unanswered,
    variant_of,
    varied,
)
from kiosk.words.articles import is_sold
from server.wire.carts import Cart, JoinCarts, LineQuantity, NewCartLine
from server.wire.catalog import Product
from server.wire.codes import BankCard, CardPattern, read_code
from server.wire.events import CartChanged, CartLineChanged, HandoffCompleted, HandoffReleased, RecordRemoved
from server.wire.kiosks import KioskCart
from server.wire.live import LiveEvent
from server.wire.lookup import ProductScanned, ScanAnswer

PAUSES = (0.5, 1.0, 2.0, 5.0)
"""Seconds until what was not answered is sent again, the last one from then on."""
GLOWS = 2.0
"""Seconds after which what changed is no news any more."""


class CartPort(Protocol):
    """What of the server the cart's screen needs; see `kiosk.link.guest_port`."""

    async def cart(self) -> KioskCart: ...
    async def scan(self, code: str) -> ScanAnswer: ...
    async def product(self, sku: str) -> Product: ...
    async def add_line(self, cart_id: int, line: NewCartLine, key: str | None = None) -> Cart: ...
    async def change_line(self, cart_id: int, line: int, to: LineQuantity, key: str | None = None) -> Cart: ...
    async def join(self, carts: JoinCarts, key: str | None = None) -> Cart: ...


class ResumePresenter:
    """Draws every wish at once and sends one after the other; between two answers nothing is read.

    So no cart that is read shows a wish that is still drawn upon it: it would count twice.

    Args:
        port: the server.
        show: told each new state.
        gone: told that an article was scanned that is not sold any more.
        new_key: makes a key for a write.
        pauses: see `PAUSES`.
        glows: see `GLOWS`.

    Attributes:
        card_patterns: how loyalty cards look, from the device's setup; bank cards are told by them and never sent.
    """

    def __init__(
        self,
        port: CartPort,
        show: Callable[[ResumeState], None],
        gone: Callable[[], None],
        *,
        new_key: Callable[[], str] = lambda: uuid4().hex,
        pauses: tuple[float, ...] = PAUSES,
        glows: float = GLOWS,
    ) -> None:
        self._port = port
        self._show = show
        self._gone = gone
        self._new_key = new_key
        self._pauses = pauses
        self._glows = glows
        self.state = ResumeState()
        self.card_patterns: tuple[CardPattern, ...] = (CardPattern(pattern="^.*$"),)
        self._stale = False
        self._at_work = -1

    async def open(self) -> None:
        """Somebody is in: show their carts."""
        self._set(opened(self.state))
        await self.renew()

    async def renew(self) -> None:
        """Something changed, or may have: show the carts anew once no wish is on its way."""
        self._stale = True
        await self._work()

    async def want(self, line: int, quantity: int) -> None:
        """Another quantity of a line; none takes it out."""
        self._set(amount(self.state, self._new_key(), line, quantity))
        await self._work()

    async def undo(self, sku: str) -> None:
        """Put a line back that was taken out."""
        self._set(put_back(self.state, self._new_key(), sku))
        await self._work()

    async def scan(self, code: str) -> None:
        """Put in what a label names; a card or anything else is told calmly."""
        number = self.state.asked
        if isinstance(read_code(code, self.card_patterns), BankCard):
            self._note(number, "bank_card")
            return
        try:
            answer = await self._port.scan(code)
        except UnreachableError:
            self._note(number, "unreachable")
            return
        except RefusedError as error:
            if error.retry_after is not None:
                self._note(number, "unreachable")
            else:
                self._note(number, "bank_card" if error.problem.code == "bank_card" else "no_product")
            return
        if number != self.state.asked:
            return
        match answer:
            case ProductScanned(product=product):
                await self._add(product)
            case _:
                self._set(noted(sheet_opened(self.state, ""), "no_product"))

    async def add_wish(self, sku: str) -> None:
        """Put in what is on a wish list."""
        wish = next((wish for wishes in self.state.wishlists for wish in wishes.items if wish.sku == sku), None)
        if wish is not None and wish.item is not None:
            self._set(added(self.state, self._new_key(), wish.item, wish.stock))
            await self._work()

    async def open_variants(self, line: int) -> None:
        """Show in which sizes and colours there is the article of a line."""
        self._set(sheet_opened(self.state, "variants", line))
        cart, number = current(self.state), self.state.asked
        found = next((one for one in cart.lines if one.line == line), None) if cart else None
        if found is None or self.state.sheet.kind != "variants":
            return
        try:
            product = await self._port.product(found.sku)
        except (UnreachableError, RefusedError):
            product = None
        if number == self.state.asked:
            self._set(sheet_filled(self.state, line, product))

    def open_sheet(self, kind: SheetKind) -> None:
        """Lay another sheet over the cart."""
        self._set(sheet_opened(self.state, kind))

    def close_sheet(self) -> None:
        """Leave things as they are."""
        self._set(sheet_opened(self.state, ""))

    def pick(self, name: str, value: str) -> None:
        """Touch an option."""
        self._set(picked(self.state, name, value))

    async def take_variant(self) -> None:
        """Have the line be what is picked."""
        variant = variant_of(self.state.sheet)
        if variant is not None:
            self._set(varied(self.state, self._new_key(), self.state.sheet.line, variant))
            await self._work()

    def choose(self, cart: int | None) -> None:
        """Go on with one cart, or look at all of them."""
        self._set(chose(self.state, cart))

    async def join_all(self) -> None:
        """Have all that is in any cart be in one, the first."""
        carts = filled_carts(self.state)
        if carts:
            self._set(joined(self.state, [self._new_key() for _ in carts], carts[0].id))
            await self._work()

    async def heard(self, told: LiveEvent) -> None:
        """Something happened to the customer's carts."""
        match told.event:
            case (
                CartChanged() | CartLineChanged() | HandoffCompleted() | HandoffReleased() | RecordRemoved(kind="cart")
            ):
                await self.renew()
            case _:
                pass

    def say(self, kind: NoteKind) -> None:
        """Say something that another screen found out."""
        self._set(noted(self.state, kind))

    def forget(self) -> None:
        """Know of nobody; an answer that is under way comes too late."""
        self._stale = False
        self._set(forgotten(self.state))

    async def _add(self, product: Product) -> None:
        variant = next((one for one in product.variants if one.item.sku == product.sku), None)
        self._set(sheet_opened(self.state, ""))
        if variant is None:
            self._set(noted(self.state, "no_product"))
            return
        if not is_sold(variant.item):
            self._gone()
            return
        self._set(added(self.state, self._new_key(), variant.item, variant.stock))
        await self._work()

    async def _work(self) -> None:
        """Send what is wished, in order, and read what may have changed; one who does it is enough."""
        number, tries = self.state.asked, 0
        if self._at_work == number:
            return
        self._at_work = number
        try:
            while number == self.state.asked and (self.state.edits or self._stale):
                done = await (self._send(number) if self.state.edits else self._read(number))
                if number != self.state.asked or (not done and self.state.phase != "shown"):
                    return
                if done:
                    tries = 0
                else:
                    await asyncio.sleep(self._pauses[min(tries, len(self._pauses) - 1)])
                    tries += 1
        finally:
            if self._at_work == number:
                self._at_work = -1

    async def _send(self, number: int) -> bool:
        again = self.state.edits[0].sent
        self._set(sending(self.state))
        try:
            cart = await self._ask(self.state.edits[0])
        except UnreachableError:
            if number == self.state.asked:
                self._set(unanswered(self.state))
            return False
        except RefusedError as error:
            if number == self.state.asked:
                if error.retry_after is not None:
                    self._set(unanswered(self.state))
                    return False
                self._set(refused(self.state, error.problem.code, self._new_key()))
                self._stale = True
            return True
        if number == self.state.asked:
            # The answer of one that was sent twice may be the first one's: how the cart was then.
            self._stale = self._stale or again or not isinstance(self.state.edits[0], Amount | More)
            self._set(answered(self.state, cart))
        return True

    async def _ask(self, edit: Edit) -> Cart:
        match edit:
            case Amount():
                wanted = LineQuantity(
                    quantity=edit.quantity, base_quantity=edit.base, sku=edit.variant.sku if edit.variant else None
                )
                return await self._port.change_line(edit.cart, edit.seen.line, wanted, edit.key)
            case More():
                line = NewCartLine(sku=edit.item.sku, quantity=edit.quantity)
                return await self._port.add_line(edit.cart, line, edit.key)
            case _:
                return await self._port.join(JoinCarts(source=edit.source, target=edit.target), edit.key)

    async def _read(self, number: int) -> bool:
        self._stale = False
        try:
            told = await self._port.cart()
        except (UnreachableError, RefusedError) as error:
            again = isinstance(error, UnreachableError) or error.retry_after is not None
            if number == self.state.asked:
                self._stale = again and self.state.phase == "shown"
                self._set(failed(self.state, "unreachable" if again else "refused"))
            return not again
        if number == self.state.asked:
            self._set(seen(self.state, told))
        return True

    def _note(self, number: int, kind: NoteKind) -> None:
        if number == self.state.asked:
            self._set(noted(sheet_opened(self.state, ""), kind))

    def _set(self, state: ResumeState) -> None:
        if state != self.state:
            glows, self.state = state.glow != self.state.glow, state
            self._show(state)
            if glows:
                asyncio.get_running_loop().call_later(self._glows, self._dim, state.glow, state.asked)

    def _dim(self, glow: int, number: int) -> None:
        if number == self.state.asked:
            self._set(dimmed(self.state, glow))
