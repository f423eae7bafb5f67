"""Colours, and what keeps them readable: contrast as WCAG 2.2 measures it. Pure."""

from collections.abc import Sequence

Rgb = tuple[float, float, float]

WHITE: Rgb = (1.0, 1.0, 1.0)
BLACK: Rgb = (0.0, 0.0, 0.0)
TEXT = 4.5
"""Contrast of text with its ground, at least (1.4.3)."""
SHAPE = 3.0
"""Contrast of what is no text, a button's ground as an example (1.4.11)."""
STEPS = 64
"""Between a colour and black or white."""


def of_hex(text: str) -> Rgb:
    """`#0F5C56` as red, green and blue from 0 to 1."""
    digits = text.lstrip("#")
    red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return (red, green, blue)


def as_hex(colour: Sequence[float]) -> str:
    """The same the other way."""
    return "#" + "".join(f"{round(part * 255):02X}" for part in colour[:3])


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """From 1, where nobody can tell them apart, to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mixed(colour: Sequence[float], other: Sequence[float], share: float) -> Rgb:
    """A colour with a share of another, as screens can show it."""
    red, green, blue = (round((a + (b - a) * share) * 255) / 255 for a, b in zip(colour[:3], other[:3], strict=True))
    return (red, green, blue)


def standing_out(colour: Sequence[float], grounds: Sequence[Sequence[float]], least: float) -> Rgb:
    """The nearest to a colour, darker or lighter, that has so much contrast with every ground.

    Grounds are all light or all dark, so that black or white has it.
    """

    def worst(of: Rgb) -> float:
        return min(contrast(of, ground) for ground in grounds)

    end = max((BLACK, WHITE), key=worst)
    steps = (mixed(colour, end, step / STEPS) for step in range(STEPS))
    return next((one for one in steps if worst(one) >= least), end)


def on(ground: Sequence[float]) -> Rgb:
    """White where it can be read on a ground, else black, which then can."""
    return WHITE if contrast(WHITE, ground) >= TEXT else BLACK


def _luminance(colour: Sequence[float]) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
