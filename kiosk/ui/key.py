"""A large key of a pad: a digit, a letter or a sign."""

from kivy.properties import StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label

from kiosk.ui.kv import load_twin
from kiosk.ui.names import glyph


class Key(ButtonBehavior, Label):
    """Says what it adds; one with an `icon` does something else, and shows that instead."""

    icon = StringProperty("")

    def on_icon(self, *_: object) -> None:
        """Show the sign."""
        self.text = glyph(self.icon)


load_twin(__file__)
