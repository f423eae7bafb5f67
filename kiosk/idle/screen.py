"""The sheet that asks whether somebody is still there: layout and bindings only."""

from typing import Any

from kivy.properties import BooleanProperty, ObjectProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.ui import card, ring, text, wide_button
from kiosk.ui.kv import load_twin


class IdleSheet(FloatLayout):
    """Stands before everything while it asks, and takes every touch: each says that somebody is there."""

    state: Any = ObjectProperty(None, rebind=True, allownone=True)
    t: Any = ObjectProperty(None, rebind=True, allownone=True)
    asking = BooleanProperty(False)

    __events__ = ("on_stay",)

    def on_touch_down(self, touch: Any) -> bool:
        """Nothing behind it is touched."""
        if self.asking:
            touch.grab(self)
            super().on_touch_down(touch)
        return bool(self.asking)

    def on_touch_move(self, _touch: Any) -> bool:
        """Nor moved."""
        return bool(self.asking)

    def on_touch_up(self, touch: Any) -> bool:
        """Somebody is there."""
        if touch.grab_current is self:
            touch.ungrab(self)
            self.dispatch("on_stay")
            return True
        return bool(self.asking)

    def on_stay(self) -> None:
        """Somebody is there."""


load_twin(__file__)
