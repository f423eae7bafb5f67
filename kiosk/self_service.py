"""The kiosk, put together: the only place that knows every screen of it and how the server is reached."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from kivy.app import App
from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.audio import SoundLoader
from kivy.core.window import Window
from kivy.properties import ObjectProperty

from kiosk import made
from kiosk.calls.presenter import CallPresenter
from kiosk.calls.state import CallState, about_of
from kiosk.desk import Desk
from kiosk.enrol.presenter import EnrolPresenter
from kiosk.enrol.screen import EnrolScreen
from kiosk.enrol.state import EnrolState
from kiosk.enrol.verbs import EnrolVerbs
from kiosk.identify.presenter import IdentifyPresenter
from kiosk.identify.screen import IdentifyScreen
from kiosk.identify.state import IdentifyState
from kiosk.identify.verbs import IdentifyVerbs
from kiosk.idle.chime import chime
from kiosk.idle.presenter import IdlePresenter
from kiosk.idle.state import IdleState
from kiosk.link.guest_http import GuestHttp
from kiosk.link.guest_port import GuestPort
from kiosk.link.keyring import Keyring
from kiosk.link.live import Listener
from kiosk.link.pictures import PictureShelf
from kiosk.link.port import LinkError, Said
from kiosk.link.server_clock import ServerClock
from kiosk.refusals import meaning_of
from kiosk.rehearsal import rehearse_kiosk
from kiosk.scan.keys import WindowKeys
from kiosk.scan.wedge import Wedge
from kiosk.sign_in.idle import since_start
from kiosk.stage.screen import Stage
from kiosk.standby.seat import Seat
from kiosk.tasks import Tasks
from kiosk.theme import NORMAL, Theme, kiosk_themes
from kiosk.trouble.presenter import TroublePresenter
from kiosk.trouble.screen import TroubleScreen
from kiosk.trouble.state import Trouble, TroubleState, back_to
from kiosk.ui import in_place
from kiosk.welcome.motion import drift
from kiosk.welcome.screen import WelcomeScreen
from kiosk.words import Words, first_spoken, languages
from server.wire.kiosks import KioskSession
from server.wire.live import LiveEvent
from server.wire.stores import Brand

ASK_AGAIN = 5.0
"""Seconds between two tries to reach a server that does not answer."""
FAREWELL = 1.0
"""Seconds that the server may take to hear that somebody left; it notices by itself, too."""
STAY = 60.0
"""Seconds after which a customer who is alive and asks for nothing is told to the server, which counts questions."""
TICK = 0.25
"""Seconds between two looks at the clock."""
FRAME = 0.1
"""Seconds between two frames of what moves on the welcome screen."""
REST = 9
"""So many times as long as a frame took there is none after it: where there is no graphics card, moving a picture must
not keep the program from all else."""
PASSES = 60
"""Passes of layout before a frame, as on the tablet."""
ALONE = frozenset({"welcome", "enrol"})
"""Screens before which nobody needs to be."""


class Plug(NamedTuple):
    """A screen on the stage.

    Attributes:
        screen: what is shown.
        scan: told a code that is scanned while it is shown; None where nothing can be scanned there.
    """

    screen: Any
    scan: Callable[[str], None] | None = None


class Mine:
    """What happens to the carts of the customer who is here, as a stream."""

    def __init__(self, port: GuestPort) -> None:
        self._port = port

    def follow(self, _customer_id: int | None, after: int | None) -> AsyncGenerator[Said, None]:
        """From now on, or after an event."""
        return self._port.follow_mine(after)


class Ear:
    """Whom the keyboard is for: a scanner's keys come by it, and nobody types."""

    keyboard: Any = None


class Verbs:
    """What touches may ask for on every screen; each returns at once. Features have their own beside them."""

    def __init__(self, app: "KioskApp") -> None:
        self._app = app

    def begin(self) -> None:
        """Somebody is here."""
        self._app.begin()

    def show(self, screen: str) -> None:
        """Show another screen."""
        self._app.show(screen)

    def leave(self) -> None:
        """Whoever is here goes: nothing of them stays, and the next one is welcome."""
        self._app.leave()

    def stay(self) -> None:
        """Whoever is here is still there."""
        self._app.life()

    def enlarge(self) -> None:
        """Write larger, or as before."""
        self._app.theme = self._app.looks["normal" if self._app.theme.name == "large" else "large"]

    def speak(self, language: str) -> None:
        """Say everything in another language."""
        self._app.speak(language)

    def call(self) -> None:
        """Have somebody come who works here."""
        self._app.call()

    def way_on(self) -> None:
        """Go on after a trouble."""
        self._app.trouble.way_on()


