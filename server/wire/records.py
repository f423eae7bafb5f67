"""What comes in from outside: one tagged union, written one record a line in NDJSON files.

Every record names its `source` (an instance such as `shopify:madrid`), its id there, and when it was true.
"""

from datetime import date
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from server.wire.base import Count, Currency, Key, Label, Minor, Moment, Sku, Source, StoreCode, Text, Wire


class Contact(Wire):
    """An e-mail, phone or card with a word on whether somebody proved that it is theirs."""

    value: Label
    verified: bool


class Loyalty(Wire):
    """Standing in the chain's loyalty programme."""

    tier: Label
    points: Annotated[int, Meta(ge=0, le=10**12)] = 0
    as_of: Moment | None = None


class Consent(Wire):
    """May we write to this person this way; provable: when, in which words, taken by whom, and how.

    `contact` is the e-mail or phone it is for; where it names none, it is for whichever the channel reaches.
    """

    channel: Label
    granted: bool
    at: Moment
    wording: Text | None = None
    by: Label | None = None
    contact: Label | None | UnsetType = UNSET
    how: Label | None | UnsetType = UNSET


class CustomerReference(Wire):
    """Whom another record means: any of these; the first that is known decides."""

    external_id: Key | None = None
    card: Label | None = None
    email: Label | None = None
    phone: Label | None = None


Contacts = Annotated[tuple[Annotated[str, Meta(max_length=255)] | Contact, ...], Meta(max_length=50)]


class CustomerRecord(Wire, tag="customer"):
    """A customer as one source knows them. An absent field keeps what was known, null clears it."""

    source: Source
    external_id: Key
    updated_at: Moment
    given_name: Label | None | UnsetType = UNSET
    family_name: Label | None | UnsetType = UNSET
    emails: Contacts | None | UnsetType = UNSET
    phones: Contacts | None | UnsetType = UNSET
    cards: Contacts | None | UnsetType = UNSET
    locale: Label | None | UnsetType = UNSET
    city: Label | None | UnsetType = UNSET
    birth_date: date | None | UnsetType = UNSET
    loyalty: Loyalty | None | UnsetType = UNSET
    consents: Annotated[tuple[Consent, ...], Meta(max_length=50)] | None | UnsetType = UNSET
    attributes: Annotated[dict[Label, Text], Meta(max_length=100)] | None | UnsetType = UNSET


class StoreRecord(Wire, tag="store"):
    """A shop of the chain, known to every source by its code."""

    code: StoreCode
    updated_at: Moment
    name: Label | None | UnsetType = UNSET
    city: Label | None | UnsetType = UNSET
    time_zone: Label | None | UnsetType = UNSET
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")] | None | UnsetType = UNSET
    address: Text | None | UnsetType = UNSET
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None | UnsetType = UNSET
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None | UnsetType = UNSET
    opening_hours: Text | None | UnsetType = UNSET


Availability = Literal["in_stock", "out_of_stock", "preorder", "backorder"]


class VariantRecord(Wire):
    """One article that can be put in a bag: a size and a colour of a product."""

    sku: Sku
    price: Annotated[int, Meta(ge=0, le=10**12)]
    currency: Currency
    gtin: Label | None = None
    title: Label | None = None
    options: Annotated[dict[Label, Label], Meta(max_length=20)] = {}
    sale_price: Annotated[int, Meta(ge=0, le=10**12)] | None = None
    picture: Annotated[str, Meta(max_length=2048)] | None = None
    availability: Availability | None = None


class ProductRecord(Wire, tag="product"):
    """A product with all its variants. An absent field keeps what was known, null clears it."""

    source: Source
    external_id: Key
    updated_at: Moment
    title: Label | None | UnsetType = UNSET
    description: Text | None | UnsetType = UNSET
    brand: Label | None | UnsetType = UNSET
    category: Label | None | UnsetType = UNSET
    picture: Annotated[str, Meta(max_length=2048)] | None | UnsetType = UNSET
    variants: Annotated[tuple[VariantRecord, ...], Meta(max_length=2000)] | None | UnsetType = UNSET


