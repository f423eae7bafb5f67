"""The server as a process of its own: how it starts, how much it takes, and how it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType

import httpx

from server.ingest.intake import BATCH
from tests.overheard import require_nobody
from tests.server.given import customer, stock
from tests.server.http.conftest import PATIENCE, client_of
from tests.server.people import ENVIRONMENT, Tokens, tokens_in
from tests.server.small_shop import LONG_AGO, ndjson
from tests.waiting import until


@dataclass(frozen=True)
class Process:
    """A server that runs."""

    process: "subprocess.Popen[str]"
    port: int
    database: Path
    tokens: Tokens
    told: list[str]
    listening: threading.Thread

    @property
    def highest_memory(self) -> int:
        """The most memory that the process ever had, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("utf-8")
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found
        return int(found[1]) * 1024

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; the exit status and what was said."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        """Wait for its end; the exit status and what was said."""
        status = self.process.wait(PATIENCE)
        self.listening.join(PATIENCE)
        assert not self.listening.is_alive()
        return status, "".join(self.told)


def environ(folder: Path, **settings: str) -> dict[str, str]:
    """An environment with nothing in it but what is given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    own = {"MOSTRADOR_DATABASE": f"sqlite:///{folder / 'shop.db'}", "MOSTRADOR_RATE_LIMIT": "0"}
    return {**kept, **own, **ENVIRONMENT, **settings}


