"""Every word that a screen says is there in every language, and money, numbers and times are said as they are there."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import kiosk
from kiosk.words import FOLDER, SOURCE_LANGUAGE, Words, languages
from server.wire.base import timestamp
from tests.kiosk.given import NOW, at

CLIENT = Path(kiosk.__file__).parent
ENGLISH, SPANISH = Words("en", "Europe/Madrid"), Words("es", "Europe/Madrid")
OTHERS = [language for language in languages() if language != SOURCE_LANGUAGE]
NBSP, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"

_CALL = re.compile(r"(?<![\w.])(?:\w+\.)*t(?P<plural>\.plural)?\((?P<rest>.*)")
_TEXT = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_TEXTS = re.compile(rf"\s*({_TEXT})(?:\s*,\s*({_TEXT}))?")

Said = tuple[str, str]
"""A message and its plural; the second is empty where there is none."""


def said_in_python(source: str) -> Iterator[Said | None]:
    """The messages of each `t(…)` and `t.plural(…)` in a module; None for one that cannot be read off."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        plural = isinstance(node.func, ast.Attribute) and node.func.attr == "plural"
        called = node.func.value if plural and isinstance(node.func, ast.Attribute) else node.func
        if getattr(called, "id", getattr(called, "attr", None)) != "t":
            continue
        texts = [a.value for a in node.args[: 1 + plural] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        yield (texts[0], texts[1] if plural else "") if len(texts) == 1 + plural else None


def said_in_kv(source: str) -> Iterator[Said | None]:
    """The same of a kv file: there each expression stands on a line."""
    for line in source.splitlines():
        rest = line
        while call := _CALL.search(rest):
            texts = _TEXTS.match(call["rest"])
            plural = bool(call["plural"])
            if texts is None or (plural and texts[2] is None):
                yield None
            else:
                yield ast.literal_eval(texts[1]), ast.literal_eval(texts[2]) if plural else ""
            rest = call["rest"]


def said() -> dict[Said, str]:
    """Every message of the client, with a file that says it."""
    found: dict[Said, str] = {}
    for path in sorted(CLIENT.rglob("*")):
        if path.suffix in {".py", ".kv"}:
            messages = said_in_python if path.suffix == ".py" else said_in_kv
            for message in messages(path.read_text()):
                assert message is not None, f"{path.name} says something that is put together at run time"
                found[message] = path.name
    return found


def catalogue(language: str) -> dict[Said, Message]:
    """The translations of a language; a `.po` may hold those that are used no more, and they do not count."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        messages = [message for message in read_po(file, locale=language, abort_invalid=True) if message.id]
    return {(m.id[0], m.id[1]) if isinstance(m.id, tuple) else (m.id, ""): m for m in messages}


def braces(text: str) -> set[str]:
    """What stands in the braces of a message."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize(
    ("kv", "messages"),
    [
        ("text: root.t('Cart') if root.t else ''", [("Cart", "")]),
        ("text: self.t('It\\'s')", [("It's", "")]),
        ('text: t("A {n}", n=1) + t("B")', [("A {n}", ""), ("B", "")]),
        ("text: root.t.plural('{n} person', '{n} people', len(root.rows))", [("{n} person", "{n} people")]),
        ("text: root.t('A', names=', '.join(x)) if y else root.t('B')", [("A", ""), ("B", "")]),
        ("text: root.t(self.word)", [None]),
        ("text: root.t.plural('{n}', self.word, 2)", [None]),
        ("text: format(1) + root.t.number(2) + root.text", []),
    ],
)
def test_messages_are_found_in_kv(kv: str, messages: list[Said | None]) -> None:
    """The search for messages misses none, so that the tests that use it say something."""
    assert list(said_in_kv(kv)) == messages


