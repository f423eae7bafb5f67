"""A scanner that types: told from a person by the time between keys. Pure; time is an argument.

A keyboard wedge types into whatever has the focus, characters milliseconds apart, and ends with Enter or Tab. A person
needs 60 ms and more between keys, a scanner 1 to 30. So every key waits for `gap` seconds: if the next one comes
sooner, both may be a scan's; if not, what waited was typed, and is handed on. What turns out to be a scan never reaches
a text field, and what a person types fast is short of `shortest` quick keys with an end, and is handed on whole.

Keys are handed out once a frame, and a slow frame holds them up: of a key it is known only between which two times it
was pressed. What waits is let go only when even the shortest possible pause is a person's, and is a code only when
`shortest` gaps in a row are too short for a person even if they were as long as possible. So a slow frame neither tears
a scan nor makes a scanner of a person.

A code keeps its AIM identifier and its separators (ASCII 29): whoever reads it, `server.wire.codes`, tells GS1 by them.
"""

import re
from collections.abc import Iterable
from itertools import accumulate, islice
from typing import NamedTuple

GAP = 0.035
"""Seconds. Slow Bluetooth scanners need 30 ms a key; people who roll keys are quicker, but never for four in a row."""
SHORTEST = 4
"""Characters. Fewer quick keys with an end are a person's roll."""
HICCUP = 0.1
"""Seconds that may pass inside a scan, once it has `shortest` quick keys: radio and busy displays hold keys up."""
PERSON = 0.05
"""Seconds a key, on average of `shortest` gaps in a row: nobody types as quickly as that."""
LONG_RUN, LONG_PERSON = 10, 0.058
"""The same for so many gaps in a row and more: fingers that are quick for four keys are not for ten. A slow frame may
hide when most of a scan's keys were pressed, and its first four are one gap too few."""
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
        self._pressed: list[tuple[float, float]] = []
        self._last_scan = ("", float("-inf"))

    @property
    def waiting(self) -> str:
        """Keys of which it is not yet known whose they are."""
        return self._keys

    def key(self, character: str, since: float, at: float) -> list[Outcome]:
        """A character was pressed between two times in seconds; what is now known of those before it."""
        outcomes = self.pause(since)
        self._keys += character
        self._pressed.append((since, at))
        return outcomes

    def end(self, terminator: str, since: float, at: float) -> list[Outcome]:
        """Enter or Tab was pressed between two times: the end of a scan, or a key like any other.

        A code that comes again at once, and a scan that read nothing, leave nothing behind.
        """
        outcomes = self.pause(since)
        pressed = [*self._pressed, (since, at)]
        quick = _is_quick(pressed, self.shortest, PERSON) or (
            len(pressed) > LONG_RUN and _is_quick(pressed, LONG_RUN, LONG_PERSON)
        )
        keys = self._let_go()
        scan = self._taken_apart(keys) if quick else None
        if scan is None:
            return [*outcomes, Typed(keys + terminator)]
        typed, code = scan
        if typed:
            outcomes.append(Typed(typed))
        if _AIM.sub("", code).strip(_BLANK):
            again = code == self._last_scan[0] and since - self._last_scan[1] < REPEAT_GUARD
            self._last_scan = (code, at)
            if not again:
                outcomes.append(Scanned(code))
        return outcomes

    def other(self) -> list[Outcome]:
        """A key came that writes nothing, Backspace or an arrow: scanners have none, so what waited was typed."""
        keys = self._let_go()
        return [Typed(keys)] if keys else []

    def pause(self, until: float) -> list[Outcome]:
        """No further key was pressed until a time; what waited for too long was typed."""
        if not self._pressed:
            return []
        (_, first), (_, last) = self._pressed[0], self._pressed[-1]
        keys = len(self._pressed)
        patience = self.gap if keys < self.shortest else max(self.gap, HICCUP)
        # Where every frame is slow no single pause may be long enough to tell, but all of them are.
        slow = until - first > max(self.gap, PERSON) * keys + patience
        return self.other() if slow or until - last > patience else []

    def _let_go(self) -> str:
        keys, self._keys = self._keys, ""
        self._pressed.clear()
        return keys

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


def _is_quick(pressed: list[tuple[float, float]], gaps: int, person: float) -> bool:
    """Whether somewhere so many gaps in a row or more, or all where they are fewer, are too short for a person."""
    gaps = min(gaps, len(pressed) - 1)
    # From key i to key j: latest(j) - earliest(i) <= (j - i) * person, sorted by what belongs to which.
    starts = accumulate((first - number * person for number, (first, _) in enumerate(pressed)), max)
    ends = (last - number * person for number, (_, last) in enumerate(pressed))
    return any(end <= start for start, end in zip(starts, islice(ends, gaps, None), strict=False))
