"""A tablet that runs as a process of its own, with hands on its screen and an eye in it."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

import msgspec

from tests.bench.processes import clean_environment
from tests.screens.display import PATIENCE, PERSON, SCANNER, Display, Point
from tests.screens.sight import Sight, Thing, Timing, Wanted
from tests.server.people import KNOWN

ROOT = Path(__file__).parents[2]
EVENING = "2026-11-20T18:30:00+00:00"
"""The moment that the demo shop is looked at."""
REPEAT_GUARD = 0.8
"""Seconds after which the same code again is no double trigger."""

DRAWN = {"SDL_VIDEODRIVER": "x11", "LIBGL_ALWAYS_SOFTWARE": "1", "SDL_AUDIODRIVER": "dummy"}
"""How windows are drawn without a graphics card, and sounds made without a loudspeaker."""

T = TypeVar("T")


class Looks(NamedTuple):
    """How a tablet is set up."""

    width: int = 1280
    height: int = 800
    language: str = "es"
    theme: str = "light"

    @property
    def size(self) -> str:
        """As options have it."""
        return f"{self.width}x{self.height}"


class Tablet:
    """A tablet that runs while the block does.

    Args:
        server: the server's address.
        display: where its window is.
        folder: takes its log and what it keeps.
        store: where it stands.
        looks: its size, language and colours.
        gallery: show every widget instead.
        door: begin before the door; else somebody of HQ is signed in, by the tokens of `people.KNOWN`.
        now: the moment that it takes for now, in ISO 8601.
    """

    program = "tests.screens.eye"
    awake: Callable[[], float] = staticmethod(time.monotonic)
    """Seconds that count while something is waited for."""

    def __init__(
        self,
        server: str,
        display: Display,
        folder: Path,
        *,
        store: str | None = "GV",
        looks: Looks | None = None,
        gallery: bool = False,
        door: bool = False,
        now: str = EVENING,
    ) -> None:
        self.looks = looks or Looks(display.width, display.height)
        self.hands = display.hands
        self.started = 0.0
        self._display = display
        self._folder = folder
        self._arguments = ["--server", server, "--language", self.looks.language, "--theme", self.looks.theme]
        self._arguments += ["--size", self.looks.size, "--now", now]
        self._arguments += ["--store", store] if store else []
        self._arguments += ["--gallery"] if gallery else []
        self._arguments += ["--door"] if door else []
        self._scanned: dict[str, float] = {}

    def __enter__(self) -> Self:
        ours, theirs = socket.socketpair()
        environment = clean_environment() | DRAWN | {"DISPLAY": self._display.name} | self.own_environment()
        self.started = time.monotonic()
        with theirs, self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self.program, "--socket", str(theirs.fileno()), *self._arguments],
                cwd=ROOT,
                env=environment,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        ours.settimeout(PATIENCE)
        self._socket = ours
        self._answers = ours.makefile("rb")
        try:
            self.look()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def own_environment(self) -> dict[str, str]:
        """What it finds in its environment beside the display."""
        return {
            "MOSTRADOR_TABLET_HOME": str(self._folder / "home"),
            "MOSTRADOR_TABLET_TOKEN": KNOWN.tablet,
            "MOSTRADOR_TABLET_SESSION": KNOWN.hq,
        }

    @property
    def log(self) -> Path:
        """The file that takes what it says."""
        return self._folder / "tablet.log"

    @property
    def complaints(self) -> str:
        """What went wrong in it, by its own account."""
        said = self.log.read_text("utf-8", "replace")
        first = min((said.find(word) for word in ("Traceback", "CRITICAL") if word in said), default=len(said))
        return said[first:]

    def look(self) -> Any:
        """What is on the screen, after the next frame."""
        return msgspec.json.decode(self._ask("look"), type=Sight)

    def picture(self, path: Path) -> None:
        """Write what is on the screen to a PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._ask(f"picture {path.absolute()}")

    def timing(self) -> Timing:
        """When things happened since it was last asked for."""
        return msgspec.json.decode(self._ask("timing"), type=Timing)

    def painted(self) -> Timing:
        """Wait until a customer, a cart or results were painted that were not there before; without looking."""
        return msgspec.json.decode(self._ask("painted"), type=Timing)

    def want(self, *wanted: Wanted) -> None:
        """Have it watched out for things that nobody can see so far; `wanted` tells when each was painted."""
        there = msgspec.json.decode(self._ask(f"want {msgspec.json.encode(wanted).decode()}"), type=list[Wanted])
        assert not there, f"it is there already: {there}"

    def wanted(self) -> list[float]:
        """When the things that were watched out for were painted (`time.monotonic`), once all of them were."""
        found = msgspec.json.decode(self._ask("wanted"), type=list[float | None])
        texts = [thing.text for thing in self.look().things if thing.text] if None in found else []
        assert None not in found, f"not all of it was painted: {found}, {texts}. {self.complaints}"
        return [at for at in found if at is not None]

    def frame(self) -> float:
        """Seconds that it takes to draw all that is on the screen once more."""
        return msgspec.json.decode(self._ask("frame"), type=float)

    def remembers(self, words: str) -> list[str]:
        """Which kinds of widgets hold some words in any of their texts, those too that are not on the screen."""
        return msgspec.json.decode(self._ask(f"remembers {words}"), type=list[str])

    def later(self, seconds: float) -> None:
        """Let so many seconds pass by the clock that it counts waits and idleness with."""
        self._ask(f"later {seconds}")

    def turn(self, width: int, height: int) -> None:
        """Give its window another size, as the system does when a tablet is turned."""
        self._ask(f"turn {width} {height}")
        self.until(lambda sight: sight.size == (width, height))

    def watch_frames(self, *, on: bool) -> None:
        """Note when each frame begins, or no longer."""
        self._ask("watch frames" if on else "watch nothing")

    def until(self, what: Callable[[Sight], T], patience: float = PATIENCE) -> T:
        """Look, frame after frame, until something is so; what that came to."""
        deadline = self.awake() + patience
        while True:
            sight = self.look()
            if found := what(sight):
                return found
            if self.awake() > deadline:
                shown = msgspec.structs.replace(sight, things=())
                texts = [thing.text for thing in sight.things if thing.text]
                raise AssertionError(f"not within {patience:.0f} seconds: {shown}, {texts}. {self.complaints}")

    def at_rest(self) -> Sight:
        """The screen, once nothing moves on it."""
        self.until(lambda sight: not sight.moving)
        return self.look()

    def rest(self, seconds: float) -> Sight:
        """Let frames pass for some time; what is on the screen after the last."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.look()
        return self.look()

    def thing(self, kind: str = "", words: str = "") -> Thing:
        """A thing, once it is on the screen."""
        return self.until(lambda sight: sight.thing(kind, words))

    def touch(self, kind: str = "", words: str = "") -> None:
        """Touch a thing, once it is on the screen."""
        self.hands.touch(self.thing(kind, words).middle)

    def drag(self, kind: str, by: int) -> None:
        """Drag within a thing, down by so many pixels or up where that is negative."""
        x, y = self.thing(kind).middle
        self.hands.drag(Point(x, y - by // 2), Point(x, y + by // 2))

    def type(self, text: str, gap: int = PERSON) -> None:
        """Type into the field as a person does, until all of it stands there."""
        before = self.look()
        if not before.typing:
            self.touch("SearchField")
            self.until(lambda sight: sight.typing)
        self.hands.type(text, gap)
        self.until(lambda sight: sight.field == before.field + text)

    def clear(self) -> None:
        """Empty the field, character by character."""
        there = self.look().field
        if there:
            if not self.look().typing:
                self.touch("SearchField")
                self.until(lambda sight: sight.typing)
            self.hands.press("End")
            self.hands.press("BackSpace", len(there), 15)
            self.until(lambda sight: not sight.field)

    def scan(self, code: str, gap: int = SCANNER, *, at_once: bool = False, end: str = "\n") -> float:
        """Scan a code; unless `at_once`, when nothing moves any more and it cannot be taken for a double trigger.

        Returns:
            When the last key was down, by `time.monotonic`.
        """
        if not at_once:
            self.rest(max(0.0, self._scanned.get(code, 0.0) + REPEAT_GUARD - time.monotonic()))
            self.at_rest()
        self._scanned[code] = self.hands.scan(code, gap, end)
        return self._scanned[code]

    def go_home(self) -> None:
        """The find screen, with nothing typed, here or for articles, and no finger or key under way."""
        if self.look().sought:
            self.go_to_items()
            self.clear()
        if self.look().screen != "find":
            # The topmost leads to customers.
            self.touch("RailItem")
            self.until(lambda sight: sight.screen == "find")
        if not self.look().field and self.look().found != "recent":
            # What a scan brought stays until something else is looked for.
            self.type("x")
            self.until(lambda sight: sight.field)
        self.clear()
        self.until(lambda sight: (sight.screen, sight.found, sight.field) == ("find", "recent", ""))

    def go_to_items(self) -> None:
        """The search for articles, as it was left."""
        # The second from the top leads there.
        self.hands.touch(list(self.until(lambda sight: list(sight.all("RailItem"))))[1].middle)
        self.until(lambda sight: sight.screen == "items" and sight.typing)

    def _ask(self, question: str) -> bytes:
        try:
            self._socket.sendall(question.encode() + b"\n")
            answer = self._answers.readline()
        except OSError as error:
            raise RuntimeError(f"the tablet does not answer ({error!r}): {self._last_words()}") from error
        if not answer:
            raise RuntimeError(f"the tablet has ended: {self._last_words()}")
        return answer

    def _last_words(self) -> str:
        return self.complaints or self.log.read_text("utf-8", "replace")[-2000:]

    def _end(self) -> None:
        self._answers.close()
        self._socket.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
