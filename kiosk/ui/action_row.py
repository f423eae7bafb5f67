"""The one likely next step of a screen, where the right thumb is."""

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import pill_button as _pill_button
from kiosk.ui.kv import load_twin


class ActionRow(BoxLayout):
    """Stands at the bottom of a screen, perhaps with another one beside it; neither is there without words."""

    text = StringProperty("")
    icon = StringProperty("")
    other = StringProperty("")
    other_icon = StringProperty("")

    __events__ = ("on_action", "on_second")

    def on_action(self) -> None:
        """The button was released."""

    def on_second(self) -> None:
        """The other button was."""


load_twin(__file__)
