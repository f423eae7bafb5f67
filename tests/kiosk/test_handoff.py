"""A cart leaves the kiosk: for a till, the phone or the door; and what is said while it does."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from kiosk.handoff.presenter import HandoffPresenter
from kiosk.handoff.rows import code_of, goodbye_words, handoff_words, hindered_words, left_words, signs_of
from kiosk.handoff.state import GOODBYE, HandoffState, Phase, Trouble, hindered, is_over, is_shown
from kiosk.words import Words
from server.handoffs.rules import lines_for_till
from server.wire.carts import Cart
from server.wire.events import Event, HandoffCompleted, HandoffIssued, HandoffRedeemed, HandoffReleased
from server.wire.handoffs import CartName, Handoff, HandoffWay, NewHandoff
from server.wire.live import LiveEvent
from tests.fakes import Question, played
from tests.guest_fakes import FakeGuest
from tests.kiosk import given

ENGLISH, SPANISH = Words("en"), Words("es")
CART = given.cart(given.line(line=1))
NAME = CartName(source="web", external_id="c1")


class Way:
    """A presenter, its server, its clock, and whether the customer was forgotten."""

    def __init__(self) -> None:
        self.port = FakeGuest()
        self.now = given.NOW
        self.left = 0
        self.shown: list[HandoffState] = []
        keys = (f"k{number}" for number in count(1))
        self.handoff = HandoffPresenter(
            self.port, self.shown.append, lambda: self.now, self._leave, new_key=lambda: next(keys)
        )

    def _leave(self) -> None:
        self.left += 1

    @property
    def state(self) -> HandoffState:
        """What is shown."""
        return self.handoff.state

    async def sent(self, way: HandoffWay = "till") -> Question:
        """A cart was sent on its way, and there is no answer so far."""
        return await self.port.question(self.handoff.send(way, CART))

    async def at_a_till(self) -> None:
        """The code is shown."""
        await (await self.sent()).answer(issued())

    def hear(self, what: Event) -> None:
        """Something happened."""
        self.handoff.heard(LiveEvent(id=1, at=given.at(0), customer_id=None, person_id=None, store="GV", event=what))

    async def later(self, **time: float) -> None:
        """Time passes, and a second is told."""
        self.now += timedelta(**time)
        assert await self.port.begin(self.handoff.tick()) is None


def issued(**fields: Any) -> Handoff:
    """A handoff to a till, good for ten minutes."""
    usual: dict[str, Any] = {
        "way": "till",
        "handoff_id": 7,
        "state": "issued",
        "code": "K7MX4R",
        "qr": "mostrador:handoff?code=K7MX4R",
        "expires_at": given.at(1 / 6),
    }
    return Handoff(**(usual | fields))


def test_a_code_for_a_till() -> None:
    """The cart that is seen is named; the code is shown with the time that it is good."""

    async def scene() -> None:
        way = Way()
        question = await way.sent()
        assert question.asked == ("hand_off", NewHandoff(way="till", cart=NAME))
        assert (way.state.phase, is_shown(way.state)) == ("asking", True)
        await question.answer(issued())
        assert (way.state.phase, way.state.left) == ("till", 600)
        await way.later(seconds=41)
        assert way.state.left == 559

    played(scene())


def test_from_the_till_to_goodbye() -> None:
    """The till has it, it was sold, and some seconds later nobody is known any more."""

    async def scene() -> None:
        way = Way()
        await way.at_a_till()
        way.hear(HandoffIssued(handoff_id=7, cart_id=1))
        way.hear(HandoffRedeemed(handoff_id=6, cart_id=1))
        assert way.state.phase == "till"
        way.hear(HandoffRedeemed(handoff_id=7, cart_id=1))
        assert way.state.phase == "redeemed"
        way.hear(HandoffCompleted(handoff_id=7, cart_id=1))
        assert (way.state.phase, way.state.left) == ("goodbye", GOODBYE)
        for second in range(GOODBYE):
            assert (way.state.left, way.left) == (GOODBYE - second, 0)
            await way.later(seconds=1)
        assert (way.left, way.state.phase, way.state.cart) == (1, "", None)

    played(scene())


def test_a_customer_says_goodbye() -> None:
    """Whoever has the code may go; it is good without them."""

    async def scene() -> None:
        way = Way()
        await way.at_a_till()
        way.handoff.finish()
        assert way.state.phase == "goodbye"
        way.hear(HandoffReleased(handoff_id=7, cart_id=1, because="time"))
        assert way.state.phase == "goodbye"

    played(scene())


@pytest.mark.parametrize(("redeemed", "ended"), [(True, "released"), (False, "run_out")])
def test_a_till_gives_it_back(redeemed: bool, ended: str) -> None:
    """The cart is there again, and it is said why."""

    async def scene() -> None:
        way = Way()
        await way.at_a_till()
        if redeemed:
            way.hear(HandoffRedeemed(handoff_id=7, cart_id=1))
        way.hear(HandoffReleased(handoff_id=7, cart_id=1, because="till" if redeemed else "time"))
        assert (way.state.phase, way.state.ended, is_shown(way.state)) == ("", ended, False)

    played(scene())


@pytest.mark.parametrize(
    ("state", "phase"), [("issued", "till"), ("redeemed", "redeemed"), ("completed", "goodbye"), ("released", "")]
)
def test_when_its_time_is_over_it_is_asked_what_became_of_it(state: Any, phase: Phase) -> None:
    """Nothing is said before the server says it: its clock counts."""

    async def scene() -> None:
        way = Way()
        await way.at_a_till()
        way.now += timedelta(minutes=11)
        question = await way.port.question(way.handoff.tick())
        assert (question.asked, way.state.left) == (("handoff", 7), 0)
        assert await way.port.begin(way.handoff.look()) is None
        await question.answer(issued(state=state))
        assert way.state.phase == phase

    played(scene())


@pytest.mark.parametrize("refused", [True, False])
def test_what_became_of_it_cannot_be_had(refused: bool) -> None:
    """Then it is as it was, and asked again."""

    async def scene() -> None:
        way = Way()
        await way.at_a_till()
        question = await way.port.question(way.handoff.look())
        await (question.refuse("unknown_handoff") if refused else question.lose())
        assert way.state.phase == "till"
        await (await way.port.question(way.handoff.look())).answer(issued(handoff_id=8, state="completed"))
        assert way.state.phase == "till"

    played(scene())


def test_nobody_asks_of_a_cart_that_is_not_on_its_way() -> None:
    """Neither before it is, nor where there is nothing to be asked of."""

    async def scene() -> None:
        way = Way()
        assert await way.port.begin(way.handoff.look()) is None
        await way.later(seconds=1)
        await (await way.sent("phone")).answer(Handoff(way="phone", link="https://shop.example/c"))
        assert await way.port.begin(way.handoff.look()) is None
        assert (way.state.phase, way.left) == ("phone", 0)

    played(scene())


def test_back_to_the_cart_while_the_code_is_good() -> None:
    """The cart is seen; where a till takes it meanwhile, that is shown at once."""

    async def scene() -> None:
        way = Way()
        await way.at_a_till()
        way.handoff.back()
        assert (way.state.phase, is_shown(way.state)) == ("till", False)
        way.hear(HandoffRedeemed(handoff_id=7, cart_id=1))
        assert (way.state.phase, is_shown(way.state)) == ("redeemed", True)

    played(scene())


@pytest.mark.parametrize(("way", "phase"), [("phone", "phone"), ("delivery", "asked"), ("pickup", "asked")])
def test_other_ways(way: HandoffWay, phase: Phase) -> None:
    """To the phone, to the door, or kept here: it is said, and the way back leads to the cart."""

    async def scene() -> None:
        one = Way()
        await (await one.sent(way)).answer(Handoff(way=way))
        assert one.state.phase == phase
        one.handoff.back()
        assert (one.state.phase, is_shown(one.state)) == ("", False)

    played(scene())


def test_where_it_is_delivered_is_asked_first() -> None:
    """Home or this store; nothing is sent before that is said."""
    way = Way()
    way.handoff.ask_where(CART)
    assert (way.state.phase, way.state.cart, way.port.asked) == ("ask", CART, [])
    way.handoff.forget()
    assert (way.state.phase, way.state.cart) == ("", None)


def test_what_nobody_answered_is_asked_again_as_it_was() -> None:
    """With the same key, so that there is one code, not two."""

    async def scene() -> None:
        way = Way()
        await (await way.sent()).lose()
        assert (way.state.phase, way.state.trouble) == ("failed", "unreachable")
        again = await way.port.question(way.handoff.again())
        assert way.port.keys == ["k1", "k1"]
        await again.answer(issued())
        assert way.state.phase == "till"
        assert await way.port.begin(way.handoff.again()) is None

    played(scene())


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        ("empty_cart", "empty_cart"),
        ("handoff_taken", "taken"),
        ("unknown_cart", "gone"),
        ("invalid_field", "not_possible"),
    ],
)
def test_a_no_is_said_in_words(code: str, trouble: Trouble) -> None:
    """Another try is another question."""

    async def scene() -> None:
        way = Way()
        await (await way.sent()).refuse(code)
        assert (way.state.phase, way.state.trouble) == ("failed", trouble)
        await (await way.port.question(way.handoff.again())).refuse(code)
        assert way.port.keys == ["k1", "k2"]

    played(scene())


@pytest.mark.parametrize("late", ["answer", "lose", "refuse"])
def test_an_answer_for_who_has_left_is_dropped(late: str) -> None:
    """Nothing of it is shown to whoever is next."""

    async def scene() -> None:
        way = Way()
        question = await way.sent()
        way.handoff.forget()
        before = way.state
        await {
            "answer": lambda: question.answer(issued()),
            "lose": question.lose,
            "refuse": lambda: question.refuse("empty_cart"),
        }[late]()
        assert way.state == before

    played(scene())


ITEMS = st.one_of(
    st.none(),
    st.builds(
        lambda price, currency, availability: given.item("S", price, currency=currency, availability=availability),
        st.sampled_from([0, 3400]),
        st.sampled_from(["EUR", "GBP"]),
        st.sampled_from([None, "in_stock", "discontinued"]),
    ),
)
LINES = st.lists(
    st.builds(
        lambda number, sku, quantity, item, here: given.line(
            f"L{number}", quantity, sku=sku, item=item, stock=given.stock(here), line=number
        ),
        st.integers(1, 9),
        st.sampled_from(["A", "B"]),
        st.integers(1, 5),
        ITEMS,
        st.one_of(st.none(), st.integers(-1, 4)),
    ),
    max_size=5,
)


@over(LINES)
def test_what_a_till_cannot_sell_is_told_as_the_till_is(lines: list[Any]) -> None:
    """Line by line as the server reckons it for the till: how many, and why not more."""
    # What is here of an article is the same on each of its lines.
    here = {line.sku: line.stock for line in lines}
    cart: Cart = given.cart(*(given.but(line, stock=here[line.sku]) for line in lines))
    told = [(one.title, one.quantity, one.sellable, one.hindrance) for one in lines_for_till(cart) if one.hindrance]
    assert [tuple(one) for one in hindered(cart)] == told


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (given.line(stock=given.stock(0)), "Hoodie Chaz: not in this store"),
        (given.line(quantity=3, stock=given.stock(2)), "Hoodie Chaz: only 2 of 3 here"),
        (given.line(item=None), "Hoodie Chaz: no longer sold"),
        (given.line(item=given.item(currency="GBP")), "Hoodie Chaz: the till looks for its price"),
    ],
)
def test_each_of_them_in_words(line: Any, words: str) -> None:
    """What it is and why; on no other way than to a till."""
    state = HandoffState(phase="till", cart=given.cart(line))
    assert [said for _, said, _ in hindered_words(state, ENGLISH)] == [words]
    assert hindered_words(given.but(state, way="phone"), ENGLISH) == []
    many = given.but(state, cart=given.cart(*(given.but(line, sku=f"S{n}") for n in range(9))))
    assert [said for _, said, _ in hindered_words(many, ENGLISH, 2)][1:] == [words, "and 7 more"]
    assert [said for _, said, _ in hindered_words(many, ENGLISH)][-1] == "and 5 more"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (600, "Good for 10 minutes"),
        (541, "Good for 10 minutes"),
        (60, "Good for 1 minute"),
        (59, "Good for 59 seconds"),
        (1, "Good for 1 second"),
        (0, "Good for 0 seconds"),
    ],
)
def test_how_long_a_code_is_good(seconds: int, words: str) -> None:
    """In minutes, and in the last one in seconds."""
    assert left_words(seconds, ENGLISH) == words


def test_signs_are_read_in_halves() -> None:
    """Three and three."""
    assert (signs_of("K7MX4R"), signs_of(None)) == ("K7M X4R", "")


def test_what_the_code_says() -> None:
    """A till's code or the shop's address, each while it is shown."""
    link = Handoff(way="phone", link="https://shop.example/c")
    assert code_of(HandoffState(phase="till", handoff=issued())) == "mostrador:handoff?code=K7MX4R"
    assert code_of(HandoffState(phase="phone", way="phone", handoff=link)) == "https://shop.example/c"
    assert code_of(HandoffState(phase="phone", way="phone", handoff=Handoff(way="phone"))) == ""
    assert code_of(HandoffState(phase="redeemed", handoff=issued())) == ""
    assert code_of(HandoffState(phase="till")) == ""


def test_the_last_screen_says_when_it_ends() -> None:
    """Singular, plural, and in Spanish."""
    assert goodbye_words(1, ENGLISH) == "This screen ends in 1 second"
    assert goodbye_words(3, SPANISH) == "Esta pantalla se cierra en 3 segundos"


PHASES: list[HandoffState] = [
    *(HandoffState(phase=phase) for phase in ("ask", "asking", "till", "redeemed", "phone", "goodbye")),
    HandoffState(phase="phone", handoff=Handoff(way="phone", link="https://shop.example")),
    *(HandoffState(phase="asked", way=way) for way in ("delivery", "pickup")),
    *(HandoffState(phase="failed", trouble=t) for t in ("unreachable", "empty_cart", "taken", "gone", "not_possible")),
]


def test_every_page_says_something_of_its_own() -> None:
    """In both languages; nothing is on its way where it is not."""
    for words in (ENGLISH, SPANISH):
        said = [handoff_words(state, words).title for state in PHASES]
        assert all(said)
        assert len(set(said)) == len(PHASES)
    assert not is_over(HandoffState())
    assert datetime.fromisoformat(issued().expires_at or "") > given.NOW
