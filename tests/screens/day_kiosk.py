"""`mostrador-kiosk`, for a day that is shorter: the real supervisor and its programs, each with an eye in it.

Its programs go by clocks that can be put forward, one for what time it is and one for what is waited for. The
supervisor does not, as it looks after processes that live by the machine's. Run as a process of its own.
"""

import argparse
import asyncio
import gc
import os
import socket
import sys
from pathlib import Path
from typing import Any

from kiosk.cli import prepare_kivy
from kiosk.standby.supervisor import Supervisor
from tests.screens.hours import Hours
from tests.screens.kiosk_eye import KioskEye
from tests.screens.sight import KioskSight

WIDTH, HEIGHT, DENSITY = 540, 960, "0.5"
"""All is laid out as on a screen of 1080x1920, and there are fewer pixels to draw."""
SOUND = 1.0
"""Seconds after which a program that crashed counts as one that worked: a customer's minutes take some seconds here."""


class FrontEye(KioskEye):
    """Sees nothing while another program is in front."""

    def _look(self) -> KioskSight:
        sight = super()._look()
        if not self._app.is_in_front:
            sight.screen = ""
        return sight


async def run(asked: argparse.Namespace, home: Path) -> None:
    """Run one program until it is ended."""
    from kiosk.link.guest_http import GuestHttp
    from kiosk.scan.wedge import Wedge
    from kiosk.self_service import KioskApp
    from kiosk.standby.seat import Seat
    from kiosk.theme import KIOSK_THEMES
    from kiosk.words import Words

    class ShortDay(KioskApp):
        """Knows whether it is in front."""

        is_in_front = False

        def appear(self) -> None:
            super().appear()
            # Whoever stands by puts it off until all is there.
            assert gc.isenabled()
            self.is_in_front = True

    port = GuestHttp(asked.server, token=os.environ["MOSTRADOR_KIOSK_TOKEN"])
    seat, clock, calendar = Seat(asked.seat), Hours(asked.hours), Hours(asked.calendar)
    app: Any = ShortDay(
        port,
        Words("es"),
        KIOSK_THEMES["normal"],
        home,
        calendar.now,
        Wedge(),
        server=asked.server,
        given=True,
        clock=clock,
        moves=False,
        hidden=True,
        guarded=True,
        over=seat.over,
    )
    eye = socket.socket(socket.AF_UNIX)
    eye.connect(asked.eyes)
    beside = [asyncio.ensure_future(work) for work in (seat.serve(app), FrontEye(app, clock).answer(eye))]
    try:
        await app.async_run("asyncio")
    finally:
        for work in beside:
            work.cancel()
        await port.close()


def main() -> None:
    """Run the supervisor, or one of its programs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--server", required=True)
    parser.add_argument("--hours", type=Path, required=True)
    parser.add_argument("--calendar", type=Path, required=True)
    parser.add_argument("--eyes", required=True)
    parser.add_argument("--seat", type=int)
    asked = parser.parse_args()
    if asked.seat is None:
        command = [sys.executable, "-m", "tests.screens.day_kiosk", *sys.argv[1:]]
        asyncio.run(Supervisor(command, SOUND).run())
    else:
        os.environ["KIVY_METRICS_DENSITY"] = DENSITY
        asyncio.run(run(asked, prepare_kivy(WIDTH, HEIGHT, "kiosk", hidden=True, fullscreen=True)))


if __name__ == "__main__":
    main()
