"""A feed of our own `product` records, one JSON object a line; see `server/wire/records.py`."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import UNSET

from server.catalog.feeds.shape import (
    LONGEST_OPTION,
    LONGEST_TEXT,
    LONGEST_TITLE,
    Defaults,
    FeedRow,
    RefusedRowError,
    bare,
    gtin_of,
    is_currency,
    plain,
)
from server.wire.base import in_words
from server.wire.records import ProductRecord, VariantRecord

_decode = msgspec.json.Decoder(ProductRecord).decode


class ProductLines:
    """NDJSON: a line is a product with all its variants."""

    def __init__(self, lines: Iterable[bytes], defaults: Defaults) -> None:
        self._lines = lines
        self._source = defaults.source
        self.context = b"records"

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        return ((number, line) for number, line in enumerate(self._lines, 1) if line and not line.isspace())

    def rows(self, _line: int, piece: bytes) -> Sequence[FeedRow | RefusedRowError]:
        beginning = piece[:80].decode("utf-8", "replace").strip()
        try:
            piece.decode("utf-8")
            product = _decode(piece.removeprefix(b"\xef\xbb\xbf"))
        except UnicodeDecodeError:
            return (RefusedRowError("", beginning, "the line is not in UTF-8"),)
        except msgspec.ValidationError as error:
            reason, _, path = str(error).partition(" - at `$.")
            return (RefusedRowError(path.rstrip("`"), beginning, in_words(reason)),)
        except (msgspec.DecodeError, RecursionError):
            return (RefusedRowError("", beginning, "the line is no JSON object"),)
        if product.source != self._source:
            rule = f"of another source than this catalogue's, which is {self._source}"
            return (RefusedRowError("source", product.source, rule),)
        if not isinstance(product.variants, tuple) or not product.variants:
            return (RefusedRowError("variants", product.external_id, "variants are missing"),)
        return [_row(product, variant) for variant in product.variants]


def _row(product: ProductRecord, variant: VariantRecord) -> FeedRow | RefusedRowError:
    try:
        return _taken(product, variant)
    except RefusedRowError as error:
        return RefusedRowError(error.field, error.value, error.rule, sku=variant.sku)


def _taken(product: ProductRecord, variant: VariantRecord) -> FeedRow:
    title = plain(product.title or "") if product.title is not UNSET else ""
    own = plain(variant.title or "") or title
    if not bare(variant.sku):
        raise RefusedRowError("sku", "", "sku is missing")
    if not own:
        raise RefusedRowError("title", variant.sku, "title is missing")
    if not is_currency(variant.currency):
        raise RefusedRowError("currency", variant.currency, "there is no such currency: EUR")
    picture = bare(product.picture or "") or None
    return FeedRow(
        product=bare(product.external_id) or bare(variant.sku),
        sku=bare(variant.sku),
        title=own[:LONGEST_TITLE],
        price=variant.price,
        currency=variant.currency,
        sale_price=variant.sale_price,
        gtin=gtin_of("gtin", variant.gtin or ""),
        options={
            plain(name)[:LONGEST_OPTION]: plain(value)[:LONGEST_OPTION] for name, value in variant.options.items()
        },
        picture=bare(variant.picture or "") or picture,
        availability=variant.availability,
        product_title=title[:LONGEST_TITLE] or None,
        description=plain(product.description or "")[:LONGEST_TEXT] or None,
        brand=plain(product.brand or "") or None,
        category=plain(product.category or "") or None,
        product_picture=picture,
    )
