"""Orders as an associate sees them; money in minor units of `currency`."""

from server.wire.base import Wire
from server.wire.catalog import Item


class OrderLine(Wire):
    """`item` is the article as the catalogue has it today, where it still has it."""

    sku: str
    title: str
    quantity: int
    unit_price: int
    line_id: str | None = None
    discount: int = 0
    returned_quantity: int = 0
    fulfilled_quantity: int = 0
    item: Item | None = None


class Order(Wire):
    """One order; `channel` is online or store, `store` the code of the shop it was placed in or goes to."""

    id: int
    source: str
    external_id: str
    number: str
    channel: str
    store: str | None
    placed_at: str
    status: str
    currency: str
    total: int
    lines: tuple[OrderLine, ...]


class OrderPage(Wire):
    """Orders, the latest first. `before` goes on where this page ends; null when it is the last."""

    orders: tuple[Order, ...]
    before: str | None
