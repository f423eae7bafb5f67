"""Pictures are taken apart in processes beside: one that a picture kills, or holds up, costs that picture alone.

`python -m server.catalog.pictures.beside` is such a process: it is given pictures, and answers each with what devices
show of it, or why there is nothing to show. It may take so much memory and no more, and lives as long as its input.
"""

import asyncio
import gc
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO

import msgspec

from server.catalog.pictures.shape import NoPictureError, Shrunk

PATIENCE = 20.0
"""Seconds that one picture may take; the largest that are taken need some two."""
MEMORY = 768 * 1024 * 1024
"""Bytes that a process may ask for; the largest picture that is taken needs two thirds of it."""
PROCESSES = max(1, min(4, (os.cpu_count() or 1)))
_SIZE = 8
"""Bytes before each message: how many follow."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Shrunk | None, str]).decode


class Shrinker:
    """So many processes as there are processors; more who ask at once wait for each other."""

    def __init__(self, processes: int = PROCESSES, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._idle: asyncio.LifoQueue[asyncio.subprocess.Process | None] = asyncio.LifoQueue()
        for _ in range(processes):
            self._idle.put_nowait(None)
        self._all: set[asyncio.subprocess.Process] = set()

    async def shrink(self, content: bytes) -> Shrunk:
        """A picture in the sizes that devices show.

        Raises:
            NoPictureError: it is none, is damaged, or takes too much.
        """
        process, fit = await self._idle.get(), False
        try:
            process = process or await self._start()
            async with asyncio.timeout(self._patience):
                shrunk, reason = await _asked(process, content)
            fit = True
        except TimeoutError as error:
            raise NoPictureError(f"it takes longer than {self._patience:g} seconds to unpack") from error
        except (OSError, EOFError) as error:
            raise NoPictureError("it cannot be unpacked") from error
        finally:
            # One that was not heard to the end would give its answer to whoever asks next.
            if process is not None and not fit:
                _end(process)
            self._idle.put_nowait(process if fit else None)
        if shrunk is None:
            raise NoPictureError(reason)
        return shrunk

    async def close(self) -> None:
        """End the processes."""
        for process in self._all:
            _end(process)
            # Until its pipes are closed too.
            await process.communicate()

    async def _start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "server.catalog.pictures.beside"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        self._all.add(process)
        return process


def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()


async def _asked(process: asyncio.subprocess.Process, content: bytes) -> tuple[Shrunk | None, str]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(len(content).to_bytes(_SIZE, "big"))
    process.stdin.write(content)
    await process.stdin.drain()
    size = int.from_bytes(await process.stdout.readexactly(_SIZE), "big")
    return _decode(await process.stdout.readexactly(size))


def _receive(pipe: IO[bytes]) -> bytes | None:
    """The next picture, or None where there is none, or not all of one."""
    size = int.from_bytes(pipe.read(_SIZE), "big")
    content = pipe.read(size)
    return content if size and len(content) == size else None


def _answer(shrink: Callable[[bytes], Shrunk], content: bytes) -> bytes:
    try:
        return _encode((shrink(content), ""))
    except NoPictureError as error:
        return _encode((None, str(error)))


def main() -> None:
    """Be such a process."""
    # Whoever only asks needs no codecs.
    from server.catalog.pictures.shrinking import shrink  # noqa: PLC0415

    # Ctrl-C is for whoever started us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Whoever serves people comes first.
    os.nice(10)
    gc.freeze()
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    with suppress(BrokenPipeError):
        while (content := _receive(asked)) is not None:
            answer = _answer(shrink, content)
            answers.write(len(answer).to_bytes(_SIZE, "big"))
            answers.write(answer)
            answers.flush()


if __name__ == "__main__":
    main()
