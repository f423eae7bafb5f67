"""Google Merchant feeds as RSS 2.0 or Atom: an `item` or `entry` is a variant.

Read by expat piece by piece. A document that declares types or entities is refused before any of them can grow or
reach for a file.
"""

from collections.abc import Iterator, Sequence
from typing import BinaryIO
from xml.parsers import expat

import msgspec

from server.catalog.feeds.google import ATTRIBUTES, row_of
from server.catalog.feeds.shape import LONGEST_LINE, FeedError, FeedRow, RefusedRowError

_AT_ONCE = 65_536
_GOOGLE = "http://base.google.com/ns/1.0"
_ITEMS = frozenset({"item", "entry"})
_fields = msgspec.json.Decoder(dict[str, str])


class GoogleXml:
    """A feed whose variants are elements, their attributes in Google's namespace or in none."""

    context = b"xml"

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._done: list[tuple[int, bytes]] = []
        self._item: dict[str, str] | None = None
        self._line = self._depth = self._size = 0
        self._name: str | None = None
        self._text: list[str] = []
        self._seen = False

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.ExternalEntityRefHandler = _refuse
        parser.StartElementHandler = lambda name, _: self._start(name, parser.CurrentLineNumber)
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        try:
            while chunk := self._file.read(_AT_ONCE):
                parser.Parse(chunk, False)
                yield from self._taken()
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            yield from self._taken()
            raise FeedError(f"the XML is broken in line {error.lineno}: {expat.ErrorString(error.code)}") from error
        except (LookupError, ValueError) as error:
            raise FeedError(f"the XML cannot be read: {error}") from error
        yield from self._taken()
        if not self._seen:
            raise FeedError("there is no item and no entry in the XML: RSS or Atom of Google Merchant was expected")

    def rows(self, _line: int, piece: bytes) -> Sequence[FeedRow | RefusedRowError]:
        fields = _fields.decode(piece)
        return (row_of([fields.get(name, "") for name in ATTRIBUTES]),)

    def _taken(self) -> list[tuple[int, bytes]]:
        done, self._done = self._done, []
        return done

    def _start(self, name: str, line: int) -> None:
        space, _, local = name.rpartition(" ")
        if self._item is None:
            if local in _ITEMS and space != _GOOGLE:
                self._item, self._line, self._depth, self._size, self._seen = {}, line, 0, 0, True
            return
        self._depth += 1
        # An attribute in Google's namespace goes before RSS's own of the same name.
        if self._depth == 1 and (space == _GOOGLE or local not in self._item):
            self._name, self._text = local, []

    def _data(self, text: str) -> None:
        if self._name is not None:
            self._size += len(text)
            if self._size > LONGEST_LINE:
                raise FeedError(f"the item in line {self._line} is longer than {LONGEST_LINE // 1024 // 1024} MiB")
            self._text.append(text)

    def _end(self, _name: str) -> None:
        if self._item is None:
            return
        if self._depth == 0:
            self._done.append((self._line, msgspec.json.encode(self._item)))
            self._item = None
            return
        self._depth -= 1
        if self._depth == 0 and self._name is not None:
            self._item[self._name] = "".join(self._text).strip()
            self._name = None


def _refuse(*_: object) -> int:
    raise FeedError("the XML declares a document type or entities, which a feed needs none of: send it without")
