"""The find screen: layout and bindings only."""

from kivy.properties import NumericProperty, StringProperty

from kiosk.find.rows import hit_rows, recent_rows
from kiosk.ui import avatar, band, chip, icon, list_row, pages, pill_button, skeleton, text
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.kv import load_twin
from kiosk.ui.list_row import ListRow


class HitRow(ListRow):
    """One person found."""

    customer_id = NumericProperty(0)
    name = StringProperty("")
    marked_name = StringProperty("")
    contact = StringProperty("")
    tier = StringProperty("")
    cart = StringProperty("")
    seen = StringProperty("")


class RecentCard(ListRow):
    """A customer who was looked at on this tablet."""

    customer_id = NumericProperty(0)
    name = StringProperty("")
    tier = StringProperty("")
    cart = StringProperty("")


class FindScreen(BoundScreen):
    """Who was here lately, and who fits what is typed."""


load_twin(__file__)
