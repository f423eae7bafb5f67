"""A port that tells whether the server was reached, question by question."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar

from kiosk.link.port import Place, Port, RefusedError, Said, UnreachableError
from server.wire.access import DeviceToken, SessionStarted, SessionUnlocked, StaffName
from server.wire.calls import HelpCall
from server.wire.carts import Cart, JoinCarts, LineQuantity, NewCartLine
from server.wire.catalog import PictureSize, Product, ProductsFound
from server.wire.customers import CustomerContext, SearchAnswer, WisherCount, WisherPage
from server.wire.handoffs import Handoff, NewHandoff
from server.wire.kiosks import Confirmation, WaitingChallenge
from server.wire.lookup import ScanAnswer
from server.wire.orders import OrderPage
from server.wire.stores import Setup, Store

T = TypeVar("T")


class WatchedPort:
    """Another port, overheard.

    Args:
        port: who is asked.
        told: told after each question whether anybody answered; a server that says no is one that answers.
        refused: told why, after a no to a question of whoever is still signed in.
    """

    def __init__(
        self, port: Port, told: Callable[[bool], None], refused: Callable[[str], None] = lambda _code: None
    ) -> None:
        self._port = port
        self._told = told
        self._refused = refused
        self._whose = 0

    async def setup(self) -> Setup:
        return await self._overheard(self._port.setup())

    async def scan(self, code: str) -> ScanAnswer:
        return await self._overheard(self._port.scan(code))

    async def search(self, text: str) -> SearchAnswer:
        return await self._overheard(self._port.search(text))

    async def products(self, text: str) -> ProductsFound:
        return await self._overheard(self._port.products(text))

    async def product(self, sku: str) -> Product:
        return await self._overheard(self._port.product(sku))

    async def wisher_count(self, sku: str) -> WisherCount:
        return await self._overheard(self._port.wisher_count(sku))

    async def wishers(self, sku: str) -> WisherPage:
        return await self._overheard(self._port.wishers(sku))

    async def context(self, customer_id: int) -> CustomerContext:
        return await self._overheard(self._port.context(customer_id))

    async def orders(self, customer_id: int, before: str | None) -> OrderPage:
        return await self._overheard(self._port.orders(customer_id, before))

    async def add_line(self, cart_id: int, wanted: NewCartLine, key: str) -> Cart:
        return await self._overheard(self._port.add_line(cart_id, wanted, key))

    async def set_line(self, cart_id: int, line: int, wanted: LineQuantity, key: str) -> Cart:
        return await self._overheard(self._port.set_line(cart_id, line, wanted, key))

    async def join_carts(self, customer_id: int, wanted: JoinCarts, key: str) -> Cart:
        return await self._overheard(self._port.join_carts(customer_id, wanted, key))

    async def hand_over(self, wanted: NewHandoff, key: str) -> Handoff:
        return await self._overheard(self._port.hand_over(wanted, key))

    async def handoff(self, handoff_id: int) -> Handoff:
        return await self._overheard(self._port.handoff(handoff_id))

    async def waiting_kiosks(self) -> tuple[WaitingChallenge, ...]:
        return await self._overheard(self._port.waiting_kiosks())

    async def vouch(self, challenge_id: int, confirmation: Confirmation, key: str) -> None:
        await self._overheard(self._port.vouch(challenge_id, confirmation, key))

    async def help_calls(self) -> tuple[HelpCall, ...]:
        return await self._overheard(self._port.help_calls())

    async def answer_call(self, call_id: int, key: str) -> HelpCall:
        return await self._overheard(self._port.answer_call(call_id, key))

    async def stores(self) -> tuple[Store, ...]:
        return await self._overheard(self._port.stores())

    async def picture(self, name: str, size: PictureSize = "large") -> bytes:
        return await self._overheard(self._port.picture(name, size))

    async def follow(self, customer_id: int | None, after: int | None) -> AsyncGenerator[Said, None]:
        whose, opened = self._whose, False
        try:
            async with aclosing(self._port.follow(customer_id, after)) as events:
                async for said in events:
                    if not opened:
                        opened = True
                        self._told(True)
                    yield said
        except UnreachableError:
            # A stream that breaks may be a server that starts anew: whether it is reached is told by the next try.
            if not opened:
                self._told(False)
            raise
        except RefusedError as error:
            self._told(True)
            if whose == self._whose:
                self._refused(error.problem.code)
            raise

    def use(self, place: Place) -> None:
        self._whose += 1
        self._port.use(place)

    def leave(self) -> None:
        self._whose += 1
        self._port.leave()

    async def enrol(self, code: str) -> DeviceToken:
        return await self._overheard(self._port.enrol(code))

    async def staff(self) -> tuple[StaffName, ...]:
        return await self._overheard(self._port.staff())

    async def sign_in(self, who: int | str, pin: str) -> SessionStarted:
        session = await self._overheard(self._port.sign_in(who, pin))
        self._whose += 1
        return session

    async def unlock(self, pin: str) -> SessionUnlocked:
        return await self._overheard(self._port.unlock(pin))

    async def sign_out(self) -> None:
        self._whose += 1
        await self._overheard(self._port.sign_out())

    async def roll_token(self) -> DeviceToken:
        return await self._overheard(self._port.roll_token())

    async def _overheard(self, question: Awaitable[T]) -> T:
        whose = self._whose
        try:
            answer = await question
        except UnreachableError:
            self._told(False)
            raise
        except RefusedError as error:
            self._told(True)
            # A no that comes late is about somebody who has left, and must not throw out whoever came after them.
            if whose == self._whose:
                self._refused(error.problem.code)
            raise
        self._told(True)
        return answer
