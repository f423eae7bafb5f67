"""What every format of feeds gives: pieces of a feed, and the rows that a piece says."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from html import unescape
from typing import NamedTuple, Protocol

from babel.numbers import get_currency_precision, list_currencies

from server.wire.codes import is_gtin

LONGEST_TITLE, LONGEST_TEXT, LONGEST_OPTION, LONGEST_LABEL, LONGEST_LINK = 150, 5000, 100, 255, 2000
"""Characters; longer texts are cut, longer links are refused."""
LONGEST_SKU = 100
HIGHEST_PRICE = Decimal(10) ** 10
LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of one piece of a feed; what is longer is no row of a catalogue."""

CONTROLS = bytes((*range(9), 11, 12, *range(13, 32), 127))
"""Bytes that no text of a shop has, nor any database takes all of."""

_AMOUNT = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,6})?")
_CURRENCIES = frozenset(list_currencies())
_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]*|!--.*?--)>", re.DOTALL)
_HIDDEN = re.compile(r"<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class FeedError(Exception):
    """A feed that cannot be read as a whole; the message says why and what it should be."""


class RefusedRowError(Exception):
    """A row that cannot be taken; `sku` is whose, where that can be read."""

    def __init__(self, field: str, value: str, rule: str, line: int | None = None, sku: str | None = None) -> None:
        super().__init__(rule)
        self.field, self.value, self.rule, self.line, self.sku = field, value, rule, line, sku


class FeedRow(NamedTuple):
    """A variant as a feed says it, with what it says of its product.

    Attributes:
        product: the product's key in its source.
        product_title: None where it is what the titles of its variants have in common.
        price: in minor units, as is `sale_price`.
    """

    product: str
    sku: str
    title: str
    price: int
    currency: str
    sale_price: int | None
    gtin: str | None
    options: dict[str, str]
    picture: str | None
    availability: str | None
    product_title: str | None
    description: str | None
    brand: str | None
    category: str | None
    product_picture: str | None


class Reader(Protocol):
    """A feed of one format, open at its beginning.

    Iterating gives its pieces, each with the number of its first line: what one row or one product is, in bytes that
    are the same whenever the feed says the same of it. `context` is what else decides what a piece means.

    Raises:
        FeedError: while iterating: the feed cannot be read, or not any further.
    """

    context: bytes

    def __iter__(self) -> Iterator[tuple[int, bytes]]: ...

    def rows(self, line: int, piece: bytes) -> Sequence[FeedRow | RefusedRowError]:
        """What a piece says; a row that cannot be taken is given as the error that says why."""
        ...


class Defaults(NamedTuple):
    """What holds where a feed says nothing: whose it is, and its currency."""

    source: str
    currency: str


def bare(text: str) -> str:
    """A key or a link without signs that nobody sees."""
    return _CONTROL.sub("", text).strip()


def plain(text: str) -> str:
    """A text without HTML: no tags, entities as the signs that they stand for, one space between words."""
    # Of signs that print, a space is the only blank: most texts are plain as they are.
    if not text or ("  " not in text and "&" not in text and "<" not in text and text.isprintable()):
        return text.strip()
    if "&" in text:
        text = unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", _HIDDEN.sub(" ", text))
        text = unescape(text)
    text = " ".join(text.split())
    return text if text.isprintable() else _CONTROL.sub("", text).strip()


@lru_cache(maxsize=65_536)
def label(text: str) -> str:
    """The same for what many rows say: a colour, a brand."""
    return plain(text)[:LONGEST_LABEL]


@lru_cache(maxsize=65_536)
def money(field: str, text: str, currency: str | None = None) -> tuple[int, str]:
    """`12.34 EUR` in minor units and its currency; how many digits that has says CLDR.

    Raises:
        RefusedRowError: it is no price, or none that can be.
    """
    amount = text
    if currency is None:
        amount, _, currency = text.rpartition(" ")
        if currency not in _CURRENCIES:
            raise RefusedRowError(field, text, "no price with its currency: 12.34 EUR")
    example = "12.34 EUR" if amount is not text else "12.34"
    if not _AMOUNT.fullmatch(amount.strip()):
        raise RefusedRowError(field, text, f"no price: digits and a point, {example}")
    value = Decimal(amount.strip())
    if value < 0 or value > HIGHEST_PRICE:
        raise RefusedRowError(field, text, "a price is not negative and not absurd")
    minor = value.scaleb(get_currency_precision(currency))
    if minor != minor.to_integral_value():
        raise RefusedRowError(field, text, f"{currency} has {get_currency_precision(currency)} digits after the point")
    return int(minor), currency


def is_currency(code: str) -> bool:
    """Whether money of this name exists, or did."""
    return code in _CURRENCIES


def gtin_of(field: str, text: str) -> str | None:
    """A GTIN's 14 digits, None for nothing.

    Raises:
        RefusedRowError: it is none. A wrong number would lead whoever scans it to another article.
    """
    if not text:
        return None
    if not is_gtin(text):
        raise RefusedRowError(field, text, "no GTIN: 8, 12, 13 or 14 digits, the last of which is a check digit")
    return text.zfill(14)


def link_of(field: str, text: str) -> str | None:
    """A link to a picture, None for nothing.

    Raises:
        RefusedRowError: it is too long.
    """
    if len(text) > LONGEST_LINK:
        raise RefusedRowError(field, text, f"longer than {LONGEST_LINK} characters")
    return text or None
