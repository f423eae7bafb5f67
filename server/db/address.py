"""From an operator's address to an open database: the one place that knows every engine."""

import re
from pathlib import Path
from urllib.parse import quote, unquote

from server.db.engine import Database
from server.db.sqlite import SqliteDatabase

_SQLITE = "sqlite:///"
_POSTGRESQL = ("postgresql://", "postgres://")
_USER_AND_PASSWORD = re.compile(r"(?<=://)(.*)@")
"""Up to the last @: a password may have one, or a slash, where it should not."""
_PASSWORD_PARAMETER = re.compile(r"(?i)([?&](?:ssl)?password=)[^&#]*")
HIDDEN = "***"


class AddressError(Exception):
    """There is no database at an address, or it is none; the message says what to write."""


def open_database(address: str, *, make: bool = True) -> Database:
    """Open the database at an address, and bring it up to date.

    Args:
        address: `sqlite:///relative.db`, `sqlite:////absolute/path.db` or `postgresql://user@host/name`.
        make: make a SQLite file that is not there yet; PostgreSQL's databases are made by its administrator.

    Raises:
        AddressError: the address is none of these, or there is nothing at it.
        DatabaseError: what is there cannot be opened.
    """
    path = file_of(address)
    if path is None:
        # Who stays with one file does not wait for the other engine's driver to be loaded.
        from server.db.postgres import PostgresDatabase  # noqa: PLC0415

        return PostgresDatabase(address)
    if not path.absolute().parent.is_dir():
        raise AddressError(f"MOSTRADOR_DATABASE: the folder {path.absolute().parent} does not exist; make it first")
    if not make:
        require_file(path)
    return SqliteDatabase(path)


def file_of(address: str) -> Path | None:
    """The file that an address means, whether or not it is there; None where it means a database of PostgreSQL.

    Raises:
        AddressError: it means neither.
    """
    if address.startswith(_POSTGRESQL):
        return None
    if not address.startswith(_SQLITE) or not address[len(_SQLITE) :]:
        raise AddressError(
            f"MOSTRADOR_DATABASE={without_password(address)} cannot be used: write sqlite:///relative.db, "
            "sqlite:////absolute/path.db or postgresql://user:password@host/database"
        )
    return Path(address[len(_SQLITE) :])


def require_file(path: Path) -> None:
    """Have a database be there already.

    Raises:
        AddressError: it is not, or we may not look.
    """
    try:
        is_there = path.exists()
    except OSError as error:
        raise AddressError(f"{path} cannot be looked at: {error.strerror}. Mend MOSTRADOR_DATABASE.") from error
    if not is_there:
        raise AddressError(
            f"There is no database at {path}. Make one with `mostrador init`, or mend MOSTRADOR_DATABASE."
        )


def without_password(address: str) -> str:
    """An address as it may be shown."""
    if address.startswith("sqlite:"):
        return address

    def user(found: re.Match[str]) -> str:
        name, colon, _ = found[1].partition(":")
        return f"{name}{colon and f':{HIDDEN}'}@"

    return _PASSWORD_PARAMETER.sub(rf"\1{HIDDEN}", _USER_AND_PASSWORD.sub(user, address))


def place_of(address: str) -> str:
    """A database as people call it: the file, or the address without its password."""
    return address.removeprefix(_SQLITE) if address.startswith(_SQLITE) else without_password(address)


def passwords_in(address: str) -> list[str]:
    """What no message may show, as it stands in the address and as it is meant."""
    user = _USER_AND_PASSWORD.search(address)
    found = [user[1].partition(":")[2]] if user else []
    found += [match[0].partition("=")[2] for match in _PASSWORD_PARAMETER.finditer(address)]
    return [text for secret in found if secret for text in (secret, unquote(secret), quote(unquote(secret), safe=""))]
