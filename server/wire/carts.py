"""Carts: what the online shop shows, with what was changed here and the shop does not show yet."""

from typing import Annotated

from msgspec import Meta

from server.wire.base import Count, Sku, Wire
from server.wire.catalog import Item, Stock


class CartLine(Wire):
    """`unit_price` is what it cost when it was put in; today's price stands in `item`.

    Attributes:
        line_id: the shop's name for it, if it has one; it may change.
        line: our number for it in this cart; it stays.
        pending: its quantity was changed here, and the shop does not show that yet.
        shop_quantity: what the shop showed last; 0: it does not have the line.
    """

    line_id: str | None
    sku: str
    title: str
    quantity: int
    unit_price: int
    item: Item | None
    stock: Stock
    line: int = 0
    pending: bool = False
    shop_quantity: int | None = None


class Cart(Wire):
    """One cart. `total` is the sum of its lines at the prices when added, in minor units.

    Attributes:
        updated_at: when the shop changed it last.
        version: grows with every change, whoever made it.
        edited_at: when it was changed here last.
        pending: so many of its lines were changed or taken out here, and the shop does not show that yet.
    """

    id: int
    source: str
    external_id: str
    status: str
    currency: str
    updated_at: str
    total: int
    lines: tuple[CartLine, ...]
    version: int = 0
    edited_at: str | None = None
    pending: int = 0


class NewCartLine(Wire):
    """Put so many of an article into a cart, at its price of now; more of what is there joins its line."""

    sku: Sku
    quantity: Annotated[int, Meta(ge=1, le=10**9)] = 1


class LineQuantity(Wire):
    """What a line's quantity shall be, 0 takes it out, and what it was for whoever wants that: `base_quantity`.

    If somebody else changed it meanwhile, both changes count: 1 that one makes 2 and the other 4 becomes 5.

    Attributes:
        sku: another variant of the same product that takes the line's place, at its price of now.
    """

    quantity: Count
    base_quantity: Count
    sku: Sku | None = None


class JoinCarts(Wire):
    """Put all that is in one cart into another of the same person; the first is empty afterwards."""

    source: Annotated[int, Meta(ge=1, le=2**63 - 1, description="number of the cart that is emptied")]
    target: Annotated[int, Meta(ge=1, le=2**63 - 1, description="number of the cart that is filled")]
