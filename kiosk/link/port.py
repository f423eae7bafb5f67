"""What a client asks of a server. Presenters know this, and no protocol."""

from collections.abc import AsyncGenerator
from typing import NamedTuple, Protocol

from server.wire.access import DeviceToken, SessionStarted, SessionUnlocked, StaffName
from server.wire.base import Wire
from server.wire.calls import HelpCall
from server.wire.carts import Cart, JoinCarts, LineQuantity, NewCartLine
from server.wire.catalog import PictureSize, Product, ProductsFound
from server.wire.customers import CustomerContext, SearchAnswer, WisherCount, WisherPage
from server.wire.handoffs import Handoff, NewHandoff
from server.wire.kiosks import Confirmation, WaitingChallenge
from server.wire.live import LiveEvent, LiveOpened
from server.wire.lookup import ScanAnswer
from server.wire.orders import OrderPage
from server.wire.problems import Problem
from server.wire.stores import Setup, Store


class LinkError(Exception):
    """An answer did not come, or was not what was asked for."""


class UnreachableError(LinkError):
    """Nobody answered in time. Asking again later may help."""


class UntrustedError(UnreachableError):
    """Somebody answered whose certificate is not the server's."""


class RefusedError(LinkError):
    """The server said no; `problem.code` says why, `retry_after` how many seconds to wait, where it said so."""

    def __init__(self, problem: Problem, retry_after: int | None = None) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.retry_after = retry_after


class Place(Wire, frozen=True):
    """Where a device stands: which server it asks, as whom, from which store.

    `fingerprint` is the SHA-256 of the one certificate that the server may show, in hexadecimal; None where any is
    good that the system trusts. `token` is the device's; `since` is when it was made.
    """

    server: str
    fingerprint: str | None = None
    token: str | None = None
    store: str | None = None
    name: str = ""
    since: str = ""


class Beat(NamedTuple):
    """A stream goes on, and up to an event there is nothing more that it tells."""

    id: int


Said = LiveOpened | LiveEvent | Beat
"""What a stream says."""


class Stream(Protocol):
    """Where it is told what happens."""

    def follow(self, customer_id: int | None, after: int | None) -> AsyncGenerator[Said, None]:
        """What happens from now on, or after an event."""
        ...


class PicturePort(Protocol):
    """Where pictures come from."""

    async def picture(self, name: str, size: PictureSize = "large") -> bytes:
        """A picture in a size, all of it."""
        ...


class DevicePort(Protocol):
    """The server, as a device sees it that is to belong to a store."""

    def use(self, place: Place) -> None:
        """Ask from another place from now on."""
        ...

    async def enrol(self, code: str) -> DeviceToken:
        """Trade a manager's code for a device's token."""
        ...

    async def roll_token(self) -> DeviceToken:
        """The device's next token; it counts once it is used."""
        ...


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

    async def products(self, text: str) -> ProductsFound:
        """Articles by what was typed so far."""
        ...

    async def product(self, sku: str) -> Product:
        """A product by the SKU of one of its variants."""
        ...

    async def wisher_count(self, sku: str) -> WisherCount:
        """How many customers of this store wish for a product: nobody is looked at."""
        ...

    async def wishers(self, sku: str) -> WisherPage:
        """Who they are, the latest wish first; that they were looked at is on record."""
        ...

    async def context(self, customer_id: int) -> CustomerContext:
        """All we know of a person."""
        ...

    async def orders(self, customer_id: int, before: str | None) -> OrderPage:
        """A person's older orders."""
        ...

    async def add_line(self, cart_id: int, wanted: NewCartLine, key: str) -> Cart:
        """Put an article into a cart; a repeat under the same key counts once, here and below."""
        ...

    async def set_line(self, cart_id: int, line: int, wanted: LineQuantity, key: str) -> Cart:
        """Change how many of a line are in a cart; none takes it out."""
        ...

    async def join_carts(self, customer_id: int, wanted: JoinCarts, key: str) -> Cart:
        """Put all that is in one of a person's carts into another, which is the answer."""
        ...

    async def hand_over(self, wanted: NewHandoff, key: str) -> Handoff:
        """Send a cart to a till, with a code that is good once."""
        ...

    async def handoff(self, handoff_id: int) -> Handoff:
        """What became of a handoff."""
        ...

    async def waiting_kiosks(self) -> tuple[WaitingChallenge, ...]:
        """Kiosks of this store at which somebody waits for an associate."""
        ...

    async def vouch(self, challenge_id: int, confirmation: Confirmation, key: str) -> None:
        """Say who stands at a kiosk, and which digits it shows."""
        ...

    async def help_calls(self) -> tuple[HelpCall, ...]:
        """Kiosks of this store at which somebody waits for help."""
        ...

    async def answer_call(self, call_id: int, key: str) -> HelpCall:
        """Say that one is on the way; the answer says who is, if somebody else was quicker."""
        ...

    async def stores(self) -> tuple[Store, ...]:
        """Every store of the chain."""
        ...

    async def picture(self, name: str, size: PictureSize = "large") -> bytes:
        """A picture in a size, encoded as PNG or JPEG, all of it."""
        ...

    def follow(self, customer_id: int | None, after: int | None) -> AsyncGenerator[Said, None]:
        """What happens in the store from now on, or after an event: to a customer, if one is named, as well.

        It goes on until it is closed, or raises like every verb: UnreachableError where the way to the server breaks.
        """
        ...

    def use(self, place: Place) -> None:
        """Ask from another place from now on, with nobody signed in."""
        ...

    def leave(self) -> None:
        """Ask as the device alone from now on; whoever was signed in here is not any more."""
        ...

    async def enrol(self, code: str) -> DeviceToken:
        """Trade a manager's code for a device's token."""
        ...

    async def staff(self) -> tuple[StaffName, ...]:
        """Who may sign in on this device."""
        ...

    async def sign_in(self, who: int | str, pin: str) -> SessionStarted:
        """Begin somebody's shift: by their number, or by their badge; what is asked next is asked as theirs."""
        ...

    async def unlock(self, pin: str) -> SessionUnlocked:
        """Go on with the shift of whoever is signed in."""
        ...

    async def sign_out(self) -> None:
        """End the shift; even where nobody answers, nothing more is asked as theirs."""
        ...

    async def roll_token(self) -> DeviceToken:
        """The device's next token; it counts once it is used."""
        ...
