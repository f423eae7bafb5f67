"""Carts that are changed at the counter: shown at once, sent once, and in the end as the server has them."""

import asyncio
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from kiosk.cart.state import Edit, Join, merged, moved, with_answer, with_changes, with_news
from kiosk.customer.presenter import CustomerPresenter
from kiosk.customer.state import CustomerState, arrived, cart_for, cart_takes, opened
from kiosk.link.port import UnreachableError
from server.carts import rules
from server.wire.carts import Cart, CartLine, JoinCarts, LineQuantity, NewCartLine
from server.wire.catalog import Stock
from server.wire.lookup import ProductScanned
from tests.fakes import FakePort, Question, played, refusal
from tests.kiosk.given import but, cart, context, item, line, person, product, wish, wish_list

LUCIA = 7
HOODIE, SCARF = line("Hoodie", sku="H", item=item("H")), line("Scarf", 2, sku="S", item=item("S"))
CART = cart(HOODIE, SCARF)
OTHER = cart(line("Cap", sku="C", item=item("C")), line("Scarf", 3, sku="S"), id_=2, source="till")
KNOWN = context(person(LUCIA), carts=(CART,))


def edit(seen: CartLine, base: int, quantity: int, cart_id: int = 1, place: int = 0) -> Edit:
    """A change of a line."""
    return Edit(key="k", customer_id=LUCIA, cart_id=cart_id, seen=seen, place=place, base=base, quantity=quantity)


def held(carts: tuple[Cart, ...]) -> list[list[tuple[str, int]]]:
    """What is in each cart."""
    return [[(line.sku, line.quantity) for line in each.lines] for each in carts]


@drawn(*[st.integers(0, 6)] * 3)
def test_two_hands_come_to_what_the_server_makes_of_them(base: int, current: int, wanted: int) -> None:
    """Client and server merge alike, so that what is shown at once is what it comes to."""
    assert merged(base, current, wanted) == rules.merged(base, current, wanted)


NEW = but(HOODIE, line=0, sku="N", quantity=0, shop_quantity=0)
FIRST, SECOND = CART.lines


@pytest.mark.parametrize(
    ("told", "change", "shown"),
    [
        pytest.param((CART,), edit(FIRST, 1, 3), [[("H", 3), ("S", 2)]], id="more"),
        pytest.param((CART,), edit(FIRST, 1, 0), [[("S", 2)]], id="taken out"),
        pytest.param((CART,), edit(FIRST, 3, 4), [[("H", 2), ("S", 2)]], id="another hand had it at three"),
        pytest.param((CART,), edit(NEW, 0, 1, place=2), [[("H", 1), ("S", 2), ("N", 1)]], id="put in"),
        pytest.param((CART,), edit(but(NEW, sku="S"), 2, 3), [[("H", 1), ("S", 3)]], id="more of what is there"),
        pytest.param(
            (cart(SECOND),), edit(but(FIRST, quantity=0), 0, 1), [[("H", 1), ("S", 2)]], id="put back where it was"
        ),
        pytest.param((CART,), edit(FIRST, 1, 3, cart_id=9), [[("H", 1), ("S", 2)]], id="another cart"),
        pytest.param((CART,), edit(but(FIRST, line=9), 1, 0), [[("H", 1), ("S", 2)]], id="gone already"),
        pytest.param(
            (CART, OTHER),
            Join(key="k", customer_id=LUCIA, source=2, target=1),
            [[("H", 1), ("S", 5), ("C", 1)], []],
            id="joined",
        ),
        pytest.param(
            (CART,), Join(key="k", customer_id=LUCIA, source=2, target=1), [[("H", 1), ("S", 2)]], id="one is gone"
        ),
    ],
)
def test_a_change_shows_at_once(told: tuple[Cart, ...], change: Edit | Join, shown: list[Any]) -> None:
    """Carts look as they will when the server has made it; sums follow, and once it did nothing changes again."""
    carts = with_changes(told, (change,))
    assert held(carts) == shown
    assert [each.total for each in carts] == [sum(one.unit_price * one.quantity for one in c.lines) for c in carts]
    if isinstance(change, Edit) and (change.seen.sku, change.quantity) in shown[0]:
        assert held(with_changes(carts, (change,))) == shown


