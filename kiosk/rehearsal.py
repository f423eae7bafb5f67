"""A client with nobody before it: a code is scanned by keys at its window, and a picture kept of what it shows."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kivy.core.window import Window

from kiosk.scan.wedge import GAP

PAUSE = 0.008
"""Seconds between two looks at how quick frames are."""
AT_EASE = 25
"""Looks in a row that came in time: no slow frame was between them."""
CALM = 0.5
"""Seconds without a new frame from which on all of a screen is there, its pictures too."""
PATIENCE = 20.0
"""Seconds that each step may take."""
ENTER, ENTER_SCANCODE = 13, 40


class RehearsalError(Exception):
    """A step took too long; the message says which."""


async def rehearse(app: Any, code: str, picture: Path | None) -> None:
    """Scan a code once the server has answered; with a picture, keep it when the screen is calm, and end the app.

    Raises:
        RehearsalError: a step took too long.
    """
    try:
        await _until(lambda: hasattr(app, "shell") and app.shell.link.phase != "asking", "the server did not answer")
        await _scan(code)
        if picture is None:
            return
        await _until(lambda: app.shell.customer.phase not in {"nobody", "loading"}, "the scan was not answered")
        # Of a bank card nothing is kept.
        if app.shell.customer.code not in {code, ""}:
            raise RehearsalError("the code did not come through whole: frames were too slow for a scan")
        frames = _Frames()
        await _until(lambda: frames.calm, "the screen did not come to rest")
        await frames.keep(picture)
    finally:
        if picture is not None:
            app.stop()


async def rehearse_kiosk(app: Any, code: str | None, picture: Path) -> None:
    """Keep a picture of a kiosk once it is set up, or of what a code leads to; end the app.

    Raises:
        RehearsalError: a step took too long.
    """
    try:
        await _until(lambda: hasattr(app, "stage") and app.stage.brand, "the server did not answer")
        if code is not None:
            before = app.stage.current
            await _scan(code)
            await _until(lambda: app.stage.current not in {before, "identify"}, "the scan was not answered")
        frames = _Frames()
        await _until(lambda: frames.calm, "the screen did not come to rest")
        await frames.keep(picture)
    finally:
        app.stop()


async def _scan(code: str) -> None:
    """Type a code in one go, once frames are quick.

    A scanner's keys wait in the system while a slow frame is drawn; ours, with pauses between them, would be pressed
    after it, as slowly as a person's, and the scan would be torn.
    """
    loop, quick = asyncio.get_running_loop(), 0
    deadline = loop.time() + PATIENCE
    while quick < AT_EASE and loop.time() < deadline:
        before = loop.time()
        await asyncio.sleep(PAUSE)
        quick = quick + 1 if loop.time() - before < GAP else 0
    for character in code:
        Window.dispatch("on_textinput", character)
    Window.dispatch("on_key_down", ENTER, ENTER_SCANCODE, None, [])


class _Frames:
    """Sees each frame before it is shown."""

    def __init__(self) -> None:
        self._drawn_at = self._now()
        self._wanted: tuple[Path, asyncio.Future[None]] | None = None
        Window.bind(on_flip=self._flip)

    @property
    def calm(self) -> bool:
        return self._now() - self._drawn_at > CALM

    async def keep(self, picture: Path) -> None:
        """Write the next frame to a PNG."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._wanted = picture, kept
        Window.canvas.ask_update()
        async with asyncio.timeout(PATIENCE):
            await kept
        Window.unbind(on_flip=self._flip)

    def _flip(self, window: Any) -> None:
        self._drawn_at = self._now()
        if self._wanted is not None:
            (picture, kept), self._wanted = self._wanted, None
            picture.parent.mkdir(parents=True, exist_ok=True)
            # Kivy puts a number into the name.
            Path(window.screenshot(name=str(picture.absolute()))).replace(picture)
            kept.set_result(None)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


async def _until(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        if asyncio.get_running_loop().time() > deadline:
            raise RehearsalError(f"{otherwise} within {PATIENCE:.0f} seconds")
        await asyncio.sleep(0.02)
