"""A code goes in, what it means comes out, in one round trip."""

from typing import Annotated, Literal

from msgspec import Meta

from server.wire.base import StoreCode, Wire
from server.wire.catalog import Product
from server.wire.codes import LONGEST_CODE
from server.wire.customers import CustomerContext, CustomerHit
from server.wire.orders import Order


class ScanRequest(Wire):
    """Whatever a scanner read or a person typed; `store` is where, if it is not where the device stands."""

    code: Annotated[str, Meta(max_length=LONGEST_CODE)]
    store: StoreCode | None = None


class CustomerScanned(Wire, tag="customer"):
    """A card of one person, with all we know of them."""

    context: CustomerContext


class CustomersScanned(Wire, tag="customers"):
    """A card that several people carry and nobody proved to be theirs: ask who it is."""

    hits: tuple[CustomerHit, ...]


class ProductScanned(Wire, tag="product"):
    """An article of the catalogue."""

    product: Product


class OrderScanned(Wire, tag="order"):
    """An order's number, and whose order it is where that is known."""

    order: Order
    customer_id: int | None


class CardKnown(Wire, tag="card_known"):
    """All that a kiosk learns of a loyalty card, whoever's: go on, and have its owner prove who they are."""


class HandoffScanned(Wire, tag="handoff"):
    """To a till: the code of a cart that goes to one, as it is kept. Redeem it: whether it is good, only that tells."""

    code: str


class UnknownCode(Wire, tag="unknown"):
    """Nothing we know; `looks_like` says what it would have been."""

    looks_like: Literal["card", "gtin", "other", "empty"]


ScanAnswer = (
    CustomerScanned | CustomersScanned | ProductScanned | OrderScanned | CardKnown | HandoffScanned | UnknownCode
)
