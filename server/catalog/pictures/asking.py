"""Pictures from the network: each within limits of size and time, from no address that is not for everybody.

A name is looked up when its connection is made, and what is connected to is the address that was looked at: nobody can
give us one address to look at and another to connect to. Each hop of a redirect goes the same way. TLS and the Host
header are the name's, as ever.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from importlib.metadata import version
from typing import Any, NamedTuple

import httpcore
import httpx

from server.catalog.pictures.addresses import may_be_asked
from server.catalog.pictures.shape import NoPictureError
from server.networks import Network

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a name, the best first."""

AT_ONCE = 8
"""Pictures that are under way; each may be in memory whole."""
ADDRESSES_TRIED = 3
"""Of a name that has many."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TYPES = b"image/jpeg, image/png, image/webp, image/gif"


class Limits(NamedTuple):
    """What a picture may take.

    Attributes:
        seconds: until all of it is here, whatever its server does meanwhile.
        connect: seconds until one of its server's addresses answers.
        largest: bytes.
        hops: redirects.
    """

    seconds: float = 30.0
    connect: float = 5.0
    largest: int = 10 * 1024 * 1024
    hops: int = 5


USUAL = Limits()


class Fetched(NamedTuple):
    """A picture as it came, and what its server calls it."""

    content: bytes
    etag: str | None
    last_modified: str | None


class NobodyThereError(NoPictureError):
    """A server does not answer, or not in time: its other pictures will hardly come either."""


async def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a name as the system knows them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Web:
    """The network, as far as pictures are fetched from it.

    Args:
        allowed: addresses inside the network that may be asked, too.
        limits: what a picture may take.
        trust: whose certificates are believed; None: those that everybody believes.
        resolve: looks names up.
    """

    def __init__(
        self,
        allowed: Iterable[Network] = (),
        limits: Limits = USUAL,
        trust: ssl.SSLContext | None = None,
        resolve: Resolve = resolved,
    ) -> None:
        self._limits = limits
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context() if trust is None else trust,
            max_connections=AT_ONCE,
            keepalive_expiry=10.0,
            network_backend=_Checked(tuple(allowed), resolve),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def fetch(self, link: str, etag: str | None = None, last_modified: str | None = None) -> Fetched | None:
        """A picture; None where its server says that it is the one that it called so.

        Raises:
            NobodyThereError: its server does not answer.
            NoPictureError: it cannot be had.
        """
        url = _url(link)
        asked = [(b"If-None-Match", etag), (b"If-Modified-Since", last_modified)]
        headers = [(name, value.encode("latin-1", "replace")) for name, value in asked if value]
        try:
            async with asyncio.timeout(self._limits.seconds):
                for _ in range(self._limits.hops + 1):
                    answer = await self._ask(url, headers)
                    if not isinstance(answer, httpx.URL):
                        return answer
                    if url.scheme == "https" and answer.scheme != "https":
                        raise NoPictureError("it leads from https to http")
                    url = answer
        except TimeoutError as error:
            raise NobodyThereError(f"it did not come within {self._limits.seconds:g} seconds") from error
        except (httpcore.ConnectError, httpcore.ConnectTimeout, socket.gaierror) as error:
            raise NobodyThereError(f"{url.host} cannot be reached: {_reason(error)}") from error
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise NoPictureError(f"the answer breaks off: {_reason(error)}") from error
        except (OSError, ValueError) as error:
            # A name that nobody can have, among others.
            raise NoPictureError(f"it cannot be asked for: {_reason(error)}") from error
        raise NoPictureError(f"it leads on more than {self._limits.hops} times")

    async def _ask(self, url: httpx.URL, headers: list[tuple[bytes, bytes]]) -> Fetched | httpx.URL | None:
        """What one server says: a picture, where else to ask, or that nothing has changed."""
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        always = [
            (b"Host", url.netloc),
            (b"Accept", _TYPES),
            # What is packed once more could unfold to anything; pictures are packed already.
            (b"Accept-Encoding", b"identity"),
            (b"User-Agent", f"mostrador/{version('mostrador')}".encode()),
        ]
        async with self._pool.stream("GET", target, headers=always + headers, extensions=self._patience()) as answer:
            said = httpx.Headers(answer.headers)
            if answer.status == httpx.codes.NOT_MODIFIED and headers:
                return None
            if answer.status in _REDIRECTS:
                return _url(said.get("Location", ""), url)
            if answer.status == httpx.codes.TOO_MANY_REQUESTS or answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
                raise NobodyThereError(f"{url.host} answered {answer.status}")
            if answer.status != httpx.codes.OK:
                raise NoPictureError(f"{url.host} answered {answer.status}")
            if said.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
                raise NoPictureError("it is packed once more, which was not asked for")
            return Fetched(await self._content(answer, said), said.get("ETag"), said.get("Last-Modified"))

    async def _content(self, answer: httpcore.Response, said: httpx.Headers) -> bytes:
        largest, length = self._limits.largest, said.get("Content-Length", "")
        too_large = NoPictureError(f"larger than {largest // 1024 // 1024} MiB")
        if length.isdecimal() and int(length[:20]) > largest:
            raise too_large
        content = bytearray()
        async for chunk in answer.aiter_stream():
            content += chunk
            if len(content) > largest:
                raise too_large
        if not content:
            raise NoPictureError("it is empty")
        return bytes(content)

    def _patience(self) -> dict[str, Any]:
        # All of it together is limited by `fetch`.
        return {"timeout": {"connect": self._limits.connect}}


class _Checked(httpcore.AsyncNetworkBackend):
    """Connections to addresses that were looked at."""

    def __init__(self, allowed: tuple[Network, ...], resolve: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own word
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        found = await self._resolve(host, port)
        addresses = [address for address in found if may_be_asked(address, self._allowed)]
        if not addresses:
            raise NoPictureError(f"{host} is inside the network, and not in MOSTRADOR_PICTURE_NETWORKS")
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses[:ADDRESSES_TRIED]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        assert failure is not None
        raise failure

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


def _url(link: str, before: httpx.URL | None = None) -> httpx.URL:
    try:
        url = httpx.URL(link) if before is None else before.join(link)
    except (httpx.InvalidURL, ValueError) as error:
        raise NoPictureError(f"no address: {error}") from error
    if url.port is not None and not 0 < url.port < 65536:
        raise NoPictureError(f"no address: there is no port {url.port}")
    if url.scheme not in ("http", "https") or not url.host:
        raise NoPictureError("no address that begins with https:// or http://")
    return url


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
