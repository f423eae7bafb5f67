"""The kiosk's port, faked by hand; what it answers, and when, a test decides."""

from collections.abc import AsyncGenerator, Callable
from typing import Any

from kiosk.link.port import Place, Said
from server.wire.access import DeviceToken
from server.wire.calls import About, HelpCall
from server.wire.carts import Cart, JoinCarts, LineQuantity, NewCartLine
from server.wire.catalog import PictureSize, Product
from server.wire.handoffs import Handoff, NewHandoff
from server.wire.kiosks import Challenge, KioskCart, KioskSession, Proof
from server.wire.lookup import ScanAnswer
from server.wire.stores import Setup, Store
from tests.fakes import Answers


class FakeGuest(Answers):
    """A server as a kiosk sees it, whose answers are released by hand, in any order; `keys` are those of writes."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str | None] = []
        self.told: Callable[[bool], None] = lambda _reached: None
        self.refused: Callable[[str], None] = lambda _code: None

    async def setup(self) -> Setup:
        return await self._ask("setup")

    async def stores(self) -> tuple[Store, ...]:
        return await self._ask("stores")

    async def picture(self, name: str, size: PictureSize = "large") -> bytes:
        return await self._ask("picture", name, *(() if size == "large" else (size,)))

    async def scan(self, code: str) -> ScanAnswer:
        return await self._ask("scan", code)

    async def product(self, sku: str) -> Product:
        return await self._ask("product", sku)

    def use(self, place: Place) -> None:
        self.asked.append(("use", place))

    async def enrol(self, code: str) -> DeviceToken:
        return await self._ask("enrol", code)

    async def roll_token(self) -> DeviceToken:
        return await self._ask("roll_token")

    async def follow(self, customer_id: int | None, after: int | None) -> AsyncGenerator[Said, None]:
        """A stream: each answer of its question is what it says next."""
        while True:
            yield await self._ask("follow", customer_id, after)

    async def ask_for_code(self, contact: str, language: str, key: str | None = None) -> Challenge:
        return await self._write(key, "ask_for_code", contact, language)

    async def ask_to_vouch(self, key: str | None = None) -> Challenge:
        return await self._write(key, "ask_to_vouch")

    async def withdraw(self, challenge_id: int) -> None:
        await self._ask("withdraw", challenge_id)

    async def prove(self, proof: Proof, key: str | None = None) -> KioskSession:
        return await self._write(key, "prove", proof)

    async def call(self, about: About, key: str | None = None) -> HelpCall:
        return await self._write(key, "call", about)

    async def clear(self) -> None:
        await self._ask("clear")

    def enter(self, session: KioskSession) -> None:
        self.asked.append(("enter", session))

    async def end(self, session: KioskSession) -> None:
        await self._ask("end", session)

    async def goodbye(self) -> None:
        await self._ask("goodbye")

    async def cart(self) -> KioskCart:
        return await self._ask("cart")

    async def add_line(self, cart_id: int, line: NewCartLine, key: str | None = None) -> Cart:
        return await self._write(key, "add_line", cart_id, line)

    async def change_line(self, cart_id: int, line: int, to: LineQuantity, key: str | None = None) -> Cart:
        return await self._write(key, "change_line", cart_id, line, to)

    async def join(self, carts: JoinCarts, key: str | None = None) -> Cart:
        return await self._write(key, "join", carts)

    async def hand_off(self, wanted: NewHandoff, key: str | None = None) -> Handoff:
        return await self._write(key, "hand_off", wanted)

    async def handoff(self, handoff_id: int) -> Handoff:
        return await self._ask("handoff", handoff_id)

    async def follow_mine(self, after: int | None) -> AsyncGenerator[Said, None]:
        """A stream, as the other is."""
        while True:
            yield await self._ask("follow_mine", after)

    def watch(self, told: Callable[[bool], None], refused: Callable[[str], None]) -> None:
        self.told, self.refused = told, refused

    async def _write(self, key: str | None, verb: str, *about: object) -> Any:
        self.keys.append(key)
        return await self._ask(verb, *about)
