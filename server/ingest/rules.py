"""What a record must be, beyond what its type says."""

from datetime import datetime

from server.catalog import rules as catalog
from server.statements.rules import CLOCK_TOLERANCE, is_future
from server.wire.records import (
    CustomerReference,
    OrderRecord,
    ProductRecord,
    Record,
    RedactionRecord,
    ViewRecord,
    WishListRecord,
)

_TIMES = ("updated_at", "placed_at", "viewed_at", "deleted_at", "requested_at")


def refusal(record: Record, now: datetime) -> tuple[str, str] | None:
    """Where and why a record cannot be taken, or None."""
    for field in _TIMES:
        moment = getattr(record, field, None)
        if moment is not None and is_future(moment, now):
            minutes = int(CLOCK_TOLERANCE.total_seconds() // 60)
            return f"$.{field}", f"more than {minutes} minutes in the future: set the sender's clock"
    match record:
        case OrderRecord(channel="store", store=None):
            return "$.store", "an order placed in a store names the store's code"
        case ProductRecord():
            return catalog.refusal(record)
        case WishListRecord(customer=customer) | ViewRecord(customer=customer) if customer == CustomerReference():
            return "$.customer", "nobody is named: give an external_id, card, email or phone"
        case RedactionRecord(customer=CustomerReference(external_id=None)):
            return "$.customer.external_id", (
                "a redaction names its customer by the source's own id: a contact may be somebody else's too"
            )
    return None
