"""A card: a surface with soft corners that stands a little above the paper."""

from kivy.uix.boxlayout import BoxLayout

from kiosk.ui.kv import load_twin


class Card(BoxLayout):
    """Holds what belongs together."""


load_twin(__file__)
