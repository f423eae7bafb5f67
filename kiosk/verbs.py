"""What touches, keys and scans ask for on the tablet, and which screen is shown then."""

import asyncio
from collections.abc import Callable
from typing import Any

from kiosk.assist.presenter import AssistPresenter
from kiosk.customer.presenter import CustomerPresenter
from kiosk.customer.state import Tab, item_of
from kiosk.find.presenter import SLOW, FindPresenter
from kiosk.hand_over.presenter import HandOverPresenter
from kiosk.item.presenter import ItemPresenter
from kiosk.item.state import variant_of
from kiosk.items.presenter import ItemsPresenter
from kiosk.tasks import Tasks
from server.wire.lookup import CustomersScanned, OrderScanned, ProductScanned, ScanAnswer


class Verbs:
    """What touches, keys and scans may ask for once somebody is in; each starts a presenter's verb and returns at once.

    Args:
        shell: the screens; there are none yet when this is made.
        find: searches for people.
        customer: whoever is shown.
        items: searches for articles.
        item: the article that is shown.
        hand_over: hands carts over to tills.
        assist: people who wait at kiosks.
    """

    def __init__(
        self,
        shell: Callable[[], Any],
        find: FindPresenter,
        customer: CustomerPresenter,
        items: ItemsPresenter,
        item: ItemPresenter,
        hand_over: HandOverPresenter,
        assist: AssistPresenter,
    ) -> None:
        self._shell = shell
        self._find = find
        self._customer = customer
        self._items = items
        self._item = item
        self._hand_over = hand_over
        self._assist = assist
        self._tasks = Tasks()
        self._way = 0
        self._moving = False
        self._opened_by = ""

    def type(self, text: str) -> None:
        """Search for what is typed: people, or articles where those are looked at."""
        if self._moving:
            return
        if self._shell().place == "items":
            self._show("items")
            self._tasks.start(self._items.type(text))
        else:
            self._show("find")
            self._tasks.start(self._find.type(text))

    def search_again(self) -> None:
        """Ask the same once more."""
        self._tasks.start(self._items.again() if self._shell().place == "items" else self._find.again())

    def open_customer(self, customer_id: int, name: str) -> None:
        """Show a customer."""
        self._show("customer")
        self._tasks.start(self._customer.open(customer_id, name))

    def scan(self, code: str) -> None:
        """Show what a scanned code means."""
        self._shell().menu_open = False
        self._way += 1
        self._tasks.start(self._scan(code, self._way))

    def look_again(self) -> None:
        """Look the same customer up once more."""
        self._tasks.start(self._customer.again())

    def find(self) -> None:
        """Go back to the search; what was scanned is done with."""
        self._show("find")
        if self._find.state.phase == "order":
            self._tasks.start(self._find.type(self._shell().ids.field.text, 0))
        self._shell().ids.field.focus = True

    def items(self) -> None:
        """Go to the search for articles, as it was left."""
        self._show("items")
        self._shell().ids.field.focus = True

    def open_item(self, sku: str) -> None:
        """Show an article that was found."""
        self._show("item")
        hit = self._items.hit(sku)
        self._tasks.start(self._item.open(sku, *((hit.title, hit.item) if hit else ())))

    def open_line(self, sku: str) -> None:
        """Show an article of the customer who is shown."""
        item = item_of(self._customer.state, sku)
        if item is not None:
            self._show("item")
            self._tasks.start(self._item.open(sku, item.title, item))

    def choose_variant(self, sku: str) -> None:
        """Look at another size or colour of the same article."""
        self._item.choose(sku)

    def ask_wishers(self) -> None:
        """Ask how many wish for the article that is shown."""
        self._tasks.start(self._item.ask_wishers())

    def fold_wishers(self) -> None:
        """Name those who wish for it, or no more."""
        self._tasks.start(self._item.fold())

    def item_again(self) -> None:
        """Look the same article up once more."""
        self._tasks.start(self._item.again())

    def clear(self) -> None:
        """Forget what was typed."""
        self._shell().ids.field.text = ""
        if self._shell().place == "items":
            self.items()
        else:
            self.find()

    def back(self) -> None:
        """Go to where this screen was opened from."""
        if self._shell().current == "item" and self._opened_by == "customer" and self._customer.state.phase == "shown":
            self.back_to_customer()
        elif self._shell().place == "items":
            self.items()
        else:
            self.find()

    def back_to_customer(self) -> None:
        """Go on with the customer who was shown before."""
        self._show("customer")

    def set_quantity(self, cart_id: int, line: int, quantity: int) -> None:
        """Want another quantity of a line of a cart."""
        self._tasks.start(self._customer.set_quantity(cart_id, line, quantity))

    def undo(self) -> None:
        """Put back what was taken out of a cart last."""
        self._tasks.start(self._customer.undo())

    def understand(self) -> None:
        """Say no more why a change was not taken."""
        self._customer.understand()

    def put_in(self) -> None:
        """Put the article that is looked at into the cart of the customer who is shown, and show that."""
        variant = variant_of(self._item.state)
        if variant:
            self._customer.choose("cart")
            self._show("customer")
            self._tasks.start(self._customer.put_in(variant.item, variant.stock))

    def put_wish_in(self, wishlist_id: int, sku: str) -> None:
        """Put a wished article into the cart."""
        self._tasks.start(self._customer.put_wish_in(wishlist_id, sku))

    def ask_to_join(self, source: int, target: int) -> None:
        """Ask whether one cart shall go into another."""
        self._customer.ask_to_join(source, target)

    def keep_apart(self) -> None:
        """It shall not."""
        self._customer.keep_apart()

    def join(self) -> None:
        """It shall."""
        self._tasks.start(self._customer.join())

    def hand_over(self) -> None:
        """Hand a cart of the customer over to a till."""
        context = self._customer.state.context
        if context is not None:
            self._show("hand_over")
            self._tasks.start(self._hand_over.begin(tuple(cart for cart in context.carts if cart.lines)))

    def hand_over_cart(self, cart_id: int) -> None:
        """Hand this one of several over."""
        self._tasks.start(self._hand_over.choose(cart_id))

    def hand_over_again(self) -> None:
        """Ask for a code once more."""
        self._tasks.start(self._hand_over.again())

    def look_at_handoff(self) -> None:
        """See what became of the cart that was handed over."""
        self._tasks.start(self._hand_over.look())

    def who_waits(self) -> None:
        """Ask at which kiosks somebody is wanted."""
        self._tasks.start(self._assist.look())

    def come(self) -> None:
        """Say that one is on the way to the kiosk that called first."""
        if self._assist.state.calls:
            self._tasks.start(self._assist.come(self._assist.state.calls[0].call_id))

    def vouch(self) -> None:
        """Type the digits of a kiosk for the customer who is shown; once more: those of another kiosk."""
        customer_id = self._customer.state.customer_id
        if self._customer.state.phase == "shown" and customer_id is not None:
            if self._shell().current != "vouch":
                self._assist.close()
            self._assist.vouch(customer_id)
            self._show("vouch")

    def vouch_digit(self, digit: str) -> None:
        """Type one of them."""
        self._tasks.start(self._assist.digit(digit))

    def vouch_erase(self) -> None:
        """Take it back."""
        self._assist.erase()

    def vouch_again(self) -> None:
        """Send the same digits once more."""
        self._tasks.start(self._assist.again())

    def renew(self) -> None:
        """Show what changed of the customer who is shown."""
        self._tasks.start(self._customer.renew())

    def fold_notes(self) -> None:
        """Open or close the notes."""
        self._customer.fold_notes()

    def fold_more(self) -> None:
        """Show more of the customer than the essentials, or less."""
        self._customer.fold_more()

    def choose_tab(self, tab: Tab) -> None:
        """Show another tab of the customer."""
        self._customer.choose(tab)

    def older_orders(self) -> None:
        """Fetch older orders."""
        self._tasks.start(self._customer.older_orders())

    def open_menu(self) -> None:
        """Show who is signed in, and the ways out."""
        self._shell().unsent = self._customer.unsent
        self._shell().menu_open = True

    def close_menu(self) -> None:
        """Show that no longer."""
        self._shell().menu_open = False

    def go_on(self) -> None:
        """Send what is left of the changes of whoever is in."""
        self._tasks.start(self._customer.go_on())

    def drop(self) -> None:
        """Send nothing more of whoever was in."""
        self._customer.drop()

    def forget(self) -> None:
        """Leave nothing of whoever was shown, nor of what was typed: somebody else may be next."""
        self._tasks.give_up()
        field = self._shell().ids.field
        field.focus = False
        field.text = ""
        field.reset_undo()
        self._find.forget()
        self._customer.forget()
        self._items.forget()
        self._item.forget()
        self._hand_over.forget()
        self._assist.forget()
        self._shell().unsent = self._customer.unsent
        self._show("find")
        self.close_menu()

    async def _scan(self, code: str, way: int) -> None:
        """Show what a code turns out to be, unless somebody went another way meanwhile."""

        def wait() -> None:
            if way == self._way:
                self._move("customer")

        # An article's code leads to no customer: only a wait that is worth showing is shown there.
        waiting = asyncio.get_running_loop().call_later(SLOW, wait)
        try:
            answer = await self._customer.scan(code)
        finally:
            waiting.cancel()
        if way == self._way:
            await self._go_on(answer)

    async def _go_on(self, answer: ScanAnswer | None) -> None:
        """Show a customer; of an order whose it is, of a card that several carry all of them, an article as it is."""
        match answer:
            case OrderScanned(customer_id=int() as customer_id):
                self._show("customer")
                await self._customer.open(customer_id, "")
                if self._customer.state.customer_id == customer_id:
                    self._customer.choose("orders")
            case OrderScanned(order=order):
                self._show("find")
                self._find.show_order(order)
            case CustomersScanned(hits=hits):
                self._show("find")
                self._find.show_hits(hits)
            case ProductScanned(product=product):
                self._item.show(product)
                self._show("item")
            case _:
                self._show("customer")

    def _show(self, screen: str) -> None:
        self._way += 1
        self._move(screen)

    def _move(self, screen: str) -> None:
        """Go to a screen; what was typed in its place stands in the field again."""
        shell = self._shell()
        if screen == "item" != shell.current:
            self._opened_by = shell.current
        before, shell.current = shell.place, screen
        if shell.place != before:
            self._moving = True
            shell.ids.field.text = (self._items if shell.place == "items" else self._find).state.text
            self._moving = False
