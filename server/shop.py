"""What every slice's routes are made with: the open database, the settings and the time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from server.audit.ledger import Ledger
from server.audit.rules import Look
from server.db.engine import Database
from server.keys import Keys
from server.logs import REQUEST_ID
from server.settings import Settings
from server.wire.audit import Why

Clock = Callable[[], datetime]
"""Tells the time, in UTC."""


class Ending:
    """Whether the server was told to stop: then it is ready for nothing new, and what never ends by itself ends."""

    def __init__(self) -> None:
        self.begun = False
        self._calls: list[Callable[[], object]] = []

    def call(self, told: Callable[[], object]) -> None:
        """Have something called when it begins, in whichever thread."""
        self._calls.append(told)

    def begin(self) -> None:
        """The server was told."""
        self.begun = True
        for told in self._calls:
            told()


@dataclass(frozen=True)
class Shop:
    """One running shop. Routes are closures over it: looking dependencies up by name would double a request's time."""

    database: Database
    settings: Settings
    clock: Clock
    ending: Ending
    keys: Keys
    ledger: Ledger

    def looked(self, why: Why, people: tuple[int, ...]) -> None:
        """Put on record that whoever asks sees these people, which is done before they are shown.

        Raises:
            ProblemError: it cannot be put on record, so they must not be shown.
        """
        if people:
            # Who asks is not known yet: every caller is of this machine.
            self.ledger.note(Look("loopback", None, None, why, people, self.clock(), REQUEST_ID.get()))
