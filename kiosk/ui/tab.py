"""A tab: an icon, a word, how many."""

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import icon as _icon
from kiosk.ui.kv import load_twin


class Tab(ButtonBehavior, BoxLayout):
    """One of several views of the same thing; `active` is the one that is shown."""

    icon = StringProperty("")
    text = StringProperty("")
    count = StringProperty("")
    active = BooleanProperty(False)


load_twin(__file__)