def test_what_was_changed_here_is_marked_until_the_shop_has_it() -> None:
    """A line is pending while its quantity is another one than the shop's."""
    told = (cart(but(HOODIE, shop_quantity=1)),)
    more = with_changes(told, (edit(told[0].lines[0], 1, 2),))
    assert more[0].lines[0].pending
    assert not with_changes(more, (edit(told[0].lines[0], 2, 1),))[0].lines[0].pending


def test_an_answer_that_is_older_than_what_is_known_changes_nothing() -> None:
    """News may overtake an answer, and an answer news."""
    newer, older = but(CART, version=5), but(CART, version=4, lines=())
    change = edit(FIRST, 1, 2)
    assert with_answer((newer,), change, older) == (newer,)
    assert with_answer((older,), change, newer) == (newer,)
    assert with_news((newer,), (older,)) == (newer,)
    assert with_news((older,), (newer,)) == (newer,)


def test_carts_keep_their_places() -> None:
    """Where a change makes another cart the latest, none moves under a finger; new ones come first, others go."""
    third = but(OTHER, id=3)
    assert [each.id for each in with_news((CART, OTHER), (but(OTHER, version=2), CART))] == [1, 2]
    assert [each.id for each in with_news((CART, OTHER), (OTHER, third))] == [3, 2]


@pytest.mark.parametrize(
    ("before", "after", "fresh"),
    [
        (CART, CART, set()),
        (CART, cart(HOODIE, but(SCARF, quantity=3)), {(1, 2)}),
        (CART, cart(HOODIE, SCARF, line("Cap", sku="C")), {(1, 3)}),
        (CART, cart(but(HOODIE, item=item("H", price=4900)), SCARF), {(1, 1)}),
        (CART, cart(but(HOODIE, pending=True), but(SCARF, stock=Stock())), set()),
        (CART, cart(HOODIE), set()),
        (but(CART, lines=(*CART.lines, but(NEW, quantity=1))), cart(HOODIE, SCARF, but(NEW, quantity=1)), set()),
        (but(CART, lines=(*CART.lines, but(NEW, quantity=1))), cart(HOODIE, SCARF, but(NEW, quantity=4)), {(1, 3)}),
    ],
)
def test_what_is_news(before: Cart, after: Cart, fresh: set[tuple[int, int]]) -> None:
    """A new line, another quantity or price; not what somebody put in here themselves, nor that the shop has it now."""
    assert moved((before,), (after,)) == fresh


class Counter:
    """A customer who is shown, and the presenter that they are shown by."""

    def __init__(self, known: Any = KNOWN, **times: float) -> None:
        self.port = FakePort()
        keys = count(1)
        self.seen: list[CustomerState] = []
        self.presenter = CustomerPresenter(
            self.port, self.seen.append, key=lambda: f"key-{next(keys)}", pauses=(0,), **times
        )
        self.presenter.state = arrived(opened(CustomerState(), "", LUCIA), 1, known)
        self.running: list[asyncio.Task[None]] = []

    @property
    def state(self) -> CustomerState:
        """What is shown."""
        return self.presenter.state

    @property
    def held(self) -> list[list[tuple[str, int]]]:
        """What is shown in each cart."""
        assert self.state.context is not None
        return held(self.state.context.carts)

    def touch(self, cart_id: int, number: int, quantity: int) -> None:
        """Touch a line's plus or minus, and wait for nothing."""
        self.running.append(asyncio.ensure_future(self.presenter.set_quantity(cart_id, number, quantity)))


async def settled() -> None:
    """Let everything happen that waits for nobody."""
    for _ in range(30):
        await asyncio.sleep(0)


