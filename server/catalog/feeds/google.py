"""Google Merchant feeds as tab-separated text, and what their attributes mean in any form.

Attributes and their limits: Google Merchant Center product data specification. One row is a variant; rows with the same
`item_group_id` are one product.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import get_args

from server.catalog.feeds.shape import (
    CONTROLS,
    LONGEST_LABEL,
    LONGEST_OPTION,
    LONGEST_TEXT,
    LONGEST_TITLE,
    FeedError,
    FeedRow,
    RefusedRowError,
    gtin_of,
    label,
    link_of,
    money,
    plain,
)
from server.wire.records import Availability

REQUIRED = ("id", "title", "price")
OPTIONS = ("color", "size", "material", "pattern")
AVAILABILITY = frozenset(get_args(Availability))
ATTRIBUTES = (
    *("id", "title", "price", "sale_price", "availability", "gtin", "item_group_id", "image_link", "description"),
    *("brand", "product_type", *OPTIONS),
)
"""What is read of a variant, in this order."""
LONGEST_ID = 50


class GoogleText:
    """A tab-separated feed: a line of column names, then a line a variant, in UTF-8."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        first = next(self._lines, b"")
        if not first.strip():
            raise FeedError("there is nothing in the feed: a line of column names and a line a variant were expected")
        try:
            text = first.decode("utf-8-sig").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise FeedError("the feed is not in UTF-8: save it as UTF-8 and send it again") from error
        columns = column_names(text)
        self.context = "\t".join(columns).encode()
        # Beyond a row's last value stands an empty one, for the attributes that have no column.
        self._width = len(columns)
        places = {name: place for place, name in enumerate(columns)}
        self._values = itemgetter(*(places.get(name, self._width) for name in ATTRIBUTES))

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        return ((number, line) for number, line in enumerate(self._lines, 2) if line and not line.isspace())

    def rows(self, _line: int, piece: bytes) -> Sequence[FeedRow | RefusedRowError]:
        try:
            text = piece.translate(None, CONTROLS).decode("utf-8")
        except UnicodeDecodeError:
            beginning = piece[:40].strip().decode("utf-8", "replace")
            return (RefusedRowError("", beginning, "the line is not in UTF-8"),)
        values = text.split("\t")
        if '"' in text:
            values = [unquoted(value) for value in values]
        missing = self._width - len(values)
        if missing >= 0:
            values += [""] * (missing + 1)
        else:
            values[self._width :] = [""]
        return (row_of(self._values(values)),)


def column_names(line: str) -> list[str]:
    """The names in a feed's first line.

    Raises:
        FeedError: some that a feed must have are missing.
    """
    columns = [unquoted(name).lower().replace(" ", "_") for name in line.split("\t")]
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise FeedError(
            f"the first line names no column {', '.join(missing)}: a Google Merchant feed has its column names in the "
            "first line, separated by tabs"
        )
    return columns


def unquoted(value: str) -> str:
    """A value without the quotes that a spreadsheet wrote around it."""
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return value[1:-1].replace('""', '"')
    return value


def row_of(values: Sequence[str]) -> FeedRow | RefusedRowError:
    """What a variant's values of `ATTRIBUTES` say."""
    try:
        return _row_of(*values)
    except RefusedRowError as error:
        return RefusedRowError(error.field, error.value, error.rule, sku=values[0].strip() or None)


def _row_of(
    sku_text: str,
    title_text: str,
    price_text: str,
    sale_text: str,
    availability_text: str,
    gtin_text: str,
    group: str,
    link: str,
    description: str,
    brand: str,
    category: str,
    *options_texts: str,
) -> FeedRow:
    # A million rows pass through here: what they share is remembered, and nothing is done twice.
    sku, title, price_text = sku_text.strip(), plain(title_text), price_text.strip()
    if not (sku and title and price_text):
        field, text = ("id", sku_text) if not sku else ("price", "") if title else ("title", title_text)
        raise RefusedRowError(field, text, f"{field} is missing")
    if len(sku) > LONGEST_ID:
        raise RefusedRowError("id", sku, f"longer than {LONGEST_ID} characters")
    picture = link_of("image_link", link.strip())
    gtin = gtin_of("gtin", gtin_text.strip())
    availability = _availability(availability_text)
    price, currency = money("price", price_text)
    sale_price = None
    if sale_text and (sale_text := sale_text.strip()):
        sale_price, sale_currency = money("sale_price", sale_text)
        if sale_currency != currency:
            raise RefusedRowError("sale_price", sale_text, f"in another currency than the price ({currency})")
    options = {}
    for name, text in zip(OPTIONS, options_texts, strict=True):
        if text and (value := label(text)):
            options[name] = value[:LONGEST_OPTION]
    return FeedRow(
        group.strip()[:LONGEST_LABEL] or sku,
        sku,
        title[:LONGEST_TITLE],
        price,
        currency,
        sale_price,
        gtin,
        options,
        picture,
        availability,
        None,
        plain(description)[:LONGEST_TEXT] or None,
        label(brand) or None,
        label(category) or None,
        picture,
    )


@lru_cache(maxsize=256)
def _availability(text: str) -> str | None:
    availability = text.strip().lower().replace(" ", "_") or None
    if availability is not None and availability not in AVAILABILITY:
        raise RefusedRowError("availability", text, f"none of {', '.join(get_args(Availability))}")
    return availability
