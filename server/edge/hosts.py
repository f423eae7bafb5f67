"""Answer only to names that are ours, and to no web page of another name.

A page elsewhere can make the browser beside us send requests: to a name of its own that leads here (DNS rebinding, seen
in Host), or here in its own name, without reading the answer but with all that a write does (request forgery, seen in
Origin, which browsers always send then and programs never).
"""

import re

from server.edge.asked import Asked
from server.wire.problems import ProblemError

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

_HOST = re.compile(rb"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::[0-9]{0,5})?")
_ORIGIN = re.compile(rb"https?://(.+)")


class HostCheck:
    """Refuses requests whose Host or Origin, its port aside, is none of the allowed names."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self._allowed = frozenset(name.lower().encode() for name in (*LOOPBACK, *allowed))

    def __call__(self, asked: Asked) -> ProblemError | None:
        if asked.origin is not None:
            origin = _ORIGIN.fullmatch(asked.origin.lower())
            if origin is None or not self._is_ours(origin[1]):
                return _WRONG_ORIGIN
        if asked.host is None or not self._is_ours(asked.host.lower()):
            return _WRONG_HOST
        return None

    def _is_ours(self, host: bytes) -> bool:
        found = _HOST.fullmatch(host)
        return found is not None and found[1] in self._allowed


_WRONG_HOST = ProblemError(
    "wrong_host", "Use the address the server was given, or add the name to MOSTRADOR_ALLOWED_HOSTS."
)
_WRONG_ORIGIN = ProblemError(
    "wrong_origin",
    "A web page of another address sent this. If it is yours, add its name to MOSTRADOR_ALLOWED_HOSTS.",
)