def test_a_quantity_is_sent_as_it_was_seen() -> None:
    """It shows before anybody answered; what was touched meanwhile goes in one, with what was seen by then."""

    async def scene() -> None:
        counter = Counter()
        first = await counter.port.question(counter.presenter.set_quantity(1, 1, 2))
        assert first.asked == ("set_line", 1, 1, LineQuantity(quantity=2, base_quantity=1), "key-1")
        assert counter.held == [[("H", 2), ("S", 2)]]
        for quantity in (3, 4, 5):
            counter.touch(1, 1, quantity)
            await settled()
        assert counter.held == [[("H", 5), ("S", 2)]]
        first.coming.set_result(cart(but(HOODIE, quantity=2), SCARF, version=2))
        second = await counter.port.question()
        assert second.asked == ("set_line", 1, 1, LineQuantity(quantity=5, base_quantity=2), "key-2")
        await second.answer(cart(but(HOODIE, quantity=5), SCARF, version=3))
        assert counter.held == [[("H", 5), ("S", 2)]]
        assert (counter.state.changes, counter.state.glow, counter.state.trouble) == ((), 0, "")
        assert len(counter.port.asked) == 2

    played(scene())


def test_a_lost_answer_is_asked_for_again_under_the_same_key() -> None:
    """Nothing counts twice, nothing is dropped, and it is seen all the while; also when somebody else is opened."""

    async def scene() -> None:
        counter = Counter()
        question = await counter.port.question(counter.presenter.set_quantity(1, 1, 2))
        asked = question.asked
        for _ in range(3):
            question.coming.set_exception(UnreachableError("/"))
            question = await counter.port.question()
            assert question.asked == asked
            assert counter.held == [[("H", 2), ("S", 2)]]
        opening = asyncio.ensure_future(counter.presenter.open(8, "Ana"))
        (await counter.port.question()).coming.set_result(context(person(8)))
        await opening
        assert counter.held == []
        back = asyncio.ensure_future(counter.presenter.open(LUCIA, "Lucía"))
        (await counter.port.question()).coming.set_result(KNOWN)
        await back
        assert counter.held == [[("H", 2), ("S", 2)]]
        await question.answer(cart(but(HOODIE, quantity=2), SCARF, version=2))
        assert (counter.held, counter.state.changes) == ([[("H", 2), ("S", 2)]], ())

    played(scene())


@pytest.mark.parametrize("code", ["cart_closed", "unknown_line", "unknown_cart", "wrong_caller"])
def test_a_no_is_said_and_the_cart_put_right(code: str) -> None:
    """What was shown too early goes again, why is said until it was read, and the cart is read anew."""

    async def scene() -> None:
        counter = Counter()
        question = await counter.port.question(counter.presenter.set_quantity(1, 1, 0))
        assert (counter.held, counter.state.undo is None) == ([[("S", 2)]], False)
        refusing = asyncio.ensure_future(question.refuse(code))
        reading = await counter.port.question()
        assert reading.asked == ("context", LUCIA)
        assert counter.held == [[("H", 1), ("S", 2)]]
        assert (counter.state.trouble, counter.state.undo) == (code, None)
        reading.coming.set_result(but(KNOWN, carts=(cart(SCARF, version=2),)))
        await refusing
        assert counter.held == [[("S", 2)]]
        counter.presenter.understand()
        assert counter.state.trouble == ""

    played(scene())


def test_a_server_that_is_busy_is_asked_again() -> None:
    """A no with a time after which to come back is none."""

    async def scene() -> None:
        counter = Counter()
        question = await counter.port.question(counter.presenter.set_quantity(1, 1, 2))
        asked = question.asked
        question.coming.set_exception(refusal("too_many_requests", 0))
        question = await counter.port.question()
        assert (question.asked, counter.state.trouble) == (asked, "")
        await question.answer(cart(but(HOODIE, quantity=2), SCARF, version=2))

    played(scene())


