"""Stores, and what a device is told when it starts."""

from server.wire.base import Wire
from server.wire.codes import CardPattern
from server.wire.kiosks import EVERY_WAY, Way


class Store(Wire):
    """A shop of the chain; times there are in `time_zone` (IANA name)."""

    code: str
    name: str
    city: str | None = None
    time_zone: str | None = None
    country: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    opening_hours: str | None = None


class Brand(Wire):
    """How the retailer calls itself on screens, and looks there.

    `color` is as `#0F5C56`, `logo` and `welcome` are hashes of pictures; null: as screens look by themselves.
    """

    name: str
    color: str | None = None
    logo: str | None = None
    welcome: str | None = None


class Setup(Wire):
    """What a device needs to know before its first scan; `store` is null where none was named.

    `proofs` are the ways in which customers may prove at a kiosk who they are.
    """

    brand: Brand
    store: Store | None
    card_patterns: tuple[CardPattern, ...]
    currency: str
    languages: tuple[str, ...]
    proofs: tuple[Way, ...] = EVERY_WAY
