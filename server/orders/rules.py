"""What of an order is kept as its source states it."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from server.wire.base import timestamp
from server.wire.records import OrderLineRecord, OrderRecord

_encode = msgspec.json.Encoder().encode
_lines = msgspec.json.Decoder(tuple[OrderLineRecord, ...])


class StatedOrder(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An order in the words of its row, but for whose it is and its number here."""

    source: str
    external_id: str
    number: str
    channel: str
    store: str | None
    placed_at: str
    status: str
    currency: str
    total: int
    lines: str


def stated_order(record: OrderRecord) -> StatedOrder:
    """An order as it is kept."""
    return StatedOrder(
        record.source,
        record.external_id,
        record.number,
        record.channel,
        record.store,
        timestamp(record.placed_at),
        record.status,
        record.currency,
        record.total,
        lines_text(record.lines),
    )


def lines_text(lines: Sequence[OrderLineRecord]) -> str:
    """An order's lines as they are kept."""
    return _encode(lines).decode()


def nobodys(order: StatedOrder) -> OrderRecord:
    """An order as its source would have stated it without a customer; its own time is no content."""
    fields = msgspec.structs.asdict(order)
    placed_at = datetime.fromisoformat(order.placed_at)
    return OrderRecord(
        **(fields | {"updated_at": placed_at, "placed_at": placed_at, "lines": _lines.decode(order.lines)})
    )
