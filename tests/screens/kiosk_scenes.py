"""Every screen of the kiosk in every state, one after the other in one window, measured.

Run as a process of its own by `test_kiosk_look`; `python -m tests.screens.kiosk_scenes --pictures FOLDER` shows them to
people. States are put in by hand, so that no server, no time and no chance decides what is looked at.
"""

import argparse
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from kiosk import made
from kiosk.calls.state import CallState
from kiosk.cli import prepare_kivy
from kiosk.enrol.state import EnrolState
from kiosk.identify.state import IdentifyState
from kiosk.idle.state import IdleState
from kiosk.trouble.state import Trouble, TroubleState
from tests.guest_fakes import FakeGuest
from tests.kiosk import given
from tests.screens import brand_scenes, resume_scenes

LEAST_TOUCH, LEAST_LETTERS = 72, 18
"""In dp and sp, of a kiosk."""
SERVER = "https://mostrador.tramontela.example"
PUT = Callable[[], None]


def scenes(app: Any) -> Iterator[tuple[str, PUT]]:
    """Everything that can be seen, and how it comes about."""

    def put(screen: str, state: Any = None, **stage: Any) -> PUT:
        def do() -> None:
            app.stage.idle, app.stage.call, app.stage.guest = IdleState(), CallState(), False
            app.screen("welcome").ending = False
            if state is not None:
                app.screen(screen).state = state
            for name, value in stage.items():
                setattr(app.stage, name, value)
            app.stage.current = screen

        return do

    def ending() -> None:
        put("welcome")()
        app.screen("welcome").ending = True

    yield "welcome", put("welcome")
    yield "welcome, somebody is leaving", ending
    yield "ways", put("identify", IdentifyState())
    yield "ways, asking", put("identify", IdentifyState(busy=True))
    yield "ways, without codes", put("identify", IdentifyState(ways=frozenset({"continue", "vouch"})))
    yield "ways, without an associate", put("identify", IdentifyState(ways=frozenset({"continue", "code"})))
    yield "phone", put("identify", IdentifyState(step="phone"))
    yield "phone, typed", put("identify", IdentifyState(step="phone", contact="+34600123123"))
    yield "phone, none", put("identify", IdentifyState(step="phone", contact="600123", hint="no_contact"))
    yield "phone, asking", put("identify", IdentifyState(step="phone", contact="600123123", busy=True))
    yield "e-mail", put("identify", IdentifyState(step="email"))
    yield "e-mail, typed", put("identify", IdentifyState(step="email", contact="lucia.garcia@correo.example"))
    yield "e-mail, none", put("identify", IdentifyState(step="email", contact="lucia@correo", hint="no_contact"))
    yield "code", put("identify", IdentifyState(step="code"))
    yield "code, half typed", put("identify", IdentifyState(step="code", code="482"))
    yield "code, wrong", put("identify", IdentifyState(step="code", wrong=1, hint="wrong_code"))
    yield "digits", put("identify", IdentifyState(step="digits", digits="47"))
    for kind in get_args(Trouble):
        yield f"trouble, {kind}", put("trouble", TroubleState(kind=kind))
    for waited in ("code", "codes"):
        yield f"trouble, {waited}, wait", put("trouble", TroubleState(kind=waited, wait=30))
    yield "trouble while somebody is in", put("trouble", TroubleState(kind="network"), guest=True)
    yield "still there", put("identify", IdentifyState(step="phone", contact="600123"), idle=IdleState(left=14))
    for phase in ("calling", "called", "coming", "failed"):
        yield f"call, {phase}", put("identify", IdentifyState(), call=CallState(phase=phase, by="Ana"))
    yield "call from the welcome", put("welcome", call=CallState(phase="coming", by="Ana"))
    asking = EnrolState(server=SERVER)
    yield "enrol", put("enrol", asking)
    yield "enrol, typed", put("enrol", given.but(asking, code="7KQ2M9XBCD"))
    for trouble in ("unreachable", "wrong_code", "wrong_kind", "no_code", "no_room"):
        yield f"enrol, {trouble}", put("enrol", given.but(asking, trouble=trouble))
    yield "revoked", put("enrol", EnrolState(phase="revoked"))


def walk(size: tuple[int, int], language: str, theme: str, pictures: Path | None) -> Iterator[tuple[str, list[str]]]:
    """Show each scene and measure it."""
    from kivy.app import App
    from kivy.base import EventLoop
    from kivy.core.window import Window

    from kiosk.scan.wedge import Wedge
    from kiosk.self_service import KioskApp
    from kiosk.theme import KIOSK_THEMES
    from kiosk.words import Words
    from tests.screens.measure import faults

    words = Words(language, "Europe/Madrid", {"GV": "Gran Vía", "SE": "Serrano"})
    home = Path(os.environ["MOSTRADOR_KIOSK_HOME"])
    app: Any = KioskApp(
        FakeGuest(), words, KIOSK_THEMES[theme], home, lambda: given.NOW, Wedge(), given=True, moves=False
    )
    App._running_app = app
    stage = app.build()
    stage.brand = app.screen("welcome").brand = "Tramontela"
    EventLoop.window.size = size
    Window.add_widget(stage)
    own = dict(resume_scenes.scenes(app))
    every = dict(scenes(app)) | own
    branded = dict(brand_scenes.scenes(app, home, every))
    for name, put in (every | branded).items():
        put()
        for _ in range(6):
            EventLoop.idle()
        if pictures is not None:
            Path(Window.screenshot(str(pictures / "new.png"))).replace(
                pictures / f"{re.sub('[^a-z]+', '-', name.lower())}.png"
            )
        # What stands before everything is looked at alone: all of the rest is behind it.
        root = stage.ids.sheet if stage.idle.asking else stage
        found = faults(root, touch=LEAST_TOUCH, letters=LEAST_LETTERS)
        yield name, [*found, *(resume_scenes.out_of_reach(stage) if name in own else ())]


def main() -> None:
    """Print what is wrong, scene by scene, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", default="1080x1920")
    parser.add_argument("--language", default="es")
    parser.add_argument("--theme", default="normal")
    parser.add_argument("--pictures", type=Path, help="A folder that takes a picture of each.")
    asked = parser.parse_args()
    width, _, height = asked.size.partition("x")
    size = (int(width), int(height))
    if asked.pictures:
        asked.pictures.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as home:
        os.environ["MOSTRADOR_KIOSK_HOME"] = home
        prepare_kivy(*size, "kiosk")
        made.done()
        from kivy.config import Config

        # Nobody looks on: no frame need wait for its time.
        Config.set("graphics", "maxfps", "0")
        found = dict(walk(size, asked.language, asked.theme, asked.pictures))
    print(json.dumps(found, ensure_ascii=False))  # noqa: T201


if __name__ == "__main__":
    main()
