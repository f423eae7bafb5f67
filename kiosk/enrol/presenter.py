"""The enrolment screen's verbs, over the port and the device's keyring."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from kiosk.enrol.invitation import Invitation, is_address, read_invitation, written
from kiosk.enrol.state import EnrolState, Trouble, anew, enrolled, erased, failed, moved, revoked, trading, typed
from kiosk.link.keyring import Keyring
from kiosk.link.port import DevicePort, LinkError, Place, RefusedError, UnreachableError, UntrustedError
from server.wire.access import DeviceKind
from server.wire.base import timestamp

ROLL_AFTER = timedelta(days=30)
"""How old a device's token may become."""

_TROUBLE: dict[str, Trouble] = {
    "wrong_code": "wrong_code",
    "answer_expired": "wrong_code",
    "wrong_kind": "wrong_kind",
    "too_many_tries": "wait",
}


class EnrolPresenter:
    """Makes this device one of a store's, keeps that it is, and makes it none.

    Args:
        port: the server, wherever it is.
        keyring: what is kept between two starts.
        show: told each new state.
        now: tells the time.
        server: where a typed code is traded, until somebody says otherwise.
        kind: what this device is.
    """

    def __init__(
        self,
        port: DevicePort,
        keyring: Keyring,
        show: Callable[[EnrolState], None],
        now: Callable[[], datetime],
        server: str,
        kind: DeviceKind = "tablet",
    ) -> None:
        self._port = port
        self._keyring = keyring
        self._show = show
        self._now = now
        self._kind = kind
        self._place: Place | None = None
        self.state = EnrolState(server=server)

    @property
    def place(self) -> Place | None:
        """Where this device is enrolled."""
        return self._place

    def recall(self) -> None:
        """Be the device that was enrolled before."""
        place = self._keyring.read()
        if place is not None:
            self._stand(place)

    def given(self) -> None:
        """Be a device whose token whoever started the program brought along."""
        self._set(enrolled(self.state))

    def type(self, text: str) -> None:
        """Add letters to the code."""
        self._set(typed(self.state, text))

    def erase(self) -> None:
        """Take the last letter back."""
        self._set(erased(self.state))

    def move(self, server: str) -> None:
        """Mean another server."""
        self._set(moved(self.state, server.strip()))

    async def scan(self, text: str) -> None:
        """Trade the code that a QR carries."""
        if self.state.phase != "asking":
            return
        invitation = read_invitation(text)
        if invitation is None:
            self._set(failed(self.state, "no_code"))
        else:
            await self._trade(invitation)

    async def trade(self) -> None:
        """Trade the code that was typed."""
        if self.state.phase == "asking" and self.state.complete:
            await self._trade(Invitation(written(self.state.code)))

    async def roll(self) -> None:
        """Get the next token, once the one there is has served its time; nobody may be signed in meanwhile."""
        place = self._place
        if place is None or self._now() - datetime.fromisoformat(place.since) < ROLL_AFTER:
            return
        try:
            self._keyring.prepare()
            rolled = await self._port.roll_token()
            if self._place is place:
                # The old one lives until the new one is used, and that is not before it is kept.
                place = msgspec.structs.replace(place, token=rolled.token, since=timestamp(self._now()))
                self._keyring.keep(place)
                self._stand(place)
        except (LinkError, OSError):
            return

    def renewed(self) -> bool:
        """Whether another program of this device has got it a newer token; then that is the one from now on."""
        place = self._keyring.read()
        if self._place is None or place is None or place.token == self._place.token:
            return False
        self._stand(place)
        return True

    def revoke(self, *, unknown: bool = False) -> None:
        """Be nobody's device any more, and keep nothing of having been one."""
        if self.state.phase == "revoked":
            return
        self._place = None
        self._keyring.forget()
        self._port.use(Place(server=self.state.server))
        self._set(revoked(self.state, unknown=unknown))

    def anew(self) -> None:
        """Ask for a code again."""
        self._set(anew(self.state))

    async def _trade(self, invitation: Invitation) -> None:
        server = invitation.server or self.state.server
        if not is_address(server):
            self._set(failed(self.state, "unreachable"))
            return
        self._set(trading(moved(self.state, server)))
        place = Place(server=server, fingerprint=invitation.fingerprint)
        try:
            self._keyring.prepare()
            self._port.use(place)
            answer = await self._port.enrol(invitation.code)
            if answer.kind != self._kind:
                self._set(failed(self.state, "wrong_kind"))
                return
            place = msgspec.structs.replace(
                place, token=answer.token, store=answer.store, name=answer.name, since=timestamp(self._now())
            )
            self._keyring.keep(place)
        except OSError:
            self._set(failed(self.state, "no_room"))
        except UntrustedError:
            self._set(failed(self.state, "untrusted"))
        except UnreachableError:
            self._set(failed(self.state, "unreachable"))
        except RefusedError as error:
            self._set(failed(self.state, _TROUBLE.get(error.problem.code, "refused"), error.problem.detail))
        else:
            self._stand(place)

    def _stand(self, place: Place) -> None:
        self._place = place
        self._port.use(place)
        self._set(enrolled(moved(self.state, place.server)))

    def _set(self, state: EnrolState) -> None:
        if state != self.state:
            self.state = state
            self._show(state)
