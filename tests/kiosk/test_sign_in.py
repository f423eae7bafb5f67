"""Who works on the tablet: by name or badge and a PIN; what a wrong one costs; idleness; and going."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.sign_in.idle import Idle, since_start
from kiosk.sign_in.presenter import ABANDONED, SignInPresenter
from kiosk.sign_in.rows import (
    role_words,
    somebody_words,
    staff_rows,
    trouble_words,
    wait_words,
    whom,
    why_words,
)
from kiosk.sign_in.state import (
    LEAST,
    MOST,
    SignInState,
    Somebody,
    asked,
    badged,
    digit,
    failed,
    gone_back,
    let_in,
    listed,
    locked,
    not_listed,
    out,
    picked,
    trying,
    unlocked,
    waited,
)
from kiosk.words import Words
from server.wire.access import SessionStarted, SessionUnlocked, StaffName
from tests.fakes import FakePort, Question, played
from tests.kiosk.given import at, but

ENGLISH, SPANISH = Words("en", stores={"GV": "Gran Vía"}), Words("es")
ANA, BEA = StaffName(id=1, name="Ana Pereira"), StaffName(id=2, name="bea")
IDLE = 300
SESSION = SessionStarted(
    token="ses_1_secret",
    staff_id=1,
    name="Ana Pereira",
    role="associate",
    stores=("GV",),
    store="GV",
    ends_at=at(8),
    idle=IDLE,
)
UNLOCKED = SessionUnlocked(staff_id=1, ends_at=at(8), idle=IDLE)
SOMEBODY = Somebody(staff_id=1, name="Ana Pereira", role="associate", store="GV", idle_seconds=IDLE)
NAMES = SignInState(listing="shown", staff=(ANA, BEA))
PIN = but(NAMES, step="pin", who=ANA)
IN = but(NAMES, step="in", somebody=SOMEBODY)
LOCKED = but(NAMES, step="locked", somebody=SOMEBODY)
STEPS_IN = but(LOCKED, step="pin", badged=True)
BADGE = "B-0001-2233"


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        pytest.param(SignInState(), lambda s: listed(s, (BEA, ANA)), NAMES, id="names in their order"),
        pytest.param(NAMES, asked, NAMES, id="names stay while they are asked for"),
        pytest.param(NAMES, lambda s: not_listed(s, "unreachable"), NAMES, id="old names are better than none"),
        pytest.param(
            SignInState(),
            lambda s: not_listed(s, "unreachable"),
            SignInState(listing="unreachable"),
            id="no names at all",
        ),
        pytest.param(
            NAMES, lambda s: not_listed(s, "refused"), but(NAMES, listing="refused"), id="names that may not be told"
        ),
        pytest.param(NAMES, lambda s: picked(s, 1), PIN, id="picked"),
        pytest.param(NAMES, lambda s: picked(s, 9), NAMES, id="nobody is called that"),
        pytest.param(NAMES, lambda s: picked(s, 1, 30), but(PIN, wait=30, trouble="wait"), id="who must wait"),
        pytest.param(IN, lambda s: picked(s, 1), IN, id="whoever is in picks nobody"),
        pytest.param(NAMES, badged, but(NAMES, step="pin", badged=True), id="badge"),
        pytest.param(PIN, badged, but(NAMES, step="pin", badged=True), id="badge instead of the name"),
        pytest.param(LOCKED, badged, STEPS_IN, id="badge of whoever takes over"),
        pytest.param(trying(PIN), badged, trying(PIN), id="badge too late"),
        pytest.param(IN, badged, IN, id="badge of nobody"),
        pytest.param(but(PIN, trouble="wrong"), lambda s: digit(s, 1), but(PIN, digits=1), id="trouble is over"),
        pytest.param(but(PIN, wait=3), lambda s: digit(s, 1), but(PIN, wait=3), id="no digits while one waits"),
        pytest.param(trying(PIN), lambda s: digit(s, 1), trying(PIN), id="nor while the server is asked"),
        pytest.param(NAMES, lambda s: digit(s, 1), NAMES, id="nor for nobody"),
        pytest.param(but(PIN, digits=4), trying, but(PIN, digits=4, busy=True), id="tried"),
        pytest.param(
            trying(but(PIN, digits=4)),
            lambda s: failed(s, "wrong", 30),
            but(PIN, trouble="wrong", wait=30),
            id="wrong: the digits are gone",
        ),
        pytest.param(but(PIN, trouble="wrong", wait=2), lambda s: waited(s, 1), but(PIN, trouble="wrong", wait=1)),
        pytest.param(but(PIN, trouble="wrong", wait=1), lambda s: waited(s, 0), PIN, id="the wait is over"),
        pytest.param(but(PIN, trouble="wrong"), lambda s: waited(s, 0), but(PIN, trouble="wrong"), id="no wait"),
        pytest.param(trying(PIN), lambda s: let_in(s, SESSION), IN, id="in"),
        pytest.param(trying(STEPS_IN), lambda s: let_in(s, SESSION), IN, id="in for somebody else"),
        pytest.param(IN, locked, LOCKED, id="locked"),
        pytest.param(trying(LOCKED), lambda s: unlocked(s, UNLOCKED), IN, id="unlocked"),
        pytest.param(NAMES, locked, NAMES, id="nobody to lock it for"),
        pytest.param(STEPS_IN, gone_back, LOCKED, id="back to who locked it"),
        pytest.param(STEPS_IN, lambda s: gone_back(s, 5), but(LOCKED, wait=5, trouble="wait"), id="who still waits"),
        pytest.param(but(PIN, digits=3), gone_back, NAMES, id="back to the names"),
        pytest.param(trying(PIN), gone_back, trying(PIN), id="no way back while the server is asked"),
        pytest.param(IN, lambda s: out(s, "signed_out"), but(NAMES, why="signed_out"), id="out"),
    ],
)
def test_what_each_happening_changes(
    before: SignInState, change: Callable[[SignInState], SignInState], after: SignInState
) -> None:
    """Steps follow each other; whatever was typed or said for one is gone in the next."""
    assert change(before) == after


class Tablet:
    """A tablet at a fake server, with a clock that a test sets."""

    def __init__(self) -> None:
        self.port = FakePort()
        self.time = 0.0
        self.shown: list[SignInState] = []
        self.presenter = SignInPresenter(self.port, self.shown.append, lambda: self.time)

    @property
    def state(self) -> SignInState:
        return self.presenter.state

    async def names(self) -> None:
        """Have the names there."""
        await (await self.port.question(self.presenter.ask_names())).answer((BEA, ANA))

    async def try_pin(self, pin: str = "2468") -> Question:
        """Type a PIN and try it."""
        self.presenter.type(pin)
        return await self.port.question(self.presenter.confirm())

    async def enter(self) -> None:
        """Let Ana in."""
        await self.names()
        self.presenter.pick(1)
        await (await self.try_pin()).answer(SESSION)

    def passes(self, seconds: float) -> None:
        """Let time pass, second by second."""
        for _ in range(int(seconds)):
            self.time += 1
            self.presenter.tick()


def test_a_name_and_a_pin() -> None:
    """A touched name and a typed PIN begin the shift of whoever the server says it is."""

    async def scene() -> None:
        tablet = Tablet()
        await tablet.names()
        tablet.presenter.pick(1)
        question = await tablet.try_pin()
        assert (question.asked, tablet.state.busy) == (("sign_in", 1, "2468"), True)
        await question.answer(SESSION)
        assert tablet.state == IN

    played(scene())


def test_a_badge_and_a_pin() -> None:
    """A scanned badge stands for the name; whose it is only the server knows."""

    async def scene() -> None:
        tablet = Tablet()
        tablet.presenter.scan(BADGE)
        assert whom(tablet.state, 0, ENGLISH)[0] == "Badge read"
        question = await tablet.try_pin("246813")
        assert question.asked == ("sign_in", BADGE, "246813")
        await question.answer(SESSION)
        assert (tablet.state.step, tablet.state.somebody) == ("in", SOMEBODY)

    played(scene())


@given(st.lists(st.sampled_from([*"0123456789", "erase", "x", " ", "٣", "²"]), max_size=40))
def test_only_digits_are_a_pin(keys: list[str]) -> None:
    """Of whatever keys are pressed the digits count, to the longest PIN there may be; and no state ever holds them."""

    async def scene() -> None:
        tablet = Tablet()
        tablet.presenter.scan(BADGE)
        pin = ""
        for key in keys:
            if key == "erase":
                tablet.presenter.erase()
                pin = pin[:-1]
            else:
                tablet.presenter.type(key)
                pin += key if key in "0123456789" and len(pin) < MOST else ""
            assert tablet.state.digits == len(pin)
        question = await tablet.port.begin(tablet.presenter.confirm())
        assert (question.asked[2] if question else None) == (pin if len(pin) >= LEAST else None)
        if question:
            await question.lose()

    played(scene())


def test_no_state_knows_the_pin() -> None:
    """What is drawn, and could be written down, has the number of digits and nothing else of them."""

    async def scene() -> None:
        tablet = Tablet()
        await tablet.enter()
        assert not [state for state in tablet.shown if "2468" in repr(state)]
        assert not [state for state in tablet.shown if SESSION.token in repr(state)]

    played(scene())


def test_a_wrong_pin_is_wiped_and_waits() -> None:
    """After a wrong PIN the digits are gone, and for as long as the server says none are taken."""

    async def scene() -> None:
        tablet = Tablet()
        await tablet.names()
        tablet.presenter.pick(1)
        await (await tablet.try_pin()).refuse("wrong_pin", 30)
        assert (tablet.state.digits, tablet.state.trouble, tablet.state.wait) == (0, "wrong", 30)
        assert trouble_words(tablet.state, ENGLISH, lost=False) == "That PIN is not right. Try again in 30\u00a0s."
        tablet.passes(1)
        tablet.presenter.type("2468")
        assert (tablet.state.digits, tablet.state.wait) == (0, 29)
        assert await tablet.port.begin(tablet.presenter.confirm()) is None
        tablet.passes(29)
        assert (tablet.state.wait, tablet.state.trouble) == (0, "")
        await (await tablet.try_pin()).answer(SESSION)
        assert tablet.state.step == "in"

    played(scene())


def test_going_back_shortens_no_wait() -> None:
    """Whoever waits goes on waiting when they are picked again; somebody else need not."""

    async def scene() -> None:
        tablet = Tablet()
        await tablet.names()
        tablet.presenter.pick(1)
        await (await tablet.try_pin()).refuse("wrong_pin", 30)
        tablet.passes(10)
        tablet.presenter.back()
        tablet.presenter.pick(2)
        assert (tablet.state.who, tablet.state.wait) == (BEA, 0)
        tablet.presenter.back()
        tablet.presenter.pick(1)
        assert (tablet.state.who, tablet.state.wait, tablet.state.trouble) == (ANA, 20, "wait")

    played(scene())


@pytest.mark.parametrize(
    ("code", "retry_after", "trouble", "wait"),
    [
        ("wrong_pin", None, "wrong", 0),
        ("too_many_tries", 90, "wait", 90),
        ("too_many_tries", None, "wait", 30),
        ("unknown_staff", None, "nobody", 0),
        ("wrong_caller", None, "refused", 0),
    ],
)
def test_a_pin_that_is_refused(code: str, retry_after: int | None, trouble: str, wait: int) -> None:
    """It is said why, and how long to wait where tries are counted."""

    async def scene() -> None:
        tablet = Tablet()
        tablet.presenter.scan(BADGE)
        await (await tablet.try_pin()).refuse(code, retry_after)
        assert (tablet.state.trouble, tablet.state.wait, tablet.state.busy) == (trouble, wait, False)
        assert trouble_words(tablet.state, ENGLISH, lost=False)

    played(scene())


def test_without_network_nobody_gets_in() -> None:
    """Neither signing in nor unlocking works without the server, and both say so; locking does."""

    async def scene() -> None:
        tablet = Tablet()
        await (await tablet.port.question(tablet.presenter.ask_names())).lose()
        assert tablet.state.listing == "unreachable"
        tablet.presenter.scan(BADGE)
        await (await tablet.try_pin()).lose()
        assert (tablet.state.step, tablet.state.trouble, tablet.state.digits) == ("pin", "unreachable", 0)
        assert "Signing in works when" in trouble_words(tablet.state, ENGLISH, lost=False)
        tablet.presenter.back()
        await tablet.enter()
        tablet.presenter.lock()
        await (await tablet.try_pin()).lose()
        assert (tablet.state.step, tablet.state.trouble) == ("locked", "unreachable")
        assert "only be unlocked when" in trouble_words(tablet.state, ENGLISH, lost=False)

    played(scene())


def test_an_idle_tablet_locks_itself() -> None:
    """After so many seconds without a touch, which each sign of life begins anew, it is locked, and says for whom."""

    async def scene() -> None:
        tablet = Tablet()
        tablet.passes(1000)
        await tablet.enter()
        tablet.passes(IDLE - 1)
        assert tablet.state == IN
        tablet.presenter.life()
        tablet.passes(IDLE - 1)
        assert tablet.state == IN
        tablet.passes(1)
        assert tablet.state == LOCKED
        assert whom(tablet.state, 0, ENGLISH)[0] == "Ana Pereira"
        question = await tablet.try_pin()
        assert question.asked == ("unlock", "2468")
        await question.answer(UNLOCKED)
        assert tablet.state == IN

    played(scene())


def test_a_tablet_that_slept_is_locked_at_once() -> None:
    """Hours in a drawer are idleness, too: the first tick after them locks."""

    async def scene() -> None:
        tablet = Tablet()
        await tablet.enter()
        tablet.time += 10_000
        tablet.presenter.tick()
        assert tablet.state.step == "locked"

    played(scene())


def test_half_a_pin_that_was_left_is_forgotten() -> None:
    """Digits that nobody finished go, and so does the name they were typed for."""

    async def scene() -> None:
        tablet = Tablet()
        await tablet.names()
        tablet.presenter.pick(1)
        tablet.presenter.type("246")
        tablet.passes(ABANDONED)
        assert tablet.state == NAMES
        await tablet.enter()
        tablet.presenter.lock()
        tablet.presenter.life()
        tablet.presenter.type("246")
        tablet.passes(ABANDONED)
        assert tablet.state == LOCKED
        question = await tablet.try_pin("1357")
        assert question.asked == ("unlock", "1357")
        await question.answer(UNLOCKED)

    played(scene())


def test_somebody_else_takes_over_a_locked_tablet() -> None:
    """Another's badge and PIN begin their own shift; going back leaves the tablet with whoever locked it."""

    async def scene() -> None:
        tablet = Tablet()
        await tablet.enter()
        tablet.presenter.lock()
        tablet.presenter.scan(BADGE)
        tablet.presenter.back()
        assert tablet.state == LOCKED
        tablet.presenter.scan(BADGE)
        question = await tablet.try_pin()
        assert question.asked == ("sign_in", BADGE, "2468")
        await question.answer(but(SESSION, staff_id=2, name="bea"))
        assert tablet.state.somebody == but(SOMEBODY, staff_id=2, name="bea")

    played(scene())


