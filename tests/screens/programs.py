"""The kiosk's programs as they are started in a shop, and what is in their memory and on their disk."""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.bench.processes import ROOT, clean_environment
from tests.screens.display import PATIENCE, Display
from tests.screens.tablet import DRAWN
from tests.waiting import until

LOG = "kiosk.log"
"""What they say of themselves, in their folder."""


class Programs:
    """The kiosk as it is started in a shop: a supervisor, and the programs that it runs."""

    def __init__(self, supervisor: int, home: Path, log: Path) -> None:
        self._supervisor = supervisor
        self._home = home
        self._log = log

    @property
    def supervisor(self) -> int:
        """Number of the process that runs the others."""
        return self._supervisor

    def all(self) -> list[int]:
        """Numbers of the processes that run, the supervisor first."""
        return [self._supervisor, *self.running()]

    def running(self) -> list[int]:
        """Those of the supervisor's programs, in the order in which they were started."""
        return [number for _, number, state in self._children() if state != "Z"]

    def dead(self) -> list[int]:
        """Those that have ended, and of which the supervisor has not taken note."""
        return [number for _, number, state in self._children() if state == "Z"]

    def _children(self) -> list[tuple[int, int, str]]:
        """When each was started, its number and its state."""
        found = []
        for folder in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                fields = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
                if int(fields[1]) == self._supervisor:
                    found.append((int(fields[19]), int(folder.name), fields[0]))
        return sorted(found)

    def holding(self, secret: re.Pattern[bytes]) -> list[int]:
        """Which of them have something in their memory."""
        return self.holding_each([secret])[0]

    def holding_each(self, secrets: Sequence[re.Pattern[bytes]]) -> list[list[int]]:
        """For each of some things, which of them have it in their memory; all of that is read once."""
        holding: list[list[int]] = [[] for _ in secrets]
        for number in self.all():
            for memory in memory_of(number):
                for secret, found in zip(secrets, holding, strict=True):
                    if number not in found and secret.search(memory):
                        found.append(number)
        return holding

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
def kiosk(
    server: str,
    token: str,
    display: Display,
    folder: Path,
    module: str = "kiosk.kiosk_cli",
    more: Sequence[str] = (),
    compiled: Path | None = None,
) -> Iterator[Programs]:
    """A kiosk as it is started in a shop, while the block runs.

    Args:
        server: its address.
        token: of an enrolled kiosk.
        display: where its windows are.
        folder: takes what it keeps, and what it says.
        module: the program; by default the real one, `mostrador-kiosk`, over the whole screen.
        more: options of it.
        compiled: a folder that keeps its modules compiled, as an installation does; None where the machine decides.
    """
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(compiled)} if compiled else {}
    environment = (
        clean_environment()
        | DRAWN
        | {
            "DISPLAY": display.name,
            "MOSTRADOR_KIOSK_HOME": str(folder / "home"),
            "MOSTRADOR_KIOSK_TOKEN": token,
        }
        | kept
    )
    log = folder / LOG
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", module, "--server", server, *more],
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
            try:
                process.wait(PATIENCE)
            finally:
                process.kill()
    assert "Traceback" not in log.read_text("utf-8", "replace")
