"""Keys of the installation: all made of one secret, which lies in a file or the environment, never in the database."""

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from server.settings import Settings, SettingsError

SECRET_BYTES = 32
NAME = "mostrador.secret"
_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Keys:
    """Keys for single purposes, all made of the installation's one secret; none is ever stored in the database."""

    pins: bytes
    codes: bytes
    tokens: bytes
    audit: bytes
    tombstones: bytes


def keys_of(secret: bytes) -> Keys:
    """The keys that a secret gives."""
    return Keys(
        **{
            purpose: hmac.digest(secret, b"mostrador " + purpose.encode(), hashlib.sha256)
            for purpose in Keys.__dataclass_fields__
        }
    )


def read_keys(settings: Settings) -> Keys:
    """The keys of the installation; its secret is made where there is none yet.

    Raises:
        SettingsError: the secret cannot be read or made, or is none.
    """
    if settings.secret:
        if not re.fullmatch(r"[0-9a-fA-F]{64,}", settings.secret) or len(settings.secret) % 2:
            raise SettingsError("MOSTRADOR_SECRET cannot be taken: write 64 hexadecimal digits (openssl rand -hex 32)")
        return keys_of(bytes.fromhex(settings.secret))
    path = secret_path(settings)
    try:
        try:
            # Whole or not at all: another program may look for it at this moment.
            made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
            if not path.exists():
                with os.fdopen(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                    file.write(secrets.token_hex(SECRET_BYTES) + "\n")
                    file.flush()
                    os.fsync(file.fileno())
                try:
                    os.link(made, path)
                finally:
                    made.unlink()
        except FileExistsError:
            pass  # who came first made it
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the secret of this installation, {path}, cannot be read or made: {error}") from error
    if not re.fullmatch(r"(?:[0-9a-f]{2}){32,}", text):
        raise SettingsError(f"{path} holds no secret: 64 hexadecimal digits are expected; restore it from a backup")
    return keys_of(bytes.fromhex(text))


def secret_path(settings: Settings) -> Path:
    """Where the secret lies: where the setting says, else beside a SQLite file, else in the working directory."""
    if settings.secret_file:
        return Path(settings.secret_file)
    if settings.database.startswith(_SQLITE):
        return Path(settings.database.removeprefix(_SQLITE)).parent / NAME
    return Path(NAME)
