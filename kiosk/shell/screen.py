"""The shell: layout and bindings only."""

from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    OptionProperty,
    StringProperty,
)
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.textinput import TextInput

from kiosk.assist.screen import AssistBands, VouchScreen
from kiosk.customer.screen import CustomerScreen
from kiosk.enrol.screen import EnrolScreen
from kiosk.find.screen import FindScreen
from kiosk.hand_over.screen import HandOverScreen
from kiosk.item.screen import ItemScreen
from kiosk.items.screen import ItemsScreen
from kiosk.shell.rows import band_words, link_words, unsent_words
from kiosk.shell.state import LinkState, gate_of
from kiosk.sign_in.rows import somebody_words
from kiosk.sign_in.screen import SignInScreen
from kiosk.ui import band, card, icon, icon_button, pages, stack, text
from kiosk.ui.avatar import Avatar
from kiosk.ui.kv import load_twin

__all__ = [
    "AssistBands",
    "CustomerScreen",
    "EnrolScreen",
    "FindScreen",
    "HandOverScreen",
    "ItemScreen",
    "ItemsScreen",
    "RailItem",
    "SearchField",
    "Shell",
    "SignInScreen",
    "VouchScreen",
]


class RailItem(ButtonBehavior, BoxLayout):
    """One of the places the rail leads to."""

    icon = StringProperty("")
    text = StringProperty("")
    active = BooleanProperty(False)


class SearchField(TextInput):
    """The one field to type into; what it asks for depends on the place."""

    customers_hint = StringProperty("")
    items_hint = StringProperty("")


class Me(ButtonBehavior, Avatar):
    """Whoever is signed in."""


class MenuRow(ButtonBehavior, BoxLayout):
    """One of the ways out."""

    icon = StringProperty("")
    text = StringProperty("")


class Menu(ButtonBehavior, FloatLayout):
    """Who is signed in, and the ways out; a touch beside it closes it."""

    someone = ListProperty(["", ""])
    unsent = StringProperty("")
    t = ObjectProperty(None, rebind=True, allownone=True)


class Shell(FloatLayout):
    """The rail at the left, the search above, one screen in the middle; or, with nobody signed in, the door alone.

    `unsent` changes waited to be sent when the menu was opened, or when the tablet was locked.
    """

    current = OptionProperty("find", options=["find", "customer", "items", "item", "hand_over", "vouch"])
    find = ObjectProperty(None, rebind=True, allownone=True)
    customer = ObjectProperty(None, rebind=True, allownone=True)
    items = ObjectProperty(None, rebind=True, allownone=True)
    item = ObjectProperty(None, rebind=True, allownone=True)
    place = OptionProperty("customers", options=["customers", "items"])
    hand_over = ObjectProperty(None, rebind=True, allownone=True)
    assist = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)
    shelf = ObjectProperty(None, allownone=True)
    store = StringProperty("")
    brand = StringProperty("")
    link = ObjectProperty(LinkState(), rebind=True)
    enrol = ObjectProperty(None, rebind=True, allownone=True)
    sign_in = ObjectProperty(None, rebind=True, allownone=True)
    someone = ListProperty(["", ""])
    menu_open = BooleanProperty(False)
    unsent = NumericProperty(0)
    link_words = ListProperty(["", "plain"])
    link_ink = ColorProperty((0, 0, 0, 0))
    typing = BooleanProperty(False)
    roomy = BooleanProperty(True)


load_twin(__file__)
