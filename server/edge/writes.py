"""An answer's head and body in one piece: to the system each write is a call, and to the network a packet."""

import asyncio
from typing import Any


class Together:
    """A transport that keeps the head of an answer until its body comes, or until the loop goes round where none does.

    Args:
        transport: what writes.
        loop: the loop it belongs to.
    """

    __slots__ = ("_head", "_loop", "_transport", "_waiting", "is_closing")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self.is_closing = transport.is_closing
        self._loop = loop
        self._head = b""
        self._waiting: asyncio.Handle | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write, or keep what an answer begins with."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
            data, self._head = self._head + data, b""
            self._transport.write(data)
        elif data.startswith(b"HTTP/1.1 "):
            self._head = data
            self._waiting = self._loop.call_soon(self._flush)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Close once everything is written."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
            head, self._head = self._head, b""
            if not self.is_closing():
                self._transport.write(head)
