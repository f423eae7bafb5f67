"""A customer proves at a kiosk who they are: by the shop's code, by one that is sent, or by an associate."""

import string
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

import pytest

from kiosk.identify.presenter import SHORTEST_WAIT, IdentifyPresenter
from kiosk.identify.rows import EMAIL_KEYS, PHONE_KEYS, code_places, hint_words, reader_words, shown_contact
from kiosk.identify.state import IdentifyState, Step, erased, typed
from kiosk.link.port import UnreachableError
from kiosk.trouble.state import Trouble
from kiosk.words import Words
from server.wire.codes import CardPattern
from server.wire.kiosks import Challenge, CodeProof, ContinueProof, KioskSession, VouchProof, Way
from tests.fakes import played, refusal
from tests.guest_fakes import FakeGuest
from tests.kiosk.given import at, but

ENGLISH = Words("en")
SESSION = KioskSession(token="kio_1_secret", ends_at=at(0.5), idle=180)
CODE = "MC1.eyJqdGkiOiIxIn0.c2lnbmVk"
CARD, GTIN, BANK_CARD = "2900000200012", "9520010460003", "4111111111111111"
PHONE = IdentifyState(step="phone", contact="600123123")


def challenge(number: int = 7, digits: str | None = None) -> Challenge:
    """What the server answers to a contact, and to a wish for an associate."""
    return Challenge(challenge_id=number, way="vouch" if digits else "code", digits=digits, expires_at=at(0.2))


class Scene(NamedTuple):
    """A kiosk with a server whose answers are released by hand."""

    port: FakeGuest
    presenter: IdentifyPresenter
    troubles: list[tuple[Trouble, int]]
    on: list[Callable[[], None]]
    sessions: list[KioskSession]
    started: list[Coroutine[Any, Any, None]]


def scene() -> Scene:
    """One with nobody before it."""
    port, troubles, on, sessions, started = FakeGuest(), [], [], [], []

    def rise(kind: Trouble, then: Callable[[], None], wait: int) -> None:
        troubles.append((kind, wait))
        on.append(then)

    presenter = IdentifyPresenter(
        port, lambda _state: None, rise, sessions.append, started.append, lambda: "es", poll=0
    )
    presenter.card_patterns = (CardPattern(pattern=r"^29\d{11}$", check="ean13"),)
    return Scene(port, presenter, troubles, on, sessions, started)


@pytest.mark.parametrize(
    ("state", "complete"),
    [
        (IdentifyState(), False),
        (IdentifyState(step="phone", contact="60012"), False),
        (PHONE, True),
        (but(PHONE, busy=True), False),
        (IdentifyState(step="email", contact="lucia@correo"), False),
        (IdentifyState(step="email", contact="lucia@correo."), False),
        (IdentifyState(step="email", contact="@correo.example"), False),
        (IdentifyState(step="email", contact="lucia@correo.example"), True),
        (IdentifyState(step="code", code="12345"), False),
        (IdentifyState(step="code", code="123456"), True),
        (IdentifyState(step="digits", digits="47"), False),
    ],
)
def test_what_can_be_sent(state: IdentifyState, complete: bool) -> None:
    """Only what may be a phone number, an e-mail address or a whole code can be sent, and once at a time."""
    assert state.complete is complete


@pytest.mark.parametrize(
    ("state", "text", "after"),
    [
        (IdentifyState(step="phone"), "+", "+"),
        (IdentifyState(step="email", contact="a"), "@", "a@"),
        (IdentifyState(step="email", contact="a" * 80), "b", "a" * 80),
        (but(PHONE, busy=True), "4", PHONE.contact),
        (IdentifyState(), "4", ""),
    ],
)
def test_signs_are_taken_where_there_is_a_pad(state: IdentifyState, text: str, after: str) -> None:
    """A pad writes into what it stands under, as far as that goes, and not while the server is asked."""
    assert typed(state, text).contact == after


def test_a_code_has_digits_alone() -> None:
    """Six of them; a slip can be taken back, and what was wrong before is said no longer."""
    state = IdentifyState(step="code", hint="wrong_code")
    for sign in "12a34567":
        state = typed(state, sign)
    assert (state.code, state.hint) == ("123456", "")
    assert erased(state).code == "12345"
    assert erased(PHONE).contact == "60012312"
    assert erased(but(PHONE, busy=True)) == but(PHONE, busy=True)


@pytest.mark.parametrize("step", ["phone", "email", "code", "digits", "ways"])
def test_another_way_leaves_nothing_of_the_one_before(step: Step) -> None:
    """Whatever was typed is gone."""
    one = scene()
    one.presenter.take("phone")
    one.presenter.type("600123123")
    one.presenter.take(step)
    assert (one.presenter.state.contact, one.presenter.state.code) == ("", "")


