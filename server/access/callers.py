"""Who asks."""

from typing import Literal, NamedTuple

from server.wire.access import DeviceKind, Role


class Caller(NamedTuple):
    """Who asks: a device, and the person signed in on it where there is one.

    Attributes:
        device_id: None: the terminal, or anybody at a public door.
        kind: of the device.
        store: of the device.
        staff_id: who is signed in.
        role: of whoever is signed in.
        stores: where the person works; that it is empty means all for HQ's people, and none for others.
        session_id: of whoever is signed in.
    """

    device_id: int | None
    kind: DeviceKind | Literal["terminal", "public"]
    store: str | None
    staff_id: int | None
    role: Role | None
    stores: frozenset[str]
    session_id: int | None = None

    @property
    def name(self) -> str:
        """Who writes, for idempotency keys."""
        return self.kind if self.device_id is None else f"device:{self.device_id}"

    @property
    def who(self) -> str:
        """What the allow-list knows the caller by: a person's role, else the device's kind."""
        return self.role or self.kind

    def works_in(self, store: str | None) -> bool:
        """Whether a store is one of theirs; the terminal and HQ have all."""
        return self.kind == "terminal" or self.role == "hq" or (store is not None and store in self.stores)


TERMINAL = Caller(None, "terminal", None, None, None, frozenset())
"""An operator at a terminal: whoever can open the database may do all."""
ANYBODY = Caller(None, "public", None, None, None, frozenset())
"""Whoever asks at a public door."""
