"""Things one under the other, of which some are not there: what has no height takes no room, and no space beside it."""

from typing import Any

from kivy.properties import NumericProperty, VariableListProperty
from kivy.uix.layout import Layout


class Stack(Layout):
    """A column whose children know their heights; it is as high as they need, where it takes `minimum_height`."""

    spacing = NumericProperty(0)
    padding = VariableListProperty([0, 0, 0, 0])
    minimum_height = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for cause in ("children", "pos", "size", "spacing", "padding"):
            self.fbind(cause, self._trigger_layout)

    def do_layout(self, *_: object) -> None:
        """Lay out from the top."""
        left, above, right, below = self.padding
        there = [child for child in reversed(self.children) if child.height > 0]
        top = self.top - above
        for child in reversed(self.children):
            if child.size_hint_x is not None:
                child.width = (self.width - left - right) * child.size_hint_x
            child.pos = (self.x + left, top - child.height)
            if child.height > 0:
                top -= child.height + self.spacing
        gaps = self.spacing * max(0, len(there) - 1)
        self.minimum_height = above + below + gaps + sum(child.height for child in there)