@pytest.mark.parametrize("sent", [True, False])
def test_what_was_taken_out_can_be_put_back(sent: bool) -> None:
    """Undo puts a line back as it was and where; one that was never sent is as if nothing had been touched."""

    async def scene() -> None:
        counter = Counter()
        first = await counter.port.question(counter.presenter.set_quantity(1, 1, 0) if sent else other(counter))
        if not sent:
            counter.touch(1, 1, 0)
            await settled()
        assert counter.held[0][0] == ("S", 2 if sent else 3)
        undoing = asyncio.ensure_future(counter.presenter.undo())
        await settled()
        assert counter.held[0][0] == ("H", 1)
        assert counter.state.undo is None
        first.coming.set_result(cart(but(SCARF, line=2), version=2) if sent else cart(HOODIE, but(SCARF, quantity=3)))
        if sent:
            second = await counter.port.question()
            assert second.asked == ("set_line", 1, 1, LineQuantity(quantity=1, base_quantity=0), "key-2")
            assert counter.held == [[("H", 1), ("S", 2)]]
            second.coming.set_result(cart(HOODIE, SCARF, version=3))
        await undoing
        await settled()
        assert counter.held[0][0] == ("H", 1)
        assert counter.state.changes == ()
        assert len(counter.port.asked) == (2 if sent else 1)

    def other(counter: Counter) -> Any:
        return counter.presenter.set_quantity(1, 2, 3)

    played(scene())


def test_undo_is_offered_for_a_while() -> None:
    """After that the band goes by itself."""

    async def scene() -> None:
        counter = Counter(undo=0)
        await counter.port.question(counter.presenter.set_quantity(1, 1, 0))
        await settled()
        offered = [state.undo and state.undo.seen.sku for state in counter.seen]
        assert (offered[0], offered[-1]) == ("H", None)

    played(scene())


def test_an_article_is_put_in() -> None:
    """A new one stands in the cart at once, and can be changed once it has a number; what is there gets more."""

    async def scene() -> None:
        counter = Counter()
        question = await counter.port.question(counter.presenter.put_in(item("N", 900, title="Cap"), Stock()))
        assert question.asked == ("add_line", 1, NewCartLine(sku="N", quantity=1), "key-1")
        assert counter.held == [[("H", 1), ("S", 2), ("N", 1)]]
        await counter.presenter.set_quantity(1, 0, 2)
        answer = cart(HOODIE, SCARF, line("Cap", unit_price=900, sku="N", line=8, pending=True), version=2)
        await question.answer(answer)
        assert (counter.held, counter.state.glow) == ([[("H", 1), ("S", 2), ("N", 1)]], 0)
        question = await counter.port.question(counter.presenter.put_in(item("S"), Stock()))
        assert question.asked == ("add_line", 1, NewCartLine(sku="S", quantity=1), "key-2")
        assert counter.held == [[("H", 1), ("S", 3), ("N", 1)]]
        puts = dict.fromkeys((state.put.sku, state.put.times) for state in counter.seen if state.put)
        assert list(puts) == [("N", 1), ("S", 2)]

    played(scene())


def test_a_wish_is_put_in() -> None:
    """It goes into the cart and stays wished for; what the catalogue has no more is put nowhere."""
    known = but(KNOWN, wishlists=(wish_list(wish("W"), wish("OLD", item=None)),))

    async def scene() -> None:
        counter = Counter(known)
        for nothing in (counter.presenter.put_wish_in(1, "OLD"), counter.presenter.put_wish_in(2, "W")):
            assert await counter.port.begin(nothing) is None
        question = await counter.port.question(counter.presenter.put_wish_in(1, "W"))
        assert question.asked == ("add_line", 1, NewCartLine(sku="W", quantity=1), "key-1")
        assert counter.state.context is not None
        assert counter.state.context.wishlists == known.wishlists

    played(scene())


