"""What an operator can set: read once, from the environment and a TOML file, and passed on as a value."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from server.logs import LogFormat, LogLevel
from server.wire.base import Currency, Source, Wire, in_words
from server.wire.codes import CardPattern
from server.wire.kiosks import EVERY_WAY, Way

PREFIX = "MOSTRADOR_"
_HEXADECIMAL = "^(?:[0-9a-fA-F]{2}){32,}$"
_TIME = "^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"
_ADDRESS = "^https?://[^ ]+$"
_SIGNED_WITH = "^whsec_(?:[A-Za-z0-9+/]{4}){6,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
OTHERS = re.compile(r"CONFIG|TABLET_.*|KIOSK_.*|TEST_DATA|EXAMPLES")
"""What else has a name of ours in an environment: the file of settings, what screens are told, and tests."""


class SettingsError(Exception):
    """A setting has a value that cannot be taken; the message names it and what it must be."""


Days = Annotated[int, Meta(ge=0, le=36_500)]


class Retention(Wire, forbid_unknown_fields=True):
    """Days that something is kept; 0: for ever.

    Attributes:
        views: what customers looked at online.
        carts: carts that were not changed since.
        notes: what associates wrote down.
        idempotency_keys: answers to repeats.
        refused_records: lines of records that were refused.
        events: what devices that were away are told when they come back.
        looks: the record of who saw whom; what is left of it can be checked as before.
        handoffs: which cart went to which till, once that came to its end.
        customers: people without any activity.
    """

    views: Days = 395
    carts: Days = 180
    notes: Days = 730
    idempotency_keys: Days = 7
    refused_records: Days = 30
    events: Days = 30
    looks: Days = 730
    handoffs: Days = 30
    customers: Days = 0


_SAFE = r"^(?:https://|http://(?:127\.0\.0\.1|localhost|\[::1\])[:/])"


class Gateway(Wire):
    """Where short messages are sent: one POST of JSON, whose texts have `{phone}` and `{text}` filled in.

    Attributes:
        url: of the gateway, over TLS but on loopback.
        headers: that it wants, a key of its own as a rule.
        body: JSON.
    """

    url: Annotated[str, Meta(pattern=_SAFE)]
    headers: dict[str, str] = {}
    body: dict[str, Any] = msgspec.field(default_factory=lambda: {"to": "{phone}", "text": "{text}"})


class ShopWebhook(Wire, forbid_unknown_fields=True):
    """Where a shop is told what happened here to its carts.

    Attributes:
        address: takes a POST of JSON, over TLS but on loopback.
        secret: what is told is signed with, `whsec_` and Base64.
    """

    address: Annotated[str, Meta(pattern=_SAFE)]
    secret: Annotated[str, Meta(pattern=_SIGNED_WITH)]


class Settings(Wire):
    """Each is `MOSTRADOR_<NAME>` in the environment, or `<name>` in the file that `MOSTRADOR_CONFIG` names.

    Attributes:
        database: `sqlite:///relative.db`, `sqlite:////absolute/path.db` or `postgresql://user:password@host/name`.
        host: the address to listen on; beyond loopback only with TLS, or behind a proxy that has it.
        port: the port to listen on.
        audit_heads: the second place of the audit: a file of this database alone, or `syslog`; by default a SQLite
            file's name and `.heads`, else the database's name and `.heads` in the working directory.
        allowed_hosts: Host headers that are answered, beside those of loopback.
        tls_certificate: file with the server's certificate (PEM); with `tls_key` it speaks TLS itself.
        tls_key: file with the certificate's private key (PEM, without a passphrase).
        plain_http: where HTTP without TLS is taken: on loopback only, or from a proxy that speaks TLS for us.
        trusted_proxies: addresses or networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
        rate_limit: requests a second of one device, or of one address without a known token; 0 for no limit. A busy
            tablet comes to 10 while somebody types.
        rate_burst: requests at once after a pause; a page full of pictures is 50.
        connections: that may be open at once.
        log_format: `json`, `text`, or `auto`: text on a terminal.
        log_level: the least that is told.
        drain: seconds that a server which was told to stop still lets requests in, while it says that it is not ready.
        brand: how the retailer calls itself.
        brand_color: of buttons and what is chosen, `#0F5C56`; screens make it darker or lighter where it could not be
            seen. By default a quiet green.
        brand_logo: file (PNG, JPEG or WebP) of the logo, which stands on a light ground.
        brand_welcome: file (likewise) of the picture that the kiosk shows while nobody is there.
        country: ISO 3166 alpha-2; phones without a country code are numbers of it.
        currency: ISO 4217; what sums are shown in where nothing else is said.
        languages: of screens, the first one is the default.
        card_patterns: how loyalty cards look (JSON in the environment); an empty list takes any code.
        picture_networks: addresses or networks inside ours from which feeds may have pictures fetched, too.
        idle: seconds without a request after which a signed-in tablet asks for the PIN again; up to a minute fewer.
        proofs: ways in which customers may prove at a kiosk who they are: `continue` by a code that the shop's own site
            or app shows, `code` by a card or phone and a code that is sent to them, `vouch` by an associate.
        kiosk_idle: seconds without a request after which a customer has left a kiosk; up to a minute fewer.
        kiosk_longest: seconds that a customer stays at a kiosk at most.
        kiosk_codes: codes that are sent a minute at most, in the whole chain.
        chain: what codes that shops sign are for: no other chain's are taken.
        continue_keys: of each source whose shop signs such codes the key that it shares with us, 64 hexadecimal digits
            (JSON in the environment); no command shows them.
        mail: where e-mails are handed in, `smtps://user:password@host:465` or `smtp://…:587`, which must know STARTTLS
            but on loopback; no command shows the password.
        mail_from: who they are from.
        gateway: where short messages are sent (JSON in the environment), see `Gateway`; no command shows its headers.
        handoff_link: address of a cart in the online shop, with `{source}` and `{cart}` to be filled in.
        shop_webhooks: of each source the address that is told what happened here to its carts (JSON in the
            environment), see `ShopWebhook`; no command shows its secret.
        retention: days that things are kept (JSON in the environment), see `Retention`.
        retention_hour: of the night, in UTC, from which on what is over its time is removed.
        time_zone: IANA name; the company's nights are told in it.
        catalog_feed: file or address (`https://…`) of the whole catalogue, which servers take each night.
        catalog_source: whose catalogue that is, as its records name it.
        catalog_at: when in the night, `03:30`; nothing: never.
        alarm_webhook: address that is told (POST) of a night without its catalogue.
        alarm_secret: secret that what is told there is signed with, `whsec_` and Base64; no command shows it.
        secret_file: file with the installation's secret; by default `mostrador.secret` beside SQLite's file, else here.
        secret: the secret itself, 64 hexadecimal digits, where there is no file; no command shows it.
    """

    database: str = "sqlite:///mostrador.db"
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8600
    audit_heads: str = ""
    allowed_hosts: tuple[str, ...] = ()
    tls_certificate: str | None = None
    tls_key: str | None = None
    plain_http: Literal["on-loopback", "behind-a-proxy"] = "on-loopback"
    trusted_proxies: tuple[str, ...] = ()
    rate_limit: Annotated[float, Meta(ge=0, le=1_000_000)] = 50
    rate_burst: Annotated[int, Meta(ge=1, le=1_000_000)] = 300
    connections: Annotated[int, Meta(ge=1, le=1_000_000)] = 1000
    log_format: LogFormat = "auto"
    log_level: LogLevel = "info"
    drain: Annotated[float, Meta(ge=0, le=300)] = 0
    brand: str = "Mostrador"
    brand_color: Annotated[str, Meta(pattern="^#[0-9a-fA-F]{6}$")] | None = None
    brand_logo: Annotated[str, Meta(min_length=1)] | None = None
    brand_welcome: Annotated[str, Meta(min_length=1)] | None = None
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")] = "ES"
    currency: Currency = "EUR"
    languages: Annotated[tuple[str, ...], Meta(min_length=1)] = ("es", "en")
    card_patterns: tuple[CardPattern, ...] = (CardPattern(pattern=r"^29\d{11}$", check="ean13"),)
    picture_networks: tuple[str, ...] = ()
    idle: Annotated[int, Meta(ge=60, le=43_200)] = 300
    proofs: tuple[Way, ...] = EVERY_WAY
    kiosk_idle: Annotated[int, Meta(ge=120, le=3_600)] = 180
    kiosk_longest: Annotated[int, Meta(ge=60, le=43_200)] = 1_800
    kiosk_codes: Annotated[int, Meta(ge=1, le=10_000)] = 60
    chain: Annotated[str, Meta(min_length=1, max_length=100)] = "mostrador"
    continue_keys: dict[Source, Annotated[str, Meta(pattern=_HEXADECIMAL)]] = {}
    mail: Annotated[str, Meta(pattern="^smtps?://")] | None = None
    mail_from: Annotated[str, Meta(min_length=3)] | None = None
    gateway: Gateway | None = None
    handoff_link: Annotated[str, Meta(pattern="^https?://")] | None = None
    shop_webhooks: dict[Source, ShopWebhook] = {}
    retention: Retention = Retention()
    retention_hour: Annotated[int, Meta(ge=0, le=23)] = 3
    time_zone: str = "UTC"
    catalog_feed: str = ""
    catalog_source: Source = "catalog"
    catalog_at: Annotated[str, Meta(pattern=_TIME)] | None = None
    alarm_webhook: Annotated[str, Meta(pattern=_ADDRESS)] | None = None
    alarm_secret: Annotated[str, Meta(pattern=_SIGNED_WITH)] | None = None
    secret_file: Annotated[str, Meta(min_length=1)] | None = None
    secret: Annotated[str, Meta(pattern=_HEXADECIMAL)] | None = None


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
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$.")
        name = re.split(r"[.\[`]", path)[0]
        place = path.removeprefix(name).rstrip("`")
        choices = _choices(known[name].type) if reason.startswith("Invalid enum value") else ()
        there_are = f"; there are: {', '.join(choices)}" if choices else ""
        raise SettingsError(f"{PREFIX}{name.upper()}{place} cannot be taken: {in_words(reason)}{there_are}") from error
    try:
        ZoneInfo(settings.time_zone)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise SettingsError(
            f"{PREFIX}TIME_ZONE cannot be taken: there is no zone {settings.time_zone!r}; write Europe/Madrid"
        ) from error
    if settings.catalog_at is not None and not settings.catalog_feed:
        raise SettingsError(f"{PREFIX}CATALOG_AT needs {PREFIX}CATALOG_FEED: the catalogue that is taken then.")
    return settings


def _choices(type_: Any) -> tuple[str, ...]:
    """The words of which a setting, or each of its list, is one; none where it is free."""
    if get_origin(type_) is Literal:
        return get_args(type_)
    return tuple(choice for part in get_args(type_) for choice in _choices(part))


def _from_text(name: str, text: str, type_: Any) -> Any:
    """Lists stand in the environment as JSON, or as words between commas; what has parts stands as JSON."""
    is_list = "tuple" in str(type_)
    is_object = type_ is Retention or "dict" in str(type_) or "Gateway" in str(type_)
    if not is_list and not is_object:
        return text
    if not is_list or text.lstrip().startswith("["):
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            what = "list" if is_list else "object"
            raise SettingsError(f"{PREFIX}{name.upper()} is no JSON {what}: {error}") from error
    return [word.strip() for word in text.split(",") if word.strip()]
