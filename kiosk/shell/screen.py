"""The shell: layout and bindings only."""

from kivy.properties import BooleanProperty, ColorProperty, ListProperty, ObjectProperty, OptionProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.textinput import TextInput

from kiosk.customer.screen import CustomerScreen
from kiosk.find.screen import FindScreen
from kiosk.shell.rows import band_words, link_words
from kiosk.shell.state import LinkState
from kiosk.ui import avatar, band, icon, icon_button, pages, text
from kiosk.ui.kv import load_twin

__all__ = ["CustomerScreen", "FindScreen", "RailItem", "SearchField", "Shell"]


class RailItem(ButtonBehavior, BoxLayout):
    """One of the places the rail leads to."""

    icon = StringProperty("")
    text = StringProperty("")
    active = BooleanProperty(False)


class SearchField(TextInput):
    """The one field to type into."""


class Shell(BoxLayout):
    """The rail at the left, the search above, one screen in the middle."""

    current = OptionProperty("find", options=["find", "customer"])
    find = ObjectProperty(None, rebind=True, allownone=True)
    customer = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)
    shelf = ObjectProperty(None, allownone=True)
    store = StringProperty("")
    brand = StringProperty("")
    link = ObjectProperty(LinkState(), rebind=True)
    link_words = ListProperty(["", "plain"])
    link_ink = ColorProperty((0, 0, 0, 0))
    typing = BooleanProperty(False)
    roomy = BooleanProperty(True)


load_twin(__file__)
