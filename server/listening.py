"""How the server is to listen, told without what it listens with: the terminal needs the one and not the other."""

import ipaddress
from pathlib import Path
from typing import NamedTuple

from server import tls
from server.networks import LOOPBACK, Network, is_loopback
from server.settings import Settings


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
    # A proxy may stand on the same machine.
    behind = settings.plain_http == "behind-a-proxy" and listening.proxies and settings.allowed_hosts
    if listening.tls is None and listening.only_from is None and not behind:
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
