"""Runs the kiosk's programs: starts, shows and ends them as the succession says. It sees nothing of any customer."""

import asyncio
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from kiosk.standby.succession import SOUND, End, Order, Show, Start, Succession

TICK = 0.25
"""Seconds between two looks at the clock."""


class Supervisor:
    """Runs until it is told to stop.

    Args:
        command: what starts one program; `--seat N` is added, the descriptor of the socket that it speaks by.
        sound: seconds after which a program that ended by itself counts as one that worked.
    """

    def __init__(self, command: Sequence[str], sound: float = SOUND) -> None:
        self._command = command
        self._succession = Succession(time.monotonic(), sound)
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._writers: dict[int, asyncio.StreamWriter] = {}
        self._listening: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Keep a program in front until SIGTERM or SIGINT."""
        # Nothing that a program held may get into a file when it crashes.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        try:
            while not stopping.is_set():
                await self._do(self._succession.tick(time.monotonic()))
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), TICK)
        finally:
            for process in self._running.values():
                process.kill()
                process.wait()
            for task in self._listening:
                task.cancel()

    async def _do(self, orders: Sequence[Order]) -> None:
        for order in orders:
            match order:
                case Start(number=number):
                    await self._start(number)
                case Show(number=number):
                    self._say(number, b"show\n")
                case End(number=number):
                    if process := self._running.get(number):
                        process.kill()

    async def _start(self, number: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._running[number] = self._spawn(theirs.fileno())
        reader, self._writers[number] = await asyncio.open_connection(sock=ours)
        listening = asyncio.ensure_future(self._listen(number, reader))
        self._listening.add(listening)
        listening.add_done_callback(self._listening.discard)

    def _spawn(self, seat: int) -> subprocess.Popen[bytes]:
        """A program, by a fork that takes no time."""
        return subprocess.Popen([*self._command, "--seat", str(seat)], pass_fds=(seat,), stdin=subprocess.DEVNULL)

    def _say(self, number: int, words: bytes) -> None:
        if writer := self._writers.get(number):
            writer.write(words)

    async def _listen(self, number: int, reader: asyncio.StreamReader) -> None:
        """Hear a program until it has ended."""
        with suppress(OSError):
            while line := await reader.readline():
                now = time.monotonic()
                self._succession.heard(number, now)
                match line:
                    case b"ready\n":
                        await self._do(self._succession.ready(number, now))
                    case b"shown\n":
                        await self._do(self._succession.shown(number, now))
                    case b"over\n":
                        await self._do(self._succession.over(number, now))
                    case _:
                        pass
        self._writers.pop(number).close()
        process = self._running.pop(number)
        # The socket is closed by its end, whichever way that came.
        process.kill()
        await asyncio.to_thread(process.wait)
        await self._do(self._succession.ended(number, time.monotonic()))


def supervise(arguments: Sequence[str]) -> None:
    """Run the kiosk with these options until it is told to stop."""
    asyncio.run(Supervisor([sys.executable, "-m", "kiosk.kiosk_cli", *arguments]).run())
