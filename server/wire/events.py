"""What happened, past tense: written in the transaction of the change, read by live streams and the outbox.

Events name customers by number only.
"""

from typing import Literal

from server.wire.base import Wire
from server.wire.handoffs import SoldLine


class CustomerChanged(Wire, tag="customer_changed"):
    """Something a source says of a customer is new."""

    customer_id: int


class CustomerRemoved(Wire, tag="customer_removed"):
    """A source no longer has the customer, or the person asked to be forgotten (`redacted`)."""

    customer_id: int
    redacted: bool


class CustomerErased(Wire, tag="customer_erased"):
    """A person was erased: whatever is held anywhere of this number goes."""

    customer_id: int


class ConsentChanged(Wire, tag="consent_changed"):
    """A customer gave or withdrew a consent at the counter."""

    channel: str


class OrderChanged(Wire, tag="order_changed"):
    """An order came in or looks different now."""

    order_id: int


class CartChanged(Wire, tag="cart_changed"):
    """A cart came in or looks different now."""

    cart_id: int


class CartLineChanged(Wire, tag="cart_line_changed"):
    """A line of a cart was changed here: what its shop needs to do the same, to the cart that `cart_id` is there.

    The shop's own hands may be at it too: where it has `base_quantity`, that becomes `quantity`, else both changes
    count. A cart record with `seen_version` of this `version` or later says that it did. How the shop calls the cart is
    not told here: to some shops that is a key to it.

    Attributes:
        source: the shop.
        version: of the cart with this change.
        line: our number for the line; `line_id` is the shop's, if it has one.
        base_quantity: what it was; 0: the line is new.
        quantity: what it is; 0: it was taken out.
        unit_price: in minor units, when it was put in.
    """

    cart_id: int
    source: str
    version: int
    line: int
    line_id: str | None
    sku: str
    base_quantity: int
    quantity: int
    unit_price: int
    currency: str


class WishListChanged(Wire, tag="wishlist_changed"):
    """A wish list came in or looks different now."""

    wishlist_id: int


class ArticleViewed(Wire, tag="article_viewed"):
    """A customer looked at an article online."""

    sku: str


class NoteAdded(Wire, tag="note_added"):
    """An associate wrote a note."""

    note_id: int


class PreferencesChanged(Wire, tag="preferences_changed"):
    """A customer's sizes or likes were set."""


class StoreChanged(Wire, tag="store_changed"):
    """A store opened or changed."""

    code: str


class ProductChanged(Wire, tag="product_changed"):
    """A product or one of its variants changed."""

    product_id: int


class CatalogChanged(Wire, tag="catalog_changed"):
    """A whole feed was taken: so many articles are new, say something else, or are gone."""

    run_id: int
    source: str
    new: int
    changed: int
    gone: int


class StockChanged(Wire, tag="stock_changed"):
    """A store has more or less of an article."""

    sku: str
    quantity: int


class StockCounted(Wire, tag="stock_counted"):
    """All of a store's stock was counted, and so many articles differed from what was known; it was so at `as_of`."""

    source: str
    as_of: str
    changed: int


class RecordRemoved(Wire, tag="record_removed"):
    """An order, cart, wish list or product is gone at its source, or a cart is no longer the customer's."""

    kind: str
    id: int


class DeviceRevoked(Wire, tag="device_revoked"):
    """A device was taken out of use."""

    device_id: int


class SessionEnded(Wire, tag="session_ended"):
    """Somebody is signed in on a device no more."""

    session_id: int


class VouchingAsked(Wire, tag="vouching_asked"):
    """Somebody at a kiosk of the store waits for an associate to confirm two digits."""

    challenge_id: int


class VouchingGiven(Wire, tag="vouching_given"):
    """An associate confirmed them: the kiosk can go on."""

    challenge_id: int


class VouchingWithdrawn(Wire, tag="vouching_withdrawn"):
    """A kiosk waits for them no more: whoever stood there has gone or took another way, or too many were wrong."""

    challenge_id: int


class HelpCalled(Wire, tag="help_called"):
    """Somebody at a kiosk of the store calls for help; `kiosk` is the device's name, `about` what it is about."""

    call_id: int
    kiosk: str
    about: str


class HelpAnswered(Wire, tag="help_answered"):
    """Somebody who works there is on the way; `by` is their first name."""

    call_id: int
    by: str


class KioskSessionEnded(Wire, tag="kiosk_session_ended"):
    """A customer left a kiosk, or stayed away from it."""

    kiosk_session_id: int


class HandoffIssued(Wire, tag="handoff_issued"):
    """A cart is to go to a till."""

    handoff_id: int
    cart_id: int


class HandoffRedeemed(Wire, tag="handoff_redeemed"):
    """A till has it."""

    handoff_id: int
    cart_id: int


class HandoffCompleted(Wire, tag="handoff_completed"):
    """It was sold.

    Attributes:
        lines: what of it; events that are older than this field have none.
        closed: whether the cart is done with; if not, what was sold was taken out of it before, line by line.
    """

    handoff_id: int
    cart_id: int
    lines: tuple[SoldLine, ...] = ()
    closed: bool = True


class HandoffReleased(Wire, tag="handoff_released"):
    """It goes to no till: one gave up, the time ran out, or it was issued anew."""

    handoff_id: int
    cart_id: int
    because: Literal["till", "time", "again"]


class DeliveryAsked(Wire, tag="delivery_asked"):
    """A customer wants the cart delivered, or picks it up in the store: the shop's system sees to it.

    How the shop calls the cart is not told here, see `CartLineChanged`.
    """

    cart_id: int
    source: str
    way: Literal["delivery", "pickup"]


Event = (
    CustomerChanged
    | CustomerRemoved
    | CustomerErased
    | ConsentChanged
    | OrderChanged
    | CartChanged
    | CartLineChanged
    | WishListChanged
    | ArticleViewed
    | NoteAdded
    | PreferencesChanged
    | StoreChanged
    | ProductChanged
    | CatalogChanged
    | StockChanged
    | StockCounted
    | RecordRemoved
    | DeviceRevoked
    | SessionEnded
    | VouchingAsked
    | VouchingGiven
    | VouchingWithdrawn
    | HelpCalled
    | HelpAnswered
    | KioskSessionEnded
    | HandoffIssued
    | HandoffRedeemed
    | HandoffCompleted
    | HandoffReleased
    | DeliveryAsked
)
