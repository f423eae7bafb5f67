"""A finger comes down in the very moment in which something is made, before it has its place: what is pressed, as JSON.

Run as a process of its own by `test_made`, on the tablet or on the kiosk, over whatever that shows. What is made gets
its place above; until then Kivy has it below, at the left.
"""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kiosk.cli import prepare_kivy
from tests.fakes import FakePort
from tests.guest_fakes import FakeGuest
from tests.screens.display import Hands, Point

PATIENCE = 20.0
"""Seconds until each finger has been answered."""
ABOVE, BELOW = Point(50, 40), Point(50, 440)


def client(kind: str, home: Path) -> Any:
    """A tablet or a kiosk that is not enrolled yet; one program is never both."""
    from kiosk.scan.wedge import Wedge
    from kiosk.theme import LIGHT, NORMAL
    from kiosk.words import Words

    if kind == "tablet":
        from kiosk.app import TabletApp

        return TabletApp(FakePort(), Words("en"), LIGHT, home, now, Wedge())
    from kiosk.self_service import KioskApp

    return KioskApp(FakeGuest(), Words("en"), NORMAL, home, now, Wedge(), moves=False)


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


async def pressed(app: Any) -> list[str]:
    """What was pressed by a finger below, and by one above."""
    from kivy.base import EventLoop
    from kivy.uix.anchorlayout import AnchorLayout
    from kivy.uix.button import Button

    class Over(AnchorLayout):
        """Lies over everything, and gets a button in its upper left corner when a finger comes down, wherever."""

        def on_touch_down(self, touch: Any) -> bool:
            if not super().on_touch_down(touch):
                answers.put_nowait("nothing")
            return True

        def process(self, events: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
            """Take what comes in from outside before anybody else does."""
            if any(kind == "begin" for kind, _ in events):
                self.add_widget(button := Button(text="Here", size_hint=(None, None), size=(200, 80)))
                button.bind(on_press=lambda _button: answers.put_nowait("Here"))
            return events

    answers: asyncio.Queue[str] = asyncio.Queue()
    begun = asyncio.Event()
    app.bind(on_start=lambda _app: begun.set())
    running = asyncio.ensure_future(app.async_run("asyncio"))
    await asyncio.wait_for(begun.wait(), PATIENCE)
    app.root.add_widget(over := Over(anchor_x="left", anchor_y="top"))
    EventLoop.postproc_modules.insert(0, over)
    hands = Hands(os.environ["DISPLAY"])
    what = []
    for finger in (BELOW, ABOVE):
        over.clear_widgets()
        hands.touch(finger)
        what.append(await asyncio.wait_for(answers.get(), PATIENCE))
    hands.close()
    app.stop()
    await running
    return what


def main() -> None:
    """Say it."""
    kind = sys.argv[1]
    with TemporaryDirectory() as home:
        os.environ[f"MOSTRADOR_{kind.upper()}_HOME"] = home
        prepare_kivy(640, 480, kind)
        print(json.dumps(asyncio.run(pressed(client(kind, Path(home))))))  # noqa: T201


if __name__ == "__main__":
    main()
