"""A cart that is handed over to a till: one code a wish, and what became of it while it happens."""

import asyncio
from itertools import count
from typing import Any

import pytest

from kiosk.hand_over.presenter import HandOverPresenter
from kiosk.hand_over.rows import again_words, choices_of, code_words, end_words, page_of, until_words
from kiosk.hand_over.state import HandOverState
from kiosk.words import Words
from server.wire.events import CartChanged, Event, HandoffCompleted, HandoffRedeemed, HandoffReleased
from server.wire.handoffs import CartName, Handoff, NewHandoff
from tests.fakes import FakePort, played
from tests.kiosk.given import at, but, cart, line

ENGLISH = Words("en", "Europe/Madrid")
CART, OTHER = cart(line(), line(quantity=2)), cart(line(), source="till:gv", id_=2)
ISSUED = Handoff(
    way="till", handoff_id=5, state="issued", code="7KQ2M9", qr="mostrador:handoff?code=7KQ2M9", expires_at=at(0.15)
)
WANTED = NewHandoff(way="till", cart=CartName(source="web", external_id="c1"))


def leaving() -> tuple[FakePort, HandOverPresenter]:
    """A presenter, and the server that it asks."""
    port, keys = FakePort(), count(1)
    return port, HandOverPresenter(port, lambda _: None, lambda: f"key-{next(keys)}")


REDEEMED = HandoffRedeemed(handoff_id=5, cart_id=1)
COMPLETED = HandoffCompleted(handoff_id=5, cart_id=1)
RELEASED = HandoffReleased(handoff_id=5, cart_id=1, because="till")


@pytest.mark.parametrize(
    ("events", "became"),
    [
        ((), "issued"),
        ((REDEEMED,), "redeemed"),
        ((REDEEMED, COMPLETED), "completed"),
        ((REDEEMED, RELEASED), "released"),
        ((RELEASED, REDEEMED), "released"),
        ((HandoffRedeemed(handoff_id=6, cart_id=1),), "issued"),
        ((CartChanged(cart_id=1),), "issued"),
    ],
)
def test_what_became_of_it_is_shown_as_it_happens(events: tuple[Event, ...], became: str) -> None:
    """A till takes it, sells it or gives it back; what happens to others, or after the end, changes nothing."""

    async def scene() -> None:
        port, presenter = leaving()
        question = await port.question(presenter.begin((CART,)))
        assert question.asked == ("hand_over", WANTED, "key-1")
        assert page_of(presenter.state) == "asking"
        await question.answer(ISSUED)
        for event in events:
            presenter.happened(event)
        assert presenter.state.became == became
        assert page_of(presenter.state) == ("code" if became == "issued" else "end")

    played(scene())


def test_which_cart_is_asked_where_there_are_several() -> None:
    """Nothing goes anywhere before one was chosen; one that is not among them is none."""

    async def scene() -> None:
        port, presenter = leaving()
        assert await port.begin(presenter.begin((CART, OTHER))) is None
        assert page_of(presenter.state) == "choosing"
        assert [(row["name"], row["pieces"], row["total"]) for row in choices_of(presenter.state, ENGLISH)] == [
            ("Cart online", "3 pieces", "€156.00"),
            ("Cart at the till", "1 piece", "€52.00"),
        ]
        assert await port.begin(presenter.choose(9)) is None
        question = await port.question(presenter.choose(2))
        assert question.asked[1].cart == CartName(source="till:gv", external_id="c2")

    played(scene())


def test_a_lost_answer_makes_no_second_code() -> None:
    """Asked again under the same key; a new code has a new one."""

    async def scene() -> None:
        port, presenter = leaving()
        await (await port.question(presenter.begin((CART,)))).lose()
        assert (presenter.state.phase, again_words(presenter.state, ENGLISH)) == ("unreachable", "Try again")
        question = await port.question(presenter.again())
        assert question.asked == ("hand_over", WANTED, "key-1")
        await question.answer(ISSUED)
        presenter.happened(RELEASED)
        assert again_words(presenter.state, ENGLISH) == "New code"
        question = await port.question(presenter.again())
        assert question.asked == ("hand_over", WANTED, "key-2")

    played(scene())


@pytest.mark.parametrize(
    ("code", "title", "again"),
    [
        ("handoff_taken", "A till has this cart already", "Try again"),
        ("empty_cart", "Nothing is in the cart", "Try again"),
        ("unknown_cart", "This cart is no longer open", ""),
        ("wrong_caller", "The server gave no code", "Try again"),
    ],
)
def test_a_no_says_what_to_do(code: str, title: str, again: str) -> None:
    """In words; what cannot be helped by asking again is not asked again."""

    async def scene() -> None:
        port, presenter = leaving()
        await (await port.question(presenter.begin((CART,)))).refuse(code)
        assert (end_words(presenter.state, ENGLISH)[1], again_words(presenter.state, ENGLISH)) == (title, again)

    played(scene())


@pytest.mark.parametrize("state", ["issued", "redeemed", "completed", "released"])
def test_what_nobody_told_is_looked_up(state: Any) -> None:
    """After a stream that broke the tablet asks; before there is a code it has nothing to ask."""

    async def scene() -> None:
        port, presenter = leaving()
        assert await port.begin(presenter.look()) is None
        await (await port.question(presenter.begin((CART,)))).answer(ISSUED)
        await (await port.question(presenter.look())).lose()
        assert presenter.state.became == "issued"
        question = await port.question(presenter.look())
        assert question.asked == ("handoff", 5)
        await question.answer(but(ISSUED, code=None, qr=None, state=state))
        assert presenter.state.became == state
        assert presenter.state.handoff == ISSUED

    played(scene())


def test_a_code_that_comes_too_late_is_shown_to_nobody() -> None:
    """Whoever asked has left, or asked for another cart by then."""

    async def scene() -> None:
        port, presenter = leaving()
        late = await port.question(presenter.begin((CART,)))
        presenter.forget()
        await late.answer(ISSUED)
        assert presenter.state == HandOverState(asked=presenter.state.asked)
        first = await port.question(presenter.begin((CART,)))
        second = await port.question(presenter.begin((OTHER,)))
        await second.answer(but(ISSUED, handoff_id=6))
        await first.answer(ISSUED)
        assert presenter.state.handoff == but(ISSUED, handoff_id=6)
        await asyncio.sleep(0)

    played(scene())


def test_a_code_is_read_in_two_breaths() -> None:
    """Three signs and three; beside them how much goes, and until when."""
    state = HandOverState(phase="shown", cart=CART, handoff=ISSUED, became="issued")
    assert code_words(state) == "7KQ 2M9"
    assert until_words(state, ENGLISH) == "3 pieces · good until 1:09\N{NARROW NO-BREAK SPACE}PM"
    assert (code_words(HandOverState()), until_words(HandOverState(), ENGLISH)) == ("", "")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("became", ["redeemed", "completed", "released"])
def test_every_end_is_said(became: Any, language: str) -> None:
    """An icon, what happened, and what to do now."""
    state = HandOverState(phase="shown", cart=CART, handoff=ISSUED, became=became)
    assert all(end_words(state, Words(language, "Europe/Madrid")))
