"""The find screen's verbs, over the port."""

import asyncio
from collections.abc import Callable

from kiosk.find.state import SHORTEST, FindState, answered, failed, scanned, typed
from kiosk.link.port import Port, RefusedError, UnreachableError
from server.wire.customers import CustomerHit

PAUSE = 0.09
"""Seconds without a key before a search is asked: quick typists ask once a word, slow ones do not notice."""


class FindPresenter:
    """Searches as somebody types; the newest question wins, whatever order the answers come in."""

    def __init__(self, port: Port, show: Callable[[FindState], None]) -> None:
        self._port = port
        self._show = show
        self.state = FindState()

    async def type(self, text: str, pause: float = PAUSE) -> None:
        """Search for what is typed by now."""
        self._set(typed(self.state, text))
        number = self.state.asked
        if len("".join(text.split())) < SHORTEST:
            return
        await asyncio.sleep(pause)
        if number != self.state.asked:
            return
        try:
            answer = await self._port.search(text)
        except UnreachableError:
            self._set(failed(self.state, number, "unreachable"))
        except RefusedError as error:
            self._set(failed(self.state, number, "refused", error.problem.code))
        else:
            self._set(answered(self.state, number, answer))

    async def again(self) -> None:
        """Ask the same once more."""
        await self.type(self.state.text, 0)

    def show_hits(self, hits: tuple[CustomerHit, ...]) -> None:
        """Show people whom a scanned card may mean."""
        self._set(scanned(self.state, hits))

    def _set(self, state: FindState) -> None:
        if state != self.state:
            self.state = state
            self._show(state)
