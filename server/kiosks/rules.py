"""What codes at a kiosk look like, how a shop signs one, and how long and how often each way is open."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta

from server.access.rules import Patience, hash_of
from server.wire.base import AskedKey, Source
from server.wire.problems import ProblemError

CODE_LENGTH = 6
"""Digits of a code that is sent."""
MOST_TRIES = 3
"""Wrong codes of one challenge, and digits that an associate mistypes."""
CODE_LIVES = timedelta(minutes=10)
VOUCH_LIVES = timedelta(minutes=5)
CONTINUE_LIVES = timedelta(minutes=10)
"""How far ahead a shop's code ends at most."""
SKEW = timedelta(minutes=1)
"""How wrong the shop's clock may be."""
KEPT = timedelta(days=1)
"""How long sessions and challenges that are over are kept."""

CONTACT = Patience(free=3, first=30, longest=3_600, forgotten=86_400, lifted=False)
"""Wrong codes for one contact, on whichever kiosk."""
KIOSK = Patience(free=9, first=15, longest=600, forgotten=3_600, eased=600)
"""Wrong codes at one kiosk, for whichever contact: where many people mistype now and then they do not add up all day.

By time alone, as whoever has one good card could get in again and again; and no quicker than the longest wait, so that
who guesses is looked at no more often."""


class Limit(NamedTuple):
    """So many challenges in so many seconds."""

    most: int
    seconds: int


OF_KIOSK = Limit(10, 600)
OF_CONTACT = Limit(3, 900)
OF_CONTACT_A_DAY = Limit(10, 86_400)

_MAGIC = "MC1"


class Continue(NamedTuple):
    """What a shop's code says: which cart, the code's own id, and until when it is good."""

    source: str
    external_id: str
    id: str
    expires_at: datetime


WhyRefused = Literal["malformed", "unknown_source", "signature", "audience", "expired", "too_far_ahead"]


class CodeRefusedError(ProblemError):
    """A shop's code opens nothing. Whoever shows it is told no more than that; the operator hears `why`.

    `source` is the one that the code names, where it is one whose key is known.
    """

    def __init__(self, why: WhyRefused, source: str | None = None) -> None:
        if why == "expired":
            super().__init__(
                "proof_over", "This code is older than ten minutes. Have the site or the app show a new one."
            )
        else:
            super().__init__(
                "wrong_proof", "This is no code of our online shop. Have the site or the app show a new one."
            )
        self.why = why
        self.source = source


class _Payload(msgspec.Struct, frozen=True):
    """What a shop signs, as JSON."""

    aud: str
    src: Source
    cart: AskedKey
    jti: Annotated[str, Meta(min_length=16, max_length=100)]
    exp: Annotated[int, Meta(ge=0, le=10**11)]


_payload = msgspec.json.Decoder(_Payload)


def read_continue(code: str, keys: Mapping[str, str], chain: str, now: datetime) -> Continue:
    """What a shop's code says: `MC1.payload.mac`, both parts base64url, the MAC HMAC-SHA256 of all that is before it.

    Args:
        code: as it was scanned.
        keys: of sources, hexadecimal; there is one algorithm, whatever a code says.
        chain: whom it must be for.
        now: when.

    Raises:
        CodeRefusedError: nobody whom we know signed it, for this chain, or its time is over.
    """
    head, _, mac = code.strip().rpartition(".")
    magic, _, body = head.partition(".")
    try:
        said = _payload.decode(_decoded(body))
        shown = _decoded(mac)
    except (msgspec.DecodeError, UnicodeError, binascii.Error, ValueError, RecursionError):
        raise CodeRefusedError("malformed") from None
    key = keys.get(said.src)
    # With some key all the same: which sources there are, no time tells.
    made = hmac.digest(bytes.fromhex(key or "00"), head.encode(), "sha256")
    is_signed = hmac.compare_digest(made, shown)
    if magic != _MAGIC:
        raise CodeRefusedError("malformed")
    if key is None:
        raise CodeRefusedError("unknown_source")
    if not is_signed:
        raise CodeRefusedError("signature", said.src)
    if said.aud != chain:
        raise CodeRefusedError("audience", said.src)
    expires_at = datetime.fromtimestamp(said.exp, UTC)
    if expires_at <= now:
        raise CodeRefusedError("expired", said.src)
    if expires_at > now + CONTINUE_LIVES + SKEW:
        raise CodeRefusedError("too_far_ahead", said.src)
    return Continue(said.src, said.cart, said.jti, expires_at)


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def hash_of_continue(key: bytes, code: Continue) -> bytes:
    """What is kept of a shop's code that was used."""
    return hash_of(key, f"continue {code.source} {code.id}")


def hash_of_code(key: bytes, device_id: int, code: str) -> bytes:
    """What is kept of a code that was sent, or of digits that a kiosk shows."""
    return hash_of(key, f"kiosk {device_id} {code}")


def hash_of_contact(key: bytes, kind: str, value: str) -> bytes:
    """What is kept of a contact that was typed."""
    return hash_of(key, f"contact {kind} {value}")


def new_digits(length: int) -> str:
    """A number that nobody guesses, with its leading zeros."""
    return f"{secrets.randbelow(10**length):0{length}d}"


def code_typed(text: str) -> str:
    """A code as it was sent, however it was typed."""
    return "".join(text.split())
