"""What a kiosk's page says that has little else to show: a large sign, a title, and what to do."""

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import icon as _icon
from kiosk.ui import text as _text
from kiosk.ui.kv import load_twin


class BigWords(BoxLayout):
    """To be read from two steps away.

    Attributes:
        middle: whether they stand in the middle.
        size_of_title: in sp; 0 for the theme's largest.
    """

    icon = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")
    middle = BooleanProperty(True)
    size_of_title = NumericProperty(0)


load_twin(__file__)
