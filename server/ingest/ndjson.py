"""Bytes of an NDJSON file or request body, plain or gzip, to lines and records. Pure, and of constant memory."""

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from server.wire.base import in_words
from server.wire.records import Record, Refusal

LONGEST_LINE = 1_048_576
"""Bytes. An order of 5,000 lines has half of that; what is longer is no record."""
_PIECE = 1_048_576
NO_JSON = "this is no JSON"
A_LIST = "this is a JSON list: write one record a line"

_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)
_BOM = b"\xef\xbb\xbf"
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_PAIR = re.compile(rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_HALF = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_AT = re.compile(r" - at `(?:key in )?(\$[^`]*)`$")


class Line(NamedTuple):
    """A line with its number from 1; one that is too long has only its beginning, and says so."""

    number: int
    text: bytes
    too_long: bool = False


class TruncatedError(Exception):
    """A gzip stream ends before its end, or is damaged; what came before was read."""


class Lines:
    """Takes bytes as they come and gives lines as they are complete; what is gzip is unpacked by its first bytes."""

    def __init__(self) -> None:
        self._number = 0
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._head = b""
        self._gzip: zlib._Decompress | None = None
        self._plain = False

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """Lines that a chunk completes.

        Raises:
            TruncatedError: it is damaged gzip.
        """
        if not self._plain and self._gzip is None:
            self._head += chunk
            if len(self._head) < 2:
                return
            chunk, self._head = self._head, b""
            if chunk[:2] == b"\x1f\x8b":
                self._gzip = zlib.decompressobj(wbits=31)
            else:
                self._plain = True
        if self._plain:
            yield from self._split(chunk)
            return
        for piece in self._unpacked(chunk):
            yield from self._split(piece)

    def end(self) -> Iterator[Line]:
        """The last line, where it has no line end.

        Raises:
            TruncatedError: the gzip stream is not at its end.
        """
        if self._head:
            yield from self._split(self._head)
        if self._gzip is not None and not self._gzip.eof:
            raise TruncatedError(
                "the gzip data ends in the middle: the file was cut off on its way; send it again whole"
            )
        if self._pending:
            yield self._line()

    def _unpacked(self, chunk: bytes) -> Iterator[bytes]:
        assert self._gzip is not None
        while chunk:
            if self._gzip.eof:  # files that were packed one after the other are one stream; zeros may fill it up
                chunk = chunk.lstrip(b"\0")
                if not chunk:
                    return
                self._gzip = zlib.decompressobj(wbits=31)
            try:
                piece = self._gzip.decompress(chunk, _PIECE)
            except zlib.error as error:
                raise TruncatedError(f"the gzip data is damaged ({error}): send the file again") from error
            if piece:
                yield piece
            chunk = self._gzip.unconsumed_tail or self._gzip.unused_data

    def _split(self, chunk: bytes) -> Iterator[Line]:
        *whole, rest = chunk.split(b"\n")
        for text in whole:
            if self._number and not self._pending_size and len(text) <= LONGEST_LINE:
                self._number += 1
                yield Line(self._number, text)
            else:
                self._add(text)
                yield self._line()
        if rest:
            self._add(rest)

    def _add(self, part: bytes) -> None:
        if self._pending_size <= LONGEST_LINE:
            self._pending.append(part[: LONGEST_LINE + 1 - self._pending_size])
        self._pending_size += len(part)

    def _line(self) -> Line:
        self._number += 1
        text = b"".join(self._pending)
        if self._number == 1:
            text = text.removeprefix(_BOM)
        too_long = self._pending_size > LONGEST_LINE
        self._pending, self._pending_size = [], 0
        return Line(self._number, text, too_long)


def read_record(line: Line) -> Record | Refusal:
    """A record, or where and why the line is none."""
    if line.too_long:
        return Refusal(
            line=line.number,
            path="$",
            reason=f"the line is longer than {LONGEST_LINE:,} bytes: write one record a line",
        )
    if b"\\u0000" in line.text and _NUL.search(line.text):
        return Refusal(line=line.number, path="$", reason="a text contains NUL, which no database keeps: leave it out")
    try:
        return _decoder.decode(line.text)
    except msgspec.ValidationError as error:
        message = str(error)
        at = _AT.search(message)
        reason = A_LIST if _is_list(line) else in_words(_AT.sub("", message))
        return Refusal(line=line.number, path=at[1] if at else "$", reason=reason)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        half = _HALF.search(_PAIR.sub(b"", line.text))
        reason = (
            A_LIST
            if _is_list(line)
            else f"{NO_JSON}: {half[0].decode()} is half a character: write both halves, or leave it out"
            if half
            else f"{NO_JSON}: {error}"
        )
        return Refusal(line=line.number, path="$", reason=reason)


def _is_list(line: Line) -> bool:
    return line.text.lstrip().startswith(b"[")


def is_blank(line: Line) -> bool:
    """Empty lines are no records and no mistakes."""
    return not line.too_long and not line.text.strip()
