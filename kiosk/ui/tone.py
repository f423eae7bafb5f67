"""Tones: what a colour says, always beside a word. A tone is a pair of theme values, ground and ink."""

from kiosk.theme import Colour, Theme

TONES = ("plain", "brand", "good", "warn", "bad")


def ground(theme: Theme, tone: str) -> Colour:
    """The soft ground of a tone."""
    return theme.sunken if tone == "plain" else getattr(theme, f"{tone}_soft")


def ink(theme: Theme, tone: str) -> Colour:
    """The colour of words on that ground."""
    inks = {"plain": theme.ink, "brand": theme.brand_ink}
    return inks[tone] if tone in inks else getattr(theme, tone)
