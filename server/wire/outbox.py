"""What a shop's own address is told (POST), signed as Standard Webhooks has it; an answer of 2xx takes it.

The `webhook-id` header stays the same when something is told again: who took it once answers 2xx and does no more.
"""

from typing import Literal

from server.wire.base import Wire
from server.wire.handoffs import SoldLine


class CartLineTold(Wire):
    """A line of the shop's cart was changed at the counter or at a kiosk; see `wire.events.CartLineChanged`."""

    source: str
    external_id: str
    version: int
    line: int
    line_id: str | None
    sku: str
    base_quantity: int
    quantity: int
    unit_price: int
    currency: str


class SaleTold(Wire):
    """A cart of which a till sold something, as the shop calls it.

    Attributes:
        lines: what was sold; none in what was kept for the shop since before this was told.
        closed: whether the cart is done with, as nothing is left of it. Where something is, the cart stays open with
            that, and what was sold was taken out of it by the `cart.line_changed` messages told before.
    """

    source: str
    external_id: str
    lines: tuple[SoldLine, ...]
    closed: bool


class DeliveryTold(Wire):
    """A cart that its customer wants delivered, or picks up in a store."""

    source: str
    external_id: str
    way: Literal["delivery", "pickup"]
    store: str | None


class CartLineMessage(Wire, tag="cart.line_changed"):
    """Do the same to the cart, and say in its next record that it was done: `seen_version`."""

    timestamp: str
    data: CartLineTold


class CartSoldMessage(Wire, tag="cart.sold"):
    """A till sold what of the cart was there; take out no more for it than `cart.line_changed` says."""

    timestamp: str
    data: SaleTold


class DeliveryMessage(Wire, tag="cart.delivery_asked"):
    """The shop's system sees to it."""

    timestamp: str
    data: DeliveryTold


ShopMessage = CartLineMessage | CartSoldMessage | DeliveryMessage


class ShopState(Wire):
    """How far a shop was told.

    Attributes:
        source: whose shop.
        place: where its address leads; null where the settings name none any more.
        waiting: messages that it has not taken yet, counted up to 1,000.
        tries: of the first of them.
        since: when that was tried first.
        trouble: why it was not taken the last time.
    """

    source: str
    place: str | None
    waiting: int
    tries: int
    since: str | None
    trouble: str | None
