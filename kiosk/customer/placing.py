"""How rows lie in their list."""

from collections.abc import Iterable
from typing import Any

from kivy.metrics import dp

HEIGHTS = {
    "RowHeading": 56,
    "CartRow": 160,
    "ArticleRow": 160,
    "OrderHeading": 80,
    "OrderLineRow": 72,
    "StoryRow": 72,
    "MoreRow": 80,
}
"""In dp; the list must know them before it makes a row."""


def placed(rows: Iterable[dict[str, Any]], shelf: Any) -> list[dict[str, Any]]:
    """Rows with what the list needs of them: how high each is, and where its picture comes from."""
    return [{**row, "shelf": shelf, "row_size": (None, dp(HEIGHTS[row["kind"]]))} for row in rows]