OrderStatus = Literal["placed", "paid", "fulfilled", "ready_for_pickup", "delivered", "cancelled", "returned"]
Channel = Literal["online", "store"]


class OrderLineRecord(Wire, omit_defaults=True):
    """One line of an order; `discount` is in minor units and of the whole line.

    Lines are kept as they are written here: what goes without saying would double what an order takes on disk.
    """

    sku: Sku
    title: Label
    quantity: Count
    unit_price: Minor
    line_id: Label | None = None
    discount: Minor = 0
    returned_quantity: Count = 0
    fulfilled_quantity: Count = 0


class OrderRecord(Wire, tag="order"):
    """An order as its shop shows it now: a snapshot, the newest wins whole."""

    source: Source
    external_id: Key
    updated_at: Moment
    number: Key
    channel: Channel
    placed_at: Moment
    status: OrderStatus
    currency: Currency
    total: Minor
    lines: Annotated[tuple[OrderLineRecord, ...], Meta(max_length=5000)]
    customer: CustomerReference | None = None
    store: StoreCode | None = None


class CartLineRecord(Wire):
    """One line of a cart."""

    sku: Sku
    title: Label
    quantity: Count
    unit_price: Minor
    line_id: Label | None = None


class CartRecord(Wire, tag="cart"):
    """A cart as its shop shows it now: a snapshot. Without a customer it is kept by its token, the external id.

    `seen_version` is the latest `version` of the changes from the counter that are in it, 0 before the first. A shop
    that always sends it is followed exactly; without it, a change counts as taken as far as quantities show it.
    """

    source: Source
    external_id: Key
    updated_at: Moment
    status: Literal["open", "converted", "abandoned", "deleted"]
    currency: Currency
    lines: Annotated[tuple[CartLineRecord, ...], Meta(max_length=1000)]
    customer: CustomerReference | None = None
    seen_version: Annotated[int, Meta(ge=0, le=2**53)] | UnsetType = UNSET


class WishListItemRecord(Wire):
    """One wish."""

    sku: Sku
    added_at: Moment


class WishListRecord(Wire, tag="wishlist"):
    """A wish list as its shop shows it now: a snapshot."""

    source: Source
    external_id: Key
    updated_at: Moment
    customer: CustomerReference
    name: Label
    items: Annotated[tuple[WishListItemRecord, ...], Meta(max_length=2000)]


class ViewRecord(Wire, tag="view"):
    """Somebody looked at an article online."""

    source: Source
    customer: CustomerReference
    sku: Sku
    viewed_at: Moment


class StockRecord(Wire, tag="stock"):
    """How many of an article a store has; the newest statement wins, whoever made it."""

    source: Source
    sku: Sku
    store: StoreCode
    quantity: Annotated[int, Meta(ge=-(10**9), le=10**9)]
    updated_at: Moment


class DeletionRecord(Wire, tag="deletion"):
    """A source no longer has something; what it said up to then no longer counts."""

    source: Source
    kind: Literal["customer", "product", "order", "cart", "wishlist"]
    external_id: Key
    deleted_at: Moment


class RedactionRecord(Wire, tag="redaction"):
    """A person asked a source to be forgotten; what was said of them up to then goes."""

    source: Source
    customer: CustomerReference
    requested_at: Moment


Record = (
    CustomerRecord
    | StoreRecord
    | ProductRecord
    | OrderRecord
    | CartRecord
    | WishListRecord
    | ViewRecord
    | StockRecord
    | DeletionRecord
    | RedactionRecord
)


class Refusal(Wire):
    """Why a line was not taken, and where in it the reason stands."""

    line: int
    path: str
    reason: str


class RecordsSummary(Wire):
    """What became of a stream of records. `older` are those that a newer statement had already overtaken."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    older: int = 0
    refused: int = 0
    refusals: tuple[Refusal, ...] = ()
    stopped: str | None = None


class RefusedRecord(Wire):
    """A refused line as it is kept: bank card numbers blacked out, long texts cut."""

    id: int
    refused_at: str
    origin: str
    line: int
    path: str
    reason: str
    text: str
