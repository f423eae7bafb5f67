"""What an operator can set: read once, from the environment and a TOML file, and passed on as a value."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from server.wire.base import Currency, Wire, in_words
from server.wire.codes import CardPattern

PREFIX = "MOSTRADOR_"
OTHERS = re.compile(r"CONFIG|TABLET_.*|KIOSK_.*|TEST_DATA|EXAMPLES")
"""What else has a name of ours in an environment: the file of settings, what screens are told, and tests."""


class SettingsError(Exception):
    """A setting has a value that cannot be taken; the message names it and what it must be."""


class Settings(Wire):
    """Each is `MOSTRADOR_<NAME>` in the environment, or `<name>` in the file that `MOSTRADOR_CONFIG` names.

    Attributes:
        database: `sqlite:///relative.db`, `sqlite:////absolute/path.db` or `postgresql://user:password@host/name`.
        host: the address to listen on; only loopback until access is under guard.
        port: the port to listen on.
        secret_file: where the installation's secret lies: 32 bytes or more, made where there are none; by default
            `mostrador.secret` beside a SQLite database, else in the working directory.
        secret: the secret itself, 64 hexadecimal digits, in place of the file.
        audit_heads: the second place of the audit: a file of this database alone, or `syslog`; by default a SQLite
            file's name and `.heads`, else the database's name and `.heads` in the working directory.
        allowed_hosts: Host headers that are answered, beside those of loopback.
        drain: seconds that a server which was told to stop still lets requests in, while it says that it is not ready.
        brand: how the retailer calls itself.
        country: ISO 3166 alpha-2; phones without a country code are numbers of it.
        currency: ISO 4217; what sums are shown in where nothing else is said.
        languages: of screens, the first one is the default.
        card_patterns: how loyalty cards look (JSON in the environment); an empty list takes any code.
    """

    database: str = "sqlite:///mostrador.db"
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8600
    secret_file: str = ""
    secret: str = ""
    audit_heads: str = ""
    allowed_hosts: tuple[str, ...] = ()
    drain: Annotated[float, Meta(ge=0, le=300)] = 0
    brand: str = "Mostrador"
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")] = "ES"
    currency: Currency = "EUR"
    languages: Annotated[tuple[str, ...], Meta(min_length=1)] = ("es", "en")
    card_patterns: tuple[CardPattern, ...] = (CardPattern(pattern=r"^29\d{11}$", check="ean13"),)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings of an environment, over those of the file it names.

    Raises:
        SettingsError: the file cannot be read, or a value cannot be taken.
    """
    values: dict[str, Any] = {}
    config = environ.get(f"{PREFIX}CONFIG")
    if config:
        try:
            values = tomllib.loads(Path(config).read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"MOSTRADOR_CONFIG={config} cannot be read: {error}") from error
    known = {field.name: field for field in msgspec.structs.fields(Settings)}
    for name in values.keys() - known.keys():
        raise SettingsError(f"{config} sets {name!r}, which is no setting; there are: {', '.join(sorted(known))}")
    for name in sorted(environ):
        own = name.removeprefix(PREFIX)
        if own != name and own.lower() not in known and not OTHERS.fullmatch(own):
            raise SettingsError(
                f"the environment sets {name!r}, which is no setting; there are: "
                + ", ".join(sorted(PREFIX + field.upper() for field in known))
            )
    for name, field in known.items():
        text = environ.get(PREFIX + name.upper())
        if text is not None:
            values[name] = _from_text(name, text, field.type)
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$.")
        name = re.split(r"[.\[`]", path)[0]
        place = path.removeprefix(name).rstrip("`")
        raise SettingsError(f"{PREFIX}{name.upper()}{place} cannot be taken: {in_words(reason)}") from error


def _from_text(name: str, text: str, type_: Any) -> Any:
    """Lists stand in the environment as JSON, or as words between commas."""
    if "tuple" not in str(type_):
        return text
    if text.lstrip().startswith("["):
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise SettingsError(f"{PREFIX}{name.upper()} is no JSON list: {error}") from error
    return [word.strip() for word in text.split(",") if word.strip()]
