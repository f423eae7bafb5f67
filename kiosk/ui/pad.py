"""Ten digits and a way back, large enough to be hit without looking."""

from kivy.uix.gridlayout import GridLayout

from kiosk.ui import key as _key
from kiosk.ui.kv import load_twin


class Pad(GridLayout):
    """Tells each digit, and that the last one is taken back."""

    __events__ = ("on_digit", "on_erase")

    def on_digit(self, digit: str) -> None:
        """A digit was touched."""

    def on_erase(self) -> None:
        """The last digit was a slip."""


load_twin(__file__)
