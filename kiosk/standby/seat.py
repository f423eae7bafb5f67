"""A program's end of the socket by which it speaks to its supervisor: when it is there, and when it may end."""

import asyncio
import socket
from contextlib import suppress
from typing import Any

from kiosk import made

ALIVE = 5.0
"""Seconds between two signs of life."""
DRESSING = 3.0
"""Seconds that it waits for what the server tells of the shop's looks before it is ready without."""
FRAMES = 3
"""Frames after which all that a screen needs has been drawn once: letters, icons, pictures."""


class Seat:
    """Shows the program when its turn has come.

    Args:
        descriptor: of the socket.
    """

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._writer: asyncio.StreamWriter | None = None

    def over(self) -> bool:
        """Say that whoever was here has left; the program is ended for it."""
        self._say(b"over\n")
        return True

    async def serve(self, app: Any) -> None:
        """Speak for an app until the supervisor ends, and the app with it."""
        from kivy.core.window import Window

        reader, self._writer = await asyncio.open_connection(sock=self._socket)
        living = asyncio.ensure_future(self._live())
        try:
            # Whoever took the place of another and only then put on the shop's looks would be seen to do so.
            with suppress(TimeoutError):
                await asyncio.wait_for(app.dressed(), DRESSING)
            await _frames(Window)
            made.done()
            self._say(b"ready\n")
            while line := await reader.readline():
                if line == b"show\n":
                    Window.show()
                    Window.raise_window()
                    app.appear()
                    await _frames(Window)
                    self._say(b"shown\n")
        finally:
            living.cancel()
            app.stop()

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(ALIVE)
            self._say(b"alive\n")

    def _say(self, words: bytes) -> None:
        if self._writer is not None:
            self._writer.write(words)


async def _frames(window: Any) -> None:
    """Let some frames be shown."""
    loop = asyncio.get_running_loop()
    enough: asyncio.Future[None] = loop.create_future()
    seen = 0

    def flip(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == FRAMES and not enough.done():
            enough.set_result(None)
        window.canvas.ask_update()

    window.bind(on_flip=flip)
    window.canvas.ask_update()
    try:
        await enough
    finally:
        window.unbind(on_flip=flip)
