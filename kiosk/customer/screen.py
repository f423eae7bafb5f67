"""The customer screen: layout and bindings only."""

from typing import Any

from kivy.animation import Animation
from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, OptionProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.recycleview import RecycleView
from kivy.uix.scrollview import ScrollView

from kiosk.customer.state import PutIn
from kiosk.ui import (
    action_row,
    avatar,
    band,
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
    quantity,
    skeleton,
    tab,
    text,
)
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.card import Card
from kiosk.ui.in_sight import in_sight
from kiosk.ui.kv import load_twin
from kiosk.ui.stack import Stack
from kiosk.ui.tone import TONES

GLOW_OUT = 1.4
"""Seconds that a glow takes to go."""


class Row(BoxLayout):
    """A row of a tab; which kind, the data says.

    Attributes:
        glow: the number of the change by another hand that it shows; 0 where it shows none. It glows once for each.
        lit: how far it glows.
        pace: seconds that a glow takes to come; 0: nothing moves here.
    """

    kind = StringProperty("")
    shelf = ObjectProperty(None, allownone=True)
    glow = NumericProperty(0)
    lit = NumericProperty(0.0)
    pace = NumericProperty(0.0)

    def on_glow(self, *_: Any) -> None:
        """Glow once; a row that is another line by now does not go on."""
        Animation.cancel_all(self, "lit")
        self.lit = 0
        if self.glow and self.pace:
            glow = Animation(lit=1.0, duration=self.pace) + Animation(lit=0.0, duration=GLOW_OUT, t="in_quad")
            glow.start(self)


class RowHeading(Row):
    """Names the rows that follow: a cart's, which may be joined to another, or a list's."""

    text = StringProperty("")
    join = StringProperty("")
    source = NumericProperty(0)
    target = NumericProperty(0)


class ArticleRow(ButtonBehavior, Row):
    """An article in a wish list, where it is, and the way into the cart; it opens what the catalogue has."""

    sku = StringProperty("")
    picture = StringProperty("")
    title = StringProperty("")
    options = StringProperty("")
    here = StringProperty("")
    tone = OptionProperty("plain", options=TONES)
    elsewhere = StringProperty("")
    price = StringProperty("")
    was = StringProperty("")
    in_cart = StringProperty("")
    add = StringProperty("")
    wishlist_id = NumericProperty(0)


class CartRow(ButtonBehavior, Row):
    """A line of a cart: what it is, where it is, how many of it there shall be; it opens what the catalogue has."""

    sku = StringProperty("")

    picture = StringProperty("")
    title = StringProperty("")
    options = StringProperty("")
    pending = StringProperty("")
    here = StringProperty("")
    tone = OptionProperty("plain", options=TONES)
    elsewhere = StringProperty("")
    price = StringProperty("")
    was = StringProperty("")
    count = NumericProperty(1)
    cart_id = NumericProperty(0)
    line = NumericProperty(0)
    steps = BooleanProperty(True)


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


class TabRows(RecycleView):
    """The rows of a tab; the one of what was put in is brought into sight.

    Attributes:
        shown: which tab, and whose, so that another one begins at its top.
    """

    shown = ObjectProperty(None, allownone=True)

    def on_shown(self, *_: Any) -> None:
        """Begin at the top."""
        self.scroll_y = 1.0

    def on_data(self, *_: Any) -> None:
        """Go to what was put in."""
        # In the next frame: a band that comes with the change makes the list lower first.
        Clock.schedule_once(self._go)

    def _go(self, _seconds: float) -> None:
        at = next((at for at, row in enumerate(self.data) if row.get("put")), None)
        if at is None or self.data[at]["put"] == self._seen:
            return
        self._seen = self.data[at]["put"]
        self.scroll_y = in_sight([row["row_size"][1] for row in self.data], at, self.height, 0, self.scroll_y)

    _seen: PutIn | None = None


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