@pytest.mark.parametrize(
    ("carts", "currency", "into"),
    [
        ((), "EUR", None),
        ((CART,), "EUR", 1),
        ((CART,), "USD", None),
        ((cart(), OTHER), "EUR", 2),
        ((cart(),), "EUR", 1),
        ((cart(version=0),), "EUR", None),
    ],
)
def test_which_cart_takes_an_article(carts: tuple[Cart, ...], currency: str, into: int | None) -> None:
    """The first with something in it, of the article's currency; where there is none, nothing is offered."""
    state = arrived(opened(CustomerState(), "", LUCIA), 1, but(KNOWN, carts=carts))
    article = item("N", currency=currency)
    found = cart_for(state, article)
    assert (found and found.id) == into
    assert cart_takes(state, article) == (into is not None)
    assert not cart_takes(state, None)
    assert not cart_takes(CustomerState(), article)


def test_carts_are_joined_when_that_was_answered() -> None:
    """It is asked first; a no changes nothing, a yes shows the one cart at once."""

    async def scene() -> None:
        counter = Counter(but(KNOWN, carts=(CART, OTHER)))
        counter.presenter.ask_to_join(2, 1)
        assert counter.state.joining == (2, 1)
        counter.presenter.keep_apart()
        assert await counter.port.begin(counter.presenter.join()) is None
        counter.presenter.ask_to_join(2, 1)
        question = await counter.port.question(counter.presenter.join())
        assert question.asked == ("join_carts", LUCIA, JoinCarts(source=2, target=1), "key-1")
        joined = [[("H", 1), ("S", 5), ("C", 1)], []]
        assert (counter.held, counter.state.joining) == (joined, None)
        filled = cart(HOODIE, but(SCARF, quantity=5), line("Cap", sku="C", item=item("C")), version=2)
        await question.answer(filled)
        assert (counter.held, counter.state.glow) == (joined, 0)

    played(scene())


def test_a_scan_of_an_article_forgets_no_change() -> None:
    """What is answered, refused or happens while an article's code is looked up counts for who is shown after it."""

    async def scene() -> None:
        counter = Counter()
        change = await counter.port.question(counter.presenter.set_quantity(1, 1, 2))
        scanning = asyncio.ensure_future(counter.presenter.scan("842"))
        scan = await counter.port.question()
        assert (counter.state.phase, counter.presenter.about) == ("loading", LUCIA)
        await change.answer(cart(but(HOODIE, quantity=2), SCARF, version=2))
        await counter.presenter.renew()
        scan.coming.set_result(ProductScanned(product=product()))
        reading = await counter.port.question()
        assert counter.held == [[("H", 2), ("S", 2)]]
        assert reading.asked == ("context", LUCIA)
        reading.coming.set_result(but(KNOWN, carts=(cart(but(HOODIE, quantity=2), but(SCARF, quantity=4), version=3),)))
        assert isinstance(await scanning, ProductScanned)
        assert (counter.held, counter.state.changes) == ([[("H", 2), ("S", 4)]], ())
        assert counter.state.fresh == {("line", 1, 2)}

    played(scene())


def test_whoever_leaves_takes_their_changes_along() -> None:
    """Nothing is sent in the name of whoever comes next."""

    async def scene() -> None:
        counter = Counter()
        question = await counter.port.question(counter.presenter.set_quantity(1, 1, 2))
        counter.touch(1, 2, 5)
        await settled()
        counter.presenter.forget()
        counter.presenter.drop()
        await question.lose()
        await counter.presenter.go_on()
        await settled()
        assert (len(counter.port.asked), counter.presenter.unsent) == (1, 0)

    played(scene())


@pytest.mark.parametrize("away", ["somebody else is looked at", "the tablet was locked"])
def test_a_no_that_nobody_saw_is_said_when_they_are_shown_again(away: str) -> None:
    """Once, to whoever made the change, and of nobody else."""

    async def scene() -> None:
        counter = Counter()

        async def opened(customer: int, known: Any) -> str:
            await (await counter.port.question(counter.presenter.open(customer, ""))).answer(known)
            return counter.state.trouble

        question = await counter.port.question(counter.presenter.set_quantity(1, 1, 2))
        if away == "the tablet was locked":
            counter.presenter.forget()
            await question.lose()
            question = await counter.port.question(counter.presenter.go_on())
            await question.refuse("cart_closed")
        else:
            await opened(8, context(person(8)))
            question.coming.set_exception(refusal("cart_closed"))
            await (await counter.port.question()).answer(context(person(8)))
        assert counter.state.trouble == ""
        assert await opened(8, context(person(8))) == ""
        gone = context(person(LUCIA), carts=())
        assert await opened(LUCIA, gone) == "cart_closed"
        assert await opened(LUCIA, gone) == ""

    played(scene())


