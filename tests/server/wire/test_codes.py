"""What a scanned text is: every form that scanners, wedges and people give a code in."""

import json
import re
from itertools import pairwise

import msgspec
import pytest
from biip.checksums import gs1_standard_check_digit
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum import luhn

from server.wire.codes import (
    BETWEEN_DIGITS,
    LONGEST_CODE,
    BankCard,
    Card,
    CardPattern,
    CheckRule,
    Empty,
    Gtin,
    MistypedCard,
    Other,
    ScannedCode,
    black_out_bank_cards,
    is_bank_card,
    is_gtin,
    matching_card,
    read_code,
)

CARDS = (CardPattern(pattern=r"^29\d{11}$", check="ean13"),)
CARD = "2900000110915"
GTIN = "09501101530003"
GS = "\x1d"


def with_check_digit(digits: str) -> str:
    """Digits with the check digit of GS1 behind them."""
    return digits + str(gs1_standard_check_digit(digits))


def with_luhn(digits: str) -> str:
    """Digits with the check digit of payment cards behind them."""
    return digits + luhn.calc_check_digit(digits)


RELATION = with_check_digit("73500011000000000")
LINK = "https://shop.example"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # Loyalty cards, with what scanners and keyboards put around them
        (CARD, Card(value=CARD)),
        (f"]E0{CARD}", Card(value=CARD)),
        (f"]C0{CARD}", Card(value=CARD)),
        (f"  {CARD}\r\n", Card(value=CARD)),
        (f"\x02{CARD}\x03", Card(value=CARD)),
        (f"\ufeff{CARD}\u00a0", Card(value=CARD)),
        (f"{GS}{CARD}{GS}", Card(value=CARD)),
        (f"{CARD}\x00", Card(value=CARD)),
        # As it is printed and dictated: in groups
        ("2900 0001 1091 5", Card(value=CARD, typed="2900 0001 1091 5")),
        ("]E02900-0001-1091-5", Card(value=CARD, typed="2900-0001-1091-5")),
        ("29\u00a0000001\u202f10915", Card(value=CARD, typed="29\u00a0000001\u202f10915")),
        ("2900 0001 1091 6", MistypedCard()),
        ("2900 0001 1091", Other(value="2900 0001 1091")),
        ("29-00000-11091 5 x", Other(value="29-00000-11091 5 x")),
        ("400 6381 333931", Other(value="400 6381 333931")),
        (CARD[:-1] + "6", MistypedCard()),
        (f"]E0{CARD[:-1]}6", MistypedCard()),
        (CARD[:-1], Other(value=CARD[:-1])),
        (CARD + "1", Other(value=CARD + "1")),
        (f"{CARD}\n{CARD}", Other(value=f"{CARD}\n{CARD}")),
        (f"{CARD}\nX", Other(value=f"{CARD}\nX")),
        # Digits of other scripts are no digits of a code
        ("٢٩٠٠٠٠٠١١٠٩١٥", Other(value="٢٩٠٠٠٠٠١١٠٩١٥")),
        ("29٠٠٠٠٠١١٠٩١٥", Other(value="29٠٠٠٠٠١١٠٩١٥")),
        ("２９００００００１１０９１５", Other(value="２９００００００１１０９１５")),
        # Trade items, padded to 14 digits
        ("40170725", Gtin(value="00000040170725")),
        ("036000291452", Gtin(value="00036000291452")),
        ("4006381333931", Gtin(value="04006381333931")),
        ("04006381333931", Gtin(value="04006381333931")),
        (GTIN, Gtin(value=GTIN)),
        ("]E440170725", Gtin(value="00000040170725")),
        ("]E00036000291452", Gtin(value="00036000291452")),
        ("]I104006381333931", Gtin(value="04006381333931")),
        ("4006381333932", Other(value="4006381333932")),
        ("40170726", Other(value="40170726")),
        ("123456789", Other(value="123456789")),
        # GS1 messages
        (f"]C101{GTIN}", Gtin(value=GTIN)),
        (f"]C101{GTIN}10LOT-7{GS}17261231", Gtin(value=GTIN)),
        (f"]C110LOT-7{GS}01{GTIN}", Gtin(value=GTIN)),
        (f"]d201{GTIN}17261231", Gtin(value=GTIN)),
        (f"]Q301{GTIN}", Gtin(value=GTIN)),
        (f"]e001{GTIN}", Gtin(value=GTIN)),
        (f"{GS}01{GTIN}", Gtin(value=GTIN)),
        (f"01{GTIN}10LOT-7{GS}21SERIAL", Gtin(value=GTIN)),
        (f"]C18018{RELATION}", Card(value=RELATION)),
        (f"]C18018{RELATION}{GS}8019123", Card(value=RELATION)),
        (f"{GS}8018{RELATION}", Card(value=RELATION)),
        (f"]d28018{RELATION}", Card(value=RELATION)),
        ("]C1LOT-7", Other(value="LOT-7")),
        (f"]C101{GTIN[:-1]}4", Other(value=f"01{GTIN[:-1]}4")),
        # GS1 Digital Link
        (f"{LINK}/01/{GTIN}", Gtin(value=GTIN)),
        (f"{LINK}/01/{GTIN}/10/LOT-7?17=261231", Gtin(value=GTIN)),
        (f"{LINK}/01/{GTIN[1:]}", Gtin(value=GTIN)),
        (f"HTTPS://SHOP.EXAMPLE/01/{GTIN}", Gtin(value=GTIN)),
        (f"http://shop.example/01/{GTIN}", Gtin(value=GTIN)),
        (f"]Q1{LINK}/01/{GTIN}", Gtin(value=GTIN)),
        (f"{LINK}/8018/{RELATION}", Card(value=RELATION)),
        (f"]Q1{LINK}/8018/{RELATION}", Card(value=RELATION)),
        (f"{LINK}/8018/{RELATION}/8019/12", Card(value=RELATION)),
        (f"{LINK}/8018/{RELATION[:-1]}{(int(RELATION[-1]) + 1) % 10}", MistypedCard()),
        (f"{LINK}/01/{GTIN[:-1]}4", Other(value=f"{LINK}/01/{GTIN[:-1]}4")),
        (f"{LINK}/sale", Other(value=f"{LINK}/sale")),
        (f"{LINK}", Other(value=LINK)),
        ("https://", Other(value="https://")),
        ("http://[", Other(value="http://[")),
        # Bank cards: brand by brand, length by length, as written on the card and as a swipe types it
        ("4111111111111111", BankCard()),
        ("4111 1111 1111 1111", BankCard()),
        ("4111-1111-1111-1111", BankCard()),
        ("4111.1111.1111.1111", BankCard()),
        ("4111\u20131111/1111\u20091111", BankCard()),
        ("]C04111111111111111", BankCard()),
        (with_luhn("4" + "0" * 17), BankCard()),
        (with_luhn("4" + "0" * 16), BankCard()),
        ("378282246310005", BankCard()),
        ("3782 822463 10005", BankCard()),
        ("30569309025904", BankCard()),
        ("3530111333300000", BankCard()),
        ("5555555555554444", BankCard()),
        ("5019717010103742", BankCard()),
        ("2221000000000009", BankCard()),
        (with_luhn("272099000000000"), BankCard()),
        ("2223003122003222", BankCard()),
        ("6011111111111117", BankCard()),
        ("6200000000000005", BankCard()),
        (with_luhn("620000000000000000"), BankCard()),
        (with_luhn("220038000000000"), BankCard()),
        (with_luhn("817200000000000"), BankCard()),
        (with_luhn("979200000000000"), BankCard()),
        ("%B4111111111111111^DOE/JANE^28121010000?", BankCard()),
        ("%b4111111111111111^", BankCard()),
        (";4111111111111111=28121010000?", BankCard()),
        ("]C0;4111111111111111=2812", BankCard()),
        ("%E?;4111111111111111=2812?", BankCard()),
        # Nearly bank cards
        ("4111111111111112", Other(value="4111111111111112")),
        (with_luhn("222099000000000"), Other(value=with_luhn("222099000000000"))),
        (with_luhn("272199000000000"), Other(value=with_luhn("272199000000000"))),
        (with_luhn("100000000000000"), Other(value=with_luhn("100000000000000"))),
        (with_luhn("4" + "0" * 18), Other(value=with_luhn("4" + "0" * 18))),
        ("4222222222222", Other(value="4222222222222")),
        # Nothing was read, and nothing we know
        ("", Empty()),
        ("  \r\n\t", Empty()),
        (f"{GS}\x00", Empty()),
        ("\x02\x03", Empty()),
        ("]E0", Empty()),
        (f"]C1{GS}", Empty()),
        ("]Q1  ", Empty()),
        ("]", Other(value="]")),
        ("]E", Other(value="]E")),
        ("SO45080", Other(value="SO45080")),
        ("#1001", Other(value="#1001")),
        ("a\x00b", Other(value="a\x00b")),
        ("%20", Other(value="%20")),
        ("' OR 1=1 --", Other(value="' OR 1=1 --")),
        ("💳", Other(value="💳")),
        ("x" * 10_000, Other(value="x" * LONGEST_CODE)),
        ("1" * 10_000, Other(value="1" * LONGEST_CODE)),
        (GS * 10_000, Empty()),
    ],
    ids=lambda value: ascii(value)[:60] if isinstance(value, str) else type(value).__name__,
)
def test_a_scanned_text_is_what_it_is(raw: str, expected: ScannedCode) -> None:
    """Loyalty cards come first, then trade items, then bank cards; the rest is passed on as it is."""
    assert read_code(raw, CARDS) == expected


