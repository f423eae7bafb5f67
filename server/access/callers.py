"""Who asks."""

from typing import Literal, NamedTuple

from server.wire.access import DeviceKind, Role


class Guest(NamedTuple):
    """A customer who proved at a kiosk who they are, until they leave.

    Attributes:
        session_id: of their time there.
        customer_id: who; 0: nobody known, who has one cart.
        cart: source and external id of the cart that a shop's code named.
    """

    session_id: int
    customer_id: int
    cart: tuple[str, str] | None


class Caller(NamedTuple):
    """Who asks: a device, and the person signed in on it, or the customer who stands there, where there is one.

    Attributes:
        device_id: None: the terminal, or anybody at a public door.
        kind: of the device.
        store: of the device.
        staff_id: who is signed in.
        role: of whoever is signed in.
        stores: where the person works; that it is empty means all for HQ's people, and none for others.
        session_id: of whoever is signed in.
        guest: the customer whom a kiosk serves.
    """

    device_id: int | None
    kind: DeviceKind | Literal["terminal", "public"]
    store: str | None
    staff_id: int | None
    role: Role | None
    stores: frozenset[str]
    session_id: int | None = None
    guest: Guest | None = None

    @property
    def name(self) -> str:
        """Who writes, for idempotency keys."""
        if self.guest is not None:
            # Whoever stands there next is somebody else.
            return f"kiosk session:{self.guest.session_id}"
        return self.kind if self.device_id is None else f"device:{self.device_id}"

    @property
    def who(self) -> str:
        """What the allow-list knows the caller by: a person's role, `customer`, else the device's kind."""
        return self.role or (self.kind if self.guest is None else "customer")

    def works_in(self, store: str | None) -> bool:
        """Whether a store is one of theirs; the terminal and HQ have all."""
        return self.kind == "terminal" or self.role == "hq" or (store is not None and store in self.stores)


TERMINAL = Caller(None, "terminal", None, None, None, frozenset())
"""An operator at a terminal: whoever can open the database may do all."""
ANYBODY = Caller(None, "public", None, None, None, frozenset())
"""Whoever asks at a public door."""