def test_a_no_that_nobody_saw_is_told_to_nobody_else() -> None:
    """Whoever does not come back is not told, and neither is whoever comes."""

    async def scene() -> None:
        counter = Counter()
        question = await counter.port.question(counter.presenter.set_quantity(1, 1, 2))
        counter.presenter.forget()
        await question.lose()
        await (await counter.port.question(counter.presenter.go_on())).refuse("cart_closed")
        counter.presenter.drop()
        await (await counter.port.question(counter.presenter.open(LUCIA, ""))).answer(KNOWN)
        assert counter.state.trouble == ""

    played(scene())


@pytest.mark.parametrize("late", ["lost", "session_locked", "cart_closed"])
def test_whoever_is_away_finds_their_changes_again(late: str) -> None:
    """Nothing of them is seen or sent meanwhile, whatever is answered; then they go in order, under their own keys."""

    async def scene() -> None:
        counter = Counter()
        first = await counter.port.question(counter.presenter.set_quantity(1, 1, 2))
        counter.touch(1, 2, 5)
        await settled()
        counter.presenter.forget()
        assert counter.state == CustomerState(asked=counter.state.asked)
        await (first.lose() if late == "lost" else first.refuse(late))
        await settled()
        assert (len(counter.port.asked), counter.presenter.unsent) == (1, 2)
        assert counter.state == CustomerState(asked=counter.state.asked)
        again = await counter.port.question(counter.presenter.go_on())
        assert again.asked == first.asked
        opening = asyncio.ensure_future(counter.presenter.open(LUCIA, "Lucía"))
        (await counter.port.question()).coming.set_result(KNOWN)
        await opening
        assert counter.held == [[("H", 2), ("S", 5)]]
        again.coming.set_result(cart(but(HOODIE, quantity=2), SCARF, version=2))
        second = await counter.port.question()
        assert second.asked == ("set_line", 1, 2, LineQuantity(quantity=5, base_quantity=2), "key-2")
        await second.answer(cart(but(HOODIE, quantity=2), but(SCARF, quantity=5), version=3))
        assert (counter.held, counter.state.changes, counter.presenter.unsent) == ([[("H", 2), ("S", 5)]], (), 0)

    played(scene())


def test_what_was_sent_before_somebody_went_away_is_never_sent_as_something_else() -> None:
    """Nobody knows whether it was done: another quantity of the same line goes after it, under a key of its own."""

    async def scene() -> None:
        counter = Counter()
        first = await counter.port.question(counter.presenter.set_quantity(1, 1, 2))
        counter.presenter.forget()
        await first.lose()
        again = await counter.port.question(counter.presenter.open(LUCIA, "Lucía"))
        await again.answer(KNOWN)
        counter.touch(1, 1, 3)
        await settled()
        assert (await counter.port.question(counter.presenter.go_on())).asked == first.asked
        assert [change.key for change in counter.state.changes] == ["key-1", "key-2"]

    played(scene())


def test_what_another_hand_did_glows_once() -> None:
    """What was changed at home glows, a new wish too; what was changed here does not; after a while none does."""
    wished = but(KNOWN, wishlists=(wish_list(wish("W")),))

    async def scene() -> None:
        counter = Counter(news=0)
        ours = await counter.port.question(counter.presenter.set_quantity(1, 1, 2))
        theirs = cart(but(HOODIE, quantity=2), but(SCARF, quantity=9), version=3)
        await ours.answer(theirs)
        glowing = [state for state in counter.seen if state.fresh]
        assert [(state.fresh, state.glow) for state in glowing[:1]] == [({("line", 1, 2)}, 1)]
        await settled()
        assert (counter.state.fresh, counter.state.glow) == (frozenset(), 1)
        reading = await counter.port.question(counter.presenter.renew())
        await reading.answer(but(wished, carts=(theirs,)))
        await settled()
        assert {("wish", 1, "W")} in [state.fresh for state in counter.seen if state.glow == 2]
        assert counter.state.fresh == frozenset()

    played(scene())


