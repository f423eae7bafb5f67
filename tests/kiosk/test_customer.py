"""One customer in full context: only who was asked for last is shown, and nothing of anybody before them."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from itertools import pairwise
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.customer.presenter import CustomerPresenter
from kiosk.customer.rows import trouble_words
from kiosk.customer.state import (
    CustomerState,
    Tab,
    arrived,
    asked_for_orders,
    chose,
    failed,
    folded,
    gone,
    here_of,
    more_orders,
    opened,
    pieces_of,
    put_back,
    unfolded,
)
from kiosk.words import Words
from server.wire.carts import Cart
from server.wire.codes import CardPattern
from server.wire.customers import CustomerContext
from server.wire.lookup import CustomerScanned, CustomersScanned, OrderScanned, ProductScanned, ScanAnswer, UnknownCode
from server.wire.orders import OrderPage
from tests.fakes import FakePort, Question, played
from tests.kiosk.given import (
    but,
    cart,
    context,
    hit,
    item,
    line,
    note,
    order,
    order_line,
    person,
    product,
    stock,
    viewed,
    wish,
    wish_list,
)

CARD = "2900000110915"
BANK_CARD = "4111111111111111"
STRIPE = "%B4111111111111111^GARCIA/LUCIA^2912?"
PATTERNS = (CardPattern(pattern=r"^29\d{11}$", check="ean13"),)

LUCIA = context(person(7, "Lucía García"), orders=(order(3), order(2)), orders_before="2", order_count=3)
LOADING = opened(CustomerState(), "Lucía", 7)
SHOWN = arrived(LOADING, 1, LUCIA)
SCANNING = opened(SHOWN, "", None, CARD)

Change = Callable[[CustomerState], CustomerState]


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        pytest.param(
            CustomerState(),
            lambda s: opened(s, "Lucía", 7),
            CustomerState(phase="loading", name="Lucía", customer_id=7, asked=1),
            id="touched",
        ),
        pytest.param(
            folded(chose(SHOWN, "story")),
            lambda s: opened(s, "Ana", 8),
            CustomerState(phase="loading", name="Ana", customer_id=8, asked=2),
            id="somebody else",
        ),
        pytest.param(
            SHOWN,
            lambda s: opened(s, "", None, CARD),
            CustomerState(phase="loading", code=CARD, asked=2),
            id="scanned",
        ),
        pytest.param(
            LOADING,
            lambda s: arrived(s, 1, LUCIA),
            but(
                LOADING,
                phase="shown",
                name="Lucía García",
                context=LUCIA,
                tab="orders",
                orders=LUCIA.orders,
                orders_before="2",
            ),
            id="there",
        ),
        pytest.param(
            SCANNING,
            lambda s: arrived(s, 2, LUCIA),
            but(SHOWN, code=CARD, asked=2),
            id="there, by a card",
        ),
        pytest.param(SCANNING, lambda s: arrived(s, 1, LUCIA), SCANNING, id="nobody waits for them any more"),
        pytest.param(LOADING, lambda s: failed(s, 1, "unreachable"), but(LOADING, phase="unreachable"), id="lost"),
        pytest.param(SCANNING, lambda s: failed(s, 1, "gone"), SCANNING, id="nobody waits for that any more"),
        pytest.param(SHOWN, lambda s: gone(s, 1), CustomerState(phase="gone", asked=1), id="nothing of them stays"),
        pytest.param(SCANNING, lambda s: gone(s, 1), SCANNING, id="somebody else is looked up by now"),
        pytest.param(
            SCANNING, lambda s: failed(s, 2, "unknown_card"), but(SCANNING, phase="unknown_card"), id="unknown card"
        ),
        pytest.param(
            SCANNING,
            lambda s: failed(s, 2, "bank_card"),
            but(SCANNING, phase="bank_card", code=""),
            id="a bank card's number is forgotten",
        ),
        pytest.param(
            SCANNING, lambda s: put_back(s, 2, SHOWN), but(SHOWN, asked=2), id="an article while somebody is shown"
        ),
        pytest.param(
            SCANNING,
            lambda s: put_back(s, 2, asked_for_orders(SHOWN)),
            but(SHOWN, asked=2),
            id="an article while orders were under way",
        ),
        pytest.param(
            SCANNING, lambda s: put_back(s, 1, SHOWN), SCANNING, id="an article that nobody waits for any more"
        ),
        pytest.param(
            opened(LOADING, "", None, "S1"),
            lambda s: put_back(s, 2, LOADING),
            CustomerState(asked=2),
            id="an article while somebody was under way",
        ),
        pytest.param(SHOWN, lambda s: chose(s, "wishes"), but(SHOWN, tab="wishes"), id="a tab"),
        pytest.param(SHOWN, folded, but(SHOWN, notes_open=True), id="notes opened"),
        pytest.param(SHOWN, lambda s: folded(folded(s)), SHOWN, id="notes closed"),
        pytest.param(folded(SHOWN), unfolded, but(SHOWN, more_open=True), id="more opened"),
        pytest.param(folded(unfolded(SHOWN)), unfolded, SHOWN, id="more closed, and the notes with it"),
        pytest.param(SHOWN, asked_for_orders, but(SHOWN, orders_loading=True), id="older orders are asked for"),
        pytest.param(
            asked_for_orders(SHOWN),
            lambda s: more_orders(s, 1, OrderPage(orders=(order(2), order(1)), before=None)),
            but(SHOWN, orders=(order(3), order(2), order(1)), orders_before=None),
            id="older orders",
        ),
        pytest.param(asked_for_orders(SHOWN), lambda s: more_orders(s, 1, None), SHOWN, id="older orders are lost"),
        pytest.param(
            SCANNING,
            lambda s: more_orders(s, 1, OrderPage(orders=(order(1),), before=None)),
            SCANNING,
            id="somebody else's older orders",
        ),
    ],
)
def test_what_happens_to_a_customer(before: CustomerState, change: Change, after: CustomerState) -> None:
    """Each happening changes what is known, and nothing else."""
    assert change(before) == after


@pytest.mark.parametrize(
    ("known", "tab"),
    [
        (context(), "cart"),
        (context(carts=(cart(line()),), wishlists=(wish_list(wish()),), orders=(order(),)), "cart"),
        (context(carts=(cart(), cart(line()))), "cart"),
        (context(carts=(cart(),), wishlists=(wish_list(wish()),), orders=(order(),)), "wishes"),
        (context(wishlists=(wish_list(),), orders=(order(),)), "orders"),
    ],
)
def test_the_first_tab_is_what_is_likely_wanted(known: CustomerContext, tab: Tab) -> None:
    """What waits, else what is wished for, else what was bought."""
    assert arrived(LOADING, 1, known).tab == tab


@pytest.mark.parametrize(
    ("current", "here"),
    [
        (None, (0, 0)),
        (cart(), (0, 0)),
        (cart(line(stock=stock())), (0, 1)),
        (cart(line(stock=stock(0)), line(stock=stock(1), sku="S2"), line(stock=stock(-1, Sol=5), sku="S3")), (1, 3)),
        (cart(line(quantity=2, stock=stock(1)), line(quantity=2, stock=stock(5), sku="S2")), (3, 4)),
        (cart(line(stock=stock(1)), line(stock=stock(1))), (1, 2)),
        (cart(line(quantity=2, stock=stock(3)), line(stock=stock()), line(quantity=2, stock=stock(3))), (3, 5)),
    ],
)
def test_how_much_of_the_cart_is_here(current: Cart | None, here: tuple[int, int]) -> None:
    """Pieces are counted, those that are here as far as they are wanted, and each but once."""
    assert here_of(current) == here
    assert pieces_of(() if current is None else (current,)) == here[1]


class Screen:
    """A customer screen over a server that answers by hand; `shown` is what it was told, one after the other."""

    def __init__(self) -> None:
        self.port = FakePort()
        self.shown: list[CustomerState] = []
        self.lost: list[int] = []
        self.customer = CustomerPresenter(self.port, self.shown.append, self.lost.append)
        self.customer.card_patterns = PATTERNS

    async def open(self, customer_id: int, name: str = "Somebody") -> Question:
        """Touch a row; the question that it asks."""
        return await self.port.question(self.customer.open(customer_id, name))

    async def scan(self, code: str) -> Question:
        """Scan a code; the question that it asks."""
        return await self.port.question(self.customer.scan(code))

    @property
    def state(self) -> CustomerState:
        """What is known; the screen was told the same last."""
        assert self.shown[-1:] in ([], [self.customer.state])
        assert all(before != after for before, after in pairwise(self.shown))
        return self.customer.state


def test_a_name_is_shown_before_the_rest_is_there() -> None:
    """Whoever touches a row sees whose it is at once."""

    async def scene() -> None:
        screen = Screen()
        question = await screen.open(7, "Lucía")
        assert (screen.state.phase, screen.state.name) == ("loading", "Lucía")
        assert question.asked == ("context", 7)
        await question.answer(LUCIA)
        assert screen.state == but(SHOWN, asked=1)

    played(scene())


@pytest.mark.parametrize("late_first", [False, True])
@pytest.mark.parametrize("ways", [("open", "open"), ("scan", "scan"), ("open", "scan"), ("scan", "open")])
def test_only_the_second_of_two_is_shown(ways: tuple[str, str], late_first: bool) -> None:
    """Whoever is opened while another is under way is the one who is shown, whichever answer comes first."""

    async def scene() -> None:
        screen, questions = Screen(), list[tuple[Question, object]]()
        for way, id_ in zip(ways, (1, 2), strict=True):
            known = context(person(id_, f"C{id_}"))
            if way == "open":
                questions.append((await screen.open(id_), known))
            else:
                questions.append((await screen.scan(CARD), CustomerScanned(context=known)))
        for question, answer in reversed(questions) if late_first else questions:
            await question.answer(answer)
        assert (screen.state.phase, screen.state.name, screen.state.customer_id) == ("shown", "C2", 2)
        assert "C1" not in [state.name for state in screen.shown]

    played(scene())


@pytest.mark.parametrize(
    ("way", "code", "phase"),
    [
        ("open", "unknown_customer", "gone"),
        ("open", "invalid_field", "gone"),
        ("scan", "bank_card", "bank_card"),
        ("scan", "mistyped_card", "mistyped_card"),
        ("scan", "invalid_field", "unknown_code"),
    ],
)
def test_what_is_refused_says_what_it_was(way: str, code: str, phase: str) -> None:
    """Each reason has a screen of its own with a way on."""

    async def scene() -> None:
        screen = Screen()
        await (await (screen.open(7) if way == "open" else screen.scan("X-1"))).refuse(code)
        assert (screen.state.phase, screen.state.context) == (phase, None)

    played(scene())


@pytest.mark.parametrize("way", ["open", "again", "older orders"])
def test_whom_the_shop_knows_no_more_is_forgotten(way: str) -> None:
    """Erased elsewhere while the screen stands open: at the next word with the server nothing of them stays here."""

    async def scene() -> None:
        screen = Screen()
        await (await screen.open(7)).answer(LUCIA)
        assert "Luc" in repr(screen.state)
        verbs = {"open": screen.customer.open(7, "Lucía"), "again": screen.customer.again()}
        verb = verbs.pop(way, None) or screen.customer.older_orders()
        for other in verbs.values():
            other.close()
        await (await screen.port.question(verb)).refuse("unknown_customer")
        assert screen.state == CustomerState(phase="gone", asked=screen.state.asked)
        assert screen.lost == [7]
        assert await screen.port.begin(screen.customer.again()) is None
        title, advice = trouble_words(screen.state.phase, Words("es"))[1:]
        assert (title, "no queda nada suyo" in advice) == ("Este cliente ya no consta", True)

    played(scene())


@pytest.mark.parametrize(
    ("looks_like", "phase"),
    [("card", "unknown_card"), ("gtin", "unknown_code"), ("other", "unknown_code"), ("empty", "unknown_code")],
)
def test_what_is_unknown_says_what_it_would_have_been(looks_like: str, phase: str) -> None:
    """A card that nobody has is another matter than a code that nobody knows."""

    async def scene() -> None:
        screen = Screen()
        answer = msgspec.convert({"type": "unknown", "looks_like": looks_like}, UnknownCode)
        await (await screen.scan(CARD)).answer(answer)
        assert (screen.state.phase, screen.state.code) == (phase, CARD)

    played(scene())


@pytest.mark.parametrize(
    ("code", "patterns", "sent"),
    [
        (BANK_CARD, PATTERNS, False),
        (f"]C0{BANK_CARD}", PATTERNS, False),
        (STRIPE, PATTERNS, False),
        (CARD, PATTERNS, True),
        (BANK_CARD, (*PATTERNS, CardPattern(pattern=r"^4\d{15}$")), True),
        # Before the server said how loyalty cards look, only the stripe of a bank card is surely one.
        (BANK_CARD, None, True),
        (STRIPE, None, False),
    ],
)
def test_a_bank_card_is_never_sent(code: str, patterns: tuple[CardPattern, ...] | None, sent: bool) -> None:
    """It is refused before anybody is asked, and its number is forgotten."""

    async def scene() -> None:
        screen = Screen()
        if patterns is None:
            screen.customer = CustomerPresenter(screen.port, screen.shown.append)
        else:
            screen.customer.card_patterns = patterns
        if sent:
            assert (await screen.scan(code)).asked == ("scan", code)
        else:
            assert await screen.customer.scan(code) is None
            assert screen.port.asked == []
            assert (screen.state.phase, screen.state.code) == ("bank_card", "")

    played(scene())


ARTICLE = ProductScanned(product=product())
ORDER = OrderScanned(order=order(), customer_id=7)
SEVERAL = CustomersScanned(hits=(hit(1), hit(2)))


@pytest.mark.parametrize(
    ("before", "answer", "after"),
    [
        pytest.param(None, ARTICLE, None, id="article"),
        pytest.param(None, ORDER, None, id="order"),
        pytest.param(None, SEVERAL, None, id="card of several"),
        pytest.param(LUCIA, ARTICLE, LUCIA, id="article, while somebody is shown"),
        pytest.param(LUCIA, ORDER, None, id="order, while somebody is shown"),
        pytest.param(LUCIA, SEVERAL, None, id="card of several, while somebody is shown"),
    ],
)
def test_what_is_no_customer_is_handed_back(
    before: CustomerContext | None, answer: ScanAnswer, after: CustomerContext | None
) -> None:
    """Whoever asked gets what it is; a customer stays for an article, and for nothing that may be somebody else's."""

    async def scene() -> None:
        screen = Screen()
        if before is not None:
            await (await screen.open(7)).answer(before)
        shown = screen.state
        scan = asyncio.create_task(screen.customer.scan("S1"))
        question = await screen.port.question()
        assert screen.state.context is None
        await question.answer(answer)
        assert await scan == answer
        assert screen.state == but(shown if after else CustomerState(), asked=shown.asked + 1)

    played(scene())


