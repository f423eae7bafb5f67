"""What follows from an order, a cart or a wish list alone, before anybody looks at what is held of it. Pure."""

from datetime import MAXYEAR, MINYEAR
from typing import ClassVar, Self

import msgspec
from msgspec import structs

from server.customers.rules import ContactRules, Meant, meant_by
from server.orders.rules import StatedOrder, nobodys, stated_order
from server.statements.rules import Key, content_hash
from server.wire.base import timestamp
from server.wire.records import CartRecord, CustomerReference, OrderRecord, Record, WishListRecord

_NOBODY = CustomerReference()


class Snapshot(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A snapshot with all that can be said of it by itself.

    Attributes:
        updated_at: as text.
        content_hash: of the record.
        whom: whose it says it is, if anybody's.
    """

    kind: ClassVar[str]
    updated_at: str
    content_hash: bytes
    whom: Meant | None


class OrderSnapshot(Snapshot, frozen=True, array_like=True, gc=False):
    """An order: its row in place of its record."""

    kind: ClassVar[str] = "order"
    order: StatedOrder

    @property
    def key(self) -> Key:
        return ("order", self.order.source, self.order.external_id)

    def of_nobody(self) -> Self:
        """The same as if it named nobody, also for whoever would compare hashes."""
        return structs.replace(self, whom=None, content_hash=content_hash(nobodys(self.order)))


class CartSnapshot(Snapshot, frozen=True, array_like=True, gc=False):
    """A cart."""

    kind: ClassVar[str] = "cart"
    record: CartRecord

    @property
    def key(self) -> Key:
        return ("cart", self.record.source, self.record.external_id)

    def of_nobody(self) -> Self:
        record = structs.replace(self.record, customer=None)
        return structs.replace(self, whom=None, record=record, content_hash=content_hash(record))


class WishListSnapshot(Snapshot, frozen=True, array_like=True, gc=False):
    """A wish list."""

    kind: ClassVar[str] = "wishlist"
    record: WishListRecord

    @property
    def key(self) -> Key:
        return ("wishlist", self.record.source, self.record.external_id)

    def of_nobody(self) -> Self:
        record = structs.replace(self.record, customer=_NOBODY)
        return structs.replace(self, whom=None, record=record, content_hash=content_hash(record))


AnySnapshot = OrderSnapshot | CartSnapshot | WishListSnapshot


def snapshot_of(record: OrderRecord | CartRecord | WishListRecord, rules: ContactRules) -> AnySnapshot:
    """A record of a snapshot with all that follows from it."""
    reference = record.customer
    whom = None if reference is None or reference == _NOBODY else meant_by(record.source, reference, rules)
    updated_at, hash_ = timestamp(record.updated_at), content_hash(record)
    match record:
        case OrderRecord():
            return OrderSnapshot(updated_at, hash_, whom, stated_order(record))
        case CartRecord():
            return CartSnapshot(updated_at, hash_, whom, record)
        case WishListRecord():
            return WishListSnapshot(updated_at, hash_, whom, record)


def prepared(record: Record, rules: ContactRules) -> Record | OrderSnapshot:
    """What of a record can be known beforehand: of an order that only a clock may refuse, all; of others nothing."""
    if isinstance(record, OrderRecord) and not (
        (record.channel == "store" and record.store is None)
        or record.updated_at.year in _EDGES
        or record.placed_at.year in _EDGES
    ):
        snapshot = snapshot_of(record, rules)
        assert isinstance(snapshot, OrderSnapshot)
        return snapshot
    return record


_EDGES = (MINYEAR, MAXYEAR)
"""Years of times that no UTC clock may show."""
