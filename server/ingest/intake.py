"""A whole stream of records, batch by batch: what the importer and the door for records share."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from msgspec import structs

from server.ingest.ndjson import A_LIST, NO_JSON, Line, Lines, TruncatedError, is_blank
from server.ingest.reader import Reader, ReadLine
from server.wire.records import RecordsSummary

BATCH = 1000
"""Lines that share a transaction: it holds other writers up for about a tenth of a second."""
BATCH_BYTES = 16 * 1_048_576
"""A batch of fewer lines is complete from here on: lines may be long, and a batch is held in memory."""
GIVE_UP_AFTER = 100
"""Lines: where so many in a row from the first one on are no JSON objects, the rest is none either."""
_NO_OBJECT = (NO_JSON, A_LIST, "Expected `object`")
"""What is said of such a line: of one that begins with digits, as a table's do, JSON reads a number."""
REFUSALS_ANSWERED = 1000


class Intake:
    """Cuts a stream into batches and adds up what became of them.

    Attributes:
        summary: what became of the records so far; `stopped` says why nothing more is read, if so.
    """

    def __init__(self) -> None:
        self.summary = RecordsSummary()
        self._lines = Lines()
        self._batch: list[Line] = []
        self._size = 0
        self._seen = 0
        self._no_object = 0

    def run(
        self, chunks: Iterable[bytes], reader: Reader, take: Callable[[list[ReadLine]], RecordsSummary]
    ) -> Iterator[RecordsSummary]:
        """Take a whole stream: while one batch is written the next is read; yields what became of each."""
        with ThreadPoolExecutor(1, "mostrador-intake") as aside:
            under_way: Future[RecordsSummary] | None = None
            for batch in self._batches(chunks):
                read = reader.ask(batch)
                if under_way is not None:
                    yield self._counted(under_way)
                under_way = aside.submit(_taken, take, read)
                if self._seen <= GIVE_UP_AFTER:  # what became of the first lines decides whether there is a next batch
                    yield self._counted(under_way)
                    under_way = None
            if under_way is not None:
                yield self._counted(under_way)

    def _batches(self, chunks: Iterable[bytes]) -> Iterator[list[Line]]:
        for chunk in chunks:
            yield from self.feed(chunk)
            if self.summary.stopped is not None:
                return
        yield from self.end()

    def _counted(self, under_way: "Future[RecordsSummary]") -> RecordsSummary:
        part = under_way.result()
        self.count(part)
        return part

    def feed(self, chunk: bytes) -> Iterator[list[Line]]:
        """Batches that a chunk completes."""
        if self.summary.stopped is not None:
            return
        try:
            for line in self._lines.feed(chunk):
                if self._add(line):
                    yield self._take()
        except TruncatedError as error:
            yield from self._stop(str(error))

    def end(self) -> Iterator[list[Line]]:
        """The last batch."""
        if self.summary.stopped is not None:
            return
        try:
            for line in self._lines.end():
                if self._add(line):
                    yield self._take()
        except TruncatedError as error:
            yield from self._stop(str(error))
            return
        if self._batch:
            yield self._take()
        if not self._seen:
            yield from self._stop("there is nothing in it: one JSON record a line was expected")

    def count(self, part: RecordsSummary) -> None:
        """Add what became of a batch."""
        total = self.summary
        self.summary = RecordsSummary(
            new=total.new + part.new,
            changed=total.changed + part.changed,
            unchanged=total.unchanged + part.unchanged,
            older=total.older + part.older,
            refused=total.refused + part.refused,
            refusals=(total.refusals + part.refusals)[:REFUSALS_ANSWERED],
            stopped=total.stopped,
        )
        self._no_object += sum(refusal.reason.startswith(_NO_OBJECT) for refusal in part.refusals)
        if GIVE_UP_AFTER <= self._no_object == self._seen:
            self._set_stopped(
                f"none of the first {self._no_object} lines is JSON: this is no NDJSON, and nothing of it was taken; "
                "write one JSON record a line"
            )

    def _add(self, line: Line) -> bool:
        """Add a line; whether the batch is complete."""
        if is_blank(line) or self.summary.stopped is not None:
            return False
        self._seen += 1
        self._batch.append(line)
        self._size += len(line.text)
        return len(self._batch) == BATCH or self._size >= BATCH_BYTES or self._seen == GIVE_UP_AFTER

    def _take(self) -> list[Line]:
        batch, self._batch, self._size = self._batch, [], 0
        return batch

    def _stop(self, reason: str) -> Iterator[list[Line]]:
        if self._batch:
            yield self._take()
        self._set_stopped(reason)

    def _set_stopped(self, reason: str) -> None:
        self._batch.clear()
        self.summary = structs.replace(self.summary, stopped=reason)


def _taken(take: Callable[[list[ReadLine]], RecordsSummary], read: Callable[[], list[ReadLine]]) -> RecordsSummary:
    return take(read())
