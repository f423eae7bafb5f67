"""Words laid out in a few lines, the last with … where they do not fit. Pure: who measures is an argument."""

import re
from collections.abc import Callable
from math import ceil

ELLIPSIS = "…"
_PIECES = re.compile(r"\s+|[^\s-]*-+|[^\s-]+")
"""Blanks, and words, after whose hyphens a line may end."""


def wrapped(text: str, width: float, most: int, measure: Callable[[str], float]) -> str:
    """A text in at most `most` lines that are no wider than `width`; what does not fit ends in an ellipsis.

    A word that is wider than a line is broken where the line ends.
    """
    pieces, lines = _PIECES.findall(" ".join(text.split())), list[str]()
    while pieces and len(lines) < most:
        last = len(lines) == most - 1
        line = ""
        while pieces and measure((line + pieces[0]).rstrip()) <= width:
            line += pieces.pop(0)
        if pieces and (last or not line):
            rest = line + ("".join(pieces) if last else pieces[0])
            line = _head(rest, width, measure, ELLIPSIS if last else "")
            pieces = [] if last else [rest[len(line) :], *pieces[1:]]
        lines.append(line.strip())
        while pieces and not pieces[0].strip():
            pieces.pop(0)
    return "\n".join(lines)


def balanced(text: str, width: float, measure: Callable[[str], float]) -> str:
    """A text in as few lines as fit, and as narrow as it gets in so many: the last is seldom left with a word."""
    pieces = _PIECES.findall(" ".join(text.split()))
    most = len(text) + 1
    lines = wrapped(text, width, most, measure)
    # No word is broken that need not be.
    few, many = ceil(min(width, max(map(measure, pieces), default=0))), int(width)
    while few < many:
        middle = (few + many) // 2
        if wrapped(text, middle, most, measure).count("\n") == lines.count("\n"):
            many = middle
        else:
            few = middle + 1
    even = wrapped(text, many, most, measure)
    # The whole pixels of a width may be too few.
    return even if even.count("\n") == lines.count("\n") else lines


def _head(text: str, width: float, measure: Callable[[str], float], end: str) -> str:
    """The longest beginning of a text that fits with its end; one letter at least."""
    few, many = 1, len(text)
    while few < many:
        middle = (few + many + 1) // 2
        if measure(text[:middle].rstrip() + end) <= width:
            few = middle
        else:
            many = middle - 1
    return text[:few].rstrip() + end if end else text[:few]
