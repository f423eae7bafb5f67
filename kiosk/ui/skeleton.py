"""A skeleton: the grey shape of what is about to be there."""

from kivy.animation import Animation
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.widget import Widget

from kiosk.ui.kv import load_twin

WAIT = 0.15
"""Seconds that pass before it is seen, and that it then takes to be there."""


class Skeleton(Widget):
    """Breathes while it is shown; nobody sees it where the answer comes within 150 ms.

    Attributes:
        seen: whether its page is the one that is shown; `Pages` says so.
        rounding: how round its corners are; 1 is a pill or a circle.
        pace: seconds that what moves takes; 0: it is there at once, and still.
    """

    seen = BooleanProperty(False)
    glow = NumericProperty(0.0)
    rounding = NumericProperty(0.5)
    pace = NumericProperty(0.16)

    def on_seen(self, *_: object) -> None:
        """Breathe only while there is somebody to see it."""
        Animation.cancel_all(self)
        self.glow = 1 if self.seen and not self.pace else 0
        if self.seen and self.pace:
            coming = Animation(duration=WAIT) + Animation(glow=1.0, duration=WAIT)
            coming.bind(on_complete=self._breathe)
            coming.start(self)

    def _breathe(self, *_: object) -> None:
        breath = Animation(glow=0.55, duration=0.7, t="in_out_sine") + Animation(
            glow=1.0, duration=0.7, t="in_out_sine"
        )
        breath.repeat = True
        breath.start(self)


load_twin(__file__)
