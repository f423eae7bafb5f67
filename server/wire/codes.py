"""What a scanner typed: a loyalty card, an article's number, something of ours, or a code nobody may keep.

Facts used here: GS1 General Specifications (check digit, AI 8018, Digital Link), ISO/IEC 15424 (AIM identifiers),
ISO/IEC 7812 (payment card numbers).
"""

import re
from functools import lru_cache
from typing import Annotated, Literal

import biip
from biip.checksums import gs1_standard_check_digit
from msgspec import Meta
from stdnum import luhn

from server.wire.base import Wire

LONGEST_CODE = 2048
"""Characters; a GS1 Digital Link is an address and may be long."""

CheckRule = Literal["ean13", "luhn", "none"]


class CardPattern(Wire):
    """How this chain's loyalty cards look, anchored at both ends, and the rule of their last digit."""

    pattern: Annotated[str, Meta(pattern=r"^\^.*\$$")]
    check: CheckRule = "none"


class Card(Wire, tag="card"):
    """A loyalty card of this chain, or a GS1 service relation number (GSRN)."""

    value: str


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
_TRACK = re.compile(r"^(%[A-Z]\d|;\d{8,19}=)")
_DIGITS = re.compile(r"\d+")
_SPACED_NUMBER = re.compile(r"\d(?:[ -]?\d){12,18}")
_BRANDS = re.compile(r"[3456]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720")
"""Leading digits of payment networks: Amex, Diners and JCB 3, Visa 4, Mastercard 5 and 2221-2720, Discover,
Maestro and UnionPay 6."""


def read_code(raw: str, patterns: tuple[CardPattern, ...]) -> ScannedCode:
    """Tell what a scanned or typed text is, in the order that a shop needs.

    Loyalty cards come first, then trade item numbers, and only what is neither can be a bank card.
    """
    text = raw[:LONGEST_CODE].strip().strip("\x1d\x00").strip()
    if _TRACK.match(text):
        return BankCard()
    aim = _AIM.match(text)
    bare = text[3:].strip("\x1d") if aim else text
    if not bare:
        return Empty()
    if card := matching_card(bare, patterns):
        return Card(value=card)
    if (aim and aim[0] in {"]C1", "]Q3", "]d2", "]e0"}) or bare.startswith(("http://", "https://")):
        gs1 = _from_gs1(text)
        if gs1 is not None:
            return gs1
    if len(bare) in (8, 12, 13, 14) and is_gtin(bare):
        return Gtin(value=bare.zfill(14))
    if any(_compiled(p.pattern).match(bare) for p in patterns):
        return MistypedCard()
    if is_bank_card(re.sub(r"[ -]", "", bare)):
        return BankCard()
    return Other(value=bare)


def matching_card(text: str, patterns: tuple[CardPattern, ...]) -> str | None:
    """Return the card's number if a pattern and its check rule take it."""
    for rule in patterns:
        if _compiled(rule.pattern).match(text) and _check_holds(rule.check, text):
            return text
    return None


def is_gtin(text: str) -> bool:
    """True for 8, 12, 13 or 14 digits whose last is the GS1 check digit of the others."""
    return (
        len(text) in (8, 12, 13, 14)
        and text.isascii()
        and text.isdigit()
        and gs1_standard_check_digit(text[:-1]) == int(text[-1])
    )


def is_bank_card(digits: str) -> bool:
    """True for 14 to 19 digits under a payment network's prefix that pass Luhn."""
    return (
        14 <= len(digits) <= 19
        and digits.isascii()
        and digits.isdigit()
        and _BRANDS.match(digits) is not None
        and luhn.is_valid(digits)
    )


def black_out_bank_cards(text: str) -> str:
    """Replace what may be a payment card's number or track; used before a refused text is kept."""

    def cover(match: re.Match[str]) -> str:
        return "[bank card]" if is_bank_card(re.sub(r"[ -]", "", match[0])) else match[0]

    text = re.sub(r"%[A-Z]\d{8,19}\^[^?]*\??|;\d{8,19}=[^?]*\??", "[bank card]", text)
    return _SPACED_NUMBER.sub(cover, text)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _check_holds(rule: CheckRule, text: str) -> bool:
    if rule == "none":
        return True
    if not (text.isascii() and text.isdigit()):
        return False
    if rule == "luhn":
        return luhn.is_valid(text)
    return gs1_standard_check_digit(text[:-1]) == int(text[-1])


def _from_gs1(text: str) -> ScannedCode | None:
    """A service relation number or a trade item out of a GS1 message or a Digital Link, if it is one."""
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
        if len(relation) == 18 and gs1_standard_check_digit(relation[:-1]) == int(relation[-1]):
            return Card(value=relation)
        return MistypedCard()
    if "01" in values and is_gtin(values["01"]):
        return Gtin(value=values["01"])
    return None
