"""A PostgreSQL behind a network of the tests' own, which may vanish without a word, as a machine does that loses power.

What stands between hears nothing any more then: the kernel throws away whatever comes for its sockets, so that nothing
is acknowledged, refused or closed. Linux alone can do this; it needs no rights.
"""

import ctypes
import selectors
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27
_DROP_ALL = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # "return 0 bytes" of any packet
_PROGRAM = struct.pack("HxxxxxxP", 1, ctypes.addressof(_DROP_ALL))
PIECE = 65_536


class FarAway:
    """A way to a server, from a port of loopback.

    Attributes:
        port: its near end.
    """

    def __init__(self, server: Path) -> None:
        self._server = server
        self._door = socket.create_server(("127.0.0.1", 0))
        self._near: list[socket.socket] = []
        self._ends: dict[socket.socket, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._door, selectors.EVENT_READ)
        self._wake, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._carry, name="far-away")
        self.port: int = self._door.getsockname()[1]
        self._thread.start()

    def vanish(self) -> None:
        """From now on nothing arrives, and nobody is told."""
        for end in (self._door, *self._near):
            with suppress(OSError):  # closed in the meantime
                end.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, _PROGRAM)

    def come_back(self) -> None:
        """New connections arrive again; of the old ones nobody knows any more."""
        self._door.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)

    def close(self) -> None:
        self._wake.close()
        self._thread.join()
        for end in (self._door, self._woken, *self._ends):
            end.close()
        self._selector.close()

    def _carry(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._woken:
                    return
                if key.fileobj is self._door:
                    self._open()
                else:
                    self._pass_on(key.fileobj)  # type: ignore[arg-type]

    def _open(self) -> None:
        near, _ = self._door.accept()
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(self._server))
        self._near.append(near)
        for one, other in ((near, far), (far, near)):
            self._ends[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, end: socket.socket) -> None:
        other = self._ends.get(end)
        if other is None:
            return  # its other end was closed in this very moment
        try:
            piece = end.recv(PIECE)
            if piece:
                other.sendall(piece)
        except OSError:
            piece = b""
        if not piece:
            for closed in (end, other):
                self._selector.unregister(closed)
                del self._ends[closed]
                closed.close()


@contextmanager
def far_away(folder: Path) -> Iterator[FarAway]:
    """A way to the server whose socket is in a folder."""
    way = FarAway(folder / ".s.PGSQL.5432")
    try:
        yield way
    finally:
        way.close()
