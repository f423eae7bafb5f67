"""What every slice's routes are made with: the open database, the settings and the time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from server.db.engine import Database
from server.keys import Keys
from server.settings import Settings

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