def test_the_shop_s_code_leads_straight_in() -> None:
    """What the app shows is all that is needed."""

    async def go() -> None:
        one = scene()
        question = await one.port.question(one.presenter.scan(f" {CODE}\n"))
        assert question.asked == ("prove", ContinueProof(code=CODE))
        assert one.presenter.state.busy
        await question.answer(SESSION)
        assert one.sessions == [SESSION]
        assert one.presenter.state == IdentifyState()

    played(go())


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        ("wrong_proof", "card"),
        ("proof_used", "used"),
        ("proof_over", "old"),
        ("unknown_cart", "no_cart"),
        ("way_closed", "way"),
        ("answer_expired", "refused"),
    ],
)
def test_a_shop_s_code_that_is_not_taken(code: str, trouble: Trouble) -> None:
    """Each reason has a screen of its own, and nobody is in."""

    async def go() -> None:
        one = scene()
        await (await one.port.question(one.presenter.scan(CODE))).refuse(code)
        assert (one.troubles, one.sessions) == ([(trouble, 0)], [])
        assert one.presenter.state.ways == frozenset(
            {"code", "vouch"} if trouble == "way" else {"continue", "code", "vouch"}
        )

    played(go())


def test_a_lost_answer_is_asked_for_under_the_same_key() -> None:
    """A code works once, and is not lost with the answer: another try is the same request."""

    async def go() -> None:
        one = scene()
        await (await one.port.question(one.presenter.scan(CODE))).lose()
        assert one.troubles == [("network", 0)]
        one.on[0]()
        await (await one.port.question(one.started[0])).answer(SESSION)
        assert one.sessions == [SESSION]
        assert one.port.keys[0]
        assert one.port.keys[0] == one.port.keys[1]

    played(go())


@pytest.mark.parametrize(
    ("code", "trouble"),
    [(GTIN, "article"), (BANK_CARD, "bank_card"), ("2900000200013", "card"), ("HELLO", "card")],
)
def test_what_is_no_card_is_told_here(code: str, trouble: Trouble) -> None:
    """Nothing of it goes to the server, least of all a bank card's number."""

    async def go() -> None:
        one = scene()
        await one.presenter.scan(code)
        assert (one.port.asked, one.troubles) == ([], [(trouble, 0)])

    played(go())


def test_a_card_and_the_code_that_was_sent() -> None:
    """A card asks for a code in the language that is spoken; its last digit sends it by itself."""

    async def go() -> None:
        one = scene()
        question = await one.port.question(one.presenter.scan(CARD))
        assert question.asked == ("ask_for_code", CARD, "es")
        await question.answer(challenge())
        assert one.presenter.state.step == "code"
        for digit in "482611":
            one.presenter.type(digit)
        (confirm,) = one.started
        question = await one.port.question(confirm)
        assert question.asked == ("prove", CodeProof(challenge_id=7, code="482611"))
        await question.answer(SESSION)
        assert one.sessions == [SESSION]

    played(go())


def test_three_wrong_codes_and_a_wait() -> None:
    """Twice it is said calmly; the third time there is a wait, and after it a new code for the same contact."""

    async def go() -> None:
        one = scene()
        one.presenter.take("phone")
        one.presenter.type("600123123")
        await (await one.port.question(one.presenter.confirm())).answer(challenge())
        for wrong in (1, 2, 3):
            one.started.clear()
            one.presenter.type("111111")
            await (await one.port.question(one.started[0])).refuse("wrong_proof")
            if wrong < 3:
                assert one.presenter.state == IdentifyState(step="code", wrong=wrong, hint="wrong_code")
        assert one.troubles == [("code", SHORTEST_WAIT)]
        assert one.presenter.state == IdentifyState()
        one.started.clear()
        one.on[0]()
        question = await one.port.question(one.started[0])
        assert question.asked == ("ask_for_code", "600123123", "es")
        await question.answer(challenge(8))
        assert one.presenter.state.step == "code"

    played(go())


@pytest.mark.parametrize(
    ("code", "wait", "tries", "trouble"),
    [
        ("wrong_proof", 60, 1, "codes"),
        ("wrong_proof", 60, 2, "codes"),
        ("wrong_proof", 60, 3, "code"),
        ("too_many_tries", 90, 1, "codes"),
        ("too_many_tries", 90, 3, "code"),
    ],
)
def test_the_server_says_how_long(code: str, wait: int, tries: int, trouble: Trouble) -> None:
    """Where it counts the tries, its wait is the one that is said; nobody is told of three times who was wrong once."""

    async def go() -> None:
        one = scene()
        await (await one.port.question(one.presenter.scan(CARD))).answer(challenge())
        for left in reversed(range(tries)):
            one.started.clear()
            one.presenter.type("111111")
            await (await one.port.question(one.started[0])).refuse(*(("wrong_proof", None) if left else (code, wait)))
        assert one.troubles == [(trouble, wait)]

    played(go())


