"""What a live stream says: `event` is the tag of what happened, `data` one of these as JSON."""

from server.wire.base import Wire
from server.wire.catalog import SyncRun
from server.wire.events import Event


class LiveOpened(Wire, tag="opened"):
    """A stream begins.

    Attributes:
        id: of the last event that is not told any more.
        resumed: the stream goes on where the caller stopped; if not, what they hold may be old: read it anew.
    """

    id: int
    resumed: bool


class LiveEnded(Wire, tag="ended"):
    """A stream ends because the door is closed to who listens; `code` is the problem's that they would get now."""

    code: str


class LiveRun(Wire, tag="catalog_run"):
    """How far the latest run of a catalogue sync is, or how it ended; without its refused rows and its preview.

    It is told when a stream begins, every few seconds while rows are read and written, and at the end. It is no event
    and has no number.
    """

    run: SyncRun


class LiveEvent(Wire):
    """Something happened.

    Attributes:
        id: grows with every event; to go on after it, send it as `Last-Event-ID`.
        at: when, ISO 8601 in UTC.
        customer_id: whom it is about, if anybody.
        person_id: the person that this customer is.
        store: code of the store it is about, if it is about one.
        event: what.
    """

    id: int
    at: str
    customer_id: int | None
    person_id: int | None
    store: str | None
    event: Event
