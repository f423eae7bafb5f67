"""A line that opens and closes what stands under it."""

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import icon as _icon
from kiosk.ui import text as _text
from kiosk.ui.kv import load_twin


class Fold(ButtonBehavior, BoxLayout):
    """Says what is under it; `opened` is whether that is shown. Who owns it decides."""

    text = StringProperty("")
    icon = StringProperty("")
    opened = BooleanProperty(False)


load_twin(__file__)
