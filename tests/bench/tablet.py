"""How long people wait before the tablet: `python -m tests.bench.tablet`.

Everything is real: a window under Xvfb (drawn by the processor, as on no tablet), keys and touches through the X
server, the demo shop's server behind a relay that notes when it was asked and when it had answered.
"""

import math
import os
import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console

from tests.bench.processes import the_server
from tests.bench.report import Row, Target, as_json, judge, table_of
from tests.screens.display import Display, Point
from tests.screens.extremes import AT, ndjson
from tests.screens.relay import Relay
from tests.screens.shop import command, load_shop, tell_shop
from tests.screens.tablet import Tablet

CARDS = ("2900000200012", "2900000200050", "2900000200067", "2900000200210", "2900000200180", "2900000200265")
NAME = "garcia"
LONG_CARD = "2900000900028"
LIVE_CARD = "2900000200937"
CARTS, LINES = 10, 1_000
"""A cart record has a thousand lines at most; their sum is a list of ten thousand rows."""
STARTS = 5
CHANGES = 50
"""Cart records, one after the other, while their customer is looked at."""
DRAGS = 12
WIDTH = 130

SHOWN = Target("p99", "≤", 300, " ms")
REPAINTED = Target("p99", "≤", 500, " ms")
FIRST_FRAME = Target("max", "≤", 2_000, " ms")
FRAME = Target("max", "≤", 50, " ms")


def bench(
    times: Annotated[int, typer.Option(min=1, help="How many scans, and how many searches.")] = 200,
    json: Annotated[Path | None, typer.Option(help="File that gets all figures.")] = None,
) -> None:
    """Measure the tablet: its start, scans and searches until they are painted, what happens online, and scrolling."""
    console, busy = Console(width=WIDTH), os.getloadavg()[0]
    with TemporaryDirectory(prefix="mostrador-") as work:
        folder = Path(work)
        database = folder / "shop.db"
        load_shop(database)
        (folder / "long.ndjson").write_bytes(ndjson(long_list()))
        command(database, "import", str(folder / "long.ndjson"))
        with (
            the_server(database, folder / "server.log") as server,
            Relay(server.port) as relay,
            Display(1280, 800, folder / "display.log") as display,
        ):
            rows = [starts(relay, display, folder)]
            with Tablet(relay.url, display, folder) as tablet:
                tablet.until(lambda sight: sight.store)
                rows += measured("scan: last key to painted customer", times, relay, "/v1/scan", scans(tablet))
                rows += measured(
                    "search: last key to painted results", times, relay, "/v1/customers/search", searches(tablet)
                )
                rows += [live(tablet, relay)]
                rows += [scrolling(tablet)]
    caption = f"{os.cpu_count()} processors, load {busy:.1f} before. Drawn without a graphics card."
    console.print(table_of("The tablet, with the demo shop", rows, caption))
    if json is not None:
        json.write_bytes(as_json({"processors": os.cpu_count(), "load_before": busy}, rows))


def starts(relay: Relay, display: Display, folder: Path) -> Row:
    """From the start of the process to its first frame on the screen."""
    took = []
    for _ in range(STARTS):
        with Tablet(relay.url, display, folder) as tablet:
            tablet.until(lambda sight: sight.store)
            took.append(tablet.timing().first_frame - tablet.started)
    row = row_of_times("start: process to first frame", took)
    judge(row, FIRST_FRAME)
    return row


def scans(tablet: Tablet) -> Callable[[int], tuple[float, float]]:
    """A scan of one of the cards in turn: when its last key was down, and when the customer was painted."""

    def scan(number: int) -> tuple[float, float]:
        tablet.at_rest()
        tablet.timing()
        pressed = tablet.scan(CARDS[number % len(CARDS)], at_once=True)
        return pressed, tablet.painted().shown[0]

    return scan


def searches(tablet: Tablet) -> Callable[[int], tuple[float, float]]:
    """The last letter of a name, when all before it has been answered: when it was down, and when results were painted.

    It is taken back after each time.
    """
    tablet.go_home()
    tablet.type(NAME[:-1])
    tablet.until(lambda sight: (sight.field, sight.found) == (NAME[:-1], "found"))

    def search(_number: int) -> tuple[float, float]:
        tablet.at_rest()
        tablet.timing()
        tablet.hands.type(NAME[-1], gap=0)
        pressed = time.monotonic()
        painted = tablet.painted().shown[0]
        tablet.at_rest()
        tablet.timing()
        tablet.hands.press("BackSpace")
        tablet.painted()
        return pressed, painted

    return search


