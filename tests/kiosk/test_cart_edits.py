"""A customer's wishes for their cart: drawn at once, and in the end as the server has it, whoever else is at it."""

import asyncio
import os
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from kiosk.link.port import UnreachableError
from kiosk.resume.edits import Amount, Edit, More, drawn, merged, wished
from kiosk.resume.presenter import ResumePresenter
from kiosk.resume.state import current
from server.carts import rules
from server.carts.rules import Article, Lines
from server.wire.carts import Cart, CartLine, JoinCarts, LineQuantity, NewCartLine
from server.wire.catalog import Item, Product, Stock, Variant
from server.wire.kiosks import KioskCart
from server.wire.lookup import ProductScanned, ScanAnswer
from tests.fakes import played, refusal
from tests.kiosk import given

SKUS = ("S1", "S2", "S3", "S4")
COUNTS = st.integers(0, 5)


def article(sku: str) -> Item:
    """An article; all of them are variants of one product."""
    return given.item(sku, options={"size": sku})


class Shop:
    """The server's cart: its own rules, and answers that are told again to the same key."""

    def __init__(self, *skus: str) -> None:
        self.lines, self.version = Lines(), 1
        self._answers: dict[str, Cart | None] = {}
        for sku in skus:
            self.more(sku)
        self.added, self.swapped, self.removed = set(skus), set[str](), set[str]()

    def more(self, sku: str) -> bool:
        """Put one in."""
        self.version += 1
        self.lines, _ = rules.with_more(self.lines, Article(sku, "Hoodie Chaz", 5200), 1, self.version)
        return True

    def amount(self, number: int, base: int, quantity: int, sku: str | None) -> bool:
        """Change a line; False where it is not known."""
        self.version += 1
        line = next((line for line in self.lines.lines if line.number == number), None)
        if line is None:
            return False
        if sku is None or sku == line.sku:
            found = rules.with_quantity(self.lines, number, base, quantity, self.version)
            assert found is not None
            self.lines = found[0]
        else:
            swapped = rules.with_other(
                self.lines, number, base, quantity, Article(sku, "Hoodie Chaz", 5200), self.version
            )
            assert swapped is not None
            self.lines = swapped[0]
            self.version += 1
        return True

    def once(self, key: str, change: Callable[[], bool]) -> Cart:
        """Do something once, however often it is asked."""
        if key not in self._answers:
            self._answers[key] = self.shown() if change() else None
        answer = self._answers[key]
        if answer is None:
            raise refusal("unknown_line")
        return answer

    def shown(self) -> Cart:
        """The cart as it is told."""
        lines = tuple(
            CartLine(
                line_id=None,
                sku=line.sku,
                title=line.title,
                quantity=line.quantity,
                unit_price=line.unit_price,
                item=article(line.sku),
                stock=Stock(),
                line=line.number,
                shop_quantity=line.shop_quantity,
            )
            for line in self.lines.lines
            if line.quantity
        )
        return given.but(given.cart(*lines), version=self.version)

    def holds(self) -> list[tuple[str, int]]:
        """What is in it."""
        return sorted((line.sku, line.quantity) for line in self.lines.lines if line.quantity)


class Hand(NamedTuple):
    """Something that somebody does: which line or article, and how many."""

    what: str
    which: int
    quantity: int


HANDS = st.builds(Hand, st.sampled_from(["amount", "amount", "more", "vary", "undo"]), st.integers(0, 3), COUNTS)
WAYS = st.sampled_from(["", "", "", "lost before", "lost after"])
"""What becomes of a question: mostly nothing; the question is lost, or its answer."""


