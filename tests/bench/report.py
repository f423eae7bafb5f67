"""What was measured, what was hoped for, and the table that shows both."""

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from rich.table import Table
from rich.text import Text

from tests.bench.load import Load

TARGET_CUSTOMERS, TARGET_ORDERS = 1_000_000, 3_000_000
"""The size that the targets are meant for."""


class Target(msgspec.Struct, frozen=True):
    """What a figure of a row must be: at least or at most so much."""

    figure: str
    relation: str
    bound: float
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.figure} {self.relation} {self.bound:,g}{self.unit}"

    def met(self, value: float) -> bool:
        """Whether a value is on the right side; what was not measured is on the wrong one."""
        compare: Callable[[float, float], bool] = operator.ge if self.relation == "≥" else operator.le
        return not math.isnan(value) and compare(value, self.bound)


SCAN_RATIO = Target("ratio", "≥", 0.35)
SCAN_P99 = Target("p99", "≤", 10, " ms")
SEARCH_P99 = Target("p99", "≤", 30, " ms")
IMPORT_RATE = Target("rate", "≥", 10_000, "/s")
MEMORY = Target("memory", "≤", 200, " MB")


class Row(msgspec.Struct, kw_only=True):
    """One measurement.

    Attributes:
        name: what was measured.
        rate: how many a second.
        ratio: the rate over that of the bare route of the same run.
        cpu_ratio: the bare route's `cpu_us` over this one's: steadier than `ratio` where the machine has other work.
        p50_ms: half of all took at most this.
        p99_ms: and all but one in a hundred this.
        max_ms: and all of them this.
        cpu_us: processor time that one took, in microseconds, all threads of the server together.
        postgresql_us: what it took beside that, of PostgreSQL's processes.
        requests: how many were measured.
        failed: how many were not answered as they should be.
        memory_mb: in 10^6 bytes.
        targets: what is asked of it -> whether it is met.
        remark: what else is worth saying.
    """

    name: str
    rate: float = math.nan
    ratio: float = math.nan
    cpu_ratio: float = math.nan
    p50_ms: float = math.nan
    p99_ms: float = math.nan
    max_ms: float = math.nan
    cpu_us: float = math.nan
    postgresql_us: float = math.nan
    requests: int = 0
    failed: int = 0
    memory_mb: float = math.nan
    targets: dict[str, bool] = {}
    remark: str = ""


def row_of(
    name: str, load: Load, *, cpu_seconds: float = math.nan, postgresql_seconds: float = math.nan, remark: str = ""
) -> Row:
    """A load as a row."""
    return Row(
        name=name,
        rate=load.requests / load.seconds,
        p50_ms=load.p50_ms,
        p99_ms=load.p99_ms,
        max_ms=load.max_ms,
        cpu_us=cpu_seconds * 1e6 / load.requests if load.requests else math.nan,
        postgresql_us=postgresql_seconds * 1e6 / load.requests if load.requests else math.nan,
        requests=load.requests,
        failed=load.failed,
        remark=remark,
    )


def judge(row: Row, *targets: Target) -> None:
    """Write down which targets a row meets."""
    values = {"rate": row.rate, "ratio": row.ratio, "p99": row.p99_ms, "max": row.max_ms, "memory": row.memory_mb}
    row.targets = {str(target): target.met(values[target.figure]) for target in targets}


def table_of(title: str, rows: Sequence[Row], caption: str) -> Table:
    """The table that people read."""
    table = Table(
        title=title, caption=caption, title_justify="left", caption_justify="left", row_styles=("", "on grey7")
    )
    columns: list[tuple[str, list[str]]] = [
        ("a second", [_number(row.rate, ",.0f" if row.rate >= 100 else ",.1f") for row in rows]),
        ("of bare", [_number(row.ratio, ".2f" if row.ratio >= 0.1 else ".3f") for row in rows]),
        ("p50 ms", [_number(row.p50_ms, ",.2f") for row in rows]),
        ("p99 ms", [_number(row.p99_ms, ",.2f") for row in rows]),
        ("CPU µs", [_number(row.cpu_us, ",.0f") for row in rows]),
        ("of bare", [_number(row.cpu_ratio, ".2f" if row.cpu_ratio >= 0.1 else ".3f") for row in rows]),
    ]
    # What no row has is not measured here.
    shown = [(heading, cells) for heading, cells in columns if any(cells)]
    table.add_column("measured", overflow="fold")
    for heading, _ in shown:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("target, met?", overflow="fold")
    for at, row in enumerate(rows):
        table.add_row(row.name, *(cells[at] for _, cells in shown), _judgement(row))
    return table


def _number(value: float, form: str) -> str:
    return "" if math.isnan(value) else format(value, form)


def _judgement(row: Row) -> Text:
    parts = [
        Text.assemble((f"{target} ", ""), ("yes", "green") if met else ("NO", "bold red"))
        for target, met in row.targets.items()
    ]
    if row.failed:
        parts.append(Text(f"{row.failed:,} FAILED", "bold red"))
    if not math.isnan(row.postgresql_us):
        parts.append(Text(f"PostgreSQL {row.postgresql_us:,.0f} µs", "bright_black"))
    if row.remark:
        parts.append(Text(row.remark, "bright_black"))
    return Text("; ").join(parts)


def as_json(facts: dict[str, Any], rows: Sequence[Row]) -> bytes:
    """All of it for programs; what was not measured is null."""
    document = facts | {"measured": [_plain(msgspec.structs.asdict(row)) for row in rows]}
    return msgspec.json.format(msgspec.json.encode(document)) + b"\n"


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}
