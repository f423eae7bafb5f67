"""A day of a store's kiosks: whoever comes and however they leave, it is Welcome again, and nothing grows.

The real server and the real kiosks, each with its supervisor and its programs, on a display of its own. Customers come
to whichever is free: by the code on their phone, by their card and an e-mail, or because somebody knows them. They
change their cart; some finish, some hand it over to a till, some walk away, before some of them the program crashes,
and some get no further than a screen that says what went wrong. The day's clock is put forward, so that nobody waits
for it; how long the machine needs for a customer is what it takes: some four seconds of a processor, most of them for
starting the program that stands by.
"""

import queue
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from math import inf
from pathlib import Path
from statistics import median

import httpx

from server.db.address import open_database
from tests.bench.processes import Running, settings_for
from tests.overheard import OverheardError, require_nobody
from tests.prove.day_growth import ENOUGH, grown, told
from tests.prove.day_people import Letters, Shop, Visit, visits
from tests.prove.day_stand import CALENDAR, WAITS, Eyes, Stand
from tests.prove.findings import Assignment, Findings
from tests.prove.stillness import Awake
from tests.screens import programs
from tests.screens.conftest import SIGNED
from tests.screens.day_kiosk import HEIGHT, WIDTH
from tests.screens.display import Display
from tests.screens.hours import Hours
from tests.screens.manager import Manager
from tests.screens.relay import Relay
from tests.screens.shop import load_shop
from tests.server.given import rows
from tests.server.http.post_office import smtp
from tests.server.people import let_in
from tests.waiting import until

CUSTOMERS = 1_000
KIOSKS = 2
DAY = 86_400.0
SHIFT = 21_600.0
"""Seconds after which whoever works there is let in again."""
EACH = 6
"""Customers of a kiosk while the day's clock stands: nobody's code may get old because somebody else's day goes on."""
AGAIN, MOST_AGAIN = 6_000_000, 3
"""What is added to the number of a customer who comes again, as somebody new, because the machine stood still; and how
often they do before it is said that something is wrong."""
NIGHT = 150.0
"""Seconds within which a server has seen that it is night, and done what it does then."""
IN_VAIN = 0.001
"""The share of touches after which nothing showed that is taken for an accident of this machine."""
NOON = 12
"""An hour by which the night before is due."""
BEFORE, DAYS_BEFORE, EARLIER = 2_000, 2, 30_000_000
"""Customers of the days before, and the number of the first. They go on with their cart by another program: what a
server keeps in memory up to a limit it keeps by then, and what its nights take has been taken once."""


class Day:
    """The store, its kiosks, and the time.

    Args:
        hours: the store's clock.
        stands: its kiosks.
        awake: whether the machine lets us work.
        database: the server's.
    """

    def __init__(self, hours: Hours, stands: Sequence[Stand], awake: Awake, database: Path) -> None:
        self._hours, self.stands, self._awake, self._database = hours, stands, awake, database
        self.came: list[Visit] = []
        self.wrong: list[str] = []
        self.again: list[Visit] = []
        self._lock = threading.Lock()

    def passes(self, visits: Sequence[Visit], advance: Callable[[], None], deadline: float) -> None:
        """Let all of them come, until something is not as it must be or there is no time left (`time.monotonic`)."""
        shift, length, each = -SHIFT, DAY / len(visits), EACH * len(self.stands)
        with ThreadPoolExecutor(len(self.stands), "stand") as threads:
            for first in range(0, len(visits), each):
                if time.monotonic() > deadline:
                    return
                begins = self._hours()
                if begins - shift > SHIFT:
                    shift = begins
                    let_in(f"sqlite:///{self._database}", self._hours.now())
                coming = deque(visits[first : first + each])
                took = len(coming) * length
                for served in [threads.submit(self._serves, stand, coming, advance) for stand in self.stands]:
                    served.result()
                if self.wrong:
                    return
                self._put_forward(max(0.0, took - (self._hours() - begins)))

    def _serves(self, stand: Stand, coming: deque[Visit], advance: Callable[[], None]) -> None:
        while not self.wrong:
            try:
                visit = coming.popleft()
            except IndexError:
                return
            stops = self._awake.stops
            try:
                wrong = self._serve(stand, visit)
                if wrong and self._awake.stops > stops and visit.number < MOST_AGAIN * AGAIN:
                    stand.recovers()
                    self.again.append(visit)
                    coming.appendleft(visit._replace(number=visit.number + AGAIN))
                    continue
            except (AssertionError, RuntimeError, OSError) as error:
                wrong = f"{visit}: {error!r}"
            if wrong:
                self.wrong.append(f"{stand.name}: {wrong}")
                with suppress(RuntimeError, OSError):
                    stand.front.picture(stand.folder / f"customer-{visit.number}.png")
                return
            stand.sample()
            with self._lock:
                self.came.append(visit)
                advance()

    def _serve(self, stand: Stand, visit: Visit) -> str:
        try:
            stand.comes(visit)
        except (AssertionError, RuntimeError, OSError, queue.Empty, httpx.HTTPError) as error:
            return f"{visit}: {error!r}"
        return ""

    def _put_forward(self, seconds: float) -> None:
        """Let some time pass in which nobody is there."""
        clocks = [self._hours, *(stand.calendar for stand in self.stands)]
        ahead = max(self._hours.ahead + seconds, *(clock.ahead for clock in clocks))
        for clock in clocks:
            clock.ahead = ahead
        for stand in self.stands:
            stand.waits.ahead += seconds


