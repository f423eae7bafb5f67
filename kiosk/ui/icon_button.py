"""A button that is an icon alone: for what everybody knows by its sign, such as the way back."""

from kivy.uix.behaviors import ButtonBehavior

from kiosk.ui.icon import Icon
from kiosk.ui.kv import load_twin


class IconButton(ButtonBehavior, Icon):
    """Does one thing when it is released."""


load_twin(__file__)
