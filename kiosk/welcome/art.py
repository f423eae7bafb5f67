"""What the welcome screen shows where the retailer has no picture: a cart that comes out of a phone into the shop."""

from typing import Any

from kivy.core.text import Label as TextRun
from kivy.graphics import (
    Color,
    Ellipse,
    PopMatrix,
    PushMatrix,
    Rectangle,
    Rotate,
    RoundedRectangle,
    Translate,
)
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty
from kivy.uix.widget import Widget

from kiosk.ui.kv import load_twin
from kiosk.ui.names import ICONS, glyph
from kiosk.welcome.motion import SHADE, STILL, Drift

THINGS = ("tshirt-crew", "shoe-sneaker", "bag-personal")


class WelcomeArt(Widget):
    """Fills its place with the brand's colour.

    Attributes:
        drift: where things are now.
        off: something else is shown in its place.
        low: how much of its foot something else stands on, in pixels.
    """

    drift: Any = ObjectProperty(STILL)
    off = BooleanProperty(False)
    low = NumericProperty(0)
    right_of = NumericProperty(0)
    brand = ColorProperty((0, 0, 0, 1))
    over = ColorProperty((1, 1, 1, 1))
    soft = ColorProperty((0.9, 0.9, 0.9, 1))
    surface = ColorProperty((1, 1, 1, 1))
    sunken = ColorProperty((0.9, 0.9, 0.9, 1))
    ink = ColorProperty((0, 0, 0, 1))

    def __init__(self, **kwargs: Any) -> None:
        self._ground: Color | None = None
        self._far: Translate | None = None
        self._near: Translate | None = None
        for cause in ("off", "pos", "size", "low", "right_of", "brand", "over", "soft", "surface", "sunken", "ink"):
            self.fbind(cause, self._draw)
        self.fbind("drift", self._move)
        super().__init__(**kwargs)

    def _move(self, *_: object) -> None:
        drift: Drift = self.drift
        if self._far is None or self._near is None or self._ground is None:
            return
        self._far.xy = tuple(map(dp, drift.far))
        self._near.xy = tuple(map(dp, drift.near))
        self._ground.rgba = (*(part * (1 - SHADE * drift.shade) for part in self.brand[:3]), 1)

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        self._far = self._near = self._ground = None
        wide, high = self.width - self.right_of, self.height - self.low
        if self.off or min(wide, high) <= 0:
            return
        unit = min(wide / 1000, high / 1000)
        x, y = self.x + wide / 2, self.y + self.low + high / 2
        with self.canvas:
            self._ground = Color(rgba=self.brand)
            Rectangle(pos=self.pos, size=self.size)
            PushMatrix()
            self._far = Translate(0, 0)
            for across, up, radius, alpha in ((-330, 290, 420, 0.07), (390, -170, 520, 0.06), (250, 430, 190, 0.09)):
                Color(rgba=(*self.over[:3], alpha))
                _circle(x + across * unit, y + up * unit, radius * unit)
            PopMatrix()
            PushMatrix()
            self._near = Translate(0, 0)
            self._phone(x - 150 * unit, y, unit)
            for number, (across, up, turn) in enumerate(((225, 235, -7), (262, 15, 4), (205, -205, -4))):
                self._article(x + across * unit, y + up * unit, turn, THINGS[number], unit)
            PopMatrix()
        self._move()

    def _phone(self, x: float, y: float, unit: float) -> None:
        """A phone with a cart in it, its middle at a point."""
        wide, high, edge = 400 * unit, 760 * unit, 18 * unit
        PushMatrix()
        Rotate(angle=6, origin=(x, y))
        Color(rgba=(0, 0, 0, 0.16))
        RoundedRectangle(pos=(x - wide / 2 - 6 * unit, y - high / 2 - 22 * unit), size=(wide, high), radius=[62 * unit])
        Color(rgba=self.ink)
        RoundedRectangle(pos=(x - wide / 2, y - high / 2), size=(wide, high), radius=[62 * unit])
        Color(rgba=self.surface)
        left, bottom = x - wide / 2 + edge, y - high / 2 + edge
        RoundedRectangle(pos=(left, bottom), size=(wide - 2 * edge, high - 2 * edge), radius=[46 * unit])
        self._icon("cart-outline", x, y + 262 * unit, 84 * unit, self.brand)
        for row in range(3):
            top = y + (170 - row * 150) * unit
            Color(rgba=self.sunken)
            RoundedRectangle(pos=(left + 30 * unit, top - 112 * unit), size=(96 * unit, 112 * unit), radius=[16 * unit])
            RoundedRectangle(pos=(left + 148 * unit, top - 44 * unit), size=(168 * unit, 20 * unit), radius=[10 * unit])
            RoundedRectangle(pos=(left + 148 * unit, top - 84 * unit), size=(96 * unit, 20 * unit), radius=[10 * unit])
            self._icon(THINGS[row], left + 78 * unit, top - 56 * unit, 58 * unit, self.brand)
        Color(rgba=self.brand)
        RoundedRectangle(
            pos=(left + 30 * unit, bottom + 34 * unit),
            size=(wide - 2 * edge - 60 * unit, 56 * unit),
            radius=[28 * unit],
        )
        PopMatrix()

    def _article(self, x: float, y: float, turn: float, icon: str, unit: float) -> None:
        """An article on its way into the shop: a card that stands before the phone."""
        wide, high = 350 * unit, 190 * unit
        PushMatrix()
        Rotate(angle=turn, origin=(x, y))
        Color(rgba=(0, 0, 0, 0.16))
        RoundedRectangle(pos=(x - wide / 2, y - high / 2 - 14 * unit), size=(wide, high), radius=[34 * unit])
        Color(rgba=self.surface)
        RoundedRectangle(pos=(x - wide / 2, y - high / 2), size=(wide, high), radius=[34 * unit])
        Color(rgba=self.soft)
        RoundedRectangle(
            pos=(x - wide / 2 + 24 * unit, y - high / 2 + 24 * unit), size=(128 * unit, 142 * unit), radius=[20 * unit]
        )
        self._icon(icon, x - wide / 2 + 88 * unit, y, 92 * unit, self.brand)
        Color(rgba=self.sunken)
        RoundedRectangle(pos=(x - 2 * unit, y + 26 * unit), size=(146 * unit, 22 * unit), radius=[11 * unit])
        Color(rgba=self.brand)
        RoundedRectangle(pos=(x - 2 * unit, y - 44 * unit), size=(88 * unit, 30 * unit), radius=[15 * unit])
        PopMatrix()

    def _icon(self, icon: str, x: float, y: float, side: float, colour: Any) -> None:
        """An icon, its middle at a point."""
        run = TextRun(text=glyph(icon), font_name=ICONS, font_size=max(1, round(side)))
        run.refresh()
        Color(rgba=colour)
        wide, high = run.texture.size
        Rectangle(texture=run.texture, pos=(x - wide / 2, y - high / 2), size=(wide, high))


def _circle(x: float, y: float, radius: float) -> None:
    Ellipse(pos=(x - radius, y - radius), size=(2 * radius, 2 * radius))


load_twin(__file__)
