"""The stage: layout and bindings only."""

from typing import Any

from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.gridlayout import GridLayout

from kiosk.calls.rows import call_words
from kiosk.idle import screen as idle_screen
from kiosk.stage.rows import next_tongue
from kiosk.ui import brand_mark, icon, pages, text, wide_button
from kiosk.ui.kv import load_twin
from kiosk.ui.pages import Page

BARE = frozenset({"welcome", "enrol"})
"""Screens that fill the window: they say for themselves what stands around the others."""


class StageFoot(GridLayout):
    """A way out, somebody who helps, larger letters, another language: on every screen, where everybody reaches it."""

    t = ObjectProperty(None, rebind=True, allownone=True)
    guest = BooleanProperty(False)
    large = BooleanProperty(False)
    next = ObjectProperty(("", ""))


class Stage(FloatLayout):
    """Shows the screen that `current` names; screens are put on it by whoever puts the program together.

    Attributes:
        logo: the retailer's, as the shelf names it.
        shown_languages: those that can be chosen.
        guest: somebody is here, and can leave.
        wide: it lies on its side.
        large: the letters are large.
        bare: the screen that is shown fills the window.
        idle: whether somebody is asked for a sign of life.
        call: whether somebody was called, and who comes.
    """

    current = StringProperty("")
    t: Any = ObjectProperty(None, rebind=True, allownone=True)
    brand = StringProperty("")
    logo = StringProperty("")
    store = StringProperty("")
    shown_languages = ListProperty([])
    guest = BooleanProperty(False)
    wide = BooleanProperty(False)
    large = BooleanProperty(False)
    bare = BooleanProperty(True)
    idle: Any = ObjectProperty(None, rebind=True, allownone=True)
    call: Any = ObjectProperty(None, rebind=True, allownone=True)

    def put(self, name: str, screen: Any) -> None:
        """Have a screen that can be shown by its name."""
        page = Page(name=name)
        page.add_widget(screen)
        self.ids.pages.add_widget(page)

    def on_current(self, *_: object) -> None:
        """Some fill the window."""
        self.bare = self.current in BARE


load_twin(__file__)
