"""How rows lie in their list: how high each is, at the letters of a theme and the width there is."""

from collections.abc import Iterable
from typing import Any

from kivy.metrics import dp

from kiosk.theme import Theme

NARROW = 30
"""Widths of a letter of a heading, below which a card has no room for its price beside its words."""
LINE = 1.4
"""What a line of words takes, of its letters' size."""


def is_narrow(width: float, theme: Theme) -> bool:
    """Whether a card's price and number stand under its words, not beside them."""
    return bool(width < dp(NARROW * theme.heading))


def height_of(kind: str, theme: Theme, *, narrow: bool) -> float:
    """How high a row is, in dp, with the gap below it."""
    words = 2 * LINE * theme.heading + theme.touch + 2 * theme.small + LINE * theme.small + 3 * theme.step
    card = max(words, 216) + 7 * theme.step
    match kind:
        case "LineCard":
            return card + (theme.touch + 2 * theme.step if narrow else 0)
        case "WishCard":
            return card - theme.touch + LINE * theme.body + (theme.touch + 2 * theme.step if narrow else 0)
        case "GoneRow" | "WayRow":
            return max(theme.touch, 2 * LINE * theme.body) + 5 * theme.step
        case _:
            return LINE * theme.heading + 3 * theme.step


def cart_placed(
    rows: Iterable[dict[str, Any]], shelf: Any, theme: Theme, width: float, moves: bool = True
) -> list[dict[str, Any]]:
    """Rows with what the list needs of them: how high each is, how it is laid out, where its picture comes from.

    Where nothing may move, nothing glows; `fresh` says all the same what changed just now.
    """
    narrow = is_narrow(width, theme)
    return [
        row
        | {"shelf": shelf, "narrow": narrow, "row_size": (None, dp(height_of(row["kind"], theme, narrow=narrow)))}
        | {"fresh": row.get("glow", 0)}
        | ({} if moves else {"glow": 0})
        for row in rows
    ]
