"""What a designer would circle, found by measuring: walks what a window shows and says what is wrong with it.

Contrast is that of WCAG 2.2 (1.4.3), of a text's colour against what is painted behind it; lengths are in dp.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

LEAST_CONTRAST = 4.5
LEAST_ICON_CONTRAST = 3.0
"""WCAG 2.2, 1.4.11: of what is drawn, not written."""
LEAST_TOUCH = 56
SLACK = 1.5
"""Pixels that rounding may take."""

Box = tuple[float, float, float, float]
"""Left, bottom, right and top in the window."""
Rgba = tuple[float, float, float, float]


class Shown(NamedTuple):
    """A widget that can be seen, as far as it can: `box` is all of it, `seen` what a list around it leaves."""

    widget: Any
    box: Box
    seen: Box
    opacity: float
    above: tuple[Any, ...]


def faults(root: Any, *, cut_is_fine: bool = False, touch: float = LEAST_TOUCH, letters: float = 0) -> list[str]:
    """Everything that is wrong on a screen, in words.

    Args:
        root: the widget that fills the window.
        cut_is_fine: words may end in … where they do not fit: those of people and articles may be of any length.
        touch: how large what can be touched must be, in dp.
        letters: how large they must be, in sp.
    """
    shown = list(seen(root, (0.0, 0.0, root.width, root.height)))
    texts = [one for one in shown if written(one)]
    return [
        *(fault for one in texts for fault in contrast_faults(one)),
        *(fault for one in texts for fault in text_faults(one, cut_is_fine=cut_is_fine)),
        *(fault for one in shown for fault in touch_faults(one, touch)),
        *(fault for one in texts for fault in letter_faults(one, letters)),
        *(fault for one in shown for fault in silent_faults(one)),
        *(fault for one in shown for fault in place_faults(one, root)),
        *overlaps(texts),
        *edge_faults(shown),
    ]


def seen(widget: Any, clip: Box, opacity: float = 1.0, above: tuple[Any, ...] = ()) -> Iterator[Shown]:
    """A widget and all in it that can be seen."""
    opacity *= widget.opacity
    box = box_of(widget, widget.pos, widget.size)
    inside = common(box, clip)
    if opacity <= 0 or not all(size > 0 for size in widget.size) or inside is None:
        return
    yield Shown(widget, box, inside, opacity, above)
    if hasattr(widget, "scroll_y") and widget.children and hasattr(widget, "do_scroll"):
        clip = inside
    for child in reversed(widget.children):
        yield from seen(child, clip, opacity, (widget, *above))


def written(one: Shown) -> bool:
    """Whether a widget says something that is seen whole."""
    texture = getattr(one.widget, "texture_size", None)
    return bool(texture and getattr(one.widget, "text", "").strip()) and area(one.seen) > 0.98 * area(one.box)


def contrast_faults(one: Shown) -> Iterator[str]:
    """A text that does not stand out from its ground."""
    ink = over((*one.widget.color[:3], one.widget.color[3] * one.opacity), ground_of(one))
    contrast = contrast_of(ink, ground_of(one))
    least = LEAST_ICON_CONTRAST if is_icon(one) else LEAST_CONTRAST
    if contrast < least and not disabled(one):
        yield f"{name_of(one)} has a contrast of {contrast:.1f}"


def text_faults(one: Shown, *, cut_is_fine: bool) -> Iterator[str]:
    """A text that is higher or wider than its box, or that has lost its end."""
    widget = one.widget
    if is_icon(one):
        return
    wide, high = widget.texture_size
    if wide > widget.width + SLACK or high > widget.height + SLACK:
        yield f"{name_of(one)} takes {wide} x {high} in {widget.width:.0f} x {widget.height:.0f}"
    if (getattr(widget, "cut", False) or getattr(widget, "is_shortened", False)) and not cut_is_fine:
        yield f"{name_of(one)} is cut"


def letter_faults(one: Shown, least: float) -> Iterator[str]:
    """Words that one must come close to."""
    from kivy.metrics import sp

    if not is_icon(one) and one.widget.font_size < sp(least):
        yield f"{name_of(one)} is written in {one.widget.font_size:.0f}"


def touch_faults(one: Shown, touch: float) -> Iterator[str]:
    """What can be touched and is too small for a thumb."""
    from kivy.metrics import dp
    from kivy.uix.behaviors import ButtonBehavior
    from kivy.uix.textinput import TextInput

    if isinstance(one.widget, ButtonBehavior | TextInput) and not one.widget.disabled:
        least = dp(touch) - 0.5
        if one.widget.width < least or one.widget.height < least:
            yield f"{name_of(one)} can be touched on {one.widget.width:.0f} x {one.widget.height:.0f}"


def silent_faults(one: Shown) -> Iterator[str]:
    """What can be touched and does not say what for."""
    from kivy.uix.behaviors import ButtonBehavior

    if isinstance(one.widget, ButtonBehavior) and not one.widget.disabled:
        words = (getattr(widget, "text", "") for widget in one.widget.walk(restrict=True))
        if not any(isinstance(text, str) and text.strip() for text in words):
            yield f"{name_of(one)} says nothing"


def place_faults(one: Shown, root: Any) -> Iterator[str]:
    """What reaches out of the window, or out of what it is in."""
    holder = one.above[0] if one.above else root
    if hasattr(holder, "scroll_y"):
        return
    left, bottom, right, top = box_of(holder, holder.pos, holder.size)
    if (
        one.box[0] < left - SLACK
        or one.box[1] < bottom - SLACK
        or one.box[2] > right + SLACK
        or one.box[3] > top + SLACK
    ):
        room = rounded((left, bottom, right, top))
        yield f"{name_of(one)} reaches out of {type(holder).__name__}: {rounded(one.box)} of {room}"


def edge_faults(shown: list[Shown]) -> Iterator[str]:
    """Headings that do not begin where the rows under them do."""
    edges: dict[str, set[int]] = {"RowHeading": set(), "ArticleRow": set()}
    for one in shown:
        holder = type(one.above[0]).__name__ if one.above else ""
        holder = "ArticleRow" if holder == "CartRow" else holder
        if holder in edges and one.widget is one.above[0].children[-1]:
            edges[holder].add(round(one.box[0]))
    headings, rows = edges.values()
    if headings and rows and headings != rows:
        yield f"headings begin at {sorted(headings)}, their rows at {sorted(rows)}"


def overlaps(texts: list[Shown]) -> Iterator[str]:
    """Texts that stand on each other."""
    for one, other in combinations(texts, 2):
        shared = common(text_box(one), text_box(other))
        if shared is not None and shared[2] - shared[0] > SLACK and shared[3] - shared[1] > 2 * SLACK:
            yield f"{name_of(one)} stands on {name_of(other)}"


def ground_of(one: Shown) -> Rgba:
    """The colour behind the middle of a widget: what it and those it is in paint there, the nearest on top."""
    x, y = (one.box[0] + one.box[2]) / 2, (one.box[1] + one.box[3]) / 2
    layers: list[Rgba] = []
    for widget in (one.widget, *one.above):
        layers += reversed(
            [colour for colour, box in painted(widget) if box[0] <= x <= box[2] and box[1] <= y <= box[3]]
        )
        if layers and layers[-1][3] >= 1:
            break
    result: Rgba = (0.0, 0.0, 0.0, 1.0)
    for layer in reversed(layers):
        result = over(layer, result)
    return result


def painted(widget: Any) -> Iterator[tuple[Rgba, Box]]:
    """The shapes that a widget paints under what it holds, with their colours."""
    from kivy.graphics import BoxShadow, Color, Ellipse, Rectangle, RoundedRectangle

    # What comes before any colour is the outline that a list is cut out along.
    colour: Rgba = (0.0, 0.0, 0.0, 0.0)
    for instruction in widget.canvas.before.children:
        if isinstance(instruction, Color):
            colour = tuple(instruction.rgba)
        elif isinstance(instruction, BoxShadow):
            continue
        elif isinstance(instruction, Rectangle | RoundedRectangle | Ellipse) and colour[3] > 0:
            yield colour, box_of(widget, instruction.pos, instruction.size)


def over(front: Rgba, back: Rgba) -> Rgba:
    """A colour laid over one that nothing shines through."""
    alpha = front[3]
    red, green, blue = (f * alpha + b * (1 - alpha) for f, b in zip(front[:3], back[:3], strict=True))
    return (red, green, blue, 1.0)


def contrast_of(one: Rgba, other: Rgba) -> float:
    """How much two colours stand out from each other, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Rgba) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    red, green, blue = ((c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for c in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def box_of(widget: Any, pos: Any, size: Any) -> Box:
    """Where something stands in the window that is given as its widget's own place is."""
    left, bottom = widget.to_window(*pos)
    return (left, bottom, left + size[0], bottom + size[1])


def text_box(one: Shown) -> Box:
    """Where the letters of a label are, within its box."""
    widget, (left, bottom, right, top) = one.widget, one.box
    wide, high = (min(got, had) for got, had in zip(widget.texture_size, widget.size, strict=True))
    x, y = (left + right) / 2, (bottom + top) / 2
    return (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def common(one: Box, other: Box) -> Box | None:
    """What two boxes share."""
    box = (max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))
    return box if box[0] < box[2] and box[1] < box[3] else None


def area(box: Box) -> float:
    """Square pixels."""
    return (box[2] - box[0]) * (box[3] - box[1])


def rounded(box: Box) -> tuple[int, ...]:
    """A box as one reads it."""
    return tuple(round(side) for side in box)


def is_icon(one: Shown) -> bool:
    """Whether a label draws a sign of the icon font."""
    return "MaterialDesign" in str(one.widget.font_name) or "materialdesign" in str(one.widget.font_name)


def disabled(one: Shown) -> bool:
    """Whether it is part of what cannot be touched now."""
    return any(getattr(widget, "disabled", False) for widget in (one.widget, *one.above))


def name_of(one: Shown) -> str:
    """How a widget is called in a complaint."""
    text = getattr(one.widget, "text", "") if isinstance(getattr(one.widget, "text", ""), str) else ""
    holder = type(one.above[0]).__name__ if one.above else ""
    return f"{type(one.widget).__name__} {text[:40]!r} in {holder}"
