"""Which program is in front, which one stands by, and when the one takes the other's place. Pure; time is an argument.

There are two programs as a rule: one in front, and one that was started already and is hidden. When a customer has
left, or a program has crashed, the hidden one is shown, says when its first frame is up, and only then the other is
ended: so nobody sees a gap, and what the other held goes with its process.
"""

from typing import Literal, NamedTuple

PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds until a program that ended by itself is started anew, the last one from then on."""
SOUND = 60.0
"""Seconds after which a program that ended by itself counts as one that worked."""
SILENCE = 30.0
"""Seconds without a sign of life after which a program is ended: it hangs."""
SLOWEST = 120.0
"""The same for one that has not been ready yet: begun anew it would be no quicker on a machine that is busy or weak."""
ABSENCE = 5.0
"""Seconds between two ticks after which we were stopped ourselves, as on a virtual machine that is moved: nobody could
be heard."""


class Start(NamedTuple):
    """Start a program, under this number."""

    number: int


class Show(NamedTuple):
    """Let a program be in front."""

    number: int


class End(NamedTuple):
    """End a program at once."""

    number: int


Order = Start | Show | End


class _Program:
    """A program that runs."""

    def __init__(self, number: int, at: float) -> None:
        self.number = number
        self.started = self.heard = at
        self.phase: Literal["starting", "ready", "showing", "front", "leaving"] = "starting"


class Succession:
    """Says what is to be done whenever something happens.

    Args:
        at: seconds of a clock that never goes back.
        sound: see `SOUND`.
    """

    def __init__(self, at: float, sound: float = SOUND) -> None:
        self._sound = sound
        self._ticked = at
        self._programs: dict[int, _Program] = {}
        self._last = 0
        self._crashes = 0
        self._start_at: float | None = at

    def tick(self, at: float) -> list[Order]:
        """Time passed."""
        orders: list[Order] = []
        if at - self._ticked > ABSENCE:
            for program in self._programs.values():
                program.heard = max(program.heard, at)
        self._ticked = at
        for program in tuple(self._programs.values()):
            if at - program.heard > (SLOWEST if program.phase == "starting" else SILENCE):
                orders.append(End(program.number))
        if self._start_at is not None and at >= self._start_at and self._lacks_one():
            self._last += 1
            self._programs[self._last] = _Program(self._last, at)
            self._start_at = None
            orders.append(Start(self._last))
        return orders

    def heard(self, number: int, at: float) -> None:
        """A program says that it lives."""
        if program := self._programs.get(number):
            program.heard = at

    def ready(self, number: int, at: float) -> list[Order]:
        """A program is there, hidden."""
        program = self._programs.get(number)
        if program is None or program.phase != "starting":
            return []
        program.phase = "ready"
        return self._promote(at)

    def shown(self, number: int, at: float) -> list[Order]:
        """A program's first frame is up: whoever was in front before may end."""
        program = self._programs.get(number)
        if program is None or program.phase != "showing":
            return []
        program.phase = "front"
        ended = [one.number for one in self._programs.values() if one.phase == "leaving"]
        for one in ended:
            del self._programs[one]
        return [*map(End, ended), *self._promote(at)]

    def over(self, number: int, at: float) -> list[Order]:
        """Whoever was before a program has left: it ends as soon as another is in front."""
        program = self._programs.get(number)
        if program is None or program.phase not in {"front", "showing"}:
            return []
        program.phase = "leaving"
        return self._promote(at)

    def ended(self, number: int, at: float) -> list[Order]:
        """A program has ended by itself: it crashed, or somebody ended it."""
        program = self._programs.pop(number, None)
        if program is None:
            return []
        self._crashes = 0 if at - program.started > self._sound else self._crashes + 1
        pause = PAUSES[min(self._crashes, len(PAUSES) - 1)]
        self._start_at = max(at + pause, self._start_at or 0.0)
        return self._promote(at)

    def _promote(self, at: float) -> list[Order]:
        """Have somebody in front, and somebody behind them."""
        orders: list[Order] = []
        phases = {program.phase for program in self._programs.values()}
        if not phases & {"front", "showing"}:
            ready = next((one for one in self._programs.values() if one.phase == "ready"), None)
            if ready is not None:
                ready.phase = "showing"
                orders.append(Show(ready.number))
        if self._lacks_one() and self._start_at is None:
            self._start_at = at
        return [*orders, *self.tick(at)]

    def _lacks_one(self) -> bool:
        """Whether another program is needed: to be in front, or to stand by for one that is.

        Only one starts at a time, and none while one is about to be shown: that one shall be quick.
        """
        phases = [program.phase for program in self._programs.values()]
        return not {"starting", "ready", "showing"} & set(phases)
