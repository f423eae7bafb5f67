"""What a scanner typed: a loyalty card, an article's number, something of ours, or a code nobody may keep.

Facts used here: GS1 General Specifications (check digit, AI 8018, Digital Link), ISO/IEC 15424 (AIM identifiers),
ISO/IEC 7812 (payment card numbers).
"""

import re
import unicodedata
from functools import lru_cache
from typing import Annotated, Literal

from msgspec import Meta
from stdnum import ean, luhn

from server.wire.base import Wire

LONGEST_CODE = 2048
"""Characters; a GS1 Digital Link is an address and may be long."""

CheckRule = Literal["ean13", "luhn", "none"]


class CardPattern(Wire):
    """How this chain's loyalty cards look, anchored at both ends, and the rule of their last digit."""

    pattern: Annotated[str, Meta(pattern=r"^\^.*\$$")]
    check: CheckRule = "none"

    def __post_init__(self) -> None:
        try:
            _compiled(self.pattern)
        except re.error as error:
            raise ValueError(f"{self.pattern} is no regular expression: {error}") from error


class Card(Wire, tag="card"):
    """A loyalty card of this chain, or a GS1 service relation number (GSRN).

    `typed` is how it was written where that is otherwise: with blanks or hyphens it may be an order's number too.
    """

    value: str
    typed: str | None = None


class Gtin(Wire, tag="gtin"):
    """A trade item, padded with zeros to 14 digits."""

    value: str


class Other(Wire, tag="other"):
    """Perhaps an SKU, an order's number, or nothing we know."""

    value: str


class Empty(Wire, tag="empty"):
    """A double trigger: nothing was read."""


class MistypedCard(Wire, tag="mistyped_card"):
    """It looks like a loyalty card and its check digit is wrong."""


class BankCard(Wire, tag="bank_card"):
    """A payment card. Its number is not in here, so that it cannot get into a log."""


ScannedCode = Card | Gtin | Other | Empty | MistypedCard | BankCard

