"""The programs that are measured, each started here and ended by its own handle, whatever happens."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import msgspec

from server.settings import Retention
from tests.bench.filled import ROOT
from tests.server.people import ENVIRONMENT, let_in

KEPT = msgspec.json.encode(dict.fromkeys(Retention.__struct_fields__, 0)).decode()
"""Nothing is over its time, however old the records are: a server that lives for a minute would tidy them up."""

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

    @property
    def number(self) -> int:
        """Of its process."""
        return self._process.pid

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


class Together:
    """Servers that are loaded as if they were one, as a balancer before them would."""

    def __init__(self, servers: Sequence[Running]) -> None:
        self._servers = servers
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as started:
            for server in self._servers:
                started.enter_context(server)
            self._open = started.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def urls(self) -> list[str]:
        """Where each serves."""
        return [server.url for server in self._servers]

    @property
    def ports(self) -> list[int]:
        """Where each listens."""
        return [server.port for server in self._servers]

    def cpu(self) -> float:
        """Seconds of processor time that all of them took so far."""
        return sum(server.cpu() for server in self._servers)

    def memory(self) -> list[Memory]:
        """What each holds now."""
        return [server.memory() for server in self._servers]


class Family:
    """A process that was started elsewhere, and its children: PostgreSQL has one for each connection.

    Args:
        parent: its number.
    """

    def __init__(self, parent: int) -> None:
        self._parent = parent

    def cpu(self) -> float:
        """Seconds of processor time that all of them took so far, those that have ended too."""
        ticks = 0
        for pid, fields in self._all():
            # The parent's own times of its children are those of the ones that have ended.
            ticks += sum(map(int, fields[11:15] if pid == self._parent else fields[11:13]))
        return ticks / _TICKS

    def memory(self) -> tuple[int, float, float]:
        """How many they are, and what they hold in MB: all of it, and what of that is shared; each page counts once."""
        kib = {"Pss": 0, "Pss_Shmem": 0}
        count = 0
        for pid, _ in self._all():
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
            except (FileNotFoundError, ProcessLookupError):
                continue
            count += 1
            for line in lines:
                name, _, value = line.partition(":")
                if name in kib:
                    kib[name] += int(value.split()[0])
        return count, kib["Pss"] * 1024 / 1e6, kib["Pss_Shmem"] * 1024 / 1e6

    def _all(self) -> list[tuple[int, list[str]]]:
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                try:
                    fields = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
                except (FileNotFoundError, ProcessLookupError):
                    continue
                if int(folder.name) == self._parent or int(fields[1]) == self._parent:
                    found.append((int(folder.name), fields))
        return found


def memory_of(pid: int) -> Memory:
    """What a child of ours holds now: nothing, once it has ended."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}
    return Memory(*(kib.get(name, 0) * 1024 / 1e6 for name in ("VmRSS", "RssAnon", "VmHWM")))


def files_of(pid: int) -> int:
    """How many files and connections a child of ours has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def the_server(database: Path | str, log: Path, more: dict[str, str] | None = None) -> Running:
    """The real one: `mostrador serve`, with the tokens of `people.KNOWN` good for a while; and more settings."""
    settings = settings_for(database) | (more or {})
    let_in(settings["MOSTRADOR_DATABASE"])
    return Running([sys.executable, "-m", "server", "serve"], "/health/live", settings, log)


def the_bare(database: str, log: Path) -> Running:
    """What it is measured against."""
    return Running([sys.executable, "-m", "tests.bench.bare", "--database", database], "/bare", {}, log)


def settings_for(database: Path | str) -> dict[str, str]:
    """The environment of a Mostrador on a database, SQLite's file or any address, that is asked without a pause."""
    address = database if isinstance(database, str) else f"sqlite:///{database.absolute()}"
    return ENVIRONMENT | {
        "MOSTRADOR_DATABASE": address,
        "MOSTRADOR_RATE_LIMIT": "0",
        "MOSTRADOR_RETENTION": KEPT,
    }


def clean_environment() -> dict[str, str]:
    """Our environment without settings of Mostrador."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MOSTRADOR_")}


def free_port() -> int:
    """A port of loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
