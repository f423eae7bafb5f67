"""A customer, found and in full context. Contacts are masked: who needs one whole asks for it on record."""

from typing import Annotated, Literal

from msgspec import Meta

from server.wire.base import Label, Moment, Text, Wire
from server.wire.carts import Cart
from server.wire.catalog import Item, Stock
from server.wire.orders import Order
from server.wire.records import Consent, Loyalty
from server.wire.wishlists import WishList

LONGEST_SEARCH = 200


class SearchRequest(Wire):
    """What somebody typed so far: names, a town, an e-mail, a phone, a card, an order's number, in any mixture."""

    text: Annotated[str, Meta(max_length=LONGEST_SEARCH)]
    store: Label | None = None
    limit: Annotated[int, Meta(ge=1, le=50)] = 20


class Match(Wire):
    """Which field matched, as it may be shown, and the character ranges `[from, to)` to highlight in it."""

    field: Literal["name", "city", "email", "phone", "card", "order"]
    text: str
    ranges: tuple[tuple[int, int], ...]


class CustomerHit(Wire):
    """One person found. `how` is the weakest of the words' matches: exact, prefix or corrected."""

    customer_id: int
    name: str
    city: str | None
    tier: str | None
    phone: str | None
    last_seen_at: str | None
    last_store: str | None
    cart_quantity: int
    how: Literal["exact", "prefix", "corrected"]
    matches: tuple[Match, ...]


class SearchAnswer(Wire):
    """People found, the likeliest first; `capped` says that there are more than these."""

    hits: tuple[CustomerHit, ...]
    capped: bool
    corrected: dict[str, tuple[str, ...]] = {}


class Wisher(Wire):
    """Somebody who wishes for an article: in which size and colour, and since when."""

    hit: CustomerHit
    sku: str
    added_at: str


class WisherPage(Wire):
    """People who wish for an article, the latest wish first; `before` asks for the next page."""

    wishers: tuple[Wisher, ...]
    before: str | None = None


class WisherCount(Wire):
    """How many people wish for an article; `more`: at least so many."""

    count: int
    more: bool = False


class MaskedContact(Wire):
    """Enough of an e-mail, phone or card to recognise it, not to use it."""

    value: str
    verified: bool


class RecordName(Wire):
    """A record of one source that speaks of this person."""

    customer_id: int
    source: str
    external_id: str


class Person(Wire):
    """Who this is, over all records that proved to be the same person."""

    id: int
    name: str
    given_name: str | None
    family_name: str | None
    locale: str | None
    city: str | None
    birth_date: str | None
    emails: tuple[MaskedContact, ...]
    phones: tuple[MaskedContact, ...]
    cards: tuple[MaskedContact, ...]
    loyalty: Loyalty | None
    consents: tuple[Consent, ...]
    attributes: dict[str, str]
    records: tuple[RecordName, ...]
    last_seen_at: str | None
    last_store: str | None


class Note(Wire):
    """What an associate wrote down about a customer."""

    id: int
    text: str
    author: str | None
    written_at: str
    store: str | None = None


class NewNote(Wire):
    """A note to keep; its author is whoever is signed in."""

    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class Preferences(Wire):
    """What fits and what pleases, said by the customer: sizes by kind (tops: S), likes in words."""

    sizes: Annotated[dict[Label, Label], Meta(max_length=30)] = {}
    likes: Annotated[tuple[Label, ...], Meta(max_length=50)] = ()
    updated_at: str | None = None


class NewPreferences(Wire):
    """Preferences as they shall be from now on, whole."""

    sizes: Annotated[dict[Label, Label], Meta(max_length=30)] = {}
    likes: Annotated[tuple[Label, ...], Meta(max_length=50)] = ()


class NewConsent(Wire):
    """A consent as a customer gives or withdraws it: in which words, for which contact, to whom, how and when.

    Giving needs the words that were agreed to; withdrawing needs nothing.
    """

    granted: bool
    wording: Text | None = None
    contact: Label | None = None
    by: Label | None = None
    how: Label | None = None
    at: Moment | None = None


class ConsentEntry(Wire):
    """What a customer said of a channel once, with its proof. `source` says whose record, or `@counter`."""

    channel: str
    granted: bool
    at: str
    wording: str | None
    by: str | None
    contact: str | None
    how: str | None
    source: str
    device_id: int | None
    staff_id: int | None
    recorded_at: str


class Viewed(Wire):
    """An article looked at online."""

    sku: str
    viewed_at: str
    item: Item | None
    stock: Stock


class Suggestion(Wire):
    """Somebody who may be the same person: a record of this customer names a contact of theirs."""

    customer_id: int
    name: str
    because: Literal["card", "email", "phone"]


ORDERS_COUNTED = 1000
"""As many orders are counted; nobody waits for the 50,000 of a walk-in account."""


class CustomerContext(Wire):
    """The one answer at the counter. `orders` are the latest ten of `order_count`; the rest comes by page.

    `order_count` is counted up to `ORDERS_COUNTED`, which stands for all that are more.
    """

    person: Person
    carts: tuple[Cart, ...]
    wishlists: tuple[WishList, ...]
    orders: tuple[Order, ...]
    order_count: int
    orders_before: str | None
    views: tuple[Viewed, ...]
    notes: tuple[Note, ...]
    preferences: Preferences
    suggestions: tuple[Suggestion, ...]
    store: str | None
    as_of: str
