"""A connection that does not wait for ever: what is no whole request yet is limited in size and in time.

httptools keeps a head of any length in memory, and uvicorn waits for one that does not come; what becomes a request is
checked by `sizes`.
"""

import asyncio
import ipaddress
from dataclasses import dataclass

import structlog
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from server.edge.answers import refusal, with_safe
from server.edge.edge import CUT_OFF
from server.edge.sizes import HEAD_TOO_LARGE, LARGEST_HEAD
from server.edge.writes import Together
from server.logs import REQUEST_ID
from server.networks import Network, is_in
from server.wire.problems import PROBLEMS, ProblemError

LAST_WORDS = 5.0
"""Seconds that the last answer of a connection has to be taken."""
IDLE = 75
"""Seconds that a connection stays open after an answer: who scans now and then need not open one each time."""


@dataclass(frozen=True)
class Limits:
    """What a connection may take.

    Attributes:
        head: seconds from the first byte of a request, or from the connection, until its headers are there.
        body: seconds in which at least `least` bytes of a body come, unless we are the ones who let it wait.
        least: bytes.
        taken: seconds in which something of an answer is taken.
        connections: that are open at once.
        only_from: whose connections are taken; None for everybody's.
    """

    head: float = 15
    body: float = 30
    least: int = 512
    taken: float = 60
    connections: int = 1000
    only_from: tuple[Network, ...] | None = None


def limited(limits_: Limits) -> type[HttpToolsProtocol]:
    """The connections of a server with these limits, for uvicorn."""

    class LimitedConnection(Connection):
        limits = limits_

    return LimitedConnection


class Connection(HttpToolsProtocol):
    """uvicorn's connection, with limits."""

    limits = Limits()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.transport = Together(transport, self.loop)  # type: ignore[assignment]
        # uvicorn writes addresses as they are asked for, numbers of customers included, wherever a logger takes them.
        self.access_log = False
        self._watch: asyncio.TimerHandle | None = None
        self._in_head, self._in_body, self._heard = True, False, False
        self._stuck_since: float | None = None
        self._head_bytes = self._body_bytes = 0
        self._since = self.loop.time()
        if len(self.connections) > self.limits.connections:
            self._end(_TOO_MANY)
        elif not self._is_let_in():
            self._end(_PLAIN_HTTP)
        else:
            limits = self.limits
            self._every = min(limits.head, limits.body, limits.taken) / 4
            self._watch = self.loop.call_later(self._every, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._heard = True
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        # What came together with the beginning of a head is not counted: it may be the end of the request before.
        if self._in_head and self._head_bytes > LARGEST_HEAD:
            self._end(HEAD_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes, self._since = True, 0, self.loop.time()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._in_head, self._in_body, self._body_bytes, self._since = False, True, 0, self.loop.time()

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()

    def pause_writing(self) -> None:
        self._stuck_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._stuck_since = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP; `msg` says no more than that."""
        del msg
        self._end(_NO_HTTP)

    def _is_let_in(self) -> bool:
        allowed = self.limits.only_from
        if allowed is None or self.client is None:
            return True
        peer = ipaddress.ip_address(self.client[0].partition("%")[0])
        return is_in(peer, allowed)

    def _look(self) -> None:
        """Look, now and then, whether something has been waited for too long."""
        self._watch = None
        if self.transport.is_closing():
            return
        now, limits = self.loop.time(), self.limits
        if self._stuck_since is not None and now - self._stuck_since >= limits.taken:
            self.transport.abort()
            return
        if self._in_head:
            if now - self._since >= limits.head:
                self._end(_SLOW_HEAD if self._heard else None)
                return
        elif self._in_body:
            if self.flow.read_paused:
                self._since, self._body_bytes = now, 0
            elif now - self._since >= limits.body:
                if self._body_bytes < limits.least:
                    self._end(_SLOW_BODY)
                    return
                self._since, self._body_bytes = now, 0
        self._watch = self.loop.call_later(self._every, self._look)

    def _end(self, error: ProblemError | None) -> None:
        """Close the connection, with a last answer where none has begun."""
        cycle = self.cycle
        busy = cycle is not None and not cycle.response_complete
        if busy:
            may_answer = not cycle.response_started and not self._in_head
            cycle.scope["state"][CUT_OFF] = 0 if error is None else PROBLEMS[error.code][0]
        else:
            may_answer = not self._in_body
            structlog.get_logger().info("connection_ended", why="idle" if error is None else error.code)
        if error is not None and may_answer:
            self.transport.write(_last_answer(error, secure=self.scheme == "https"))
        self.loop.call_later(LAST_WORDS, self.transport.abort)
        self.transport.close()


def _last_answer(error: ProblemError, *, secure: bool) -> bytes:
    status, headers, body = refusal(error, REQUEST_ID.get())
    headers = [*with_safe(headers, secure=secure), (b"connection", b"close")]
    return b"".join((STATUS_LINE[status], *(b"%s: %s\r\n" % header for header in headers), b"\r\n", body))


_NO_HTTP = ProblemError("invalid_request", "This is no HTTP request.")
_SLOW_HEAD = ProblemError("too_slow", "The headers did not come in time. Send them at once.")
_SLOW_BODY = ProblemError("too_slow", "The body came too slowly. Send it again where the network is better.")
_TOO_MANY = ProblemError("too_many_connections", "Others use all there are. Try again soon.", retry_after=10)
_PLAIN_HTTP = ProblemError("plain_http", "Without TLS only the proxy is answered. Use the proxy's address.")
