"""The programs that are measured, each started here and ended by its own handle, whatever happens."""

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from tests.bench.filled import ROOT

_TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 60.0


class Memory(NamedTuple):
    """A process's memory in MB (10^6 bytes): all of it, what is its own, its most so far (proc(5), status)."""

    resident: float
    anonymous: float
    peak: float


class Running:
    """A server that runs while the block does, on a port of loopback of its own.

    Args:
        command: what to run; `--port` is added.
        ready: a path that is answered with 200 once it serves.
        environment: of the process, beside what ours has; settings of ours are not passed on.
        log: the file that takes what it says.
    """

    def __init__(self, command: list[str], ready: str, environment: dict[str, str], log: Path) -> None:
        self.port = free_port()
        self._command = [*command, "--port", str(self.port)]
        self._ready = ready
        self._environment = clean_environment() | environment
        self._log = log

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self._wait()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    def cpu(self) -> float:
        """Seconds of processor time it took so far, all threads together."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> Memory:
        """What it holds now."""
        return memory_of(self._process.pid)

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", self._ready)
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.02)
            finally:
                connection.close()
        raise RuntimeError(
            f"{' '.join(self._command[1:4])} did not start: {self._log.read_text('utf-8', 'replace')[-2000:]}"
        )

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def memory_of(pid: int) -> Memory:
    """What a child of ours holds now: nothing, once it has ended."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}
    return Memory(*(kib.get(name, 0) * 1024 / 1e6 for name in ("VmRSS", "RssAnon", "VmHWM")))


def the_server(database: Path, log: Path) -> Running:
    """The real one: `mostrador serve`."""
    return Running([sys.executable, "-m", "server", "serve"], "/health/live", settings_for(database), log)


def the_bare(database: Path, log: Path) -> Running:
    """What it is measured against."""
    return Running([sys.executable, "-m", "tests.bench.bare", "--database", str(database)], "/bare", {}, log)


def settings_for(database: Path) -> dict[str, str]:
    """The environment of a Mostrador on a database."""
    return {"MOSTRADOR_DATABASE": f"sqlite:///{database.absolute()}"}


def clean_environment() -> dict[str, str]:
    """Our environment without settings of Mostrador."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MOSTRADOR_")}


def free_port() -> int:
    """A port of loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
