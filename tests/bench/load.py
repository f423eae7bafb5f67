"""Two ways to load a server over loopback: wrk, as fast as it answers, and a client of ours, at a pace of its own.

wrk keeps all its connections busy, so its times hold the waiting in a queue of our own making; the paced client asks
at random moments (Poisson), as tills and tablets do, whether or not earlier questions have been answered.
"""

import asyncio
import gc
import math
import subprocess
import time
from collections import Counter
from collections.abc import Coroutine, Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, Self, TypeVar

import msgspec
import uvloop

from tests.server.people import KNOWN

LUA = Path(__file__).with_name("load.lua")
T = TypeVar("T")


class Load(msgspec.Struct):
    """What came of a load. `failed` counts answers that were none, or none of 2xx; times are in milliseconds."""

    requests: int
    seconds: float
    failed: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class Said(Load):
    """What `load.lua` says: `times` has each time in microseconds, and how often it was measured."""

    times: list[tuple[int, int]]


class Request(NamedTuple):
    """A request as it goes over the wire, but for the headers."""

    method: str
    path: str
    body: bytes = b""

    @property
    def line(self) -> bytes:
        """As `load.lua` reads it."""
        return f"{self.method} {self.path} ".encode() + self.body

    @property
    def wire(self) -> bytes:
        """As it is sent."""
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {KNOWN.hq}\r\n"
        if self.body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n"
        return head.encode() + b"\r\n" + self.body


def write_list(path: Path, requests: Iterable[Request]) -> Path:
    """Write a file for wrk."""
    path.write_bytes(b"\n".join(request.line for request in requests) + b"\n")
    return path


class Wrk:
    """A wrk of one thread for each server, which run while the block does.

    Args:
        urls: of the servers.
        list_: what `write_list` wrote.
        seconds: how long it loads.
        connections: all of them always busy; each server gets its part of them.
        start: how many requests of the list to pass over at first.
        key_prefix: if given, each request gets an Idempotency-Key of its own that begins so.
    """

    def __init__(
        self,
        urls: Sequence[str],
        list_: Path,
        seconds: int,
        connections: int,
        *,
        start: int = 0,
        key_prefix: str | None = None,
    ) -> None:
        self._seconds = seconds
        # They go through the list at a distance, so that they do not all ask the same, or write to the same rows.
        apart = list_.read_bytes().count(b"\n") // len(urls)
        self._commands = [
            ["wrk", "-t1", f"-c{connections // len(urls)}", f"-d{seconds}s", "--timeout", "10s", "-s", str(LUA)]
            + ["-H", f"Authorization: Bearer {KNOWN.hq}"]
            + [url, "--", str(list_), str(start + number * apart)]
            + ([f"{key_prefix}{number}-"] if key_prefix else [])
            for number, url in enumerate(urls)
        ]
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        try:
            for command in self._commands:
                self._processes.append(
                    subprocess.Popen(
                        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
                    )
                )
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait()

    def result(self) -> Load:
        """Wait for the end of all.

        Raises:
            RuntimeError: one said something else than its result.
        """
        return merged([self._said(process) for process in self._processes])

    def _said(self, process: subprocess.Popen[bytes]) -> Said:
        said, _ = process.communicate(timeout=self._seconds + 30)
        for line in said.splitlines():
            if line.startswith(b"RESULT "):
                return msgspec.json.decode(line[7:], type=Said)
        raise RuntimeError(f"wrk did not measure anything: {said.decode('utf-8', 'replace')[-1000:]}")


def merged(loads: Sequence[Said]) -> Load:
    """Loads that ran side by side as one: percentiles are those of all their times together."""
    if len(loads) == 1:
        return loads[0]
    counts: Counter[int] = Counter()
    for one in loads:
        for microseconds, count in one.times:
            counts[microseconds] += count
    return Load(
        requests=sum(one.requests for one in loads),
        # They begin and end together but for milliseconds: the longest is the one in which all of it was done.
        seconds=max(one.seconds for one in loads),
        failed=sum(one.failed for one in loads),
        p50_ms=_percentile_of(counts, 50) / 1000,
        p99_ms=_percentile_of(counts, 99) / 1000,
        max_ms=max(one.max_ms for one in loads),
    )


def _percentile_of(counts: Counter[int], percent: float) -> float:
    """As `percentile`, of values that are counted."""
    wanted, seen = math.ceil(counts.total() * percent / 100), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= wanted:
            return value
    return math.nan


def wrk(
    urls: Sequence[str],
    list_: Path,
    seconds: int,
    connections: int,
    *,
    start: int = 0,
    key_prefix: str | None = None,
) -> Load:
    """Load servers for some seconds; see `Wrk`."""
    with Wrk(urls, list_, seconds, connections, start=start, key_prefix=key_prefix) as running:
        return running.result()