class Server:
    """Two carts of a shop, by the server's own rules, with a memory of keys; as a port, it answers when it is let."""

    def __init__(self) -> None:
        self.version = {1: 1, 2: 1}
        self.lines = {
            number: rules.Lines(
                tuple(rules.Line(n, None, sku, sku, 100, 1, 1) for n, sku in enumerate(skus, 1)), len(skus) + 1
            )
            for number, skus in ((1, "AB"), (2, "BC"))
        }
        self.answers: dict[str, Cart] = {}

    def cart(self, number: int) -> Cart:
        """A cart as it is shown."""
        lines = tuple(
            CartLine(
                line_id=None,
                sku=one.sku,
                title=one.title,
                quantity=one.quantity,
                unit_price=one.unit_price,
                item=None,
                stock=Stock(),
                line=one.number,
                pending=one.is_pending,
                shop_quantity=one.shop_quantity,
            )
            for one in self.lines[number].lines
            if one.quantity
        )
        total = sum(one.unit_price * one.quantity for one in lines)
        return but(cart(id_=number, version=self.version[number]), lines=lines, total=total)

    @property
    def context(self) -> Any:
        """Both of them."""
        return context(person(LUCIA), carts=(self.cart(1), self.cart(2)))

    def once(self, question: Question) -> Cart:
        """Do what is asked, unless it was done."""
        verb, *about, key = question.asked
        if key not in self.answers:
            match verb, about:
                case "set_line", (number, at, wanted):
                    self.change(number, at, wanted.base_quantity, wanted.quantity)
                case "add_line", (number, wanted):
                    article = rules.Article(wanted.sku, wanted.sku, 100)
                    self.lines[number], _ = rules.with_more(self.lines[number], article, wanted.quantity, 0)
                    self.version[number] += 1
                case "join_carts", (_, wanted):
                    number = wanted.target
                    self.join(wanted.source, number)
            self.answers[key] = self.cart(number)
        return self.answers[key]

    def change(self, number: int, at: int, base: int, wanted: int) -> None:
        """Change a line, as the rules have it."""
        found = rules.with_quantity(self.lines[number], at, base, wanted, 0)
        assert found is not None
        self.lines[number] = found[0]
        self.version[number] += 1

    def join(self, source: int, target: int) -> None:
        """Put one into the other."""
        for one in self.lines[source].lines:
            if one.quantity:
                article = rules.Article(one.sku, one.title, one.unit_price)
                self.lines[target], _ = rules.with_more(self.lines[target], article, one.quantity, 0)
                self.change(source, one.number, one.quantity, 0)
        self.version[target] += 1


