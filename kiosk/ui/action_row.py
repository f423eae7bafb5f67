"""The one likely next step of a screen, where the right thumb is."""

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import pill_button as _pill_button
from kiosk.ui.kv import load_twin


class ActionRow(BoxLayout):
    """Stands at the bottom of a screen; it is not there without words."""

    text = StringProperty("")
    icon = StringProperty("")

    __events__ = ("on_action",)

    def on_action(self) -> None:
        """The button was released."""


load_twin(__file__)
