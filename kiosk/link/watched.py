"""A port that tells whether the server was reached, question by question."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from kiosk.link.port import Port, RefusedError, UnreachableError
from server.wire.customers import CustomerContext, SearchAnswer
from server.wire.lookup import ScanAnswer
from server.wire.orders import OrderPage
from server.wire.stores import Setup, Store

T = TypeVar("T")


class WatchedPort:
    """Another port, overheard.

    Args:
        port: who is asked.
        told: told after each question whether anybody answered; a server that says no is one that answers.
    """

    def __init__(self, port: Port, told: Callable[[bool], None]) -> None:
        self._port = port
        self._told = told

    async def setup(self) -> Setup:
        return await self._overheard(self._port.setup())

    async def scan(self, code: str) -> ScanAnswer:
        return await self._overheard(self._port.scan(code))

    async def search(self, text: str) -> SearchAnswer:
        return await self._overheard(self._port.search(text))

    async def context(self, customer_id: int) -> CustomerContext:
        return await self._overheard(self._port.context(customer_id))

    async def orders(self, customer_id: int, before: str | None) -> OrderPage:
        return await self._overheard(self._port.orders(customer_id, before))

    async def stores(self) -> tuple[Store, ...]:
        return await self._overheard(self._port.stores())

    async def picture(self, name: str) -> bytes:
        return await self._overheard(self._port.picture(name))

    async def _overheard(self, question: Awaitable[T]) -> T:
        try:
            answer = await question
        except UnreachableError:
            self._told(False)
            raise
        except RefusedError:
            self._told(True)
            raise
        self._told(True)
        return answer
