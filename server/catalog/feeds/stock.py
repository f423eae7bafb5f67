"""Snapshots of stock: how many of each article stores have, in a JSON object or a row of text a line, plain or gzip."""

import csv
import zlib
from collections.abc import Iterator
from typing import Annotated, BinaryIO, NamedTuple

import msgspec
from msgspec import Meta

from server.catalog.feeds.formats import lines_of
from server.catalog.feeds.shape import CONTROLS, FeedError
from server.wire.base import Sku, StoreCode, Wire, in_words

MOST = 10**9
COLUMNS = ("store", "sku", "quantity")
_BOM = b"\xef\xbb\xbf"


class _Line(Wire, frozen=True, kw_only=True):
    """A line as an object."""

    sku: Sku
    quantity: Annotated[int, Meta(ge=-MOST, le=MOST)]
    store: StoreCode | None = None


_decode = msgspec.json.Decoder(_Line).decode


class StockRow(NamedTuple):
    """How many of an article a store has."""

    line: int
    store: str
    sku: str
    quantity: int


class UnreadRow(NamedTuple):
    """A row that cannot be taken, and why; store and SKU where those can be read."""

    line: int
    field: str
    value: str
    rule: str
    store: str | None = None
    sku: str | None = None


def stock_rows(file: BinaryIO, store: str | None) -> Iterator[StockRow | UnreadRow]:
    """The rows of a snapshot: objects, or a line of column names and lines between tabs, semicolons or commas.

    Args:
        file: the snapshot, at its beginning.
        store: the store that is counted, where rows name none.

    Raises:
        FeedError: it cannot be read as a whole.
    """
    try:
        lines = lines_of(file)
        first = next((line for line in lines if line.strip()), b"").removeprefix(_BOM)
        if not first.strip():
            raise FeedError("there is nothing in it: a row for each article that a store has was expected")
        if first.lstrip().startswith(b"{"):
            yield _of_object(1, first, store)
            yield from (_of_object(n, line, store) for n, line in enumerate(lines, 2) if line.strip())
        else:
            yield from _of_text(first, lines, store)
    except (EOFError, OSError, zlib.error) as error:
        raise FeedError(f"it cannot be read to its end: {error}") from error


def _of_object(number: int, line: bytes, store: str | None) -> StockRow | UnreadRow:
    beginning = line[:80].decode("utf-8", "replace").strip()
    try:
        row = _decode(line)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$.")
        return UnreadRow(number, path.rstrip("`"), beginning, in_words(reason), *_whose(line, store))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return UnreadRow(number, "", beginning, "the line is no JSON object")
    return _checked(number, row.store or "", row.sku, row.quantity, store)


def _whose(line: bytes, store: str | None) -> tuple[str | None, str | None]:
    """The store and SKU of an object in which something else is wrong."""
    row = msgspec.json.decode(line)
    named, sku = (row.get(name) for name in ("store", "sku")) if isinstance(row, dict) else (None, None)
    return (named if isinstance(named, str) else store), (sku if isinstance(sku, str) else None)


def _of_text(first: bytes, lines: Iterator[bytes], store: str | None) -> Iterator[StockRow | UnreadRow]:
    between = next((sign for sign in "\t;," if sign.encode() in first), ",")
    names = [name.strip().lower() for name in _values(first, between) or ()]
    places = {name: names.index(name) for name in COLUMNS if name in names}
    missing = [name for name in COLUMNS if name not in places and (name != "store" or store is None)]
    if missing:
        raise FeedError(
            f"the first line names no column {', '.join(missing)}: a snapshot has the column names store, sku and "
            "quantity in its first line, or is a JSON object a line"
        )
    for number, line in enumerate(lines, 2):
        if not line.strip():
            continue
        values = _values(line, between)
        if values is None:
            yield UnreadRow(number, "", line[:80].decode("utf-8", "replace").strip(), "the line is not in UTF-8")
            continue
        named, sku, quantity = (
            values[places[name]].strip() if name in places and places[name] < len(values) else "" for name in COLUMNS
        )
        try:
            # What int() takes beside digits and a sign (1_000, other scripts' digits) no till writes.
            count = int(quantity) if quantity.lstrip("+-").isascii() and "_" not in quantity else None
        except ValueError:
            count = None
        if count is None:
            rule = "quantity is missing" if not quantity else "no whole number: 12"
            yield UnreadRow(number, "quantity", quantity, rule, named or store, sku or None)
        else:
            yield _checked(number, named, sku, count, store)


def _checked(number: int, named: str, sku: str, quantity: int, store: str | None) -> StockRow | UnreadRow:
    code = named or store or ""
    if not code:
        return UnreadRow(number, "store", "", "store is missing", sku=sku)
    if not sku:
        return UnreadRow(number, "sku", "", "sku is missing", code)
    if len(code) > 32 or len(sku) > 100:
        field, value, most = ("store", code, 32) if len(code) > 32 else ("sku", sku, 100)
        return UnreadRow(number, field, value, f"longer than {most} characters")
    if "\0" in sku or "\0" in code:
        return UnreadRow(number, "sku", sku, "NUL is no sign of a text")
    if not -MOST <= quantity <= MOST:
        return UnreadRow(number, "quantity", f"{quantity}", "more than anybody has", code, sku)
    if store is not None and code != store:
        return UnreadRow(number, "store", code, f"of another store than {store}, which alone is counted")
    return StockRow(number, code, sku, quantity)


def _values(line: bytes, between: str) -> list[str] | None:
    try:
        text = line.translate(None, CONTROLS).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if '"' in text:
        return next(csv.reader([text], delimiter=between), [])
    return text.split(between)