def test_signing_out_forgets_before_it_asks() -> None:
    """The shift is over on the tablet at once, and stays so where the server does not hear of it."""

    async def scene() -> None:
        tablet = Tablet()
        await tablet.enter()
        question = await tablet.port.question(tablet.presenter.sign_out())
        assert (question.asked, tablet.state) == (("sign_out",), but(NAMES, why="signed_out"))
        await question.lose()
        assert tablet.state == but(NAMES, why="signed_out")
        assert "signed out" in why_words(tablet.state, ENGLISH)

    played(scene())


def test_a_shift_that_the_server_ended() -> None:
    """The tablet speaks for nobody any more and says why; where nobody was in, nothing changes."""

    async def scene() -> None:
        tablet = Tablet()
        await tablet.names()
        tablet.presenter.ended()
        assert tablet.state == NAMES
        await tablet.enter()
        tablet.presenter.ended()
        assert (tablet.state, tablet.port.asked[-1]) == (but(NAMES, why="ended"), ("leave",))

    played(scene())


def test_an_answer_that_comes_after_the_end_lets_nobody_in() -> None:
    """Whoever's PIN was with the server when the tablet was put out is not in, whatever the server says."""

    async def scene() -> None:
        tablet = Tablet()
        await tablet.names()
        tablet.presenter.pick(1)
        question = await tablet.try_pin()
        late = await tablet.port.question(tablet.presenter.ask_names())
        tablet.presenter.forget()
        await question.answer(SESSION)
        await late.answer((ANA,))
        assert (tablet.state, tablet.port.asked[-1]) == (SignInState(), ("leave",))

    played(scene())


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20), st.floats(1, 1e4))
def test_idleness_counts_from_the_last_sign_of_life(times: list[float], seconds: float) -> None:
    """Whenever and in whatever order signs came, it is over so many seconds after the last."""
    idle = Idle(0.0)
    for time in times:
        idle.life(time)
    last = max(times)
    assert not idle.over(last, seconds)
    assert idle.over(last + 2 * seconds + 1, seconds)