def load_of(times: Sequence[float], seconds: float, failed: int) -> Load:
    """A load's figures out of the times (seconds) that its requests took."""
    ordered = sorted(times)
    return Load(
        requests=len(ordered),
        seconds=seconds,
        failed=failed,
        p50_ms=percentile(ordered, 50) * 1000,
        p99_ms=percentile(ordered, 99) * 1000,
        max_ms=(ordered[-1] if ordered else math.nan) * 1000,
    )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The least of ordered values that so many percent are not above (nearest rank)."""
    return ordered[max(math.ceil(len(ordered) * percent / 100) - 1, 0)] if ordered else math.nan


class Answer(NamedTuple):
    """An answer, and the seconds from the first byte sent to the last one received."""

    status: int
    body: bytes
    seconds: float


class Connection(asyncio.Protocol):
    """One connection that is kept, for one question at a time; as little work as can be, for it is timed."""

    def __init__(self) -> None:
        self.open = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._answer: asyncio.Future[Answer] | None = None
        self.open = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        """Send a request."""
        self._answer = asyncio.get_running_loop().create_future()
        self._received = b""
        self._length = -1
        self._started = time.perf_counter()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._length < 0:
            head, end, _ = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            _, _, after = head.lower().partition(b"content-length:")
            self._length = len(head) + 4 + int(after.partition(b"\r\n")[0])
        if len(self._received) >= self._length and self._answer is not None:
            seconds = time.perf_counter() - self._started
            status, body = int(self._received[9:12]), self._received.partition(b"\r\n\r\n")[2]
            self._answer.set_result(Answer(status, body, seconds))

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


class Pool:
    """Connections that are used again, the one that was used last first."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[Connection] = []

    async def take(self) -> Connection:
        while self._free:
            connection = self._free.pop()
            if connection.open:
                return connection
        _, made = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", self._port)
        return made

    async def ask(self, request: bytes) -> Answer:
        connection = await self.take()
        answer = await connection.ask(request)
        self._free.append(connection)
        return answer

    async def warm(self, count: int) -> None:
        self._free += [await self.take() for _ in range(count)]

    def close(self) -> None:
        for connection in self._free:
            connection.close()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a client's work to its end, without Python's garbage collector in between."""
    gc.collect()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work)
    finally:
        gc.enable()


class Asked(NamedTuple):
    """Which request it was, and what was answered."""

    number: int
    answer: Answer


async def in_turn(ports: Sequence[int], requests: Sequence[Request], seconds: float, at_least: int) -> list[Asked]:
    """Ask one question after the other over a connection each: for some seconds, or longer until there were enough.

    Servers take turns, each with all of the questions.
    """
    pools = [Pool(port) for port in ports]
    wires = [request.wire for request in requests]
    asked: list[Asked] = []
    started = time.perf_counter()
    try:
        while (took := time.perf_counter() - started) < seconds or (len(asked) < at_least and took < 4 * seconds):
            turn, index = divmod(len(asked), len(wires))
            asked.append(Asked(index, await pools[turn % len(pools)].ask(wires[index])))
    finally:
        for pool in pools:
            pool.close()
    return asked


class Stream(NamedTuple):
    """Requests to send at random moments, so many a second on average."""

    requests: Sequence[Request]
    per_second: float


async def paced(ports: Sequence[int], streams: Sequence[Stream], seconds: float, seed: str) -> list[Load]:
    """Ask at the moments that were drawn before, whatever else is under way; a load for each stream.

    Servers take turns, each with one question.
    """
    rng = Random(seed)
    moments: list[tuple[float, int, bytes]] = []
    for number, stream in enumerate(streams):
        at, index = rng.expovariate(stream.per_second), 0
        while at < seconds:
            moments.append((at, number, stream.requests[index % len(stream.requests)].wire))
            at, index = at + rng.expovariate(stream.per_second), index + 1
    moments.sort()
    pools = [Pool(port) for port in ports]
    for pool in pools:
        await pool.warm(16)
    answers: list[tuple[int, asyncio.Task[Answer]]] = []
    started = time.perf_counter()
    try:
        for at, number, wire in moments:
            wait = at - (time.perf_counter() - started)
            await asyncio.sleep(max(wait, 0))
            pool = pools[len(answers) % len(pools)]
            answers.append((number, asyncio.create_task(pool.ask(wire))))
        await asyncio.wait([task for _, task in answers], timeout=30)
    finally:
        for _, task in answers:
            task.cancel()
        for pool in pools:
            pool.close()
    times: list[list[float]] = [[] for _ in streams]
    failed = [0 for _ in streams]
    for number, task in answers:
        if task.cancelled() or not task.done() or task.exception() is not None or task.result().status >= 300:
            failed[number] += 1
        else:
            times[number].append(task.result().seconds)
    return [load_of(t, seconds, f) for t, f in zip(times, failed, strict=True)]
