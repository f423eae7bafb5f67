"""Where a cart leaves the kiosk: layout and bindings only."""

from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.label import Label

from kiosk.ui import big_words, card, line_list, pages, qr_code, ring, text, wide_button
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.card import Card
from kiosk.ui.kv import load_twin


class CodeSigns(Label):
    """Six signs, large and apart, to be read aloud."""


class CodeCard(Card):
    """The QR code on white, whatever the theme."""

    text = StringProperty("")


class HandoffScreen(BoundScreen):
    """A cart on its way."""

    said = ObjectProperty(None, rebind=True, allownone=True)


load_twin(__file__)
