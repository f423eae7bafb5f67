"""The tablet, put together: the only place that knows every screen and how the server is reached."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from kivy.app import App
from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.properties import ObjectProperty

from kiosk import made
from kiosk.assist.presenter import AssistPresenter
from kiosk.assist.state import AssistState
from kiosk.customer.presenter import CustomerPresenter
from kiosk.customer.state import CustomerState, pieces_of
from kiosk.door import Door
from kiosk.enrol.presenter import EnrolPresenter
from kiosk.enrol.state import EnrolState
from kiosk.find.presenter import FindPresenter
from kiosk.find.state import FindState, Recent, looked_at
from kiosk.hand_over.presenter import HandOverPresenter
from kiosk.hand_over.state import HandOverState
from kiosk.item.presenter import ItemPresenter
from kiosk.item.state import ItemState
from kiosk.items.presenter import ItemsPresenter
from kiosk.items.state import ItemsState
from kiosk.link.http import HttpPort
from kiosk.link.keyring import Keyring
from kiosk.link.live import Listener
from kiosk.link.pictures import PictureShelf
from kiosk.link.port import Port, RefusedError, UnreachableError
from kiosk.link.server_clock import ServerClock
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
from kiosk.ui import in_place
from kiosk.ui.gallery import Gallery
from kiosk.verbs import Verbs
from kiosk.words import Words, first_spoken
from server.wire.events import CustomerErased, HelpAnswered, HelpCalled, VouchingAsked, VouchingGiven, VouchingWithdrawn
from server.wire.live import LiveEvent

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
        follows: it speaks the first of the shop's languages once it is told them.
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
        follows: bool = False,
    ) -> None:
        super().__init__()
        self._plain = self.theme = theme
        self.now = now
        self.shell: Shell
        self._given = given
        self._follows = follows
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
        self.verbs = Verbs(
            lambda: self.shell, self._find, self._customer, self._items, self._item, self._hand_over, self._assist
        )
        self.door = Door(self._enrol, self._sign_in, self._leave, self.verbs.drop, self._erase, self._enter)
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
        EventLoop.add_postproc_module(in_place)
        self._ticking = Clock.schedule_interval(lambda _dt: self._tick(), 1)
        Clock.schedule_once(lambda _dt: made.done(), made.DRAWN)
        if self._given == "nothing":
            self._enrol.recall()
        self._setup = asyncio.ensure_future(self._keep_in_touch())

    def on_stop(self) -> None:
        """Listen no longer."""
        EventLoop.remove_postproc_module(in_place)
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
        spoken = self._words.language
        language = first_spoken(setup.languages, spoken) if self._follows else spoken
        self._words = Words(language, time_zone or "UTC", {store.code: store.name for store in stores})
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
        self.verbs.go_on()
        self.verbs.who_waits()

    def _leave(self) -> None:
        self._listener.stop()
        self.verbs.forget()

    def _happened(self, told: LiveEvent) -> None:
        """Something happened: what is shown of whom it is about is shown anew."""
        match told.event:
            case CustomerErased(customer_id=customer_id):
                self._customer.erased(customer_id)
            case VouchingAsked() | VouchingGiven() | VouchingWithdrawn() | HelpCalled() | HelpAnswered():
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
    """The time in UTC, as this device has it."""
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
    follows: bool = False,
) -> None:
    """Run the tablet until its window is closed, or until a scanned code's screen is in a picture.

    Raises:
        RehearsalError: no picture could be taken.
    """
    clock = ServerClock(now, since_start)
    port = HttpPort(server, store, token=token, session=session, dated=clock.told)
    given: Given = "session" if session else "token" if token else "nothing"
    app = TabletApp(port, words, theme, home, clock.now, wedge, server=server, given=given, follows=follows)
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
    made.done()
    await GalleryApp(words, theme).async_run("asyncio")