@pytest.mark.parametrize(
    ("first", "stays"),
    [
        pytest.param("04006381333931", True, id="an article's number"),
        pytest.param(CARD, False, id="a card"),
        pytest.param("S1", False, id="what may be anything"),
    ],
)
def test_two_codes_in_a_breath(first: str, stays: bool) -> None:
    """Whoever was shown comes back after the second one's article if the first cannot have been another's card."""

    async def scene() -> None:
        screen = Screen()
        await (await screen.open(7)).answer(LUCIA)
        overtaken = await screen.port.begin(screen.customer.scan(first))
        latest = await screen.port.begin(screen.customer.scan("04006381333948"))
        assert overtaken is not None
        assert latest is not None
        await latest.answer(ARTICLE)
        await overtaken.answer(ARTICLE if stays else CustomerScanned(context=context(person(8, "Marta"))))
        assert screen.state.context == (LUCIA if stays else None)

    played(scene())


@pytest.mark.parametrize("answer", [ARTICLE, ORDER, SEVERAL], ids=["article", "order", "card of several"])
def test_what_comes_too_late_is_not_handed_back(answer: ScanAnswer) -> None:
    """Nobody is torn away from the customer they opened meanwhile."""

    async def scene() -> None:
        screen = Screen()
        scan = asyncio.create_task(screen.customer.scan("S1"))
        scanned = await screen.port.question()
        await (await screen.open(7)).answer(LUCIA)
        shown = screen.state
        await scanned.answer(answer)
        assert await scan is None
        assert screen.state == shown

    played(scene())


