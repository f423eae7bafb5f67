"""What a manager's QR says: where the server is, the code, and which certificate the server has. Pure."""

import re
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""None of them looks like another."""
LENGTH = 10
HALF = LENGTH // 2
_BARE = re.compile(rf"[0-9A-Za-z]{{{HALF}}}[-' ]?[0-9A-Za-z]{{{HALF}}}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class Invitation(NamedTuple):
    """A code for one device; `server` is empty where only the code was given."""

    code: str
    server: str = ""
    fingerprint: str | None = None


def letters_of(text: str) -> str:
    """The letters of a code in what somebody typed."""
    return "".join(letter for letter in text.upper() if letter in LETTERS)


def written(letters: str) -> str:
    """A code as it is written: in two halves."""
    return f"{letters[:HALF]}-{letters[HALF:]}" if len(letters) > HALF else letters


def is_address(server: str) -> bool:
    """Whether a server may be there."""
    try:
        address = urlsplit(server)
        return address.scheme in {"http", "https"} and bool(address.hostname) and address.port != 0
    except ValueError:
        return False


def read_invitation(text: str) -> Invitation | None:
    """What a scan invites to: a QR with all that is needed, or a bare code; None where it is neither."""
    parts = urlsplit(text.strip())
    if parts.scheme.lower() != "mostrador":
        letters = letters_of(text) if _BARE.fullmatch(text.strip()) else ""
        return Invitation(written(letters)) if len(letters) == LENGTH else None
    said = {name: values[0] for name, values in parse_qs(parts.query).items()}
    code, server, fingerprint = said.get("code", ""), said.get("server", ""), said.get("fp", "").lower()
    if parts.path != "enrol" or not code or not is_address(server):
        return None
    # A fingerprint that could not be kept to would be a promise of nothing.
    if fingerprint and not (_FINGERPRINT.fullmatch(fingerprint) and server.startswith("https:")):
        return None
    return Invitation(code, server, fingerprint or None)
