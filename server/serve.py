"""The server as a process: one event loop, one writer thread, and nothing listening where it must not."""

import asyncio
import gc
import ipaddress
import signal
import sys
from contextlib import suppress
from types import FrameType

import uvicorn

from server.app import create_app
from server.audit.ledger import Ledger
from server.db.engine import Database
from server.settings import Settings
from server.shop import Clock, Ending

SWITCH_INTERVAL = 0.001
"""Seconds. A search ranks its candidates on a reader thread; Python's 5 ms turns would hold scans up for as long."""
LAST_REQUESTS = 30
"""Seconds that requests under way have to finish once the server is told to stop."""


class RefusedToServeError(Exception):
    """The settings ask for something that is not safe; the message says what."""


def serve_forever(settings: Settings, database: Database, clock: Clock, ledger: Ledger) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first.

    Raises:
        RefusedToServeError: the address is not one of loopback, or another program listens there.
    """
    require_loopback(settings.host)
    # uvicorn passes on the signals it was stopped by: SIGTERM would end us before the database is closed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.setswitchinterval(SWITCH_INTERVAL)
    ending = Ending()
    app = create_app(settings, database, clock, ending, ledger)
    # What is there now stays for ever: the collector need not walk it again at each turn.
    gc.collect()
    gc.freeze()
    # Answers hold no cycles (see wire.base), so what the collector looks for comes seldom.
    gc.set_threshold(50_000, 20, 50)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=LAST_REQUESTS,
        log_level="info",
    )
    server = _Server(config, ending, settings.drain)
    try:
        with suppress(KeyboardInterrupt):
            server.run()
    except SystemExit:  # how uvicorn ends where it could not start; it has said why
        pass
    if not server.started:
        raise RefusedToServeError(
            f"{settings.host}, port {settings.port} cannot be listened on. Choose another port with --port."
        )


class _Server(uvicorn.Server):
    """Ends in two steps: first it says that it is not ready any more, then it lets nobody in.

    Args:
        config: uvicorn's.
        ending: told of the first step.
        drain: seconds between the two, in which a balancer notices.
    """

    def __init__(self, config: uvicorn.Config, ending: Ending, drain: float) -> None:
        super().__init__(config)
        self._ending = ending
        self._drain = drain

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        first = not self._ending.begun
        self._ending.begin()
        if first and self._drain and self.started:
            loop = asyncio.get_running_loop()
            loop.call_soon_threadsafe(loop.call_later, self._drain, super().handle_exit, sig, frame)
        else:
            super().handle_exit(sig, frame)


def require_loopback(host: str) -> None:
    """Refuse to listen where others could reach us, as long as nobody is asked who they are.

    Raises:
        RefusedToServeError: it is not an address of loopback.
    """
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise RefusedToServeError(
            f"{host} is not a loopback address: this Mostrador has no sign-in yet and would show every customer to "
            "everyone in the network. Use 127.0.0.1 or ::1."
        )
