"""How rows lie in their list."""

from collections.abc import Iterable
from typing import Any

from kivy.metrics import dp

HEIGHTS = {"ProductRow": 104, "ProductCard": 136, "ItemsCount": 56}
"""In dp; the list must know them before it makes a row."""


def placed(rows: Iterable[dict[str, Any]], shelf: Any) -> list[dict[str, Any]]:
    """Rows with what the list needs of them: how high each is, and where its picture comes from."""
    return [{**row, "shelf": shelf, "row_size": (None, dp(HEIGHTS[row["kind"]]))} for row in rows]