class Served(subprocess.Popen[str]):
    """A program that ends with the block it serves in, also where nobody told it to."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Popen's own way is to wait for it, and a server that nobody stops is waited for without end.
        self.kill()
        super().__exit__(kind, error, trace)


def serve(folder: Path, *arguments: str, **settings: str) -> Served:
    """Start `mostrador serve`; warnings are errors there too."""
    return Served(
        [sys.executable, "-W", "error", "-m", "server", "serve", *arguments],
        cwd=Path(__file__).parents[3],
        env=environ(folder, **settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def served(folder: Path, shown: Tokens | None = None, **settings: str) -> Iterator[Process]:
    """A server on a port that the system chose, and tokens for it: those that were made before, or new ones."""
    if shown is None:
        shown = tokens_in(environ(folder, **settings)["MOSTRADOR_DATABASE"])
    told: list[str] = []
    with serve(folder, "--port", "0", **settings) as process:
        assert process.stderr is not None
        # A server whose log nobody takes stops when the pipe is full.
        listening = threading.Thread(target=told.extend, args=(process.stderr,), name="log", daemon=True)
        try:
            while "running on" not in (line := process.stderr.readline()):
                assert line, told
                told.append(line)
            told.append(line)
            port = int(line.split("127.0.0.1:")[1].split()[0])
            listening.start()
            yield Process(process, port, folder / "shop.db", shown, told, listening)
        finally:
            process.kill()
            if listening.is_alive():
                listening.join(PATIENCE)
                assert not listening.is_alive(), "somebody else holds the server's log"
    require_nobody("".join(told), "a server that was a program of its own")


def test_a_request_under_way_is_finished_before_the_server_ends(tmp_path: Path) -> None:
    """SIGTERM closes the door at once, lets who is in finish and keeps what they brought; the exit status is 0."""
    lines = ndjson(customer(str(n), LONG_AGO, given_name="Ana") for n in range(3 * BATCH))
    half = len(lines) // 2
    with served(tmp_path) as server, socket.create_connection(("127.0.0.1", server.port), PATIENCE) as sender:
        head = b"POST /v1/records HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        head += f"Authorization: Bearer {server.tokens.sync}\r\n\r\n".encode()
        sender.sendall(head + b"%x\r\n" % half + lines[:half] + b"\r\n")
        with client_of(server.port, server.tokens.associate) as client:
            until(lambda: client.post("/v1/customers/search", json={"text": "ana"}).json()["hits"])
        server.process.send_signal(signal.SIGTERM)
        until(lambda: _is_closed(server.port))
        rest = lines[half:]
        sender.sendall(b"%x\r\n" % len(rest) + rest + b"\r\n0\r\n\r\n")
        answer = b""
        while part := sender.recv(65536):
            answer += part
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b'"new":%d,' % (3 * BATCH) in answer
        status, said = server.ended()
        assert (status, "Traceback" in said) == (0, False)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["shop.db", "shop.db.heads"], "the database was not closed"


def test_open_streams_do_not_hold_the_end_up(tmp_path: Path) -> None:
    """A stream never ends by itself: it ends when the server is told to, and the server with it."""
    with (
        served(tmp_path) as server,
        client_of(server.port, server.tokens.tablet) as client,
        client.stream("GET", "/v1/live") as stream,
    ):
        lines = stream.iter_lines()
        assert "opened" in next(lines) + next(lines)
        assert server.stop()[0] == 0


def test_a_balancer_is_told_before_the_door_is_closed(tmp_path: Path) -> None:
    """With MOSTRADOR_DRAIN a server that was told to stop lets new connections in for a while, and is not ready."""
    with served(tmp_path, MOSTRADOR_DRAIN="1.5") as server:
        ask = partial(httpx.get, f"http://127.0.0.1:{server.port}/health/ready", trust_env=False)
        assert ask().is_success
        server.process.send_signal(signal.SIGTERM)
        while (answer := ask()).is_success:
            pass
        assert (answer.status_code, answer.json()["code"]) == (503, "stopping")
        with client_of(server.port, server.tokens.tablet) as client:
            assert client.get("/v1/stores").is_success
        until(lambda: _is_closed(server.port))
        status, said = server.ended()
        assert (status, "Traceback" in said) == (0, False), said


def test_a_second_signal_does_not_wait(tmp_path: Path) -> None:
    """Whoever presses Ctrl-C twice means it."""
    with served(tmp_path, MOSTRADOR_DRAIN="300") as server:
        ask = partial(httpx.get, f"http://127.0.0.1:{server.port}/health/ready", trust_env=False)
        assert ask().is_success
        server.process.send_signal(signal.SIGINT)
        until(lambda: not ask().is_success)
        assert server.stop(signal.SIGINT)[0] == 0


def _is_closed(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), PATIENCE):
            return False
    except ConnectionError:
        return True


def test_long_streams_take_no_memory(tmp_path: Path) -> None:
    """20,000 lines, and a packed line of 256 MB, are read in the memory that the server has anyway; Ctrl-C ends it."""
    with served(tmp_path) as server, client_of(server.port, server.tokens.sync) as client:
        client.timeout = 60
        assert client.get("/health/ready").is_success
        first = client.post("/v1/records", content=ndjson(stock(1, LONG_AGO, sku=f"A{n}") for n in range(BATCH)))
        assert first.json()["new"] == BATCH
        before = server.highest_memory
        megabyte = b" " * 2**20
        packer = zlib.compressobj(wbits=31)
        bomb = b"".join(packer.compress(part) for part in (b'{"type": "', *[megabyte] * 256, b'"}\n')) + packer.flush()
        summary = client.post("/v1/records", content=bomb).json()
        assert (summary["refused"], summary["stopped"]) == (1, None)
        many = ndjson(stock(1, LONG_AGO, sku=f"B{n}") for n in range(20_000))
        assert client.post("/v1/records", content=many).json()["new"] == 20_000
        assert server.highest_memory - before < 48 * 2**20
        status, said = server.stop(signal.SIGINT)
    assert (status, "Traceback" in said) == (0, False), said


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """Where another program listens already, the server says so and ends with a status that is not 0."""
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        serve(tmp_path, "--port", str(other.getsockname()[1])) as server,
    ):
        _, said = server.communicate(timeout=PATIENCE)
    assert server.returncode == 2
    assert "address already in use" in said
    assert "is in use by another program. Choose another port with --port." in said.splitlines()[-1]
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["shop.db"], "the database was not closed"


def test_codes_that_name_another_port_are_told(tmp_path: Path) -> None:
    """Commands at a terminal know of MOSTRADOR_PORT alone: a server at another one says so, with what to set."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        warned = []
        for settings in ({}, {"MOSTRADOR_PORT": port}):
            with serve(tmp_path, "--port", port, **settings) as server:
                _, said = server.communicate(timeout=PATIENCE)
            warned.append(f"MOSTRADOR_PORT={port}" in said)
            assert server.returncode == 2, said
    assert warned == [True, False]
