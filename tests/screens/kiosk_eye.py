"""The kiosk with an eye in it, as the tablet has one: run as a process of its own by `tests.screens.kiosk`."""

import argparse
import asyncio
import os
import socket
from datetime import datetime
from typing import Any

from kiosk.cli import prepare_kivy
from tests.screens.eye import ClockAhead, Eye
from tests.screens.sight import KioskSight


class KioskEye(Eye):
    """Looks at a running kiosk."""

    def root(self) -> Any:
        """The stage, once it is there."""
        return getattr(self._app, "stage", None)

    def _shown(self) -> Any:
        stage = self.root()
        return stage.current if stage is not None else None

    def _look(self) -> KioskSight:
        size, moving, things = self._things()
        stage, app = self.root(), self._app
        if stage is None:
            return KioskSight(size=size, moving=moving, things=tuple(things), screen="")
        identify, trouble = app.screen("identify").state, app.screen("trouble").state
        return KioskSight(
            size=size,
            moving=moving,
            things=tuple(things),
            screen=stage.current,
            step=identify.step,
            contact=identify.contact,
            code=identify.code,
            digits=identify.digits,
            busy=identify.busy,
            trouble=trouble.kind,
            wait=trouble.wait,
            left=stage.idle.left,
            call=stage.call.phase,
            guest=stage.guest,
            ending=app.screen("welcome").ending,
            brand=stage.brand,
            language=stage.t.language,
            theme=app.theme.name,
            enrol=app.screen("enrol").state.phase,
        )


async def run(asked: argparse.Namespace, home: Any) -> None:
    """Run the kiosk until the socket closes."""
    from kiosk.link.guest_http import GuestHttp
    from kiosk.scan.wedge import Wedge
    from kiosk.self_service import KioskApp, now
    from kiosk.theme import KIOSK_THEMES
    from kiosk.words import Words

    moment = datetime.fromisoformat(asked.now) if asked.now else None
    token = None if asked.door else os.environ["MOSTRADOR_KIOSK_TOKEN"]
    port = GuestHttp(asked.server, token=token)
    clock = ClockAhead()
    app = KioskApp(
        port,
        Words(asked.language),
        KIOSK_THEMES[asked.theme],
        home,
        lambda: moment or now(),
        Wedge(),
        server=asked.server,
        given=token is not None,
        clock=clock,
        moves=False,
    )
    answering = asyncio.ensure_future(KioskEye(app, clock).answer(socket.socket(fileno=asked.socket)))
    try:
        await app.async_run("asyncio")
    finally:
        answering.cancel()
        await port.close()


def main() -> None:
    """Run the kiosk as `tests.screens.kiosk` asks for it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--socket", type=int, required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--store")
    parser.add_argument("--language", required=True)
    parser.add_argument("--theme", required=True)
    parser.add_argument("--size", required=True)
    parser.add_argument("--now", required=True)
    parser.add_argument("--door", action="store_true")
    asked = parser.parse_args()
    width, _, height = asked.size.partition("x")
    asyncio.run(run(asked, prepare_kivy(int(width), int(height), "kiosk")))


if __name__ == "__main__":
    main()
