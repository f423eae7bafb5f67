"""A day of a store's kiosks: whoever comes and however they leave, it is Welcome again, and nothing grows.

The real server and the real kiosks, each with its supervisor and its programs, on a display of its own. Customers come
to whichever is free: by the code on their phone, by their card and an e-mail, or because somebody knows them. They
change their cart; some finish, some hand it over to a till, some walk away, before some of them the program crashes,
and some get no further than a screen that says what went wrong. The day's clock is put forward, so that nobody waits
for it; how long the machine needs for a customer is what it takes: some four seconds of a processor, most of them for
starting the program that stands by.
"""

import os
import queue
import select
import signal
import socket
import struct
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, NamedTuple, Self
from uuid import uuid4

import httpx
import msgspec

from server.wire.base import timestamp
from server.wire.customers import CustomerContext
from server.wire.handoffs import RedeemedHandoff
from server.wire.kiosks import WaitingChallenge
from tests.bench.processes import Running, files_of, free_port, memory_of, settings_for
from tests.overheard import OverheardError, require_nobody
from tests.prove.findings import Assignment, Findings
from tests.prove.stillness import Awake
from tests.screens import programs
from tests.screens.conftest import SIGNED
from tests.screens.day_kiosk import HEIGHT, WIDTH
from tests.screens.display import PATIENCE, Display
from tests.screens.hours import Hours
from tests.screens.kiosk import Kiosk
from tests.screens.manager import Manager
from tests.screens.programs import Programs
from tests.screens.relay import Relay
from tests.screens.shop import load_shop
from tests.screens.sight import KioskSight
from tests.server.http.floor import SHOP_KEY, shop_code
from tests.server.http.post_office import Mails, code_in, smtp
from tests.server.people import KNOWN, bearer, let_in

CUSTOMERS = 1_000
KIOSKS = 2
DAY = 86_400.0
SHIFT = 21_600.0
"""Seconds after which whoever works there is let in again."""
EACH = 2
"""Customers of a kiosk while the day's clock stands: nobody's code may get old because somebody else's day goes on."""
AGAIN = 6_000_000
"""What is added to the number of a customer who comes again, as somebody new, because the machine stood still."""
PROGRAM = "tests.screens.day_kiosk"
TRIES = 3
"""A reader on a busy machine may lose a sign: then the code is held to it again, as the screen asks for."""
HESITATION, GRACE, FAREWELL = 46, 21, 11
"""Seconds until the sheet asks, until it asks no more, and that a goodbye stands."""
STUCK = 30.0
"""Seconds of the machine's within which it must be Welcome again."""

LABEL, TAJO, ALISIO = "9520010460218", "T1046-NEG-M", "T1011-NAR-S"
SCANNED = "T1046-LAV-S"
"""The article of the label."""
UNKNOWN_CODE = "000000"

WAYS = ("continue",) * 6 + ("code",) * 2 + ("vouch",) * 2
ENDS = ("finishes",) * 6 + ("is sold",) * 5 + ("walks away",) * 4 + ("leaves the code",) * 2 + ("crashes",) * 2
TROUBLES = ("bank card", "used code", "no cart", "wrong codes", "network", "half a number")

WAITS, CALENDAR = "waits", "calendar"
"""Files of a kiosk's clocks: what is waited for goes by one, what time it is by the other."""

STEADY_MB, STEADY_SHARE, STEADY_FILES = 4.0, 0.03, 3
"""What a median of the last third of a day may be above that of the first: pages that an allocator gives back or keeps,
and a database's caches that fill, come to less in 1,000 customers; 10 kB kept of each of them would be more."""

ENOUGH = 30
"""Customers, of whom fewer say nothing of growth."""


class Visit(NamedTuple):
    """A customer: how they prove who they are, or what goes wrong then; and how it ends."""

    number: int
    way: str
    end: str

    @property
    def gets_in(self) -> bool:
        """Whether they prove who they are."""
        return self.way in WAYS

    def __str__(self) -> str:
        return f"customer {self.number} ({self.way}, {self.end})"