@pytest.mark.parametrize(
    ("pattern", "check", "raw", "expected"),
    [
        (r"^\d{8}$", "none", "12345678", Card(value="12345678")),
        (r"^\d{8}$", "none", "١٢٣٤٥٦٧٨", Other(value="١٢٣٤٥٦٧٨")),
        (r"^\d{16}$", "luhn", "4111111111111111", Card(value="4111111111111111")),
        (r"^\d{16}$", "luhn", "4111111111111112", MistypedCard()),
        (r"^\d{16}$", "luhn", "4111 1111 1111 1111", BankCard()),
        (r"^\d{16}$", "ean13", "4111 1111 1111 1111", BankCard()),
        (r"^\d{8}$", "none", "2026-0042", Card(value="20260042", typed="2026-0042")),
        (r"^\d{4}-\d{4}$", "none", "2026-0042", Card(value="2026-0042")),
        (r"^VIP-\d{4}$", "none", "VIP-0001", Card(value="VIP-0001")),
        (r"^VIP-\d{4}$", "none", "vip-0001", Other(value="vip-0001")),
        (r"^VIP-\d{4}$", "luhn", "VIP-0001", MistypedCard()),
        (r"^\d$", "ean13", "7", MistypedCard()),
        (r"^\d$", "luhn", "0", MistypedCard()),
        (r"^\d+$", "ean13", "1" * 5000, MistypedCard()),
        (r"^a|b$", "none", "aX", Other(value="aX")),
        (r"^a|b$", "none", "Xb", Other(value="Xb")),
        (r"^a|b$", "none", "a", Card(value="a")),
        # A pattern decides before the trade items do
        (r"^4006381333931$", "none", "4006381333931", Card(value="4006381333931")),
        (r"^40\d{6}$", "ean13", "40170726", MistypedCard()),
    ],
)
def test_a_chain_says_itself_how_its_cards_look(
    pattern: str, check: CheckRule, raw: str, expected: ScannedCode
) -> None:
    """A pattern takes the whole code and nothing less, and its rule decides about the last digit."""
    assert read_code(raw, (CardPattern(pattern=pattern, check=check),)) == expected


