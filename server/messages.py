"""Messages in and out, in half the time that Litestar's own classes take.

Those weigh cookies, media types, work in the background and streams, none of which a door of ours has: it takes a small
JSON document and answers with one. They are Litestar's own places to say so, `request_class` and `response_class`.
"""

from typing import Any, TypeVar

import msgspec
from litestar import Request, Response, route
from litestar.enums import HttpMethod
from litestar.exceptions import InternalServerException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Empty, Receive, Scope, Send

T = TypeVar("T")

_encode = msgspec.json.Encoder().encode
_JSON = (b"content-type", b"application/json")


class Asked(Request[Any, Any, Any]):
    """A request whose body is read at once, where Litestar's comes through a generator of a stream."""

    async def body(self) -> bytes:
        if self._body is not Empty:
            return self._body
        largest = self.route_handler.resolve_request_max_body_size()
        parts: list[bytes] = []
        size = 0
        more = True
        while more:
            event = await self.receive()
            if event["type"] != "http.request":
                raise InternalServerException("client disconnected prematurely")
            parts.append(event["body"])
            size += len(event["body"])
            if largest is not None and size > largest:
                raise RequestEntityTooLarge
            more = event.get("more_body", False)
        self.is_connected = False
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        self._body = self._connection_state.body = body
        return body


class Answered(Response[T]):
    """A message as JSON. Whatever else an answer may be, a picture or a stream, has a class of its own."""

    def __init__(self, content: T, *, status_code: int | None = None, **_others: Any) -> None:
        self.content = content
        self.status_code = status_code

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIApp:  # type: ignore[override]
        return _Json(b"" if self.content is None else _encode(self.content), self.status_code or 200)


class _Json:
    __slots__ = ("_body", "_status")

    def __init__(self, body: bytes, status: int) -> None:
        self._body = body
        self._status = status

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        # Of an answer that never has a body there is no type and no length to tell.
        headers = [] if self._status == 204 else [_JSON, (b"content-length", str(len(self._body)).encode())]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


def told_methods(path: str, *methods: str) -> HTTPRouteHandler:
    """Tells the methods of an address that has several, registered before them: Litestar's own tells the first."""

    @route(path, http_method=[HttpMethod.OPTIONS], status_code=204, include_in_schema=False)
    async def options() -> Response[None]:
        return Response(None, headers={"Allow": ", ".join(("OPTIONS", *methods))})

    return options
