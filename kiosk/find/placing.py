"""How rows lie in their list."""

from collections.abc import Iterable
from typing import Any

from kivy.metrics import dp

HEIGHTS = {"HitRow": 104, "HitCard": 136, "CountRow": 56}
"""In dp; the list must know them before it makes a row."""


def placed(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with what the list needs of them: how high each is."""
    return [{**row, "row_size": (None, dp(HEIGHTS[row["kind"]]))} for row in rows]
