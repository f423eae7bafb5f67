"""The identify screen: layout and bindings only."""

from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label

from kiosk.identify import drawing
from kiosk.identify.rows import EMAIL_KEYS, PHONE_KEYS, code_places, hint_words, reader_words, shown_contact
from kiosk.ui import icon, pages, sign_pad, stack, text, wide_button
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.card import Card
from kiosk.ui.kv import load_twin


class CodePlace(Label):
    """Where one digit of a code goes, or a digit that is shown."""


class CodePlaces(BoxLayout):
    """A place for each digit."""

    signs = ListProperty([])

    def on_signs(self, *_: object) -> None:
        """Write the digits where they belong."""
        if len(self.children) != len(self.signs):
            self.clear_widgets()
            for _ in self.signs:
                self.add_widget(CodePlace())
        for place, sign in zip(reversed(self.children), self.signs, strict=True):
            place.text = sign.strip()


class WaysPage(BoxLayout):
    """Where to hold a card or a code, and the other ways."""

    state = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)
    reader = StringProperty("below")
    wide = BooleanProperty(False)


class PadPage(BoxLayout):
    """Something to type, and a pad to type it on."""

    state = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)
    step = StringProperty("phone")
    wide = BooleanProperty(False)
    beside = BooleanProperty(False)
    title = StringProperty("")
    words = StringProperty("")
    rows = ListProperty([])
    action = StringProperty("")


class DigitsPage(BoxLayout):
    """Two digits to show to somebody."""

    state = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)


class IdentifyScreen(BoundScreen):
    """Who is it?"""

    reader = StringProperty("below")
    wide = BooleanProperty(False)


load_twin(__file__)
