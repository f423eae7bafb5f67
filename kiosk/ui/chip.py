"""A chip: a word or two on a soft ground, perhaps with an icon."""

from kivy.properties import OptionProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import icon as _icon
from kiosk.ui.kv import load_twin
from kiosk.ui.tone import TONES


class Chip(BoxLayout):
    """Says one thing about what it stands beside; it cannot be touched."""

    text = StringProperty("")
    icon = StringProperty("")
    tone = OptionProperty("plain", options=TONES)


load_twin(__file__)