def test_the_clock_of_idleness_never_goes_back() -> None:
    """It counts from the machine's start, its sleep included."""
    before = since_start()
    assert 0 < before <= since_start()


@pytest.mark.parametrize(
    ("seconds", "english", "spanish"),
    [
        (1, "Try again in 1\u00a0s.", "Prueba otra vez dentro de 1\u00a0s."),
        (119, "Try again in 119\u00a0s.", "Prueba otra vez dentro de 119\u00a0s."),
        (120, "Try again in 2\u00a0min.", "Prueba otra vez dentro de 2\u00a0min."),
        (121, "Try again in 3\u00a0min.", "Prueba otra vez dentro de 3\u00a0min."),
        (5400, "Try again in 90\u00a0min.", "Prueba otra vez dentro de 90\u00a0min."),
    ],
)
def test_how_long_to_wait(seconds: int, english: str, spanish: str) -> None:
    """Seconds as long as one counts them, minutes beyond, never fewer than it takes."""
    assert (wait_words(seconds, ENGLISH), wait_words(seconds, SPANISH)) == (english, spanish)


@pytest.mark.parametrize(
    ("state", "name", "words"),
    [
        (PIN, "Ana Pereira", "Type your PIN."),
        (LOCKED, "Ana Pereira", "Locked. Type your PIN to go on."),
        (STEPS_IN, "Badge read", "Now type your PIN."),
    ],
)
def test_whose_pin_is_wanted(state: SignInState, name: str, words: str) -> None:
    """The name, or that a badge was read; and what to do."""
    assert whom(state, 0, ENGLISH) == (name, words)


