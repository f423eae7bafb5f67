"""Reading a feed: what is known by its hash is as it was, whatever its place; all else is understood and passed on."""

from array import array
from collections.abc import Callable, Collection
from functools import partial
from hashlib import blake2b
from pathlib import Path
from struct import Struct as Packed
from typing import BinaryIO, NamedTuple

from msgspec.structs import replace

from server.catalog import runs
from server.catalog.account import Account
from server.catalog.feeds.formats import FormatName, open_feed, pieces
from server.catalog.feeds.shape import Defaults, FeedError, FeedRow, Reader, RefusedRowError
from server.catalog.known import Known
from server.catalog.pictures import links
from server.catalog.staging import Staging

MEANING = b"2"
"""Goes up with every change to what a piece of a feed means: then all of it is understood anew."""
TOLD_EVERY = 4_096
"""Pieces of a feed between two looks at the clock."""

_unpack = Packed("<q").unpack

Take = Callable[[int, int | None, FeedRow], None]
"""Given each row that was understood: its line, its hash, and what it says."""


class Matched(NamedTuple):
    """The hashes and lines of a feed's pieces in their order."""

    hashes: "array[int]"
    lines: "array[int]"

    def lines_of(self, wanted: Collection[int]) -> dict[int, int]:
        """The first line of each of some hashes."""
        found: dict[int, int] = {}
        if wanted:
            for row_hash, line in zip(self.hashes, self.lines, strict=True):
                if row_hash in wanted:
                    found.setdefault(row_hash, line)
        return found


class Reading:
    """A feed that is read, maybe twice.

    Args:
        file: it is read from its beginning.
        format_: what it is written in; None: look.
        defaults: what holds where it says nothing.
        folder: where its file lies; pictures with relative links lie there too.
        account: told how far it is, and what is refused.
        staging: told whose rows are refused, and what pictures are named.

    Attributes:
        pictures: whether any lie beside its file.
    """

    def __init__(
        self,
        file: BinaryIO,
        format_: FormatName | None,
        defaults: Defaults,
        folder: Path | None,
        account: Account,
        staging: Staging,
    ) -> None:
        self._file = file
        self._format = format_
        self._defaults = defaults
        self._folder = folder
        self._account = account
        self._staging = staging
        self._size = file.seek(0, 2)
        self.pictures = False
        self._last_link: tuple[str | None, str | None] = (None, None)
        self._no_links: set[str] = set()

    def read(self, known: Known, take: Take) -> Matched:
        """Read all of it.

        Args:
            known: what is shown; what is found in the feed as it was is taken out of it.
            take: given the rest.
        """
        digest, reader = self._opened()
        hashes, lines = array("q"), array("q")
        pop, note, note_line = known.left.pop, hashes.append, lines.append
        count = 0
        for line, piece in pieces(reader):
            (row_hash,) = _unpack(digest(piece).digest())
            note(row_hash)
            note_line(line)
            count += 1
            if pop(row_hash, None) is None:
                self._understand(reader, line, piece, row_hash, take)
            if not count % TOLD_EVERY:
                self._account.told("reading", count, self._file.tell(), self._size)
        self._account.run = replace(self._account.run, rows=count)
        if not count:
            raise FeedError("there is no article in the feed: a line or an item for each was expected")
        return Matched(hashes, lines)

    def fetch(self, matched: Matched, wanted: set[int], take: Take) -> None:
        """Read it once more, for some pieces alone."""
        if not wanted:
            return
        digest, reader = self._opened()
        for (line, piece), row_hash in zip(pieces(reader), matched.hashes, strict=False):
            if row_hash in wanted:
                if _unpack(digest(piece).digest())[0] != row_hash:
                    raise FeedError("the feed was changed while it was read: send it again")
                wanted.discard(row_hash)
                self._understand(reader, line, piece, row_hash, take)
                if not wanted:
                    return
        raise FeedError("the feed was cut off while it was read: send it again")

    def _opened(self) -> "tuple[Callable[[bytes], blake2b], Reader]":
        self._file.seek(0)
        format_, reader = open_feed(self._file, self._format, self._defaults)
        self._account.run = replace(self._account.run, format=format_)
        beside = b"" if self._folder is None else b"beside"
        means = blake2b(b"\0".join((MEANING, format_.encode(), beside, reader.context)), digest_size=16).digest()
        return partial(blake2b, digest_size=8, person=means), reader

    def _understand(self, reader: Reader, line: int, piece: bytes, row_hash: int, take: Take) -> None:
        rows = reader.rows(line, piece)
        # What is refused of a piece is to be told again the next time: then it must not be known by its hash.
        known_by = row_hash if len(rows) == 1 or not any(isinstance(row, RefusedRowError) for row in rows) else None
        for row in rows:
            if isinstance(row, RefusedRowError):
                self._account.refuse(row.line or line, row.field, row.value, str(row))
                if row.sku is not None:
                    self._staging.refuse(row.sku)
            else:
                take(line, known_by, self._with_pictures(row, line))

    def _with_pictures(self, row: FeedRow, line: int) -> FeedRow:
        """A row whose pictures have the names that they are looked for by; a wrong link costs the picture only."""
        if row.picture is None and row.product_picture is None:
            return row
        picture, product_picture = self._named(row.picture, line), self._named(row.product_picture, line)
        if picture is row.picture and product_picture is row.product_picture:
            return row
        return row._replace(picture=picture, product_picture=product_picture)

    def _named(self, link: str | None, line: int) -> str | None:
        """The name of a picture that a row names, and that is to be there."""
        if link is None or link in self._no_links:
            return None
        if link == self._last_link[0]:
            return self._last_link[1]
        name, rule = links.name_of(link, self._defaults.source, beside=self._folder is not None)
        if name is None:
            if len(self._no_links) < runs.REFUSALS_KEPT:
                self._no_links.add(link)
            self._account.refuse(line, "image_link", link, rule)
        else:
            self.pictures = self.pictures or name is not link
            self._staging.name(name, line)
        self._last_link = link, name
        return name
