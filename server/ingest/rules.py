"""What a record must be, beyond what its type says."""

from collections.abc import Iterator
from datetime import MINYEAR, datetime
from functools import cache

from server.catalog import rules as catalog
from server.ingest.snapshots import OrderSnapshot
from server.statements import rules as statements
from server.stores import rules as stores
from server.wire.codes import BETWEEN_DIGITS, black_out_bank_cards
from server.wire.records import (
    CustomerRecord,
    CustomerReference,
    OrderRecord,
    ProductRecord,
    Record,
    RedactionRecord,
    StoreRecord,
    ViewRecord,
    WishListRecord,
)

_TIMES = ("updated_at", "placed_at", "viewed_at", "deleted_at", "requested_at")
_TEXT_KEPT = 8192
"""Bytes of a refused line that are kept: enough to see what it is."""
_NUMBER_SIGNS = "0123456789\ufffd" + BETWEEN_DIGITS + "\\uabcdefABCDEFnrt"
"""What a number that was cut may be made of: digits, what stands between them, and the escapes of JSON for both."""


def refusal(record: Record, now: datetime) -> tuple[str, str] | None:
    """Where and why a record cannot be taken, or None."""
    latest = statements.latest(now)
    for field in _times_of(type(record)):
        moment = getattr(record, field)
        if moment > latest or moment.year == MINYEAR:
            return f"$.{field}", _why_not(moment)
    for path, moment in _moments_within(record):
        if moment > latest or moment.year == MINYEAR:
            return path, _why_not(moment)
    match record:
        case OrderRecord(channel="store", store=None):
            return "$.store", "an order placed in a store names the store's code"
        case ProductRecord():
            return catalog.refusal(record)
        case StoreRecord():
            return stores.refusal(record)
        case WishListRecord(customer=customer) | ViewRecord(customer=customer) if customer == CustomerReference():
            return "$.customer", "nobody is named: give an external_id, card, email or phone"
        case RedactionRecord(customer=CustomerReference(external_id=None)):
            return "$.customer.external_id", (
                "a redaction names its customer by the source's own id: a contact may be somebody else's too"
            )
    return None


def too_late(snapshot: OrderSnapshot, until: str) -> tuple[str, str] | None:
    """The same for an order of which all but that is known."""
    if snapshot.updated_at > until:
        return "$.updated_at", _TOO_LATE
    if snapshot.order.placed_at > until:
        return "$.placed_at", _TOO_LATE
    return None


def _why_not(moment: datetime) -> str:
    """Why a time cannot be taken."""
    if moment.year == MINYEAR:  # with an offset it may lie before the calendar's begin
        return "nothing happened in the year 1: give the time when this was true"
    return _TOO_LATE


_TOO_LATE = (
    f"more than {int(statements.CLOCK_TOLERANCE.total_seconds() // 60)} minutes in the future: set the sender's clock"
)


def _moments_within(record: Record) -> Iterator[tuple[str, datetime]]:
    """Every time that a part of a record names, with its path."""
    if isinstance(record, WishListRecord):
        for index, item in enumerate(record.items):
            yield f"$.items[{index}].added_at", item.added_at
    if isinstance(record, CustomerRecord):
        if record.loyalty and record.loyalty.as_of is not None:
            yield "$.loyalty.as_of", record.loyalty.as_of
        if record.consents:
            for index, consent in enumerate(record.consents):
                yield f"$.consents[{index}].at", consent.at


@cache
def _times_of(kind: type[Record]) -> tuple[str, ...]:
    return tuple(field for field in _TIMES if field in kind.__struct_fields__)


def text_kept(text: bytes) -> str:
    """What is kept of a refused line: its beginning, without bank cards' numbers, not even half of one."""
    kept = text[:_TEXT_KEPT].decode("utf-8", "replace").replace("\0", "\ufffd")
    if len(text) > _TEXT_KEPT:
        kept = kept.rstrip(_NUMBER_SIGNS)
    return black_out_bank_cards(kept)
