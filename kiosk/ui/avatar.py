"""A person's initials in a circle."""

from kivy.properties import StringProperty
from kivy.uix.label import Label

from kiosk.ui.kv import load_twin


class Avatar(Label):
    """Shows the initials of `name`; a sign for somebody, where there is none."""

    name = StringProperty("")


load_twin(__file__)
