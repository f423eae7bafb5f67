"""Several pages in one place, of which one is there; the others are not in the window, and cost nothing."""

from typing import Any

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.ui.skeleton import Skeleton


class Page(BoxLayout):
    """One page, by its name."""

    name = StringProperty("")


class Pages(BoxLayout):
    """Shows the page that `current` names.

    Kivy's own ScreenManager refuses a name before all pages are there, so that no kv rule can bind it.
    """

    current = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        self._pages: list[Page] = []
        super().__init__(**kwargs)

    def add_widget(self, widget: Page, *_args: Any, **_kwargs: Any) -> None:
        """Take a page; it is shown when it is the current one."""
        self._pages.append(widget)
        widget.bind(name=self._show)
        self._show()

    def on_current(self, *_: object) -> None:
        """Show another page."""
        self._show()

    def _show(self, *_: object) -> None:
        wanted = next((page for page in self._pages if page.name == self.current), None)
        if self.children and self.children[0] is wanted:
            return
        for page in self.children:
            _tell(page, seen=False)
        self.clear_widgets()
        if wanted is not None:
            super().add_widget(wanted)
            _tell(wanted, seen=True)


def _tell(page: Widget, *, seen: bool) -> None:
    """Tell what moves on a page whether there is anybody to see it."""
    for widget in page.walk(restrict=True):
        if isinstance(widget, Skeleton):
            widget.seen = seen
