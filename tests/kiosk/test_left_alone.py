"""Whether somebody is still before a kiosk, what is said of troubles, and who is called."""

import asyncio
import io
import math
import wave
from typing import Literal, get_args
from weakref import ref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.calls.presenter import CALLED, COMING, FAILED, CallPresenter
from kiosk.calls.rows import call_words
from kiosk.calls.state import CallState, about_of
from kiosk.idle.chime import LENGTH, chime
from kiosk.idle.presenter import IdlePresenter
from kiosk.idle.state import GRACE, QUIET, IdleState, waited
from kiosk.refusals import Meaning, meaning_of
from kiosk.stage.rows import next_tongue, own_name
from kiosk.tasks import Tasks
from kiosk.trouble.presenter import TroublePresenter
from kiosk.trouble.rows import said
from kiosk.trouble.state import Trouble, TroubleState, back_to
from kiosk.welcome.motion import FAR, REACH, STILL, drift
from kiosk.words import Words
from server.wire.calls import About, HelpCall
from server.wire.events import HelpAnswered, VouchingGiven
from server.wire.live import LiveEvent, LiveOpened
from tests.fakes import Question, played
from tests.guest_fakes import FakeGuest
from tests.kiosk.given import at

ENGLISH, SPANISH = Words("en"), Words("es")


class Hand:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@given(st.floats(min_value=0, max_value=1000))
def test_there_are_twenty_seconds_to_answer(quiet: float) -> None:
    """After 45 quiet seconds it is asked, for 20 at least; not before, and not for ever."""
    state = waited(quiet)
    assert (state == IdleState()) == (quiet < QUIET)
    assert (state is None) == (quiet >= QUIET + GRACE)
    if state is not None and state.asking:
        assert 0 < state.left <= GRACE
        assert 0 < state.share <= 1
        assert state.left >= QUIET + GRACE - quiet


def test_whoever_is_quiet_is_asked_and_then_gone() -> None:
    """It rings once, counts down, and is over once; whoever answers goes on."""
    clock, shown, rung, over = Hand(), list[IdleState](), list[int](), list[int]()
    idle = IdlePresenter(shown.append, lambda: rung.append(1), lambda: over.append(1), clock)
    idle.watch(on=True)
    for _ in range(50):
        clock.at += 1
        idle.tick()
    assert (shown[-1].left, len(rung), over) == (15, 1, [])
    idle.life()
    assert shown[-1] == IdleState()
    for _ in range(70):
        clock.at += 1
        idle.tick()
    assert (len(rung), len(over), shown[-1]) == (2, 1, IdleState())


def test_nobody_is_asked_where_nobody_is() -> None:
    """Before the welcome screen time does not count; it begins when somebody begins."""
    clock, over = Hand(), list[int]()
    idle = IdlePresenter(lambda _state: None, lambda: None, lambda: over.append(1), clock)
    clock.at += 1000
    idle.tick()
    idle.watch(on=True)
    idle.tick()
    clock.at += QUIET - 1
    idle.tick()
    assert (over, idle.state, idle.quiet()) == ([], IdleState(), QUIET - 1)


def test_the_sound_is_a_sound() -> None:
    """It is there at once, soft, and rings out."""
    with wave.open(io.BytesIO(chime())) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(LENGTH, abs=0.01)
        frames = memoryview(sound.readframes(sound.getnframes())).cast("h")
    assert 2000 < max(frames) < 20_000
    assert max(map(abs, frames[-500:])) < max(frames) / 8


@pytest.mark.parametrize("kind", get_args(Trouble))
def test_each_trouble_has_its_words_and_a_way_on(kind: Trouble) -> None:
    """What happened, what to do, and a button; in both languages, and no two the same."""
    for words in (ENGLISH, SPANISH):
        assert all(said(TroubleState(kind=kind), words))
    assert len({said(TroubleState(kind=one), ENGLISH).title for one in get_args(Trouble)}) == len(get_args(Trouble))
    assert said(TroubleState(), ENGLISH) == ("", "", "", "")


def test_nothing_is_promised_that_nobody_does() -> None:
    """Where the network is gone another try is the customer's."""
    assert "Wait a moment and try again" in said(TroubleState(kind="network"), ENGLISH).text
    assert "Espera un momento y prueba otra vez" in said(TroubleState(kind="network"), SPANISH).text


@pytest.mark.parametrize(
    ("before", "guest", "place"),
    [
        ("identify", False, "identify"),
        ("cart", True, "cart"),
        ("handoff", True, "handoff"),
        ("trouble", False, "identify"),
        ("trouble", True, "cart"),
    ],
)
def test_a_trouble_leads_back_to_where_one_was(before: str, guest: bool, place: str) -> None:
    """Where one trouble came upon another that is no screen to go on at: whoever is in goes on with their cart."""
    assert back_to(before, guest=guest) == place


