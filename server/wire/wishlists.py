"""Wish lists."""

from server.wire.base import Wire
from server.wire.catalog import Item, Stock


class Wish(Wire):
    """One wished article; `item` is null where the catalogue does not know it."""

    sku: str
    added_at: str
    item: Item | None
    stock: Stock


class WishList(Wire):
    """One list of one source; the same person may have several."""

    id: int
    source: str
    external_id: str
    name: str
    updated_at: str
    items: tuple[Wish, ...]