class Afternoon:
    """A counter, a server, a hand at home, and a way between them on which messages are late or lost."""

    def __init__(self) -> None:
        self.server = Server()
        self.counter = Counter(self.server.context)
        self.way: list[tuple[Question, Any]] = []
        self.at_home = False

    @property
    def pieces(self) -> list[list[tuple[str, int]]]:
        """What is shown in each cart, in whatever order."""
        return [sorted(lines) for lines in self.counter.held]

    def collect(self) -> None:
        """Take up what was asked."""
        questions = self.counter.port._questions
        while not questions.empty():
            self.way.append((questions.get_nowait(), None))

    def start(self, verb: Any) -> None:
        """Begin a verb and wait for nothing."""
        self.counter.running.append(asyncio.ensure_future(verb))

    def touch(self, number: int, place: int, by: int) -> None:
        """Touch plus or minus of a line that is shown: it says so at once."""
        assert self.counter.state.context is not None
        for each in self.counter.state.context.carts:
            if each.id == number and each.lines and (one := each.lines[place % len(each.lines)]).line:
                self.start(self.counter.presenter.set_quantity(number, one.line, max(0, one.quantity + by)))

    def happen(self, number: int, place: int, by: int) -> None:
        """Somebody at home changes a line."""
        lines = [one for one in self.server.lines[number].lines if one.quantity]
        if lines:
            self.at_home = True
            one = lines[place % len(lines)]
            self.server.change(number, one.number, one.quantity, max(0, one.quantity + by))

    def read(self) -> None:
        """The server does what the oldest question asks; its answer is under way."""
        for at, (question, answer) in enumerate(self.way):
            if answer is None:
                self.way[at] = (question, self.answer_of(question))
                return

    def arrive(self, place: int) -> None:
        """An answer arrives, not always in the order of the questions."""
        if self.way:
            question, answer = self.way.pop(place % len(self.way))
            question.coming.set_result(answer or self.answer_of(question))

    def lose(self, place: int) -> None:
        """A question or its answer is lost."""
        if self.way:
            self.way.pop(place % len(self.way))[0].coming.set_exception(UnreachableError("/"))

    def answer_of(self, question: Question) -> Any:
        """What the server says."""
        return self.server.context if question.asked[0] == "context" else self.server.once(question)


small = st.integers(0, 3)
STEPS = st.lists(
    st.one_of(
        st.builds(lambda c, p, by: ("touch", c, p, by), st.integers(1, 2), small, st.sampled_from((-2, -1, 1, 2))),
        st.builds(lambda c, p, by: ("happen", c, p, by), st.integers(1, 2), small, st.sampled_from((-2, -1, 1, 2))),
        st.builds(lambda p: ("arrive", p), small),
        st.builds(lambda p: ("lose", p), small),
        st.sampled_from((("read",), ("renew",), ("undo",), ("put", "C"), ("put", "D"), ("join",))),
    ),
    min_size=4,
    max_size=40,
)


@settings(deadline=None, max_examples=400)
@drawn(steps=STEPS)
def test_counter_and_server_end_equal(steps: list[tuple[Any, ...]]) -> None:
    """Whatever is touched, lost, late and changed at home: in the end what is shown is what the server has, once.

    Where nobody else changes anything, no message that comes, is late or lost changes what is shown.
    """

    async def scene() -> None:
        day = Afternoon()
        presenter = day.counter.presenter
        for step, *about in steps:
            before = day.pieces
            match step:
                case "renew":
                    day.start(presenter.renew())
                case "undo":
                    day.start(presenter.undo())
                case "put":
                    day.start(presenter.put_in(item(*about, 100, title=about[0]), Stock()))
                case "join":
                    presenter.ask_to_join(2, 1)
                    day.start(presenter.join())
                case _:
                    getattr(day, step)(*about)
            await settled()
            day.collect()
            if step in {"read", "renew", "arrive", "lose"} and not day.at_home:
                assert day.pieces == before
        while day.way:
            day.arrive(0)
            await settled()
            day.collect()
        assert presenter.state.changes == ()
        sent = {asked[-1] for asked in day.counter.port.asked if asked[0] != "context"}
        assert set(day.server.answers) == sent
        shown = day.counter.held
        day.start(presenter.renew())
        await settled()
        day.collect()
        day.arrive(0)
        await settled()
        assert presenter.state.context is not None
        told = {each.id: each for each in day.server.context.carts}
        assert {each.id: each for each in presenter.state.context.carts} == told
        if not day.at_home:
            assert shown == held((told[1], told[2]))
        await asyncio.gather(*day.counter.running)

    played(scene())


def test_the_state_of_changes_is_whole() -> None:
    """Every change that a state holds is one of a cart that is shown: those of others are kept from it."""
    elsewhere = edit(FIRST, 1, 2, cart_id=99)
    state = arrived(opened(CustomerState(), "", LUCIA), 1, KNOWN, (elsewhere, edit(FIRST, 1, 2)))
    assert [msgspec.structs.asdict(change)["cart_id"] for change in state.changes] == [1]
