"""A button as wide as its place, its words in the middle: what a finger at arm's length hits without looking."""

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, OptionProperty, StringProperty
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.behaviors import ButtonBehavior

from kiosk.ui import icon as _icon
from kiosk.ui import text as _text
from kiosk.ui.kv import load_twin


class WideButton(ButtonBehavior, AnchorLayout):
    """Does one thing when it is released.

    Attributes:
        look: `primary` for the one likely next step, `soft` for another, `plain` for what only some need.
        tall: it is what most people touch next.
        waiting: it will do something later, and its words say when.
        size_of_words: in sp; 0 for the theme's own.
    """

    text = StringProperty("")
    icon = StringProperty("")
    look = OptionProperty("plain", options=["primary", "soft", "plain"])
    tall = BooleanProperty(False)
    waiting = BooleanProperty(False)
    size_of_words = NumericProperty(0)
    ground = ColorProperty((0, 0, 0, 0))
    ink = ColorProperty((0, 0, 0, 1))


load_twin(__file__)
