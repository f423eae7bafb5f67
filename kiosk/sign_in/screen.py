"""The sign-in screen: layout and bindings only."""

from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.sign_in.rows import staff_rows, trouble_words, whom, why_words
from kiosk.sign_in.state import LEAST
from kiosk.ui import avatar, band, dots, hint, icon, key, list_row, pad, pages, pill_button, skeleton, text
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.card import Card
from kiosk.ui.kv import load_twin
from kiosk.ui.list_row import ListRow


class StaffCard(ListRow):
    """A name that may sign in."""

    staff_id = NumericProperty(0)
    name = StringProperty("")


class NamesPage(BoxLayout):
    """Who are you?"""

    state = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)
    names = ListProperty([])
    trouble = StringProperty("")
    columns = NumericProperty(3)


class PinPage(Card):
    """Whose PIN, and a pad for it."""

    state = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)
    whom = ListProperty(["", ""])
    trouble = StringProperty("")
    unsent = NumericProperty(0)
    wide = BooleanProperty(True)


class SignInScreen(BoundScreen):
    """Who works on this tablet."""

    link = ObjectProperty(None, rebind=True, allownone=True)
    brand = StringProperty("")
    store = StringProperty("")
    trouble = StringProperty("")
    unsent = NumericProperty(0)
    wide = BooleanProperty(True)


load_twin(__file__)
