"""What an entry of the audit is, how entries are chained by a keyed MAC, and what a check of them tells.

**What is written.** A chain has an entry of its own (`Chain`) with its number, and rows 1, 2, 3 … Each row's MAC is
HMAC-SHA256 over the MAC before it and every field of the row, among them its chain and its position; the first one's
goes over the MAC of the chain's entry. After rows are committed their last MAC goes to a second place as a head, so a
head never tells of a row that is not there. A row says how far the heads of its chain went when it was written
(`sealed`), and a chain how many lines the second place had (`heads`), so that heads cannot go unseen either.

**What is an attack, what is a crash.** A program that is killed leaves a chain whose last head is older than its last
row, and no closing head: that is `Unfinished`, no finding, and so is the chain of a program that still runs. Everything
else that differs from what was written is a finding: a gap, a row whose MAC does not hold, a head beyond the last row
(rows were cut off, for no crash takes what was committed), a row or a chain that speaks of a head which is not there
(the second place was shortened). What nobody can tell from a crash: rows cut off behind the last head, which is at
most some seconds old, together with nothing else; and a last line taken from the second place of which no later row
and no later chain speaks. Such a chain is shown as unfinished. Who holds the key, or puts back both places together to
how they were, goes unseen: the second place belongs where the database's administrator cannot write.
"""

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from server.wire.audit import AuditReport, Finding, HeadLine, Unfinished, Why, Wrong
from server.wire.base import timestamp

VERSION = 1
MOST_FINDINGS = 20
"""Of one chain; who changes more is found all the same."""
MOST_TRIED = 12
"""Rows for whose place in the chain all others are tried."""

_encode = msgspec.json.Encoder().encode


class Look(NamedTuple):
    """Somebody saw people: one person, or all that a search showed. People are customers' numbers."""

    kind: str
    device_id: int | None
    staff_id: int | None
    why: Why
    people: tuple[int, ...]
    at: datetime
    request_id: str | None = None


class Chain(NamedTuple):
    """A chain's own entry, or a checkpoint of it: where it begins and what was before that; see `audit_chains`.

    `begun_at` of a checkpoint is the moment from which on the chain is whole: what was older was let go.
    """

    id: str
    first: int
    program: str
    begun_at: str
    heads: int
    heads_seal: str
    before: bytes
    mac: bytes


class Row(NamedTuple):
    """A look as it stands in its chain; see `audit_looks`."""

    chain: str
    position: int
    at: str
    kind: str
    device_id: int | None
    staff_id: int | None
    why: str
    people: str
    request_id: str | None
    sealed: int
    mac: bytes


class Link(NamedTuple):
    """What the next row is chained to."""

    position: int
    mac: bytes


class Checked(NamedTuple):
    """What a check of one chain found."""

    rows: int
    findings: list[Finding]
    unfinished: Unfinished | None


def chain(
    key: bytes,
    id_: str,
    program: str,
    begun_at: str,
    heads: tuple[int, str] = (0, ""),
    *,
    first: int = 1,
    before: bytes = b"",
) -> Chain:
    """A chain's entry; with `first` and `before`, a checkpoint."""
    entry = Chain(id_, first, program, begun_at, *heads, before, b"")
    return entry._replace(mac=_chain_mac(key, entry))


def start(entry: Chain) -> Link:
    """What the first row of a chain, or the first after a checkpoint, is chained to."""
    return Link(entry.first - 1, entry.before or entry.mac)


def rows(key: bytes, chain_id: str, last: Link, looks: Iterable[Look], sealed: int) -> list[Row]:
    """Looks as the next rows of a chain."""
    keyed = _keyed(key)
    made: list[Row] = []
    position, mac = last
    for look in looks:
        position += 1
        people = _encode(look.people).decode()
        fields = (
            chain_id, position, timestamp(look.at), look.kind, look.device_id, look.staff_id, look.why, people,
            look.request_id, sealed,
        )  # fmt: skip
        mac = _row_mac(keyed, mac, fields)
        made.append(Row(*fields, mac))
    return made


def head(key: bytes, chain_id: str, last: Link, at: str, previous: tuple[int | None, str], *, closed: bool) -> HeadLine:
    """A line of the second place that follows another, whose number and seal are given (0 and nothing: the first)."""
    number, seal = previous
    line = HeadLine(
        mostrador="audit head",
        version=VERSION,
        number=None if number is None else number + 1,
        chain=chain_id,
        position=last.position,
        mac=last.mac.hex(),
        at=at,
        closed=closed,
        previous=seal,
        seal="",
    )
    return msgspec.structs.replace(line, seal=_seal(key, line))


