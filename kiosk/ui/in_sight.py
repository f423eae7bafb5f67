"""How far a list goes so that one of its rows is seen."""

from collections.abc import Sequence


def in_sight(heights: Sequence[float], at: int, room: float, above: float, scroll: float) -> float:
    """How far up a list is to be (1: at its top, 0: at its end) so that a row is seen whole, moved as little as may be.

    Args:
        heights: of all rows.
        at: which row.
        room: height of the list itself.
        above: room over the first row.
        scroll: how far up it is now.
    """
    hidden = above + sum(heights) - room
    if hidden <= 0:
        return scroll
    top = above + sum(heights[:at])
    over = (1 - scroll) * hidden
    wanted = min(max(over, top + heights[at] - room), top if at else 0)
    return 1 - min(max(wanted, 0), hidden) / hidden
