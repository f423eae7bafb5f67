"""Kiosks that want somebody: who waits is known while they do, digits are typed once, and one comes."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from kiosk.assist.presenter import AssistPresenter
from kiosk.assist.rows import asks_words, boxes_of, call_words, vouch_trouble, waiting_words
from kiosk.assist.state import AssistState
from kiosk.link.port import UnreachableError
from kiosk.words import Words
from server.wire.calls import HelpCall
from server.wire.kiosks import Confirmation, WaitingChallenge
from tests.fakes import FakePort, played, refusal
from tests.kiosk.given import NOW, at, but

ENGLISH = Words("en", "Europe/Madrid")
DOOR = WaitingChallenge(challenge_id=3, kiosk="Door", asked_at=at(0), expires_at=at(0.1))
STAIRS = but(DOOR, challenge_id=4, kiosk="Stairs")
CALL = HelpCall(call_id=8, kiosk="Door", about="card", called_at=at(0))
LUCIA = 7


def at_hand(*waiting: WaitingChallenge, calls: tuple[HelpCall, ...] = ()) -> tuple[FakePort, AssistPresenter]:
    """A presenter that knows who waits, and the server that it asks."""
    port, keys = FakePort(), count(1)
    presenter = AssistPresenter(port, lambda _: None, lambda: f"key-{next(keys)}", pauses=(0,))
    presenter.state = AssistState(waiting=waiting, calls=calls)
    return port, presenter


def test_who_waits_is_asked() -> None:
    """For both; who is answered already is not shown."""

    async def scene() -> None:
        port, presenter = at_hand()
        first = await port.question(presenter.look())
        first.coming.set_result((DOOR,))
        second = await port.question()
        await second.answer((CALL, but(CALL, call_id=9, answered_by="Ana")))
        assert presenter.state == AssistState(waiting=(DOOR,), calls=(CALL,))

    played(scene())


def test_the_newest_look_counts() -> None:
    """An answer that is overtaken brings nobody back and hides nobody."""

    async def scene() -> None:
        port, presenter = at_hand()
        old = await port.question(presenter.look())
        new = await port.question(presenter.look())
        new.coming.set_result((STAIRS,))
        await (await port.question()).answer(())
        old.coming.set_result((DOOR,))
        await (await port.question()).answer((CALL,))
        assert presenter.state == AssistState(waiting=(STAIRS,))

    played(scene())


@pytest.mark.parametrize("answered", [0, 1])
@pytest.mark.parametrize("why", ["lost", "too_many_requests"])
def test_it_is_asked_again_who_waits(why: str, answered: int) -> None:
    """Until somebody answers, whichever of the two questions was not; what is known stays meanwhile."""

    async def scene() -> None:
        port, presenter = at_hand(STAIRS)
        question = await port.question(presenter.look())
        for _ in range(3):
            if answered:
                question.coming.set_result((DOOR,))
                question = await port.question()
            question.coming.set_exception(UnreachableError("/") if why == "lost" else refusal(why, 0))
            question = await port.question()
            assert (question.asked, presenter.state) == (("waiting_kiosks",), AssistState(waiting=(STAIRS,)))
        question.coming.set_result((DOOR,))
        await (await port.question()).answer((CALL,))
        assert presenter.state == AssistState(waiting=(DOOR,), calls=(CALL,))

    played(scene())


@pytest.mark.parametrize("way", ["somebody leaves", "somebody asks anew", "the server says no"])
def test_it_is_asked_again_no_more(way: str) -> None:
    """Where whoever was in has left, where a newer look asks on, and where the server does not tell this tablet."""

    async def scene() -> None:
        port, presenter = at_hand()
        first = await port.question(presenter.look())
        if way == "somebody leaves":
            presenter.forget()
        elif way == "somebody asks anew":
            await port.question(presenter.look())
        before = len(port.asked)
        await (first.refuse("wrong_caller") if way == "the server says no" else first.lose())
        assert len(port.asked) == before

    played(scene())


def test_who_comes_too_late_is_told_nothing() -> None:
    """An answer for whoever has left is nobody's."""

    async def scene() -> None:
        port, presenter = at_hand()
        first = await port.question(presenter.look())
        presenter.forget()
        first.coming.set_result((DOOR,))
        await (await port.question()).answer((CALL,))
        assert presenter.state == AssistState()

    played(scene())


@pytest.mark.parametrize(("minutes", "waiting", "calls"), [(0, 1, 1), (7, 0, 1), (16, 0, 0)])
def test_nobody_waits_for_ever(minutes: int, waiting: int, calls: int) -> None:
    """A challenge ends when it says, a call after a quarter of an hour, though nobody tells."""
    _, presenter = at_hand(DOOR, calls=(CALL,))
    presenter.tick(NOW + timedelta(minutes=minutes))
    assert (len(presenter.state.waiting), len(presenter.state.calls)) == (waiting, calls)


