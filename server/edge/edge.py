"""The edge of the server: checks before a door, headers and a line in the log after it."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter
from typing import Protocol

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from msgspec import UNSET

from server.edge.answers import refusal, with_safe
from server.edge.asked import Asked, read
from server.edge.rates import RateCheck
from server.logs import REQUEST_ID, RequestLine, tell_request
from server.wire.base import timestamp
from server.wire.problems import ProblemError

Check = Callable[[Asked], ProblemError | None]
"""Why a request is refused, or None."""

CALLER = "caller"
"""Where a request's state (`scope["state"]`) has who asks, once that is known."""
AUTHORIZATION = "authorization"
"""Where it has the Authorization header, or None: nobody need look for it again."""
CUT_OFF = "cut_off"
"""Where it has the status of an answer that was given instead of the door's, because the request did not go on."""


class Caller(Protocol):
    """Who asks, as far as the log and the limits are concerned."""

    @property
    def device_id(self) -> int | None:
        """The device."""

    @property
    def staff_id(self) -> int | None:
        """Who is signed in on it."""

    @property
    def store(self) -> str | None:
        """Where it stands."""


class Edge:
    """Around everything: what a framework takes as middleware sees no request to an address that is none.

    Args:
        app: what answers the requests that are let in.
        checks: asked one after the other; the first refusal is the answer.
        rates: told who turned out to be known.
    """

    def __init__(self, app: ASGIApp, checks: tuple[Check, ...], rates: RateCheck) -> None:
        self._app = app
        self._checks = checks
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        asked = read(scope)
        REQUEST_ID.set(asked.id)
        scope["state"][AUTHORIZATION] = asked.token
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = with_safe(message["headers"], secure=asked.secure)
                headers.append((b"x-request-id", asked.id.encode()))
                message["headers"] = headers
            await send(message)

        try:
            for check in self._checks:
                refused = check(asked)
                if refused is not None:
                    await _refuse(answer, refused, asked.id)
                    return
            await self._app(scope, receive, answer)
        finally:
            self._note(scope, asked, status, perf_counter() - began)

    def _note(self, scope: HTTPScope, asked: Asked, status: int, seconds: float) -> None:
        state = scope["state"]
        caller: Caller | None = state.get(CALLER)
        who = (UNSET, UNSET, UNSET) if caller is None else (caller.device_id, caller.staff_id, caller.store)
        line = RequestLine(
            timestamp(datetime.now(UTC)),
            "info",
            "request",
            asked.id,
            f"{asked.method} {scope.get('path_template', '-')}",
            state.get(CUT_OFF, status),
            round(seconds * 1000, 2),
            *who,
        )
        if caller is not None and caller.device_id is not None:
            self._rates.answered(asked, known=True)
        elif status == 401:
            self._rates.answered(asked, known=False)
        tell_request(line)


async def _refuse(send: Send, error: ProblemError, request_id: str) -> None:
    status, headers, body = refusal(error, request_id)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