def test_the_first_pattern_whose_rule_holds_takes_the_card() -> None:
    """A card that fails one pattern's rule may be another pattern's card."""
    patterns = (CardPattern(pattern=r"^29\d{11}$", check="luhn"), *CARDS)
    assert read_code(CARD, patterns) == Card(value=CARD)
    assert matching_card(CARD, patterns) == CARD


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (CARD, Gtin(value="0" + CARD)),
        ("VIP-0001", Other(value="VIP-0001")),
        ("4111111111111111", BankCard()),
        ("", Empty()),
    ],
)
def test_without_patterns_no_code_looks_like_a_card(raw: str, expected: ScannedCode) -> None:
    """Where the settings name no pattern, what a code means is left to the lookup."""
    assert read_code(raw, ()) == expected


@pytest.mark.parametrize("pattern", ["29", "^29", "29$", "", "^(29$", r"^[$"])
def test_a_pattern_that_cannot_work_is_refused(pattern: str) -> None:
    """A card pattern is anchored at both ends and a regular expression; the operator is told, not the customer."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"pattern": pattern}, CardPattern)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4111111111111111", "[bank card]"),
        ('{"phone": "4111 1111 1111 1111"}', '{"phone": "[bank card]"}'),
        ("12 4111111111111111", "12 [bank card]"),
        ("4111111111111111 12 28 123", "[bank card] 12 28 123"),
        ("4111 1111 1111 1111 12 28", "[bank card] 12 28"),
        ("4111111111111111 5555555555554444", "[bank card] [bank card]"),
        ("4111  1111\u00a01111.1111", "[bank card]"),
        ("4111111111111111" * 2, "[bank card]" * 2),
        ("0000041111111111111117777", "00000[bank card]7777"),
        ("n4111111111111111n", "n[bank card]n"),
        # As JSON writes what stands between the groups, before them, and the digits themselves
        (r"4111\u00a01111\u00A01111\u00a01111", "[bank card]"),
        (r"4111\u20131111\/1111\t1111", "[bank card]"),
        (r"caf\u00e94111111111111111", r"caf\u00e9[bank card]"),
        (r"\u00a04111111111111111\u2009.", r"\u00a0[bank card]\u2009."),
        (r"\u0034111111111111111", "[bank card]"),
        (r"\\4111111111111111 \n4111111111111111", r"\\[bank card] \n[bank card]"),
        (r"\u4111111111111111", r"\u[bank card]"),
        (r"\\u4111111111111111", r"\\u[bank card]"),
        ("4111 \u2013 1111 / 1111\u202f\u20091111", "[bank card]"),
        (r"\u00e9 \u4111 \u1111", r"\u00e9 \u4111 \u1111"),
        ("%B4111111111111111^DOE/JANE^2812?;4111111111111111=2812?!", "[bank card][bank card]!"),
        ("%b12345678^DOE", "[bank card]"),
        ("2900000110915 4006381333931", "2900000110915 4006381333931"),
        ("+34 600 12 31 23", "+34 600 12 31 23"),
        ("2026-11-21T12:00:00.000000Z", "2026-11-21T12:00:00.000000Z"),
        ("1" + "4111111111111111", "14111111111111111"),
        ("", ""),
    ],
)
def test_bank_cards_are_blacked_out(text: str, expected: str) -> None:
    """No payment card's number stays in a text, whatever stands beside it; everything else does."""
    assert black_out_bank_cards(text) == expected


