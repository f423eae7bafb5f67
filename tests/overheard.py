"""What servers under test told their operator: nobody's name, contact, card, token, code or PIN may be in it."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import msgspec

from server import demo
from server.search.rules import fold
from server.wire.records import CustomerRecord
from tests.screens import manager
from tests.server import people, small_shop
from tests.server.privacy import people as privacy

SHOP = Path(__file__).parent.parent / "fixtures" / "shop"
WIRE = SHOP.parent / "wire"
NAME_FIELDS = frozenset({"given_name", "family_name"})
CONTACT_FIELDS = frozenset({"emails", "phones", "cards", "value", "email", "phone", "card", "contact", "token", "code"})

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:dev|ses|kio)_[0-9]+_[\w-]{43}",
        r"[\w.+-]+@[\w-]+\.\w+",
        r"(?<!\w)29[0-9]{11}(?!\w)",
        r"\+[0-9]{9,15}(?!\w)",
        r"(?<![\w-])[2-9A-HJKMNP-TV-Z]{5}-[2-9A-HJKMNP-TV-Z]{5}(?![\w-])",
    )
)
"""Any token, e-mail address, loyalty card, phone number and enrolment code at all, whoever's it is."""
_OUR_OWN = re.compile(
    r'"at":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{15}Z"|"ms":[0-9.e-]+|"request_id":"(?:[0-9a-f]{32}|[0-9a-f-]{36})"'
    r'|"(?:device|staff)":[0-9]+'
    r"|server process \[[0-9]+\]|(?:127\.0\.0\.1|localhost):[0-9]+"
)
"""Times, random numbers and ports: digits of anybody's PIN stand there by chance."""


PLANTED = (
    *(small_shop.EMAIL, small_shop.PHONE, "600123123", small_shop.LUCIA_CARD, "GARCÍA", "Mart%C3%ADn"),
    *(people.PIN, people.BADGE, *people.KNOWN, f"dev_9_{'p' * 43}", "ABCDE-FGH23", "somebody@else.example"),
)
"""One of each kind."""


class Secrets(NamedTuple):
    """What is looked for: words that stand alone, texts wherever they stand, and PINs."""

    words: frozenset[str]
    texts: frozenset[str]
    pins: frozenset[str]


class OverheardError(AssertionError):
    """A server told its operator of somebody."""


def without_our_own(line: str) -> str:
    """A line without what is different in each."""
    return _OUR_OWN.sub("", line)


def found_in(told: str) -> list[str]:
    """Whose data are in what was told."""
    told = without_our_own(told)
    told = told if "%" not in told else f"{told}\n{unquote(told)}"
    folded = fold(told)
    secrets = _secrets()
    words = secrets.words & set(re.findall(r"\w+", folded))
    texts = {text for text in secrets.texts if text in folded}
    pins = {pin for pin in secrets.pins if re.search(rf"(?<![\w:.]){pin}(?!\w)", folded)}
    return sorted(words | texts | pins | {match for pattern in _PATTERNS for match in pattern.findall(told)})


def require_nobody(told: str, whose: str) -> None:
    """Nobody may be in what a server told; one of each kind that is planted in it must be found.

    Raises:
        OverheardError: somebody is, or what was planted is not found.
    """
    if found := found_in(told):
        raise OverheardError(f"the log of {whose} tells {', '.join(found[:20])}")
    # All at once: a whole run's log takes its time to search. Each is also found alone, and by what is in it.
    found = set(found_in("\n".join((told, *PLANTED))))
    for planted in PLANTED:
        alone = found_in(planted)
        if not alone or not found.issuperset(alone):
            raise OverheardError(f"{planted} was planted in the log of {whose} and is not found")


@cache
def _secrets() -> Secrets:
    """Everybody of the fixtures, of the small shop and of those who work in either."""
    names, texts = set[str](), set[str]()
    for file in sorted(SHOP.glob("*.ndjson")):
        for line in file.read_bytes().splitlines():
            record = msgspec.json.decode(line)
            _gather(record, names if record["type"] == "customer" else set(), texts)
    for file in sorted(WIRE.glob("*customer*.json")):
        _gather(msgspec.json.decode(file.read_bytes()), names, texts)
    for record in small_shop.RECORDS:
        if isinstance(record, CustomerRecord):
            _gather(msgspec.to_builtins(record), names, texts)
    names |= {
        *manager.NAMES,
        demo.MANAGER,
        demo.ASSOCIATE,
        "Ana",
        "Marta",
        "Hugo",
        "Zoe",
        privacy.GIVEN,
        privacy.FAMILY,
    }
    texts |= {value for name, value in vars(small_shop).items() if name.endswith(("_CARD", "EMAIL", "PHONE"))}
    texts |= {*privacy.SECRETS, *people.KNOWN, people.BADGE, manager.BADGE}
    texts |= {text.removeprefix("+34") for text in texts}
    words = {word for name in names for word in name.replace("\0", " ").split() if len(word) > 2 and word[0].isupper()}
    return Secrets(
        frozenset(folded for word in words for folded in re.findall(r"\w{3,}", fold(word))),
        frozenset(fold(text) for text in texts if len(text) > 5),
        frozenset({people.PIN, people.WRONG_PIN, demo.PIN}),
    )


def _gather(value: Any, names: set[str], texts: set[str]) -> None:
    for field, inner in _fields(value):
        if field in NAME_FIELDS:
            names.add(inner)
        elif field in CONTACT_FIELDS:
            texts.add(inner)


def _fields(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a message, with the name of the field that it stands in, or that its list does."""
    match value:
        case str():
            yield field, value
        case dict():
            for name, inner in value.items():
                yield from _fields(inner, name)
        case list() | tuple():
            for inner in value:
                yield from _fields(inner, field)
        case _:
            pass
