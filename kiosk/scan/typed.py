"""Keys for screens that have no field to type into: a PIN, a code."""

from collections.abc import Callable, Iterable
from typing import Any

_KEYS = {8: "erase", 13: "enter", 271: "enter", 27: "back"}


class TypedKeys:
    """Hears what no field took. Made before `WindowKeys`, it hears after it: a scan's keys never come here.

    Args:
        window: Kivy's window.
        typed: told letters and digits; says whether they were for it.
        pressed: told `erase`, `enter` or `back`; says whether it was for it.
    """

    def __init__(self, window: Any, typed: Callable[[str], bool], pressed: Callable[[str], bool]) -> None:
        self._window = window
        self._typed = typed
        self._pressed = pressed
        window.bind(on_textinput=self._text, on_key_down=self._key_down)

    def close(self) -> None:
        """Listen no longer."""
        self._window.unbind(on_textinput=self._text, on_key_down=self._key_down)

    def _text(self, _window: Any, text: str, *_: Any) -> bool:
        return self._typed(text)

    def _key_down(
        self,
        _window: Any,
        key: int,
        _scancode: int = 0,
        _codepoint: str | None = None,
        _modifiers: Iterable[str] = (),
        *_: Any,
    ) -> bool:
        name = _KEYS.get(key)
        return name is not None and self._pressed(name)
