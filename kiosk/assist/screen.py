"""Kiosks that want somebody: bands over every screen, and the screen to vouch with. Layout and bindings only."""

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import action_row, band, card, hint, icon, pad, pages, text
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.kv import load_twin
from kiosk.ui.stack import Stack


class AssistBands(Stack):
    """Says which kiosk wants somebody, wherever one is; takes no room where none does."""

    state = ObjectProperty(None, rebind=True, allownone=True)
    customer = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)
    quiet = BooleanProperty(False)
    waits = ObjectProperty(("", ""))


class DigitBox(BoxLayout):
    """Room for one digit."""

    text = StringProperty("")
    next = BooleanProperty(False)


class VouchScreen(BoundScreen):
    """The two digits of a kiosk, for the customer who is open."""

    customer = ObjectProperty(None, rebind=True, allownone=True)
    asks = ObjectProperty(("", ""))
    boxes = ObjectProperty(("", ""))
    trouble = StringProperty("")
    done = BooleanProperty(False)
    wide = BooleanProperty(True)


load_twin(__file__)
