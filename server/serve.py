"""The server as a process: one event loop, one writer thread, and nothing listening where it must not."""

import asyncio
import errno
import gc
import signal
import sys
from contextlib import suppress
from types import FrameType

import structlog
import uvicorn
from litestar import Litestar

from server import logs, tls
from server.app import create_app
from server.audit.ledger import Ledger
from server.catalog.branding import look_of
from server.clock import Clock
from server.db import sql
from server.db.engine import Database
from server.edge.connections import IDLE, Limits, limited
from server.keys import Keys
from server.languages import require_spoken
from server.listening import RefusedToServeError, fingerprint_for, listening_of
from server.networks import Network
from server.settings import Settings
from server.shop import Ending
from server.wire.base import timestamp

SWITCH_INTERVAL = 0.001
"""Seconds. A search ranks its candidates on a reader thread; Python's 5 ms turns would hold scans up for as long."""
LAST_REQUESTS = 30
"""Seconds that requests under way have to finish once the server is told to stop."""


def serve_forever(
    settings: Settings, database: Database, clock: Clock, keys: Keys, ledger: Ledger, told_port: int | None = None
) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first.

    Args:
        settings: as they are served.
        database: open.
        clock: the time.
        keys: of the installation's secret.
        ledger: where looks go.
        told_port: the port that commands at a terminal know of, where it is not the one that is served.

    Raises:
        RefusedToServeError: the address is not safe with these settings, or another program listens there.
        TlsError: the certificate or its key cannot be used.
        SettingsError: a file that settings name cannot be used, or no screen speaks a language of them.
    """
    # What is wrong with settings is told as other commands tell it, before the log is the server's.
    require_spoken(settings)
    listening, look = listening_of(settings), look_of(settings)
    logs.set_up(sys.stderr.buffer, settings.log_format, settings.log_level)
    logs.tell_what_nobody_caught()
    if told_port is not None:
        structlog.get_logger().warning(
            "enrolment_codes_of_the_terminal_name_another_port", port=told_port, set=f"MOSTRADOR_PORT={settings.port}"
        )
    if listening.tls is not None:
        structlog.get_logger().info(
            "certificate",
            sha256=tls.in_pairs(listening.tls.fingerprint),
            ends=timestamp(listening.tls.ends),
        )
    # uvicorn passes on the signals it was stopped by: SIGTERM would end us before the database is closed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.setswitchinterval(SWITCH_INTERVAL)
    ending = Ending()
    app = create_app(settings, database, clock, ending, keys, ledger, fingerprint_for(listening), look)
    sql.read_all()
    # What is there now stays for ever: the collector need not walk it again at each turn.
    gc.collect()
    gc.freeze()
    # Answers hold no cycles (see wire.base), so what the collector looks for comes seldom.
    gc.set_threshold(50_000, 20, 50)
    limits = Limits(connections=settings.connections, only_from=listening.only_from)
    config = config_of(app, settings, limits, listening.tls, listening.proxies)
    server = _Server(config, ending, settings.drain)
    why: BaseException | None = None
    try:
        with suppress(KeyboardInterrupt):
            server.run()
    except SystemExit as ended:  # how uvicorn ends where it could not start; it has said why
        why = ended.__context__
    if not server.started:
        in_use = isinstance(why, OSError) and why.errno == errno.EADDRINUSE
        trouble = "is in use by another program" if in_use else "cannot be listened on"
        raise RefusedToServeError(f"{settings.host}, port {settings.port} {trouble}. Choose another port with --port.")


def config_of(
    app: Litestar, settings: Settings, limits: Limits, secure: tls.Tls | None = None, proxies: tuple[Network, ...] = ()
) -> uvicorn.Config:
    """What uvicorn is told."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=limited(limits),
        ws="none",
        log_config=None,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=[str(network) for network in proxies],
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=LAST_REQUESTS,
        ssl_context_factory=None if secure is None else lambda *_: secure.context,
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
