"""What a store's programs hold after each customer, and whether it grows in a day."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

STEADY_MB, STEADY_SHARE, STEADY_FILES = 4.0, 0.03, 3
"""What a median of the last third of a day may be above that of the first: pages that an allocator gives back or keeps,
and events that are kept for streams, 2,000 to 4,000 of them, come to less; 10 kB kept of each of 1,000 customers would
be more."""

ENOUGH = 30
"""Customers, of whom fewer say nothing of growth."""


class Sample(NamedTuple):
    """What there is once a customer has left.

    Attributes:
        server: MB of its own.
        supervisor: MB of its own, as of the next.
        welcome: the program that is in front.
        server_files: files and connections that it has open, as of the next.
        supervisor_files: of the kiosk.
        welcome_files: of the program that is in front.
        programs: that the supervisor runs.
        dead: processes of which it has not taken note.
    """

    server: float
    supervisor: float
    welcome: float
    server_files: int
    supervisor_files: int
    welcome_files: int
    programs: int
    dead: int


def grown(samples: Sequence[Sample]) -> list[str]:
    """What is more in the last third of a day than in the first, beyond what comes and goes."""
    third = len(samples) // 3
    first, last = samples[:third], samples[-third:]
    found = []
    for name in Sample._fields:
        before, after = (median(getattr(sample, name) for sample in part) for part in (first, last))
        steady = STEADY_FILES if name.endswith("files") else max(STEADY_MB, STEADY_SHARE * before)
        if name not in ("programs", "dead") and after > before + steady:
            found.append(f"{name} grew from {before:,.1f} to {after:,.1f}")
    return found


def told(samples: Sequence[Sample]) -> list[str]:
    """What there was in the first third of a day and in the last, in words."""
    if not samples:
        return []
    third = max(1, len(samples) // 3)
    programs_most, dead_most = max(one.programs for one in samples), max(one.dead for one in samples)
    said = [f"{len(samples):,} customers, at most {programs_most} programs, {dead_most} dead"]
    for name in Sample._fields[:6]:
        first, last = (median(getattr(one, name) for one in part) for part in (samples[:third], samples[-third:]))
        unit = "open files" if name.endswith("files") else "MB"
        said.append(f"{name.removesuffix('_files')}: {first:,.1f} {unit} in the first third, {last:,.1f} in the last")
    return said