@given(st.text() | st.text(alphabet="0123456789-. ]CEQde\x1d%;=^?/ht:ps", max_size=60))
@example("\ud800")
def test_any_text_at_all_is_something(raw: str) -> None:
    """Nothing that a scanner can send makes the reader fail, and what it says fits the wire."""
    code = read_code(raw, CARDS)
    assert isinstance(code, ScannedCode)
    if isinstance(code, Gtin):
        assert len(code.value) == 14
        assert is_gtin(code.value)


_ais = st.sampled_from(["01", "10", "17", "21", "3103", "3922", "8018", "8019", "8020", "91", "4300", "00"])
_element = st.tuples(_ais, st.text(alphabet="0123456789AB-/%&", max_size=20), st.sampled_from(["", GS])).map("".join)


@given(
    st.sampled_from(["]C1", "]Q3", "]d2", "]e0", GS, "https://x.example/", "HTTP://X/a/", "https://x.example/?"]),
    st.lists(_element, max_size=4),
    st.sampled_from(["", "/", "&"]),
)
def test_any_gs1_message_is_something(head: str, elements: list[str], between: str) -> None:
    """Broken and unusual GS1 messages and links are read as far as they go and never fail."""
    code = read_code(head + between.join(elements), CARDS)
    assert isinstance(code, ScannedCode)
    if isinstance(code, Card):
        assert matching_card(code.value, CARDS) or (len(code.value) == 18 and code.value.isdigit())


