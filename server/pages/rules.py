"""What a till's page is told, and what is written into its answers. Pure."""

from typing import NamedTuple

from server.wire.handoffs import RedeemedHandoff

COOKIE = "mostrador_till"
"""Where a browser keeps the till's token."""
CSRF_COOKIE = "mostrador_page"
KEPT = 400 * 24 * 3600
"""Seconds that a browser keeps the token: as long as browsers keep anything."""
PLACE = "/till"

POLICY = "; ".join(
    (
        *("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"),
        *("img-src 'self'", "form-action 'self'"),
        *("base-uri 'none'", "frame-ancestors 'none'"),
    )
)
"""Content-Security-Policy: nothing but our own files, no script or style in the page, no other host."""
REFERRER = "same-origin"
"""Without it browsers do not say where a form was sent from, which is looked at: see `edge/hosts`."""

NO_TILL = frozenset({"wrong_caller", "not_signed_in", "session_ended", "session_locked"})
"""Problems of a token that is another's than a till's."""
NOBODYS = NO_TILL | {"no_token", "unknown_token", "device_revoked"}
"""Problems after which a till must be set up anew."""


class Seen(NamedTuple):
    """What a till sees.

    Attributes:
        is_enrolled: whether it is a till of ours.
        held: the cart that it has.
        said: a message that something was done, a field of `Words`.
        trouble: one that something was not, likewise.
    """

    is_enrolled: bool
    held: RedeemedHandoff | None = None
    said: str | None = None
    trouble: str | None = None