def test_a_trouble_leads_on_once_its_wait_is_over() -> None:
    """The way on is closed until then, and says when it opens."""
    clock, shown, gone = Hand(), list[TroubleState](), list[int]()
    trouble = TroublePresenter(shown.append, clock)
    trouble.rise("code", lambda: gone.append(1), 30)
    assert said(trouble.state, ENGLISH).way == "In 30 seconds"
    trouble.way_on()
    clock.at += 29.5
    trouble.tick()
    assert (said(trouble.state, ENGLISH).way, gone) == ("In 1 second", [])
    clock.at += 1
    trouble.tick()
    assert said(trouble.state, ENGLISH).way == "Get a new code"
    trouble.way_on()
    trouble.way_on()
    assert (gone, trouble.state) == ([1], TroubleState())


def test_a_trouble_is_forgotten_with_whoever_had_it() -> None:
    """The way on holds what they scanned or typed: it leads nowhere any more, and nothing holds it."""
    trouble, gone = TroublePresenter(lambda _state: None, Hand()), list[int]()

    def again() -> None:
        gone.append(1)

    kept = ref(again)
    trouble.rise("network", again)
    del again
    trouble.forget()
    assert (kept(), trouble.state) == (None, TroubleState())
    trouble.way_on()
    assert gone == []


def called(by: str | None = None) -> HelpCall:
    """A call as the server answers it."""
    return HelpCall(call_id=5, kiosk="Kiosk 1", about="help", called_at=at(0), answered_by=by)


@pytest.mark.parametrize(
    ("screen", "trouble", "about"),
    [
        ("welcome", "", "help"),
        ("identify", "", "help"),
        ("identify", "network", "help"),
        ("cart", "", "cart"),
        ("cart", "card", "cart"),
        ("handoff", "", "help"),
        ("trouble", "network", "network"),
        ("trouble", "no_cart", "card"),
        ("trouble", "codes", "code"),
        ("trouble", "digits", "code"),
        ("trouble", "item", "item"),
        ("trouble", "refused", "help"),
    ],
)
def test_a_call_says_what_it_is_about(screen: str, trouble: Trouble | Literal[""], about: About) -> None:
    """The trouble that is on the screen, or the cart; a trouble that is not shown is over."""
    assert about_of(screen, trouble) == about


@pytest.mark.parametrize(
    ("code", "guest", "enrolled", "meaning"),
    [
        ("session_ended", True, True, "leave"),
        ("unknown_token", True, True, "leave"),
        ("no_token", True, True, "leave"),
        ("session_ended", False, True, ""),
        ("unknown_token", False, True, "unknown"),
        ("no_token", False, True, "unknown"),
        ("no_token", False, False, ""),
        ("device_revoked", True, True, "revoked"),
        ("device_revoked", False, True, "revoked"),
        ("wrong_proof", True, True, ""),
    ],
)
def test_what_a_no_means(code: str, guest: bool, enrolled: bool, meaning: Meaning) -> None:
    """A token that is good no more is the customer's where somebody is in, and else the device's."""
    assert meaning_of(code, guest=guest, enrolled=enrolled) == meaning


async def calling(port: FakeGuest, calls: CallPresenter) -> Question:
    """Begin a call; the question that it asks, beside the stream that is listened to."""
    question = await port.question(calls.call("help"))
    while question.asked[0] != "call":
        question = await port.question()
    return question


def answered(call_id: int) -> LiveEvent:
    """Ana comes."""
    event = HelpAnswered(call_id=call_id, by="Ana")
    return LiveEvent(id=1, at=at(0), customer_id=None, person_id=None, store="GV", event=event)


def test_somebody_is_called_and_says_that_they_come() -> None:
    """Who comes is said for a minute; whoever goes to another kiosk is none of ours."""

    async def go() -> None:
        clock, port = Hand(), FakeGuest()
        calls = CallPresenter(port, lambda _state: None, clock)
        question = await port.question(calls.call("code"))
        assert question.asked == ("call", "code")
        await question.answer(called())
        assert call_words(calls.state, ENGLISH) == "Somebody was called. They come to you."
        calls.heard(answered(4))
        assert calls.state.phase == "called"
        calls.heard(
            LiveEvent(id=2, at=at(0), customer_id=None, person_id=None, store="GV", event=VouchingGiven(challenge_id=5))
        )
        calls.heard(answered(5))
        assert call_words(calls.state, ENGLISH) == "Ana is coming"
        await calls.call("help")
        assert [asked for asked in port.asked if asked[0] == "call"] == [("call", "code")]
        clock.at += COMING + 1
        calls.tick()
        assert calls.state == CallState()

    played(go())