def test_trying_again_asks_the_same() -> None:
    """After a lost answer, a row's customer is opened again and a code is asked again; of nobody, nothing is asked."""

    async def scene() -> None:
        screen = Screen()
        await screen.customer.again()
        await (await screen.open(7, "Lucía")).lose()
        assert (screen.state.phase, screen.state.name) == ("unreachable", "Lucía")
        await (await screen.port.question(screen.customer.again())).answer(LUCIA)
        await (await screen.scan(CARD)).lose()
        assert (screen.state.phase, screen.state.name) == ("unreachable", "")
        await (await screen.port.question(screen.customer.again())).answer(CustomerScanned(context=LUCIA))
        assert screen.state.phase == "shown"
        assert screen.port.asked == [("context", 7), ("context", 7), ("scan", CARD), ("scan", CARD)]

    played(scene())


def test_touches_change_what_is_shown() -> None:
    """A tab is chosen, notes and what else is known are opened and closed, and the screen hears of each."""

    async def scene() -> None:
        screen = Screen()
        await (await screen.open(7)).answer(LUCIA)
        screen.customer.choose("story")
        screen.customer.fold_notes()
        assert (screen.state.tab, screen.state.notes_open) == ("story", True)
        screen.customer.fold_notes()
        assert screen.state == chose(SHOWN, "story")
        screen.customer.fold_more()
        assert screen.state.more_open
        assert len(screen.shown) == 6

    played(scene())


