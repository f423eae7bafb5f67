"""The item screen: layout and bindings only."""

from typing import Any

from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.scrollview import ScrollView

from kiosk.item.rows import (
    NO_VARIANTS,
    NOTHING,
    NOWHERE,
    facts_of,
    heading_of,
    legend_of,
    table_of,
    trouble_words,
    where_of,
)
from kiosk.ui import (
    action_row,
    band,
    card,
    chip,
    chip_list,
    choice_table,
    fold,
    hint,
    icon,
    line_list,
    pages,
    picture,
    pill_button,
    skeleton,
    text,
)
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.card import Card
from kiosk.ui.kv import load_twin
from kiosk.ui.stack import Stack


class ItemScroll(ScrollView):
    """A card that may be longer than the screen; `whose` it is, so that the next one begins at its top."""

    whose = ObjectProperty(None, allownone=True)


class ItemPart(Card):
    """A part of the screen that draws the same state."""

    state = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)
    shelf = ObjectProperty(None, allownone=True)


class ItemWords(Stack):
    """What an article is, and what it costs."""

    t = ObjectProperty(None, rebind=True, allownone=True)
    facts = ObjectProperty(NOTHING, rebind=True)
    most = NumericProperty(12)


class ItemCard(ItemPart):
    """Beside the variants: a large photo, and words under it."""

    facts = ObjectProperty(NOTHING, rebind=True)


class ItemBand(ItemPart):
    """The same where there is no room beside them: words beside the photo."""

    facts = ObjectProperty(NOTHING, rebind=True)


class VariantsCard(ItemPart):
    """Sizes and colours, and how many of each are here; `content_height` is what all of them take."""

    content_height = NumericProperty(0)
    table = ObjectProperty(NO_VARIANTS, rebind=True)


class WhereCard(ItemPart):
    """Where the variant that is looked at is."""

    where = ObjectProperty(NOWHERE, rebind=True)


class WisherRow(ButtonBehavior, BoxLayout):
    """Somebody who wishes for it."""

    customer_id = NumericProperty(0)
    name = StringProperty("")
    shown_name = StringProperty("")
    about = StringProperty("")


class WisherSkeleton(BoxLayout):
    """The shape of somebody who is asked for."""

    def show(self, *, seen: bool) -> None:
        """Breathe, or no more."""
        for line in self.children:
            line.seen = seen


class WisherList(Stack):
    """Those who wish for it, a row each; the shape of one while nobody knows them."""

    rows = ListProperty([])
    waits = BooleanProperty(False)

    def on_rows(self, *_: Any) -> None:
        """Make the rows anew."""
        self.clear_widgets([child for child in self.children if isinstance(child, WisherRow)])
        for row in self.rows:
            self.add_widget(WisherRow(**row))

    def on_waits(self, *_: Any) -> None:
        """Show that somebody is asked, or no more."""
        for waiting in [child for child in self.children if isinstance(child, WisherSkeleton)]:
            waiting.show(seen=False)
            self.remove_widget(waiting)
        if self.waits:
            waiting = WisherSkeleton()
            self.add_widget(waiting)
            waiting.show(seen=True)


class WishersCard(ItemPart):
    """How many customers of the store wish for it; touched, it names them, in so much room as there is.

    `waits`: who they are is being asked; `note` is why they cannot be named.
    """

    rows = ListProperty([])
    waits = BooleanProperty(False)
    note = StringProperty("")
    room = NumericProperty(400)


class AboutCard(ItemPart):
    """What the catalogue says of an article that has no variants to choose from."""

    facts = ObjectProperty(NOTHING, rebind=True)


class VariantsSkeleton(Card):
    """The shape of the variants before they are known."""


class VariantsSide(BoxLayout):
    """The variants; before they are known their shape, or why they cannot be."""

    state = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)


class ItemScreen(BoundScreen):
    """One article, in all its sizes and colours."""

    customer = ObjectProperty(None, rebind=True, allownone=True)
    shelf = ObjectProperty(None, allownone=True)


load_twin(__file__)