@pytest.mark.parametrize(
    ("unsent", "words"),
    [
        (1, "Locked. Type your PIN to go on. 1 change waits for you to be sent. Somebody else gives it up."),
        (2, "Locked. Type your PIN to go on. 2 changes wait for you to be sent. Somebody else gives them up."),
    ],
)
def test_a_locked_tablet_says_what_waits(unsent: int, words: str) -> None:
    """How many changes, and nothing of them; whoever else types a PIN is told nothing of it."""
    assert whom(LOCKED, unsent, ENGLISH)[1] == words
    assert whom(STEPS_IN, unsent, ENGLISH)[1] == "Now type your PIN."


@pytest.mark.parametrize(
    ("somebody", "words"),
    [
        (None, ("", "")),
        (SOMEBODY, ("Ana Pereira", "Associate · Gran Vía")),
        (but(SOMEBODY, role="hq", store=None), ("Ana Pereira", "Head office")),
        (Somebody(staff_id=0, name=""), ("Signed in", "")),
    ],
)
def test_who_is_signed_in(somebody: Somebody | None, words: tuple[str, str]) -> None:
    """Name, role and store, as far as they are known."""
    assert somebody_words(somebody, ENGLISH) == words


def test_a_lost_network_is_said_before_a_pin_is_typed() -> None:
    """Nobody should have to type a PIN to learn that it cannot be tried."""
    assert trouble_words(PIN, ENGLISH, lost=True) == "No network. Signing in works when the server answers again."
    assert trouble_words(LOCKED, ENGLISH, lost=True).startswith("No network. The tablet can only be unlocked")
    assert trouble_words(NAMES, ENGLISH, lost=False) == ""
    assert [row["name"] for row in staff_rows(NAMES)] == ["Ana Pereira", "bea"]
    assert role_words("manager", SPANISH) == "Encargado/a"


def test_names_stand_where_people_look_for_them() -> None:
    """Capitals and accents move nobody to the end of the list."""
    names = ("Óscar Prieto", "Íñigo Ruiz", "ana", "Jon Otxoa")
    shown = listed(SignInState(), tuple(StaffName(id=n, name=name) for n, name in enumerate(names)))
    assert [one.name for one in shown.staff] == ["ana", "Íñigo Ruiz", "Jon Otxoa", "Óscar Prieto"]