@given(st.integers(0, 12), st.integers(1, 4), st.lists(st.sampled_from(["page", "lost", "refused", "new order"])))
def test_orders_come_page_by_page(count: int, size: int, happenings: list[str]) -> None:
    """However many pages are lost and orders come in between, each order is shown once, the latest first."""

    async def scene() -> None:
        placed = [order(number) for number in range(count, 0, -1)]

        def page(before: str | None) -> OrderPage:
            older = [one for one in placed if before is None or one.id < int(before)]
            return OrderPage(orders=tuple(older[:size]), before=str(older[size - 1].id) if len(older) > size else None)

        screen, first = Screen(), page(None)
        known = context(orders=first.orders, orders_before=first.before, order_count=count)
        await (await screen.open(1)).answer(known)
        for happening in [*happenings, *["page"] * count]:
            if happening == "new order":
                placed.insert(0, order(len(placed) + 1))
                continue
            if screen.state.orders_before is None:
                await screen.customer.older_orders()
                continue
            question = await screen.port.question(screen.customer.older_orders())
            assert screen.state.orders_loading
            # Another touch while one is under way asks nothing.
            await screen.customer.older_orders()
            if happening == "lost":
                await question.lose()
            elif happening == "refused":
                await question.refuse("too_many_requests")
            else:
                await question.answer(page(question.asked[2]))
            assert not screen.state.orders_loading
        assert [one.id for one in screen.state.orders] == list(range(count, 0, -1))

    played(scene())


