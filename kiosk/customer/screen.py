"""The customer screen: layout and bindings only."""

from kivy.properties import BooleanProperty, ObjectProperty, OptionProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.scrollview import ScrollView

from kiosk.ui import (
    action_row,
    avatar,
    card,
    chip,
    chip_list,
    fold,
    hint,
    icon,
    line_list,
    pages,
    picture,
    pill_button,
    skeleton,
    tab,
    text,
)
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.card import Card
from kiosk.ui.kv import load_twin
from kiosk.ui.stack import Stack
from kiosk.ui.tone import TONES


class Row(BoxLayout):
    """A row of a tab; which kind, the data says."""

    kind = StringProperty("")
    shelf = ObjectProperty(None, allownone=True)


class RowHeading(Row):
    """Names the rows that follow."""

    text = StringProperty("")


class ArticleRow(ButtonBehavior, Row):
    """An article in a cart or wish list, and where it is; it opens what the catalogue has."""

    sku = StringProperty("")
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


class Part(Card):
    """A part of the screen that draws the same state."""

    state = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)
    facts = ObjectProperty(None, rebind=True, allownone=True)


class Details(Stack):
    """What is worth knowing, after the essentials."""

    t = ObjectProperty(None, rebind=True, allownone=True)
    facts = ObjectProperty(None, rebind=True, allownone=True)
    notes_open = BooleanProperty(False)


class CardScroll(ScrollView):
    """A card that may be longer than the screen; `whose` it is, so that the next one begins at its top."""

    whose = ObjectProperty(None, allownone=True)


class Somebody(Part):
    """Who this is and why they are here; `facts` are None until it is known, and again for somebody else."""

    called = StringProperty("")


class PersonCard(Somebody):
    """Beside the cart, with all that is known."""


class PersonBand(Somebody):
    """The same where there is no room beside the cart: the essentials, and the rest on demand."""

    open = BooleanProperty(False)


class HereCard(Part):
    """How much of the cart is in this store."""

    words = ObjectProperty(("", ""))


class ViewedCard(Part):
    """What was looked at last."""

    shelf = ObjectProperty(None, rebind=True, allownone=True)
    views = ObjectProperty(())


class TabsCard(Card):
    """What waits, is wished for and was bought; `context` is None until it is known, and again for somebody else."""

    state = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)
    shelf = ObjectProperty(None, rebind=True, allownone=True)
    context = ObjectProperty(None, rebind=True, allownone=True)


class CustomerScreen(BoundScreen):
    """Who this is, what waits, and what is here of it."""

    shelf = ObjectProperty(None, allownone=True)


load_twin(__file__)
