"""Which of a kiosk's programs is in front, and that nobody ever sees a gap between two."""

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk.standby.succession import PAUSES, SILENCE, SLOWEST, SOUND, End, Order, Show, Start, Succession


def begun() -> Succession:
    """One program in front, and one that stands by."""
    succession = Succession(0)
    assert succession.tick(0) == [Start(1)]
    assert succession.ready(1, 2) == [Show(1)]
    assert succession.shown(1, 2.1) == [Start(2)]
    assert succession.ready(2, 4) == []
    return succession


def passed(succession: Succession, since: float, until: float) -> list[Order]:
    """What is to be done as time passes, tick by tick."""
    orders, at = list[Order](), since
    while at <= until:
        orders += succession.tick(at)
        at += 0.25
    return list(dict.fromkeys(orders))


def test_who_held_a_customer_ends_when_the_next_one_is_seen() -> None:
    """The other is shown first, ends the one before when its first frame is up, and a new one begins to stand by."""
    succession = begun()
    assert succession.over(1, 10) == [Show(2)]
    assert succession.tick(10.1) == []
    assert succession.shown(2, 10.2) == [End(1), Start(3)]
    assert succession.over(1, 10.3) == []


def test_a_crash_ends_the_same_way() -> None:
    """Whoever stands by is shown at once."""
    succession = begun()
    assert succession.ended(1, 10) == [Show(2)]
    assert succession.shown(2, 10.1) == []
    assert succession.tick(10 + PAUSES[1]) == [Start(3)]


def test_a_customer_who_leaves_before_anybody_stands_by() -> None:
    """The one in front stays until the other is there."""
    succession = Succession(0)
    succession.tick(0)
    succession.ready(1, 2)
    assert succession.shown(1, 2) == [Start(2)]
    assert succession.over(1, 3) == []
    assert succession.ready(2, 5) == [Show(2)]
    assert succession.shown(2, 5.1) == [End(1), Start(3)]


def test_what_crashes_again_and_again_is_started_ever_more_seldom() -> None:
    """Each pause is as long as the one before or longer; what worked for a minute begins anew without one."""
    succession, at, pauses, number = Succession(0), 0.0, list[float](), 1
    succession.tick(0)
    for _ in range(9):
        assert succession.ended(number, at) == []
        ended = at
        while not (orders := succession.tick(at)):
            at += 0.25
        pauses.append(at - ended)
        number += 1
        assert orders == [Start(number)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (PAUSES[1], PAUSES[-1])
    assert succession.ended(number, at + SOUND + 1) == [Start(number + 1)]


def test_what_hangs_is_ended() -> None:
    """A program that says nothing for half a minute is ended, and another takes its place."""
    succession = begun()
    assert passed(succession, 4, 20) == []
    succession.heard(2, 20)
    assert passed(succession, 20, 2.2 + SILENCE) == [End(1)]
    assert succession.ended(1, 33) == [Show(2)]
    assert succession.shown(9, 33) == []


def test_a_program_may_take_its_time_to_start() -> None:
    """On a busy machine one that is not ready after half a minute goes on; after two minutes it is begun anew."""
    succession = Succession(0)
    assert passed(succession, 0, SLOWEST) == [Start(1)]
    assert passed(succession, SLOWEST, SLOWEST + 0.5) == [End(1)]
    assert succession.ended(1, SLOWEST + 1) == [Start(2)]


def test_while_all_were_stopped_nobody_was_silent() -> None:
    """Where the machine stood still for an hour nobody is ended for it; who says nothing from then on is."""
    succession = begun()
    assert succession.tick(3_600) == []
    succession.heard(2, 3_610)
    assert passed(succession, 3_600, 3_599 + SILENCE) == []
    assert passed(succession, 3_599 + SILENCE, 3_600.5 + SILENCE) == [End(1)]


class Kiosks(RuleBasedStateMachine):
    """Programs that start, are shown, crash, and end when they are told to, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0
        self.phase: dict[int, str] = {}
        self.showed = False
        self.succession = Succession(0)

    def do(self, orders: list[Order]) -> None:
        """What a supervisor does."""
        for order in orders:
            match order:
                case Start(number):
                    assert number not in self.phase
                    self.phase[number] = "starting"
                case Show(number):
                    assert self.phase[number] == "ready"
                    self.phase[number] = "told to show"
                case End(number):
                    assert "shown" in self.phase.values(), "nothing to be seen is left"
                    del self.phase[number]

    def a(self, phase: str, tell: Callable[[int, float], list[Order]], then: str | None) -> None:
        """Something happens to the oldest program of a phase."""
        number = next(one for one, its in self.phase.items() if its == phase)
        if then is None:
            del self.phase[number]
        else:
            self.phase[number] = then
        self.do(tell(number, self.at))

    @initialize()
    def begin(self) -> None:
        """The first one."""
        self.do(self.succession.tick(0))

    @rule(seconds=st.floats(min_value=0.1, max_value=20))
    def wait(self, seconds: float) -> None:
        """Time passes; everybody who runs says so."""
        self.at += seconds
        for number in self.phase:
            self.succession.heard(number, self.at)
        self.do(self.succession.tick(self.at))

    @precondition(lambda self: "starting" in self.phase.values())
    @rule()
    def starts(self) -> None:
        """One is there."""
        self.a("starting", self.succession.ready, "ready")

    @precondition(lambda self: "told to show" in self.phase.values())
    @rule()
    def shows(self) -> None:
        """One's first frame is up."""
        self.a("told to show", self.succession.shown, "shown")

    @precondition(lambda self: "shown" in self.phase.values())
    @rule()
    def leaves(self) -> None:
        """A customer goes."""
        self.a("shown", self.succession.over, "shown")

    @rule(phase=st.sampled_from(["starting", "ready", "told to show", "shown"]))
    def crashes(self, phase: str) -> None:
        """One is gone."""
        if phase in self.phase.values():
            self.a(phase, self.succession.ended, None)

    @invariant()
    def few_run(self) -> None:
        """Never more than one in front with one that leaves, and one that stands by."""
        assert len(self.phase) <= 3

    def teardown(self) -> None:
        """Whatever happened: soon one is in front that nobody left, and one stands by."""
        for _ in range(400):
            self.wait(1.0)
            for rule_, phase in ((self.starts, "starting"), (self.shows, "told to show")):
                if phase in self.phase.values():
                    rule_()
        assert sorted(self.phase.values()) == ["ready", "shown"]


TestKiosks = Kiosks.TestCase
TestKiosks.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
