"""The customer screen: layout and bindings only."""

from kivy.properties import ObjectProperty, OptionProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import (
    avatar,
    band,
    card,
    chip,
    chip_list,
    icon,
    list_row,
    pages,
    picture,
    pill_button,
    skeleton,
    tab,
    text,
)
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.kv import load_twin
from kiosk.ui.tone import TONES


class Row(BoxLayout):
    """A row of a tab; which kind, the data says."""

    kind = StringProperty("")
    shelf = ObjectProperty(None, allownone=True)


class RowHeading(Row):
    """Names the rows that follow."""

    text = StringProperty("")


class ArticleRow(Row):
    """An article in a cart or wish list, and where it is."""

    picture = StringProperty("")
    title = StringProperty("")
    options = StringProperty("")
    quantity = StringProperty("")
    here = StringProperty("")
    tone = OptionProperty("plain", options=TONES)
    elsewhere = StringProperty("")
    price = StringProperty("")
    was = StringProperty("")


class OrderHeading(Row):
    """An order: when, where, how far, how much."""

    number = StringProperty("")
    day = StringProperty("")
    channel = StringProperty("")
    icon = StringProperty("")
    status = StringProperty("")
    tone = OptionProperty("plain", options=TONES)
    total = StringProperty("")


class OrderLineRow(Row):
    """An article of an order."""

    picture = StringProperty("")
    title = StringProperty("")
    options = StringProperty("")
    quantity = StringProperty("")
    price = StringProperty("")


class StoryRow(Row):
    """Something that happened, in some channel."""

    icon = StringProperty("")
    text = StringProperty("")
    when = StringProperty("")
    where = StringProperty("")


class MoreRow(Row):
    """The way to what is older."""

    text = StringProperty("")


class CustomerScreen(BoundScreen):
    """Who this is, what waits, and what is here of it."""

    shelf = ObjectProperty(None, allownone=True)


load_twin(__file__)
