"""A scanner that types: told from a person by the time between keys. Pure; time is an argument.

A keyboard wedge types into whatever has the focus, characters milliseconds apart, and ends with Enter or Tab. A person
needs 60 ms and more between keys, a scanner 1 to 25. So every key waits for `gap` seconds: if the next one comes
sooner, both may be a scan's; if not, what waited was typed, and is handed on. What turns out to be a scan never reaches
a text field, and what a person types fast is short of `shortest` quick keys with an end, and is handed on whole.

A code keeps its AIM identifier and its separators (ASCII 29): whoever reads it, `server.wire.codes`, tells GS1 by them.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

GAP = 0.035
"""Seconds. Slow Bluetooth scanners need 30 ms a key; people who roll keys are quicker, but never for four in a row."""
SHORTEST = 4
"""Characters. Fewer quick keys with an end are a person's roll."""
HICCUP = 0.1
"""Seconds that may pass inside a scan, once it has `shortest` quick keys: keys come between two frames, and a screen
that is drawn slowly holds them up."""
REPEAT_GUARD = 0.7
"""Seconds within which the same code again is a double trigger."""

_AIM = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
SEPARATOR = "\x1d"
"""ASCII 29, which ends a GS1 field of no fixed length."""
_BLANK = f"{SEPARATOR} \t"


class Typed(NamedTuple):
    """Keys that a person pressed, to be handed on as they were."""

    keys: str


class Scanned(NamedTuple):
    """A code that a scanner read, without what it puts around it."""

    code: str


Outcome = Typed | Scanned


def is_separator(key: int, codepoint: str | None, modifiers: Iterable[str]) -> bool:
    """Whether a key is the separator: keyboards have none, so a scanner types it as Ctrl and `]`."""
    return key == ord(SEPARATOR) or ("ctrl" in modifiers and (key == ord("]") or codepoint in {"]", SEPARATOR}))


class Wedge:
    """Tells scans from typing, key by key.

    Args:
        prefix: what the scanner was set to type before a code.
        suffix: what it was set to type after it, before Enter or Tab.
        gap: seconds between keys from which on they are a person's.
        shortest: characters; what is shorter is typing.
    """

    def __init__(self, prefix: str = "", suffix: str = "", gap: float = GAP, shortest: int = SHORTEST) -> None:
        self.gap = gap
        self.shortest = shortest
        self._prefix = prefix
        self._suffix = suffix
        self._keys = ""
        self._last_at = float("-inf")
        self._last_scan = ("", float("-inf"))

    @property
    def waiting(self) -> str:
        """Keys of which it is not yet known whose they are."""
        return self._keys

    def key(self, character: str, at: float) -> list[Outcome]:
        """A character came at a time in seconds; what is now known of those before it."""
        outcomes = self.pause(at)
        self._keys += character
        self._last_at = at
        return outcomes

    def end(self, terminator: str, at: float) -> list[Outcome]:
        """Enter or Tab came: the end of a scan, or a key like any other.

        A code that comes again at once, and a scan that read nothing, leave nothing behind.
        """
        outcomes = self.pause(at)
        keys, self._keys = self._keys, ""
        scan = self._taken_apart(keys)
        if scan is None:
            return [*outcomes, Typed(keys + terminator)]
        typed, code = scan
        if typed:
            outcomes.append(Typed(typed))
        if _AIM.sub("", code).strip(_BLANK):
            again = code == self._last_scan[0] and at - self._last_scan[1] < REPEAT_GUARD
            self._last_scan = (code, at)
            if not again:
                outcomes.append(Scanned(code))
        return outcomes

    def other(self) -> list[Outcome]:
        """A key came that writes nothing, Backspace or an arrow: scanners have none, so what waited was typed."""
        keys, self._keys = self._keys, ""
        return [Typed(keys)] if keys else []

    def pause(self, at: float) -> list[Outcome]:
        """Time passed without a key; what waited for too long was typed."""
        patience = self.gap if len(self._keys) < self.shortest else max(self.gap, HICCUP)
        return self.other() if at - self._last_at > patience else []

    def _taken_apart(self, keys: str) -> tuple[str, str] | None:
        """What somebody typed just before a scan, and its code; None where all of it was typed."""
        start, stop = keys.find(self._prefix), len(keys) - len(self._suffix)
        begin = start + len(self._prefix)
        if start < 0 or begin > stop or not keys.endswith(self._suffix):
            return None
        code = keys[begin:stop]
        # A scanner that read nothing still types what it puts around a code.
        nothing = _AIM.fullmatch(code) if code else keys
        return (keys[:start], code) if len(code) >= self.shortest or nothing else None