class KioskApp(App):
    """The customer's kiosk.

    Args:
        port: the server.
        words: in the language that is spoken first.
        theme: how it looks at first.
        home: the client's own folder: pictures and the device's token are kept in it, and nothing of a customer.
        now: tells the time.
        wedge: tells scans from keys.
        server: where a typed code is traded for a token.
        given: whether the port has a device's token already.
        clock: seconds of a clock that never goes back.
        follows: the first of the shop's languages is spoken first, once it is told.
        reader: where the reader is, as seen from before the screen.
        moves: whether anything may move.
        hidden: another program is in front; this one is shown by `appear`.
        guarded: nobody closes its window.
        over: told that whoever was here has left; whether this program is ended for it.
    """

    theme = ObjectProperty(NORMAL, rebind=True)
    verbs = ObjectProperty(None, rebind=True, allownone=True)
    door = ObjectProperty(None, rebind=True, allownone=True)
    identify = ObjectProperty(None, rebind=True, allownone=True)
    cart = ObjectProperty(None, rebind=True, allownone=True)
    handoff = ObjectProperty(None, rebind=True, allownone=True)

    def __init__(
        self,
        port: GuestPort,
        words: Words,
        theme: Theme,
        home: Path,
        now: Callable[[], datetime],
        wedge: Wedge,
        *,
        server: str = "",
        given: bool = False,
        clock: Callable[[], float] = since_start,
        follows: bool = False,
        reader: str = "below",
        moves: bool = True,
        hidden: bool = False,
        guarded: bool = False,
        over: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__()
        self.theme = theme
        self.looks = kiosk_themes(None)
        self.now = now
        self.clock = clock
        self.port = port
        self.tasks, self.beside = Tasks(), Tasks()
        self.stage: Stage
        self.shelf = PictureShelf(port, home / "pictures")
        self.session: KioskSession | None = None
        # What features want to know: that somebody is in, what happens to their carts, that they have left.
        self.entered: list[Callable[[], None]] = []
        self.happened: list[Callable[[LiveEvent], None]] = []
        self.missed: list[Callable[[], None]] = []
        self.left: list[Callable[[], None]] = []
        self.renew: Callable[[], None] = lambda: None
        self._first = (words.language, theme)
        self._words = words
        self._home = home
        self._wedge = wedge
        self._given = given
        self._follows = follows
        self._reader = reader
        self._moves = moves
        self._hidden = hidden
        self._guarded = guarded
        self._over = over
        self._asked_at = self._appeared_at = clock()
        self._plugs: dict[str, Plug] = {}
        self._soon, self._asked_setup = asyncio.Event(), asyncio.Event()
        self._set_up = self._dressed = self._cleared = False
        self._moved_at = self._took = 0.0
        self._enrol = EnrolPresenter(port, Keyring(home), self._show_enrol, now, server, "kiosk")
        self._identify = IdentifyPresenter(
            port, self._show_identify, self.rise, self.enter, self.tasks.start, lambda: self._words.language
        )
        self.trouble = TroublePresenter(self._show_trouble, clock)
        self._calls = CallPresenter(port, self._show_call, clock)
        self._idle = IdlePresenter(self._show_idle, self._ring, self.leave, clock)
        self._listener = Listener(Mine(port), self._happened, self._missed)
        port.watch(self._told, self._refused)

    def build(self) -> Stage:
        """Set the stage."""
        self.title = "Mostrador"
        Clock.max_iteration = PASSES
        self.verbs = Verbs(self)
        self.door = EnrolVerbs(self._enrol, self.tasks)
        self.identify = IdentifyVerbs(self._identify, self.tasks)
        self.stage = Stage(
            t=self._words, shown_languages=list(languages()), idle=self._idle.state, call=self._calls.state
        )
        self.plug("welcome", WelcomeScreen(languages=list(languages())))
        self.plug("enrol", EnrolScreen(kind="kiosk", state=self._enrol.state), self.door.scan)
        self.plug("identify", IdentifyScreen(reader=self._reader, state=self._identify.state), self.identify.scan)
        self.plug("trouble", TroubleScreen(state=self.trouble.state))
        self.desk = Desk(self, moves=self._moves)
        self.cart, self.handoff = self.desk.cart, self.desk.handoff
        if self._given:
            self._enrol.given()
        self.show("welcome" if self._enrol.state.phase == "enrolled" else "enrol")
        return self.stage

    def plug(self, name: str, screen: Any, scan: Callable[[str], None] | None = None) -> None:
        """Put a screen on the stage."""
        screen.t = self._words
        self._plugs[name] = Plug(screen, scan)
        self.stage.put(name, screen)

    def screen(self, name: str) -> Any:
        """A screen that was put on the stage."""
        return self._plugs[name].screen

    def show(self, name: str) -> None:
        """Show a screen."""
        self.stage.current = name
        self._idle.watch(on=name not in ALONE)

    def speak(self, language: str) -> None:
        """Say everything in another language."""
        self._speak(self._words.spoken_in(language))

    # Somebody comes, and leaves.

    def begin(self) -> None:
        """Somebody is here."""
        self._identify.open()
        self.show("identify")

    def enter(self, session: KioskSession) -> None:
        """A customer proved who they are."""
        self.session = session
        self.stage.guest = True
        self._listener.start()
        for entered in self.entered:
            entered()
        self.show("cart")

    def leave(self) -> None:
        """Whoever is here goes: nothing of them is shown from now on, and the program that held it ends."""
        if self.screen("welcome").ending:
            return
        held = self.session is not None or self._identify.personal
        self._listener.stop()
        self.tasks.give_up()
        self.session = None
        self.stage.guest = False
        self.screen("welcome").ending = held
        self.show("welcome" if self._enrol.state.phase == "enrolled" else "enrol")
        self._identify.forget()
        self.trouble.forget()
        for left in self.left:
            left()
        if held:
            self._going = asyncio.ensure_future(self._go())
        else:
            self._as_at_first()

    def life(self) -> None:
        """Somebody touched, scrolled, typed or scanned."""
        self._idle.life()

    def rise(self, kind: Trouble, on: Callable[[], None], wait: int = 0) -> None:
        """Say what went wrong; whoever has read it comes back to where they were."""
        before = self.stage.current

        def back() -> None:
            self.show(back_to(before, guest=self.session is not None))
            on()

        self.trouble.rise(kind, back, wait)
        self.show("trouble")

    def call(self) -> None:
        """Have somebody come, and say what it is about."""
        self.beside.start(self._calls.call(about_of(self.stage.current, self.trouble.state.kind)))

    async def _go(self) -> None:
        with suppress(TimeoutError, LinkError):
            async with asyncio.timeout(FAREWELL):
                await self.port.goodbye()
                # Whoever was here may have waited for an associate, who need not come.
                await self.tasks.done()
        if not self._over():
            self.screen("welcome").ending = False
            self._as_at_first()

    def _as_at_first(self) -> None:
        """Speak and look as if nobody had been here."""
        language, self.theme = self._first
        if self._words.language != language:
            self.speak(language)

    # The program begins and ends.

    def on_start(self) -> None:
        """Listen for scans and signs of life; ask the server, once this program is in front."""
        self._keys = WindowKeys(Window, Ear(), self._wedge, self._scan)
        # Bound last, heard first: whoever answers a key, it was one.
        Window.bind(
            on_touch_down=self._touched,
            on_touch_move=self._touched,
            on_key_down=self._pressed,
            on_textinput=self._pressed,
        )
        Window.bind(on_keyboard=self._no_key, on_request_close=self._no_close)
        EventLoop.add_postproc_module(in_place)
        self._ticking = Clock.schedule_interval(lambda _dt: self._tick(), TICK)
        Window.bind(on_flip=self._flipped)
        if not self._hidden:
            Clock.schedule_once(lambda _dt: made.done(), made.DRAWN)
        self._moving = Clock.schedule_once(self._move, FRAME)
        self._touch_asks = asyncio.ensure_future(self._keep_in_touch())
        if not self._given:
            self._enrol.recall()
        if not self._hidden:
            self.appear()

    def appear(self) -> None:
        """Be in front from now on."""
        self._hidden = False
        self._appeared_at = self.clock()
        if not self._given:
            self._enrol.recall()
        self._soon.set()

    async def dressed(self) -> None:
        """Wait until it looks as the shop wants, as far as the server can be asked now."""
        await self._asked_setup.wait()
        welcome = self.screen("welcome")
        for photo in (self.stage.ids.mark, welcome.ids.panel.ids.mark, welcome.ids.picture):
            await photo.decoded()

    def on_stop(self) -> None:
        """Listen no longer."""
        EventLoop.remove_postproc_module(in_place)
        self._keys.close()
        Window.unbind(
            on_touch_down=self._touched,
            on_touch_move=self._touched,
            on_key_down=self._pressed,
            on_textinput=self._pressed,
        )
        Window.unbind(on_keyboard=self._no_key, on_request_close=self._no_close, on_flip=self._flipped)
        self._ticking.cancel()
        self._moving.cancel()
        self._touch_asks.cancel()
        self._listener.stop()
        self._calls.forget()
        self.tasks.give_up()
        self.beside.give_up()

    def open_settings(self, *_: object) -> bool:
        """There is nothing to be set by whoever stands before a kiosk."""
        return False

    def _no_key(self, *_: object) -> bool:
        """No key of the toolkit leads anywhere: a scanner's are taken before."""
        return True

    def _no_close(self, *_: object, **__: object) -> bool:
        """Nobody who stands before a kiosk closes its window."""
        return self._guarded

    # What happens.

    def _tick(self) -> None:
        self._idle.tick()
        self.trouble.tick()
        self._calls.tick()
        if self.session is not None and self.clock() - self._asked_at > STAY and self._idle.quiet() < STAY:
            self._asked_at = self.clock()
            self.renew()
        if self.stage.current == "welcome" and not self.screen("welcome").ending and self._idle.quiet() > STAY:
            # Whoever wanted large letters or another language went without a word.
            self._as_at_first()

    def _move(self, _dt: float) -> None:
        """Move what moves, as often as the machine takes easily."""
        if self._moves and self.stage.current == "welcome" and not self._hidden:
            self.screen("welcome").drift = drift(self.clock() - self._appeared_at)
            self._moved_at = time.monotonic()
        self._moving = Clock.schedule_once(self._move, max(FRAME, REST * self._took))

    def _flipped(self, *_: object) -> None:
        if self._moved_at:
            self._took, self._moved_at = time.monotonic() - self._moved_at, 0.0

    def _touched(self, *_: object) -> None:
        # While the sheet asks, it is the one that is touched.
        if not self._idle.state.asking:
            self.life()

    def _pressed(self, *_: object) -> None:
        self.life()

    def _scan(self, code: str) -> None:
        plug = self._plugs.get(self.stage.current)
        if plug is not None and plug.scan is not None:
            plug.scan(code)
        elif self.stage.current == "welcome" and not self.screen("welcome").ending:
            self.begin()
            self.identify.scan(code)
        elif self.stage.current == "trouble":
            self.show(back_to("trouble", guest=self.session is not None))
            self._scan(code)

    async def _keep_in_touch(self) -> None:
        """Set the kiosk up, and ask on whenever the server was out of reach."""
        while True:
            self._soon.clear()
            enrolled = self._enrol.state.phase == "enrolled"
            if enrolled and not (self._set_up and self._dressed):
                await self._ask_setup()
            self._asked_setup.set()
            if enrolled and self._set_up and not self._hidden and not self._cleared:
                await self._clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._soon.wait(), ASK_AGAIN)

    async def _ask_setup(self) -> None:
        try:
            setup = await self.port.setup()
            stores = await self.port.stores()
        except LinkError:
            return
        self._set_up = True
        self._identify.card_patterns = self.desk.card_patterns = setup.card_patterns
        self._identify.allow(setup.proofs)
        self.stage.store = setup.store.name if setup.store else ""
        offered = [language for language in setup.languages if language in languages()] or list(languages())
        self.stage.shown_languages = self.screen("welcome").languages = offered
        if self._follows:
            self._greet_in(first_spoken(setup.languages, self._first[0]))
        time_zone = setup.store.time_zone if setup.store else None
        self._speak(Words(self._words.language, time_zone or "UTC", {store.code: store.name for store in stores}))
        await self._dress(setup.brand)

    def _greet_in(self, language: str) -> None:
        """Speak first what the shop speaks, from now on if nobody is before the screen, else from the next one on."""
        before, self._first = self._first, (language, self._first[1])
        untouched = (self._words.language, self.theme.name) == (before[0], before[1].name)
        if self.stage.current in ALONE and untouched and not self.screen("welcome").ending:
            self.speak(language)

    async def _dress(self, brand: Brand) -> None:
        """Look as the retailer does; a picture is shown once it is here, and asked for again until then."""
        self.looks = kiosk_themes(brand.color)
        language, theme = self._first
        self._first = (language, self.looks[theme.name])
        self.theme = self.looks[self.theme.name]
        welcome = self.screen("welcome")
        self.stage.brand = welcome.brand = brand.name
        logo, picture = [name if name and await self.shelf.get(name) else "" for name in (brand.logo, brand.welcome)]
        self.stage.logo = welcome.logo = logo
        welcome.picture = picture
        self._dressed = (logo, picture) == (brand.logo or "", brand.welcome or "")

    async def _clear(self) -> None:
        """Whoever was here when the program before this one ended is not any more."""
        if self.session is None:
            with suppress(LinkError):
                await self.port.clear()
                self._cleared = True
                if self.session is None:
                    await self._enrol.roll()

    def _speak(self, words: Words) -> None:
        self._words = words
        self.stage.t = words
        for plug in self._plugs.values():
            plug.screen.t = words

    def _told(self, reached: bool) -> None:
        if reached:
            self._asked_at = self.clock()

    def _refused(self, code: str) -> None:
        enrolled = self._enrol.state.phase == "enrolled"
        match meaning_of(code, guest=self.session is not None, enrolled=enrolled):
            case "leave":
                self.leave()
            case "revoked":
                self._put_out(unknown=False)
            case "unknown":
                # The program beside this one may have rolled the token that both began with.
                if self._enrol.renewed():
                    self._soon.set()
                else:
                    self._put_out(unknown=True)
            case _:
                pass

    def _put_out(self, *, unknown: bool) -> None:
        self._enrol.revoke(unknown=unknown)
        self._set_up = self._cleared = False
        self.shelf.forget()
        self.leave()

    def _happened(self, told: LiveEvent) -> None:
        for happened in self.happened:
            happened(told)

    def _missed(self) -> None:
        for missed in self.missed:
            missed()

    def _ring(self) -> None:
        """Be heard, too, where there is a loudspeaker."""
        path = self._home / "still-there.wav"
        with suppress(OSError):
            if not path.exists():
                path.write_bytes(chime())
            sound = SoundLoader.load(str(path))
            if sound is not None:
                sound.play()

    # States.

    def _show_enrol(self, state: EnrolState) -> None:
        if not hasattr(self, "stage"):
            return
        self.screen("enrol").state = state
        if state.phase == "enrolled":
            self._soon.set()
            if self.stage.current == "enrol":
                self.show("welcome")
        elif self.stage.current == "welcome":
            self.show("enrol")

    def _show_identify(self, state: IdentifyState) -> None:
        self.screen("identify").state = state

    def _show_trouble(self, state: TroubleState) -> None:
        self.screen("trouble").state = state

    def _show_call(self, state: CallState) -> None:
        self.stage.call = state

    def _show_idle(self, state: IdleState) -> None:
        self.stage.idle = state