def mark(id_: int) -> str:
    """What stands in every text of a customer and of nobody else."""
    return f"<{id_}>"


def full_of(id_: int) -> CustomerContext:
    """A customer with something of their own in every corner."""
    own = mark(id_)
    return context(
        person(id_, own, city=own, attributes={"size_tops": own}),
        carts=(cart(line(own, item=item(title=own)), source=own),),
        wishlists=(wish_list(wish(item=item(title=own)), name=own),),
        orders=(order(id_ * 100 + 9, order_line(own), store=own),),
        orders_before=own,
        views=(viewed(item=item(title=own)),),
        notes=(note(own, author=own),),
    )


def told(verb: str, about: str) -> object:
    """What a server that has these customers answers; a code is somebody's mark, an article, or unknown."""
    match verb, about:
        case "context", id_:
            return full_of(int(id_))
        case "orders", id_:
            return OrderPage(orders=(order(int(id_) * 100 + 8, order_line(mark(int(id_)))),), before=mark(int(id_)))
        case _, "article":
            return ARTICLE
        case _, "unknown":
            return UnknownCode(looks_like="card")
        case _, own:
            return CustomerScanned(context=full_of(int(own[1:-1])))


ACTS = st.one_of(
    st.tuples(st.sampled_from(["open", "meet", "meet"]), st.integers(1, 3)),
    st.tuples(st.just("scan"), st.sampled_from([mark(1), mark(2), mark(3), "article", "unknown", BANK_CARD])),
    st.tuples(st.sampled_from(["older", "tab", "notes", "again"]), st.none()),
    st.tuples(st.just("end"), st.sampled_from(["answer", "answer", "answer", "lose", "refuse"])),
    st.tuples(st.just("end"), st.sampled_from(["answer", "lose"])),
)


