"""Words, money and times in the language of whoever looks. A language is one `.po` file beside this one."""

import gettext
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, format_timedelta, get_timezone
from babel.messages.mofile import write_mo
from babel.numbers import format_currency, format_decimal, get_currency_precision

from kiosk.words.files import read_words

FOLDER = Path(__file__).parent
SOURCE_LANGUAGE = "en"
UNTIL_TOLD = "es"
"""Spoken where nobody said what to speak, until the shop has been asked."""
_log = logging.getLogger(__name__)


def languages(folder: Path = FOLDER) -> tuple[str, ...]:
    """The languages there are words in, as far as Babel knows their numbers and dates too."""
    return (SOURCE_LANGUAGE, *sorted(path.stem for path in folder.glob("*.po") if _is_known(path.stem)))


def first_spoken(shop: Sequence[str], otherwise: str) -> str:
    """The first of the shop's languages that there are words in; what is given otherwise, where there is none."""
    return next((language for language in shop if language in languages()), otherwise)


class Words:
    """One language's words: call it with an English sentence and what stands in its braces.

    Args:
        language: one of `languages()`, else English is spoken.
        time_zone: IANA name; times are said as they are there, or in UTC where no zone is called that.
        stores: what the chain's stores are called, by their codes.
    """

    def __init__(self, language: str, time_zone: str = "UTC", stores: Mapping[str, str] | None = None) -> None:
        self.language = language if language in languages() else SOURCE_LANGUAGE
        self.locale = Locale.parse(self.language)
        self._zone_name = time_zone
        self.time_zone = _zone(time_zone)
        self._translations = (
            gettext.NullTranslations()
            if self.language == SOURCE_LANGUAGE
            else _translations(FOLDER / f"{self.language}.po")
        )
        self._stores = stores or {}

    def spoken_in(self, language: str) -> "Words":
        """The same in another language."""
        return Words(language, self._zone_name, self._stores)

    def __call__(self, message: str, **values: object) -> str:
        """A sentence, with its values in place."""
        return self._translations.gettext(message).format(**values) if message else ""

    def plural(self, singular: str, plural: str, n: int, **values: object) -> str:
        """A sentence about `n` things."""
        sentence = self._translations.ngettext(singular, plural, n)
        return sentence.format(n=format_decimal(n, locale=self.locale), **values)

    def number(self, n: int) -> str:
        """A number with the language's own separators."""
        return format_decimal(n, locale=self.locale)

    def money(self, minor: int, currency: str) -> str:
        """An amount of minor units."""
        return _money(minor, currency, self.language)

    def day(self, timestamp: str) -> str:
        """The day of a time: 3 nov 2026."""
        return format_date(self._local(timestamp), "medium", locale=self.locale)

    def date(self, timestamp: str) -> str:
        """The day of a time where the year goes without saying: 3 nov."""
        return format_skeleton("MMMd", self._local(timestamp), tzinfo=self.time_zone, locale=self.locale)

    def clock(self, timestamp: str) -> str:
        """The hour and minute of a time."""
        return format_time(self._local(timestamp), "short", tzinfo=self.time_zone, locale=self.locale)

    def ago(self, timestamp: str, now: datetime) -> str:
        """How long ago a time is."""
        return format_timedelta(_moment(timestamp) - now, add_direction=True, locale=self.locale)

    def store(self, code: str) -> str:
        """What a store is called; its code, where that is not known."""
        return self._stores.get(code, code)

    def language_name(self, locale: str) -> str:
        """What a language is called in this one."""
        try:
            return Locale.parse(locale.replace("-", "_")).get_language_name(self.locale) or ""
        except (UnknownLocaleError, ValueError):
            return ""

    def _local(self, timestamp: str) -> datetime:
        return _moment(timestamp).astimezone(self.time_zone)


@cache
def _is_known(language: str) -> bool:
    """Whether Babel knows a language; that it does not is said once, as a file of words would be missed."""
    try:
        Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        _log.warning("%s.po is passed over: Babel knows no language of this name. Such names are: ca, pt_BR.", language)
        return False
    return True


def _zone(name: str) -> tzinfo:
    """A store's time zone; a store whose zone is misspelt must be able to work all the same."""
    try:
        return get_timezone(name)
    except (LookupError, ValueError, OSError):
        return UTC


def _moment(timestamp: str) -> datetime:
    return datetime.fromisoformat(timestamp).astimezone(UTC)


@cache
def _translations(path: Path) -> gettext.NullTranslations:
    """The catalogue of a language, made from its `.po` when it is asked for: no step of a build can be forgotten."""
    compiled = BytesIO()
    write_mo(compiled, read_words(path))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@lru_cache(maxsize=4096)
def _money(minor: int, currency: str, language: str) -> str:
    """Prices come again and again, on each row that is drawn anew; Babel takes its time for each."""
    amount = Decimal(minor).scaleb(-get_currency_precision(currency))
    return format_currency(amount, currency, locale=language)
