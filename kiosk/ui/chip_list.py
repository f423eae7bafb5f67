"""Chips side by side, in as many rows as they need."""

from typing import Any

from kivy.properties import ListProperty
from kivy.uix.stacklayout import StackLayout

from kiosk.ui.chip import Chip
from kiosk.ui.kv import load_twin


class ChipList(StackLayout):
    """Shows `items`, each an icon's name, words and a tone."""

    items = ListProperty([])

    def on_items(self, _widget: Any, items: list[tuple[str, str, str]]) -> None:
        """Lay the chips out anew."""
        self.clear_widgets()
        for icon, text, tone in items:
            self.add_widget(Chip(icon=icon, text=text, tone=tone))


load_twin(__file__)
