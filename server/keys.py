"""Keys for single purposes, all made of the installation's one secret, which is never in the database."""

import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from server.settings import Settings

SHORTEST = 32
"""Bytes of a secret."""
FILE = "mostrador.secret"
_SQLITE = "sqlite:///"


class SecretError(Exception):
    """The installation's secret is missing or is none; the message says what to do, and nothing of the secret."""


@dataclass(frozen=True)
class Keys:
    """Keys for single purposes, all made of the installation's one secret; none is ever stored in the database."""

    pins: bytes = field(repr=False)
    codes: bytes = field(repr=False)
    tokens: bytes = field(repr=False)
    audit: bytes = field(repr=False)
    tombstones: bytes = field(repr=False)
    answers: bytes = field(repr=False)


def keys_of(secret: bytes) -> Keys:
    """The keys that a secret gives; nobody finds one of them by another."""

    def key(purpose: str) -> bytes:
        return hmac.digest(secret, b"mostrador " + purpose.encode(), "sha256")

    return Keys(
        pins=key("pins"),
        codes=key("codes"),
        tokens=key("tokens"),
        audit=key("audit"),
        tombstones=key("tombstones"),
        answers=key("answers"),
    )


def secret_file(settings: Settings) -> Path:
    """Where the secret lies: where the settings say, else beside SQLite's file, else in the working directory."""
    if settings.secret_file:
        return Path(settings.secret_file)
    if settings.database.startswith(_SQLITE):
        return Path(settings.database.removeprefix(_SQLITE)).parent / FILE
    return Path(FILE)


def read_keys(settings: Settings) -> Keys:
    """The keys of an installation.

    Raises:
        SecretError: there is no secret, or what is there is none.
    """
    if settings.secret:
        return keys_of(bytes.fromhex(settings.secret))
    path = secret_file(settings)
    try:
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        raise SecretError(
            f"The secret of this installation is not at {path}. `mostrador init` makes one for a new shop; for one "
            "that has devices and people, bring its own back from where you keep it, or mend MOSTRADOR_SECRET_FILE."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"The secret at {path} cannot be read: {type(error).__name__}.") from None
    secret = b""
    with suppress(ValueError):
        secret = bytes.fromhex(text)
    if len(secret) < SHORTEST:
        raise SecretError(f"What is in {path} is no secret: it must have {2 * SHORTEST} hexadecimal digits or more.")
    return keys_of(secret)


def make_secret(settings: Settings) -> bool:
    """Make the secret, readable to nobody else, unless there is one; whether it was made.

    Raises:
        SecretError: it cannot be written.
    """
    path = secret_file(settings)
    if settings.secret or path.exists():
        return False
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(SHORTEST) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        return False
    except OSError as error:
        raise SecretError(f"The secret cannot be written to {path}: {error.strerror}.") from None
    return True
