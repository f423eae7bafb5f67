"""Hearing what happens: whoever is shown is shown as they are now, and nothing between two streams is missed."""

import asyncio
from collections.abc import Awaitable, Callable

from kiosk.customer.presenter import CustomerPresenter
from kiosk.customer.state import CustomerState
from kiosk.link.live import Listener
from kiosk.link.port import Beat, Said, UnreachableError
from server.wire.events import CartChanged
from server.wire.live import LiveEvent, LiveOpened
from server.wire.orders import OrderPage
from tests.fakes import FakePort, Question, played, refusal
from tests.kiosk.given import cart, context, line, order, person

NO_PAUSE = (0.0,)


def event(id_: int, customer_id: int | None = 1) -> LiveEvent:
    """A cart of somebody's changed."""
    at = "2026-11-20T18:30:00.000000Z"
    return LiveEvent(
        id=id_, at=at, customer_id=customer_id, person_id=customer_id, store=None, event=CartChanged(cart_id=7)
    )


class Ear:
    """A listener, and what it was told."""

    def __init__(self) -> None:
        self.port = FakePort()
        self.heard: list[LiveEvent] = []
        self.missed = 0
        self.listener = Listener(self.port, self.heard.append, self._miss, NO_PAUSE)

    def _miss(self) -> None:
        self.missed += 1

    async def says(self, *said: Said) -> Question:
        """Let the stream say something; the question that waits for what comes next."""
        question = await self.port.question()
        for one in said:
            question.coming.set_result(one)
            question = await self.port.question()
        return question

    async def breaks(self, question: Question) -> Question:
        """Let the way to the server break; the question of the stream that is opened next."""
        question.coming.set_exception(UnreachableError("/v1/live"))
        return await self.port.question()


def listening(scene: Callable[[Ear], Awaitable[None]]) -> Ear:
    """An ear after a scene."""

    async def whole() -> Ear:
        ear = Ear()
        try:
            await scene(ear)
        finally:
            ear.listener.stop()
        return ear

    return played(whole())


def test_a_stream_that_broke_goes_on_where_it_was() -> None:
    """After a break the stream is asked for what followed the last event, and that is told."""

    async def scene(ear: Ear) -> None:
        ear.listener.start()
        question = await ear.says(LiveOpened(id=4, resumed=False), event(6))
        assert (await ear.breaks(question)).asked == ("follow", None, 6)

    ear = listening(scene)
    assert [one.id for one in ear.heard] == [6]


def test_a_stream_that_broke_goes_on_from_its_last_beat() -> None:
    """What was for others is not read once more: a beat says up to where there was nothing."""

    async def scene(ear: Ear) -> None:
        ear.listener.start()
        question = await ear.says(LiveOpened(id=4, resumed=False), event(6), Beat(id=900))
        assert (await ear.breaks(question)).asked == ("follow", None, 900)

    ear = listening(scene)
    assert ([one.id for one in ear.heard], ear.missed) == ([6], 1)


def test_another_customer_is_listened_to_from_where_the_stream_is() -> None:
    """Whoever is shown next is listened to from the last event that was heard: nothing between is missed."""

    async def scene(ear: Ear) -> None:
        ear.listener.start()
        await ear.says(LiveOpened(id=4, resumed=False))
        ear.listener.listen_to(9)
        assert (await ear.port.question()).asked == ("follow", 9, 4)
        ear.listener.listen_to(9)
        ear.listener.listen_to(None)
        assert (await ear.port.question()).asked == ("follow", None, 4)

    assert listening(scene).missed == 1


def test_what_cannot_be_told_any_more_is_said_to_be_missed() -> None:
    """A server that knows another database, or forgot, makes the tablet look anew; one that goes on does not."""

    async def scene(ear: Ear) -> None:
        ear.listener.start()
        question = await ear.says(LiveOpened(id=4, resumed=False))
        question = await ear.breaks(question)
        question.coming.set_result(LiveOpened(id=4, resumed=True))
        question = await ear.breaks(await ear.port.question())
        question.coming.set_result(LiveOpened(id=2, resumed=False))
        await ear.port.question()

    assert listening(scene).missed == 2


