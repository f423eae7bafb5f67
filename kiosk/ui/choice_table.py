"""Choices in a grid, in rows, or in a list, of which one is chosen."""

from typing import Any

from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, OptionProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.stacklayout import StackLayout
from kivy.uix.widget import Widget

from kiosk.ui import icon as _icon
from kiosk.ui.kv import load_twin
from kiosk.ui.table import Choice, Table
from kiosk.ui.text import FewLines, OneLine
from kiosk.ui.tone import TONES


class Choosable(ButtonBehavior, BoxLayout):
    """One choice: a word or number on the ground of its tone."""

    key = StringProperty("")
    text = StringProperty("")
    label = StringProperty("")
    icon = StringProperty("")
    tone = OptionProperty("plain", options=TONES)
    chosen = BooleanProperty(False)
    wide = NumericProperty(0)


class ChoicePlace(Choosable):
    """A place of a grid, as wide as all; else its name stands over it, and it is as wide as that needs."""


class ChoiceLine(Choosable):
    """A line of a list: its name at the left, what is said of it at the right."""


class ColumnName(OneLine):
    """Names a column."""


class RowName(FewLines):
    """Names a row."""


class ChoiceRow(BoxLayout):
    """Choices side by side."""


class ChoicePlaces(StackLayout):
    """Choices one after the other, in as many rows as they need."""


class NoChoice(Widget):
    """Where no choice is."""


class ChoiceTable(BoxLayout):
    """Shows `table` and tells which choice was touched; who owns it decides."""

    table: Any = ObjectProperty(Table())

    __events__ = ("on_choose",)

    def __init__(self, **kwargs: Any) -> None:
        self._laid: Any = None
        self._choosable: dict[str, Choosable] = {}
        super().__init__(**kwargs)

    def on_choose(self, key: str) -> None:
        """A choice was touched."""

    def on_table(self, _widget: Any, table: Table) -> None:
        """Lay the choices out anew; where they stand as they stood, only say what is said of them now."""
        if _shape(table) == self._laid:
            for choice in table.choices():
                shown = self._choosable[choice.key]
                shown.text, shown.icon, shown.tone, shown.chosen = choice.text, choice.icon, choice.tone, choice.chosen
            return
        self._laid = _shape(table)
        self._choosable.clear()
        self.clear_widgets()
        if table.kind == "places":
            places = ChoicePlaces()
            for choice in table.choices():
                places.add_widget(self._made(ChoicePlace, choice, 0))
            self.add_widget(places)
            return
        if table.columns:
            heads = ChoiceRow(height=dp(32))
            heads.add_widget(NoChoice(size=(dp(table.label), dp(32))))
            for name in table.columns:
                heads.add_widget(ColumnName(text=name, width=dp(table.place)))
            self.add_widget(heads)
        for row in table.rows:
            line = ChoiceRow(height=dp(56))
            if table.kind == "grid":
                line.add_widget(RowName(words=row.label, width=dp(table.label)))
            for held in row.choices:
                if held is None:
                    line.add_widget(NoChoice(size=(dp(table.place), dp(56))))
                else:
                    kind = ChoicePlace if table.kind == "grid" else ChoiceLine
                    line.add_widget(self._made(kind, held, table.place))
            self.add_widget(line)

    def _made(self, kind: type[Choosable], choice: Choice, wide: float) -> Choosable:
        made = self._choosable[choice.key] = kind(**choice._asdict(), wide=dp(wide))
        made.bind(on_release=lambda touched: self.dispatch("on_choose", touched.key))
        return made


def _shape(table: Table) -> Any:
    """All of a table that its choices stand by."""
    names = [[choice and (choice.key, choice.label) for choice in row.choices] for row in table.rows]
    return (table.kind, table.columns, table.label, table.place, [row.label for row in table.rows], names)


load_twin(__file__)