def _pass_days_before(shop: Shop, hours: Hours, database: Path, kiosk: str, before: int) -> None:
    """Let the server serve for some days, and see that what it does at night was done."""
    length, shift = DAYS_BEFORE * DAY / before, -SHIFT
    for number in range(before):
        if hours() - shift > SHIFT:
            shift = hours()
            let_in(f"sqlite:///{database}", hours.now())
        shop.goes_on(EARLIER + number, kiosk)
        hours.ahead += length
    # Its nights it looks for once a minute of the machine's; before a night's hour it would find none that is due.
    now = hours.now()
    hours.ahead += (now.replace(hour=NOON, minute=0) - now).total_seconds() % DAY
    let_in(f"sqlite:///{database}", hours.now())
    until(lambda: _nights(database) > 0, NIGHT)


def _nights(database: Path) -> int:
    """How many nights' work was done."""
    with closing(open_database(f"sqlite:///{database}")) as opened:
        found: int = opened.read_now(rows, "SELECT count(*) FROM retention_runs WHERE ended_at IS NOT NULL")[0][0]
        return found


@contextmanager
def _opened(folder: Path, kiosks: int, before: int) -> Iterator[Day]:
    """A store before its first customer of the day, with so many customers of the days before."""
    database, hours = folder / "shop.db", Hours(folder / "hours")
    load_shop(database)
    with ExitStack() as stack:
        awake = stack.enter_context(Awake())
        address, mails = stack.enter_context(smtp())
        settings = settings_for(database) | SIGNED
        settings |= {"MOSTRADOR_MAIL": address, "MOSTRADOR_MAIL_FROM": "tienda@tramontela.example"}
        let_in(settings["MOSTRADOR_DATABASE"])
        command = [sys.executable, "-m", "tests.prove.day_server", "--hours", str(hours.path)]
        server = stack.enter_context(Running(command, "/health/live", settings, folder / "server.log"))
        manager = Manager(server.url)
        shop = stack.enter_context(closing(Shop(server, hours, manager.enrol("till"))))
        if before:
            _pass_days_before(shop, hours, database, manager.enrol("kiosk", "Kiosk 0"), before)
        letters = Letters(mails)
        stands = []
        for number in range(1, kiosks + 1):
            own = folder / f"kiosk-{number}"
            own.mkdir()
            waits, calendar = Hours(own / WAITS), Hours(own / CALENDAR)
            calendar.ahead = hours.ahead
            relay = stack.enter_context(Relay(server.port))
            display = stack.enter_context(Display(WIDTH, HEIGHT, own / "display.log"))
            eyes = stack.enter_context(Eyes(own, display, awake))
            name = f"Kiosk {number}"
            more = ("--hours", str(waits.path), "--calendar", str(calendar.path), "--eyes", str(eyes.path))
            running = stack.enter_context(
                programs.kiosk(
                    relay.url,
                    manager.enrol("kiosk", name),
                    display,
                    own,
                    "tests.screens.day_kiosk",
                    more,
                    compiled=folder / "compiled",
                )
            )
            stands.append(
                stack.enter_context(
                    closing(Stand(name, own, display, relay, server, running, eyes, shop, letters, awake))
                )
            )
        for stand in stands:
            stand.welcome()
        yield Day(hours, stands, awake, database)
    require_nobody((folder / "server.log").read_text("utf-8"), "the server of a day")


def prove_day(asked: Assignment, customers: int = CUSTOMERS, kiosks: int = KIOSKS, minutes: float = inf) -> Findings:
    """Let customers come and go for a day, or as many of them as come within some minutes of the machine's."""
    findings = Findings("day", engine="sqlite", kills=0)
    folder = (asked.folder / "day").absolute()
    folder.mkdir(parents=True)
    started = time.perf_counter()
    stands: Sequence[Stand] = ()
    try:
        # Where few come nothing is said of growth.
        with _opened(folder, kiosks, BEFORE if customers >= ENOUGH * kiosks else 0) as day:
            stands = day.stands
            try:
                day.passes(visits(asked.seed, customers), asked.advance, time.monotonic() + 60 * minutes)
            finally:
                findings.wrong += day.wrong
                findings.times = len(day.came)
                findings.kills = sum(visit.end == "crashes" for visit in day.came)
                findings.remarks += _remarks(day)
    except (AssertionError, OverheardError, OSError, httpx.HTTPError, subprocess.SubprocessError) as error:
        findings.wrong.append(f"{error!r}")
    for stand in stands:
        if stand.in_vain > max(1, IN_VAIN * stand.touches):
            findings.wrong.append(f"{stand.name}: after {stand.in_vain} of {stand.touches} touches nothing showed")
        if len(stand.samples) >= ENOUGH:
            findings.wrong += [f"{stand.name}: {growth}" for growth in grown(stand.samples)]
    findings.seconds = time.perf_counter() - started
    return findings


def _remarks(day: Day) -> list[str]:
    ends = Counter(visit.end for visit in day.came if visit.gets_in)
    ways = Counter(visit.way for visit in day.came)
    said = [", ".join(f"{count:,} {what}" for what, count in (ways + ends).most_common())]
    waited = sorted(seconds for stand in day.stands for seconds in stand.waited)
    if waited:
        said.append(f"it was Welcome again after {median(waited):.1f} s (median), {waited[-1]:.1f} s at most")
    looked_after = sum(stand.looked_after for stand in day.stands)
    said.append(f"of {looked_after:,} nothing was in memory or on disk once they were gone")
    if misread := sum(stand.misread for stand in day.stands):
        said.append(f"{misread:,} codes were held to the reader again")
    if in_vain := sum(stand.in_vain for stand in day.stands):
        said.append(f"after {in_vain:,} of {sum(stand.touches for stand in day.stands):,} touches nothing showed")
    if day.again:
        said.append(f"{len(day.again):,} came again, before whom the machine had stood still")
    return said + [f"{stand.name}: {remark}" for stand in day.stands for remark in told(stand.samples)]