@pytest.mark.parametrize(
    ("typed_", "code", "troubles", "hint"),
    [
        (True, "invalid_field", [], "no_contact"),
        (False, "invalid_field", [("card", 0)], ""),
        (True, "way_closed", [("way", 0)], ""),
        (True, "mistyped_card", [("card", 0)], ""),
        (True, "too_many_tries", [("refused", 30)], ""),
    ],
)
def test_a_contact_that_is_not_taken(typed_: bool, code: str, troubles: list[Any], hint: str) -> None:
    """A slip is said where it was typed, all else on a screen of its own."""

    async def go() -> None:
        one = scene()
        if typed_:
            one.presenter.take("phone")
            one.presenter.type("600123123")
        asking = one.presenter.confirm() if typed_ else one.presenter.scan(CARD)
        await (await one.port.question(asking)).refuse(code, 30)
        assert (one.troubles, one.presenter.state.hint) == (troubles, hint)
        assert not one.presenter.state.busy

    played(go())


def test_an_associate_vouches() -> None:
    """They are asked about under one key until the digits are confirmed; no silence ends that, nor an answer lost."""

    async def go() -> None:
        one = scene()
        asking = await one.port.question(one.presenter.vouch())
        asking.coming.set_result(challenge(9, "47"))
        waits = await one.port.question()
        assert waits.asked == ("prove", VouchProof(challenge_id=9))
        assert one.presenter.state == IdentifyState(step="digits", digits="47")
        waits.coming.set_exception(refusal("proof_waits"))
        gone = await one.port.question()
        gone.coming.set_exception(UnreachableError("/"))
        confirmed = await one.port.question()
        await confirmed.answer(SESSION)
        assert one.sessions == [SESSION]
        assert one.port.keys[1]
        assert one.port.keys[1:] == [one.port.keys[1]] * 3

    played(go())


def test_nobody_vouched() -> None:
    """After some minutes the digits are worth nothing, and another way is to be taken."""

    async def go() -> None:
        one = scene()
        asking = await one.port.question(one.presenter.vouch())
        asking.coming.set_result(challenge(9, "47"))
        await (await one.port.question()).refuse("proof_over")
        assert (one.troubles, one.presenter.state) == ([("digits", 0)], IdentifyState())

    played(go())


def test_whoever_takes_another_way_is_waited_for_no_more() -> None:
    """The server hears of it, of digits that come late too; not of those that somebody confirmed, or that are over."""

    async def go() -> None:
        one = scene()
        asking = await one.port.question(one.presenter.vouch())
        asking.coming.set_result(challenge(9, "47"))
        waits = await one.port.question()
        assert (waits.asked[0], one.started) == ("prove", [])
        one.presenter.take("phone")
        await waits.refuse("proof_waits")
        withdrawing = await one.port.question(one.started.pop())
        assert withdrawing.asked == ("withdraw", 9)
        await withdrawing.answer(None)
        late = await one.port.question(one.presenter.vouch())
        one.presenter.open()
        await late.answer(challenge(10, "48"))
        withdrawing = await one.port.question(one.started.pop())
        assert withdrawing.asked == ("withdraw", 10)
        await withdrawing.answer(None)
        one.presenter.take("email")
        assert one.started == []

    played(go())


def test_whoever_has_left_is_not_let_in_late() -> None:
    """An answer that comes when somebody else may be there ends the session that it is of."""

    async def go() -> None:
        one = scene()
        proving = await one.port.question(one.presenter.scan(CODE))
        one.presenter.open()
        proving.coming.set_result(SESSION)
        ending = await one.port.question()
        assert ending.asked == ("end", SESSION)
        await ending.answer(None)
        assert one.sessions == []
        assert ("enter", SESSION) not in one.port.asked

    played(go())


def test_a_late_answer_throws_nobody_out() -> None:
    """Whoever took another way is in; what comes late of the first one ends its own session, and theirs goes on."""

    async def go() -> None:
        one = scene()
        late = await one.port.question(one.presenter.scan(CODE))
        one.presenter.take("ways")
        other = but(SESSION, token="kio_2_secret")
        await (await one.port.question(one.presenter.scan(CODE))).answer(other)
        late.coming.set_result(SESSION)
        ending = await one.port.question()
        assert ending.asked == ("end", SESSION)
        await ending.answer(None)
        assert one.sessions == [other]
        assert [asked for asked in one.port.asked if asked[0] in {"enter", "goodbye"}] == [("enter", other)]

    played(go())


