"""A band: one quiet sentence across the screen, with what to do about it."""

from kivy.properties import OptionProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import icon as _icon
from kiosk.ui.kv import load_twin
from kiosk.ui.tone import TONES


class Band(BoxLayout):
    """Says what happened and what to do; never a dialog.

    Attributes:
        button: words of a button; none where there is nothing to do.
    """

    text = StringProperty("")
    icon = StringProperty("")
    button = StringProperty("")
    tone = OptionProperty("plain", options=TONES)

    __events__ = ("on_action",)

    def on_action(self) -> None:
        """The button was released."""


load_twin(__file__)