class Sample(NamedTuple):
    """What there is once a customer has left.

    Attributes:
        server: MB of its own.
        supervisor: MB of its own, as of the next.
        welcome: the program that is in front.
        server_files: files and connections that it has open, as of the next.
        supervisor_files: of the kiosk.
        welcome_files: of the program that is in front.
        programs: that the supervisor runs.
        dead: processes of which it has not taken note.
    """

    server: float
    supervisor: float
    welcome: float
    server_files: int
    supervisor_files: int
    welcome_files: int
    programs: int
    dead: int


def visits(seed: int, customers: int) -> list[Visit]:
    """Who comes, and how they leave."""
    made = []
    for number in range(customers):
        rng = Random(f"{seed}/day/{number}")
        if rng.random() < 0.2:
            made.append(Visit(number, rng.choice(TROUBLES), rng.choice(("walks away", "goes back"))))
        else:
            made.append(Visit(number, rng.choice(WAYS), rng.choice(ENDS)))
    return made


def grown(samples: Sequence[Sample]) -> list[str]:
    """What is more in the last third of a day than in the first, beyond what comes and goes."""
    third = len(samples) // 3
    first, last = samples[:third], samples[-third:]
    found = []
    for name in Sample._fields:
        before, after = (median(getattr(sample, name) for sample in part) for part in (first, last))
        steady = STEADY_FILES if name.endswith("files") else max(STEADY_MB, STEADY_SHARE * before)
        if name not in ("programs", "dead") and after > before + steady:
            found.append(f"{name} grew from {before:,.1f} to {after:,.1f}")
    return found