class Wire:
    """The way to that server, on which messages are lost, and beside which somebody else changes the same cart."""

    def __init__(self, shop: Shop, ways: list[str], others: list[Hand]) -> None:
        self._shop = shop
        self._ways = ways
        self._others = others

    async def _carry(self, ask: Callable[[], Cart]) -> Cart:
        way = self._ways.pop() if self._ways else ""
        await asyncio.sleep(0)
        if way == "lost before":
            raise UnreachableError("/")
        self._other()
        answer = ask()
        self._other()
        await asyncio.sleep(0)
        if way == "lost after":
            raise UnreachableError("/")
        return answer

    def _other(self) -> None:
        """Somebody else, who sees the cart as it is."""
        if not self._others:
            return
        hand = self._others.pop()
        shown = self._shop.shown().lines
        if hand.what == "more":
            self._shop.more(SKUS[hand.which])
            self._shop.added.add(SKUS[hand.which])
        elif shown:
            line = shown[hand.which % len(shown)]
            self._shop.amount(line.line, line.quantity, hand.quantity, None)
            self._shop.removed |= {line.sku} if hand.quantity == 0 else set()

    async def cart(self) -> KioskCart:
        cart = await self._carry(self._shop.shown)
        return KioskCart(first_name="Lucía", carts=(cart,), store="GV", as_of=given.at(0), ends_at=given.at(1))

    async def add_line(self, cart_id: int, line: NewCartLine, key: str | None = None) -> Cart:
        assert (cart_id, key is not None) == (1, True)
        return await self._carry(lambda: self._shop.once(str(key), lambda: self._shop.more(line.sku)))

    async def change_line(self, cart_id: int, line: int, to: LineQuantity, key: str | None = None) -> Cart:
        assert (cart_id, key is not None) == (1, True)
        return await self._carry(
            lambda: self._shop.once(str(key), lambda: self._shop.amount(line, to.base_quantity, to.quantity, to.sku))
        )

    async def product(self, sku: str) -> Product:
        variants = tuple(Variant(item=article(one), gtin=None, stock=Stock()) for one in SKUS)
        return given.but(given.product(), sku=sku, variants=variants)

    async def scan(self, code: str) -> ScanAnswer:
        return ProductScanned(product=await self.product(code))

    async def join(self, carts: JoinCarts, key: str | None = None) -> Cart:
        raise AssertionError(f"there is one cart: {carts}, {key}")


async def act(presenter: ResumePresenter, shop: Shop, hand: Hand) -> None:
    """The customer does something, as far as they can see what to do."""
    cart = current(presenter.state)
    lines = cart.lines if cart else ()
    match hand.what:
        case "more" if cart is not None:
            shop.added.add(SKUS[hand.which])
            await presenter.scan(SKUS[hand.which])
        case "undo" if presenter.state.removed:
            gone = presenter.state.removed[hand.which % len(presenter.state.removed)]
            await presenter.undo(gone.line.sku)
        case "vary" if lines:
            line = lines[hand.which % len(lines)]
            await presenter.open_variants(line.line)
            presenter.pick("size", SKUS[hand.quantity % 4])
            shop.swapped.add(SKUS[hand.quantity % 4])
            shop.removed |= {line.sku} if line.sku != SKUS[hand.quantity % 4] else set()
            await presenter.take_variant()
        case _ if lines:
            line = lines[hand.which % len(lines)]
            shop.removed |= {line.sku} if hand.quantity == 0 else set()
            await presenter.want(line.line, hand.quantity)
        case _:
            pass


@settings(max_examples=int(os.environ.get("MOSTRADOR_EXAMPLES", "200")), deadline=None)
@over(
    st.lists(st.tuples(HANDS, st.integers(0, 4)), max_size=8),
    st.lists(HANDS, max_size=8),
    st.lists(WAYS, max_size=24),
)
def test_both_ends_end_equal(mine: list[tuple[Hand, int]], others: list[Hand], ways: list[str]) -> None:
    """Whatever two hands do to a cart, and whatever is lost and sent again: what is drawn in the end is what is there.

    No line is lost that nobody took out, and none is there that nobody put in.
    """

    async def scene() -> None:
        shop = Shop("S1", "S2")
        presenter = ResumePresenter(Wire(shop, ways, others), lambda _: None, lambda: None, pauses=(0,), glows=0)
        opening = asyncio.ensure_future(presenter.open())
        doing = [opening]
        for hand, pause in mine:
            for _ in range(pause):
                await asyncio.sleep(0)
            doing.append(asyncio.ensure_future(act(presenter, shop, hand)))
        await asyncio.gather(*doing)
        while presenter.state.phase != "shown":
            await presenter.open()
        await presenter.renew()
        # Somebody else may have had a hand in it beside the last answer: of that an event tells.
        others.clear()
        await presenter.renew()
        cart = current(presenter.state)
        assert presenter.state.edits == ()
        assert sorted((line.sku, line.quantity) for line in (cart.lines if cart else ())) == shop.holds()
        there = {sku for sku, _ in shop.holds()}
        assert shop.added - shop.removed <= there <= shop.added | shop.swapped

    played(scene())


