"""The tablet, put together: the only place that knows every screen and how the server is reached."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.properties import ObjectProperty

from kiosk.customer.presenter import CustomerPresenter
from kiosk.customer.state import CustomerState, Tab, pieces_of
from kiosk.find.presenter import SLOW, FindPresenter
from kiosk.find.state import FindState, Recent, looked_at
from kiosk.link.http import HttpPort
from kiosk.link.pictures import PictureShelf
from kiosk.link.port import Port, RefusedError, UnreachableError
from kiosk.link.watched import WatchedPort
from kiosk.rehearsal import rehearse
from kiosk.scan.keys import WindowKeys
from kiosk.scan.wedge import Wedge
from kiosk.shell.screen import Shell
from kiosk.shell.state import heard, refused, set_up
from kiosk.theme import LIGHT, Theme
from kiosk.ui.gallery import Gallery
from kiosk.words import Words
from server.wire.lookup import CustomersScanned, OrderScanned, ProductScanned, ScanAnswer

ASK_AGAIN = 5.0
"""Seconds between two tries to reach a server that does not answer."""

PASSES = 60
"""Passes of layout before a frame. Upright, a list's rows are made when the customer's words above it have their
height, and both stand a dozen boxes deep, each of which takes a pass: some 25 come to rest, where Kivy gives up at 20
and shows what is half laid out. More than these would be a layout that feeds itself, and Kivy says so."""


class Verbs:
    """What touches, keys and scans may ask for; each starts a presenter's verb and returns at once."""

    def __init__(self, app: "TabletApp", find: FindPresenter, customer: CustomerPresenter) -> None:
        self._app = app
        self._find = find
        self._customer = customer
        self._running: set[asyncio.Task[Any]] = set()
        self._way = 0

    def type(self, text: str) -> None:
        """Search for what is typed."""
        self._show("find")
        self._start(self._find.type(text))

    def search_again(self) -> None:
        """Ask the same once more."""
        self._start(self._find.again())

    def open_customer(self, customer_id: int, name: str) -> None:
        """Show a customer."""
        self._show("customer")
        self._start(self._customer.open(customer_id, name))

    def scan(self, code: str) -> None:
        """Show what a scanned code means."""
        self._way += 1
        self._start(self._scan(code, self._way))

    def look_again(self) -> None:
        """Look the same customer up once more."""
        self._start(self._customer.again())

    def find(self) -> None:
        """Go back to the search; what was scanned is done with."""
        if self._find.state.phase in {"article", "order"}:
            self._start(self._find.type(self._app.shell.ids.field.text, 0))
        self._show("find")
        self._app.shell.ids.field.focus = True

    def clear(self) -> None:
        """Forget what was typed, and show whom this tablet looked at lately."""
        self._app.shell.ids.field.text = ""
        self.find()

    def back_to_customer(self) -> None:
        """Go on with the customer who was shown before an article was scanned."""
        self._show("customer")

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

    async def _scan(self, code: str, way: int) -> None:
        """Show what a code turns out to be, unless somebody went another way meanwhile."""

        def wait() -> None:
            if way == self._way:
                self._app.shell.current = "customer"

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
                self._show("find")
                self._find.show_article(product)
            case _:
                self._show("customer")

    def _show(self, screen: str) -> None:
        self._way += 1
        self._app.shell.current = screen

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
        pictures: the folder that pictures are kept in.
        now: tells the time.
        wedge: tells scans from typing.
    """

    theme = ObjectProperty(LIGHT, rebind=True)
    verbs = ObjectProperty(None, rebind=True, allownone=True)

    def __init__(
        self, port: Port, words: Words, theme: Theme, pictures: Path, now: Callable[[], datetime], wedge: Wedge
    ) -> None:
        super().__init__()
        self.theme = theme
        self.now = now
        self.shell: Shell
        self._port = WatchedPort(port, self._heard)
        self._words = words
        self._shelf = PictureShelf(self._port, pictures)
        self._wedge = wedge
        self._find = FindPresenter(self._port, self._show_find)
        self._customer = CustomerPresenter(self._port, self._show_customer)

    def build(self) -> Shell:
        """Make the shell and hand it its words."""
        self.title = "Mostrador"
        Clock.max_iteration = PASSES
        self.verbs = Verbs(self, self._find, self._customer)
        self.shell = Shell(t=self._words, shelf=self._shelf, find=self._find.state, customer=self._customer.state)
        return self.shell

    def on_start(self) -> None:
        """Listen for scans, and ask the server what a device needs to know."""
        self._keys = WindowKeys(Window, self.shell.ids.field, self._wedge, self.verbs.scan)
        self._setup = asyncio.ensure_future(self._keep_in_touch())

    def on_stop(self) -> None:
        """Listen no longer."""
        self._keys.close()
        self._setup.cancel()

    async def _keep_in_touch(self) -> None:
        """Set the tablet up, and ask on whenever the server was out of reach."""
        while True:
            if self.shell.link.phase != "connected" or not self.shell.brand:
                await self._ask_setup()
            await asyncio.sleep(ASK_AGAIN)

    async def _ask_setup(self) -> None:
        try:
            setup = await self._port.setup()
            stores = await self._port.stores()
        except UnreachableError:
            return
        except RefusedError as error:
            self.shell.link = refused(self.shell.link, error.problem)
            return
        self.shell.link = set_up(self.shell.link)
        self._customer.card_patterns = setup.card_patterns
        self.shell.brand = setup.brand.name
        self.shell.store = setup.store.name if setup.store else ""
        time_zone = setup.store.time_zone if setup.store else None
        self._words = Words(self._words.language, time_zone or "UTC", {store.code: store.name for store in stores})
        self.shell.t = self._words
        if self._find.state.phase == "unreachable":
            self.verbs.search_again()
        if self._customer.state.phase == "unreachable":
            self.verbs.look_again()

    def _heard(self, reached: bool) -> None:
        self.shell.link = heard(self.shell.link, reached=reached)

    def _show_find(self, state: FindState) -> None:
        self.shell.find = state

    def _show_customer(self, state: CustomerState) -> None:
        self.shell.customer = state
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
    words: Words,
    theme: Theme,
    pictures: Path,
    wedge: Wedge,
    scan: str | None = None,
    picture: Path | None = None,
    token: str | None = None,
) -> None:
    """Run the tablet until its window is closed, or until a scanned code's screen is in a picture.

    Raises:
        RehearsalError: no picture could be taken.
    """
    port = HttpPort(server, store, token=token)
    app = TabletApp(port, words, theme, pictures, now, wedge)
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
