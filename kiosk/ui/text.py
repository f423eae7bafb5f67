"""Text in the four sizes of the theme; takes the height it needs at the width it gets."""

from kivy.uix.label import Label

from kiosk.ui.kv import load_twin


class Text(Label):
    """A text that wraps, left-aligned, as high as it must be."""


class OneLine(Label):
    """A text on one line, shortened with … where it does not fit."""


load_twin(__file__)
