"""The server as a process: one event loop, one writer thread, and nothing listening where it must not."""

import gc
import ipaddress
import signal
import sys

import uvicorn

from server.app import create_app
from server.db.engine import Database
from server.settings import Settings
from server.shop import Clock

SWITCH_INTERVAL = 0.001
"""Seconds. A search ranks its candidates on a reader thread; Python's 5 ms turns would hold scans up for as long."""
LAST_REQUESTS = 30
"""Seconds that requests under way have to finish once the server is told to stop."""


class RefusedToServeError(Exception):
    """The settings ask for something that is not safe; the message says what."""


def serve_forever(settings: Settings, database: Database, clock: Clock) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first.

    Raises:
        RefusedToServeError: the address is not one of loopback, or another program listens there.
    """
    require_loopback(settings.host)
    # uvicorn passes on the signals it was stopped by: SIGTERM would end us before the database is closed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.setswitchinterval(SWITCH_INTERVAL)
    app = create_app(settings, database, clock)
    # What is there now stays for ever: the collector need not walk it again at each turn.
    gc.collect()
    gc.freeze()
    # Answers hold no cycles (see wire.base), so what the collector looks for comes seldom.
    gc.set_threshold(50_000, 20, 50)
    try:
        uvicorn.run(
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
    except SystemExit as ended:  # how uvicorn ends where it could not start; it has said why
        raise RefusedToServeError(
            f"{settings.host}, port {settings.port} cannot be listened on. Choose another port with --port."
        ) from ended


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
