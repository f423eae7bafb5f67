"""What went wrong at a kiosk. Pure."""

from typing import Literal

import msgspec

from server.wire.base import Wire

Trouble = Literal[
    "network",
    "card",
    "bank_card",
    "article",
    "code",
    "codes",
    "used",
    "old",
    "digits",
    "no_cart",
    "item",
    "way",
    "refused",
]
"""`code`: it was not the code, three times; `codes`: too many were wrong already, here or of the same contact;
`old`: a code that was scanned or sent; `digits`: those that an associate was to confirm."""


class TroubleState(Wire):
    """`wait` are the seconds until the way on is open; `kind` is empty where all is well."""

    kind: Trouble | Literal[""] = ""
    wait: int = 0


def waited(state: TroubleState, wait: int) -> TroubleState:
    """Time passed."""
    return msgspec.structs.replace(state, wait=wait)


def back_to(before: str, *, guest: bool) -> str:
    """The screen to go on at.

    Args:
        before: which one was shown when the trouble came; another trouble's is none to go on at.
        guest: whether somebody is in.
    """
    if before != "trouble":
        return before
    return "cart" if guest else "identify"
