"""What a kiosk asks of a server: as the device that it is, and as the customer who stands before it."""

from collections.abc import AsyncGenerator, Callable
from typing import Protocol

from kiosk.link.port import Place, Said
from server.wire.access import DeviceToken
from server.wire.calls import About, HelpCall
from server.wire.carts import Cart, JoinCarts, LineQuantity, NewCartLine
from server.wire.catalog import PictureSize, Product
from server.wire.handoffs import Handoff, NewHandoff
from server.wire.kiosks import Challenge, KioskCart, KioskSession, Proof
from server.wire.lookup import ScanAnswer
from server.wire.stores import Setup, Store


class GuestPort(Protocol):
    """The server, as a kiosk sees it.

    Every verb raises UnreachableError where nobody answers and RefusedError where the server says no. A write takes a
    `key`: sent again with the same one it is done once and answered twice; without one each is a new one.
    """

    # As the device.

    async def setup(self) -> Setup:
        """What a device needs before its first scan."""
        ...

    async def stores(self) -> tuple[Store, ...]:
        """Every store of the chain."""
        ...

    async def picture(self, name: str, size: PictureSize = "large") -> bytes:
        """A picture in a size, encoded as PNG or JPEG, all of it."""
        ...

    async def scan(self, code: str) -> ScanAnswer:
        """What a code means; of a card no more than that it is one."""
        ...

    async def product(self, sku: str) -> Product:
        """An article with its variants and their stock here."""
        ...

    def use(self, place: Place) -> None:
        """Ask from another place from now on, with nobody before the kiosk; or from the same one by another token."""
        ...

    async def enrol(self, code: str) -> DeviceToken:
        """Trade a manager's code for a device's token."""
        ...

    async def roll_token(self) -> DeviceToken:
        """The device's next token; it counts once it is used."""
        ...

    def follow(self, customer_id: int | None, after: int | None) -> AsyncGenerator[Said, None]:
        """What happens in the store from now on, or after an event; a kiosk names no customer."""
        ...

    # Who is it?

    async def ask_for_code(self, contact: str, language: str, key: str | None = None) -> Challenge:
        """Have a code sent to whoever has a card, phone or e-mail, if anybody has."""
        ...

    async def ask_to_vouch(self, key: str | None = None) -> Challenge:
        """Two digits to show, which an associate confirms."""
        ...

    async def withdraw(self, challenge_id: int) -> None:
        """Wait for an associate no more, whether anybody answers or not."""
        ...

    async def prove(self, proof: Proof, key: str | None = None) -> KioskSession:
        """Have a session for whoever a proof is of."""
        ...

    async def call(self, about: About, key: str | None = None) -> HelpCall:
        """Have somebody come who works here; a kiosk that called already is answered with that call."""
        ...

    async def end(self, session: KioskSession) -> None:
        """End a session that nobody goes on with, whether anybody answers or not."""
        ...

    async def clear(self) -> None:
        """End the session of whoever was before this kiosk when it was started anew; whoever is in now stays."""
        ...

    # As the customer.

    def enter(self, session: KioskSession) -> None:
        """A customer is in; what is asked below is asked as theirs."""
        ...

    async def goodbye(self) -> None:
        """End the customer's session; even where nobody answers, nothing more is asked as theirs."""
        ...

    async def cart(self) -> KioskCart:
        """The customer's first name and open carts."""
        ...

    async def add_line(self, cart_id: int, line: NewCartLine, key: str | None = None) -> Cart:
        """Put an article into a cart."""
        ...

    async def change_line(self, cart_id: int, line: int, to: LineQuantity, key: str | None = None) -> Cart:
        """Change how many, or which variant."""
        ...

    async def join(self, carts: JoinCarts, key: str | None = None) -> Cart:
        """Put one of the customer's carts into another."""
        ...

    async def hand_off(self, wanted: NewHandoff, key: str | None = None) -> Handoff:
        """Send a cart to a till, to the phone, or to the door."""
        ...

    async def handoff(self, handoff_id: int) -> Handoff:
        """What became of it."""
        ...

    def follow_mine(self, after: int | None) -> AsyncGenerator[Said, None]:
        """What happens to the customer's carts from now on, or after an event."""
        ...

    # Whoever wants to know.

    def watch(self, told: Callable[[bool], None], refused: Callable[[str], None]) -> None:
        """Tell after each question whether anybody answered, and the code of each no that was said."""
        ...
