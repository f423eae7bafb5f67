"""One cart changed at home, at a kiosk and at a tablet at once, with messages lost, late and repeated."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, NamedTuple

from hypothesis import given as over
from hypothesis import settings
from hypothesis import strategies as st

from kiosk.link.port import RefusedError, UnreachableError
from kiosk.resume.presenter import ResumePresenter
from kiosk.resume.state import current
from server.access.callers import TERMINAL
from server.carts import actions
from server.catalog import queries as catalog
from server.db.engine import Connection
from server.idempotency.actions import once
from server.idempotency.requests import repeatable
from server.wire.carts import Cart, JoinCarts, LineQuantity, NewCartLine
from server.wire.catalog import Product, Stock, Variant
from server.wire.kiosks import KioskCart
from server.wire.lookup import ProductScanned, ScanAnswer
from server.wire.problems import ProblemError
from tests.conftest import Fresh
from tests.fakes import played, refusal
from tests.kiosk import given
from tests.server.carts.shop import OnlineShop, pieces
from tests.server.carts.test_actions import Kept
from tests.server.carts.test_rules import QUANTITY, SKUS, STEP, World
from tests.server.given import NOW, asked


class Hand(NamedTuple):
    """Something that the customer does at the kiosk: with which line or article, and how many."""

    what: str
    which: int
    quantity: int


HAND = st.builds(
    Hand, st.sampled_from(["amount", "amount", "more", "vary", "undo"]), st.integers(0, 3), st.integers(0, 5)
)
WAYS = st.sampled_from(["", "", "lost", "late", "unanswered", "again"])
"""What becomes of a request of the kiosk: it is answered; it is lost; it arrives after it was given up and sent anew;
its answer is lost; it is answered, and arrives a second time."""
SCRIPT = st.lists(
    st.one_of(
        st.tuples(st.just("hand"), HAND),
        STEP,
        st.tuples(st.just("copy"), st.integers(0, 5)),
        st.tuples(st.just("news")),
        st.tuples(st.just("pause"), st.integers(1, 4)),
    ),
    max_size=30,
)
"""What happens, one after the other: at the kiosk; or at home, at a tablet and between shop and server, see `STEP`; a
request that is on its way arrives; the kiosk hears that something changed; its messages get some steps further."""


@contextmanager
def whole(conn: Connection) -> Iterator[None]:
    """All of it, or nothing: as each request is a transaction."""
    conn.flush()
    conn.run(asked("SAVEPOINT request"))
    try:
        yield
    except ProblemError:
        conn.run(asked("ROLLBACK TO request"))
        raise
    finally:
        conn.run(asked("RELEASE request"))


class Counters:
    """The cart as server and shop have it, looked at before and after whatever is done to it."""

    def __init__(self, conn: Connection, begins: dict[str, int]) -> None:
        self.conn = conn
        self.world = World(OnlineShop(), begins, partial(Kept, conn))
        self.kept: Kept = self.world.counter
        self.done: set[str] = set()
        self.perhaps: set[str] = set()
        """What took the place of a line at the kiosk, unless somebody had taken that out by then."""

    @contextmanager
    def watched(self) -> Iterator[None]:
        """No line goes that nobody took out, on either side, and none comes that nobody put in."""
        here, there = self._there()
        yield
        after, after_there = self._there()
        assert after | after_there <= self.world.added | self.perhaps
        assert (here - after) | (there - after_there) <= self.world.taken_out

    def _there(self) -> tuple[set[str], set[str]]:
        return set(self.kept.pieces), set(self.world.shop.quantities)

    def step(self, step: tuple[Any, ...]) -> None:
        """Something happens elsewhere."""
        with self.watched():
            self.world.step(*step)

    def granted(self, key: str, door: str, wanted: Any, action: Callable[..., Cart], *args: Any) -> Cart:
        """What the server answers to a request, which is done once however often it comes."""

        def act(*all_of_it: Any) -> Cart:
            answer = action(*all_of_it)
            assert key not in self.done, "done twice"
            self.done.add(key)
            return answer

        request = repeatable(key, f"{door}/carts/{self.kept.cart_id}/lines", wanted, self.kept.customer_id)
        with self.watched():
            try:
                with whole(self.conn):
                    answer = once(self.conn, TERMINAL, request, Cart, NOW, act, self.kept.place, *args)
            except ProblemError as problem:
                raise refusal(problem.code) from None
            self.kept.look()
        return answer


class Wire:
    """The kiosk's way to the server; beside each message something may happen elsewhere."""

    def __init__(self, counters: Counters, ways: list[str], beside: list[tuple[Any, ...]]) -> None:
        self._counters = counters
        self._ways = ways
        self._beside = beside
        self._under_way: list[Callable[[], Any]] = []

    def arrive(self, n: int) -> None:
        """One of the requests that are on their way arrives; nobody waits for its answer. It may come again."""
        if self._under_way:
            with suppress(RefusedError):
                self._under_way[n % len(self._under_way)]()

    def settle(self) -> None:
        """All that is on its way arrives, twice; from now on nothing happens beside a message."""
        self._beside.clear()
        for n in (*range(len(self._under_way)), *range(len(self._under_way))):
            self.arrive(n)

    async def _carry(self, ask: Callable[[], Cart]) -> Cart:
        way = self._ways.pop() if self._ways else ""
        await asyncio.sleep(0)
        if way in ("late", "again"):
            self._under_way.append(ask)
        if way in ("lost", "late"):
            raise UnreachableError("/")
        self._happen()
        answer = ask()
        self._happen()
        await asyncio.sleep(0)
        if way == "unanswered":
            raise UnreachableError("/")
        return answer

    def _happen(self) -> None:
        if self._beside:
            self._counters.step(self._beside.pop())

    async def cart(self) -> KioskCart:
        cart = await self._carry(lambda: self._counters.kept.cart)
        return KioskCart(first_name="Lucía", carts=(cart,), store="GV", as_of=given.at(0), ends_at=given.at(1))

    async def add_line(self, cart_id: int, line: NewCartLine, key: str | None = None) -> Cart:
        assert (cart_id, key is not None) == (self._counters.kept.cart_id, True)
        return await self._carry(partial(self._counters.granted, str(key), "POST", line, actions.add_line, line))

    async def change_line(self, cart_id: int, line: int, to: LineQuantity, key: str | None = None) -> Cart:
        assert (cart_id, key is not None) == (self._counters.kept.cart_id, True)
        return await self._carry(
            partial(self._counters.granted, str(key), f"PUT {line}", to, actions.set_line, line, to)
        )

    async def product(self, sku: str) -> Product:
        items = catalog.items(self._counters.conn, SKUS)
        variants = tuple(Variant(item=items[one], gtin=None, stock=Stock()) for one in SKUS)
        return given.but(given.product(), sku=sku, variants=variants)

    async def scan(self, code: str) -> ScanAnswer:
        return ProductScanned(product=await self.product(code))

    async def join(self, carts: JoinCarts, key: str | None = None) -> Cart:
        raise AssertionError(f"there is one cart: {carts}, {key}")


