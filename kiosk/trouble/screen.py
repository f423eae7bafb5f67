"""The trouble screen: layout and bindings only."""

from kivy.properties import ListProperty

from kiosk.trouble.rows import said
from kiosk.ui import icon, text, wide_button
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.kv import load_twin


class TroubleScreen(BoundScreen):
    """What happened, what to do now."""

    said = ListProperty(["", "", "", ""])


load_twin(__file__)
