"""What a variant must be, and what a line about it shows."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple

import msgspec

from server.statements.rules import Value, json_text
from server.wire.codes import is_gtin
from server.wire.records import ProductRecord, VariantRecord

DISCONTINUED = "discontinued"
"""The availability of what no feed has any more: it is kept for old orders."""
FOR_GOOD = 2**63 - 1
"""The last generation of what has no end yet."""

MOST_GONE, MOST_JUMPS = 0.20, 0.30
"""Of a catalogue: more that is gone, or whose price changes by more than half, is rather a mistake."""

LATE = timedelta(minutes=15)
"""A night that begins so long after its time was missed by every server, and is caught up on."""
_TRIED_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
_TOLD_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 300, 600, 840, 1200))

MOST_NOT_NAMED = 0.50
"""Of what a store has: a snapshot that names less than that is rather cut off."""

_variants = msgspec.json.Decoder(tuple[VariantRecord, ...])
_options = msgspec.json.Decoder(dict[str, str])
_encode = msgspec.json.Encoder(order="sorted").encode


def refusal(record: ProductRecord) -> tuple[str, str] | None:
    """Where and why a product cannot be taken, or None."""
    if isinstance(record.variants, tuple):
        seen: set[str] = set()
        for index, variant in enumerate(record.variants):
            if variant.sku in seen:
                return f"$.variants[{index}].sku", f"the SKU {variant.sku} stands twice in one product"
            seen.add(variant.sku)
            if variant.gtin is not None and not is_gtin(variant.gtin):
                return (
                    f"$.variants[{index}].gtin",
                    f"{variant.gtin} is no GTIN: 8, 12, 13 or 14 digits, the last of which is a check digit",
                )
    return None


def variant_rows(product_id: int, fields: dict[str, Value], stated_at: str) -> list[dict[str, Any]]:
    """A product's variants as rows, complete with what they take from their product."""
    variants = fields["variants"]
    if not isinstance(variants, str):
        return []
    return [
        {
            "product_id": product_id,
            "sku": variant.sku,
            "feed": None,
            "row_hash": None,
            "position": position,
            "gtin": variant.gtin.zfill(14) if variant.gtin else None,
            "title": variant.title or fields["title"] or variant.sku,
            "options": _encode(variant.options).decode(),
            "price": variant.price,
            "sale_price": variant.sale_price,
            "currency": variant.currency,
            "picture": variant.picture or fields["picture"],
            "brand": fields["brand"],
            "availability": variant.availability,
            "stated_at": stated_at,
        }
        for position, variant in enumerate(_variants.decode(variants))
    ]


def stated_variants(rows: Sequence[Mapping[str, Any]], picture: str | None) -> str | None:
    """The variants that rows of a feed state, as a record would have stated them."""
    variants = tuple(
        VariantRecord(
            sku=row["sku"],
            price=row["price"],
            currency=row["currency"],
            gtin=row["gtin"],
            title=row["title"],
            options=_options.decode(row["options"]),
            sale_price=row["sale_price"],
            picture=None if row["picture"] == picture else row["picture"],
            availability=row["availability"],
        )
        for row in rows
        if row["availability"] != DISCONTINUED
    )
    return json_text(variants)


def holds_back(articles: int, gone: int, jumps: int) -> str | None:
    """Why a feed is rather a mistake, or None: of so many articles so many are gone, so many prices jump."""
    if gone > MOST_GONE * articles:
        return f"{gone:,} of {articles:,} articles would be gone, more than {MOST_GONE:.0%}"
    if jumps > MOST_JUMPS * articles:
        return f"{jumps:,} of {articles:,} prices would change by more than half, more than {MOST_JUMPS:.0%}"
    return None


class Night(NamedTuple):
    """A night in which servers take the catalogue by themselves: its date, where the company is, and from when on."""

    date: str
    due_at: datetime


def night_of(now: datetime, at: str, zone: tzinfo) -> Night:
    """The latest night whose time has come, `at` being `03:30`.

    A time that clocks skip that night comes as much later as they skip, and of one that comes twice the first counts.
    """
    day = now.astimezone(zone).date()
    while (due_at := datetime.combine(day, time.fromisoformat(at), zone).astimezone(UTC)) > now:
        day -= timedelta(days=1)
    return Night(day.isoformat(), due_at)


def next_try(tries: int) -> timedelta | None:
    """How long to wait after so many tries that came to nothing, or None where no more are made."""
    return _TRIED_AFTER[tries - 1] if tries <= len(_TRIED_AFTER) else None


def next_telling(tries: int) -> timedelta:
    """How long to wait after an alarm was sent so many times and nobody took it."""
    return _TOLD_AFTER[min(tries, len(_TOLD_AFTER)) - 1]


def is_told_no_more(tries: int) -> bool:
    """Whether an alarm that was sent so many times is given up."""
    return tries > len(_TOLD_AFTER)


def looks_cut_off(store: str, had: int, not_named: int) -> str | None:
    """Why a snapshot of a store is rather a mistake, or None: of so many articles that it has so many are not named."""
    if not_named > MOST_NOT_NAMED * had:
        return (
            f"{not_named:,} of {had:,} articles that {store} has are not named, more than {MOST_NOT_NAMED:.0%}: the "
            "store would have none of them"
        )
    return None
