"""The enrolment screen: layout and bindings only."""

from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, OptionProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.textinput import TextInput

from kiosk.enrol.rows import code_words, revoked_words, step_words, trouble_words
from kiosk.ui import band, big_words, hint, icon, icon_button, key, pages, pill_button, text, wide_button
from kiosk.ui.bound_screen import BoundScreen
from kiosk.ui.card import Card
from kiosk.ui.key import Key
from kiosk.ui.kv import load_twin


class LetterKey(Key):
    """A letter of the code."""


class Letters(GridLayout):
    """Every letter that a code may have."""

    letters = StringProperty("")

    __events__ = ("on_letter",)

    def on_letters(self, *_: object) -> None:
        """Make a key for each."""
        self.clear_widgets()
        for letter in self.letters:
            made = LetterKey(text=letter)
            made.bind(on_release=lambda touched: self.dispatch("on_letter", touched.text))
            self.add_widget(made)

    def on_letter(self, letter: str) -> None:
        """A letter was touched."""


class ServerField(TextInput):
    """Where the server is."""

    def begin(self) -> None:
        """Show how it begins; a long one would stay scrolled to where the one before ended."""
        self.cursor = (0, 0)
        self.scroll_x = 0


class EnrolStep(BoxLayout):
    """One of the things to do, in their order."""

    number = StringProperty("")
    text = StringProperty("")


class ScanCard(Card):
    """The usual way: hold the scanner to a QR."""

    steps = ListProperty([""] * 5)


class TypeCard(Card):
    """The other way: type what stands under it.

    Attributes:
        server_shown: the server's address can be typed, too; whoever stands before a kiosk has no business with it.
    """

    steps = ListProperty([""] * 5)
    server_shown = BooleanProperty(True)
    state = ObjectProperty(None, rebind=True, allownone=True)
    t = ObjectProperty(None, rebind=True, allownone=True)


class EnrolScreen(BoundScreen):
    """How this device comes to belong to a store.

    Attributes:
        kind: which device it is.
    """

    kind = OptionProperty("tablet", options=["tablet", "kiosk"])
    steps = ListProperty([""] * 5)
    wide = BooleanProperty(True)
    out = ListProperty(["", ""])

    @property
    def server_field(self) -> ServerField:
        """The field for the server's address."""
        field: ServerField = self.ids.typing.ids.server
        return field


load_twin(__file__)