@over(COUNTS, COUNTS, COUNTS)
def test_it_is_merged_as_the_server_does(base: int, now: int, wanted: int) -> None:
    """The rule is the server's own."""
    assert merged(base, now, wanted) == rules.merged(base, now, wanted)


def line(number: int, sku: str, quantity: int) -> CartLine:
    """A line that the server knows by its number."""
    return given.line(sku=sku, quantity=quantity, line=number, item=article(sku), shop_quantity=quantity)


def amount(of: CartLine, quantity: int, *, key: str = "k", variant: Item | None = None, sent: bool = False) -> Amount:
    """A wish of who sees a line as it is."""
    return Amount(key=key, cart=1, seen=of, place=0, base=of.quantity, quantity=quantity, variant=variant, sent=sent)


ONE, TWO = line(1, "S1", 1), line(2, "S2", 2)


@pytest.mark.parametrize(
    ("edits", "holds"),
    [
        ((), [("S1", 1), ("S2", 2)]),
        ((amount(ONE, 3),), [("S1", 3), ("S2", 2)]),
        ((amount(ONE, 0),), [("S2", 2)]),
        ((amount(ONE, 0), given.but(amount(ONE, 1), base=0)), [("S1", 1), ("S2", 2)]),
        ((amount(ONE, 1, variant=article("S3")),), [("S3", 1), ("S2", 2)]),
        ((amount(ONE, 1, variant=article("S2")),), [("S2", 3)]),
        ((More(key="k", cart=1, item=article("S2"), stock=Stock()),), [("S1", 1), ("S2", 3)]),
        ((More(key="k", cart=1, item=article("S3"), stock=Stock()),), [("S1", 1), ("S2", 2), ("S3", 1)]),
        ((given.but(amount(ONE, 3), cart=2),), [("S1", 1), ("S2", 2)]),
        ((given.but(amount(line(9, "S9", 1), 2), place=1),), [("S1", 1), ("S9", 1), ("S2", 2)]),
    ],
)
def test_a_cart_is_drawn_as_if_all_were_granted(edits: tuple[Edit, ...], holds: list[tuple[str, int]]) -> None:
    """Each wish is seen at once, where the line is; its cart alone has it, and its sum."""
    cart = drawn(given.cart(ONE, TWO), edits)
    assert [(one.sku, one.quantity) for one in cart.lines] == holds
    assert cart.total == sum(one.unit_price * one.quantity for one in cart.lines)


def test_touches_in_a_row_are_one_wish() -> None:
    """What was not sent yet is changed; what goes back to where it began is no wish at all."""
    first = wished((), amount(ONE, 2))
    assert wished(first, given.but(amount(ONE, 3), base=2)) == (amount(ONE, 3),)
    assert wished(first, given.but(amount(ONE, 1), base=2)) == ()
    assert wished((), amount(ONE, 1)) == ()


def test_what_was_sent_stays_as_it_is() -> None:
    """A wish that may have arrived is sent again as it was; the next one comes after it."""
    sent = amount(ONE, 2, sent=True)
    later = given.but(amount(ONE, 3, key="l"), base=2)
    assert wished((sent,), later) == (sent, later)
    other = amount(TWO, 3)
    assert wished((other,), amount(ONE, 2)) == (other, amount(ONE, 2))
    swap = amount(ONE, 1, variant=article("S3"))
    assert wished((swap,), amount(ONE, 2)) == (swap, amount(ONE, 2))
