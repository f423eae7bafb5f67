"""What every message is made of."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta


class Wire(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A message: immutable, keyword-only; fields that come later have defaults, unknown ones are skipped.

    `gc=False`: a message cannot come to hold itself, so the garbage collector need not follow it.
    """


WITHOUT_NUL = r"^[^\x00]*$"
"""No database keeps a NUL, and one that is asked for a text with it takes the question for a mistake."""

_IN_WORDS = {
    WITHOUT_NUL: "Expected a text without NUL",
    r"^[A-Z]{2}$": "Expected two capital letters: ES",
    r"^[A-Z]{3}$": "Expected three capital letters: EUR",
    r"^[A-Za-z0-9][A-Za-z0-9._:-]*$": "Expected letters, digits and . _ : - after a letter or digit: shopify:madrid",
    r"^\^.*\$$": "Expected a regular expression that begins with ^ and ends with $",
    "^[0-9a-f]{64}$": "Expected the picture's hash: 64 digits and letters from a to f",
    "^(?:[0-9a-fA-F]{2}){32,}$": "Expected 64 hexadecimal digits or more",
    "^[0-9]{4,12}$": "Expected 4 to 12 digits",
    "^(?:[01][0-9]|2[0-3]):[0-5][0-9]$": "Expected an hour and a minute: 03:30",
    "^https?://[^ ]+$": "Expected an address: https://alarms.example/hook",
    "^whsec_(?:[A-Za-z0-9+/]{4}){6,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$": (
        "Expected whsec_ and 18 bytes or more in Base64"
    ),
    "^#[0-9a-fA-F]{6}$": "Expected a colour as #0F5C56",
    "^[0-9]{2}$": "Expected the two digits that the kiosk shows",
    r"^(?:https://|http://(?:127\.0\.0\.1|localhost|\[::1\])[:/])": "Expected an address that begins with https://",
    "^https?://": "Expected an address that begins with https://",
    "^smtps?://": "Expected an address that begins with smtps:// or smtp://",
}
"""What patterns mean to people."""


def in_words(reason: str) -> str:
    """Why a value cannot be taken, with words in place of a pattern."""
    for pattern, words in _IN_WORDS.items():
        reason = reason.replace(f"Expected `str` matching regex {pattern!r}", words)
    return reason


Moment = Annotated[datetime, Meta(tz=True)]
"""A point in time as it arrives: any RFC 3339 form with an offset."""

Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", description="ISO 4217 code")]
Minor = Annotated[
    int,
    Meta(ge=-(10**14), le=10**14, description="money in minor units, 1234 for 12.34 EUR"),
]
Count = Annotated[int, Meta(ge=0, le=10**9)]
Source = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$",
        max_length=64,
        description="one instance of a system, never just a platform: shopify:madrid",
    ),
]
Number = Annotated[int, Meta(ge=1, le=2**63 - 1)]
"""Of something that a database numbers; a larger one is none that an engine takes."""
Key = Annotated[str, Meta(min_length=1, max_length=255)]
"""In a record; none with a NUL in it comes so far: see `ingest/ndjson`."""
AskedKey = Annotated[Key, Meta(pattern=WITHOUT_NUL)]
"""In a request: the pattern takes half a microsecond, which millions of records need not pay."""
Label = Annotated[str, Meta(max_length=255)]
Text = Annotated[str, Meta(max_length=10_000)]
Sku = Annotated[str, Meta(min_length=1, max_length=100)]
StoreCode = Annotated[str, Meta(min_length=1, max_length=32)]


def timestamp(moment: datetime) -> str:
    """Write a moment as the project does everywhere: ISO 8601, UTC, microseconds, 27 characters.

    Fixed width makes order by text the same as order by time.
    """
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    text = _encode(moment)[1:-2].decode()  # a tenth of what isoformat takes; whole seconds come without a fraction
    return f"{text}Z" if len(text) == _WITH_FRACTION else f"{text}.000000Z"


_encode = msgspec.json.Encoder().encode
_WITH_FRACTION = len("2026-11-20T18:30:00.000000")