def test_nobody_listens_after_a_no_or_an_end() -> None:
    """Where the server says no, and where nobody is in any more, no stream is opened until somebody is."""

    async def scene(ear: Ear) -> None:
        ear.listener.listen_to(3)
        assert ear.port.asked == []
        ear.listener.start()
        await (await ear.port.question()).refuse("session_ended")
        assert [asked[0] for asked in ear.port.asked] == ["follow"]
        ear.listener.start()
        await ear.says(LiveOpened(id=4, resumed=False))
        ear.listener.stop()
        ear.listener.listen_to(5)
        await asyncio.sleep(0)
        assert len(ear.port.asked) == 3

    listening(scene)


def test_a_server_that_says_later_is_asked_later() -> None:
    """Where the server wants fewer questions the stream is opened again after the wait that it names."""

    async def scene(ear: Ear) -> None:
        ear.listener.start()
        (await ear.port.question()).coming.set_exception(refusal("too_many_requests", 0))
        assert (await ear.port.question()).asked == ("follow", None, None)

    listening(scene)


class Counter:
    """A customer's screen over a port."""

    def __init__(self) -> None:
        self.port = FakePort()
        self.lost: list[int] = []
        self.presenter = CustomerPresenter(self.port, lambda _: None, self.lost.append)

    @property
    def state(self) -> CustomerState:
        """What is shown."""
        return self.presenter.state

    async def open(self) -> None:
        """Lucía, with a cart."""
        question = await self.port.question(self.presenter.open(1, "Lucía"))
        await question.answer(context(person(1), carts=(cart(line()),)))


def test_many_changes_are_looked_at_once_and_the_last_is_seen() -> None:
    """Changes that come while one is looked at lead to one more look, whose answer is what is shown."""

    async def scene() -> None:
        counter = Counter()
        await counter.open()
        counter.presenter.choose("orders")
        question = await counter.port.question(counter.presenter.renew())
        for _ in range(5):
            await counter.presenter.renew()
        question.coming.set_result(context(person(1), carts=(cart(line(quantity=2)),)))
        last = await counter.port.question()
        await last.answer(context(person(1), carts=(cart(line(quantity=3)),)))
        assert counter.state.context is not None
        assert counter.state.context.carts[0].lines[0].quantity == 3
        assert counter.state.tab == "orders"
        assert [asked[0] for asked in counter.port.asked] == ["context"] * 3

    played(scene())


def test_an_answer_about_somebody_who_is_shown_no_more_changes_nothing() -> None:
    """A look that began before somebody else was opened ends without a trace; without an answer all stays as it is."""

    async def scene() -> None:
        counter = Counter()
        await counter.open()
        question = await counter.port.question(counter.presenter.renew())
        counter.presenter.forget()
        await question.answer(context(person(1)))
        assert counter.state.phase == "nobody"
        await counter.open()
        before = counter.state
        await (await counter.port.question(counter.presenter.renew())).lose()
        assert counter.state == before

    played(scene())


def test_an_erased_customer_goes_from_the_screen_at_once() -> None:
    """Whoever was erased is shown no more, and is told to be dropped elsewhere; others are dropped, nobody goes."""

    async def scene() -> None:
        counter = Counter()
        await counter.open()
        counter.presenter.erased(8)
        assert counter.state.phase == "shown"
        counter.presenter.erased(1)
        assert counter.lost == [8, 1]
        assert (counter.state.phase, counter.state.name, counter.state.context) == ("gone", "", None)

    played(scene())


def test_older_orders_stay_below_a_first_page_that_is_new() -> None:
    """What newer orders moved out of the first page stays listed, what is gone from it does not; all once."""

    async def scene() -> None:
        counter = Counter()
        first = tuple(order(number) for number in (9, 8, 7))
        question = await counter.port.question(counter.presenter.open(1, ""))
        await question.answer(context(person(1), orders=first, orders_before="7"))
        older = await counter.port.question(counter.presenter.older_orders())
        await older.answer(OrderPage(orders=(order(6), order(5)), before="5"))
        again = await counter.port.question(counter.presenter.renew())
        await again.answer(context(person(1), orders=tuple(order(number) for number in (10, 9, 7)), orders_before="7"))
        assert [one.id for one in counter.state.orders] == [10, 9, 7, 6, 5]
        assert counter.state.orders_before == "5"

    played(scene())
