"""Every widget in every state, on one sheet: what a designer looks at first."""

from kivy.properties import ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui import (
    action_row,
    avatar,
    band,
    card,
    chip,
    dots,
    fold,
    icon,
    icon_button,
    key,
    line_list,
    list_row,
    picture,
    pill_button,
    quantity,
    skeleton,
    tab,
    text,
)
from kiosk.ui.kv import load_twin


class Gallery(BoxLayout):
    """The sheet; `t` are the words it is shown in."""

    t = ObjectProperty(None, rebind=True, allownone=True)


load_twin(__file__)
