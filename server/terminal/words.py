"""Money, times and stock in the words of the terminal's locale."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, TypeVar

import msgspec
from babel import Locale, UnknownLocaleError
from babel.core import default_locale
from babel.dates import format_date, format_timedelta
from babel.numbers import format_currency, get_currency_precision

from server.wire.base import Wire
from server.wire.catalog import Stock

T = TypeVar("T", bound=Wire)

_COMMANDS = dict.fromkeys(
    (*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"
)
"""What terminals take as commands, and what turns the direction of writing, but for the end of a line."""


def terminal_locale() -> Locale:
    """The locale of the environment (LC_ALL, LANG), English where there is none."""
    try:
        locale = Locale.parse(default_locale("LC_TIME") or "en")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
    # C and POSIX are a machine's locale: its money is written as nobody writes it.
    return Locale("en") if locale.variant == "POSIX" else locale


def harmless(message: T) -> T:
    """A message without what a terminal would obey: names and titles come from outside."""
    return msgspec.convert(_harmless(msgspec.to_builtins(message)), type(message))


def harmless_text(text: str) -> str:
    """The same for one text."""
    return text.translate(_COMMANDS)


def _harmless(value: Any) -> Any:
    if isinstance(value, str):
        return harmless_text(value)
    if isinstance(value, dict):
        return {_harmless(key): _harmless(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_harmless(inner) for inner in value]
    return value


def money(minor: int, currency: str, locale: Locale) -> str:
    """An amount in minor units as people write it."""
    return format_currency(Decimal(minor).scaleb(-get_currency_precision(currency)), currency, locale=locale)


def day(timestamp: str | None, locale: Locale) -> str:
    """The day of a time."""
    return format_date(moment(timestamp), "medium", locale=locale) if timestamp else ""


def ago(timestamp: str | None, now: datetime, locale: Locale, *, short: bool = False) -> str:
    """How long ago something was; short for columns that stand beside many others."""
    if not timestamp:
        return ""
    length: Literal["short", "long"] = "short" if short else "long"
    return format_timedelta(moment(timestamp) - now, add_direction=True, format=length, locale=locale)


def moment(timestamp: str) -> datetime:
    """A time as the wire writes it."""
    return datetime.fromisoformat(timestamp).astimezone(UTC)


def where(stock: Stock, now: datetime, locale: Locale) -> str:
    """Where an article is, and how old that is: 2 here, 4 in Gran Vía · 3 hours ago."""
    nearby = stock.nearby[:3]
    parts = []
    if stock.here is not None:
        parts.append(f"{stock.here.quantity} here" if stock.here.quantity > 0 else "none here")
    parts.extend(f"{s.quantity} in {s.name}" for s in nearby)
    if not parts:
        return ""
    oldest = min(s.as_of for s in (stock.here, *nearby) if s is not None)
    return f"{', '.join(parts)} · {ago(oldest, now, locale)}"