def test_messages_are_found_everywhere() -> None:
    """Both kinds of file say something: a search that finds nothing would find nothing wrong."""
    assert {path.rpartition(".")[2] for path in said().values()} == {"py", "kv"}


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated(language: str) -> None:
    """Whatever a screen says, it says in each language, and nobody translated what no screen says."""
    translated, used = catalogue(language), said()
    assert {message: used[message] for message in used.keys() - translated.keys()} == {}
    assert sorted(translated.keys() - used.keys()) == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_are_whole(language: str) -> None:
    """None is empty or a guess, each has all plural forms, and their braces are those of the message."""
    forms = Catalog(locale=language).num_plurals
    for (singular, plural), message in catalogue(language).items():
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not message.fuzzy, singular
        assert all(texts), singular
        assert len(texts) == (forms if plural else 1), singular
        for text in texts:
            assert braces(text) == braces(singular), singular
        assert not plural or braces(plural) == braces(singular), singular


def test_every_language_is_there() -> None:
    """English is what is written; Spanish is there from the first day."""
    assert languages()[0] == "en"
    assert "es" in languages()


@pytest.mark.parametrize(
    ("words", "message", "values", "sentence"),
    [
        (ENGLISH, "Cart", {}, "Cart"),
        (SPANISH, "Cart", {}, "Carrito"),
        (SPANISH, "Bought {articles}", {"articles": "{x} & [b]"}, "Compró {x} & [b]"),
        (SPANISH, "No translator ever saw this", {}, "No translator ever saw this"),
        (SPANISH, "", {}, ""),
        (Words("xx"), "Cart", {}, "Cart"),
        (Words(""), "Cart", {}, "Cart"),
        (Words("../es"), "Cart", {}, "Cart"),
    ],
)
def test_a_sentence_with_its_values(words: Words, message: str, values: dict[str, str], sentence: str) -> None:
    """What is put in stays as it is, and a language that is not there is English."""
    assert words(message, **values) == sentence


@pytest.mark.parametrize(
    ("n", "english", "spanish"),
    [
        (0, "0 people", "0 personas"),
        (1, "1 person", "1 persona"),
        (2, "2 people", "2 personas"),
        (12000, "12,000 people", "12.000 personas"),
    ],
)
def test_one_and_many(n: int, english: str, spanish: str) -> None:
    """Each language has its own plural and its own separators."""
    for words, sentence in ((ENGLISH, english), (SPANISH, spanish)):
        assert words.plural("{n} person", "{n} people", n) == sentence
        assert words.number(n) == sentence.split()[0]


@pytest.mark.parametrize(
    ("minor", "currency", "english", "spanish"),
    [
        (5200, "EUR", "€52.00", f"52,00{NBSP}€"),
        (1, "EUR", "€0.01", f"0,01{NBSP}€"),
        (0, "EUR", "€0.00", f"0,00{NBSP}€"),
        (-1050, "EUR", "-€10.50", f"-10,50{NBSP}€"),
        (123456789, "EUR", "€1,234,567.89", f"1.234.567,89{NBSP}€"),
        (5200, "JPY", "¥5,200", f"5.200{NBSP}JPY"),
        (5200, "KWD", "KWD5.200", f"5,200{NBSP}KWD"),
        (10**14, "USD", "$1,000,000,000,000.00", f"1.000.000.000.000,00{NBSP}US$"),
    ],
)
def test_money_is_exact(minor: int, currency: str, english: str, spanish: str) -> None:
    """Minor units become an amount of the currency, with as many places as it has."""
    assert ENGLISH.money(minor, currency) == english
    assert SPANISH.money(minor, currency) == spanish


@given(st.integers(-(10**14), 10**14))
def test_no_cent_is_lost(minor: int) -> None:
    """An amount read back is the amount that was said, however large."""
    digits = re.sub(r"[^\d-]", "", ENGLISH.money(minor, "EUR"))
    assert int(digits) == minor