def now() -> datetime:
    """The time in UTC, as this device has it."""
    return datetime.now(UTC)


class Options(NamedTuple):
    """How a kiosk is started; `seat` is the descriptor by which it speaks to its supervisor, None where it has none."""

    server: str
    token: str | None
    words: Words
    follows: bool
    theme: Theme
    home: Path
    wedge: Wedge
    reader: str
    moves: bool
    guarded: bool
    seat: int | None
    scan: str | None
    picture: Path | None


async def run_kiosk(options: Options) -> None:
    """Run one program of a kiosk until it is ended, or until what it shows is in a picture.

    Raises:
        RehearsalError: no picture could be taken.
    """
    clock = ServerClock(now, since_start)
    port = GuestHttp(options.server, token=options.token, dated=clock.told)
    seat = None if options.seat is None else Seat(options.seat)
    app = KioskApp(
        port,
        options.words,
        options.theme,
        options.home,
        clock.now,
        options.wedge,
        server=options.server,
        given=options.token is not None,
        follows=options.follows,
        reader=options.reader,
        moves=options.moves,
        hidden=seat is not None,
        guarded=options.guarded,
        over=seat.over if seat is not None else lambda: False,
    )
    beside = None
    if seat is not None:
        beside = asyncio.ensure_future(seat.serve(app))
    elif options.picture is not None:
        beside = asyncio.ensure_future(rehearse_kiosk(app, options.scan, options.picture))
    try:
        await app.async_run("asyncio")
        if beside is not None and beside.done():
            beside.result()
    finally:
        if beside is not None:
            beside.cancel()
        await port.close()
