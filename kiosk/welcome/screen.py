"""The welcome screen: layout and bindings only."""

from typing import Any

from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk.stage.rows import own_name
from kiosk.ui import brand_mark, icon, text, wide_button
from kiosk.ui.kv import load_twin
from kiosk.ui.photo import Photo
from kiosk.ui.wide_button import WideButton
from kiosk.welcome import art
from kiosk.welcome.motion import STILL


class Tongue(WideButton):
    """A language, in its own word for itself."""

    language = StringProperty("")


class Tongues(BoxLayout):
    """The languages that can be chosen."""

    languages = ListProperty([])
    spoken = StringProperty("")

    __events__ = ("on_language",)

    def on_languages(self, *_: object) -> None:
        """A word for each."""
        self.clear_widgets()
        for language in self.languages:
            word = Tongue(language=language, text=own_name(language))
            word.bind(on_release=lambda touched: self.dispatch("on_language", touched.language))
            self.add_widget(word)
        self._mark()

    def on_spoken(self, *_: object) -> None:
        """Mark the one that is spoken."""
        self._mark()

    def on_language(self, language: str) -> None:
        """One was chosen."""

    def _mark(self) -> None:
        for word in self.children:
            word.look = "soft" if word.language == self.spoken else "plain"


class WelcomePicture(Photo):
    """The retailer's picture, cut to its place."""

    drift: Any = ObjectProperty(STILL)


class WelcomePanel(BoxLayout):
    """A sentence, a button, and how one wants to read it."""

    t: Any = ObjectProperty(None, rebind=True, allownone=True)
    languages = ListProperty([])
    brand = StringProperty("")
    logo = StringProperty("")
    large = BooleanProperty(False)
    wide = BooleanProperty(False)
    ending = BooleanProperty(False)
    drift: Any = ObjectProperty(STILL)


class WelcomeScreen(FloatLayout):
    """A full picture, a sentence, a button.

    Attributes:
        drift: where things are now.
        logo: the retailer's, and `picture` its picture for this screen, as the shelf names them.
        ending: whoever was here is just leaving; nobody can begin for a moment.
    """

    state: Any = ObjectProperty(None, rebind=True, allownone=True)
    t: Any = ObjectProperty(None, rebind=True, allownone=True)
    brand = StringProperty("")
    logo = StringProperty("")
    picture = StringProperty("")
    languages = ListProperty([])
    wide = BooleanProperty(False)
    large = BooleanProperty(False)
    ending = BooleanProperty(False)
    drift: Any = ObjectProperty(STILL)


load_twin(__file__)