def measured(name: str, times: int, relay: Relay, path: str, once: Callable[[int], tuple[float, float]]) -> list[Row]:
    """So many of one kind, each alone; and the server's share of them."""
    took, share = [], []
    for number in range(times):
        pressed, painted = once(number)
        took.append(painted - pressed)
        answer = next(p for p in reversed(relay.passed) if p.path.startswith(path) and pressed < p.answered < painted)
        share.append(answer.answered - answer.asked)
    row, of_server = row_of_times(name, took), row_of_times("  of that the server", share)
    judge(row, SHOWN)
    return [row, of_server]


def live(tablet: Tablet, relay: Relay) -> Row:
    """From a cart record that a shop sends over HTTP, before its first byte, to the cart that is painted with it."""
    customer = {"type": "customer", "external_id": "X3", "given_name": "Vega", "cards": [LIVE_CARD]}
    tell_shop(relay.url, customer)
    tell_shop(relay.url, live_cart(0))
    tablet.scan(LIVE_CARD)
    tablet.until(lambda sight: sight.customer == "shown" and sight.thing("CartRow"))
    took = []
    for number in range(1, CHANGES + 1):
        # A glow is still: what is painted next is the next change.
        tablet.at_rest()
        tablet.timing()
        sent = time.monotonic()
        tell_shop(relay.url, live_cart(number))
        took.append(tablet.painted().shown[0] - sent)
    row = row_of_times("live: cart record over HTTP to repainted cart", took)
    judge(row, REPAINTED)
    return row


def live_cart(number: int) -> dict[str, Any]:
    """A cart that is another one each time."""
    line = {"sku": "LIVE-1", "title": "Bufanda", "quantity": 1 + number, "unit_price": 1900}
    return {
        "type": "cart",
        "external_id": "live-3",
        "customer": {"external_id": "X3"},
        "status": "open",
        "currency": "EUR",
        "lines": [line],
    }


def scrolling(tablet: Tablet) -> Row:
    """Frames while a list of ten thousand rows is dragged."""
    tablet.scan(LONG_CARD)
    tablet.until(lambda sight: sight.customer == "shown" and sight.thing("CartRow"))
    tablet.at_rest()
    x, y = tablet.thing("TabRows").middle
    tablet.watch_frames(on=True)
    for _ in range(DRAGS):
        tablet.hands.drag(Point(x, y + 220), Point(x, y - 220), steps=40, rest=0)
    tablet.watch_frames(on=False)
    ticks = tablet.timing().ticks
    frames = [later - earlier for earlier, later in pairwise(ticks)]
    row = row_of_times(f"scrolling {CARTS * LINES:,} rows: frame to frame", frames)
    row.remark += f", {sum(frame > FRAME.bound / 1000 for frame in frames)} of {len(frames)} over {FRAME.bound:g} ms"
    judge(row, FRAME)
    return row


def long_list() -> list[dict[str, Any]]:
    """Somebody with ten carts of a thousand lines each."""
    carts = [
        {
            "type": "cart",
            "source": "web:demo",
            "external_id": f"long-{cart}",
            "updated_at": AT,
            "customer": {"external_id": "X2"},
            "status": "open",
            "currency": "EUR",
            "lines": [
                {"sku": f"LONG-{cart}-{line}", "title": f"Botón {line}", "quantity": 1, "unit_price": 100 + line}
                for line in range(LINES)
            ],
        }
        for cart in range(CARTS)
    ]
    customer = {
        "type": "customer",
        "source": "web:demo",
        "external_id": "X2",
        "updated_at": AT,
        "given_name": "Casilda",
        "family_name": "Largo Botonero",
        "cards": [LONG_CARD],
    }
    return [customer, *carts]


def row_of_times(name: str, seconds: list[float]) -> Row:
    """What came of measuring something some times, each alone."""
    ordered = sorted(seconds)
    return Row(
        name=name,
        p50_ms=statistics.median(ordered) * 1000,
        p99_ms=ordered[math.ceil(len(ordered) * 0.99) - 1] * 1000,
        max_ms=ordered[-1] * 1000,
        requests=len(ordered),
        remark=f"of {len(ordered)}; longest {ordered[-1] * 1000:,.0f} ms",
    )


if __name__ == "__main__":
    typer.run(bench)
