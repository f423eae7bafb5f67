"""Answer only to names that are ours, and to no web page of another name.

A page elsewhere can make the browser beside us send requests: to a name of its own that leads here (DNS rebinding, seen
in Host), or here in its own name, without reading the answer but with all that a write does (request forgery, seen in
Origin, which browsers always send then and programs never).
"""

import ipaddress
import re

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from server.problems import MEDIA_TYPE
from server.wire.problems import Problem, ProblemError

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

_HOST = re.compile(rb"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::[0-9]{0,5})?")
_ORIGIN = re.compile(rb"https?://(.+)")


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class HostCheck:
    """Refuses requests whose Host or Origin, its port aside, is none of the allowed names."""

    def __init__(self, app: ASGIApp, allowed: tuple[str, ...]) -> None:
        self._app = app
        self._allowed = frozenset(name.lower().encode() for name in (*LOOPBACK, *allowed))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            hosts: list[bytes] = []
            for name, value in scope["headers"]:
                if name == b"host":
                    hosts.append(value)
                elif name == b"origin":
                    origin = _ORIGIN.fullmatch(value.lower())
                    if origin is None or not self._is_ours(origin[1]):
                        await _refuse(send, _WRONG_ORIGIN)
                        return
            if len(hosts) != 1 or not self._is_ours(hosts[0].lower()):
                await _refuse(send, _WRONG_HOST)
                return
        await self._app(scope, receive, send)

    def _is_ours(self, host: bytes) -> bool:
        found = _HOST.fullmatch(host)
        return found is not None and found[1] in self._allowed


_WRONG_HOST = ProblemError(
    "wrong_host", "Use the address the server was given, or add the name to MOSTRADOR_ALLOWED_HOSTS."
).problem
_WRONG_ORIGIN = ProblemError(
    "wrong_origin",
    "A web page of another address sent this. If it is yours, add its name to MOSTRADOR_ALLOWED_HOSTS.",
).problem


async def _refuse(send: Send, problem: Problem) -> None:
    body = msgspec.json.encode(problem)
    await send(
        {
            "type": "http.response.start",
            "status": problem.status,
            "headers": [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
