"""The tablet with an eye in it: the real program, which also tells what is on its screen.

Run as a process of its own by `tests.screens.tablet`, which touches and types from outside; the eye only looks.
Questions and answers are JSON, one a line, over a socket that was handed down; when it closes, the tablet ends.
"""

import argparse
import asyncio
import gc
import os
import re
import socket
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from kiosk.cli import prepare_kivy
from kiosk.sign_in.idle import since_start
from tests.screens.sight import Seen, Sight, Thing, Timing, Wanted

PATIENCE = 15.0
"""Seconds until something is not painted any more that was waited for; whoever asks gives up later."""
_MARKUP = re.compile(r"\[/?b\]")
_BLANK = re.compile(r"\s")
_ESCAPES = (("&bl;", "["), ("&br;", "]"), ("&amp;", "&"))


def plain(text: str) -> str:
    """A label's text as it is read: without its markup, and all blanks alike."""
    text = _MARKUP.sub("", text)
    for escape, character in _ESCAPES:
        text = text.replace(escape, character)
    return _BLANK.sub(" ", text)


class ClockAhead:
    """The clock of a tablet, which can be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        """Seconds that never go back."""
        return since_start() + self.ahead


class Eye:
    """Looks at a running app.

    Args:
        app: the tablet.
        clock: what it counts waits and idleness with.
    """

    def __init__(self, app: Any, clock: ClockAhead) -> None:
        from kivy.clock import Clock
        from kivy.core.window import Window

        self._app = app
        self._waits = clock
        self._clock = Clock
        self._window = Window
        self._timing = Timing(first_frame=0.0, shown=[], ticks=[])
        self._drawn_at = 0.0
        self._last: Any = None
        self._pictures: list[tuple[Path, asyncio.Future[None]]] = []
        self._watching: Any = None
        self._wanted: list[Wanted] = []
        self._painted: list[float | None] = []
        self._drawn: asyncio.Future[float] | None = None
        Window.bind(on_flip=self._flip)

    async def answer(self, connection: socket.socket) -> None:
        """Answer questions until nobody asks any more, then end the app."""
        reader, writer = await asyncio.open_connection(sock=connection)
        while line := await reader.readline():
            what, _, about = line.decode().strip().partition(" ")
            match what:
                case "look":
                    await self._laid_out()
                    answer: Any = self._look()
                case "picture":
                    answer = await self._picture(Path(about))
                case "timing":
                    answer = self._told()
                case "painted":
                    while not self._timing.shown:
                        await self._tick()
                    answer = self._told()
                case "want":
                    self._wanted = msgspec.json.decode(about, type=list[Wanted])
                    self._painted = [None] * len(self._wanted)
                    seen = self._seen()
                    answer = [wanted for wanted in self._wanted if seen.has(wanted)]
                case "frame":
                    answer = await self._frame()
                case "wanted":
                    answer = await self._all_painted()
                case "remembers":
                    await self._laid_out()
                    answer = sorted({type(w).__name__ for w in kept(self.root()) if says(w, about)})
                case "later":
                    self._waits.ahead += float(about)
                    answer = None
                case "turn":
                    self._window.size = tuple(int(side) for side in about.split())
                    answer = None
                case "watch":
                    if self._watching is not None:
                        self._watching.cancel()
                    self._watching = self._clock.schedule_interval(self._watch, 0) if about == "frames" else None
                    answer = None
                case _:
                    raise ValueError(f"no such question: {what}")
            writer.write(msgspec.json.encode(answer) + b"\n")
        self._app.stop()

    def root(self) -> Any:
        """What holds all screens, once it is there."""
        return getattr(self._app, "shell", None)

    def _told(self) -> Timing:
        told, self._timing = self._timing, Timing(first_frame=self._timing.first_frame, shown=[], ticks=[])
        told.kept = gc.get_freeze_count() if gc.isenabled() else 0
        return told

    async def _tick(self) -> None:
        ticked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._clock.schedule_once(lambda _dt: ticked.set_result(None), 0)
        await ticked

    async def _laid_out(self) -> None:
        """Wait for a frame after which nothing was made, or changed, that gets its place before the next one only.

        What the tablet is told by the server it may take up between a frame and this moment.
        """
        await self._tick()
        while self._clock.get_before_frame_events():
            await self._tick()

    def _watch(self, _dt: float) -> None:
        self._timing.ticks.append(time.monotonic())

    def _flip(self, window: Any) -> None:
        self._drawn_at = time.monotonic()
        for path, taken in self._pictures:
            # The frame is drawn and not yet handed over: what is read now is what will be seen.
            written = Path(window.screenshot(name=str(path)))
            written.replace(path)
            taken.set_result(None)
        self._pictures.clear()
        if None in self._painted:
            self._note_painted()
        if self._drawn is not None:
            drawn, self._drawn = self._drawn, None
            self._clock.schedule_once(lambda _dt: drawn.set_result(time.monotonic()), -1)
        if not self._timing.first_frame:
            self._timing.first_frame = time.monotonic()
            self._clock.schedule_once(self._after_first, 0)
        shown = self._shown()
        if shown is not None and shown != self._last:
            # The swap comes after this; the next tick is when it is done.
            self._clock.schedule_once(lambda _dt: self._timing.shown.append(time.monotonic()), -1)
        self._last = shown or self._last

    def _after_first(self, _dt: float) -> None:
        self._timing.first_frame = time.monotonic()

    def _shown(self) -> Any:
        shell = self.root()
        if shell is None:
            return None
        if shell.current == "customer":
            if shell.customer.phase != "shown":
                return None
            return ("customer", shell.customer.asked, tuple((cart.id, cart.version) for cart in shell.customer.told))
        if shell.current == "item":
            return ("item", shell.item.asked) if shell.item.phase == "shown" else None
        place, search = ("items", shell.items) if shell.current == "items" else ("find", shell.find)
        return (place, search.shown) if search.phase == "found" else None

    async def _frame(self) -> float:
        """Seconds that it takes to draw all that is on the screen once more."""
        self._window.canvas.ask_update()
        began = time.monotonic()
        self._drawn = asyncio.get_running_loop().create_future()
        return await self._drawn - began

    def _note_painted(self) -> None:
        """See whether something is in this frame that is waited for, and note when it will have been handed over."""
        seen = self._seen()
        new = [at for at, wanted in enumerate(self._wanted) if self._painted[at] is None and seen.has(wanted)]

        def note(_dt: float) -> None:
            for at in new:
                self._painted[at] = time.monotonic()

        if new:
            self._clock.schedule_once(note, -1)

    async def _all_painted(self) -> list[float | None]:
        """When each thing was painted that was waited for; None: it was not."""
        deadline = time.monotonic() + PATIENCE
        while None in self._painted and time.monotonic() < deadline:
            await self._tick()
        told, self._painted = self._painted, []
        return told

    def _seen(self) -> Seen:
        size, moving, things = self._things()
        return Seen(size=size, moving=moving, things=tuple(things))

    async def _picture(self, path: Path) -> None:
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pictures.append((path, taken))
        self._window.canvas.ask_update()
        await taken

    def _things(self) -> tuple[tuple[int, int], bool, list[Thing]]:
        """How large the window is, whether anything moves in it, and what is there."""
        things: list[Thing] = []
        for child in self._window.children:
            self._see(child, (0.0, 0.0, float(self._window.width), float(self._window.height)), things)
        moving = time.monotonic() - self._drawn_at < 0.25
        return (self._window.width, self._window.height), moving, things

    def _look(self) -> Any:
        shell = self.root()
        size, moving, things = self._things()
        if shell is None:
            return Sight(size=size, moving=moving, things=tuple(things), screen="gallery")
        from kiosk.shell.state import gate_of

        find, customer = shell.find, shell.customer
        return Sight(
            screen=shell.current,
            found=find.phase,
            hits=tuple(hit.name for hit in find.hits),
            customer=customer.phase,
            name=customer.name,
            tab=customer.tab,
            field=shell.ids.field.text,
            typing=shell.ids.field.focus,
            link=shell.link.phase,
            store=shell.store,
            brand=shell.brand,
            size=size,
            moving=moving,
            things=tuple(things),
            gate=gate_of(shell.enrol, shell.sign_in),
            step=shell.sign_in.step,
            digits=shell.sign_in.digits,
            wait=shell.sign_in.wait,
            busy=shell.sign_in.busy,
            enrol=shell.enrol.phase,
            code=shell.enrol.code,
            items=shell.items.phase,
            sought=shell.items.text,
            articles=tuple(hit.title for hit in shell.items.hits),
            item=shell.item.phase,
            sku=shell.item.sku,
        )

    def _see(self, widget: Any, clip: tuple[float, float, float, float], things: list[Thing]) -> list[str]:
        """Note a widget and what it holds; what is written in it. Coordinates are Kivy's, from the window's bottom."""
        if not widget.opacity or not all(widget.size):
            return []
        left, bottom = widget.to_window(*widget.pos)
        right, top = left + widget.width, bottom + widget.height
        seen = (max(left, clip[0]), max(bottom, clip[1]), min(right, clip[2]), min(top, clip[3]))
        if seen[0] >= seen[2] or seen[1] >= seen[3]:
            return []
        text = plain(getattr(widget, "text", ""))
        place = len(things)
        words = [text] if text else []
        # A list draws nothing beyond its edges.
        inside = seen if hasattr(widget, "scroll_y") else clip
        for child in reversed(widget.children):
            words += self._see(child, inside, things)
        height = self._window.height
        thing = Thing(
            kind=type(widget).__name__,
            text=text,
            words=tuple(words),
            box=(seen[0], height - seen[3], seen[2], height - seen[1]),
            active=bool(getattr(widget, "active", False) or getattr(widget, "photo", None)),
        )
        things.insert(place, thing)
        return words


def kept(widget: Any) -> Iterator[Any]:
    """A widget, and all that it holds or would show another time."""
    yield widget
    pages = getattr(widget, "_pages", ())
    for child in (*widget.children, *(page for page in pages if page not in widget.children)):
        yield from kept(child)


def says(widget: Any, words: str) -> bool:
    """Whether any text of a widget, shown or not, has some words."""
    return any(words in value for name in widget.properties() if isinstance(value := getattr(widget, name), str))


async def run(asked: argparse.Namespace, home: Path) -> None:
    """Run the tablet until the socket closes."""
    from kiosk.app import GalleryApp, Given, TabletApp
    from kiosk.link.http import HttpPort
    from kiosk.scan.wedge import Wedge
    from kiosk.theme import THEMES
    from kiosk.words import Words

    words, theme = Words(asked.language), THEMES[asked.theme]
    moment = datetime.fromisoformat(asked.now)
    token, session = (None if asked.door else os.environ[f"MOSTRADOR_TABLET_{name}"] for name in ("TOKEN", "SESSION"))
    port = HttpPort(asked.server, asked.store, token=token, session=session)
    given: Given = "nothing" if asked.door else "session"
    clock = ClockAhead()
    app: Any = (
        GalleryApp(words, theme)
        if asked.gallery
        else TabletApp(port, words, theme, home, lambda: moment, Wedge(), server=asked.server, given=given, clock=clock)
    )
    answering = asyncio.ensure_future(Eye(app, clock).answer(socket.socket(fileno=asked.socket)))
    try:
        await app.async_run("asyncio")
    finally:
        answering.cancel()
        await port.close()


def main() -> None:
    """Run the tablet as `tests.screens.tablet` asks for it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--store")
    parser.add_argument("--language", required=True)
    parser.add_argument("--theme", required=True)
    parser.add_argument("--size", required=True)
    parser.add_argument("--now", required=True)
    parser.add_argument("--gallery", action="store_true")
    parser.add_argument("--door", action="store_true")
    asked = parser.parse_args()
    width, _, height = asked.size.partition("x")
    asyncio.run(run(asked, prepare_kivy(int(width), int(height))))


if __name__ == "__main__":
    main()
