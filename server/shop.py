"""What every slice's routes are made with: the open database, the settings and the time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from server.db.engine import Database
from server.settings import Settings

Clock = Callable[[], datetime]
"""Tells the time, in UTC."""


@dataclass(frozen=True)
class Shop:
    """One running shop. Routes are closures over it: looking dependencies up by name would double a request's time."""

    database: Database
    settings: Settings
    clock: Clock
