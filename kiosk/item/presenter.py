"""The item screen's verbs, over the port."""

from collections.abc import Callable
from contextlib import suppress

from kiosk.item.state import (
    ItemState,
    again,
    arrived,
    chose,
    dropped,
    failed,
    folded,
    forgotten,
    named,
    opened,
    scanned,
    unnamed,
    wished,
)
from kiosk.link.port import LinkError, Port, RefusedError, UnreachableError
from server.wire.catalog import Item, Product


class ItemPresenter:
    """Opens articles from a row or a code; only the one that was asked for last is shown.

    Args:
        port: the server.
        show: told each new state.
    """

    def __init__(self, port: Port, show: Callable[[ItemState], None]) -> None:
        self._port = port
        self._show = show
        self.state = ItemState()

    async def open(self, sku: str, title: str = "", item: Item | None = None) -> None:
        """Show an article whose row was touched."""
        self._set(opened(self.state, sku, title, item))
        await self._ask()

    async def again(self) -> None:
        """Look the same up once more."""
        if self.state.phase != "nothing":
            self._set(again(self.state))
            await self._ask()

    def show(self, product: Product) -> None:
        """Show an article that was scanned."""
        self._set(scanned(self.state, product))

    def choose(self, sku: str) -> None:
        """Look at another size or colour."""
        self._set(chose(self.state, sku))

    async def ask_wishers(self) -> None:
        """Ask how many wish for the article that is shown; where nobody says, nothing is said of it."""
        number = self.state.asked
        with suppress(LinkError):
            count = await self._port.wisher_count(self.state.sku)
            self._set(wished(self.state, number, count))

    async def fold(self) -> None:
        """Name those who wish for it, or no more: who they are is asked when somebody wants to know, not before."""
        before = self.state
        self._set(folded(before))
        if self.state.names != "asked" or before.names == "asked":
            return
        number = self.state.asked
        try:
            page = await self._port.wishers(self.state.sku)
        except LinkError:
            self._set(unnamed(self.state, number))
        else:
            self._set(named(self.state, number, page))

    def drop(self, customer_id: int) -> None:
        """Name somebody no more."""
        self._set(dropped(self.state, customer_id))

    def forget(self) -> None:
        """Know of nothing; an answer that is under way comes too late."""
        self._set(forgotten(self.state))

    async def _ask(self) -> None:
        number = self.state.asked
        try:
            product = await self._port.product(self.state.sku)
        except UnreachableError:
            self._set(failed(self.state, number, "unreachable"))
        except RefusedError:
            self._set(failed(self.state, number, "unknown"))
        else:
            self._set(arrived(self.state, number, product))

    def _set(self, state: ItemState) -> None:
        if state != self.state:
            self.state = state
            self._show(state)
