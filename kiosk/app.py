"""The tablet, put together: the only place that knows every screen and how the server is reached."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.properties import ObjectProperty

from kiosk.assist.presenter import AssistPresenter
from kiosk.assist.state import AssistState
from kiosk.customer.presenter import CustomerPresenter
from kiosk.customer.state import CustomerState, Tab, item_of, pieces_of
from kiosk.door import Door
from kiosk.enrol.presenter import EnrolPresenter
from kiosk.enrol.state import EnrolState
from kiosk.find.presenter import SLOW, FindPresenter
from kiosk.find.state import FindState, Recent, looked_at
from kiosk.hand_over.presenter import HandOverPresenter
from kiosk.hand_over.state import HandOverState
from kiosk.item.presenter import ItemPresenter
from kiosk.item.state import ItemState, variant_of
from kiosk.items.presenter import ItemsPresenter
from kiosk.items.state import ItemsState
from kiosk.link.http import HttpPort
from kiosk.link.keyring import Keyring
from kiosk.link.live import Listener
from kiosk.link.pictures import PictureShelf
from kiosk.link.port import Port, RefusedError, UnreachableError
from kiosk.link.watched import WatchedPort
from kiosk.rehearsal import rehearse
from kiosk.scan.keys import WindowKeys
from kiosk.scan.typed import TypedKeys
from kiosk.scan.wedge import Wedge
from kiosk.shell.screen import Shell
from kiosk.shell.state import LinkState, heard, refused, set_up
from kiosk.sign_in.idle import since_start
from kiosk.sign_in.presenter import SignInPresenter
from kiosk.sign_in.state import SignInState
from kiosk.theme import LIGHT, Theme, branded
from kiosk.ui.gallery import Gallery
from kiosk.words import Words
from server.wire.events import CustomerErased, HelpAnswered, HelpCalled, VouchingAsked, VouchingGiven
from server.wire.live import LiveEvent
from server.wire.lookup import CustomersScanned, OrderScanned, ProductScanned, ScanAnswer

ASK_AGAIN = 5.0
"""Seconds between two tries to reach a server that does not answer."""

UNAUTHORIZED = 401
"""HTTP's status where somebody must enrol or sign in first; the door says so."""

Given = Literal["nothing", "token", "session"]
"""What whoever started the program brought along."""

PASSES = 60
"""Passes of layout before a frame. Upright, a list's rows are made when the customer's words above it have their
height, and both stand a dozen boxes deep, each of which takes a pass: some 25 come to rest, where Kivy gives up at 20
and shows what is half laid out. More than these would be a layout that feeds itself, and Kivy says so."""


