"""Text in the sizes of the theme; takes the height it needs at the width it gets."""

from collections.abc import Callable
from typing import Any

from kivy.core.text import Label as TextRun
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.label import Label

from kiosk.ui.kv import load_twin
from kiosk.ui.wrap import balanced, wrapped


class Text(Label):
    """A text that wraps, left-aligned, as high as it must be."""


class OneLine(Label):
    """A text on one line, shortened with … where it does not fit."""


class FewLines(Label):
    """`words` on at most `most` lines, with … where they do not fit; as high as the lines are.

    Attributes:
        limit: how wide a line may be, in pixels; its own width where that is 0.
    """

    words = StringProperty("")
    most = NumericProperty(2)
    limit = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        for cause in ("words", "most", "limit", "width", "font_size", "bold"):
            self.fbind(cause, self._lay_out)
        super().__init__(**kwargs)

    @property
    def cut(self) -> bool:
        """Whether some of the words are not shown."""
        return "".join(self.text.split()) != "".join(self.words.split())

    def _lay_out(self, *_: object) -> None:
        width = self.limit or self.width
        if width > 0:
            run = TextRun(font_size=self.font_size, bold=self.bold, font_name=self.font_name)
            self.text = self._wrapped(width, lambda text: float(run.get_extents(text)[0]))

    def _wrapped(self, width: float, measure: Callable[[str], float]) -> str:
        return wrapped(self.words, width, self.most, measure)


class EvenText(FewLines):
    """`words` on as few lines as they need, each about as long as the others: what stands large, or in the middle."""

    def _wrapped(self, width: float, measure: Callable[[str], float]) -> str:
        return balanced(self.words, width, measure)


load_twin(__file__)
