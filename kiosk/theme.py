"""Colours, type, spacing and touch sizes as named values; nothing else in the client names one.

A theme is a value: `LIGHT` and `DARK` differ in colours only, `NORMAL` and `LARGE`, which are a kiosk's, in type and
contrast. Lengths are in dp, type in sp. Text on a ground keeps 4.5:1 at least (WCAG 2.2, 1.4.3), which the tests
measure over every screen. A retailer's colour takes the place of the accent; it becomes darker or lighter where it
could not be seen.
"""

from collections.abc import Mapping
from typing import NamedTuple

from server.wire import colours

Colour = tuple[float, float, float, float]
SOFT = 0.15
"""How much of the accent is in its soft ground."""


def colour(hexadecimal: str) -> Colour:
    """`#0F5C56` as red, green, blue and alpha from 0 to 1."""
    return (*colours.of_hex(hexadecimal), 1.0)


class Theme(NamedTuple):
    """Everything that a screen may look like; `brand` is a ground or a line, `brand_ink` the same to write with."""

    name: str
    paper: Colour
    surface: Colour
    sunken: Colour
    ink: Colour
    ink_soft: Colour
    line: Colour
    shadow: Colour
    brand: Colour
    on_brand: Colour
    brand_soft: Colour
    brand_ink: Colour
    good: Colour
    good_soft: Colour
    warn: Colour
    warn_soft: Colour
    bad: Colour
    bad_soft: Colour

    # Type, in sp.
    display: float = 40
    title: float = 28
    heading: float = 20
    lead: float = 18
    body: float = 16
    small: float = 14

    # Lengths, in dp.
    step: float = 8
    corner: float = 16
    corner_field: float = 12
    touch: float = 56
    key: float = 76

    # Seconds that what moves takes; 0 where nothing may.
    motion: float = 0.16


LIGHT = Theme(
    name="light",
    paper=colour("#F7F5F1"),
    surface=colour("#FFFFFF"),
    sunken=colour("#EEEAE3"),
    ink=colour("#1C1B1A"),
    ink_soft=colour("#5B5650"),
    line=colour("#DDD7CE"),
    shadow=(0.11, 0.1, 0.1, 0.10),
    brand=colour("#0F5C56"),
    on_brand=colour("#FFFFFF"),
    brand_soft=colour("#DCEDEA"),
    brand_ink=colour("#0F5C56"),
    good=colour("#1F6B3B"),
    good_soft=colour("#E2F2E7"),
    warn=colour("#8A5300"),
    warn_soft=colour("#FDF0D8"),
    bad=colour("#A4262C"),
    bad_soft=colour("#FBE5E5"),
)

DARK = Theme(
    name="dark",
    paper=colour("#141513"),
    surface=colour("#1F211F"),
    sunken=colour("#2B2E2B"),
    ink=colour("#F2F0EC"),
    ink_soft=colour("#B9B4AC"),
    line=colour("#3A3D3A"),
    shadow=(0, 0, 0, 0.35),
    brand=colour("#6FC7BD"),
    on_brand=colour("#0B2B28"),
    brand_soft=colour("#1D3A37"),
    brand_ink=colour("#6FC7BD"),
    good=colour("#7FD19B"),
    good_soft=colour("#1C3524"),
    warn=colour("#F0BD6C"),
    warn_soft=colour("#3B2C12"),
    bad=colour("#F59A9D"),
    bad_soft=colour("#42201F"),
)

NORMAL = LIGHT._replace(
    name="normal", display=64, title=44, heading=32, lead=28, body=26, small=22, corner=20, touch=80, key=104
)
"""A kiosk's: read standing, by everybody, at an arm's length."""

LARGE = NORMAL._replace(
    name="large",
    paper=colour("#FFFFFF"),
    sunken=colour("#E9E4DB"),
    ink=colour("#000000"),
    ink_soft=colour("#33302D"),
    line=colour("#75706A"),
    brand=colour("#083F3B"),
    brand_ink=colour("#083F3B"),
    good=colour("#0F4A26"),
    warn=colour("#5A3600"),
    bad=colour("#7C1218"),
    **{name: round(getattr(NORMAL, name) * 1.4) for name in ("display", "title", "heading", "lead", "body", "small")},
)
"""The same for who reads with difficulty: type by 1.4, and more contrast."""

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}
KIOSK_THEMES = {theme.name: theme for theme in (NORMAL, LARGE)}


def branded(theme: Theme, hexadecimal: str | None) -> Theme:
    """A theme with a retailer's colour as its accent, which can be seen in it, and read where it is written with."""
    if hexadecimal is None:
        return theme
    grounds = (theme.paper, theme.surface, theme.sunken)
    brand = colours.standing_out(colours.of_hex(hexadecimal), grounds, colours.SHAPE)
    soft = colours.mixed(theme.surface, brand, SOFT)
    return theme._replace(
        brand=(*brand, 1.0),
        on_brand=(*colours.on(brand), 1.0),
        brand_soft=(*soft, 1.0),
        brand_ink=(*colours.standing_out(brand, (*grounds, soft), colours.TEXT), 1.0),
    )


def kiosk_themes(hexadecimal: str | None) -> Mapping[str, Theme]:
    """A kiosk's in a retailer's colour; where contrast is what somebody asked for it stays as it is."""
    return KIOSK_THEMES | {NORMAL.name: branded(NORMAL, hexadecimal)}
