"""The customer screen's verbs, over the port."""

from collections.abc import Callable

from kiosk.customer.state import (
    CustomerState,
    Phase,
    Tab,
    arrived,
    asked_for_orders,
    chose,
    failed,
    folded,
    forgotten,
    gone,
    more_orders,
    opened,
    put_back,
    renewed,
    unfolded,
)
from kiosk.link.port import Port, RefusedError, UnreachableError
from server.wire.codes import BankCard, CardPattern, read_code
from server.wire.lookup import CustomerScanned, ProductScanned, ScanAnswer, UnknownCode

ANY_CARD = (CardPattern(pattern="^.*$"),)
"""Until the server said how loyalty cards look, any number may be one; only a bank card's stripe tells itself."""

_REFUSED: dict[str, Phase] = {"bank_card": "bank_card", "mistyped_card": "mistyped_card"}


class CustomerPresenter:
    """Opens customers from a row or a code; only the one that was asked for last is shown.

    Args:
        port: the server.
        show: told each new state.
        lost: told whom the shop knows no more, so that they are kept nowhere else either.

    Attributes:
        card_patterns: how loyalty cards look, from the device's setup; bank cards are told by them and never sent.
    """

    def __init__(
        self, port: Port, show: Callable[[CustomerState], None], lost: Callable[[int], None] = lambda _: None
    ) -> None:
        self._lost = lost
        self._port = port
        self._show = show
        self.state = CustomerState()
        self.card_patterns: tuple[CardPattern, ...] = ANY_CARD
        self._changes = 0
        self._renewing = False

    async def open(self, customer_id: int, name: str) -> None:
        """Show a customer whose row was touched."""
        self._set(opened(self.state, name, customer_id))
        number = self.state.asked
        try:
            context = await self._port.context(customer_id)
        except UnreachableError:
            self._set(failed(self.state, number, "unreachable"))
        except RefusedError as error:
            if error.problem.code == "unknown_customer":
                self._lose(number, customer_id)
            else:
                self._set(failed(self.state, number, "gone"))
        else:
            self._set(arrived(self.state, number, context))

    async def scan(self, code: str) -> ScanAnswer | None:
        """Show what a scanned code means; returns what it is where that is not a customer.

        Whoever asked shows that. After an article's code, the customer who was shown is shown again; after an order's
        or a card's that several people carry, nobody is.
        """
        before = self.state
        self._set(opened(before, "", None, code))
        number = self.state.asked
        if isinstance(read_code(code, self.card_patterns), BankCard):
            self._set(failed(self.state, number, "bank_card"))
            return None
        try:
            answer = await self._port.scan(code)
        except UnreachableError:
            self._set(failed(self.state, number, "unreachable"))
            return None
        except RefusedError as error:
            self._set(failed(self.state, number, _REFUSED.get(error.problem.code, "unknown_code")))
            return None
        if isinstance(answer, CustomerScanned):
            self._set(arrived(self.state, number, answer.context))
            return None
        if isinstance(answer, UnknownCode):
            self._set(failed(self.state, number, "unknown_card" if answer.looks_like == "card" else "unknown_code"))
        else:
            self._set(put_back(self.state, number, before if isinstance(answer, ProductScanned) else CustomerState()))
        return answer if number == self.state.asked else None

    async def again(self) -> None:
        """Look the same up once more."""
        if self.state.customer_id is not None:
            await self.open(self.state.customer_id, self.state.name)
        elif self.state.code:
            await self.scan(self.state.code)

    async def renew(self) -> None:
        """Something of who is shown changed: show it, without a wait that anybody sees; many changes are one."""
        self._changes += 1
        if self._renewing:
            return
        self._renewing = True
        try:
            seen = 0
            while seen != self._changes:
                seen = self._changes
                await self._renew()
        finally:
            self._renewing = False

    def erased(self, customer_id: int) -> None:
        """The shop was told to forget a customer: nothing of them stays here either."""
        self._lost(customer_id)
        if self.state.customer_id == customer_id:
            self._set(gone(self.state, self.state.asked))

    async def older_orders(self) -> None:
        """Fetch the next page of orders."""
        state = self.state
        if state.orders_before is None or state.orders_loading or state.customer_id is None:
            return
        self._set(asked_for_orders(state))
        page = None
        try:
            page = await self._port.orders(state.customer_id, state.orders_before)
        except RefusedError as error:
            if error.problem.code == "unknown_customer":
                self._lose(state.asked, state.customer_id)
                return
        except UnreachableError:
            pass
        self._set(more_orders(self.state, state.asked, page))

    def choose(self, tab: Tab) -> None:
        """Show another tab."""
        self._set(chose(self.state, tab))

    def fold_notes(self) -> None:
        """Open or close the notes."""
        self._set(folded(self.state))

    def fold_more(self) -> None:
        """Show more than the essentials, or less."""
        self._set(unfolded(self.state))

    def forget(self) -> None:
        """Know of nobody; an answer that is under way comes too late."""
        self._set(forgotten(self.state))

    async def _renew(self) -> None:
        number, customer_id = self.state.asked, self.state.customer_id
        if self.state.phase != "shown" or customer_id is None:
            return
        try:
            context = await self._port.context(customer_id)
        except UnreachableError:
            return
        except RefusedError as error:
            if error.problem.code == "unknown_customer":
                self._lose(number, customer_id)
        else:
            self._set(renewed(self.state, number, context))

    def _lose(self, number: int, customer_id: int) -> None:
        """The shop knows a customer no more, perhaps as they asked for it: nothing of them stays."""
        self._lost(customer_id)
        self._set(gone(self.state, number))

    def _set(self, state: CustomerState) -> None:
        if state != self.state:
            self.state = state
            self._show(state)
