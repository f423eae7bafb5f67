"""The cart's screen: layout and bindings only."""

from typing import Any

from kivy.animation import Animation
from kivy.properties import (
    BooleanProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    OptionProperty,
    StringProperty,
)
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.recycleview import RecycleView

from kiosk.resume.rows import CartCard, OptionRow
from kiosk.ui import (
    big_words,
    card,
    chip,
    icon,
    pages,
    picture,
    pill_button,
    quantity,
    skeleton,
    text,
    wide_button,
)
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.card import Card
from kiosk.ui.in_sight import in_sight
from kiosk.ui.kv import load_twin
from kiosk.ui.stack import Stack
from kiosk.ui.text import OneLine
from kiosk.ui.tone import TONES
from kiosk.ui.wide_button import WideButton

COMING, GOING = 0.16, 1.6
"""Seconds in which a glow comes, and goes."""


class ListedRow(BoxLayout):
    """A row of the list; which kind, the data says.

    Attributes:
        narrow: its price stands under its words.
    """

    kind = StringProperty("")
    shelf = ObjectProperty(None, allownone=True)
    narrow = BooleanProperty(False)
    title = StringProperty("")


class ArticleCard(ListedRow):
    """An article: its picture, what it is, where it is, what it costs."""

    picture = StringProperty("")
    options = StringProperty("")
    where = StringProperty("")
    tone = OptionProperty("plain", options=TONES)
    age = StringProperty("")
    price = StringProperty("")


class LineCard(ArticleCard):
    """A line of the cart, to be changed.

    Attributes:
        glow: counts changes by others; another number than before glows once.
        light: how much of that is left.
    """

    line = NumericProperty(0)
    held = BooleanProperty(False)
    quantity = NumericProperty(1)
    was = StringProperty("")
    pending = StringProperty("")
    glow = NumericProperty(0)
    light = NumericProperty(0.0)

    def on_glow(self, *_: object) -> None:
        """Glow once, gently."""
        Animation.cancel_all(self, "light")
        self.light = 0
        if self.glow:
            glowing = Animation(light=1.0, duration=COMING) + Animation(light=0, duration=GOING, t="in_quad")
            glowing.start(self)


class WishCard(ArticleCard):
    """Something that is wished for, to be put in."""

    sku = StringProperty("")
    add = StringProperty("")
    there = StringProperty("")


class GoneRow(ListedRow):
    """Where a line was taken out, and the way back."""

    sku = StringProperty("")
    undo = StringProperty("")


class WayRow(ListedRow):
    """The way to something else that can be put in."""

    icon = StringProperty("")
    does = StringProperty("")
    way = StringProperty("")


class HeadRow(ListedRow):
    """Names the rows that follow."""


class CartLines(RecycleView):
    """The rows; one that is new, or that was put in here once more, is brought into sight.

    Attributes:
        cart: whose they are, so that another one begins at its top.
        above: room over the first row.
    """

    cart = ObjectProperty(None, allownone=True)
    above = NumericProperty(0)

    def on_cart(self, *_: object) -> None:
        """Begin at the top."""
        self._count, self._fresh = None, 0
        self.scroll_y = 1.0

    def on_data(self, *_: object) -> None:
        """Go to what is new."""
        count = sum(row["kind"] == "LineCard" for row in self.data)
        fresh = max((row["fresh"] for row in self.data), default=0)
        if self._count is not None and fresh > self._fresh:
            at = max(at for at, row in enumerate(self.data) if row["fresh"] == fresh)
            if count > self._count or self.data[at]["own"]:
                heights = [row["row_size"][1] for row in self.data]
                self.scroll_y = in_sight(heights, at, self.height, self.above, self.scroll_y)
        self._count, self._fresh = count, max(fresh, self._fresh)

    _count: int | None = None
    _fresh: int = 0


class CartPart(BoxLayout):
    """A part of the screen that draws the same state."""

    state = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)


class CartGreeting(CartPart):
    """Whose cart it is, and how old."""


class SpeakBox(AnchorLayout):
    """Where the screen speaks: what just happened, or how something is added."""

    icon = StringProperty("")
    text = StringProperty("")
    tone = OptionProperty("brand", options=TONES)


class SumPanel(CartPart):
    """What it comes to."""

    total = ObjectProperty(None, rebind=True, allownone=True)


class CartWays(CartPart):
    """Where the cart can go."""

    beside = BooleanProperty(True)


class CartList(CartPart):
    """The lines; under a tall window's upper third, where nothing is to be touched, what can be begins lower."""

    tall = BooleanProperty(False)
    moves = BooleanProperty(True)
    shelf = ObjectProperty(None, allownone=True)


class CartChoice(Card):
    """One of several carts: what is in it, and the way on with it alone."""

    t = ObjectProperty(None, rebind=True, allownone=True)
    name = StringProperty("")
    about = StringProperty("")
    titles = StringProperty("")
    total = StringProperty("")
    cart = NumericProperty(0)


class CartChoices(Stack):
    """Shows `cards`, one a cart."""

    cards = ListProperty([])
    t = ObjectProperty(None, rebind=True, allownone=True)

    def on_cards(self, _widget: Any, cards: list[CartCard]) -> None:
        """Lay them out anew."""
        self.clear_widgets()
        for one in cards:
            self.add_widget(CartChoice(t=self.t, **one._asdict()))

    def on_t(self, *_: object) -> None:
        """Say it in another language."""
        for choice in self.children:
            choice.t = self.t


class ChoiceButton(WideButton):
    """A size or colour to be touched.

    Attributes:
        there: whether any store has it, with what else is picked; otherwise it is struck out.
        here: whether this store has it.
    """

    name = StringProperty("")
    picked = BooleanProperty(False)
    there = BooleanProperty(True)
    here = BooleanProperty(True)


class OptionName(OneLine):
    """What an option is called."""


class OptionGrid(GridLayout):
    """Its values."""


class OptionRows(Stack):
    """Shows `rows`, each an option with a button for each value."""

    rows = ListProperty([])
    columns = NumericProperty(4)

    def on_rows(self, _widget: Any, rows: list[OptionRow]) -> None:
        """Lay them out anew."""
        self.clear_widgets()
        for row in rows:
            self.add_widget(OptionName(text=row.name))
            grid = OptionGrid(cols=self.columns)
            for one in row.choices:
                grid.add_widget(
                    ChoiceButton(name=one.name, text=one.value, picked=one.picked, there=one.there, here=one.here)
                )
            self.add_widget(grid)

    def on_columns(self, *_: object) -> None:
        """Lay them out for another width."""
        self.on_rows(self, self.rows)


class CartScreen(BoundScreen):
    """The cart of whoever is here, and what can be done with it.

    Attributes:
        moves: whether anything may move.
    """

    shelf = ObjectProperty(None, allownone=True)
    moves = BooleanProperty(True)
    picked = ObjectProperty(None, rebind=True, allownone=True)


load_twin(__file__)
