"""What a server's no means to a kiosk and to whoever is before it. Pure."""

from typing import Literal

Meaning = Literal["", "leave", "revoked", "unknown"]
"""`leave`: whoever is here is in no more; `revoked`: the device is out of service; `unknown`: its token is nobody's."""


def meaning_of(code: str, *, guest: bool, enrolled: bool) -> Meaning:
    """What is to be done.

    Args:
        code: of the problem.
        guest: whether somebody is in.
        enrolled: whether the device is one of a store's, as far as it knows.
    """
    match code:
        case "device_revoked":
            return "revoked"
        case "session_ended" | "no_token" | "unknown_token" if guest:
            return "leave"
        case "no_token" | "unknown_token" if enrolled:
            return "unknown"
        case _:
            return ""
