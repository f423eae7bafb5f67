"""What a client asks of a server. Presenters know this, and no protocol."""

from typing import Protocol

from server.wire.customers import CustomerContext, SearchAnswer
from server.wire.lookup import ScanAnswer
from server.wire.orders import OrderPage
from server.wire.problems import Problem
from server.wire.stores import Setup, Store


class LinkError(Exception):
    """An answer did not come, or was not what was asked for."""


class UnreachableError(LinkError):
    """Nobody answered in time. Asking again later may help."""


class RefusedError(LinkError):
    """The server said no; `problem.code` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


class Port(Protocol):
    """The server, as a client sees it.

    Every verb raises UnreachableError where nobody answers and RefusedError where the server says no.
    """

    async def setup(self) -> Setup:
        """What a device needs before its first scan."""
        ...

    async def scan(self, code: str) -> ScanAnswer:
        """What a code means."""
        ...

    async def search(self, text: str) -> SearchAnswer:
        """People by what was typed so far."""
        ...

    async def context(self, customer_id: int) -> CustomerContext:
        """All we know of a person."""
        ...

    async def orders(self, customer_id: int, before: str | None) -> OrderPage:
        """A person's older orders."""
        ...

    async def stores(self) -> tuple[Store, ...]:
        """Every store of the chain."""
        ...

    async def picture(self, name: str) -> bytes:
        """A picture, encoded as PNG or JPEG."""
        ...
