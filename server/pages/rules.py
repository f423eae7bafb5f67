"""What a till's page is told, and what is written into its answers. Pure."""

from typing import NamedTuple

from server.wire import colours
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


LIGHT, DARK = ("#F7F5F1", "#FFFFFF", "#EEEAE3"), ("#171615", "#211F1E", "#2C2A28")
"""Grounds of the page by day and by night, as `till.css` has them."""


def brand_style(color: str | None) -> str:
    """A style sheet with a retailer's colour, as it can be seen and read by day and by night; nothing without one."""
    if color is None:
        return ""
    day, night = (f":root {{ {_brand(color, grounds)} }}" for grounds in (LIGHT, DARK))
    return f"{day}\n@media (prefers-color-scheme: dark) {{ {night} }}\n"


def _brand(color: str, grounds: tuple[str, ...]) -> str:
    stand = [colours.of_hex(ground) for ground in grounds]
    brand = colours.standing_out(colours.of_hex(color), stand, colours.SHAPE)
    values = {
        "brand": brand,
        "on-brand": colours.on(brand),
        "brand-ink": colours.standing_out(brand, stand, colours.TEXT),
    }
    return " ".join(f"--{name}: {colours.as_hex(value)};" for name, value in values.items())


ABOVE = "afterbegin show:window:top"
"""Where a part goes (`HX-Reswap`) that takes nothing away: above what is shown."""


class Seen(NamedTuple):
    """What a till sees.

    Attributes:
        is_enrolled: whether it is a till of ours.
        held: the cart that it has.
        said: a message that something was done, a field of `Words`.
        trouble: one that something was not, likewise.
        is_unknown: whether it cannot be told just now what a till has.
    """

    is_enrolled: bool
    held: RedeemedHandoff | None = None
    said: str | None = None
    trouble: str | None = None
    is_unknown: bool = False
