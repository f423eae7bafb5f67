"""Keys between slow frames: a scan is not torn by them, and a person is not taken for a scanner."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.scan.frames import KeyTime
from kiosk.scan.wedge import GAP, SHORTEST, Outcome, Scanned, Typed, Wedge

CARD = "2900000110915"
QUICK_FRAME = 1 / 60


def handed_out(pressed: list[tuple[float, str]], frames: list[float]) -> list[Outcome]:
    """What comes of keys pressed at some times, where each is handed out at the end of a frame of some length."""
    wedge, clock = Wedge(), KeyTime(0.0, GAP, SHORTEST)
    waiting, outcomes, at = sorted(pressed), list[Outcome](), 0.0
    lengths = iter(frames)
    while waiting or wedge.waiting:
        outcomes += wedge.pause(clock.now(at, len(wedge.waiting)))
        at += next(lengths, QUICK_FRAME)
        while waiting and waiting[0][0] <= at:
            _, key = waiting.pop(0)
            counted = clock.now(at, len(wedge.waiting))
            outcomes += wedge.end(key, counted) if key == "\n" else wedge.key(key, counted)
    return outcomes


def pressed(text: str, gap: float, start: float = 0.005) -> list[tuple[float, str]]:
    """A text and Enter, key by key."""
    return [(start + number * gap, key) for number, key in enumerate(text + "\n")]


@given(
    gap=st.floats(0.001, 0.012),
    before=st.lists(st.floats(0.01, 0.03), max_size=8),
    slow=st.floats(0.05, 0.6),
)
def test_a_slow_frame_tears_no_scan(gap: float, before: list[float], slow: float) -> None:
    """Wherever in a scan a screen takes long to draw, the code comes whole."""
    assert handed_out(pressed(CARD, gap), [*(min(frame, QUICK_FRAME) for frame in before), slow]) == [Scanned(CARD)]


@given(
    gaps=st.lists(st.floats(0.06, 0.4), min_size=7, max_size=7),
    frames=st.lists(st.floats(0.016, 0.11), max_size=80),
)
def test_slow_frames_make_no_scanner_of_a_person(gaps: list[float], frames: list[float]) -> None:
    """Where every frame is slow, what a person types is typed all the same."""
    times = [sum(gaps[:number]) for number in range(1, 8)]
    outcomes = handed_out(list(zip(times, "garcia\n", strict=True)), frames)
    assert [outcome for outcome in outcomes if isinstance(outcome, Scanned)] == []
    assert "".join(outcome.keys for outcome in outcomes if isinstance(outcome, Typed)) == "garcia\n"


def test_a_wedge_s_own_patience_counts() -> None:
    """Of a slow frame a part of that wedge's gap counts, and frames are forgiven from its number of keys on."""
    slow, strict = KeyTime(0.0, 0.2, 8), KeyTime(0.0, 0.2, 2)
    assert [slow.now(at, 2) for at in (1.0, 2.0)] == pytest.approx([0.09, 1.09])
    assert [strict.now(at, 2) for at in (1.0, 2.0)] == pytest.approx([0.09, 0.18])


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20)), max_size=30))
def test_time_goes_on(steps: list[tuple[float, int]]) -> None:
    """It never goes back, and never faster than it does."""
    clock, at = KeyTime(0.0, GAP, SHORTEST), 0.0
    told = [0.0]
    for passed, waiting in steps:
        at += passed
        told.append(clock.now(at, waiting))
    assert all(later >= earlier for earlier, later in pairwise(told))
    assert told[-1] <= at + 1e-9
