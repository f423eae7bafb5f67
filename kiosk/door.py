"""The door before the screens: enrolled or not, signed in or not; and that nothing is left behind it."""

from collections.abc import Callable

from kiosk.enrol.presenter import EnrolPresenter
from kiosk.enrol.state import EnrolState
from kiosk.shell.state import gate_of
from kiosk.sign_in.presenter import SignInPresenter
from kiosk.sign_in.state import SignInState, Somebody
from kiosk.tasks import Tasks


class Door:
    """What touches, keys and scans may ask for at the door; each starts a presenter's verb and returns at once.

    Args:
        enrol: makes this device one of a store's.
        sign_in: lets people in and out.
        leave: told to forget whatever somebody was shown, before anybody else sees anything.
        drop: told to forget what somebody did, too: they do not come back.
        erase: told to leave nothing on disk either.
        enter: told that somebody is in.
    """

    def __init__(
        self,
        enrol: EnrolPresenter,
        sign_in: SignInPresenter,
        leave: Callable[[], None],
        drop: Callable[[], None],
        erase: Callable[[], None],
        enter: Callable[[], None],
    ) -> None:
        self._enrol = enrol
        self._sign_in = sign_in
        self._leave = leave
        self._drop = drop
        self._erase = erase
        self._enter = enter
        self._gate = gate_of(enrol.state, sign_in.state)
        self._whose: int | None = None
        self._tasks = Tasks()

    @property
    def open(self) -> bool:
        """Whether the screens may be seen."""
        return self._gate == "open"

    # What happens.

    def moved(self, enrol: EnrolState, sign_in: SignInState) -> None:
        """Somebody may have come or gone: told before anybody sees the new states."""
        before, self._gate = self._gate, gate_of(enrol, sign_in)
        if before == "open" and self._gate != "open":
            self._leave()
        if before != "open" and self._gate == "open":
            self._belong_to(sign_in.somebody)
            self._enter()
        if self._gate == "sign_in" and (before == "enrol" or (before == "open" and sign_in.step == "who")):
            self._tasks.start(self._sign_in.ask_names())
            self._tasks.start(self._enrol.roll())

    def refused(self, code: str) -> None:
        """The server said no to something, and why."""
        match code:
            case "device_revoked":
                self._put_out()
            case "no_token" | "unknown_token" if (
                self._sign_in.state.somebody is None and self._enrol.state.phase == "enrolled"
            ):
                self._put_out(unknown=True)
            case "session_locked":
                self._sign_in.lock()
            case "session_ended" | "not_signed_in" | "unknown_token":
                self._sign_in.ended()
            case _:
                pass

    def tick(self) -> None:
        """Time passed."""
        self._sign_in.tick()

    def life(self) -> None:
        """Somebody touched, typed or scanned."""
        self._sign_in.life()

    # Scans and keys.

    def scan(self, code: str) -> None:
        """A code was scanned before the door."""
        if self._gate == "enrol":
            self._tasks.start(self._enrol.scan(code))
        else:
            self._sign_in.scan(code)

    def typed(self, text: str) -> bool:
        """Keys were typed; whether they were for the door."""
        if self._gate == "enrol":
            self._enrol.type(text)
        elif self._gate == "sign_in":
            self._sign_in.type(text)
        return not self.open

    def pressed(self, key: str) -> bool:
        """A key that writes nothing was pressed; whether it was for the door."""
        verbs: dict[str, Callable[[], None]] = (
            {"erase": self.erase_code, "enter": self.trade}
            if self._gate == "enrol"
            else {"erase": self.erase, "enter": self.confirm, "back": self.back}
        )
        if not self.open and key in verbs:
            verbs[key]()
        return not self.open

    # Enrolment.

    def code(self, letters: str) -> None:
        """Add to the code."""
        self._enrol.type(letters)

    def erase_code(self) -> None:
        """Take the code's last letter back."""
        self._enrol.erase()

    def move(self, server: str) -> None:
        """Mean another server."""
        self._enrol.move(server)

    def trade(self) -> None:
        """Trade the code for a place in the store."""
        self._tasks.start(self._enrol.trade())

    def anew(self) -> None:
        """Enrol a tablet that was out."""
        self._enrol.anew()

    # Signing in and out.

    def ask_names(self) -> None:
        """Ask again who may sign in."""
        self._tasks.start(self._sign_in.ask_names())

    def pick(self, staff_id: int) -> None:
        """Sign in as one of the names."""
        self._sign_in.pick(staff_id)

    def digit(self, digit: str) -> None:
        """Add to the PIN."""
        self._sign_in.type(digit)

    def erase(self) -> None:
        """Take the PIN's last digit back."""
        self._sign_in.erase()

    def confirm(self) -> None:
        """Try the PIN."""
        self._tasks.start(self._sign_in.confirm())

    def back(self) -> None:
        """Not sign in after all."""
        self._sign_in.back()

    def lock(self) -> None:
        """Lock the tablet."""
        self._sign_in.lock()

    def sign_out(self) -> None:
        """End the shift."""
        self._drop()
        self._tasks.start(self._sign_in.sign_out())

    def somebody_else(self) -> None:
        """End the shift of whoever locked the tablet."""
        self._drop()
        self._tasks.start(self._sign_in.sign_out(""))

    def _belong_to(self, somebody: Somebody | None) -> None:
        """Whoever comes back after a lock, or after their shift was ended, finds what they did; nobody else does."""
        whose = None if somebody is None else somebody.staff_id
        if whose != self._whose:
            self._drop()
        self._whose = whose

    def _put_out(self, *, unknown: bool = False) -> None:
        self._enrol.revoke(unknown=unknown)
        self._drop()
        self._sign_in.forget()
        self._erase()
