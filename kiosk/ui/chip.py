"""A chip: a word or two on a soft ground, perhaps with an icon."""

from kivy.properties import NumericProperty, OptionProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import icon as _icon
from kiosk.ui import text as _text
from kiosk.ui.kv import load_twin
from kiosk.ui.tone import TONES


class Chip(BoxLayout):
    """Says one thing about what it stands beside; it cannot be touched, and is not there without words.

    Attributes:
        limit: how wide its words may be, in pixels.
    """

    text = StringProperty("")
    icon = StringProperty("")
    limit = NumericProperty("200dp")
    tone = OptionProperty("plain", options=TONES)


load_twin(__file__)