@given(st.text(alphabet="0123456789", min_size=10, max_size=10))
def test_every_valid_card_is_a_card(digits: str) -> None:
    """A loyalty card with its right check digit is that card, under any AIM identifier of a bar code."""
    card = with_check_digit("29" + digits)
    for aim in ("", "]E0", "]C0", "]Q1", "]L2", "]d1"):
        assert read_code(aim + card, CARDS) == Card(value=card)


@given(st.text(alphabet="0123456789", min_size=10, max_size=10), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_never_somebody_elses_card(digits: str, place: int, shift: int) -> None:
    """Changing any one digit of a card gives no other card: the check digit sees every such slip."""
    card = with_check_digit("29" + digits)
    slipped = card[:place] + str((int(card[place]) + shift) % 10) + card[place + 1 :]
    assert not isinstance(read_code(slipped, CARDS), Card)


_digit_groups = st.lists(
    st.text(alphabet="0123456789", min_size=1, max_size=22)
    | st.builds(
        lambda head, body: with_luhn(head + body),
        st.sampled_from(["4", "51", "34", "6", "2221", "81"]),
        st.text(alphabet="0123456789", min_size=10, max_size=14),
    ),
    max_size=6,
)


@given(_digit_groups, st.sampled_from([" ", "-", "", ", ", ".", "  ", "x", '":"']))
def test_no_card_number_is_left_in_a_text(groups: list[str], between: str) -> None:
    """After blacking out, no row of digit groups makes a payment card's number."""
    left = black_out_bank_cards(between.join(groups))
    for run in re.findall(r"[0-9]+(?:[ .-]{1,2}[0-9]+)*", left):
        parts = re.findall(r"[0-9]+", run)
        for start in range(len(parts)):
            for end in range(start + 1, len(parts) + 1):
                number = "".join(parts[start:end])
                assert not is_bank_card(number)
    for longest in re.findall(r"[0-9]{20,}", left):
        for start in range(len(longest)):
            for size in range(14, 20):
                assert not is_bank_card(longest[start : start + size])


@given(
    groups=st.lists(st.integers(1, 15), max_size=5),
    between=st.text(alphabet=BETWEEN_DIGITS, min_size=1, max_size=3),
    before=st.text(alphabet="a\u00e9\u2009\u4111\\/\n", max_size=3),
    ascii_only=st.booleans(),
)
def test_no_card_number_is_left_however_it_is_written(
    groups: list[int], between: str, before: str, ascii_only: bool
) -> None:
    """Whatever separates a card's groups and stands before it, as it is and as JSON writes it: no group is left."""
    card = "4539148803436467"
    edges = sorted({0, *groups, len(card)})
    written = before + between.join(card[start:end] for start, end in pairwise(edges))
    for text in (written, json.dumps(written, ensure_ascii=ascii_only)):
        assert not set("356789") & set(re.sub(r"\\u[0-9a-f]{4}", "", black_out_bank_cards(text)))


@given(st.text(alphabet="0123456789", min_size=10, max_size=10), st.data())
def test_a_card_is_the_same_card_however_its_digits_are_grouped(digits: str, data: st.DataObject) -> None:
    """Blanks and hyphens between a loyalty card's digits do not matter, for scans and for imports."""
    card = with_check_digit("29" + digits)
    gaps = data.draw(st.lists(st.sampled_from(["", " ", "-", " - ", "\u00a0", "\u2013"]), min_size=12, max_size=12))
    typed = "".join(digit + gap for digit, gap in zip(card, (*gaps, ""), strict=True))
    assert matching_card(typed, CARDS) == card
    assert read_code(typed, CARDS) == Card(value=card, typed=None if typed == card else typed)


@given(st.text(alphabet="abc 0123456789.,-+/", max_size=80))
def test_what_is_no_card_number_stays_as_it_is(text: str) -> None:
    """Blacking out twice is blacking out once, and only digits and what stands between them are ever covered."""
    once = black_out_bank_cards(text)
    assert black_out_bank_cards(once) == once
    if "[bank card]" not in once:
        assert once == text
