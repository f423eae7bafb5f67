"""A display without a screen, and hands on it: touches, keys and scans as the X server itself hands them out.

They come through XTEST, so that everything is in the way that is there on a tablet: X, SDL, Kivy's own input.
Pauses are made by the X server: each event comes so many milliseconds after the one before.
"""

import ctypes
import os
import select
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

PATIENCE = 20.0
"""Seconds until a wait is given up; nothing takes that long where all is well."""
PERSON = 90
"""Milliseconds between the keys of a quick typist."""
SCANNER = 2
"""Milliseconds between the keys of a quick scanner: on a busy machine the X server itself pauses within a slow code."""
PRESS = 70
"""Milliseconds that a finger stays down."""

_KEYS = {
    "\n": b"Return",
    "\t": b"Tab",
    " ": b"space",
    "-": b"minus",
    ".": b"period",
    "@": b"at",
    "%": b"percent",
    ";": b"semicolon",
    "?": b"question",
    "=": b"equal",
    "^": b"asciicircum",
    "]": b"bracketright",
    "/": b"slash",
    ":": b"colon",
    "&": b"ampersand",
    "_": b"underscore",
    "+": b"plus",
}
_SHIFTED = "@%?^:&_+"


class Point(NamedTuple):
    """Pixels from the left and from the top."""

    x: int
    y: int


class Display:
    """An X server of its own that runs while the block does, as large as the one window on it.

    Args:
        width: in pixels.
        height: in pixels.
        log: takes what it says.
        frames: a folder in which it keeps all that can be seen, see `tests.screens.frames`.
    """

    def __init__(self, width: int, height: int, log: Path, frames: Path | None = None) -> None:
        self.width, self.height = width, height
        self.name = ""
        self._log = log
        self._kept = [] if frames is None else ["-fbdir", str(frames)]

    def __enter__(self) -> Self:
        said, told = os.pipe()
        screen = f"{self.width}x{self.height}x24"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["Xvfb", "-displayfd", str(told), "-screen", "0", screen, "-nolisten", "tcp", "-noreset", *self._kept],
                pass_fds=(told,),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        os.close(told)
        try:
            self.name = f":{self._number(said)}"
            self.hands = Hands(self.name)
        except BaseException:
            self._end()
            raise
        finally:
            os.close(said)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hands.close()
        self._end()

    def _number(self, said: int) -> int:
        until, told = time.monotonic() + PATIENCE, b""
        while not told.endswith(b"\n"):
            if not select.select([said], [], [], max(0.0, until - time.monotonic()))[0]:
                raise RuntimeError(f"Xvfb did not start within {PATIENCE:.0f} seconds")
            more = os.read(said, 64)
            if not more:
                raise RuntimeError(f"Xvfb did not start: {self._log.read_text('utf-8', 'replace')[-2000:]}")
            told += more
        return int(told)

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Hands:
    """Touches and types on a display.

    Attributes:
        scanned_in: seconds that the last scan took, from its first key to its last.
    """

    scanned_in = 0.0

    def __init__(self, display: str) -> None:
        self._x = ctypes.CDLL("libX11.so.6")
        self._test = ctypes.CDLL("libXtst.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XStringToKeysym.restype = ctypes.c_ulong
        opened = self._x.XOpenDisplay(display.encode())
        if not opened:
            raise RuntimeError(f"display {display} cannot be opened")
        self._display = ctypes.c_void_p(opened)
        self._shift = self._code(b"Shift_L")

    def close(self) -> None:
        """Let go of the display."""
        self._x.XCloseDisplay(self._display)

    def touch(self, at: Point) -> None:
        """Touch and let go."""
        self._move(at, 0)
        self._press(down=True, after=0)
        self._press(down=False, after=PRESS)
        self._done()

    def drag(self, start: Point, end: Point, steps: int = 12, rest: int = 150) -> None:
        """Touch, move and let go.

        Args:
            start: where the finger comes down.
            end: where it leaves.
            steps: how many moves, 16 ms apart.
            rest: milliseconds that it rests before it leaves, so that nothing goes on by itself.
        """
        self._move(start, 0)
        self._press(down=True, after=0)
        for n in range(1, steps + 1):
            self._move(
                Point(start.x + (end.x - start.x) * n // steps, start.y + (end.y - start.y) * n // steps),
                16,
            )
        self._press(down=False, after=rest)
        self._done()

    def type(self, text: str, gap: int = PERSON) -> None:
        """Press keys, some milliseconds apart."""
        for character in text:
            self._key(
                _KEYS.get(character, character.encode()), shift=character.isupper() or character in _SHIFTED, gap=gap
            )
        self._done()

    def press(self, name: str, times: int = 1, gap: int = PERSON) -> None:
        """Press a key that X calls so: `BackSpace`, `Escape`."""
        for _ in range(times):
            self._key(name.encode(), shift=False, gap=gap)
        self._done()

    def scan(self, code: str, gap: int = SCANNER, end: str = "\n") -> float:
        """Type as a scanner does; the time (`time.monotonic`) at which the last key was down."""
        began = time.monotonic()
        for character in code:
            self._character(character, gap)
        # Sent with the rest: the X server keeps the pauses, however long whoever holds the scanner is held up here.
        self._key(_KEYS[end], shift=False, gap=gap)
        self._done()
        ended = time.monotonic()
        self.scanned_in = ended - began
        return ended

    def _character(self, character: str, gap: int) -> None:
        shift = character.isupper() or character in _SHIFTED
        self._key(_KEYS.get(character, character.encode()), shift=shift, gap=gap)

    def _code(self, name: bytes) -> int:
        symbol = self._x.XStringToKeysym(name)
        code = self._x.XKeysymToKeycode(self._display, ctypes.c_ulong(symbol))
        if not symbol or not code:
            raise ValueError(f"the keyboard has no {name.decode()}")
        return int(code)

    def _key(self, name: bytes, *, shift: bool, gap: int) -> None:
        code = self._code(name)
        if shift:
            self._test.XTestFakeKeyEvent(self._display, self._shift, 1, 0)
        self._test.XTestFakeKeyEvent(self._display, code, 1, ctypes.c_ulong(gap))
        self._test.XTestFakeKeyEvent(self._display, code, 0, 0)
        if shift:
            self._test.XTestFakeKeyEvent(self._display, self._shift, 0, 0)

    def _move(self, at: Point, after: int) -> None:
        self._test.XTestFakeMotionEvent(self._display, 0, at.x, at.y, ctypes.c_ulong(after))

    def _press(self, *, down: bool, after: int) -> None:
        self._test.XTestFakeButtonEvent(self._display, 1, int(down), ctypes.c_ulong(after))

    def _done(self) -> None:
        self._x.XSync(self._display, 0)
