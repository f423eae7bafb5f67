"""Where to hold a card or a phone: drawn, so that nobody has to read it."""

from typing import Any

from kivy.graphics import Color, Ellipse, Line, PopMatrix, PushMatrix, Rectangle, Rotate, RoundedRectangle
from kivy.properties import ColorProperty, OptionProperty
from kivy.uix.widget import Widget

from kiosk.ui.kv import load_twin

READERS = ("below", "left", "right")
"""Where the reader is, as seen by whoever stands before the screen."""
SIDE = 21
"""Modules of the smallest QR code; its finders are 7 wide."""


class ReaderDrawing(Widget):
    """A phone and a card on their way to the reader.

    Attributes:
        reader: where that is.
    """

    reader = OptionProperty("below", options=list(READERS))
    ink = ColorProperty((0, 0, 0, 1))
    surface = ColorProperty((1, 1, 1, 1))
    sunken = ColorProperty((0.9, 0.9, 0.9, 1))
    brand = ColorProperty((0, 0, 0, 1))
    over = ColorProperty((1, 1, 1, 1))
    soft = ColorProperty((0.9, 0.9, 0.9, 1))

    def __init__(self, **kwargs: Any) -> None:
        for cause in ("pos", "size", "reader", "ink", "surface", "sunken", "brand", "over", "soft"):
            self.fbind(cause, self._draw)
        super().__init__(**kwargs)

    def _draw(self, *_: object) -> None:
        self.canvas.clear()
        unit = min(self.width / 640, self.height / 560)
        if unit <= 0:
            return
        x, y = self.center_x, self.center_y
        with self.canvas:
            Color(rgba=self.soft)
            Ellipse(pos=(x - 270 * unit, y - 270 * unit), size=(540 * unit, 540 * unit))
            PushMatrix()
            Rotate(angle={"below": 0, "left": -90, "right": 90}[self.reader], origin=(x, y))
            self._reader(x, y - 220 * unit, unit)
            self._arrows(x, y - 118 * unit, unit)
            PopMatrix()
            shift = {"below": (0, 90), "left": (70, 0), "right": (-70, 0)}[self.reader]
            x, y = x + shift[0] * unit, y + shift[1] * unit
            self._card(x + 92 * unit, y + 10 * unit, unit)
            self._phone(x - 70 * unit, y + 4 * unit, unit)

    def _phone(self, x: float, y: float, unit: float) -> None:
        """A phone that shows a code, its middle at a point."""
        wide, high = 190 * unit, 330 * unit
        PushMatrix()
        Rotate(angle=7, origin=(x, y))
        Color(rgba=self.ink)
        RoundedRectangle(pos=(x - wide / 2, y - high / 2), size=(wide, high), radius=[30 * unit])
        edge = 11 * unit
        Color(rgba=self.surface)
        RoundedRectangle(
            pos=(x - wide / 2 + edge, y - high / 2 + edge), size=(wide - 2 * edge, high - 2 * edge), radius=[20 * unit]
        )
        Color(rgba=self.brand)
        RoundedRectangle(pos=(x - 46 * unit, y - 128 * unit), size=(92 * unit, 22 * unit), radius=[11 * unit])
        Color(rgba=self.sunken)
        RoundedRectangle(pos=(x - 62 * unit, y - 92 * unit), size=(124 * unit, 12 * unit), radius=[6 * unit])
        self._code(x, y + 22 * unit, 138 * unit)
        PopMatrix()

    def _code(self, x: float, y: float, side: float) -> None:
        """Something that looks like a QR code and says nothing."""
        module = side / SIDE
        left, bottom = x - side / 2, y - side / 2
        Color(rgba=self.ink)
        for row in range(SIDE):
            for column in range(SIDE):
                in_finder = any(a <= column < a + 8 and b <= row < b + 8 for a, b in ((0, 0), (0, 13), (13, 13)))
                if not in_finder and (row * 7 + column * 11 + row * column * 3) % 5 < 2:
                    Rectangle(pos=(left + column * module, bottom + row * module), size=(module, module))
        for column, row in ((0, 0), (0, 14), (14, 14)):
            for inset, colour in ((0, self.ink), (1, self.surface), (2, self.ink)):
                Color(rgba=colour)
                wide = (7 - 2 * inset) * module
                Rectangle(pos=(left + (column + inset) * module, bottom + (row + inset) * module), size=(wide, wide))

    def _card(self, x: float, y: float, unit: float) -> None:
        """A loyalty card, its middle at a point."""
        wide, high = 250 * unit, 158 * unit
        PushMatrix()
        Rotate(angle=-14, origin=(x, y))
        Color(rgba=self.brand)
        RoundedRectangle(pos=(x - wide / 2, y - high / 2), size=(wide, high), radius=[18 * unit])
        Color(rgba=self.over)
        RoundedRectangle(
            pos=(x - wide / 2 + 92 * unit, y - high / 2 + 20 * unit), size=(138 * unit, 52 * unit), radius=[8 * unit]
        )
        Color(rgba=self.ink)
        at = x - wide / 2 + 104 * unit
        for bar, gap in ((4, 4), (8, 4), (4, 6), (6, 4), (10, 4), (4, 4), (6, 6), (8, 4), (4, 4), (8, 0)):
            Rectangle(pos=(at, y - high / 2 + 28 * unit), size=(bar * unit, 36 * unit))
            at += (bar + gap) * unit
        Color(rgba=self.soft)
        Ellipse(pos=(x + wide / 2 - 62 * unit, y + high / 2 - 60 * unit), size=(40 * unit, 40 * unit))
        PopMatrix()

    def _reader(self, x: float, y: float, unit: float) -> None:
        """The window of the reader, with its beam."""
        wide, high = 330 * unit, 74 * unit
        Color(rgba=self.ink)
        RoundedRectangle(pos=(x - wide / 2, y - high / 2), size=(wide, high), radius=[26 * unit])
        Color(rgba=self.surface)
        RoundedRectangle(
            pos=(x - wide / 2 + 26 * unit, y - 12 * unit), size=(wide - 52 * unit, 24 * unit), radius=[12 * unit]
        )
        Color(rgba=self.brand)
        RoundedRectangle(
            pos=(x - wide / 2 + 40 * unit, y - 4 * unit), size=(wide - 80 * unit, 8 * unit), radius=[4 * unit]
        )

    def _arrows(self, x: float, y: float, unit: float) -> None:
        """Which way."""
        for step, alpha in ((0, 0.45), (1, 1.0)):
            Color(rgba=(*self.brand[:3], alpha))
            top = y - step * 30 * unit
            Line(
                points=[x - 30 * unit, top + 22 * unit, x, top - 2 * unit, x + 30 * unit, top + 22 * unit],
                width=max(1.0, 6 * unit),
                cap="round",
                joint="round",
            )


load_twin(__file__)
