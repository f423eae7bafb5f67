"""A person's rights: everything that is held of them as one document, and that it was erased."""

from server.wire.base import Wire
from server.wire.customers import ConsentEntry, Preferences
from server.wire.handoffs import HandoffLine
from server.wire.records import Consent, Contact, Loyalty, RefusedRecord


class ExportedReference(Wire):
    """A contact that a record names for a customer."""

    kind: str
    value: str
    record_kind: str
    record_source: str
    record_external_id: str


class ExportedCustomer(Wire):
    """A customer of one source, whole. `stated_at` says of each field when it was stated; "" is the customer itself.

    `person_id` is the first customer of their person, `stated` whether the source told of them or only others did.
    """

    id: int
    person_id: int | None
    source: str
    external_id: str
    stated: bool
    given_name: str | None
    family_name: str | None
    emails: tuple[Contact, ...]
    phones: tuple[Contact, ...]
    cards: tuple[Contact, ...]
    locale: str | None
    city: str | None
    birth_date: str | None
    loyalty: Loyalty | None
    consents: tuple[Consent, ...]
    attributes: dict[str, str]
    stated_at: dict[str, str]
    deleted_at: str | None
    redacted_at: str | None
    preferences: Preferences | None
    named_by_records: tuple[ExportedReference, ...]
    found_by: tuple[str, ...]


class ExportedLine(Wire):
    """A line of an order; money in minor units."""

    sku: str
    title: str
    quantity: int
    unit_price: int
    line_id: str | None = None
    discount: int = 0
    returned_quantity: int = 0
    fulfilled_quantity: int = 0


class ExportedOrder(Wire):
    """An order with every line."""

    id: int
    customer_id: int
    source: str
    external_id: str
    number: str
    channel: str
    store: str | None
    placed_at: str
    updated_at: str | None
    status: str
    currency: str
    total: int
    lines: tuple[ExportedLine, ...]


class ExportedCartLine(Wire):
    """A line of a cart; what was taken out at the counter has no quantity here, and may have one in the shop.

    `edits` are changes from the counter that the shop is yet to see: version of the cart, from how many, to how many.
    """

    sku: str
    title: str
    quantity: int
    unit_price: int
    line_id: str | None = None
    shop_quantity: int | None = None
    edits: tuple[tuple[int, int, int], ...] = ()


class ExportedCart(Wire):
    """A cart with every line, whatever became of it; `edited_at` is when it was changed at the counter last."""

    id: int
    customer_id: int
    source: str
    external_id: str
    status: str
    currency: str
    updated_at: str
    lines: tuple[ExportedCartLine, ...]
    edited_at: str | None = None


class ExportedWish(Wire):
    """An article that was wished for."""

    sku: str
    added_at: str


class ExportedWishList(Wire):
    """A wish list with every wish."""

    id: int
    customer_id: int
    source: str
    external_id: str
    name: str
    updated_at: str
    items: tuple[ExportedWish, ...]


class ExportedView(Wire):
    """A look at an article."""

    customer_id: int
    source: str
    sku: str
    viewed_at: str


class ExportedNote(Wire):
    """What an associate wrote."""

    id: int
    customer_id: int
    text: str
    author: str | None
    store: str | None
    written_at: str


class ExportedAnswer(Wire):
    """An answer that is kept for a while in case that a request comes twice; `answer` is JSON."""

    caller: str
    key: str
    answer: str
    answered_at: str


class ExportedHandoff(Wire):
    """A cart that went to a till, and with which lines."""

    id: int
    customer_id: int
    source: str
    external_id: str
    store: str
    state: str
    issued_at: str
    redeemed_at: str | None
    ended_at: str | None
    lines: tuple[HandoffLine, ...]


class ExportedEvent(Wire):
    """Something that devices were told; `event` is JSON."""

    id: int
    at: str
    customer_id: int
    store: str | None
    event: str


class CustomerExport(Wire):
    """Everything that is held of a person, over all customers that are this person, unmasked.

    Money is in minor units, times are ISO 8601 in UTC. `consents_log` is every consent that was given or withdrawn;
    `refused_records` are lines that could not be taken and name the person.
    """

    exported_at: str
    customers: tuple[ExportedCustomer, ...]
    orders: tuple[ExportedOrder, ...]
    carts: tuple[ExportedCart, ...]
    wishlists: tuple[ExportedWishList, ...]
    views: tuple[ExportedView, ...]
    notes: tuple[ExportedNote, ...]
    consents_log: tuple[ConsentEntry, ...]
    answers: tuple[ExportedAnswer, ...]
    events: tuple[ExportedEvent, ...]
    refused_records: tuple[RefusedRecord, ...]
    handoffs: tuple[ExportedHandoff, ...] = ()


class Erasure(Wire):
    """A person was erased.

    `customer_ids` are the numbers that are nobody's now, `orders` how many stay for the books, of nobody.
    `scrubbed_at` is when the last traces left the file, its log and the index of words, or null while that goes on.
    """

    customer_ids: tuple[int, ...]
    erased_at: str
    orders: int
    scrubbed_at: str | None


class EraseCustomer(Wire):
    """Erase a person, for good; `confirm` must be true: nothing brings them back."""

    confirm: bool


class RetentionReport(Wire):
    """What was removed because its time was over; with `dry_run`, what would be. `kept_days` 0: for ever."""

    started_at: str
    ended_at: str
    dry_run: bool
    kept_days: dict[str, int]
    removed: dict[str, int]
