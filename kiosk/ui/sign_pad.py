"""A pad of keys in rows: digits, or letters."""

from kivy.properties import ListProperty, NumericProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.ui.key import Key
from kiosk.ui.kv import load_twin

ERASE = "<"


class SignKey(Key):
    """One sign, or the way back."""

    sign = ""


class SignRow(BoxLayout):
    """A row of keys."""


class SignPad(BoxLayout):
    """Tells each sign that is touched; `rows` are those there are, `<` takes the last one back, a blank is none.

    Attributes:
        high: of a key, in pixels.
    """

    rows = ListProperty([])
    high = NumericProperty("104dp")

    __events__ = ("on_sign",)

    def on_rows(self, *_: object) -> None:
        """Make the keys."""
        self.clear_widgets()
        for signs in self.rows:
            row = SignRow()
            for sign in signs:
                if sign == " ":
                    row.add_widget(Widget())
                    continue
                key = SignKey(icon="backspace-outline") if sign == ERASE else SignKey(text=sign)
                key.sign = sign
                key.bind(on_release=lambda touched: self.dispatch("on_sign", touched.sign))
                row.add_widget(key)
            self.add_widget(row)

    def on_sign(self, sign: str) -> None:
        """A key was touched."""


load_twin(__file__)
