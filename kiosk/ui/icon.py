"""An icon: one glyph of the Material Design Icons font."""

from kivy.properties import StringProperty
from kivy.uix.label import Label

from kiosk.ui.kv import load_twin


class Icon(Label):
    """Draws the icon that `icon` names."""

    icon = StringProperty("")


load_twin(__file__)
