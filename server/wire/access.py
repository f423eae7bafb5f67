"""Devices, the people who sign in on them, and what each must show."""

import unicodedata
from typing import Annotated, Literal

from msgspec import Meta

from server.wire.base import WITHOUT_NUL, Number, StoreCode, Wire

DeviceKind = Literal["tablet", "kiosk", "till", "sync"]
Role = Literal["associate", "manager", "hq"]

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Pin = Annotated[str, Meta(pattern="^[0-9]{4,12}$", description="4 to 12 digits, none that everybody tries first")]
Badge = Annotated[str, Meta(min_length=4, max_length=200, description="what a scanner reads from a badge")]
Place = Annotated[StoreCode, Meta(pattern=WITHOUT_NUL)]
Stores = Annotated[tuple[Place, ...], Meta(max_length=1000)]


class NewEnrolment(Wire):
    """A device that is to be enrolled. One of kind `sync`, which is a program at HQ, needs no store."""

    kind: DeviceKind
    name: Annotated[Name, Meta(pattern=WITHOUT_NUL)]
    store: Place | None = None


class Enrolment(Wire):
    """A code that enrols one device, once; shown now and never again.

    Attributes:
        code: what the device sends to `POST /v1/devices`.
        qr: the same with the server's address, as text for a QR code.
        kind: of the device.
        name: of the device.
        store: code of the store that the device is to stand in, if any.
        expires_at: until when it can be used.
    """

    code: str
    qr: str
    kind: DeviceKind
    name: str
    store: str | None
    expires_at: str


class EnrolmentCode(Wire):
    """The code that a manager made; upper and lower case, spaces and hyphens do not matter.

    `kind` is what the device is, where it says so: a code for another kind is refused, and can still be used.
    """

    code: Annotated[str, Meta(min_length=1, max_length=100)]
    kind: DeviceKind | None = None


class DeviceToken(Wire):
    """What a device shows from now on, as `Authorization: Bearer …`; told this once."""

    device_id: int
    token: str
    kind: DeviceKind
    name: str
    store: str | None


class Device(Wire):
    """An enrolled device; `seen_at` is true to the minute."""

    id: int
    kind: DeviceKind
    name: str
    store: str | None
    enrolled_at: str
    seen_at: str
    revoked_at: str | None


class NewStaff(Wire):
    """Somebody who is to sign in on tablets. HQ's people work in all stores and name none."""

    name: Name
    role: Role
    stores: Stores = ()
    pin: Pin | None = None
    badge: Badge | None = None


class NewStores(Wire):
    """Where somebody works from now on."""

    stores: Stores


class NewPin(Wire):
    """A PIN in place of the one before."""

    pin: Pin


class StaffMember(Wire):
    """Somebody who works here."""

    id: int
    name: str
    role: Role
    stores: tuple[str, ...]


class StaffName(Wire):
    """Somebody who may sign in on this device."""

    id: int
    name: str


class SignIn(Wire):
    """Who signs in: the badge as it was scanned, or the number of the name that was picked; and the PIN."""

    pin: Annotated[str, Meta(max_length=12)]
    staff_id: Number | None = None
    badge: Annotated[str, Meta(max_length=200)] | None = None


class Unlock(Wire):
    """The PIN of whoever is signed in."""

    pin: Annotated[str, Meta(max_length=12)]


class SessionStarted(Wire):
    """Somebody is signed in on this device.

    Attributes:
        token: what the device shows in place of its own token as long as they are.
        staff_id: who.
        name: how they are called.
        role: what they may.
        stores: where they work; none for HQ's people, who work everywhere.
        store: where the device stands.
        ends_at: the end of the shift.
        idle: seconds without a request after which the PIN is asked for again; it may be up to a minute fewer.
    """

    token: str
    staff_id: int
    name: str
    role: Role
    stores: tuple[str, ...]
    store: str | None
    ends_at: str
    idle: int


class SessionUnlocked(Wire):
    """The same person goes on."""

    staff_id: int
    ends_at: str
    idle: int


def by_name(name: str) -> tuple[str, str]:
    """Where people look for a name in a list: capitals and accents do not matter."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)), name
