"""A row of a list that can be touched: a card as wide as the list."""

from kivy.uix.behaviors import ButtonBehavior

from kiosk.ui.card import Card
from kiosk.ui.kv import load_twin


class ListRow(ButtonBehavior, Card):
    """Opens what it stands for."""


load_twin(__file__)