@pytest.mark.parametrize(
    ("time", "zone", "days", "clocks"),
    [
        ("2026-11-21T14:02:03.000000Z", "Europe/Madrid", ("Nov 21, 2026", "21 nov 2026"), (f"3:02{THIN}PM", "15:02")),
        ("2026-11-21T23:30:00.000000Z", "Europe/Madrid", ("Nov 22, 2026", "22 nov 2026"), (f"12:30{THIN}AM", "0:30")),
        ("2026-07-21T14:02:00.000000Z", "Europe/Madrid", ("Jul 21, 2026", "21 jul 2026"), (f"4:02{THIN}PM", "16:02")),
        ("2026-01-01T02:00:00.000000Z", "America/Bogota", ("Dec 31, 2025", "31 dic 2025"), (f"9:00{THIN}PM", "21:00")),
        ("2026-11-21T14:02:03.000000Z", "UTC", ("Nov 21, 2026", "21 nov 2026"), (f"2:02{THIN}PM", "14:02")),
        ("2026-11-21T14:02:03.000000Z", "Europe/Madird", ("Nov 21, 2026", "21 nov 2026"), (f"2:02{THIN}PM", "14:02")),
        ("2026-11-21T14:02:03.000000Z", "", ("Nov 21, 2026", "21 nov 2026"), (f"2:02{THIN}PM", "14:02")),
        ("2026-11-21T14:02:03.000000Z", "Europe", ("Nov 21, 2026", "21 nov 2026"), (f"2:02{THIN}PM", "14:02")),
        ("2026-11-21T14:02:03.000000Z", "/etc/hosts", ("Nov 21, 2026", "21 nov 2026"), (f"2:02{THIN}PM", "14:02")),
    ],
)
def test_times_are_the_store_s(time: str, zone: str, days: tuple[str, str], clocks: tuple[str, str]) -> None:
    """A day and an hour are those of the store, summer and winter; in UTC where its zone is misspelt."""
    for language, day, clock in zip(("en", "es"), days, clocks, strict=True):
        words = Words(language, zone)
        assert words.day(time) == day
        assert words.clock(time) == clock


@pytest.mark.parametrize(
    ("hours", "english", "spanish"),
    [
        (-1 / 3600, "1 second ago", "hace 1 segundo"),
        (-0.25, "15 minutes ago", "hace 15 minutos"),
        (-3, "3 hours ago", "hace 3 horas"),
        (-24, "1 day ago", "hace 1 día"),
        (-24 * 400, "1 year ago", "hace 1 año"),
        (1, "in 1 hour", "dentro de 1 hora"),
    ],
)
def test_how_long_ago(hours: float, english: str, spanish: str) -> None:
    """In the largest unit that says it; also where a clock runs ahead."""
    assert ENGLISH.ago(at(hours), NOW) == english
    assert SPANISH.ago(at(hours), NOW) == spanish


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)), st.integers(-26, 26))  # noqa: DTZ001
def test_any_time_can_be_said(moment: datetime, hours: int) -> None:
    """Whenever it was, every language has words for it."""
    then = timestamp(moment.replace(tzinfo=UTC))
    for words in (ENGLISH, SPANISH):
        assert words.day(then)
        assert words.date(then)
        assert words.clock(then)
        assert words.ago(then, moment.replace(tzinfo=UTC) + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("locale", "name"),
    [("es", "español"), ("es-ES", "español"), ("en_GB", "inglés"), ("zh-Hans-CN", "chino"), ("xx-YY", ""), ("", "")],
)
def test_a_language_has_a_name(locale: str, name: str) -> None:
    """A customer's language is called what whoever looks calls it."""
    assert SPANISH.language_name(locale) == name


@given(st.text())
def test_whatever_a_record_calls_a_language_can_be_shown(locale: str) -> None:
    """A shop's system may hold anything there."""
    assert isinstance(SPANISH.language_name(locale), str)


def test_stores_are_called_by_their_names() -> None:
    """A store nobody told us of is called by its code."""
    words = Words("es", stores={"GV": "Gran Vía"})
    assert (words.store("GV"), words.store("SE"), words.store("")) == ("Gran Vía", "SE", "")
