"""The server as a process: one event loop, one writer thread, and nothing listening where it must not."""

import asyncio
import gc
import ipaddress
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import structlog
import uvicorn
from litestar import Litestar

from server import logs, tls
from server.app import create_app
from server.audit.ledger import Ledger
from server.db.engine import Database
from server.edge.connections import IDLE, LOOPBACK, Limits, Network, is_loopback, limited
from server.keys import Keys
from server.settings import Settings
from server.shop import Clock, Ending
from server.wire.base import timestamp

SWITCH_INTERVAL = 0.001
"""Seconds. A search ranks its candidates on a reader thread; Python's 5 ms turns would hold scans up for as long."""
LAST_REQUESTS = 30
"""Seconds that requests under way have to finish once the server is told to stop."""


class RefusedToServeError(Exception):
    """The settings ask for something that is not safe; the message says what."""


class Listening(NamedTuple):
    """How the server listens.

    Attributes:
        tls: what it speaks, where it speaks TLS itself.
        proxies: whose word on who asks is believed.
        only_from: who is answered; None for everybody.
    """

    tls: tls.Tls | None
    proxies: tuple[Network, ...]
    only_from: tuple[Network, ...] | None


def serve_forever(settings: Settings, database: Database, clock: Clock, keys: Keys, ledger: Ledger) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are finished first.

    Raises:
        RefusedToServeError: the address is not safe with these settings, or another program listens there.
        TlsError: the certificate or its key cannot be used.
    """
    listening = listening_of(settings)
    logs.set_up(sys.stderr.buffer, settings.log_format, settings.log_level)
    logs.tell_what_nobody_caught()
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
    app = create_app(settings, database, clock, ending, keys, ledger, fingerprint_for(listening))
    # What is there now stays for ever: the collector need not walk it again at each turn.
    gc.collect()
    gc.freeze()
    # Answers hold no cycles (see wire.base), so what the collector looks for comes seldom.
    gc.set_threshold(50_000, 20, 50)
    limits = Limits(connections=settings.connections, only_from=listening.only_from)
    config = config_of(app, settings, limits, listening.tls, listening.proxies)
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


def listening_of(settings: Settings) -> Listening:
    """How the server listens, or why it does not: personal data goes over plain HTTP to nobody but a proxy.

    Raises:
        RefusedToServeError: it would go to others too, or settings do not go together.
        TlsError: the certificate or its key cannot be used.
    """
    proxies = tuple(_network(text) for text in settings.trusted_proxies)
    if settings.tls_certificate or settings.tls_key:
        if not (settings.tls_certificate and settings.tls_key):
            raise RefusedToServeError(
                "MOSTRADOR_TLS_CERTIFICATE and MOSTRADOR_TLS_KEY belong together: set both, or neither."
            )
        return Listening(tls.load(Path(settings.tls_certificate), Path(settings.tls_key)), proxies, None)
    if settings.host == "localhost" or is_loopback(settings.host):
        return Listening(None, proxies, None)
    if settings.plain_http != "behind-a-proxy":
        raise RefusedToServeError(
            f"{settings.host} is not a loopback address: over plain HTTP everybody in the network could read along. "
            "Set MOSTRADOR_TLS_CERTIFICATE and MOSTRADOR_TLS_KEY (`mostrador tls-certificate` makes both), or, where a "
            "proxy speaks TLS for this server, MOSTRADOR_PLAIN_HTTP=behind-a-proxy and MOSTRADOR_TRUSTED_PROXIES."
        )
    if not proxies:
        raise RefusedToServeError(
            "MOSTRADOR_PLAIN_HTTP=behind-a-proxy needs the proxy's address in MOSTRADOR_TRUSTED_PROXIES: plain HTTP is "
            "taken from there only."
        )
    return Listening(None, proxies, (*proxies, *LOOPBACK))


def fingerprint_for(listening: Listening) -> str | None:
    """What enrolled devices are to know the server's certificate by: nothing, where a proxy shows its own."""
    return None if listening.tls is None or listening.proxies else listening.tls.fingerprint


def reached_at(settings: Settings) -> tuple[str, str | None]:
    """The address at which devices find a server with these settings, and its certificate's fingerprint for them.

    Raises:
        RefusedToServeError: nobody is served with these settings; see `listening_of`.
        TlsError: see `listening_of`.
    """
    listening = listening_of(settings)
    if listening.tls is None and listening.only_from is None:
        return f"http://{_in_address(settings.host)}:{settings.port}", None
    name = _in_address(settings.allowed_hosts[0] if settings.allowed_hosts else settings.host)
    # A proxy is at the port that https has by itself.
    return f"https://{name}" if listening.proxies else f"https://{name}:{settings.port}", fingerprint_for(listening)


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise RefusedToServeError(
            f"MOSTRADOR_TRUSTED_PROXIES has {text}, which is no address and no network: 192.168.1.2, 10.0.0.0/24."
        ) from None