def check_all(
    key: bytes,
    entries: Mapping[str, Sequence[Chain]],
    of_rows: Iterable[str],
    links: Callable[[str], Iterable[Row]],
    before: Sequence[HeadLine],
    after: Sequence[HeadLine],
) -> AuditReport:
    """Go through the whole record.

    Args:
        key: of the audit.
        entries: the chains' own entries and checkpoints.
        of_rows: the chains that rows say they belong to.
        links: gives a chain's rows, in order.
        before: the second place as read before the rows: all of these rows must be there.
        after: the second place as read after the rows: whatever the rows speak of must be in it.
    """
    good, findings = check_heads(key, after)
    earlier, later = _by_chain(check_heads(key, before)[0]), _by_chain(good)
    known = {line.number: line.seal for line in good}
    unfinished: list[Unfinished] = []
    count = 0
    for id_ in sorted({*entries, *of_rows, *earlier}):
        own = entries.get(id_, ())
        checked = check_chain(key, own, links(id_), earlier.get(id_, ()), later.get(id_, ()))
        findings += checked.findings
        findings += filter(None, (speaks_of(entry, known) for entry in own))
        count += checked.rows
        if checked.unfinished is not None:
            unfinished.append(checked.unfinished)
    checkpoints = (entry for own in entries.values() for entry in own if entry.first > 1 and _holds(key, entry))
    return AuditReport(
        chains=len(entries),
        rows=count,
        heads=len(after),
        findings=tuple(findings),
        unfinished=tuple(unfinished),
        since=max((entry.begun_at for entry in checkpoints), default=None),
    )


def _by_chain(lines: Iterable[HeadLine]) -> dict[str, list[HeadLine]]:
    found: dict[str, list[HeadLine]] = {}
    for line in lines:
        found.setdefault(line.chain, []).append(line)
    return found


def check_heads(key: bytes, lines: Sequence[HeadLine]) -> tuple[list[HeadLine], list[Finding]]:
    """The lines of the second place that hold, and what is wrong with the others and with their order."""
    good: list[HeadLine] = []
    found: list[Finding] = []
    expected, seal = 1, ""
    for line in lines:
        where = f"line {line.number}" if line.number is not None else f"the line of {line.at}"
        if not hmac.compare_digest(_seal(key, line).encode(), line.seal.encode()):
            found.append(_finding("heads_changed", line.chain, line.position, f"{where} of the second place is false"))
        else:
            good.append(line)
        if line.number is None:
            continue
        if line.number != expected:
            detail = f"lines {expected} to {line.number - 1} of the second place are missing"
            if line.number < expected:
                detail = f"{where} of the second place stands after line {expected - 1}"
            found.append(_finding("heads_changed", None, None, detail))
        elif line.previous != seal:
            found.append(_finding("heads_changed", None, None, f"{where} does not follow the line before it"))
        expected, seal = line.number + 1, line.seal
    return good, found[:MOST_FINDINGS]


def check_chain(
    key: bytes, entries: Sequence[Chain], links: Iterable[Row], before: Sequence[HeadLine], after: Sequence[HeadLine]
) -> Checked:
    """Go through one chain.

    Args:
        key: of the audit.
        entries: its own entry and its checkpoints, by `first`; none where they are gone.
        links: its rows, in order.
        before: its heads, as read before the rows: of these rows all must be there.
        after: its heads, as read after the rows: whatever the rows speak of must be among them.
    """
    walk = _Walk(key, entries, before)
    for row in links:
        walk.take(row)
    return walk.end(after)


def speaks_of(entry: Chain, known: Mapping[int | None, str]) -> Finding | None:
    """Whether the second place still has the line that was its last when a chain began; `known`: seals by number."""
    if not entry.heads or known.get(entry.heads) == entry.heads_seal:
        return None
    detail = f"line {entry.heads} of the second place is not there any more, which was when this chain began"
    return _finding("heads_shortened", entry.id, None, detail)


