"""A request as the checks see it: read once, whatever it is that asks."""

import re
from random import Random
from typing import NamedTuple

from litestar.types import HTTPScope

_random = Random()  # noqa: S311 - a request's name is no secret, and the system's own numbers take ten times as long
_REQUEST_ID = re.compile(rb"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""A UUID, with or without its dashes. Anything else could be a card or a token, and would come to the log."""


class Asked(NamedTuple):
    """What stands in a request's head.

    Attributes:
        method: as it is sent, upper case.
        path: unquoted, without the query.
        query: bytes of the query.
        peer: address of who asks, as far as trusted proxies tell it; empty where it is none.
        secure: whether it came over TLS, to us or to a trusted proxy.
        id: what the request is called in the log and in its answer.
        host: the Host header; None where there is none, or more than one.
        origin: the Origin headers, joined where there are more.
        token: the Authorization header; two of them are as good as a wrong one.
        headers: how many there are.
        size: bytes of path, query and headers.
    """

    method: str
    path: str
    query: int
    peer: str
    secure: bool
    id: str
    host: bytes | None
    origin: bytes | None
    token: bytes | None
    headers: int
    size: int


def read(scope: HTTPScope) -> Asked:
    """Read a request's head."""
    host = origin = token = given = None
    hosts = 0
    count = 0
    query = len(scope["query_string"])
    size = len(scope["raw_path"]) + query
    for name, value in scope["headers"]:
        count += 1
        size += len(name) + len(value)
        if name == b"host":
            host = value
            hosts += 1
        elif name == b"authorization":
            token = value if token is None else b""
        elif name == b"origin":
            origin = value if origin is None else origin + b", " + value
        elif name == b"x-request-id":
            given = value
    client = scope["client"]
    return Asked(
        scope["method"],
        scope["path"],
        query,
        client[0] if client else "",
        scope["scheme"] == "https",
        given.decode().lower()
        if given is not None and _REQUEST_ID.fullmatch(given)
        else f"{_random.getrandbits(128):032x}",
        host if hosts == 1 else None,
        origin,
        token,
        count,
        size,
    )