@given(st.lists(ACTS, max_size=30), st.randoms(use_true_random=False))
@example([("meet", 1), ("scan", mark(2)), ("scan", "article"), ("end", "answer")], Random(0))
@example([("meet", 1), ("scan", mark(2)), ("scan", "article"), ("end", "answer"), ("end", "answer")], Random(1))
def test_nothing_of_the_last_customer_stays(acts: list[tuple[str, Any]], chance: Random) -> None:
    """Whatever is touched, scanned, answered, lost or late: the screen knows nobody but who was asked for last.

    Only an article's code leaves whoever was shown before.
    """

    async def scene() -> None:
        screen, waiting, whose = Screen(), list[Question](), ""

        async def begin(verb: Coroutine[Any, Any, Any]) -> None:
            question = await screen.port.begin(verb)
            if question is not None:
                waiting.append(question)

        for act, about in acts:
            was = screen.state
            if act in {"open", "meet"}:
                whose = mark(about)
                await begin(screen.customer.open(about, whose))
                if act == "meet":
                    await waiting.pop().answer(full_of(about))
            elif act == "scan" or (act == "again" and was.customer_id is None and was.code):
                code = about or was.code
                if code != "article" or was.phase != "shown":
                    whose = code if code.startswith("<") else ""
                await begin(screen.customer.scan(code) if act == "scan" else screen.customer.again())
            elif act == "again":
                await begin(screen.customer.again())
            elif act == "older":
                await begin(screen.customer.older_orders())
            elif act == "tab":
                screen.customer.choose("story")
            elif act == "notes":
                screen.customer.fold_notes()
            elif waiting:
                question = waiting.pop(chance.randrange(len(waiting)))
                if about == "answer":
                    await question.answer(told(*map(str, question.asked[:2])))
                elif about == "lose":
                    await question.lose()
                else:
                    await question.refuse("unknown_customer")
            marks = set(re.findall(r"<\d>", msgspec.json.encode(screen.state).decode()))
            assert marks <= {whose}
            assert BANK_CARD not in repr(screen.state)

    played(scene())
