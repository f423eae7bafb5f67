"""The items screen's verbs, over the port."""

import asyncio
from collections.abc import Callable

from kiosk.items.state import SHORTEST, ItemsState, answered, failed, forgotten, slowed, typed
from kiosk.link.port import Port, RefusedError, UnreachableError
from server.wire.catalog import ProductHit

PAUSE = 0.09
"""Seconds without a key before a search is asked: quick typists ask once a word, slow ones do not notice."""

SLOW = 0.15
"""Seconds from which on a wait is shown; what comes sooner is not worth a flicker."""


class ItemsPresenter:
    """Searches as somebody types; the newest question wins, whatever order the answers come in.

    Args:
        port: the server.
        show: told each new state.
        slow: seconds from which on a wait is shown.
    """

    def __init__(self, port: Port, show: Callable[[ItemsState], None], slow: float = SLOW) -> None:
        self._wait = slow
        self._port = port
        self._show = show
        self.state = ItemsState()

    async def type(self, text: str, pause: float = PAUSE) -> None:
        """Search for what is typed by now."""
        self._set(typed(self.state, text))
        number = self.state.asked
        if len("".join(text.split())) < SHORTEST:
            return
        slow = asyncio.get_running_loop().call_later(self._wait, self._slow, number)
        try:
            await asyncio.sleep(pause)
            if number == self.state.asked:
                await self._ask(text, number)
        finally:
            slow.cancel()

    async def again(self) -> None:
        """Ask the same once more."""
        await self.type(self.state.text, 0)

    def hit(self, sku: str) -> ProductHit | None:
        """What was found under an SKU."""
        return next((hit for hit in self.state.hits if hit.item.sku == sku), None)

    def forget(self) -> None:
        """Know nothing of what was searched and found; an answer that is under way comes too late."""
        self._set(forgotten(self.state))

    async def _ask(self, text: str, number: int) -> None:
        try:
            answer = await self._port.products(text)
        except UnreachableError:
            self._set(failed(self.state, number, "unreachable"))
        except RefusedError:
            self._set(failed(self.state, number, "refused"))
        else:
            self._set(answered(self.state, number, answer))

    def _slow(self, number: int) -> None:
        self._set(slowed(self.state, number))

    def _set(self, state: ItemsState) -> None:
        if state != self.state:
            self.state = state
            self._show(state)