class _Walk:
    """One chain, row by row, in memory that does not grow with it."""

    def __init__(self, key: bytes, entries: Sequence[Chain], heads: Sequence[HeadLine]) -> None:
        self._keyed = _keyed(key)
        self._heads = {head.position: head.mac for head in heads}
        self._last_head = max(self._heads, default=0)
        self._closed = max((head.position for head in heads if head.closed), default=None)
        self._id = entries[0].id if entries else heads[0].chain if heads else ""
        self._found: list[Finding] = []
        self._entries: list[Chain] = []
        for entry in entries:
            if _holds(key, entry):
                self._entries.append(entry)
            else:
                what = "its own entry" if entry.first == 1 else f"its checkpoint at {entry.first}"
                self._tell("changed", entry.first - 1, f"{what} is not what was written")
                if entry.first == 1:
                    # What it is chained by may still be right: the rows tell.
                    self._entries.append(entry)
        self._link: Link | None = None
        self._rows = 0
        self._sealed = 0
        self._last: Row | None = None
        self._doubted: list[tuple[Row, bytes | None]] = []

    def take(self, row: Row) -> None:
        if self._last is None:
            self._id = row.chain
            self._begin(row)
        self._rows += 1
        last = self._link
        if last is not None and row.position > last.position + 1:
            self._gap(last.position + 1, row.position - 1)
            last = None
        if last is not None and not hmac.compare_digest(_row_mac(self._keyed, last.mac, row[:-1]), row.mac):
            self._doubt(row, last.mac)
        elif (mac := self._heads.get(row.position)) is not None and mac != row.mac.hex():
            self._doubt(row, last and last.mac)
        self._sealed = max(self._sealed, row.sealed)
        self._link = Link(row.position, row.mac)
        self._last = row

    def end(self, after: Sequence[HeadLine]) -> Checked:
        last = self._link.position if self._link else max((start(e).position for e in self._entries), default=0)
        if self._last is None and not self._entries and self._last_head:
            self._tell("chain_missing", None, f"the whole chain is gone; it had {self._last_head} rows or more")
        elif self._last_head > last:
            self._tell("cut_off", last + 1, f"rows {last + 1} to {self._last_head} are cut off the end")
        elif self._last is None and max((entry.first for entry in self._entries), default=2) == 1:
            # The entry is committed together with the first rows.
            self._tell("cut_off", 1, "no row of it is left")
        self._judge()
        known = max((head.position for head in after), default=0)
        if self._sealed > known:
            detail = f"a row speaks of the head at {self._sealed}, the second place knows of none after {known}"
            self._tell("heads_shortened", self._sealed, detail)
        unfinished = None
        if self._last is not None and self._closed is None:
            unfinished = Unfinished(
                chain=self._id, rows=max(last - self._last_head, 0), sealed=self._last_head, last_at=self._last.at
            )
        return Checked(self._rows, self._found[:MOST_FINDINGS], unfinished)

    def _begin(self, row: Row) -> None:
        if not self._entries:
            self._tell("missing", 0, "its own entry is gone, so its first row cannot be checked")
            if row.position > 1:
                self._gap(1, row.position - 1)
            return
        usable = [entry for entry in self._entries if entry.first <= row.position] or self._entries[:1]
        self._link = start(max(usable, key=lambda entry: entry.first))
        if row.position <= self._link.position:
            self._link = None

    def _gap(self, first: int, last: int) -> None:
        detail = f"row {first} is missing" if first == last else f"rows {first} to {last} are missing"
        self._tell("missing", first, detail)

    def _doubt(self, row: Row, before: bytes | None) -> None:
        if len(self._doubted) < MOST_FINDINGS:
            self._doubted.append((row, before))

    def _judge(self) -> None:
        """What became of rows that do not hold: a place where one does hold tells that it was moved."""
        few = self._doubted[:MOST_TRIED]
        macs = {before for _, before in self._doubted if before is not None} | {row.mac for row, _ in few}
        places = {row.position for row, _ in few}
        places |= {position - 1 for position in places} | {position + 1 for position in places}
        moved: dict[int, int] = {}
        intact: set[int] = set()
        for row, _ in few:
            if any(_row_mac(self._keyed, mac, row[:-1]) == row.mac for mac in macs):
                # Not this one is wrong, but what stands before it.
                intact.add(row.position)
                continue
            for place in sorted(places):
                if any(_row_mac(self._keyed, mac, row._replace(position=place)[:-1]) == row.mac for mac in macs):
                    moved[row.position] = place
                    break
        for row, _ in self._doubted:
            at = row.position
            if at in intact and len(intact) < len(self._doubted):
                continue
            if at in moved:
                self._tell("reordered", at, f"this row stands at {at}, it was written at {moved[at]}")
            elif (self._closed is not None and at > self._closed) or moved.get(at + 1) == at:
                self._tell("inserted", at, "this row was never written by us")
            else:
                self._tell("changed", at, "this row is not what was written here")

    def _tell(self, what: Wrong, position: int | None, detail: str) -> None:
        self._found.append(_finding(what, self._id, position, detail))


def _finding(what: Wrong, chain_id: str | None, position: int | None, detail: str) -> Finding:
    return Finding(what=what, chain=chain_id, position=position, detail=detail)


def _chain_mac(key: bytes, entry: Chain) -> bytes:
    fields = (VERSION, *entry[:-2], entry.before.hex())
    return hmac.digest(key, b"chain" + _encode(fields), "sha256")


def _holds(key: bytes, entry: Chain) -> bool:
    return hmac.compare_digest(_chain_mac(key, entry), entry.mac)


def _keyed(key: bytes) -> hmac.HMAC:
    """The beginning of every MAC of a key; going on from a copy takes half of what beginning anew does."""
    return hmac.new(key, digestmod="sha256")


def _row_mac(keyed: hmac.HMAC, before: bytes, fields: tuple[object, ...]) -> bytes:
    mac = keyed.copy()
    mac.update(b"look " + before + _encode((VERSION, *fields)))
    return mac.digest()


def _seal(key: bytes, line: HeadLine) -> str:
    return hmac.digest(key, b"head " + _encode(msgspec.structs.replace(line, seal="")), "sha256").hex()
