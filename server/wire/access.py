"""Devices and the people who sign in on them."""

from typing import Literal

from server.wire.base import Wire

DeviceKind = Literal["tablet", "kiosk", "till", "sync"]
Role = Literal["associate", "manager", "hq"]


class EnrolmentCode(Wire):
    """A code that a manager made for one device, to be traded for the device's token."""

    code: str


class DeviceEnrolled(Wire):
    """A device, and its token, which is told this once."""

    device_id: int
    kind: DeviceKind
    store: str | None
    name: str
    token: str


class StaffName(Wire):
    """Somebody who may sign in on a device."""

    id: int
    name: str
    has_badge: bool = False


class SignIn(Wire):
    """Who wants to work on a device: by number or by badge, and with a PIN."""

    pin: str
    staff_id: int | None = None
    badge: str | None = None


class Session(Wire):
    """Somebody's shift on a device; `idle_seconds` without a touch lock it."""

    token: str
    staff_id: int
    name: str
    role: Role
    store: str | None
    ends_at: str
    idle_seconds: int


class Unlock(Wire):
    """The PIN of whoever is signed in."""

    pin: str


class TokenRolled(Wire):
    """A device's next token; the one before lives until this one is first used."""

    token: str
