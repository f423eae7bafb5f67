"""The items screen: layout and bindings only."""

from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, OptionProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.items.rows import hit_rows, over_hits
from kiosk.ui import band, card, chip, hint, icon, list_row, pages, picture, skeleton, text
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.kv import load_twin
from kiosk.ui.list_row import ListRow
from kiosk.ui.text import OneLine
from kiosk.ui.tone import TONES


class ProductFound(ListRow):
    """One product found."""

    kind = StringProperty("")
    shelf = ObjectProperty(None, allownone=True)
    sku = StringProperty("")
    picture = StringProperty("")
    marked_title = StringProperty("")
    about = StringProperty("")
    price = StringProperty("")
    was = StringProperty("")
    here = StringProperty("")
    tone = OptionProperty("plain", options=TONES)
    elsewhere = StringProperty("")


class ProductRow(ProductFound):
    """One product found, on one line."""


class ProductCard(ProductFound):
    """The same where a line is too short for it."""


class ItemsCount(OneLine):
    """How many were found, at their end."""

    kind = StringProperty("")
    shelf = ObjectProperty(None, allownone=True)


class ProductsPage(BoxLayout):
    """Products found, and what is to be said of them."""

    state = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)
    rows = ListProperty([])


class ItemsScreen(BoundScreen):
    """What fits what is typed."""

    shelf = ObjectProperty(None, allownone=True)
    wide = BooleanProperty(True)


load_twin(__file__)
