"""A large key of a pad: a digit, a letter or a sign."""

from kivy.properties import StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label

from kiosk.ui.kv import load_twin


class Key(ButtonBehavior, Label):
    """Says what it adds; one with an `icon` does something else, and shows that instead."""

    icon = StringProperty("")


load_twin(__file__)