class Front(Kiosk):
    """The program of the kiosk that is in front, seen by its eye."""

    def __init__(self, display: Display, folder: Path, eye: socket.socket, awake: Awake) -> None:
        super().__init__("", display, folder, token="")
        self.awake = awake
        self._socket = eye
        self._answers = eye.makefile("rb")
        self.number = struct.unpack("3i", eye.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        self._process_fd = os.pidfd_open(self.number)

    @property
    def log(self) -> Path:
        """The file that takes what all of them say."""
        return self._folder / programs.LOG

    def has_ended(self, patience: float = 0.0) -> bool:
        """Whether it has, within some seconds."""
        return bool(select.select([self._process_fd], [], [], patience)[0])

    def _ask(self, question: str) -> bytes:
        # A socket's own patience goes on while all of us are stopped.
        with suppress(OSError):
            self._socket.sendall(question.encode() + b"\n")
        deadline = self.awake() + PATIENCE
        while not select.select([self._socket], [], [], 1.0)[0]:
            if self.awake() > deadline:
                raise RuntimeError(f"the kiosk does not answer: {self._last_words()}")
        try:
            answer = self._answers.readline()
        except OSError:
            answer = b""
        if not answer:
            raise RuntimeError(f"the program has ended: {self._last_words()}")
        return answer

    def close(self) -> None:
        """Look no more."""
        self._answers.close()
        self._socket.close()
        os.close(self._process_fd)


class Eyes:
    """Where programs of a kiosk report when they begin, in their order."""

    def __init__(self, folder: Path, display: Display, awake: Awake) -> None:
        self.path = folder / "eyes"
        self._folder, self._display, self._awake = folder, display, awake
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._came: queue.Queue[Front] = queue.Queue()
        self._thread = threading.Thread(target=self._listen, name="eyes")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone would not wake whoever waits for the next.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        while not self._came.empty():
            self._came.get().close()

    def next(self) -> Front:
        """The next program."""
        deadline = self._awake() + STUCK
        while True:
            with suppress(queue.Empty):
                return self._came.get(timeout=1.0)
            assert self._awake() < deadline, "no program began"

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                eye, _ = self._listener.accept()
                self._came.put(Front(self._display, self._folder, eye, self._awake))


class Letters:
    """What came by e-mail, for each customer."""

    def __init__(self, mails: Mails) -> None:
        self._mails = mails
        self._lock = threading.Lock()
        self._came: dict[str, EmailMessage] = {}

    def to(self, address: str) -> str:
        """What the next one to an address says; it is waited for."""
        with self._lock:
            while address not in self._came:
                mail = self._mails.next()
                self._came[mail["To"]] = mail
            return str(self._came.pop(address).get_content())


class Shop:
    """What happens around the kiosks: an online shop, a till, and somebody who works in the store."""

    def __init__(self, server: Running, hours: Hours, till: str) -> None:
        self._till = till
        self._hours = hours
        self._client = httpx.Client(base_url=server.url, timeout=PATIENCE, trust_env=False)

    def close(self) -> None:
        self._client.close()

    def now(self) -> datetime:
        """The time that the store's clocks show."""
        return self._hours.now()

    def fills_cart(self, number: int) -> str:
        """A customer puts something into a cart at home; what the shop calls it."""
        name = f"day-{number}"
        lines = [
            {"line_id": str(n), "sku": sku, "title": sku, "quantity": 1, "unit_price": 5400}
            for n, sku in enumerate((TAJO, ALISIO))
        ]
        self._tell(
            {"type": "customer", "external_id": f"D{number}", "given_name": f"Nora{number}", "locale": "es"}
            | {"emails": [{"value": mail_of(number), "verified": True}], "cards": [card_of(number)]},
            {"type": "cart", "external_id": name, "status": "open", "currency": "EUR", "lines": lines}
            | {"customer": {"external_id": f"D{number}"}},
        )
        return name

    def vouches(self, number: int, kiosk: str, digits: str) -> None:
        """Somebody who works there knows them."""
        waiting = msgspec.json.decode(
            self._ask("GET", "/v1/kiosk/challenges", KNOWN.hq), type=tuple[WaitingChallenge, ...]
        )
        mine = [challenge.challenge_id for challenge in waiting if challenge.kiosk == kiosk]
        door = f"/v1/kiosk/challenges/{mine[-1]}/confirmation"
        self._ask("POST", door, KNOWN.hq, customer_id=self._context(number).person.id, digits=digits)

    def holds(self, number: int) -> dict[str, int]:
        """What is in a customer's carts."""
        return {line.sku: line.quantity for cart in self._context(number).carts for line in cart.lines}

    def redeems(self, code: str) -> RedeemedHandoff:
        """The till takes a cart by its code."""
        return msgspec.json.decode(
            self._ask("POST", "/v1/handoffs/redemption", self._till, code=code), type=RedeemedHandoff
        )

    def sells(self, handoff: RedeemedHandoff) -> None:
        """It is paid."""
        self._ask("POST", f"/v1/handoffs/{handoff.handoff_id}/completion", self._till)

    def _context(self, number: int) -> CustomerContext:
        scanned = msgspec.json.decode(self._ask("POST", "/v1/scan", KNOWN.hq, code=card_of(number), store="GV"))
        return msgspec.convert(scanned["context"], CustomerContext)

    def _tell(self, *records: dict[str, Any]) -> None:
        said = {"source": "web:demo", "updated_at": timestamp(self._hours.now())}
        self._client.post(
            "/v1/records",
            content=b"".join(msgspec.json.encode(said | record) + b"\n" for record in records),
            headers=bearer(KNOWN.sync) | {"Content-Type": "application/x-ndjson"},
        ).raise_for_status()

    def _ask(self, method: str, door: str, token: str, **body: Any) -> bytes:
        headers = bearer(token) | {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
        content = msgspec.json.encode(body) if body else None
        answer = self._client.request(method, door, headers=headers, content=content)
        assert answer.is_success, answer.text
        return answer.content


class Stand:
    """A kiosk, whoever stands before it, and its time.

    Args:
        name: as the store calls it.
        folder: takes what it keeps and says.
        display: where its windows are.
        relay: its way to the server.
        server: the store's.
        running: its programs.
        eyes: where they report.
        shop: what is around it.
        letters: what customers get by e-mail.
        awake: seconds that count while something is waited for.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        display: Display,
        relay: Relay,
        server: Running,
        running: Programs,
        eyes: Eyes,
        shop: Shop,
        letters: Letters,
        awake: Awake,
    ) -> None:
        self.name, self.folder = name, folder
        self.waits, self.calendar = Hours(folder / WAITS), Hours(folder / CALENDAR)
        self._display, self._relay, self._server, self._running, self._eyes = display, relay, server, running, eyes
        self._shop, self._letters, self._awake = shop, letters, awake
        self._used = ""
        self.misread = 0
        self.samples: list[Sample] = []
        self.front = eyes.next()

    def close(self) -> None:
        self.front.close()

    def sample(self) -> None:
        """Note what there is now."""
        supervisor, front = self._running.supervisor, self.front.number
        self.samples.append(
            Sample(
                *(memory_of(number).anonymous for number in (self._server.number, supervisor, front)),
                *(files_of(number) for number in (self._server.number, supervisor, front)),
                programs=len(self._running.running()),
                dead=len(self._running.dead()),
            )
        )

    def recovers(self) -> None:
        """Whoever was here while the machine stood still is gone: wait until it is Welcome again.

        Raises:
            AssertionError: it was not, in time.
        """
        self._relay.lead_to(self._server.port)
        for _ in range(3):
            self.waits.ahead += HESITATION + GRACE
            with suppress(AssertionError):
                self.welcome()
                return
        self.welcome()

    def comes(self, visit: Visit) -> None:
        """A customer comes and goes.

        Raises:
            AssertionError: it was not Welcome again in time, or something else was not as it must be.
        """
        before = self.front.number
        if visit.gets_in:
            held = self._gets_in(visit)
            self._leaves(visit, held)
        else:
            self._meets_trouble(visit)
        self.welcome()
        assert not visit.gets_in or self.front.number != before, "the program that held the customer is still there"

    def welcome(self) -> None:
        """Wait until it is Welcome again."""
        deadline = self._awake() + STUCK
        screen = ""
        while True:
            with suppress(RuntimeError):  # it ends just now
                sight = self.front.look()
                screen = sight.screen
                if screen == "welcome" and sight.brand and not (sight.guest or sight.ending):
                    return
            assert self._awake() < deadline, f"it is not Welcome again, but {screen or 'nothing'}"
            if self.front.has_ended():
                self.front.close()
                self.front = self._eyes.next()

    def _gets_in(self, visit: Visit) -> dict[str, int]:
        """They prove who they are, and change their cart; what is in it then."""
        cart = self._shop.fills_cart(visit.number)
        front, held = self.front, {TAJO: 1, ALISIO: 1}
        match visit.way:
            case "continue":
                self._shows(self._code(cart), lambda sight: sight.guest)
            case "code":
                self._shows(card_of(visit.number), lambda sight: sight.step == "code")
                self._types(code_in(self._letters.to(mail_of(visit.number))))
            case _:
                front.touch("WideButton", "Seguir con mi carrito")
                front.touch("WayButton", "Preguntar a un dependiente")
                self._shop.vouches(visit.number, self.name, front.until(lambda sight: sight.digits))
        front.until(lambda sight: sight.screen == "cart" and sight.guest and sight.thing("LineCard"))
        if visit.number % 3:
            # The first card's second, after the one that takes one out.
            steps = front.until(lambda sight: list(sight.all("Step")))
            front.hands.touch(steps[1].middle)
            held[TAJO] += 1
        if visit.number % 2:
            self._scan(LABEL)
            front.until(lambda sight: sight.thing("LineCard", "Lavanda"))
            held[SCANNED] = 1
        front.until(lambda _: self._shop.holds(visit.number) == held)
        return held

    def _leaves(self, visit: Visit, held: dict[str, int]) -> None:
        front = self.front
        match visit.end:
            case "finishes":
                front.touch("WideButton", "Terminar")
            case "is sold":
                front.touch("WideButton", "Llevar a la caja")
                code = front.until(lambda sight: (sign := sight.thing("CodeSigns")) and sign.text)
                taken = self._shop.redeems(code)
                assert {line.sku: line.quantity for line in taken.lines} == held
                front.until(lambda sight: sight.says("Listo en la caja"))
                self._shop.sells(taken)
                front.until(lambda sight: sight.says("Gracias, hasta pronto"))
                self.calendar.ahead += FAREWELL
            case "leaves the code":
                front.touch("WideButton", "Llevar a la caja")
                front.until(lambda sight: (sign := sight.thing("CodeSigns")) and sign.text)
                self._walks_away()
            case "walks away":
                self._walks_away()
            case _:
                os.kill(front.number, signal.SIGSEGV if visit.number % 2 else signal.SIGKILL)
                assert front.has_ended(PATIENCE)

    def _meets_trouble(self, visit: Visit) -> None:
        front = self.front
        match visit.way:
            case "bank card":
                self._scan("4111111111111111")
                front.until(lambda sight: sight.trouble == "bank_card")
            case "used code" if self._used:
                self._scan(self._used)
                # Where customers are few it is older than a code may be, too.
                front.until(lambda sight: sight.trouble in ("used", "old"))
            case "network":
                front.touch("WideButton", "Seguir con mi carrito")
                self._relay.lead_to(free_port())
                front.touch("WayButton", "Preguntar a un dependiente")
                front.until(lambda sight: sight.trouble == "network")
                self._relay.lead_to(self._server.port)
            case "wrong codes":
                # Nobody has this card, and it is asked for a code like any other.
                self._scan(card_of(10_000_000 + visit.number))
                front.until(lambda sight: sight.step == "code")
                for _ in range(3):
                    self._types(UNKNOWN_CODE)
                    front.until(lambda sight: not sight.code and not sight.busy)
                front.until(lambda sight: sight.trouble == "code" and sight.wait)
            case "half a number":
                front.touch("WideButton", "Seguir con mi carrito")
                front.touch("WayButton", "Con mi número de teléfono")
                front.touch("SignKey", "6")
                front.until(lambda sight: sight.contact == "6")
            case _:
                self._scan(shop_code("day-none", self._shop.now(), key=SHOP_KEY, chain="mostrador", source="web:demo"))
                front.until(lambda sight: sight.trouble == "no_cart")
        if visit.end == "goes back":
            front.touch("WideButton", "Volver")
        else:
            self._walks_away()

    def _walks_away(self) -> None:
        self.waits.ahead += HESITATION
        self.front.until(lambda sight: sight.left)
        self.waits.ahead += GRACE

    def _code(self, cart: str) -> str:
        self._used = shop_code(cart, self._shop.now(), key=SHOP_KEY, chain="mostrador", source="web:demo")
        return self._used

    def _scan(self, code: str) -> None:
        self._display.hands.scan(code)

    def _shows(self, code: str, is_taken: Callable[[KioskSight], bool]) -> None:
        """Hold a code to the reader until it is taken."""
        for _ in range(TRIES):
            self._scan(code)
            # What went wrong for the customer before stays in the state, and on no screen.
            self.front.until(lambda sight: is_taken(sight) or sight.screen == "trouble")
            if is_taken(self.front.look()):
                return
            self.misread += 1
            self.front.touch("WideButton", "Probar otra vez")
            self.front.until(lambda sight: sight.screen == "identify")
        raise AssertionError("a code was not taken")

    def _types(self, code: str) -> None:
        """By touches on the pad."""
        for at, digit in enumerate(code, 1):
            self.front.touch("SignKey", digit)
            if at < len(code):
                self.front.until(lambda sight, at=at: len(sight.code) == at)


def card_of(number: int) -> str:
    """A loyalty card."""
    digits = f"29{5_000_000_000 + number:010d}"
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def mail_of(number: int) -> str:
    """An address."""
    return f"nora{number}@correo.example"


class Day:
    """The store, its kiosks, and the time.

    Args:
        hours: the store's clock.
        server: its server.
        stands: its kiosks.
        awake: whether the machine lets us work.
        database: the server's.
    """

    def __init__(self, hours: Hours, server: Running, stands: Sequence[Stand], awake: Awake, database: Path) -> None:
        self._hours, self._server, self.stands, self._awake, self._database = hours, server, stands, awake, database
        self.came: list[Visit] = []
        self.wrong: list[str] = []
        self.again: list[Visit] = []
        self._lock = threading.Lock()

    def passes(self, visits: Sequence[Visit], advance: Callable[[], None]) -> None:
        """Let all of them come, until something is not as it must be."""
        shift, length, each = -SHIFT, DAY / len(visits), EACH * len(self.stands)
        with ThreadPoolExecutor(len(self.stands), "stand") as threads:
            for first in range(0, len(visits), each):
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
                if wrong and self._awake.stops > stops:
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


@contextmanager
def _opened(folder: Path, kiosks: int) -> Iterator[Day]:
    """A store before its first customer."""
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
        letters = Letters(mails)
        stands = []
        for number in range(1, kiosks + 1):
            own = folder / f"kiosk-{number}"
            own.mkdir()
            waits, calendar = Hours(own / WAITS), Hours(own / CALENDAR)
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
        yield Day(hours, server, stands, awake, database)
    require_nobody((folder / "server.log").read_text("utf-8"), "the server of a day")


def prove_day(asked: Assignment, customers: int = CUSTOMERS, kiosks: int = KIOSKS) -> Findings:
    """Let customers come and go for a day."""
    findings = Findings("day", engine="sqlite", kills=0)
    folder = (asked.folder / "day").absolute()
    folder.mkdir(parents=True)
    started = time.perf_counter()
    stands: Sequence[Stand] = ()
    try:
        with _opened(folder, kiosks) as day:
            stands = day.stands
            try:
                day.passes(visits(asked.seed, customers), asked.advance)
            finally:
                findings.wrong += day.wrong
                findings.times = len(day.came)
                findings.kills = sum(visit.end == "crashes" for visit in day.came)
                findings.remarks += _remarks(day)
    except (AssertionError, OverheardError, OSError) as error:
        findings.wrong.append(f"{error!r}")
    for stand in stands:
        if len(stand.samples) >= ENOUGH:
            findings.wrong += [f"{stand.name}: {growth}" for growth in grown(stand.samples)]
    findings.seconds = time.perf_counter() - started
    return findings


def _remarks(day: Day) -> list[str]:
    ends = Counter(visit.end for visit in day.came if visit.gets_in)
    ways = Counter(visit.way for visit in day.came)
    said = [", ".join(f"{count:,} {what}" for what, count in (ways + ends).most_common())]
    if misread := sum(stand.misread for stand in day.stands):
        said.append(f"{misread:,} codes were held to the reader again")
    if day.again:
        said.append(f"{len(day.again):,} came again, before whom the machine had stood still")
    return said + [f"{stand.name}: {remark}" for stand in day.stands for remark in _told(stand.samples)]


def _told(samples: Sequence[Sample]) -> list[str]:
    if not samples:
        return []
    third = max(1, len(samples) // 3)
    programs_most, dead_most = max(one.programs for one in samples), max(one.dead for one in samples)
    said = [f"{len(samples):,} customers, at most {programs_most} programs, {dead_most} dead"]
    for name in Sample._fields[:6]:
        first, last = (median(getattr(one, name) for one in part) for part in (samples[:third], samples[-third:]))
        unit = "open files" if name.endswith("files") else "MB"
        said.append(f"{name.removesuffix('_files')}: {first:,.1f} {unit} in the first third, {last:,.1f} in the last")
    return said
