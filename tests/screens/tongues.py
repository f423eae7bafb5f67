"""The kiosk's button for languages, touched until it is back where it was: what the screen says each time, as JSON.

Run as a process of its own by `test_tongues`, which puts a language more beside the others.
"""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kiosk import made
from kiosk.cli import prepare_kivy
from tests.guest_fakes import FakeGuest
from tests.kiosk import given


def spoken() -> list[tuple[str, str, list[str]]]:
    """The language, what the button offers next, and all the words, of the screen on which one proves who one is."""
    from kivy.app import App
    from kivy.base import EventLoop
    from kivy.core.window import Window
    from kivy.uix.label import Label

    from kiosk.scan.wedge import Wedge
    from kiosk.self_service import KioskApp
    from kiosk.theme import NORMAL
    from kiosk.words import Words, languages

    home = Path(os.environ["MOSTRADOR_KIOSK_HOME"])
    app: Any = KioskApp(FakeGuest(), Words("es"), NORMAL, home, lambda: given.NOW, Wedge(), given=True, moves=False)
    App._running_app = app
    stage = app.build()
    Window.add_widget(stage)
    stage.current = "identify"
    found = []
    for _ in (*languages(), "and back"):
        for _ in range(6):
            EventLoop.idle()
        words = [one.text for one in stage.walk(restrict=True) if isinstance(one, Label) and one.texture and one.text]
        button = next(one for one in stage.walk(restrict=True) if getattr(one, "icon", "") == "translate")
        found.append((stage.t.language, button.text, words))
        button.dispatch("on_release")
    return found


def main() -> None:
    """Say it."""
    with TemporaryDirectory() as home:
        os.environ["MOSTRADOR_KIOSK_HOME"] = home
        prepare_kivy(1080, 1920, "kiosk")
        made.done()
        print(json.dumps(spoken()))  # noqa: T201


if __name__ == "__main__":
    main()
