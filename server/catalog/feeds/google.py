"""Google Merchant feeds as tab-separated text.

Attributes and their limits: Google Merchant Center product data specification. One row is a variant; rows with the same
`item_group_id` are one product.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from html import unescape
from itertools import takewhile
from typing import get_args

from babel.numbers import get_currency_precision, list_currencies

from server.wire.catalog import RefusedRow
from server.wire.codes import is_gtin
from server.wire.records import Availability, ProductRecord, VariantRecord

REQUIRED = ("id", "title", "price")
OPTIONS = ("color", "size", "material", "pattern")
AVAILABILITY: dict[str, Availability] = {name: name for name in get_args(Availability)}
TEXTS = frozenset({"title", "description", "brand", "product_type", *OPTIONS})
"""What people read: shops leave HTML's entities in it. In a link, `&copy=` is no sign of copyright."""
LIMITS = {"id": 50, "title": 150, "description": 5000, "image_link": 2000}
"""Characters, where what is longer is refused (ids, links) or cut (texts)."""
HIGHEST_PRICE = Decimal(10) ** 10
_AMOUNT = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,6})?")
_CURRENCIES = frozenset(list_currencies())


class FeedError(Exception):
    """A feed that cannot be read as a whole; the message says why and what it should be."""


class RefusedRowError(Exception):
    """A row that cannot be taken."""

    def __init__(self, field: str, value: str, rule: str) -> None:
        super().__init__(rule)
        self.field, self.value, self.rule = field, value, rule


def read_products(
    lines: Iterable[bytes], source: str, stated_at: datetime
) -> tuple[list[ProductRecord], list[RefusedRow]]:
    """Products and refused rows of a feed.

    Args:
        lines: of the file, with their line ends, in UTF-8.
        source: whose products these are.
        stated_at: when they were true.

    Raises:
        FeedError: the first line names no columns that a feed must have.
    """
    groups: dict[str, list[tuple[dict[str, str], VariantRecord]]] = {}
    refused: list[RefusedRow] = []
    seen: dict[str, int] = {}
    for number, row in _rows(lines):
        if isinstance(row, RefusedRow):
            refused.append(row)
            continue
        try:
            variant = _variant(row)
            _require_first(variant.sku, seen)
        except RefusedRowError as error:
            refused.append(RefusedRow(line=number, field=error.field, value=error.value[:200], rule=error.rule))
            continue
        seen[variant.sku] = number
        groups.setdefault(row.get("item_group_id") or variant.sku, []).append((row, variant))
    return [_product(group, rows, source, stated_at) for group, rows in groups.items()], refused


def _require_first(sku: str, seen: Mapping[str, int]) -> None:
    if sku in seen:
        raise RefusedRowError("id", sku, f"this id stands in line {seen[sku]} already")


def _rows(lines: Iterable[bytes]) -> Iterator[tuple[int, dict[str, str] | RefusedRow]]:
    columns: list[str] | None = None
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            if columns is None:
                raise FeedError("the feed is not in UTF-8: save it as UTF-8 and send it again") from error
            beginning = line[:40].decode("utf-8", "replace")
            yield number, RefusedRow(line=number, field="", value=beginning, rule="the line is not in UTF-8")
            continue
        if columns is None:
            columns = [name.strip().lower().replace(" ", "_") for name in text.split("\t")]
            missing = [name for name in REQUIRED if name not in columns]
            if missing:
                raise FeedError(
                    f"the first line names no column {', '.join(missing)}: a Google Merchant feed has its column names "
                    "in the first line, separated by tabs"
                )
            continue
        if text.strip():
            row = {name: _unquoted(value) for name, value in zip(columns, text.split("\t"), strict=False)}
            yield number, {name: unescape(value) if name in TEXTS else value for name, value in row.items()}
    if columns is None:
        raise FeedError("there is nothing in the feed: a line of column names and a line a variant were expected")


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return value[1:-1].replace('""', '"')
    return value


def _variant(row: dict[str, str]) -> VariantRecord:
    for field in REQUIRED:
        if not row.get(field):
            raise RefusedRowError(field, "", f"{field} is missing")
    for field in ("id", "image_link"):
        if len(row.get(field, "")) > LIMITS[field]:
            raise RefusedRowError(field, row[field], f"longer than {LIMITS[field]} characters")
    gtin = row.get("gtin") or None
    if gtin is not None and not is_gtin(gtin):
        raise RefusedRowError("gtin", gtin, "no GTIN: 8, 12, 13 or 14 digits, the last of which is a check digit")
    availability = AVAILABILITY.get(row.get("availability", "").lower().replace(" ", "_"))
    if availability is None and row.get("availability"):
        raise RefusedRowError("availability", row["availability"], f"none of {', '.join(AVAILABILITY)}")
    price, currency = _price("price", row["price"])
    sale_price = None
    if row.get("sale_price"):
        sale_price, sale_currency = _price("sale_price", row["sale_price"])
        if sale_currency != currency:
            raise RefusedRowError("sale_price", row["sale_price"], f"in another currency than the price ({currency})")
    return VariantRecord(
        sku=row["id"],
        price=price,
        currency=currency,
        gtin=gtin,
        title=row["title"][: LIMITS["title"]],
        options={name: row[name][:100] for name in OPTIONS if row.get(name)},
        sale_price=sale_price,
        picture=row.get("image_link") or None,
        availability=availability,
    )


def _price(field: str, text: str) -> tuple[int, str]:
    """`12.34 EUR` in minor units and its currency (how many digits: CLDR)."""
    amount, _, currency = text.rpartition(" ")
    if currency not in _CURRENCIES:
        raise RefusedRowError(field, text, "no price with its currency: 12.34 EUR")
    if not _AMOUNT.fullmatch(amount.strip()):
        raise RefusedRowError(field, text, "no price: digits and a point, 12.34 EUR")
    value = Decimal(amount.strip())
    if value < 0 or value > HIGHEST_PRICE:
        raise RefusedRowError(field, text, "a price is not negative and not absurd")
    minor = value.scaleb(get_currency_precision(currency))
    if minor != minor.to_integral_value():
        raise RefusedRowError(field, text, f"{currency} has {get_currency_precision(currency)} digits after the point")
    return int(minor), currency


def _product(
    group: str, rows: list[tuple[dict[str, str], VariantRecord]], source: str, stated_at: datetime
) -> ProductRecord:
    first = rows[0][0]
    titles = [row["title"][: LIMITS["title"]] for row, _ in rows]
    return ProductRecord(
        source=source,
        external_id=group,
        updated_at=stated_at,
        title=_common_title(titles),
        description=first.get("description", "")[: LIMITS["description"]] or None,
        brand=first.get("brand") or None,
        category=first.get("product_type") or None,
        picture=first.get("image_link") or None,
        variants=tuple(variant for _, variant in rows),
    )


def _common_title(titles: list[str]) -> str:
    """What the titles of all variants begin with; Sport-100 Helmet, where they go on with a colour."""
    words = [title.split(" ") for title in titles]
    common = takewhile(lambda same: len(set(same)) == 1, zip(*words, strict=False))
    title = " ".join(word for word, *_ in common).rstrip(" ,-–/|(")
    # Sport-100 Helmet, Red and Sport-100 Helmet, Black share the word `Helmet,` with its comma.
    return title or titles[0]
