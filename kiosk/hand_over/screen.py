"""The screen of a cart that is handed over: layout and bindings only."""

from typing import Any

from kivy.properties import ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import action_row, card, hint, icon, pages, qr_code, skeleton, text
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.kv import load_twin
from kiosk.ui.list_row import ListRow


class CartChoice(ListRow):
    """One of several carts."""

    cart_id = NumericProperty(0)
    name = StringProperty("")
    pieces = StringProperty("")
    total = StringProperty("")


class CartChoices(BoxLayout):
    """The carts that could go, one under the other."""

    items = ListProperty([])

    def on_items(self, _widget: Any, items: list[dict[str, Any]]) -> None:
        """Lay them out anew."""
        self.clear_widgets()
        for item in items:
            self.add_widget(CartChoice(**item))


class HandOverScreen(BoundScreen):
    """A code for the till, and what became of it."""

    customer = ObjectProperty(None, rebind=True, allownone=True)
    end = ObjectProperty(("", "", ""))


load_twin(__file__)
