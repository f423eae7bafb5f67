"""The installation's one secret, in a file or the environment, never in the database; and the keys made of it."""

import hmac
import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from server.settings import Settings, SettingsError

SHORTEST = 32
"""Bytes."""


@dataclass(frozen=True)
class Keys:
    """Keys for single purposes, all made of the installation's one secret; none is ever stored in the database."""

    pins: bytes
    codes: bytes
    tokens: bytes
    audit: bytes
    tombstones: bytes


def keys_of(secret: bytes) -> Keys:
    """The keys that a secret stands for."""
    return Keys(**{name: hmac.digest(secret, b"mostrador " + name.encode(), "sha256") for name in Keys.__annotations__})


def read_keys(settings: Settings) -> Keys:
    """The keys of an installation; its secret is made where there is none yet.

    Raises:
        SettingsError: the secret cannot be read, or is none.
    """
    if settings.secret:
        if not re.fullmatch(r"[0-9a-fA-F]{64,}", settings.secret) or len(settings.secret) % 2:
            raise SettingsError("MOSTRADOR_SECRET cannot be taken: Expected 64 hexadecimal digits")
        return keys_of(bytes.fromhex(settings.secret))
    path = secret_path(settings)
    try:
        if not path.exists():
            _make(path)
        secret = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"MOSTRADOR_SECRET_FILE={path} cannot be read: {error.strerror}") from error
    if len(secret) < SHORTEST:
        raise SettingsError(f"MOSTRADOR_SECRET_FILE={path} holds no secret: {SHORTEST} bytes are the least")
    return keys_of(secret)


def secret_path(settings: Settings) -> Path:
    """Where the secret lies: where the settings say, else beside a SQLite database, else in the working directory."""
    if settings.secret_file:
        return Path(settings.secret_file)
    sqlite = "sqlite:///"
    folder = Path(settings.database.removeprefix(sqlite)).parent if settings.database.startswith(sqlite) else Path()
    return folder / "mostrador.secret"


def _make(path: Path) -> None:
    """Make it whole or not at all: of several programs that start at once, one makes it and the others find it."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:  # noqa: PTH123
        file.write(secrets.token_bytes(SHORTEST))
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
