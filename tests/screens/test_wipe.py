"""After a customer has left a kiosk nothing of them is in the memory of any of its programs, nor on disk."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from tests.bench.processes import ROOT, clean_environment
from tests.screens.conftest import Counter
from tests.screens.display import PATIENCE, Display, Point
from tests.screens.tablet import DRAWN
from tests.server.http.floor import SHOP_KEY, shop_code

T = TypeVar("T")

CART = "c-9a43ebcc"
"""Lucía's, in the demo shop."""
LUCIAS = ("Hola, Lucía", "Sudadera con capucha Tajo", "Chaqueta cortavientos Alisio")
"""What the kiosk says to her, and what is in the cart; her bare name is an island's, and Babel knows islands."""
LEAVE = Point(160, 1846)
"""Where the way out is, upright."""
TOKEN = re.compile(rb"kio_[0-9]+_[A-Za-z0-9_-]{20}")
"""The token of a customer's session."""


def until(what: Callable[[], T], patience: float = 3 * PATIENCE) -> T:
    """Ask until something is so; what that came to."""
    deadline = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < deadline, "it never was so"
    return found


class Programs:
    """The kiosk as it is started in a shop: a supervisor, and the programs that it runs."""

    def __init__(self, supervisor: int, home: Path, log: Path) -> None:
        self._supervisor = supervisor
        self._home = home
        self._log = log

    def all(self) -> list[int]:
        """Numbers of the processes that run, the supervisor first."""
        return [self._supervisor, *self.running()]

    def running(self) -> list[int]:
        """Those of the supervisor's programs, in the order in which they were started."""
        found = []
        for folder in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                fields = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
                if int(fields[1]) == self._supervisor and fields[0] != "Z":
                    found.append((int(fields[19]), int(folder.name)))
        return [number for _, number in sorted(found)]

    def holding(self, secret: re.Pattern[bytes]) -> list[int]:
        """Which of them have something in their memory."""
        return [number for number in self.all() if any(secret.search(memory) for memory in memory_of(number))]

    def on_disk(self, secret: re.Pattern[bytes]) -> list[Path]:
        """Files that have it: what the kiosk keeps, and what it says of itself."""
        files = [path for path in self._home.rglob("*") if path.is_file()]
        return [path for path in (*files, self._log) if secret.search(path.read_bytes())]


def text(secret: str) -> re.Pattern[bytes]:
    """A text in whichever way Python keeps texts: by the widest of its letters, or encoded."""
    ways = {secret.encode(encoding, "replace") for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-32-le")}
    return re.compile(b"|".join(map(re.escape, ways)))


def memory_of(number: int) -> Iterator[bytes]:
    """All that a process may write to, piece by piece; nothing once it has ended."""
    with suppress(OSError), Path(f"/proc/{number}/mem").open("rb", 0) as memory:
        for line in Path(f"/proc/{number}/maps").read_text("utf-8").splitlines():
            place, rights, *_ = line.split()
            if rights.startswith("rw"):
                first, last = (int(end, 16) for end in place.split("-"))
                with suppress(OSError, OverflowError, ValueError):
                    memory.seek(first)
                    yield memory.read(last - first)


@contextmanager
def kiosk(server: str, token: str, display: Display, folder: Path) -> Iterator[Programs]:
    """The real program, `mostrador-kiosk`, upright and over the whole screen."""
    environment = (
        clean_environment()
        | DRAWN
        | {
            "DISPLAY": display.name,
            "MOSTRADOR_KIOSK_HOME": str(folder / "home"),
            "MOSTRADOR_KIOSK_TOKEN": token,
        }
    )
    log = folder / "kiosk.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "kiosk.kiosk_cli", "--server", server, "--reduce-motion"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        try:
            programs = Programs(process.pid, folder / "home", log)
            # One in front, and one behind it, which says so itself once it is there.
            until(lambda: len(programs.running()) == 2)
            yield programs
        finally:
            process.terminate()
            process.wait(PATIENCE)
    assert "Traceback" not in log.read_text("utf-8", "replace")


@pytest.fixture
def kiosk_token(shop_counter: Counter) -> str:
    """Of a kiosk that is enrolled in the store."""
    return shop_counter.manager.enrol("kiosk")


def test_nothing_is_left_of_whoever_has_left(shop_counter: Counter, kiosk_token: str, tmp_path: Path) -> None:
    """Their token and their code are in the program that is in front, and nowhere once the next one is."""
    with (
        Display(1080, 1920, tmp_path / "display.log") as display,
        kiosk(shop_counter.relay.url, kiosk_token, display, tmp_path) as programs,
    ):
        front, behind = programs.running()
        code = shop_code(CART, datetime.now(UTC), key=SHOP_KEY, chain="mostrador", source="web:demo")
        display.hands.scan(code)
        secrets = (TOKEN, text(code), *map(text, LUCIAS))
        until(lambda: all(programs.holding(secret) for secret in secrets))
        assert [programs.holding(secret) for secret in secrets] == [[front]] * len(secrets)
        display.hands.touch(LEAVE)
        until(lambda: front not in programs.running())
        assert behind in programs.running()
        until(lambda: len(programs.running()) == 2)
        for secret in secrets:
            assert (programs.holding(secret), programs.on_disk(secret)) == ([], [])


def test_a_crash_leaves_nothing_either(shop_counter: Counter, kiosk_token: str, tmp_path: Path) -> None:
    """A program that is killed with a customer before it is replaced by the one that stood by, and writes no core."""
    with (
        Display(1080, 1920, tmp_path / "display.log") as display,
        kiosk(shop_counter.relay.url, kiosk_token, display, tmp_path) as programs,
    ):
        front, behind = programs.running()
        limits = Path(f"/proc/{front}/limits").read_text("ascii")
        assert "Max core file size        0                    0" in limits
        subprocess.run(["kill", "-SEGV", str(front)], check=True)
        until(lambda: front not in programs.running())
        until(lambda: len(programs.running()) == 2)
        assert behind in programs.running()
