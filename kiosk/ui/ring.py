"""A ring that empties: how much of a time is left, with the seconds in its middle."""

from typing import Any

from kivy.graphics import Color, Line
from kivy.metrics import dp
from kivy.properties import ColorProperty, NumericProperty
from kivy.uix.label import Label

from kiosk.ui.kv import load_twin

WIDTH = 9
"""Of the line, in dp."""


class Ring(Label):
    """Shows `share` of a whole turn, from the top, clockwise."""

    share = NumericProperty(1.0)
    line = ColorProperty((0, 0, 0, 1))
    ground = ColorProperty((1, 1, 1, 1))

    def __init__(self, **kwargs: Any) -> None:
        for cause in ("share", "line", "ground", "pos", "size"):
            self.fbind(cause, self._draw)
        super().__init__(**kwargs)

    def _draw(self, *_: object) -> None:
        self.canvas.before.clear()
        radius = min(self.size) / 2 - dp(WIDTH)
        if radius <= 0:
            return
        with self.canvas.before:
            Color(rgba=self.ground)
            Line(circle=(self.center_x, self.center_y, radius), width=dp(WIDTH))
            if self.share > 0:
                Color(rgba=self.line)
                Line(circle=(self.center_x, self.center_y, radius, 0, 360 * self.share), width=dp(WIDTH))


load_twin(__file__)
