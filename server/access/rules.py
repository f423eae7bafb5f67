"""What tokens, codes and PINs look like, how long who guessed wrong has to wait, and what a role sees."""

import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from math import ceil
from typing import Literal, NamedTuple
from urllib.parse import quote

from server.access.callers import Caller
from server.wire.access import Role
from server.wire.base import timestamp

TokenKind = Literal["dev", "ses", "kio"]
"""Of a device, of somebody signed in on one, of a customer at a kiosk."""

SHIFT = timedelta(hours=12)
"""How long a session lasts at most."""
ENROLMENT = timedelta(minutes=15)
"""How long an enrolment code can be used."""
TOUCHED = timedelta(minutes=1)
"""How old `seen_at` gets before it is written anew: a write a request would cost more than the request."""

_TOKEN = re.compile(rb"(?i:bearer) (dev|ses|kio)_([1-9][0-9]{0,17})_([A-Za-z0-9_-]{43})")
_KINDS: Mapping[bytes, TokenKind] = {b"dev": "dev", b"ses": "ses", b"kio": "kio"}

TOKENS_KNOWN = 10_000
"""Tokens of which the hash is kept in memory: it takes longer than to look up whose it is."""

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Signs of enrolment codes: none is taken for another."""
CODE_LENGTH = 10
"""Signs of a code: 49 bits, for a quarter of an hour."""


class Token(NamedTuple):
    """A token that was shown; `secret` is all of it, as it was given."""

    kind: TokenKind
    id: int
    secret: bytes


def read_token(header: bytes) -> Token | None:
    """The token of an Authorization header, or None where there is none of ours in it."""
    found = _TOKEN.fullmatch(header)
    if found is None:
        return None
    return Token(_KINDS[found[1]], int(found[2]), header[7:])


def new_secret() -> str:
    """What makes a token one that nobody guesses: 256 bits."""
    return secrets.token_urlsafe(32)


def token_text(kind: TokenKind, id_: int, secret: str) -> str:
    """A token as it travels."""
    return f"{kind}_{id_}_{secret}"


def hash_of(key: bytes, text: str | bytes) -> bytes:
    """What is kept of a token, code or badge: of no use without the key."""
    return hmac.digest(key, text if isinstance(text, bytes) else text.encode(), "sha256")


@lru_cache(TOKENS_KNOWN)
def hash_of_token(key: bytes, secret: bytes) -> bytes:
    """The same for a token that is shown with each request."""
    return hash_of(key, secret)


def new_code() -> str:
    """An enrolment code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def code_shown(code: str) -> str:
    """A code as people read it aloud."""
    return f"{code[:5]}-{code[5:]}"


def code_typed(text: str) -> str:
    """A code as it was made, however it was typed."""
    return re.sub(r"[\s-]", "", text).upper()


def enrolment_qr(server: str, code: str, fingerprint: str | None = None) -> str:
    """The text of a QR code that enrols: where the server is, the code, and the certificate to expect there."""
    text = f"mostrador:enrol?server={quote(server, safe='')}&code={code}"
    return text if fingerprint is None else f"{text}&fp={fingerprint}"


def is_obvious(pin: str) -> bool:
    """Whether a PIN is one that is tried first: one digit, a run, a pair or a half over and over, a year."""
    if len(set(pin)) == 1:
        return True
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if steps in ({1}, {9}):
        return True
    if any(len(pin) % n == 0 and pin == pin[:n] * (len(pin) // n) for n in (2, 3)):
        return True
    return pin in _FAVOURITES or re.fullmatch(r"(19|20)\d\d", pin) is not None


_FAVOURITES = frozenset({"1122", "1001", "2580", "0852", "1379", "112233", "123321", "147258", "159753", "123123"})


class Patience(NamedTuple):
    """How wrong tries are answered.

    Attributes:
        free: so many are without a wait.
        first: seconds of the first wait; each further one is twice as long.
        longest: seconds.
        forgotten: seconds without a wrong try after which all is forgotten; None: never by itself.
        eased: seconds without a wrong try after each of which one less is counted; None: it is all or nothing.
        lifted: whether a manager can end the wait.
    """

    free: int
    first: int
    longest: int
    forgotten: int | None
    eased: int | None = None
    lifted: bool = True


PERSON = Patience(free=3, first=30, longest=3_600, forgotten=None)
"""PINs of one person: eleven or so in the first hour, then one an hour. Ends with the right one, or with a manager."""
DEVICE = Patience(free=10, first=15, longest=600, forgotten=3_600)
"""PINs at one device, whoever's: many people mistype at a tablet, but nobody goes through all names there."""
PEER = Patience(free=5, first=5, longest=600, forgotten=3_600, lifted=False)
"""Enrolment codes from one address."""
EVERYBODY = Patience(free=50, first=1, longest=5, forgotten=60, lifted=False)
"""Enrolment codes from anywhere: slow enough to guess none, never so slow that a shop cannot enrol."""


class Tries(NamedTuple):
    """Wrong tries of one subject."""

    wrong: int
    wrong_at: datetime
    wait_until: datetime


def wait_left(tries: Tries | None, now: datetime) -> int:
    """Seconds until the next try is looked at; 0: now."""
    return 0 if tries is None else max(0, ceil((tries.wait_until - now).total_seconds()))


def after_wrong(tries: Tries | None, patience: Patience, now: datetime) -> Tries:
    """The tries with one wrong one more."""
    wrong = 1 + (0 if tries is None else _still_counted(tries, patience, now))
    doublings = wrong - patience.free - 1
    # Where waits have reached their longest, powers of two would only grow for nothing.
    wait = 0 if doublings < 0 else min(patience.longest, patience.first * 2 ** min(doublings, 32))
    return Tries(wrong, now, now + timedelta(seconds=wait))


def _still_counted(tries: Tries, patience: Patience, now: datetime) -> int:
    quiet = now - tries.wrong_at
    if patience.forgotten is not None and quiet > timedelta(seconds=patience.forgotten):
        return 0
    # The clock of the server that counted last may be ahead.
    less = 0 if patience.eased is None else max(0, quiet // timedelta(seconds=patience.eased))
    return max(0, tries.wrong - less)


def is_locked(seen_at: str, idle: int, now: datetime) -> bool:
    """Whether a session has been left alone for so long that the PIN is asked for again."""
    return seen_at < timestamp(now - timedelta(seconds=idle))


def is_stale(seen_at: str, now: datetime) -> bool:
    """Whether it has to be written anew when somebody was seen."""
    return seen_at < timestamp(now - TOUCHED)


class Sight(NamedTuple):
    """What a role sees of a customer, beside who it is and what was bought; totals follow from what was bought.

    Attributes:
        all_notes: notes of the whole chain; else those of the person's own stores, and those of no store.
    """

    all_notes: bool


SIGHT: Mapping[Role, Sight] = {
    "associate": Sight(all_notes=False),
    "manager": Sight(all_notes=True),
    "hq": Sight(all_notes=True),
}


def sees_notes_of(caller: Caller, store: str | None) -> bool:
    """Whether a caller sees notes that were written in a store."""
    return store is None or caller.role is None or SIGHT[caller.role].all_notes or caller.works_in(store)


def may_manage(caller: Caller, role: Role, stores: frozenset[str]) -> bool:
    """Whether a caller may add, change and remove somebody: managers those of their stores, but nobody of HQ."""
    if caller.kind == "terminal" or caller.role == "hq":
        return True
    return caller.role == "manager" and role != "hq" and bool(stores) and stores <= caller.stores