@pytest.mark.parametrize("first", ["answer", "stream", "event"])
def test_who_comes_is_not_missed_while_nothing_was_heard_yet(first: str) -> None:
    """Somebody may say that they come before the store is listened to, or before it is known which call it is."""

    async def go() -> None:
        port, known = FakeGuest(), asyncio.Event()
        calls = CallPresenter(port, lambda state: known.set() if state.phase == "called" else None, Hand())
        asked = {}
        for question in (await port.question(calls.call("code")), await port.question()):
            asked[question.asked[0]] = question
        opened = LiveOpened(id=1, resumed=first == "event")
        if first == "answer":
            asked["call"].coming.set_result(called())
            await known.wait()
            asked["follow"].coming.set_result(opened)
        else:
            asked["follow"].coming.set_result(opened)
            following = await port.question()
            if first == "event":
                following.coming.set_result(answered(5))
                await port.question()
            asked["call"].coming.set_result(called())
        again = await port.question()
        while again.asked[0] != "call":
            again = await port.question()
        assert again.asked == ("call", "code")
        await again.answer(called("Ana"))
        assert (calls.state.phase, calls.state.by) == ("coming", "Ana")
        calls.forget()

    played(go())


def test_a_call_that_was_answered_already_says_who_comes() -> None:
    """Whoever calls twice learns at once."""

    async def go() -> None:
        port = FakeGuest()
        calls = CallPresenter(port, lambda _state: None, Hand())
        await (await port.question(calls.call("help"))).answer(called("Ana"))
        assert (calls.state.phase, calls.state.by) == ("coming", "Ana")
        calls.forget()
        assert calls.state == CallState()

    played(go())


def test_nobody_could_be_called() -> None:
    """It is said, with what to do now, and then no longer; a call for which nobody came is over, too."""

    async def go() -> None:
        clock, port = Hand(), FakeGuest()
        calls = CallPresenter(port, lambda _state: None, clock)
        await (await port.question(calls.call("help"))).lose()
        assert "speak to somebody" in call_words(calls.state, ENGLISH)
        clock.at += FAILED + 1
        calls.tick()
        assert call_words(calls.state, ENGLISH) == ""
        await (await calling(port, calls)).answer(called())
        clock.at += CALLED + 1
        calls.tick()
        assert calls.state == CallState()

    played(go())


@given(st.floats(min_value=0, max_value=1e6), st.floats(min_value=0, max_value=0.2))
def test_what_moves_moves_little_and_slowly(at_: float, step: float) -> None:
    """Everything stays near its place, and no two frames differ by more than a pixel or two."""
    one, other = drift(at_), drift(at_ + step)
    for reach, before, after in (
        (REACH, one.words, other.words),
        (2 * REACH, one.near, other.near),
        (FAR, one.far, other.far),
    ):
        assert max(map(abs, before)) <= reach
        assert math.dist(before, after) <= 2
    assert 0 <= one.shade <= 1
    assert drift(0) == STILL


def test_nothing_stays_where_it_is() -> None:
    """Over ten minutes words are in at least a hundred places: no pixel is always lit by the same."""
    assert len({tuple(map(round, drift(at_).words)) for at_ in range(600)}) > 100


def test_languages_call_themselves() -> None:
    """Each by its own name."""
    assert (own_name("es"), own_name("en")) == ("Español", "English")


@pytest.mark.parametrize("offered", [("es", "en"), ("es", "en", "ca"), ("ca", "en", "es", "pt")])
def test_one_button_leads_to_each_language(offered: tuple[str, ...]) -> None:
    """Touched often enough it comes to all that are offered and back, and never to the one that is spoken."""
    spoken, heard = offered[0], []
    for _ in offered:
        before, (spoken, name) = spoken, next_tongue(offered, spoken)
        assert spoken != before
        assert name == own_name(spoken)
        heard.append(spoken)
    assert heard == [*offered[1:], offered[0]]


@pytest.mark.parametrize(
    ("offered", "spoken", "found"), [(("es",), "es", ""), ((), "es", ""), (("es", "en"), "ca", "es")]
)
def test_where_there_is_no_other_language_none_is_offered(offered: tuple[str, ...], spoken: str, found: str) -> None:
    """A language that is not offered any more leads to the first one that is."""
    assert next_tongue(offered, spoken)[0] == found


def test_what_is_under_way_is_given_up() -> None:
    """None of it comes to its end once whoever began it has left."""

    async def go() -> None:
        port, tasks, done = FakeGuest(), Tasks(), list[int]()

        async def work() -> None:
            await port.cart()
            done.append(1)

        tasks.start(work())
        question = await port.question()
        tasks.give_up()
        question.coming.cancel()
        tasks.start(work())
        again = await port.question()
        await again.answer(None)
        assert done == [1]

    played(go())