async def act(presenter: ResumePresenter, counters: Counters, hand: Hand) -> None:
    """The customer does something at the kiosk, as far as they can see what to do."""
    cart = current(presenter.state)
    lines = cart.lines if cart else ()
    sku = SKUS[hand.which % len(SKUS)]
    match hand.what:
        case "more" if cart is not None:
            counters.world.added.add(sku)
            await presenter.scan(sku)
        case "undo" if presenter.state.removed:
            gone = presenter.state.removed[hand.which % len(presenter.state.removed)]
            await presenter.undo(gone.line.sku)
        case "vary" if lines:
            line, other = lines[hand.which % len(lines)], SKUS[hand.quantity % len(SKUS)]
            await presenter.open_variants(line.line)
            presenter.pick("size", other)
            if line.sku != other:
                counters.world.taken_out.add(line.sku)
                counters.perhaps.add(other)
            await presenter.take_variant()
        case _ if lines:
            line = lines[hand.which % len(lines)]
            if hand.quantity == 0:
                counters.world.taken_out.add(line.sku)
            await presenter.want(line.line, hand.quantity)
        case _:
            pass


@settings(max_examples=int(os.environ.get("MOSTRADOR_EXAMPLES", "200")))
@over(
    script=SCRIPT,
    beside=st.lists(STEP, max_size=12),
    ways=st.lists(WAYS, max_size=24),
    begins=st.dictionaries(st.sampled_from(SKUS), QUANTITY),
)
def test_phone_and_kiosk_edit_one_cart_and_end_equal(
    fresh: Fresh, script: list[tuple[Any, ...]], beside: list[tuple[Any, ...]], ways: list[str], begins: dict[str, int]
) -> None:
    """Each request of the kiosk may be lost, late and repeated, and so may each record of the shop and each event.

    In the end kiosk, server and shop show the same; at no moment a line is lost that nobody took out, and none is there
    that nobody put in.
    """

    async def scene(conn: Connection) -> None:
        counters = Counters(conn, begins)
        wire = Wire(counters, ways, beside)
        presenter = ResumePresenter(wire, lambda _: None, lambda: None, pauses=(0,), glows=0)
        doing: list[Awaitable[None]] = [asyncio.ensure_future(presenter.open())]
        for what, *args in script:
            match what:
                case "hand":
                    doing.append(asyncio.ensure_future(act(presenter, counters, args[0])))
                    await asyncio.sleep(0)
                case "copy":
                    wire.arrive(args[0])
                case "news":
                    doing.append(asyncio.ensure_future(presenter.renew()))
                case "pause":
                    for _ in range(args[0]):
                        await asyncio.sleep(0)
                case _:
                    counters.step((what, *args))
        await asyncio.gather(*doing)
        while presenter.state.phase != "shown":
            await presenter.open()
        await presenter.renew()
        wire.settle()
        counters.world.catch_up()
        await presenter.renew()
        cart = current(presenter.state)
        assert presenter.state.edits == ()
        shown = pieces((line.sku, line.quantity) for line in (cart.lines if cart else ()))
        assert shown == counters.kept.pieces == pieces(counters.world.shop.quantities.items())
        assert counters.kept.cart.pending == 0
        world = counters.world
        assert world.added - world.taken_out <= set(shown) <= world.added | counters.perhaps

    with fresh() as conn:
        played(scene(conn))
