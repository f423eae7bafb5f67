"""What a screen says that has nothing else to show: a sign, a sentence, and what to do."""

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import icon as _icon
from kiosk.ui import text as _text
from kiosk.ui.kv import load_twin


class Hint(BoxLayout):
    """Stands in the middle of an otherwise empty page."""

    icon = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")


load_twin(__file__)
