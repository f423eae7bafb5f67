"""A button in the shape of a pill."""

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import icon as _icon
from kiosk.ui import text as _text
from kiosk.ui.kv import load_twin


class PillButton(ButtonBehavior, BoxLayout):
    """Does one thing when it is released; `primary` is for the one likely next step of a screen.

    It is not there without words.

    Attributes:
        limit: how wide its words may be, in pixels.
    """

    text = StringProperty("")
    icon = StringProperty("")
    limit = NumericProperty("480dp")
    primary = BooleanProperty(False)
    ground = ColorProperty((0, 0, 0, 0))
    ink = ColorProperty((0, 0, 0, 1))


load_twin(__file__)
