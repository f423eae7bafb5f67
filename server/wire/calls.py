"""Calls for help from a kiosk."""

from typing import Literal

from server.wire.base import Wire

About = Literal["help", "network", "card", "code", "cart", "item"]
"""What somebody at a kiosk does not get on with."""


class NewHelpCall(Wire):
    """Somebody is to come to this kiosk."""

    about: About = "help"


class HelpCall(Wire):
    """Somebody at a kiosk waits for help.

    Attributes:
        call_id: of the call.
        kiosk: the device's name.
        about: what they do not get on with.
        called_at: since when; after a quarter of an hour it is over.
        answered_by: first name of whoever is on the way; null: nobody so far.
    """

    call_id: int
    kiosk: str
    about: About
    called_at: str
    answered_by: str | None = None
