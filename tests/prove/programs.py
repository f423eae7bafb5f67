"""The real programs as processes: started by us, ended by us and by their own handle only, whatever happens."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from server.wire.records import RecordsSummary
from tests.bench.processes import KEPT
from tests.overheard import OverheardError, require_nobody, without_our_own
from tests.prove.findings import BrokenError
from tests.server.people import ENVIRONMENT, KNOWN, bearer, let_in

CHECKOUT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds that anything may take which takes one or two."""
REFUSED = 1
"""Exit status of an import that refused lines."""


_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


def start(database: Path | str, *arguments: str, errors: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """Start `mostrador` on a file or an address, with no settings but the secret, and no limit of requests.

    Whoever starts it ends it.
    """
    address = database if isinstance(database, str) else f"sqlite:///{database.absolute()}"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MOSTRADOR_")}
    return subprocess.Popen(
        [sys.executable, "-m", "server", *arguments],
        cwd=CHECKOUT,
        env={
            **environ,
            **ENVIRONMENT,
            "MOSTRADOR_DATABASE": address,
            "MOSTRADOR_RATE_LIMIT": "0",
            "MOSTRADOR_RETENTION": KEPT,
            "PYTHONUNBUFFERED": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )


def import_file(address: str, file: Path) -> RecordsSummary:
    """Import a file and let nothing disturb it.

    Raises:
        BrokenError: it did not come to its end, or did not answer.
    """
    with start(address, "import", "--json", str(file)) as process:
        try:
            answer, errors = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise BrokenError(f"the import did not end within {PATIENCE:.0f} seconds") from error
        finally:
            process.kill()
    if process.returncode not in {0, REFUSED} or not answer:
        raise BrokenError(f"the import ended with exit status {process.returncode}: {errors[-2000:]}")
    return msgspec.json.decode(answer, type=list[RecordsSummary])[0]


def kill_import(address: str, file: Path, delay: float) -> float | None:
    """Start an import and kill -9 it after a delay in seconds; None, or the seconds it took if it had ended before."""
    started = time.perf_counter()
    with start(address, "import", "--json", str(file)) as process:
        try:
            process.wait(timeout=delay)
        except subprocess.TimeoutExpired:
            pass
        finally:
            process.kill()
            process.communicate()
    return None if process.returncode == -signal.SIGKILL else time.perf_counter() - started


class Server:
    """A server that answers.

    Attributes:
        address: where.
        seconds: from its start to its first answer.
    """

    def __init__(self, database: Path | str) -> None:
        let_in(database if isinstance(database, str) else f"sqlite:///{database.absolute()}")
        started = time.perf_counter()
        self._process = start(database, "serve", "--port", "0")
        self._said: deque[str] = deque(maxlen=100)
        self._ever: set[str] = set()
        self._told: Future[str] = Future()
        self._ear = threading.Thread(target=self._listen, daemon=True)
        self._ear.start()
        try:
            self.address = self._told.result(PATIENCE)
            with self.client() as client:
                client.get("/health/ready").raise_for_status()
        except BaseException as error:
            self.kill()
            if isinstance(error, (TimeoutError, httpx.HTTPError)):
                raise BrokenError(f"the server does not answer: {error}; it said: {self.said}") from error
            raise
        self.seconds = time.perf_counter() - started

    def client(self) -> httpx.Client:
        """A client of its own for each thread; whoever asked for it closes it."""
        # Reading what the system trusts takes its time, and nothing here speaks TLS.
        return httpx.Client(
            base_url=self.address, timeout=PATIENCE / 2, trust_env=False, verify=False, headers=bearer(KNOWN.hq)
        )

    def kill(self) -> bool:
        """Kill -9; whether it was still running."""
        self._process.kill()
        self._process.wait()
        self._ear.join(PATIENCE)
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        return self._process.returncode == -signal.SIGKILL

    def end(self) -> None:
        """Ask it to end, and wait for that.

        Raises:
            BrokenError: it does not.
        """
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise BrokenError(f"the server does not end when it is told to; it said: {self.said}") from error

    def require_nobody(self) -> None:
        """Nobody may be in what it told its operator.

        Raises:
            BrokenError: somebody is.
        """
        try:
            require_nobody("".join(self._ever), "a server that was killed or ended")
        except OverheardError as error:
            raise BrokenError(str(error)) from error

    @property
    def said(self) -> str:
        """What it wrote last for its operator."""
        return "".join(self._said)[-2000:]

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._said.append(line)
            self._ever.add(without_our_own(line))
            if not self._told.done() and (address := _ADDRESS.search(line)):
                self._told.set_result(address[0])
        if not self._told.done():
            self._told.set_exception(BrokenError(f"the server ended before it answered: {self.said}"))


@contextmanager
def serving(database: Path | str) -> Iterator[Server]:
    """A server on a free port of loopback; when the block is left, however, it is dead."""
    server = Server(database)
    try:
        yield server
    finally:
        server.kill()
    server.require_nobody()
