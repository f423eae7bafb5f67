"""What a store must be, beyond what its type says."""

from functools import cache
from zoneinfo import available_timezones

from server.wire.records import StoreRecord


def refusal(record: StoreRecord) -> tuple[str, str] | None:
    """Where and why a store cannot be taken, or None."""
    zones = _zones()
    # A machine without a database of zones knows none, which is no fault of the record.
    if isinstance(record.time_zone, str) and zones and record.time_zone not in zones:
        return "$.time_zone", f"{record.time_zone!r} is no time zone: give its IANA name, Europe/Madrid"
    return None


@cache
def _zones() -> frozenset[str]:
    """Every name that is known here; reading them takes a moment."""
    return frozenset(available_timezones())
