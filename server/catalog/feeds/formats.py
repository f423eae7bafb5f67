"""Which format a feed is in, by its first bytes or by name."""

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedReader, RawIOBase
from typing import Any, BinaryIO, Literal, get_args

from server.catalog.feeds.google import GoogleText
from server.catalog.feeds.google_xml import GoogleXml
from server.catalog.feeds.records import ProductLines
from server.catalog.feeds.shape import LONGEST_LINE, Defaults, FeedError, Reader
from server.catalog.feeds.shopify import ShopifyCsv

FormatName = Literal["google-tsv", "google-xml", "shopify-csv", "records"]
FORMATS: tuple[FormatName, ...] = get_args(FormatName)
_LOOKED_AT = 4096
_AT_ONCE = 262_144
_GZIP = b"\x1f\x8b"


class _Lent(RawIOBase):
    """A file that stays open for whoever lent it."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        chunk = self._file.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


def open_feed(file: BinaryIO, named: FormatName | None, defaults: Defaults) -> tuple[FormatName, Reader]:
    """A reader of a feed, plain or gzip.

    Args:
        file: the feed, at its beginning.
        named: its format, where that is not to be found by looking.
        defaults: what the feed leaves unsaid.

    Raises:
        FeedError: it is no feed.
    """
    stream = _plain(file)
    try:
        format_ = named or _found(stream.peek(_LOOKED_AT)[:_LOOKED_AT])
        return format_, _reader(format_, stream, defaults)
    except (EOFError, OSError, zlib.error) as error:
        raise FeedError(f"the feed cannot be read: {error}") from error


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file, plain or gzip, without their ends.

    Raises:
        FeedError: one is too long.
    """
    return _lines(_plain(file))


def pieces(reader: Reader) -> Iterator[tuple[int, bytes]]:
    """The pieces of a feed.

    Raises:
        FeedError: it cannot be read any further.
    """
    try:
        yield from reader
    except (EOFError, OSError, zlib.error) as error:
        raise FeedError(f"the feed cannot be read to its end: {error}") from error


def _plain(file: BinaryIO) -> "BufferedReader[_Lent]":
    stream = BufferedReader(_Lent(file), _AT_ONCE)
    if stream.peek(2)[:2] == _GZIP:
        stream = BufferedReader(_Lent(gzip.GzipFile(fileobj=stream)), _AT_ONCE)
    return stream


def _found(head: bytes) -> FormatName:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return "google-xml"
    if text.startswith(b"{"):
        return "records"
    first = text.partition(b"\n")[0]
    if b"\t" not in first and {b"Handle", b"Title"} <= {name.strip(b'"\r ') for name in first.split(b",")}:
        return "shopify-csv"
    return "google-tsv"


def _reader(format_: FormatName, stream: BinaryIO, defaults: Defaults) -> Reader:
    match format_:
        case "google-tsv":
            return GoogleText(_lines(stream))
        case "google-xml":
            return GoogleXml(stream)
        case "shopify-csv":
            return ShopifyCsv(stream, defaults)
        case "records":
            return ProductLines(_lines(stream), defaults)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines without their ends, none of which may fill the memory."""
    rest = b""
    while chunk := stream.read(_AT_ONCE):
        first, *lines = chunk.split(b"\n")
        rest += first
        if len(rest) > LONGEST_LINE:
            raise FeedError(f"a line is longer than {LONGEST_LINE // 1024 // 1024} MiB")
        if lines:
            yield rest
            rest = lines.pop()
            yield from lines
    if rest:
        yield rest
