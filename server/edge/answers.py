"""What every answer carries for the browser that may have asked, and an answer that is nothing but a problem."""

from collections.abc import Iterable

import msgspec

from server.problems import MEDIA_TYPE
from server.wire.problems import ProblemError

Header = tuple[bytes, bytes]

SAFE: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
"""No browser is to make a page of what is none, to show it in one, or to tell where it has it from."""
_PLACES = {name: place for place, (name, _) in enumerate(SAFE, 1)}
ONLY_SECURE: Header = (b"strict-transport-security", b"max-age=31536000")
NOT_KEPT: Header = (b"cache-control", b"no-store")


def with_safe(headers: Iterable[Header], *, secure: bool) -> list[Header]:
    """The headers of an answer, made safe; only what says that it never changes may be kept.

    What is a page says itself what is safe for it.
    """
    safe = [NOT_KEPT, *SAFE]
    for header in headers:
        if header[0] in _PLACES:
            safe[_PLACES[header[0]]] = header
        elif header[0] != b"cache-control":
            safe.append(header)
        elif header[1].endswith(b"immutable"):
            safe[0] = header
    if secure:
        safe.append(ONLY_SECURE)
    return safe


def refusal(error: ProblemError, request_id: str | None) -> tuple[int, list[Header], bytes]:
    """Status, headers and body of an answer that is a problem."""
    problem = msgspec.structs.replace(error.problem, request_id=request_id)
    body = msgspec.json.encode(problem)
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    if problem.retry_after is not None:
        headers.append((b"retry-after", str(problem.retry_after).encode()))
    return problem.status, headers, body