def test_two_digits_are_sent_by_themselves() -> None:
    """The last of them goes at once, for the customer who is open; then the kiosk goes on, and waits no more."""

    async def scene() -> None:
        port, presenter = at_hand(DOOR, STAIRS)
        presenter.vouch(LUCIA)
        assert await port.begin(presenter.digit("4")) is None
        presenter.erase()
        assert await port.begin(presenter.digit("5")) is None
        assert boxes_of(presenter.state) == ("5", "")
        question = await port.question(presenter.digit("7"))
        assert question.asked == ("vouch", 3, Confirmation(customer_id=LUCIA, digits="57"), question.asked[3])
        assert boxes_of(presenter.state) == ("5", "7")
        assert await port.begin(presenter.digit("1")) is None
        await question.answer(None)
        assert asks_words(presenter.state, "Lucía", ENGLISH)[0] == "Door goes on"
        assert presenter.state.waiting == (STAIRS,)
        presenter.vouch(LUCIA)
        assert presenter.state.vouching is not None
        assert presenter.state.vouching.challenge == STAIRS

    played(scene())


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("wrong_proof", "The kiosk shows other digits. Look again."),
        ("unknown_challenge", "Nobody waits there any more. The kiosk can ask anew."),
        ("unknown_customer", "The server did not take it. Search for the customer again."),
    ],
)
def test_wrong_digits_are_said(code: str, said: str) -> None:
    """In words, and typed anew; each try has a key of its own."""

    async def scene() -> None:
        port, presenter = at_hand(DOOR)
        presenter.vouch(LUCIA)
        assert await port.begin(presenter.digit("4")) is None
        question = await port.question(presenter.digit("7"))
        await question.refuse(code)
        assert (vouch_trouble(presenter.state, ENGLISH), boxes_of(presenter.state)) == (said, ("", ""))
        assert await port.begin(presenter.digit("4")) is None
        assert vouch_trouble(presenter.state, ENGLISH) == ""
        again = await port.question(presenter.digit("8"))
        assert again.asked[3] != question.asked[3]

    played(scene())


def test_digits_that_nobody_answered_are_sent_again() -> None:
    """The same ones under the same key."""

    async def scene() -> None:
        port, presenter = at_hand(DOOR)
        presenter.vouch(LUCIA)
        assert await port.begin(presenter.again()) is None
        assert await port.begin(presenter.digit("4")) is None
        question = await port.question(presenter.digit("7"))
        await question.lose()
        assert boxes_of(presenter.state) == ("4", "7")
        again = await port.question(presenter.again())
        assert again.asked == question.asked

    played(scene())


def test_an_answer_about_another_kiosk_moves_nothing() -> None:
    """Whoever went on to the next kiosk meanwhile is asked for its digits, not told of the first one."""

    async def scene() -> None:
        port, presenter = at_hand(DOOR, STAIRS)
        presenter.vouch(LUCIA)
        assert await port.begin(presenter.digit("4")) is None
        question = await port.question(presenter.digit("7"))
        presenter.vouch(LUCIA)
        await question.refuse("wrong_proof")
        assert (vouch_trouble(presenter.state, ENGLISH), boxes_of(presenter.state)) == ("", ("", ""))
        presenter.close()
        assert presenter.state.vouching is None
        presenter.erase()
        assert await port.begin(presenter.digit("1")) is None

    played(scene())


@pytest.mark.parametrize(("what", "left"), [("answer", 1), ("unknown_call", 1), ("wrong_caller", 2), ("lost", 2)])
def test_somebody_comes(what: str, left: int) -> None:
    """A call goes when it is answered, or was; it stays where that was heard by nobody."""

    async def scene() -> None:
        port, presenter = at_hand(calls=(CALL, but(CALL, call_id=9)))
        question = await port.question(presenter.come(8))
        assert question.asked[:2] == ("answer_call", 8)
        if what == "answer":
            await question.answer(but(CALL, answered_by="Ana"))
        elif what == "lost":
            await question.lose()
        else:
            await question.refuse(what)
        assert len(presenter.state.calls) == left

    played(scene())


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("help", "Door needs somebody."),
        ("network", "Door needs somebody: the network."),
        ("card", "Door needs somebody: a card."),
        ("code", "Door needs somebody: a code."),
        ("cart", "Door needs somebody: the cart."),
        ("item", "Door needs somebody: an article."),
    ],
)
def test_a_call_says_what_it_is_about(about: Any, said: str) -> None:
    """And how many more there are."""
    one = but(CALL, about=about)
    assert call_words(AssistState(calls=(one,)), ENGLISH) == said
    assert call_words(AssistState(calls=(one, CALL, CALL)), ENGLISH) == f"{said} 2 more wait."
    assert call_words(AssistState(), ENGLISH) == ""


@pytest.mark.parametrize(
    ("somebody", "name", "words", "button"),
    [
        (False, "", "Door waits for somebody who knows the customer. Find the customer first.", ""),
        (True, "Lucía", "Door waits. Is Lucía standing there?", "Type its digits"),
        (True, "", "Door waits. Is this customer standing there?", "Type its digits"),
    ],
)
def test_a_kiosk_that_waits_says_for_whom(somebody: bool, name: str, words: str, button: str) -> None:
    """There is a button only where there is somebody to vouch for."""
    state = AssistState(waiting=(DOOR, STAIRS))
    assert waiting_words(state, name, somebody=somebody, t=ENGLISH) == (words, button)
    assert waiting_words(AssistState(), name, somebody=somebody, t=ENGLISH) == ("", "")
