"""What a run says of itself while it goes on: how far it is, and which rows it refused and why."""

import time
from collections.abc import Callable

from msgspec.structs import replace

from server.catalog import runs
from server.catalog.runs import REFUSALS_KEPT, REFUSALS_TOLD
from server.clock import Clock
from server.db.engine import Database
from server.wire.catalog import RefusedRow, SyncRun

KEPT_EVERY = 1.0
"""Seconds between two times that a run says how far it is."""
AT_ONCE = 2_000
"""Refused rows that are written at a time."""

Tell = Callable[[SyncRun, int, int], None]
"""Told how far a run is: the run, and how much of how much of what it does now."""


class Account:
    """A run as it is told to people and kept.

    Args:
        database: where it is kept.
        run: as it began.
        clock: the time.
        tell: told how far it is.
    """

    def __init__(self, database: Database, run: SyncRun, clock: Clock, tell: Tell) -> None:
        self.run = run
        self.clock = clock
        self._database = database
        self._tell = tell
        self._kept_at = time.monotonic()
        self._rejects: list[RefusedRow] = []
        self._kept_rejects = 0

    def told(self, doing: str, rows: int, done: int, all_: int) -> None:
        """Say how far it is."""
        self.run = replace(self.run, doing=doing, rows=rows)
        self._tell(self.run, done, all_)
        if time.monotonic() - self._kept_at >= KEPT_EVERY:
            self._kept_at = time.monotonic()
            self.keep(self.run)

    def keep(self, run: SyncRun) -> None:
        """Keep what it came to.

        Raises:
            TakenOverError: it is over already.
        """
        self.run = run
        self._database.write_now(runs.keep, run, self.clock())

    def refuse(self, line: int, field: str, value: str, rule: str) -> None:
        """Say of a row that it cannot be taken."""
        row = RefusedRow(line=line, field=field, value=_harmless(value)[:200], rule=rule)
        told = self.run.refusals
        if len(told) < REFUSALS_TOLD:
            told = (*told, row)
        self.run = replace(self.run, refused=self.run.refused + 1, refusals=told)
        if self.run.refused <= REFUSALS_KEPT:
            self._rejects.append(row)
        if len(self._rejects) >= AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Keep the refused rows that were not written yet."""
        rejects, self._rejects = self._rejects, []
        if rejects:
            self._database.write_now(runs.keep_rejects, self.run, self._kept_rejects + 1, rejects, self.clock())
            self._kept_rejects += len(rejects)


def _harmless(text: str) -> str:
    """A text that every database takes."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
