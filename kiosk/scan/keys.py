"""The one listener for keys, at window level: every key passes here before any text field sees it."""

from collections.abc import Callable, Iterable
from typing import Any

from kivy.clock import Clock

from kiosk.scan.wedge import SEPARATOR, Outcome, Scanned, Typed, Wedge, is_separator

ENTER, TAB, KEYPAD_ENTER = 13, 9, 271
_TERMINATORS = {ENTER: "\n", KEYPAD_ENTER: "\n", TAB: "\t"}
_EDITING = frozenset({8, 27, 127, *range(273, 282)})
"""Backspace, Escape, Delete, the arrows, Home, End and the page keys: none of a scanner's."""


class WindowKeys:
    """Holds typed characters back until it is known whose they are: a scan's become a code, a person's go on.

    A keyboard that a field asks for itself it also gives back when it loses the focus, and with that Kivy has the
    system stop text input altogether: no scan would be heard after a touch elsewhere.

    Args:
        window: Kivy's window.
        field: the text field that the keyboard is for; it gets it, too.
        wedge: what tells them apart.
        scanned: told each code.
    """

    def __init__(self, window: Any, field: Any, wedge: Wedge, scanned: Callable[[str], None]) -> None:
        self._window = window
        self._wedge = wedge
        self._scanned = scanned
        self._handing_on = False
        self._poll = window.mainloop
        self._since = self._at = Clock.time()
        field.keyboard = window.request_keyboard(None, field)
        self.listen()

    def listen(self) -> None:
        """Be the first to hear: what is bound last is asked first."""
        self.close()
        self._window.bind(on_key_down=self._key_down, on_textinput=self._text)
        # Between two polls an answer or a drawing may take its time, and Kivy tells nobody when it polls.
        self._window.mainloop = self._polled

    def close(self) -> None:
        """Listen no longer."""
        self._window.unbind(on_key_down=self._key_down, on_textinput=self._text)
        self._window.mainloop = self._poll

    def _polled(self) -> None:
        """Have what was pressed since the last poll handed out."""
        self._since, self._at = self._at, Clock.time()
        self._poll()
        self._settle(self._wedge.pause(self._at))

    def _text(self, _window: Any, text: str, *_: Any) -> bool:
        if self._handing_on:
            return False
        for character in text:
            self._settle(self._wedge.key(character, self._since, self._at))
        return True

    def _key_down(
        self,
        _window: Any,
        key: int,
        _scancode: int = 0,
        codepoint: str | None = None,
        modifiers: Iterable[str] = (),
        *_: Any,
    ) -> bool:
        if self._handing_on:
            return False
        if is_separator(key, codepoint, modifiers):
            return self._text(self._window, SEPARATOR)
        if not self._wedge.waiting:
            return False
        if key in _EDITING:
            # It goes its own way, after what was typed before it.
            self._settle(self._wedge.other())
            return False
        terminator = _TERMINATORS.get(key)
        if terminator is None:
            return False
        outcomes = self._wedge.end(terminator, self._since, self._at)
        last = outcomes[-1] if outcomes else None
        if isinstance(last, Typed) and last.keys.endswith(terminator):
            # So does a person's Enter.
            self._settle([*outcomes[:-1], Typed(last.keys.removesuffix(terminator))])
            return False
        self._settle(outcomes)
        return True

    def _settle(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Scanned):
                self._scanned(outcome.code)
            elif keys := outcome.keys.replace(SEPARATOR, ""):
                self._hand_on(keys)

    def _hand_on(self, keys: str) -> None:
        self._handing_on = True
        try:
            self._window.dispatch("on_textinput", keys)
        finally:
            self._handing_on = False
