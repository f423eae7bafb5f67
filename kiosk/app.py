"""The tablet, put together: the only place that knows every screen and how the server is reached."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.core.window import Window
from kivy.properties import ObjectProperty

from kiosk.customer.presenter import CustomerPresenter
from kiosk.customer.state import CustomerState, Tab
from kiosk.find.presenter import FindPresenter
from kiosk.find.state import FindState, Recent, looked_at
from kiosk.link.http import HttpPort
from kiosk.link.pictures import PictureShelf
from kiosk.link.port import LinkError, Port
from kiosk.scan.keys import WindowKeys
from kiosk.scan.wedge import Wedge
from kiosk.shell.screen import Shell
from kiosk.theme import LIGHT, Theme
from kiosk.ui.gallery import Gallery
from kiosk.words import Words
from server.wire.lookup import CustomersScanned, OrderScanned


class Verbs:
    """What touches, keys and scans may ask for; each starts a presenter's verb and returns at once."""

    def __init__(self, app: "TabletApp", find: FindPresenter, customer: CustomerPresenter) -> None:
        self._app = app
        self._find = find
        self._customer = customer
        self._running: set[asyncio.Task[Any]] = set()

    def type(self, text: str) -> None:
        """Search for what is typed."""
        self._app.shell.current = "find"
        self._start(self._find.type(text))

    def search_again(self) -> None:
        """Ask the same once more."""
        self._start(self._find.again())

    def open_customer(self, customer_id: int, name: str) -> None:
        """Show a customer."""
        self._app.shell.current = "customer"
        self._start(self._customer.open(customer_id, name))

    def scan(self, code: str) -> None:
        """Show what a scanned code means."""
        self._app.shell.current = "customer"
        self._start(self._scan(code))

    def look_again(self) -> None:
        """Look the same customer up once more."""
        self._start(self._customer.again())

    def find(self) -> None:
        """Go back to the search."""
        self._app.shell.current = "find"
        self._app.shell.ids.field.focus = True

    def choose_tab(self, tab: Tab) -> None:
        """Show another tab of the customer."""
        self._customer.choose(tab)

    def older_orders(self) -> None:
        """Fetch older orders."""
        self._start(self._customer.older_orders())

    async def _scan(self, code: str) -> None:
        """Show a customer; of an order whose it is, of a card that several carry all of them."""
        answer = await self._customer.scan(code)
        if isinstance(answer, OrderScanned) and answer.customer_id is not None:
            await self._customer.open(answer.customer_id, "")
        elif isinstance(answer, CustomersScanned):
            self._app.shell.current = "find"
            self._find.show_hits(answer.hits)

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
        self._port = port
        self._words = words
        self._shelf = PictureShelf(port, pictures)
        self._wedge = wedge
        self._find = FindPresenter(port, self._show_find)
        self._customer = CustomerPresenter(port, self._show_customer)

    def build(self) -> Shell:
        """Make the shell and hand it its words."""
        self.verbs = Verbs(self, self._find, self._customer)
        self.shell = Shell(t=self._words, shelf=self._shelf, find=self._find.state, customer=self._customer.state)
        self.title = "Mostrador"
        return self.shell

    def on_start(self) -> None:
        """Listen for scans, and ask the server what a device needs to know."""
        self._keys = WindowKeys(Window, self._wedge, self.verbs.scan)
        self._setup = asyncio.ensure_future(self._ask_setup())

    def on_stop(self) -> None:
        """Listen no longer."""
        self._keys.close()
        self._setup.cancel()

    async def _ask_setup(self) -> None:
        while True:
            try:
                setup = await self._port.setup()
                stores = await self._port.stores()
            except LinkError:
                self.shell.online = False
                await asyncio.sleep(5)
                continue
            self.shell.online = True
            self._customer.card_patterns = setup.card_patterns
            self.shell.brand = setup.brand.name
            self.shell.store = setup.store.name if setup.store else ""
            time_zone = setup.store.time_zone if setup.store else None
            self._words = Words(self._words.language, time_zone or "UTC", {store.code: store.name for store in stores})
            self.shell.t = self._words
            return

    def _show_find(self, state: FindState) -> None:
        self.shell.find = state

    def _show_customer(self, state: CustomerState) -> None:
        self.shell.customer = state
        if state.phase == "shown" and state.context is not None:
            person = state.context.person
            waiting = sum(line.quantity for cart in state.context.carts for line in cart.lines)
            recent = Recent(
                customer_id=person.id,
                name=person.name,
                tier=person.loyalty.tier if person.loyalty else None,
                cart_quantity=waiting,
            )
            self._find.state = looked_at(self._find.state, recent)
            self.shell.find = self._find.state


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


async def run_tablet(server: str, store: str | None, words: Words, theme: Theme, pictures: Path, wedge: Wedge) -> None:
    """Run the tablet until its window is closed."""
    port = HttpPort(server, store)
    try:
        await TabletApp(port, words, theme, pictures, now, wedge).async_run("asyncio")
    finally:
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
