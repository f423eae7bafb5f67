"""A QR code, drawn so that a camera reads it at once: whole pixels, dark on white, with the quiet border it needs."""

from typing import Any

import segno
from kivy.graphics.texture import Texture
from kivy.properties import NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.ui.kv import load_twin

QUIET = 4
"""Modules of white around it, as its standard asks for."""


class QrCode(Widget):
    """Shows `text` as a code; nothing where there is none.

    Attributes:
        modules: squares across, with the border.
        picture: one pixel a square.
        side: how large it is drawn: as many whole pixels a square as fit.
    """

    text = StringProperty("")
    modules = NumericProperty(1)
    picture: Any = ObjectProperty(None, allownone=True)
    side = NumericProperty(0)

    def on_text(self, *_: object) -> None:
        """Make the picture."""
        if not self.text:
            self.picture = None
            return
        rows = [bytes(255 * (not dark) for dark in row) for row in segno.make(self.text, micro=False, error="m").matrix]
        across = len(rows) + 2 * QUIET
        white, side = b"\xff" * across, b"\xff" * QUIET
        lines = [white] * QUIET + [side + row + side for row in reversed(rows)] + [white] * QUIET
        picture = Texture.create(size=(across, across), colorfmt="luminance")
        picture.mag_filter = picture.min_filter = "nearest"
        picture.blit_buffer(b"".join(lines), colorfmt="luminance", bufferfmt="ubyte")
        self.modules, self.picture = across, picture
        self.on_size()

    def on_size(self, *_: object) -> None:
        """Fit it anew."""
        self.side = int(min(self.size) // self.modules) * self.modules


load_twin(__file__)
