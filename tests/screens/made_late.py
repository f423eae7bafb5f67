"""An app that makes a button between two frames, again and again, and what the eye sees of it: as JSON.

Run as a process of its own by `test_made`. The button is made in the moment at which the eye is about to look: after
the frame that the eye waited for, and before the one in which the button gets its place.
"""

import asyncio
import json
import socket
from typing import Any

from kiosk.cli import prepare_kivy
from tests.screens.eye import ClockAhead, Eye

PATIENCE = 20.0
"""Seconds for an answer."""
TIMES = 20


async def looks() -> list[list[float]]:
    """Where the button was seen, each time that it was, and last where it is once nothing moves any more."""
    from kivy.app import App
    from kivy.uix.anchorlayout import AnchorLayout
    from kivy.uix.button import Button

    class Late(App):
        """A button in the upper right corner."""

        def build(self) -> Any:
            return AnchorLayout(anchor_x="right", anchor_y="top")

    class LateEye(Eye):
        """Looks when the button was made."""

        async def _tick(self) -> None:
            await super()._tick()
            if not self.root().children:
                self.root().add_widget(Button(text="Here", size_hint=(None, None), size=(200, 80)))

        def root(self) -> Any:
            return self._app.root

        def _shown(self) -> None:
            """There are no screens."""

        def _look(self) -> Any:
            return self._seen()

    app, begun = Late(), asyncio.Event()
    app.bind(on_start=lambda _app: begun.set())
    running = asyncio.ensure_future(app.async_run("asyncio"))
    await asyncio.wait_for(begun.wait(), PATIENCE)
    ours, theirs = socket.socketpair()
    answering = asyncio.ensure_future(LateEye(app, ClockAhead()).answer(theirs))
    reader, writer = await asyncio.open_connection(sock=ours)

    async def look() -> list[float]:
        writer.write(b"look\n")
        things = json.loads(await asyncio.wait_for(reader.readline(), PATIENCE))["things"]
        return next(thing["box"] for thing in things if thing["text"] == "Here")

    seen = []
    for _ in range(TIMES):
        app.root.clear_widgets()
        seen.append(await look())
    seen.append(await look())
    writer.close()
    await answering
    await running
    return seen


def main() -> None:
    """Say it."""
    prepare_kivy(640, 480)
    print(json.dumps(asyncio.run(looks())))  # noqa: T201


if __name__ == "__main__":
    main()