_AIM = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
_TRACK = re.compile(r"^%[A-Z]\d|%[A-Z]\d{8,19}\^|;\d{8,19}=", re.IGNORECASE)
_WHOLE_TRACK = re.compile(r"%[A-Z]\d{8,19}\^[^?]*\??|;\d{8,19}=[^?]*\??", re.IGNORECASE)
_BLANKS = "\t" + "".join(c for c in map(chr, range(0x3001)) if unicodedata.category(c) == "Zs")
_BLANKS_AND_HYPHENS = _BLANKS + "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
BETWEEN_DIGITS = _BLANKS_AND_HYPHENS + "\n\r./_\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""What people and programs put between the groups of a number: blanks of every width, dashes, dots and slashes."""
_BETWEEN = f"[{re.escape(BETWEEN_DIGITS)}]"
_ESCAPED = rf"\\(?:[/nrt]|u(?i:{'|'.join(f'{ord(c):04x}' for c in BETWEEN_DIGITS)}))"
"""The same as JSON may write it: `\\u00a0`."""
_PLAIN_NUMBER = re.compile(f"[0-9](?:{_BETWEEN}{{0,3}}[0-9]){{13,}}")
_JSON_DIGIT = r"(?:[0-9]|\\u003[0-9])"
_JSON_NUMBER = re.compile(
    rf"{_JSON_DIGIT}(?:(?:{_BETWEEN}|{_ESCAPED}){{0,3}}{_JSON_DIGIT}){{13,}}|\\(?:u[0-9a-fA-F]{{4}}|.)", re.DOTALL
)
_JSON_SIGN = re.compile(r"([0-9])|\\u003([0-9])|\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_GROUPED = re.compile(f"(?<=[0-9])[{re.escape(_BLANKS_AND_HYPHENS)}]+(?=[0-9])")
_BRANDS = re.compile(r"[3456]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|220[0-4]|8[12]|9792")
"""Leading digits of payment networks: Amex, Diners and JCB 3, Visa 4, Mastercard and Maestro 5, Mastercard 2221-2720,
Discover, Maestro, RuPay and UnionPay 6, Mir 2200-2204, RuPay 81 and 82, Troy 9792."""
_SHORTEST_BANK_CARD, _LONGEST_BANK_CARD = 14, 19
_GS1 = frozenset({"]C1", "]Q3", "]d2", "]e0"})
_SEPARATOR = "\x1d"
"""FNC1 as scanners send it, ASCII 29."""
_BLANK = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "".join(map(chr, range(0x20))) + "\x7f\ufeff"
"""What keyboards and scanners put around a code: blanks, line ends, STX and ETX, separators."""
_LINK = re.compile(r"^https?://", re.IGNORECASE)


def read_code(raw: str, patterns: tuple[CardPattern, ...]) -> ScannedCode:
    """Tell what a scanned or typed text is, in the order that a shop needs.

    Loyalty cards come first, then trade item numbers, and only what is neither can be a bank card.
    """
    # A terminal passes on bytes that are no UTF-8 as half characters, which no database takes.
    raw = raw[:LONGEST_CODE]
    if not raw.isascii():
        raw = raw.encode("utf-8", "replace").decode()
    text = raw.strip(_BLANK)
    aim = _AIM.match(text)
    bare = text[3:].strip(_BLANK) if aim else text
    if not bare:
        return Empty()
    if _TRACK.search(bare):
        return BankCard()
    if card := matching_card(bare, patterns):
        return Card(value=card, typed=None if card == bare else bare)
    gs1: ScannedCode | None = None
    if _LINK.match(bare):
        gs1 = _from_gs1(_LINK.sub("https://", bare))
    elif (aim and aim[0] in _GS1) or _SEPARATOR in raw.rstrip(_BLANK):
        # Scanners that send no AIM identifier tell GS1 by the FNC1 in front or in between.
        gs1 = _from_gs1(f"]C1{bare}")
    if gs1 is not None:
        return gs1
    if len(bare) in (8, 12, 13, 14) and is_gtin(bare):
        return Gtin(value=bare.zfill(14))
    if any(_compiled(p.pattern).fullmatch(text) for p in patterns for text in _ways_to_write(bare)):
        return MistypedCard()
    if is_bank_card(re.sub(_BETWEEN, "", bare)):
        return BankCard()
    return Other(value=bare)


def matching_card(text: str, patterns: tuple[CardPattern, ...]) -> str | None:
    """Return the card's number if a pattern and its check rule take it, as it is or without its groups' blanks."""
    for number in _ways_to_write(text):
        for rule in patterns:
            if _compiled(rule.pattern).fullmatch(number) and _check_holds(rule.check, number):
                return number
    return None


def _ways_to_write(text: str) -> tuple[str, ...]:
    """A code as it is, and without the blanks and hyphens between its digits; no bank card passes so."""
    if text.isdigit():
        return (text,)
    joined = _GROUPED.sub("", text)
    return (text,) if joined == text or is_bank_card(joined) else (text, joined)


def is_gtin(text: str) -> bool:
    """True for 8, 12, 13 or 14 digits whose last is the GS1 check digit of the others."""
    if len(text) not in (8, 12, 13, 14) or not text.isascii() or not text.isdigit():
        return False
    # Counted here, on bytes: a catalogue has a million of them, and this takes a tenth of the library's time.
    digits = text.encode()
    odd, even = digits[-2::-2], digits[-3::-2]
    weighed = 3 * (sum(odd) - 48 * len(odd)) + sum(even) - 48 * len(even)
    return (weighed + digits[-1] - 48) % 10 == 0


def is_bank_card(digits: str) -> bool:
    """True for 14 to 19 digits under a payment network's prefix that pass Luhn."""
    return (
        _SHORTEST_BANK_CARD <= len(digits) <= _LONGEST_BANK_CARD
        and digits.isascii()
        and digits.isdigit()
        and _BRANDS.match(digits) is not None
        and luhn.is_valid(digits)
    )


def black_out_bank_cards(text: str) -> str:
    """Replace what may be a payment card's number or track, in JSON's escapes too; used before a text is kept."""
    return _PLAIN_NUMBER.sub(_cover, _JSON_NUMBER.sub(_cover, _WHOLE_TRACK.sub("[bank card]", text)))


def _cover(match: re.Match[str]) -> str:
    """Black out the card numbers in a row of digit groups.

    A card's number begins and ends where a group does, so that what stands beside it does not hide it; in a group that
    is longer than any card it may stand anywhere.
    """
    row = match[0]
    signs = [sign for sign in _JSON_SIGN.finditer(row) if sign.lastindex]
    digits = "".join(sign[0][-1] for sign in signs)
    count = len(digits)
    begins = [n == 0 or signs[n - 1].end() < signs[n].start() for n in range(count)]
    size = 0
    long = [False] * count
    for n in range(count):
        size = 1 if begins[n] else size + 1
        if size > _LONGEST_BANK_CARD:
            long[n - size + 1 : n + 1] = [True] * size
    parts: list[str] = []
    written, n = 0, 0
    while n < count:
        end = _end_of_card(digits, n, begins, long)
        if end is not None:
            parts.extend((row[written : signs[n].start()], "[bank card]"))
            written = signs[end - 1].end()
        n = end or n + 1
    return "".join((*parts, row[written:]))


def _end_of_card(digits: str, start: int, begins: list[bool], long: list[bool]) -> int | None:
    """Where the longest card number ends that starts at a digit."""
    if not (begins[start] or long[start]):
        return None
    for end in range(min(start + _LONGEST_BANK_CARD, len(digits)), start + _SHORTEST_BANK_CARD - 1, -1):
        if (end == len(digits) or begins[end] or long[end - 1]) and is_bank_card(digits[start:end]):
            return end
    return None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _check_holds(rule: CheckRule, text: str) -> bool:
    if rule == "none":
        return True
    if len(text) < 2 or not (text.isascii() and text.isdigit()):
        return False
    if rule == "luhn":
        return luhn.is_valid(text)
    return bool(ean.calc_check_digit(text[:-1]) == text[-1])


def _from_gs1(text: str) -> ScannedCode | None:
    """A service relation number or a trade item out of a GS1 message or a Digital Link, if it is one."""
    # Here alone: it reads every prefix of GS1 at its import, a fifth of a second that few who start have a use for.
    import biip  # noqa: PLC0415

    try:
        parsed = biip.parse(text)
    except (biip.ParseError, ValueError):
        return None
    message = parsed.gs1_digital_link_uri or parsed.gs1_message
    if message is None:
        return None
    values = {element.ai.ai: element.value for element in message.element_strings}
    if "8018" in values:
        relation = values["8018"]
        if len(relation) == 18 and ean.calc_check_digit(relation[:-1]) == relation[-1]:
            return Card(value=relation)
        return MistypedCard()
    if "01" in values and is_gtin(values["01"]):
        return Gtin(value=values["01"])
    return None
