"""The server's time on a device whose own clock is wrong: waits are as long there as anywhere."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from kiosk.assist.state import AssistState, passed
from kiosk.handoff.state import seconds_left
from kiosk.link.server_clock import ServerClock
from server.wire.calls import HelpCall
from server.wire.handoffs import Handoff
from server.wire.kiosks import WaitingChallenge
from tests.kiosk.given import NOW, at

WAITING = WaitingChallenge(challenge_id=3, kiosk="Door", asked_at=at(0), expires_at=at(1 / 12))
CALL = HelpCall(call_id=8, kiosk="Door", about="card", called_at=at(0))
CODE = Handoff(way="till", handoff_id=7, state="issued", code="K7MX4R", expires_at=at(1 / 6))

ROUNDED = timedelta(microseconds=9)


class Device:
    """A device whose own clock is wrong by some minutes, and its server's clock."""

    def __init__(self, wrong: float) -> None:
        self.seconds = 0.0
        self.clock = ServerClock(lambda: self.true + timedelta(minutes=wrong), lambda: 5000 + self.seconds)

    @property
    def true(self) -> datetime:
        """The server's time."""
        return NOW + timedelta(seconds=self.seconds)

    def hear(self, on_the_way: float = 0) -> None:
        """An answer arrives, some seconds after the server gave it."""
        self.clock.told(
            format_datetime((self.true - timedelta(seconds=on_the_way)).replace(microsecond=0), usegmt=True)
        )


@pytest.mark.parametrize("wrong", [-60, -6, 0, 6, 60])
def test_waits_are_as_long_as_the_server_says(wrong: float) -> None:
    """A kiosk waits its five minutes, a code is good for its ten, a call is heard for fifteen: by any clock."""
    device = Device(wrong)
    device.hear()
    state = AssistState(waiting=(WAITING,), calls=(CALL,))
    seen = []
    for minutes in (0, 4, 6, 14, 16):
        device.seconds = minutes * 60
        state = passed(state, device.clock.now())
        seen.append((len(state.waiting), len(state.calls), seconds_left(CODE, device.clock.now())))
    assert seen == [(1, 1, 600), (1, 1, 360), (0, 1, 240), (0, 1, 0), (0, 0, 0)]


@drawn(st.lists(st.tuples(st.floats(0, 600), st.floats(0, 5)), min_size=1))
def test_it_is_never_ahead_and_little_behind(answers: list[tuple[float, float]]) -> None:
    """Whatever time answers take, the quickest of them counts."""
    device = Device(60)
    quickest = 5.0
    for pause, on_the_way in answers:
        device.seconds += pause
        device.hear(on_the_way)
        quickest = min(quickest, on_the_way)
        assert -ROUNDED <= device.true - device.clock.now() <= timedelta(seconds=1 + quickest) + ROUNDED


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_server_whose_clock_is_set_is_believed(hours: int) -> None:
    """What it says now counts, in either direction."""
    device = Device(0)
    device.hear()
    device.clock.told(format_datetime(NOW + timedelta(hours=hours), usegmt=True))
    assert device.clock.now() == NOW + timedelta(hours=hours)


@pytest.mark.parametrize(
    "date",
    [None, "", "yesterday", "Sat, 21 Nov 2026 12:00:00 -0000", "Sat, 99 Nov 2026 12:00:00 GMT", "0 Jan 1 0:0 GMT"],
)
def test_what_says_no_time_changes_nothing(date: str | None) -> None:
    """The device's own clock goes on counting until an answer says what time it is."""
    clock = ServerClock(lambda: datetime(2030, 1, 1, tzinfo=UTC), lambda: 5.0)
    clock.told(date)
    assert clock.now() == datetime(2030, 1, 1, tzinfo=UTC)
