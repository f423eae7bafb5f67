"""The find screen: layout and bindings only."""

from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.find.rows import hit_rows, order_words, over_hits, recent_rows
from kiosk.ui import (
    avatar,
    band,
    chip,
    hint,
    icon,
    list_row,
    pages,
    pill_button,
    skeleton,
    text,
)
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.kv import load_twin
from kiosk.ui.list_row import ListRow
from kiosk.ui.text import OneLine


class Hit(ListRow):
    """One person found."""

    kind = StringProperty("")
    customer_id = NumericProperty(0)
    name = StringProperty("")
    marked_name = StringProperty("")
    contact = StringProperty("")
    tier = StringProperty("")
    cart = StringProperty("")
    seen = StringProperty("")


class HitRow(Hit):
    """One person found, on one line."""


class HitCard(Hit):
    """The same where a line is too short for it."""


class CountRow(OneLine):
    """How many were found, at their end."""

    kind = StringProperty("")


class RecentCard(ListRow):
    """A customer who was looked at on this tablet."""

    customer_id = NumericProperty(0)
    name = StringProperty("")
    shown_name = StringProperty("")
    tier = StringProperty("")
    cart = StringProperty("")


class HitsPage(BoxLayout):
    """People found, and what is to be said of them."""

    state = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)
    rows = ListProperty([])


class FindScreen(BoundScreen):
    """Who was here lately, who fits what is typed, and what was scanned that is nobody's."""

    wide = BooleanProperty(True)


load_twin(__file__)
