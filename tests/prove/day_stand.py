"""A kiosk of a day, and whoever stands before it."""

import os
import queue
import select
import signal
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TypeVar

from tests.bench.processes import Running, files_of, free_port, memory_of
from tests.prove.day_growth import Sample
from tests.prove.day_people import (
    ALISIO,
    LABEL,
    SCANNED,
    TAJO,
    UNKNOWN_CODE,
    Letters,
    Shop,
    Visit,
    card_of,
    mail_of,
    said_of,
)
from tests.prove.stillness import Awake
from tests.screens import programs
from tests.screens.display import PATIENCE, Display
from tests.screens.hours import Hours
from tests.screens.kiosk import Kiosk
from tests.screens.programs import Programs
from tests.screens.relay import Relay
from tests.screens.sight import KioskSight
from tests.server.http.post_office import code_in

T = TypeVar("T")

TRIES = 3
"""A reader on a busy machine may lose a sign: then the code is held to it again, as the screen asks for."""
HESITATION, GRACE, FAREWELL = 46, 21, 11
"""Seconds until the sheet asks, until it asks no more, and that a goodbye stands."""
STUCK = 60.0
"""Seconds of the machine's within which it must be Welcome again. Two are usual; what is stuck stays so."""
STEP = 45.0
"""The same for each step of a customer's."""

LOOKED_AFTER = 7
"""Of so many customers one is looked for once they are gone: going through the memory of all programs takes seconds."""

READ = 20.0
"""The same until what was held to the reader shows: whoever waits longer is asked whether they are still there."""

SHOWN = 5.0
"""The same until a touch shows. Frames of a busy machine take a tenth of a second."""

WAITS, CALENDAR = "waits", "calendar"
"""Files of a kiosk's clocks: what is waited for goes by one, what time it is by the other."""


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

    def until(self, what: Callable[[Any], T], patience: float = STEP) -> T:
        """Look until something is so; what that came to."""
        return super().until(what, patience)

    def has_ended(self, patience: float = 0.0) -> bool:
        """Whether it has, within some seconds."""
        return bool(select.select([self._process_fd], [], [], patience)[0])

    def _ask(self, question: str) -> bytes:
        # A socket's own patience goes on while all of us are stopped.
        with suppress(OSError):
            self._socket.sendall(question.encode() + b"\n")
        deadline = self.awake() + STEP
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
        self.misread = self.looked_after = self.touches = self.in_vain = 0
        self.samples: list[Sample] = []
        self.waited: list[float] = []
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
        if not visit.gets_in:
            self._meets_trouble(visit)
            self.welcome()
            return
        held = self._gets_in(visit)
        theirs = said_of(visit) if visit.number % LOOKED_AFTER == 0 else None
        assert theirs is None or self._running.holding(theirs) == [before], (
            "they are where they must not be, or nowhere"
        )
        self._leaves(visit, held)
        self.welcome()
        assert self.front.number != before, "the program that held the customer is still there"
        if theirs is not None:
            left = (self._running.holding(theirs), self._running.on_disk(theirs))
            assert left == ([], []), f"something of them is left: {left}"
            self.looked_after += 1

    def welcome(self) -> None:
        """Wait until it is Welcome again."""
        began = self._awake()
        screen = ""
        while True:
            with suppress(RuntimeError):  # it ends just now
                sight = self.front.look()
                screen = sight.screen
                if screen == "welcome" and sight.brand and not (sight.guest or sight.ending):
                    self.waited.append(self._awake() - began)
                    return
            assert self._awake() < began + STUCK, f"it is not Welcome again, but {screen or 'nothing'}"
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
            self._shows(LABEL, lambda sight: sight.thing("LineCard", "Lavanda") is not None)
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
                self._fails("4111111111111111", "bank_card")
            case "used code" if self._used:
                # Where customers are few it is older than a code may be, too.
                self._fails(self._used, "used", "old")
            case "network":
                front.touch("WideButton", "Seguir con mi carrito")
                self._relay.lead_to(free_port())
                front.touch("WayButton", "Preguntar a un dependiente")
                front.until(lambda sight: sight.trouble == "network")
                self._relay.lead_to(self._server.port)
            case "wrong codes":
                # Nobody has this card, and it is asked for a code like any other.
                self._shows(card_of(10_000_000 + visit.number), lambda sight: sight.step == "code")
                for _ in range(3):
                    self._types(UNKNOWN_CODE)
                    sight = front.until(lambda sight: None if sight.code or sight.busy else sight)
                    # Where others were wrong before them it waits sooner.
                    if sight.screen == "trouble":
                        break
                front.until(lambda sight: sight.trouble in ("code", "codes") and sight.wait)
            case "half a number":
                front.touch("WideButton", "Seguir con mi carrito")
                front.touch("WayButton", "Con mi número de teléfono")
                front.touch("SignKey", "6")
                front.until(lambda sight: sight.contact == "6")
            case _:
                self._fails(self._shop.code_for("day-none"), "no_cart")
        if visit.end == "goes back":
            front.touch("WideButton", "Volver")
        else:
            self._walks_away()

    def _walks_away(self) -> None:
        self.waits.ahead += HESITATION
        self.front.until(lambda sight: sight.left)
        self.waits.ahead += GRACE

    def _code(self, cart: str) -> str:
        self._used = self._shop.code_for(cart)
        return self._used

    def _shows(self, code: str, is_taken: Callable[[KioskSight], bool]) -> None:
        """Hold a code to the reader until it is taken, and again where it was not read, as the screen asks for."""
        for _ in range(TRIES):
            self._display.hands.scan(code)
            with suppress(AssertionError):
                sight = self.front.until(lambda sight: sight if is_taken(sight) or _is_misread(sight) else None, READ)
                if is_taken(sight):
                    return
                self.front.touch("WideButton", "Probar otra vez")
                self.front.until(lambda sight: sight.screen == "identify")
            self.misread += 1
        raise AssertionError(f"a code was not taken {TRIES} times: {self.front.look()}")

    def _fails(self, code: str, *troubles: str) -> None:
        """Hold a code to the reader with which nobody gets in, until the screen says why."""
        # What went wrong for the customer before stays in the state, and on no screen.
        self._shows(code, lambda sight: sight.screen == "trouble" and sight.trouble in troubles)

    def _types(self, code: str) -> None:
        """By touches on the pad; one after which nothing shows is made again, as anybody would, and told."""
        for at, digit in enumerate(code, 1):
            self.touches += 1
            # The last one is sent at once, and what was wrong is taken away.
            for _ in range(TRIES):
                self.front.touch("SignKey", digit)
                with suppress(AssertionError):
                    self.front.until(lambda sight, at=at: len(sight.code) != at - 1, SHOWN)
                    break
                self.in_vain += 1
            typed = len(self.front.look().code)
            assert typed in (at, 0), f"after {at} keys were touched {typed} digits show"


def _is_misread(sight: KioskSight) -> bool:
    return sight.screen == "trouble" and sight.trouble == "card"
