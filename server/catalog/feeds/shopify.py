"""Shopify's product CSV: a row is a variant or one more picture; rows with the same `Handle` are one product.

Columns: Shopify Help Center, "Using CSV files to import and export products". A product's own fields stand on its first
row alone. Where a variant has no SKU, its handle and options are its name; there is no currency in it.
"""

import csv
from collections.abc import Iterator, Sequence
from io import TextIOWrapper
from typing import BinaryIO

import msgspec

from server.catalog.feeds.shape import (
    LONGEST_LABEL,
    LONGEST_LINE,
    LONGEST_OPTION,
    LONGEST_SKU,
    LONGEST_TEXT,
    LONGEST_TITLE,
    Defaults,
    FeedError,
    FeedRow,
    RefusedRowError,
    bare,
    gtin_of,
    link_of,
    money,
    plain,
)

REQUIRED = ("Handle", "Title", "Variant Price")
_NO_CHOICE = "Default Title"
"""The option of a product that has one variant."""
_NO_TEXT = "�"
_Lines = list[tuple[int, dict[str, str]]]
_lines = msgspec.json.Decoder(_Lines)


class ShopifyCsv:
    """An export of products: UTF-8, comma-separated."""

    def __init__(self, file: BinaryIO, defaults: Defaults) -> None:
        # What is not UTF-8 costs its row, not the feed.
        text = TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
        csv.field_size_limit(LONGEST_LINE)
        self._reader = csv.DictReader(text, restkey="", restval="")
        columns = self._reader.fieldnames or ()
        missing = [name for name in REQUIRED if name not in columns]
        if missing:
            raise FeedError(
                f"the first line names no column {', '.join(missing)}: a product CSV of Shopify has its column names "
                "in the first line, spelled as Shopify does"
            )
        self._currency = defaults.currency
        self.context = f"shopify {defaults.currency}".encode()

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        product: _Lines = []
        try:
            for line, row in self._rows():
                if product and row.get("Handle") != product[0][1].get("Handle"):
                    yield product[0][0], _piece(product)
                    product = []
                product.append((line, row))
        except csv.Error as error:
            raise FeedError(f"the CSV is broken in line {self._reader.line_num}: {error}") from error
        if product:
            yield product[0][0], _piece(product)

    def rows(self, line: int, piece: bytes) -> Sequence[FeedRow | RefusedRowError]:
        lines = _lines.decode(piece)
        return [self._row(line + offset, row, lines) for offset, row in lines if _is_variant(row)]

    def _rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        before = 1
        for row in self._reader:
            line, before = before + 1, self._reader.line_num
            filled = {name: value for name, value in row.items() if name and isinstance(value, str) and value.strip()}
            if filled:
                yield line, filled

    def _row(self, line: int, row: dict[str, str], lines: _Lines) -> FeedRow | RefusedRowError:
        sku = bare(row.get("Variant SKU", "")).lstrip("'")
        try:
            return self._taken(row, sku, [entry for _, entry in lines])
        except RefusedRowError as error:
            return RefusedRowError(error.field, error.value, error.rule, line, sku or None)

    def _taken(self, row: dict[str, str], sku: str, rows: Sequence[dict[str, str]]) -> FeedRow:
        first = rows[0]
        for field, value in row.items():
            if _NO_TEXT in value:
                raise RefusedRowError(field, value, "the line is not in UTF-8")
        handle, title = bare(row.get("Handle", "")), plain(first.get("Title", ""))
        if not handle:
            raise RefusedRowError("Handle", "", "Handle is missing")
        if not title:
            raise RefusedRowError("Title", first.get("Title", ""), "Title is missing")
        options = _options(row, first)
        sku = sku or "-".join((handle, *(value.replace(" ", "-") for value in options.values())))
        if len(sku) > LONGEST_SKU or len(handle) > LONGEST_LABEL:
            raise RefusedRowError("Variant SKU", sku, f"longer than {LONGEST_SKU} characters")
        price_text = row.get("Variant Price", "").strip()
        if not price_text:
            raise RefusedRowError("Variant Price", "", "Variant Price is missing")
        price, currency = money("Variant Price", price_text, self._currency)
        sale_price = None
        if compared_text := row.get("Variant Compare At Price", "").strip():
            compared, _ = money("Variant Compare At Price", compared_text, self._currency)
            if compared > price:
                price, sale_price = compared, price
        pictures = (bare(entry["Image Src"]) for entry in rows if entry.get("Image Src"))
        picture = link_of("Image Src", next(pictures, ""))
        chosen = ", ".join(options.values())
        return FeedRow(
            product=handle,
            sku=sku,
            title=(f"{title}, {chosen}" if chosen else title)[:LONGEST_TITLE],
            price=price,
            currency=currency,
            sale_price=sale_price,
            gtin=gtin_of("Variant Barcode", row.get("Variant Barcode", "").strip().lstrip("'")),
            options=options,
            picture=link_of("Variant Image", bare(row.get("Variant Image", ""))) or picture,
            availability=None,
            product_title=title[:LONGEST_TITLE],
            description=plain(first.get("Body (HTML)", ""))[:LONGEST_TEXT] or None,
            brand=plain(first.get("Vendor", ""))[:LONGEST_LABEL] or None,
            category=plain(first.get("Type", ""))[:LONGEST_LABEL] or None,
            product_picture=picture,
        )


def _piece(product: _Lines) -> bytes:
    """A product's rows; lines are counted from its first, so that it stays the same wherever it stands."""
    return msgspec.json.encode([(line - product[0][0], row) for line, row in product])


def _is_variant(row: dict[str, str]) -> bool:
    """One more picture has a handle and links alone."""
    return any(row.get(name) for name in ("Title", "Variant Price", "Variant SKU", "Option1 Value"))


def _options(row: dict[str, str], first: dict[str, str]) -> dict[str, str]:
    options: dict[str, str] = {}
    for number in (1, 2, 3):
        value = plain(row.get(f"Option{number} Value", ""))
        if value and value != _NO_CHOICE:
            name = plain(first.get(f"Option{number} Name", "")) or f"Option{number}"
            options[name.lower()[:LONGEST_OPTION]] = value[:LONGEST_OPTION]
    return options