class Verbs:
    """What touches, keys and scans may ask for; each starts a presenter's verb and returns at once."""

    def __init__(
        self,
        app: "TabletApp",
        find: FindPresenter,
        customer: CustomerPresenter,
        items: ItemsPresenter,
        item: ItemPresenter,
        hand_over: HandOverPresenter,
        assist: AssistPresenter,
    ) -> None:
        self._app = app
        self._find = find
        self._customer = customer
        self._items = items
        self._item = item
        self._hand_over = hand_over
        self._assist = assist
        self._running: set[asyncio.Task[Any]] = set()
        self._way = 0
        self._moving = False
        self._opened_by = ""

    def type(self, text: str) -> None:
        """Search for what is typed: people, or articles where those are looked at."""
        if self._moving:
            return
        if self._app.shell.place == "items":
            self._show("items")
            self._start(self._items.type(text))
        else:
            self._show("find")
            self._start(self._find.type(text))

    def search_again(self) -> None:
        """Ask the same once more."""
        self._start(self._items.again() if self._app.shell.place == "items" else self._find.again())

    def open_customer(self, customer_id: int, name: str) -> None:
        """Show a customer."""
        self._show("customer")
        self._start(self._customer.open(customer_id, name))

    def scan(self, code: str) -> None:
        """Show what a scanned code means."""
        self._app.shell.menu_open = False
        self._way += 1
        self._start(self._scan(code, self._way))

    def look_again(self) -> None:
        """Look the same customer up once more."""
        self._start(self._customer.again())

    def find(self) -> None:
        """Go back to the search; what was scanned is done with."""
        self._show("find")
        if self._find.state.phase == "order":
            self._start(self._find.type(self._app.shell.ids.field.text, 0))
        self._app.shell.ids.field.focus = True

    def items(self) -> None:
        """Go to the search for articles, as it was left."""
        self._show("items")
        self._app.shell.ids.field.focus = True

    def open_item(self, sku: str) -> None:
        """Show an article that was found."""
        self._show("item")
        hit = self._items.hit(sku)
        self._start(self._item.open(sku, *((hit.title, hit.item) if hit else ())))

    def open_line(self, sku: str) -> None:
        """Show an article of the customer who is shown."""
        item = item_of(self._customer.state, sku)
        if item is not None:
            self._show("item")
            self._start(self._item.open(sku, item.title, item))

    def choose_variant(self, sku: str) -> None:
        """Look at another size or colour of the same article."""
        self._item.choose(sku)

    def ask_wishers(self) -> None:
        """Ask how many wish for the article that is shown."""
        self._start(self._item.ask_wishers())

    def fold_wishers(self) -> None:
        """Name those who wish for it, or no more."""
        self._start(self._item.fold())

    def item_again(self) -> None:
        """Look the same article up once more."""
        self._start(self._item.again())

    def clear(self) -> None:
        """Forget what was typed."""
        self._app.shell.ids.field.text = ""
        if self._app.shell.place == "items":
            self.items()
        else:
            self.find()

    def back(self) -> None:
        """Go to where this screen was opened from."""
        if (
            self._app.shell.current == "item"
            and self._opened_by == "customer"
            and self._customer.state.phase == "shown"
        ):
            self.back_to_customer()
        elif self._app.shell.place == "items":
            self.items()
        else:
            self.find()

    def back_to_customer(self) -> None:
        """Go on with the customer who was shown before."""
        self._show("customer")

    def set_quantity(self, cart_id: int, line: int, quantity: int) -> None:
        """Want another quantity of a line of a cart."""
        self._start(self._customer.set_quantity(cart_id, line, quantity))

    def undo(self) -> None:
        """Put back what was taken out of a cart last."""
        self._start(self._customer.undo())

    def understand(self) -> None:
        """Say no more why a change was not taken."""
        self._customer.understand()

    def put_in(self) -> None:
        """Put the article that is looked at into the cart of the customer who is shown, and show that."""
        variant = variant_of(self._item.state)
        if variant:
            self._customer.choose("cart")
            self._show("customer")
            self._start(self._customer.put_in(variant.item, variant.stock))

    def put_wish_in(self, wishlist_id: int, sku: str) -> None:
        """Put a wished article into the cart."""
        self._start(self._customer.put_wish_in(wishlist_id, sku))

    def ask_to_join(self, source: int, target: int) -> None:
        """Ask whether one cart shall go into another."""
        self._customer.ask_to_join(source, target)

    def keep_apart(self) -> None:
        """It shall not."""
        self._customer.keep_apart()

    def join(self) -> None:
        """It shall."""
        self._start(self._customer.join())

    def hand_over(self) -> None:
        """Hand a cart of the customer over to a till."""
        context = self._customer.state.context
        if context is not None:
            self._show("hand_over")
            self._start(self._hand_over.begin(tuple(cart for cart in context.carts if cart.lines)))

    def hand_over_cart(self, cart_id: int) -> None:
        """Hand this one of several over."""
        self._start(self._hand_over.choose(cart_id))

    def hand_over_again(self) -> None:
        """Ask for a code once more."""
        self._start(self._hand_over.again())

    def look_at_handoff(self) -> None:
        """See what became of the cart that was handed over."""
        self._start(self._hand_over.look())

    def who_waits(self) -> None:
        """Ask at which kiosks somebody is wanted."""
        self._start(self._assist.look())

    def come(self) -> None:
        """Say that one is on the way to the kiosk that called first."""
        if self._assist.state.calls:
            self._start(self._assist.come(self._assist.state.calls[0].call_id))

    def vouch(self) -> None:
        """Type the digits of a kiosk for the customer who is shown; once more: those of another kiosk."""
        customer_id = self._customer.state.customer_id
        if self._customer.state.phase == "shown" and customer_id is not None:
            if self._app.shell.current != "vouch":
                self._assist.close()
            self._assist.vouch(customer_id)
            self._show("vouch")

    def vouch_digit(self, digit: str) -> None:
        """Type one of them."""
        self._start(self._assist.digit(digit))

    def vouch_erase(self) -> None:
        """Take it back."""
        self._assist.erase()

    def vouch_again(self) -> None:
        """Send the same digits once more."""
        self._start(self._assist.again())

    def renew(self) -> None:
        """Show what changed of the customer who is shown."""
        self._start(self._customer.renew())

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
        self._start(self._customer.older_orders())

    def open_menu(self) -> None:
        """Show who is signed in, and the ways out."""
        self._app.shell.menu_open = True

    def close_menu(self) -> None:
        """Show that no longer."""
        self._app.shell.menu_open = False

    def forget(self) -> None:
        """Leave nothing of whoever was shown, nor of what was typed: somebody else may be next."""
        for task in tuple(self._running):
            task.cancel()
        field = self._app.shell.ids.field
        field.focus = False
        field.text = ""
        field.reset_undo()
        self._find.forget()
        self._customer.forget()
        self._items.forget()
        self._item.forget()
        self._hand_over.forget()
        self._assist.forget()
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
        shell = self._app.shell
        if screen == "item" != shell.current:
            self._opened_by = shell.current
        before, shell.current = shell.place, screen
        if shell.place != before:
            self._moving = True
            shell.ids.field.text = (self._items if shell.place == "items" else self._find).state.text
            self._moving = False

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)


