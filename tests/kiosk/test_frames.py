"""Keys between slow frames: a scan is not torn by them, and a person is not taken for a scanner."""

from collections.abc import Iterable
from itertools import accumulate, chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.scan.wedge import Outcome, Scanned, Typed, Wedge

FRAME = 1 / 60
"""Seconds: Kivy's own length of a frame that is drawn in time."""
CARD = "2900000110915"
Pressed = list[tuple[float, str]]
"""Keys with the seconds at which each was pressed, in order; `\\n` is Enter."""

QUICK_FRAMES = st.lists(st.floats(0.001, 0.016), max_size=12)
SLOW_FRAMES = st.lists(st.floats(0.001, 0.15), max_size=120)


def handed_out(pressed: Pressed, frames: Iterable[float], longest: int = 1_000) -> list[Outcome]:
    """What comes of keys in Kivy's loop: draw for some seconds, hand out, sleep for what is left of a frame.

    Args:
        pressed: the keys.
        frames: how long each takes to draw, in seconds; those after them are quick.
        longest: so many keys may wait at the end of a frame.
    """
    wedge, waiting, outcomes = Wedge(), list(pressed), list[Outcome]()
    begun, polled = 0.0, 0.0
    lengths = chain(frames, repeat(0.004))
    while waiting or wedge.waiting:
        since, polled = polled, begun + next(lengths)
        while waiting and waiting[0][0] <= polled:
            _, key = waiting.pop(0)
            outcomes += (wedge.end if key == "\n" else wedge.key)(key, since, polled)
        outcomes += wedge.pause(polled)
        assert len(wedge.waiting) <= longest
        begun = max(polled, begun + FRAME)
    return outcomes


def pressed(text: str, gaps: Iterable[float]) -> Pressed:
    """A text and Enter, each key some seconds after the one before."""
    return list(zip(accumulate(gaps), text + "\n", strict=False))


def typed_of(outcomes: list[Outcome]) -> str:
    """All that a person typed."""
    return "".join(outcome.keys for outcome in outcomes if isinstance(outcome, Typed))


@given(
    start=st.floats(0.001, 0.2),
    gaps=st.lists(st.floats(0.001, 0.03), min_size=len(CARD), max_size=len(CARD)),
    before=QUICK_FRAMES,
    slow=st.floats(0.05, 0.6),
)
def test_a_slow_frame_tears_no_scan(start: float, gaps: list[float], before: list[float], slow: float) -> None:
    """Wherever in a scan, or just before it, a screen takes 0.6 s to draw, the code comes whole."""
    assert handed_out(pressed(CARD, [start, *gaps]), [*before, slow]) == [Scanned(CARD)]


@given(
    start=st.floats(0.001, 0.2),
    gaps=st.lists(st.floats(0.001, 0.02), min_size=len(CARD), max_size=len(CARD)),
    frames=st.lists(st.floats(0.001, 0.1), max_size=40),
)
def test_slow_frames_in_a_row_tear_no_scan(start: float, gaps: list[float], frames: list[float]) -> None:
    """Without a graphics card a new screen is drawn in several slow frames."""
    assert handed_out(pressed(CARD, [start, *gaps]), frames) == [Scanned(CARD)]


@given(
    gaps=st.lists(st.floats(0.06, 0.4), min_size=12, max_size=12),
    frames=SLOW_FRAMES,
)
def test_slow_frames_make_no_scanner_of_a_person(gaps: list[float], frames: list[float]) -> None:
    """Where every frame is slow, what a person types is typed all the same."""
    outcomes = handed_out(pressed("maría garcí", gaps), frames)
    assert [outcome for outcome in outcomes if isinstance(outcome, Scanned)] == []
    assert typed_of(outcomes) == "maría garcí\n"


# Two slow frames in a row: of a code's fourteen keys more than 0.65 s between the first and the last tell nothing.
@given(slow=st.floats(0.01, 0.3), pause=st.floats(0.001, 0.6))
def test_a_slow_frame_makes_no_second_scan_of_a_double_trigger(slow: float, pause: float) -> None:
    """A scanner that fired twice is heard once, also where the screen of the first was drawn between the two."""
    first = pressed(CARD, repeat(0.002))
    again = [(at + first[-1][0] + pause, key) for at, key in pressed(CARD, repeat(0.002))]
    assert handed_out(first + again, [0.004, 0.004, slow, slow]) == [Scanned(CARD)]


@pytest.mark.parametrize("frame", [0.004, 0.05, 0.1, 0.2])
def test_typing_is_seen_while_it_goes_on(frame: float) -> None:
    """However slow the frames are, a person who types without a pause does not wait for the letters until the end."""
    outcomes = handed_out(pressed("a" * 99, repeat(0.1)), repeat(frame), longest=10)
    assert typed_of(outcomes) == "a" * 99 + "\n"
