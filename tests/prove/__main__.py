"""`python -m tests.prove`: run the campaigns, print a table; exit status 1 when anything did not hold."""

import argparse
import shutil
import signal
import sys
from collections.abc import Callable
from math import inf
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from tests.engines import ENGINES
from tests.prove.any_order import EXAMPLES, INTERLEAVINGS, prove_a_kiosk, prove_any_hands, prove_any_order
from tests.prove.any_request import CASES, prove_any_request
from tests.prove.catalogs import prove_catalogs
from tests.prove.day import CUSTOMERS, KIOSKS, prove_day
from tests.prove.erasures import prove_erasures
from tests.prove.findings import Assignment, Findings
from tests.prove.imports import prove_imports
from tests.prove.postgresql import prove_postgresql
from tests.prove.writes import prove_writes

TIMES = 50
SEED = 20_261_121
FOLDER = Path("var/prove")
CAMPAIGNS = ("import", "catalog", "writes", "erasures", "postgresql", "orders", "carts", "kiosk", "schema", "day")
NOT_KILLED = ("orders", "carts", "kiosk", "schema")
FAILURES_SHOWN = 10
"""Of each campaign."""
LONGEST_FAILURE = 1_500


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    parser.add_argument("--times", type=_positive, default=TIMES, metavar="N", help=f"kills a campaign ({TIMES})")
    parser.add_argument("--only", type=_campaigns, default=CAMPAIGNS, metavar="NAMES", help=",".join(CAMPAIGNS))
    parser.add_argument(
        "--engine", choices=ENGINES, default=ENGINES[0], help="of the databases that imports and servers work on"
    )
    parser.add_argument("--seed", type=int, default=SEED, metavar="S", help=f"of all that is random ({SEED})")
    parser.add_argument(
        "--examples", type=_positive, default=EXAMPLES, metavar="N", help=f"deliveries in random order ({EXAMPLES:,})"
    )
    parser.add_argument(
        "--interleavings",
        type=_positive,
        default=INTERLEAVINGS,
        metavar="N",
        help=f"of changes of carts at home, at the kiosk and at a tablet ({INTERLEAVINGS:,})",
    )
    parser.add_argument(
        "--cases", type=_positive, default=CASES, metavar="N", help=f"requests of every shape ({CASES:,})"
    )
    parser.add_argument(
        "--customers",
        type=_positive,
        default=CUSTOMERS,
        metavar="N",
        help=f"of a day; each takes a processor four seconds ({CUSTOMERS:,})",
    )
    parser.add_argument(
        "--kiosks",
        type=_positive,
        default=KIOSKS,
        metavar="N",
        help=f"that share them: one for each processor is enough ({KIOSKS})",
    )
    parser.add_argument(
        "--minutes", type=float, default=inf, metavar="N", help="after which no more of them come (all come)"
    )
    asked = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    found = _run(asked)
    out = Console(highlight=False)
    out.print(_table(found))
    for findings in found:
        for remark in findings.remarks:
            out.print(Text(f"{findings.campaign}: {remark}", "dim"))
    for findings in found:
        for failure in findings.failures[:FAILURES_SHOWN]:
            out.print(Text(f"{findings.campaign}: {_cut(failure)}", "red"), soft_wrap=True)
    failures = sum(len(findings.failures) for findings in found)
    if failures:
        out.print(Text(f"{failures:,} failures; the databases of those rounds are in {FOLDER}", "bold red"))
        return 1
    shutil.rmtree(FOLDER)
    return 0


def _run(asked: argparse.Namespace) -> list[Findings]:
    campaigns: dict[str, Callable[[Assignment], Findings]] = {
        "import": prove_imports,
        "catalog": prove_catalogs,
        "writes": prove_writes,
        "erasures": prove_erasures,
        "postgresql": prove_postgresql,
        "orders": lambda told: prove_any_order(told, asked.examples),
        "carts": lambda told: prove_any_hands(told, asked.interleavings),
        "kiosk": lambda told: prove_a_kiosk(told, asked.interleavings),
        "schema": lambda told: prove_any_request(told, asked.cases),
        "day": lambda told: prove_day(told, asked.customers, asked.kiosks, asked.minutes),
    }
    found = []
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    ) as bar:
        rounds = {name: 1 if name in NOT_KILLED else asked.times for name in asked.only} | (
            {"day": asked.customers} if "day" in asked.only else {}
        )
        task = bar.add_task("", total=sum(rounds.values()))
        for name in asked.only:
            bar.update(task, description=name)
            told = Assignment(rounds[name], asked.seed, FOLDER, lambda: bar.advance(task), asked.engine)
            found.append(campaigns[name](told))
        bar.update(task, description="proven" if not any(findings.failures for findings in found) else "refuted")
    return found


def _table(found: list[Findings]) -> Table:
    columns = ("campaign", "engine", "times", "kills", "acknowledged", "lost", "integrity", "else", "seconds")
    table = Table(*columns, box=SIMPLE_HEAD, show_edge=False, padding=0)
    for column in table.columns[2:]:
        column.justify = "right"
    for findings in found:
        table.add_row(
            findings.campaign,
            findings.engine or "both",
            f"{findings.times:,}",
            _number(findings.kills),
            _number(findings.acknowledged),
            _verdict("0" if findings.kills is not None else "–", findings.lost),
            _verdict("ok" if findings.kills is not None else "–", findings.torn),
            _verdict("ok", findings.wrong),
            f"{findings.seconds:,.1f}",
        )
    return table


def _verdict(good: str, failures: list[str]) -> Text:
    return Text(f"{len(failures):,}", "bold red") if failures else Text(good, "green")


def _cut(failure: str) -> str:
    """A state may be long; pytest says the worst at its end."""
    return failure if len(failure) <= LONGEST_FAILURE else f"{failure[:200]} […] {failure[-LONGEST_FAILURE + 200 :]}"


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _campaigns(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(CAMPAIGNS):
        raise argparse.ArgumentTypeError(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(CAMPAIGNS)}")
    return names


def _end(number: int, _frame: object) -> None:
    """Being told to stop unwinds like an error: what was started is ended on the way out."""
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main())
