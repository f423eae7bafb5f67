"""What a table of choices shows. Pure: who lays choices out needs no widget."""

from collections.abc import Iterator
from typing import Literal, NamedTuple


class Choice(NamedTuple):
    """Something that can be chosen: `key` is what it is called inside, `label` its name where no column says it."""

    key: str
    text: str
    label: str = ""
    icon: str = ""
    tone: str = "plain"
    chosen: bool = False


class TableRow(NamedTuple):
    """Choices side by side; None where there is none."""

    label: str
    choices: tuple[Choice | None, ...]


class Table(NamedTuple):
    """A grid with names of columns and rows, places one after the other, or a list.

    `label` and `place` are how wide, in dp, names of rows and choices are; a grid's alone.
    """

    kind: Literal["grid", "places", "list"] = "grid"
    columns: tuple[str, ...] = ()
    rows: tuple[TableRow, ...] = ()
    label: float = 0
    place: float = 0

    def choices(self) -> Iterator[Choice]:
        """All that can be chosen."""
        return (choice for row in self.rows for choice in row.choices if choice is not None)
