"""A secret as it is typed: a dot for each sign, never the sign."""

from typing import Any

from kivy.graphics import Color, Ellipse
from kivy.metrics import dp
from kivy.properties import ColorProperty, NumericProperty
from kivy.uix.widget import Widget

from kiosk.ui.kv import load_twin

SIDE, GAP = 16, 14
"""In dp."""


class Dots(Widget):
    """Shows `count` dots, and rings for those that are missing to `least`."""

    count = NumericProperty(0)
    least = NumericProperty(0)
    ink = ColorProperty((0, 0, 0, 1))
    line = ColorProperty((0, 0, 0, 1))
    ground = ColorProperty((1, 1, 1, 1))

    def __init__(self, **kwargs: Any) -> None:
        for cause in ("count", "least", "ink", "line", "ground", "pos", "size"):
            self.fbind(cause, self._draw)
        super().__init__(**kwargs)

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        many, side = max(int(self.count), int(self.least)), dp(SIDE)
        gap = min(dp(GAP), max(0.0, (self.width - many * side) / max(1, many - 1)))
        left = self.center_x - (many * side + (many - 1) * gap) / 2
        with self.canvas:
            for number in range(many):
                place = (left + number * (side + gap), self.center_y - side / 2)
                there = number < self.count
                Color(rgba=self.ink if there else self.line)
                Ellipse(pos=place, size=(side, side))
                if not there:
                    rim = dp(2)
                    Color(rgba=self.ground)
                    Ellipse(pos=(place[0] + rim, place[1] + rim), size=(side - 2 * rim, side - 2 * rim))


load_twin(__file__)
