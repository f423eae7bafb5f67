"""A skeleton: the grey shape of what is about to be there."""

from kivy.animation import Animation
from kivy.properties import NumericProperty
from kivy.uix.widget import Widget

from kiosk.ui.kv import load_twin


class Skeleton(Widget):
    """Breathes while it is shown; nobody sees it where the answer comes within 150 ms."""

    glow = NumericProperty(1.0)

    def on_parent(self, _widget: Widget, parent: Widget | None) -> None:
        """Breathe only while there is somebody to see it."""
        Animation.cancel_all(self, "glow")
        if parent is not None:
            breath = Animation(glow=0.55, duration=0.7, t="in_out_sine") + Animation(
                glow=1.0, duration=0.7, t="in_out_sine"
            )
            breath.repeat = True
            breath.start(self)


load_twin(__file__)
