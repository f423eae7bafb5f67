"""Answer only to names that are ours, so that no web page elsewhere can make a browser beside us speak to us.

The attack is called DNS rebinding.
"""

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from server.problems import MEDIA_TYPE
from server.wire.problems import ProblemError

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class HostCheck:
    """Refuses requests whose Host header, its port aside, is none of the allowed names."""

    def __init__(self, app: ASGIApp, allowed: tuple[str, ...]) -> None:
        self._app = app
        self._allowed = frozenset(name.lower().encode() for name in (*LOOPBACK, *allowed))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            hosts = [value for name, value in scope["headers"] if name == b"host"]
            if len(hosts) != 1 or _without_port(hosts[0]).lower() not in self._allowed:
                await _refuse(send)
                return
        await self._app(scope, receive, send)


def _without_port(host: bytes) -> bytes:
    if host.startswith(b"["):
        return host[: host.find(b"]") + 1]
    return host.partition(b":")[0]


async def _refuse(send: Send) -> None:
    problem = ProblemError(
        "wrong_host", "Use the address the server was given, or add the name to MOSTRADOR_ALLOWED_HOSTS."
    ).problem
    await send(
        {
            "type": "http.response.start",
            "status": problem.status,
            "headers": [(b"content-type", MEDIA_TYPE.encode())],
        }
    )
    await send({"type": "http.response.body", "body": msgspec.json.encode(problem), "more_body": False})
