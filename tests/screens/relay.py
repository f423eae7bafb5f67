"""A stretch of bad network between tablet and server: it passes on what it is given, late or never, as a test says."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import NamedTuple, Self

from tests.screens.display import PATIENCE

_HEAD_END = b"\r\n\r\n"
_STREAM = b"content-type: text/event-stream"


class Passed(NamedTuple):
    """An answer that was passed on: what was asked, when, and when the server had answered (`time.monotonic`)."""

    path: str
    asked: float
    answered: float


class Held:
    """An answer that waits on its way."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.there = threading.Event()
        self.passed = threading.Event()
        self._gone = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def wait(self) -> None:
        """Say that the answer is there, and wait until it may go on."""
        self._loop = asyncio.get_running_loop()
        self.there.set()
        await self._gone.wait()

    def arrived(self) -> None:
        """Wait until the server has answered."""
        assert self.there.wait(PATIENCE), f"{self.path} was not asked for"

    def release(self) -> None:
        """Let it go on; it is on its way to the tablet when this returns."""
        self.arrived()
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._gone.set)
        assert self.passed.wait(PATIENCE), f"the answer to {self.path} could not be passed on"


class Relay:
    """Passes requests on to a server while the block runs, on a port of loopback of its own."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._holding: list[Held] = []
        self._lock = threading.Lock()
        self._open: set[asyncio.StreamWriter] = set()
        self.passed: list[Passed] = []

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),), name="relay")
        self._ended = asyncio.Event()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(PATIENCE)
        self._loop.close()

    def hold(self, path: str) -> Held:
        """Hold the next answer to a path that begins so."""
        held = Held(path)
        with self._lock:
            self._holding.append(held)
        return held

    @contextlib.contextmanager
    def holding(self, path: str) -> Iterator[Held]:
        """Hold the next answer to a path until the block ends."""
        held = self.hold(path)
        try:
            yield held
        finally:
            with self._lock:
                if held in self._holding:
                    self._holding.remove(held)
            if held.there.is_set() and not held.passed.is_set():
                held.release()

    def lead_to(self, port: int) -> None:
        """Break all connections, and pass on to another port from then on."""
        self._to = port
        self._loop.call_soon_threadsafe(self._break)

    def count(self, path: str) -> int:
        """How many answers to a path were passed on."""
        return sum(passed.path.startswith(path) for passed in self.passed)

    async def _run(self) -> None:
        server = await asyncio.start_server(self._serve, sock=self._listener)
        await self._ended.wait()
        server.close()
        self._break()
        await server.wait_closed()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _break(self) -> None:
        for writer in self._open:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        onward: asyncio.StreamWriter | None = None
        # Who is cut off at the end ends like any other: asyncio's streams complain of a task that was cancelled.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            # A server that cannot be reached is passed on as well: as a connection that breaks.
            back, onward = await asyncio.open_connection("127.0.0.1", self._to)
            self._open.add(onward)
            while True:
                request = await _message(reader)
                asked = time.monotonic()
                onward.write(request)
                answer = await _message(back)
                answered = time.monotonic()
                path = request.split(b" ", 2)[1].decode()
                held = self._held(path)
                if held is not None:
                    await held.wait()
                writer.write(answer)
                with contextlib.suppress(OSError):
                    await writer.drain()
                self.passed.append(Passed(path, asked, answered))
                if held is not None:
                    held.passed.set()
                if _STREAM in answer.lower():
                    while said := await back.read(65536):
                        writer.write(said)
                        await writer.drain()
                    break
        for end in (writer, onward):
            if end is not None:
                end.close()
                self._open.discard(end)

    def _held(self, path: str) -> Held | None:
        with self._lock:
            for held in self._holding:
                if path.startswith(held.path):
                    self._holding.remove(held)
                    return held
        return None


async def _message(reader: asyncio.StreamReader) -> bytes:
    """A request or answer, whole, or of a stream its head; both our programs say how long all others are."""
    head = await reader.readuntil(_HEAD_END)
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head + (await reader.readexactly(length) if length else b"")