class TabletApp(App):
    """The associate's tablet.

    Args:
        port: the server.
        words: in the language of whoever looks.
        theme: how it looks.
        home: the client's own folder: pictures and the device's token are kept in it.
        now: tells the time.
        wedge: tells scans from typing.
        server: where a typed code is traded for a token.
        given: whether the port has a device's token already, or somebody's session too.
        clock: seconds of a clock that never goes back, for waits and idleness.
    """

    theme = ObjectProperty(LIGHT, rebind=True)
    verbs = ObjectProperty(None, rebind=True, allownone=True)
    door = ObjectProperty(None, rebind=True, allownone=True)

    def __init__(
        self,
        port: Port,
        words: Words,
        theme: Theme,
        home: Path,
        now: Callable[[], datetime],
        wedge: Wedge,
        *,
        server: str = "",
        given: Given = "nothing",
        clock: Callable[[], float] = since_start,
    ) -> None:
        super().__init__()
        self._plain = self.theme = theme
        self.now = now
        self.shell: Shell
        self._given = given
        self._port = WatchedPort(port, self._heard, self._refused)
        self._words = words
        self._shelf = PictureShelf(self._port, home / "pictures")
        self._wedge = wedge
        self._find = FindPresenter(self._port, self._show_find)
        self._customer = CustomerPresenter(self._port, self._show_customer, self._drop)
        self._items = ItemsPresenter(self._port, self._show_items)
        self._item = ItemPresenter(self._port, self._show_item)
        self._enrol = EnrolPresenter(self._port, Keyring(home), self._show_enrol, now, server)
        self._sign_in = SignInPresenter(self._port, self._show_sign_in, clock)
        self._hand_over = HandOverPresenter(self._port, self._show_hand_over)
        self._assist = AssistPresenter(self._port, self._show_assist)
        self._listener = Listener(self._port, self._happened, self._missed)
        self._soon = asyncio.Event()

    def build(self) -> Shell:
        """Make the shell and hand it its words."""
        self.title = "Mostrador"
        Clock.max_iteration = PASSES
        self.verbs = Verbs(self, self._find, self._customer, self._items, self._item, self._hand_over, self._assist)
        self.door = Door(self._enrol, self._sign_in, self._leave, self._erase, self._enter)
        self.shell = Shell(
            t=self._words,
            shelf=self._shelf,
            find=self._find.state,
            customer=self._customer.state,
            items=self._items.state,
            item=self._item.state,
            hand_over=self._hand_over.state,
            assist=self._assist.state,
            enrol=self._enrol.state,
            sign_in=self._sign_in.state,
        )
        if self._given == "session":
            self._sign_in.given()
        if self._given != "nothing":
            self._enrol.given()
        return self.shell

    def on_start(self) -> None:
        """Listen for scans and signs of life, and ask the server what a device needs to know."""
        field = self.shell.ids.field
        self._typed = TypedKeys(Window, self._type, self._press)
        self._keys = WindowKeys(Window, field, self._wedge, self._scan)
        # One keyboard for both fields, or the one that lost the focus would take it away.
        self.shell.ids.enrol.server_field.keyboard = field.keyboard
        # Bound last, heard first: whoever answers a key, it was one.
        Window.bind(on_touch_down=self._life, on_touch_move=self._life, on_key_down=self._life, on_textinput=self._life)
        self._ticking = Clock.schedule_interval(lambda _dt: self._tick(), 1)
        if self._given == "nothing":
            self._enrol.recall()
        self._setup = asyncio.ensure_future(self._keep_in_touch())

    def on_stop(self) -> None:
        """Listen no longer."""
        self._keys.close()
        self._typed.close()
        Window.unbind(
            on_touch_down=self._life, on_touch_move=self._life, on_key_down=self._life, on_textinput=self._life
        )
        self._ticking.cancel()
        self._setup.cancel()
        self._listener.stop()

    def _tick(self) -> None:
        self.door.tick()
        self._assist.tick(self.now())

    def _life(self, *_: object) -> None:
        self.door.life()

    def _scan(self, code: str) -> None:
        (self.verbs if self.door.open else self.door).scan(code)

    def _type(self, text: str) -> bool:
        return bool(not self.shell.ids.enrol.server_field.focus and self.door.typed(text))

    def _press(self, key: str) -> bool:
        return bool(not self.shell.ids.enrol.server_field.focus and self.door.pressed(key))

    async def _keep_in_touch(self) -> None:
        """Set the tablet up, and ask on whenever the server was out of reach."""
        while True:
            self._soon.clear()
            if self._enrol.state.phase == "enrolled" and (self.shell.link.phase != "connected" or not self.shell.brand):
                await self._ask_setup()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._soon.wait(), ASK_AGAIN)

    async def _ask_setup(self) -> None:
        try:
            setup = await self._port.setup()
            stores = await self._port.stores()
        except UnreachableError:
            return
        except RefusedError as error:
            if error.problem.status != UNAUTHORIZED:
                self.shell.link = refused(self.shell.link, error.problem)
            return
        self.shell.link = set_up(self.shell.link)
        self._customer.card_patterns = setup.card_patterns
        self.shell.brand = setup.brand.name
        self.theme = branded(self._plain, setup.brand.color)
        self.shell.store = setup.store.name if setup.store else ""
        time_zone = setup.store.time_zone if setup.store else None
        self._words = Words(self._words.language, time_zone or "UTC", {store.code: store.name for store in stores})
        self.shell.t = self._words
        if (self._items if self.shell.place == "items" else self._find).state.phase == "unreachable":
            self.verbs.search_again()
        if self._item.state.phase == "unreachable":
            self.verbs.item_again()
        if self._customer.state.phase == "unreachable":
            self.verbs.look_again()
        if self._sign_in.state.listing == "unreachable":
            self.door.ask_names()

    def _enter(self) -> None:
        self._soon.set()
        self._listener.start()
        self.verbs.who_waits()

    def _leave(self) -> None:
        self._listener.stop()
        self.verbs.forget()

    def _happened(self, told: LiveEvent) -> None:
        """Something happened: what is shown of whom it is about is shown anew."""
        match told.event:
            case CustomerErased(customer_id=customer_id):
                self._customer.erased(customer_id)
            case VouchingAsked() | VouchingGiven() | HelpCalled() | HelpAnswered():
                self.verbs.who_waits()
            case event:
                self._hand_over.happened(event)
                shown = self._customer.about
                if shown is not None and shown in {told.customer_id, told.person_id}:
                    self.verbs.renew()

    def _missed(self) -> None:
        """Nobody can tell what happened: whoever is shown is shown anew, and whoever waits."""
        self.verbs.renew()
        self.verbs.look_at_handoff()
        self.verbs.who_waits()

    def _heard(self, reached: bool) -> None:
        self.shell.link = heard(self.shell.link, reached=reached)

    def _refused(self, code: str) -> None:
        self.door.refused(code)

    def _show_enrol(self, state: EnrolState) -> None:
        self.door.moved(state, self._sign_in.state)
        self.shell.enrol = state
        if state.phase == "enrolled":
            self._soon.set()

    def _show_sign_in(self, state: SignInState) -> None:
        self.door.moved(self._enrol.state, state)
        self.shell.sign_in = state

    def _erase(self) -> None:
        """Leave nothing of the store that this tablet was in."""
        self._shelf.forget()
        self.shell.brand = self.shell.store = ""
        self.theme = self._plain
        self.shell.link = LinkState()

    def _show_find(self, state: FindState) -> None:
        self.shell.find = state

    def _show_items(self, state: ItemsState) -> None:
        self.shell.items = state

    def _show_item(self, state: ItemState) -> None:
        arrives = state.phase == "shown" and (self.shell.item.phase, self.shell.item.asked) != ("shown", state.asked)
        self.shell.item = state
        if arrives:
            self.verbs.ask_wishers()

    def _drop(self, customer_id: int) -> None:
        """Name somebody no more who is not known any more."""
        self._find.drop(customer_id)
        self._item.drop(customer_id)

    def _show_hand_over(self, state: HandOverState) -> None:
        self.shell.hand_over = state

    def _show_assist(self, state: AssistState) -> None:
        self.shell.assist = state

    def _show_customer(self, state: CustomerState) -> None:
        self.shell.customer = state
        if state.phase == "gone" and self.shell.current in {"hand_over", "vouch"}:
            self._hand_over.forget()
            self.verbs.back_to_customer()
        if state.phase != "loading":
            self._listener.listen_to(state.customer_id if state.phase == "shown" else None)
        if state.phase == "shown" and state.context is not None:
            person = state.context.person
            recent = Recent(
                customer_id=person.id,
                name=person.name,
                tier=person.loyalty.tier if person.loyalty else None,
                cart_quantity=pieces_of(state.context.carts),
            )
            self._find.state = looked_at(self._find.state, recent)
            self.shell.find = self._find.state


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