def test_nothing_is_scanned_while_the_server_is_asked() -> None:
    """A second card meanwhile changes nothing."""

    async def go() -> None:
        one = scene()
        proving = await one.port.question(one.presenter.scan(CODE))
        assert await one.port.begin(one.presenter.scan(CARD)) is None
        await proving.answer(SESSION)
        assert one.sessions == [SESSION]

    played(go())


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        ({"continue", "code", "vouch"}, "Hold your card or the code in your app to the reader"),
        ({"continue"}, "Hold the code in your app to the reader"),
        ({"code", "vouch"}, "Hold your card to the reader"),
        ({"vouch"}, "Ask an associate"),
    ],
)
def test_only_open_ways_are_named(ways: set[Way], words: str) -> None:
    """What the chain does not take is not asked for."""
    one = scene()
    one.presenter.allow(ways)
    assert reader_words(one.presenter.state, ENGLISH) == words


def test_what_is_typed_is_shown() -> None:
    """Phones in groups, a place for each digit of a code, and what is to be typed where nothing is yet."""
    assert shown_contact(PHONE, ENGLISH) == "600 123 123"
    assert shown_contact(but(PHONE, contact="+34600123123"), ENGLISH) == "+34600123123"
    assert shown_contact(but(PHONE, contact=""), ENGLISH) == "Your phone number"
    assert shown_contact(IdentifyState(step="email"), ENGLISH) == "Your e-mail address"
    assert shown_contact(IdentifyState(step="email", contact="a@b.c"), ENGLISH) == "a@b.c"
    assert code_places("48") == ["4", "8", " ", " ", " ", " "]
    assert "not the code" in hint_words(IdentifyState(hint="wrong_code"), ENGLISH)


def test_a_state_says_whether_it_is_somebody_s() -> None:
    """What was typed, sent or shown is a person's; the ways themselves are nobody's."""
    assert [
        state.personal
        for state in (
            IdentifyState(),
            IdentifyState(step="phone"),
            PHONE,
            IdentifyState(step="code"),
            but(PHONE, contact="", busy=True),
        )
    ] == [False, False, True, True, True]


def gone_wrong(one: Scene) -> Coroutine[Any, Any, None]:
    """A card is held to the reader, and nobody answers."""

    async def go() -> None:
        await (await one.port.question(one.presenter.scan(CARD))).lose()
        assert one.troubles == [("network", 0)]

    return go()


def gone_back(one: Scene) -> Coroutine[Any, Any, None]:
    """A code is sent to a phone, and another way is taken."""

    async def go() -> None:
        one.presenter.take("phone")
        one.presenter.type("600123123")
        await (await one.port.question(one.presenter.confirm())).answer(challenge())
        one.presenter.take("ways")

    return go()


def taken_back(one: Scene) -> Coroutine[Any, Any, None]:
    """A sign is typed and taken back."""

    async def go() -> None:
        one.presenter.take("email")
        one.presenter.type("l")
        one.presenter.erase()

    return go()


def bank_card(one: Scene) -> Coroutine[Any, Any, None]:
    """A card of a bank is held to the reader."""
    return one.presenter.scan(BANK_CARD)


@pytest.mark.parametrize("came", [gone_wrong, gone_back, taken_back, bank_card])
def test_what_came_in_is_known_of_until_somebody_has_left(came: Callable[[Scene], Coroutine[Any, Any, None]]) -> None:
    """Wherever it has led to, and whatever is shown by then."""

    async def go() -> None:
        one = scene()
        one.presenter.open()
        one.presenter.take("phone")
        one.presenter.take("ways")
        assert not one.presenter.personal
        await came(one)
        assert not one.presenter.state.personal
        one.presenter.open()
        assert one.presenter.personal
        one.presenter.forget()
        assert not one.presenter.personal
        assert one.presenter.state == IdentifyState()

    played(go())


def test_a_contact_is_forgotten_with_whoever_left() -> None:
    """Nothing of what was typed or scanned is anywhere in what the presenter keeps."""

    async def go() -> None:
        one = scene()
        await gone_wrong(one)
        one.on.clear()
        one.presenter.forget()
        assert CARD not in repr(vars(one.presenter))

    played(go())


@pytest.mark.parametrize("keys", [PHONE_KEYS, EMAIL_KEYS])
def test_whatever_was_typed_can_be_taken_back(keys: tuple[str, ...]) -> None:
    """Each pad has one key for it, no sign twice, and rows of the same length."""
    signs = "".join(keys).replace(" ", "")
    assert "<" in signs
    assert len(set(signs)) == len(signs)
    assert len({len(row) for row in keys}) == 1


def test_an_address_can_be_typed() -> None:
    """All that usual addresses are made of has a key."""
    assert set(string.ascii_lowercase + string.digits + "@._-+") <= set("".join(EMAIL_KEYS))
