"""A retailer's logo, or the first letter of its name until there is one."""

from kivy.metrics import dp
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.label import Label

from kiosk.ui.kv import load_twin
from kiosk.ui.photo import Photo

HIGH, WIDEST = 72, 360
"""In dp; the square of a letter is as high."""
WORDY = 2.0
"""A logo so many times as wide as it is high has words in it."""


class BrandMark(Photo, Label):
    """As high as a line of buttons, and as wide as the logo is then.

    Attributes:
        letter: what stands there without a logo.
        wordy: the logo says the name itself.
    """

    letter = StringProperty("")
    wordy = BooleanProperty(False)

    def on_photo(self, *_: object) -> None:
        """Take the logo's shape."""
        if self.photo is None:
            self.wordy, self.size = False, (dp(HIGH), dp(HIGH))
            return
        across, down = self.photo.size
        scale = min(HIGH / down, WIDEST / across)
        self.wordy = across >= WORDY * down
        self.size = dp(across * scale), dp(down * scale)


load_twin(__file__)
