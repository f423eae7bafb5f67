"""Reading a feed: what is known by its hash is as it was, whatever its place; all else is understood and passed on."""

from array import array
from collections.abc import Callable, Collection, Iterator
from functools import partial
from hashlib import blake2b
from pathlib import Path
from struct import Struct as Packed
from tempfile import TemporaryFile
from typing import BinaryIO

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
CUT_OFF = "the feed was cut off while it was read: send it again"

_unpack = Packed("<q").unpack

Take = Callable[[int, int | None, FeedRow], None]
"""Given each row that was understood: its line, its hash, and what it says."""


class Numbers:
    """Numbers of 64 bits in their order, kept in a file that nobody else sees."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._waiting = array("q")
        self.add = self._waiting.append

    def __iter__(self) -> Iterator[int]:
        self.write()
        self._file.seek(0)
        while some := self._file.read(TOLD_EVERY * self._waiting.itemsize):
            yield from array("q", some)

    def write(self) -> None:
        """Write those down that wait."""
        self._waiting.tofile(self._file)
        del self._waiting[:]

    def close(self) -> None:
        """Let go of them."""
        self._file.close()


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
        hashes: those of its pieces, in their order; `lines` are where they stand.
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
        self.hashes, self.lines = Numbers(), Numbers()
        self._last_link: tuple[str | None, str | None] = (None, None)
        self._no_links: set[str] = set()

    def close(self) -> None:
        """Let go of what was kept of it."""
        self.hashes.close()
        self.lines.close()

    def read(self, known: Known, take: Take) -> None:
        """Read all of it.

        Args:
            known: what is shown; what is found in the feed as it was is taken out of it.
            take: given the rest.
        """
        digest, reader = self._opened()
        found, note, note_line = known.left.found, self.hashes.add, self.lines.add
        count = 0
        for line, piece in pieces(reader):
            (row_hash,) = _unpack(digest(piece).digest())
            note(row_hash)
            note_line(line)
            count += 1
            if not found(row_hash):
                self._understand(reader, line, piece, row_hash, take)
            if not count % TOLD_EVERY:
                self.hashes.write()
                self.lines.write()
                self._account.told("reading", count, self._file.tell(), self._size)
        self._account.run = replace(self._account.run, rows=count)
        if not count:
            raise FeedError("there is no article in the feed: a line or an item for each was expected")

    def lines_of(self, wanted: Collection[int]) -> dict[int, int]:
        """The first line of each of some hashes."""
        found: dict[int, int] = {}
        if wanted:
            for row_hash, line in zip(self.hashes, self.lines, strict=True):
                if row_hash in wanted:
                    found.setdefault(row_hash, line)
        return found

    def fetch(self, wanted: set[int], take: Take) -> None:
        """Read it once more, for some pieces alone."""
        if not wanted:
            return
        for reader, line, piece, row_hash in self._once_more(wanted):
            wanted.discard(row_hash)
            self._understand(reader, line, piece, row_hash, take)
            if not wanted:
                return
        raise FeedError(CUT_OFF)

    def fetch_products(self, wanted: Collection[str], take: Take) -> None:
        """Read it once more, for the rows of some products; but for pieces of which anything was refused."""
        if not wanted:
            return
        count = 0
        for reader, line, piece, row_hash in self._once_more(None):
            count += 1
            rows = reader.rows(line, piece)
            understood = [row for row in rows if not isinstance(row, RefusedRowError)]
            if len(understood) == len(rows):
                for row in understood:
                    if row.product in wanted:
                        take(line, row_hash, self._with_pictures(row, line))
        if count != self._account.run.rows:
            raise FeedError(CUT_OFF)

    def _once_more(self, wanted: Collection[int] | None) -> Iterator[tuple[Reader, int, bytes, int]]:
        digest, reader = self._opened()
        for (line, piece), row_hash in zip(pieces(reader), self.hashes, strict=False):
            if wanted is None or row_hash in wanted:
                if _unpack(digest(piece).digest())[0] != row_hash:
                    raise FeedError("the feed was changed while it was read: send it again")
                yield reader, line, piece, row_hash

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
