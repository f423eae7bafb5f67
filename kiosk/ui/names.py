"""How people and fonts are called where a kv rule needs it. A module of its own: a rule cannot import its own twin."""

from fonticon_mdi7 import MDI7

ICONS: str = MDI7.__font_file__
"""The font that icons are drawn with."""


def initials(name: str) -> str:
    """The first letters of the first two names, particles aside; nothing where a guest has none."""
    words = [word for word in name.split() if word[0].isalpha()]
    names = [word for word in words if not word[0].islower()] or words
    return "".join(word[0] for word in names[:2]).upper()


def glyph(icon: str) -> str:
    """The character that draws an icon; the name is the one in the font's own list, `cart-outline`.

    Raises:
        AttributeError: there is no such icon.
    """
    return str(getattr(MDI7, icon.replace("-", "_"))[-1]) if icon else ""
