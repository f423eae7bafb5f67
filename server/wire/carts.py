"""Carts as the online shop shows them."""

from server.wire.base import Wire
from server.wire.catalog import Item, Stock


class CartLine(Wire):
    """`unit_price` is what it cost when it was put in; today's price stands in `item`."""

    line_id: str | None
    sku: str
    title: str
    quantity: int
    unit_price: int
    item: Item | None
    stock: Stock


class Cart(Wire):
    """One open cart. `total` is the sum of its lines at the prices when added, in minor units."""

    id: int
    source: str
    external_id: str
    status: str
    currency: str
    updated_at: str
    total: int
    lines: tuple[CartLine, ...]
