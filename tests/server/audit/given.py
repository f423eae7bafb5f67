"""Records of the audit, made in memory as the programs make them, and what may be done to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from server.audit import rules
from server.audit.rules import Chain, Link, Look, Row
from server.wire.audit import AuditReport, HeadLine, Why
from server.wire.base import timestamp
from tests.server.given import AUDIT_KEY, NOW

AT = timestamp(NOW)


def look(n: int, why: Why = "scan", *people: int) -> Look:
    """A look at some people; `n` tells it from others."""
    return Look("tablet", 10 + n % 3, 100 + n % 5, why, people or (n,), NOW + timedelta(seconds=n), f"request-{n}")


@dataclass
class Record:
    """Both places, in memory."""

    entries: dict[str, list[Chain]] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    lines: list[HeadLine] = field(default_factory=list)
    ends: dict[str, Link] = field(default_factory=dict)
    sealed: dict[str, int] = field(default_factory=dict)

    def begin(self, id_: str) -> None:
        heads = (self.lines[-1].number or 0, self.lines[-1].seal) if self.lines else (0, "")
        entry = rules.chain(AUDIT_KEY, id_, "server", AT, heads)
        self.entries[id_] = [entry]
        self.ends[id_] = rules.start(entry)
        self.sealed[id_] = 0

    def append(self, id_: str, looks: Sequence[Look]) -> None:
        made = rules.rows(AUDIT_KEY, id_, self.ends[id_], looks, self.sealed[id_])
        self.rows += made
        self.ends[id_] = Link(made[-1].position, made[-1].mac)

    def seal(self, id_: str, *, closed: bool = False) -> None:
        previous = (self.lines[-1].number, self.lines[-1].seal) if self.lines else (0, "")
        self.lines.append(rules.head(AUDIT_KEY, id_, self.ends[id_], AT, previous, closed=closed))
        self.sealed[id_] = self.ends[id_].position

    def of(self, id_: str) -> list[Row]:
        """The rows of a chain, as the database gives them."""
        return sorted((row for row in self.rows if row.chain == id_), key=lambda row: row.position)

    def last_head(self, id_: str) -> int:
        return max((line.position for line in self.lines if line.chain == id_), default=0)

    def check(self) -> AuditReport:
        of_rows = {row.chain for row in self.rows}
        return rules.check_all(AUDIT_KEY, self.entries, of_rows, self.of, self.lines, self.lines)
