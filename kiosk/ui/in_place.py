"""What a finger meets has its place.

An answer of the server may change a screen between two frames, and Kivy hands fingers out before it lays out: a button
that was just made then lies in the lower left corner, 100 pixels wide and high, over whatever the finger was meant for.
"""

from typing import Any

from kivy.clock import Clock
from kivy.lang import Builder


def process(events: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Lay out what waits for it, if anybody touches.

    A module that does so is what Kivy's `EventLoop.add_postproc_module` takes.
    """
    if events and Clock.get_before_frame_events():
        Builder.sync()
        Clock.tick_draw()
    return events
