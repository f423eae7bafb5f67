"""What the sign-in screen knows, and how each happening changes it. Pure; of the PIN it knows only how long it is."""

from typing import Literal

import msgspec

from server.wire.access import Role, SessionStarted, SessionUnlocked, StaffName, by_name
from server.wire.base import Wire

LEAST, MOST = 4, 12
"""Digits of a PIN."""

Step = Literal["who", "pin", "locked", "in"]
Trouble = Literal["", "wrong", "wait", "nobody", "unreachable", "refused"]
Why = Literal["", "signed_out", "ended"]


class Somebody(Wire):
    """Whoever is signed in."""

    staff_id: int
    name: str
    role: Role | None = None
    store: str | None = None
    idle_seconds: int | None = None


class SignInState(Wire):
    """`who` was picked by name; `badged` says that a badge was read instead, whose owner only the server knows.

    Attributes:
        step: `who` and `pin` with nobody signed in, unless they only step in for `somebody`, who locked the tablet.
        listing: what came of asking who may sign in.
        digits: how many digits of a PIN are typed.
        busy: a PIN is with the server.
        wait: seconds until the next PIN may be tried.
        why: how it came that nobody is signed in.
    """

    step: Step = "who"
    listing: Literal["loading", "shown", "unreachable", "refused"] = "loading"
    staff: tuple[StaffName, ...] = ()
    who: StaffName | None = None
    badged: bool = False
    digits: int = 0
    busy: bool = False
    trouble: Trouble = ""
    detail: str = ""
    wait: int = 0
    why: Why = ""
    somebody: Somebody | None = None

    @property
    def ready(self) -> bool:
        """Whether digits are taken."""
        return self.step in {"pin", "locked"} and not self.busy and not self.wait

    @property
    def complete(self) -> bool:
        """Whether what is typed may be a PIN."""
        return self.ready and self.digits >= LEAST


def asked(state: SignInState) -> SignInState:
    """Who may sign in is being asked; the names that were there stay."""
    return msgspec.structs.replace(state, listing="shown" if state.staff else "loading")


def listed(state: SignInState, staff: tuple[StaffName, ...]) -> SignInState:
    """The names are there, in the order in which they are read."""
    in_order = tuple(sorted(staff, key=lambda one: (by_name(one.name), one.id)))
    return msgspec.structs.replace(state, listing="shown", staff=in_order)


def not_listed(state: SignInState, why: Literal["unreachable", "refused"]) -> SignInState:
    """No names came; older ones are better than none."""
    return msgspec.structs.replace(state, listing="shown" if state.staff and why == "unreachable" else why)


def picked(state: SignInState, staff_id: int, wait: int = 0) -> SignInState:
    """A name was touched."""
    who = next((one for one in state.staff if one.id == staff_id), None)
    if state.step != "who" or who is None:
        return state
    return _asking(state, who=who, badged=False, wait=wait)


def badged(state: SignInState, wait: int = 0) -> SignInState:
    """A badge was read; on a locked tablet, too, for it may be somebody else's."""
    if state.step == "in" or state.busy:
        return state
    return _asking(state, who=None, badged=True, wait=wait)


def digit(state: SignInState, digits: int) -> SignInState:
    """So many digits are typed now; what went wrong before is not said any longer."""
    if not state.ready:
        return state
    return msgspec.structs.replace(state, digits=digits, trouble="", detail="")


def trying(state: SignInState) -> SignInState:
    """A PIN is with the server."""
    return msgspec.structs.replace(state, busy=True, trouble="", detail="")


def failed(state: SignInState, trouble: Trouble, wait: int = 0, detail: str = "") -> SignInState:
    """It was not taken: the digits are gone."""
    return msgspec.structs.replace(state, digits=0, busy=False, trouble=trouble, wait=wait, detail=detail)


def waited(state: SignInState, wait: int) -> SignInState:
    """Time passed."""
    if not state.wait:
        return state
    trouble = state.trouble if wait else ""
    return msgspec.structs.replace(state, wait=wait, trouble=trouble, detail=state.detail if wait else "")


def let_in(state: SignInState, session: SessionStarted) -> SignInState:
    """Somebody is signed in."""
    somebody = Somebody(
        staff_id=session.staff_id,
        name=session.name,
        role=session.role,
        store=session.store,
        idle_seconds=session.idle,
    )
    return SignInState(step="in", listing=state.listing, staff=state.staff, somebody=somebody)


def unlocked(state: SignInState, session: SessionUnlocked) -> SignInState:
    """Whoever locked it goes on."""
    assert state.somebody is not None
    somebody = msgspec.structs.replace(state.somebody, idle_seconds=session.idle)
    return SignInState(step="in", listing=state.listing, staff=state.staff, somebody=somebody)


def locked(state: SignInState, wait: int = 0) -> SignInState:
    """Nobody touched it for long, or somebody locked it: whose it is stays, and nothing else."""
    if state.somebody is None or state.step == "locked":
        return state
    return SignInState(
        step="locked",
        listing=state.listing,
        staff=state.staff,
        somebody=state.somebody,
        wait=wait,
        trouble="wait" if wait else "",
    )


def out(state: SignInState, why: Why = "") -> SignInState:
    """Nobody is signed in."""
    return SignInState(listing=state.listing, staff=state.staff, why=why)


def gone_back(state: SignInState, wait: int = 0) -> SignInState:
    """Whoever was about to sign in does not; a tablet that somebody locked is theirs still."""
    if state.step != "pin" or state.busy:
        return state
    return locked(state, wait) if state.somebody is not None else out(state)


def _asking(state: SignInState, *, who: StaffName | None, badged: bool, wait: int) -> SignInState:
    return SignInState(
        step="pin",
        listing=state.listing,
        staff=state.staff,
        who=who,
        badged=badged,
        wait=wait,
        trouble="wait" if wait else "",
        somebody=state.somebody,
    )
