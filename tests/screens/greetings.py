"""A kiosk and a tablet that are told by the shop what to speak, before somebody begins and after: as JSON.

Run as a process of its own by `test_greeting`.
"""

import asyncio
import json
import os
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kiosk import made
from kiosk.cli import prepare_kivy
from server.wire.stores import Brand, Setup
from tests.fakes import FakePort
from tests.guest_fakes import FakeGuest
from tests.kiosk import given


def setup(*languages: str) -> Setup:
    """What a shop with these languages tells a device."""
    return Setup(brand=Brand(name="Tramontela"), store=None, card_patterns=(), currency="EUR", languages=languages)


async def told(app: Any, *languages: str) -> None:
    """Have an app ask the shop, which answers at once."""

    async def ask(verb: str, *_: object) -> Any:
        return {"setup": setup(*languages), "stores": ()}[verb]

    port = app.port if hasattr(app, "port") else app._port._port
    port._ask = ask
    await app._ask_setup()


async def kiosk(home: Path, **but: Any) -> dict[str, str]:
    """What a kiosk speaks in each place."""
    from kivy.app import App

    from kiosk.scan.wedge import Wedge
    from kiosk.self_service import KioskApp
    from kiosk.theme import NORMAL
    from kiosk.words import Words

    def built() -> Any:
        app: Any = KioskApp(
            FakeGuest(), Words("es"), NORMAL, home, now, Wedge(), given=True, moves=False, clock=lambda: clock[0], **but
        )
        App._running_app = app
        app.build()
        return app

    clock, spoken = [0.0], {}

    app = built()
    spoken["before the shop was asked"] = app.stage.t.language
    await told(app, "tlh", "en", "es")
    spoken["at the welcome screen"] = app.stage.t.language
    app.verbs.speak("es")
    spoken["chosen by a customer"] = app.stage.t.language
    clock[0] += 61
    app._tick()
    spoken["once they went without a word"] = app.stage.t.language

    app = built()
    app.begin()
    await told(app, "en")
    spoken["under the eyes of somebody who has begun"] = app.stage.t.language
    app.leave()
    spoken["when they have left"] = app.stage.t.language

    app = built()
    app.verbs.enlarge()
    await told(app, "en")
    spoken["under the eyes of somebody who has larger letters"] = app.stage.t.language

    app = built()
    await told(app, "tlh")
    spoken["where the shop's languages are not known"] = app.stage.t.language
    return spoken


async def tablet(home: Path, **but: Any) -> dict[str, str]:
    """What a tablet speaks before and after it was told."""
    from kivy.app import App

    from kiosk.app import TabletApp
    from kiosk.scan.wedge import Wedge
    from kiosk.theme import LIGHT
    from kiosk.words import Words

    app: Any = TabletApp(FakePort(), Words("es"), LIGHT, home, now, Wedge(), given="token", **but)
    App._running_app = app
    app.shell = app.build()
    spoken = {"before the shop was asked": app.shell.t.language}
    await told(app, "tlh", "en", "es")
    return spoken | {"when it was": app.shell.t.language}


def now() -> datetime:
    """The time of all tests."""
    return given.NOW


async def both(home: Path) -> dict[str, dict[str, str]]:
    """Each of them, with the language of the shop and with one of its own."""
    return {
        "kiosk": await kiosk(home, follows=True),
        "kiosk with a language": await kiosk(home),
        "tablet": await tablet(home, follows=True),
        "tablet with a language": await tablet(home),
    }


def main() -> None:
    """Say it."""
    with TemporaryDirectory() as home:
        os.environ["MOSTRADOR_KIOSK_HOME"] = home
        prepare_kivy(1080, 1920, "kiosk")
        made.done()
        print(json.dumps(asyncio.run(both(Path(home)))))  # noqa: T201


if __name__ == "__main__":
    main()
