"""How many: fewer, the number, more."""

from kivy.properties import NumericProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import icon as _icon
from kiosk.ui.kv import load_twin


class Quantity(BoxLayout):
    """Asks for another quantity; who owns the number decides and sets `value`."""

    value = NumericProperty(1)
    least = NumericProperty(0)
    most = NumericProperty(99)

    __events__ = ("on_wish",)

    def on_wish(self, quantity: int) -> None:
        """Somebody wants another quantity."""

    def wish(self, quantity: int) -> None:
        """Ask for a quantity if it is one that may be."""
        if self.least <= quantity <= self.most:
            self.dispatch("on_wish", quantity)


load_twin(__file__)
