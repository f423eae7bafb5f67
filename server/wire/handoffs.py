"""A cart on its way from a kiosk or tablet to a till, to the phone, or to the door."""

from typing import Annotated, Literal

from msgspec import Meta

from server.wire.base import AskedKey, Source, Wire

HandoffWay = Literal["till", "phone", "delivery", "pickup"]
HandoffState = Literal["issued", "redeemed", "completed", "released"]
Hindrance = Literal["no_stock", "discontinued", "no_price"]


class CartName(Wire):
    """A cart, as the shop calls it."""

    source: Source
    external_id: AskedKey


class NewHandoff(Wire):
    """Where a cart is to go. At a kiosk the current cart goes where none is named."""

    way: HandoffWay
    cart: CartName | None = None


class Handoff(Wire):
    """A cart that goes somewhere.

    Attributes:
        way: where to.
        handoff_id: of one that goes to a till.
        state: of that.
        code: six signs to type at a till of this store; told when it is issued, and never again.
        qr: the same, as text for a QR code.
        link: the cart in the online shop, where the settings say how it is reached.
        expires_at: when it is released by itself.
    """

    way: HandoffWay
    handoff_id: int | None = None
    state: HandoffState | None = None
    code: str | None = None
    qr: str | None = None
    link: str | None = None
    expires_at: str | None = None


class HandoffCode(Wire):
    """The code as it was scanned or typed; upper and lower case, spaces and hyphens do not matter."""

    code: Annotated[str, Meta(min_length=1, max_length=100)]


class HandoffLine(Wire):
    """A line for a till; money in minor units.

    Attributes:
        line_id: the shop's.
        sku: of the article.
        title: of the article.
        quantity: that is wanted.
        price_when_added: each, when it was put in.
        price: each, today; null where there is none in the cart's currency.
        here: how many this store has, as far as anybody said.
        sellable: how many of the quantity can be sold here, as far as is known.
        hindrance: why not all of them.
        options: which of its product it is, in the catalogue's words: {"size": "M"}.
    """

    line_id: str | None
    sku: str
    title: str
    quantity: int
    price_when_added: int
    price: int | None
    here: int | None
    sellable: int
    hindrance: Hindrance | None
    options: dict[str, str] = {}


class SoldLine(Wire):
    """What a till sold of a line; `line_id` is the shop's, as it was when the till got it."""

    line_id: str | None
    sku: str
    quantity: int


class RedeemedHandoff(Wire):
    """A cart for a till to sell: its lines, and what of them cannot be sold. Whose it is, a till need not know.

    `total` is the sum of what can be sold at today's prices; `until` is when it is released unless it is completed.
    """

    handoff_id: int
    source: str
    external_id: str
    currency: str
    total: int
    lines: tuple[HandoffLine, ...]
    until: str


class HandoffEnd(Wire):
    """What became of a handoff."""

    handoff_id: int
    state: HandoffState