async def run_tablet(
    server: str,
    store: str | None,
    token: str | None,
    session: str | None,
    words: Words,
    theme: Theme,
    home: Path,
    wedge: Wedge,
    scan: str | None = None,
    picture: Path | None = None,
) -> None:
    """Run the tablet until its window is closed, or until a scanned code's screen is in a picture.

    Raises:
        RehearsalError: no picture could be taken.
    """
    port = HttpPort(server, store, token=token, session=session)
    given: Given = "session" if session else "token" if token else "nothing"
    app = TabletApp(port, words, theme, home, now, wedge, server=server, given=given)
    rehearsal = asyncio.ensure_future(rehearse(app, scan, picture)) if scan else None
    try:
        await app.async_run("asyncio")
        if rehearsal is not None and rehearsal.done():
            rehearsal.result()
    finally:
        if rehearsal is not None:
            rehearsal.cancel()
        await port.close()


class GalleryApp(App):
    """Shows every widget, for whoever draws them."""

    theme = ObjectProperty(LIGHT, rebind=True)

    def __init__(self, words: Words, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._words = words

    def build(self) -> Gallery:
        """Make the sheet."""
        self.title = "Mostrador"
        return Gallery(t=self._words)


async def run_gallery(words: Words, theme: Theme) -> None:
    """Show the gallery until its window is closed."""
    await GalleryApp(words, theme).async_run("asyncio")
