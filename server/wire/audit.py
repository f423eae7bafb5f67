"""Looks at people as they are put on record, and what a check of the record finds. People are numbers here."""

from typing import Annotated, Literal

from msgspec import Meta

from server.wire.base import Wire

Why = Literal[
    "scan", "search", "context", "orders", "live", "terminal", "consents", "export", "erasure", "note", "refused",
    "continued", "code", "vouched", "cart", "handoff", "guessed"
]  # fmt: skip
"""What somebody did that showed them a person. `refused`: read lines that were refused; whom they name nobody knows.

At a kiosk somebody proved who they are: `continued` from the shop's own site or app, by a `code` that was sent to
them, `vouched` for by an associate (on the tablet's record and on the kiosk's); then it shows their `cart`. A till was
told of a `handoff`, or `guessed` one's code.
"""

Mac = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class HeadLine(Wire):
    """How far one chain goes, as it stands in the second place; `seal` binds the line to the one before it.

    `number` counts the lines of a file from 1; a line of a system log has none.
    """

    mostrador: Literal["audit head"]
    version: int
    number: int | None
    chain: str
    position: int
    mac: Mac
    at: str
    closed: bool
    previous: str
    seal: Mac


class LookShown(Wire):
    """One look: who saw whom."""

    at: str
    kind: str
    device_id: int | None
    staff_id: int | None
    why: str
    people: tuple[int, ...]
    request_id: str | None
    chain: str
    position: int


Wrong = Literal[
    "missing", "changed", "inserted", "reordered", "cut_off", "chain_missing", "heads_shortened", "heads_changed"
]


class Finding(Wire):
    """Something that is not as it was written: in a chain, or, where that is None, in the second place."""

    what: Wrong
    chain: str | None
    position: int | None
    detail: str


class Unfinished(Wire):
    """A chain without its last head, as a program leaves it that still runs or was killed.

    What follows `sealed` is as it was written, but if its end were cut off, that would not show.
    """

    chain: str
    rows: int
    sealed: int
    last_at: str


class AuditReport(Wire):
    """What a check of the whole record found; `since`: what is older was let go after its time, None: nothing was."""

    chains: int
    rows: int
    heads: int
    findings: tuple[Finding, ...]
    unfinished: tuple[Unfinished, ...]
    since: str | None = None
