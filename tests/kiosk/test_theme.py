"""Colours that everybody can read."""

import pytest

from kiosk.theme import KIOSK_THEMES, LARGE, NORMAL, THEMES, Colour, Theme


def luminance(colour: Colour) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    red, green, blue = ((c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for c in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [*THEMES.values(), *KIOSK_THEMES.values()], ids=[*THEMES, *KIOSK_THEMES])
@pytest.mark.parametrize(
    ("ink", "grounds", "least"),
    [
        ("ink", ("paper", "surface", "sunken", "brand_soft"), 7),
        ("ink_soft", ("paper", "surface", "sunken"), 4.5),
        ("on_brand", ("brand",), 4.5),
        ("brand_ink", ("paper", "surface", "sunken", "brand_soft"), 4.5),
        ("brand", ("paper", "surface", "sunken"), 3),
        ("good", ("paper", "surface", "good_soft"), 4.5),
        ("warn", ("paper", "surface", "warn_soft"), 4.5),
        ("bad", ("paper", "surface", "bad_soft"), 4.5),
    ],
)
def test_everybody_can_read_it(theme: Theme, ink: str, grounds: tuple[str, ...], least: float) -> None:
    """Text keeps the contrast of WCAG 2.2 on every ground that it stands on, in each theme."""
    for ground in grounds:
        light, dark = sorted((luminance(getattr(theme, ink)), luminance(getattr(theme, ground))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= least, ground


def test_large_is_larger_and_stands_out_more() -> None:
    """All type grows by 1.4, nothing is under 18 sp in either, and every ink is darker on what it stands."""
    for name in ("display", "title", "heading", "lead", "body", "small"):
        assert getattr(LARGE, name) == pytest.approx(1.4 * getattr(NORMAL, name), abs=0.5)
        assert getattr(NORMAL, name) >= 18
    for ink in ("ink", "ink_soft", "line", "brand", "brand_ink", "good", "warn", "bad"):
        assert luminance(getattr(LARGE, ink)) < luminance(getattr(NORMAL, ink)) or ink == "ink"
    assert min(NORMAL.touch, LARGE.touch) >= 72
