"""Sentences one under the other, each perhaps with an icon before it."""

from typing import Any

from kivy.properties import BooleanProperty, ColorProperty, ListProperty, OptionProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import icon as _icon
from kiosk.ui import text as _text
from kiosk.ui.kv import load_twin
from kiosk.ui.tone import TONES


class IconLine(BoxLayout):
    """One sentence."""

    text = StringProperty("")
    icon = StringProperty("")
    tone = OptionProperty("plain", options=[*TONES, "soft"])
    bold = BooleanProperty(False)
    ink = ColorProperty((0, 0, 0, 1))


class LineList(BoxLayout):
    """Shows `items`, each an icon's name, words and a tone; a soft one is said in small letters."""

    items = ListProperty([])
    bold = BooleanProperty(False)

    def on_items(self, _widget: Any, items: list[tuple[str, str, str]]) -> None:
        """Write the sentences anew."""
        self.clear_widgets()
        for icon, text, tone in items:
            self.add_widget(IconLine(icon=icon, text=text, tone=tone, bold=self.bold))


load_twin(__file__)
