"""What a campaign found, and what every campaign is told."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from server.db.engine import EngineName


class BrokenError(Exception):
    """A program did not do what it must: it hung, refused to start, or answered with an error."""


@dataclass(frozen=True)
class Assignment:
    """What to prove, and how long to try.

    Attributes:
        times: how often a program is killed.
        seed: of all that is random, except for what the machine does in the meantime.
        folder: where databases are made; those of a round that failed stay there.
        advance: called after each round.
        engine: of the databases that programs are killed on.
    """

    times: int
    seed: int
    folder: Path
    advance: Callable[[], None] = lambda: None
    engine: EngineName = "sqlite"


@dataclass
class Findings:
    """What a campaign found.

    Attributes:
        engine: of the databases; None where both are.
        times: rounds that were run, or examples that were tried.
        kills: programs that were killed before they had ended; None where nothing is killed.
        acknowledged: writes that were answered before the kill; None where nobody answers.
        lost: what was acknowledged, or imported, and is not there or is otherwise.
        torn: what is wrong with a database: the engine's own checks, the full-text index, rows of nothing.
        wrong: whatever else did not hold.
        seconds: that the campaign took.
        remarks: figures beside the table, in words.
    """

    campaign: str
    engine: EngineName | None = None
    times: int = 0
    kills: int | None = None
    acknowledged: int | None = None
    lost: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    remarks: list[str] = field(default_factory=list)

    @property
    def failures(self) -> list[str]:
        """Everything that did not hold; empty when all did."""
        return [*self.lost, *self.torn, *self.wrong]

    def blame(self, where: str, since: tuple[int, int, int]) -> None:
        """Put the round's name before the failures that were found since `count()` gave `since`."""
        for failures, old in zip((self.lost, self.torn, self.wrong), since, strict=True):
            failures[old:] = [f"{where}: {failure}" for failure in failures[old:]]

    def count(self) -> tuple[int, int, int]:
        """How many failures of each sort there are."""
        return len(self.lost), len(self.torn), len(self.wrong)
