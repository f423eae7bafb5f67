"""A scanner that types is told from a person, by time alone: no scan in a text field, no typing taken for a scan."""

import re
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.scan.wedge import Outcome, Scanned, Typed, Wedge, is_separator
from server.wire.codes import Card, CardPattern, Gtin, MistypedCard, Other, ScannedCode, read_code

Keys = list[tuple[str, float]]
"""Each key with the seconds since the one before; `\\n` is Enter, `\\t` is Tab."""

CARD = "2900000110915"
GTIN = "04006381333931"
RELATION = "735000110000000007"
GS = "\x1d"
SLOW, QUICK = 0.06, 0.002
ENDS = ("\n", "\t")

LETTERS = st.characters(exclude_categories=["Cc", "Cs"])
CODE_SIGNS = "0123456789ABCXYZabcxyz-./:$%+ ]" + GS
CODES = st.text(CODE_SIGNS, min_size=4, max_size=40).filter(lambda code: code[3:].strip(f"{GS} "))
PAUSES = st.floats(SLOW, 3)


def keys(text: str, gap: float, first: float = SLOW) -> Keys:
    """A text, key by key at one speed, some time after what was before."""
    return [(character, gap if n else first) for n, character in enumerate(text)]


def heard(wedge: Wedge, typed: Iterable[tuple[str, float]], ticks: Iterable[float] = ()) -> list[Outcome]:
    """All that comes of keys, a second after the last; typing in one piece, however it was handed on.

    Args:
        wedge: what is asked.
        typed: the keys.
        ticks: times at which a clock tells the wedge that time passes.
    """
    at, outcomes, ticking = 0.0, list[Outcome](), sorted(ticks, reverse=True)
    for text, gap in typed:
        at += gap
        while ticking and ticking[-1] < at:
            outcomes += wedge.pause(ticking.pop())
        outcomes += wedge.end(text, at, at) if text in ENDS else wedge.key(text, at, at)
    outcomes += wedge.pause(at + 1)
    whole: list[Outcome] = []
    for outcome in outcomes:
        if isinstance(outcome, Typed) and whole and isinstance(whole[-1], Typed):
            whole[-1] = Typed(whole[-1].keys + outcome.keys)
        else:
            whole.append(outcome)
    return whole


@st.composite
def typing(draw: st.DrawFn, *, least: int = 1) -> Keys:
    """What a person types: rolls of up to three quick keys, each after a pause, and Enter and Tab at any speed."""
    rolls = st.lists(st.tuples(LETTERS, st.floats(0.001, 0.034)), min_size=1, max_size=3)
    ends = st.lists(st.tuples(st.sampled_from(ENDS), st.floats(0.001, 1)), max_size=1)
    typed: Keys = []
    for roll, end in draw(st.lists(st.tuples(rolls, ends), min_size=least, max_size=8)):
        typed += [(roll[0][0], draw(PAUSES)), *roll[1:], *end]
    # Who rolls an AIM identifier's three signs into Enter types what a scanner does that read nothing.
    assume(not re.search(r"\][A-Za-z][0-9A-Za-z][\n\t]", "".join(key for key, _ in typed)))
    return typed


@st.composite
def scanning(draw: st.DrawFn, code: str, prefix: str = "", suffix: str = "") -> Keys:
    """What a scanner types: 1 to 30 ms between keys, then Enter or Tab."""
    text = prefix + code + suffix + draw(st.sampled_from(ENDS))
    gaps = st.lists(st.floats(0.001, 0.03), min_size=len(text), max_size=len(text))
    return [(text[0], draw(PAUSES)), *zip(text[1:], draw(gaps), strict=False)]


@pytest.mark.parametrize(
    ("typed", "outcomes"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(keys("lucia", SLOW), [Typed("lucia")], id="slow"),
        pytest.param(keys("lucia\n", SLOW), [Typed("lucia\n")], id="slow, with Enter"),
        pytest.param(keys("29000001\n", 0.036), [Typed("29000001\n")], id="as quick as no scanner is"),
        pytest.param([*keys("que", QUICK), *keys("st", QUICK)], [Typed("quest")], id="rolled"),
        pytest.param([*keys("abc", QUICK), ("\n", QUICK)], [Typed("abc\n")], id="three rolled into Enter"),
        pytest.param(
            [*keys("ab", QUICK), ("\t", QUICK), *keys("cd", QUICK)], [Typed("ab\tcd")], id="on to another field"
        ),
        pytest.param([("\n", 1)], [Typed("\n")], id="Enter alone"),
        pytest.param([("\n", QUICK), ("\t", QUICK), ("\n", QUICK)], [Typed("\n\t\n")], id="Enters in a row"),
        pytest.param(keys("paste me", QUICK), [Typed("paste me")], id="quick, but nothing ends it"),
        pytest.param([*keys(CARD, QUICK), ("\n", 0.2)], [Typed(CARD + "\n")], id="quick, and a person's Enter"),
        pytest.param([*keys(CARD, QUICK), ("\n", 0.09)], [Scanned(CARD)], id="an Enter that was held up"),
        pytest.param(keys(CARD + "\n", 0.001), [Scanned(CARD)], id="quick scanner"),
        pytest.param(keys(CARD + "\n", 0.030), [Scanned(CARD)], id="slow scanner"),
        pytest.param(keys(CARD + "\t", QUICK), [Scanned(CARD)], id="scanner with Tab"),
        pytest.param(keys("AB-1\n", QUICK), [Scanned("AB-1")], id="the shortest code"),
        pytest.param(
            [*keys("lu", 0.1), *keys(CARD + "\n", QUICK), *keys("cia", 0.1, first=QUICK)],
            [Typed("lu"), Scanned(CARD), Typed("cia")],
            id="scanned while somebody types",
        ),
        pytest.param(
            [*keys(CARD + "\n", QUICK), *keys(GTIN + "\n", QUICK, first=QUICK)],
            [Scanned(CARD), Scanned(GTIN)],
            id="two scanners",
        ),
    ],
)
def test_who_pressed_the_keys(typed: Keys, outcomes: list[Outcome]) -> None:
    """Quick keys with an end are a scanner's; what has no end, or a pause in it, a person's."""
    assert heard(Wedge(), typed) == outcomes


@given(typing())
def test_what_a_person_types_arrives_whole(typed: Keys) -> None:
    """Whoever rolls two or three keys finds them in the field, in order, with Enter and Tab where they were."""
    assert heard(Wedge(), typed) == [Typed("".join(key for key, _ in typed))]


@given(st.data(), CODES)
def test_what_is_scanned_never_reaches_a_text_field(data: st.DataObject, code: str) -> None:
    """A scanner's keys become one code, whatever the speed of each."""
    assert heard(Wedge(), data.draw(scanning(code))) == [Scanned(code)]


@given(st.data(), CODES, st.floats(0.036, 0.099))
def test_a_hiccup_does_not_tear_a_scan(data: st.DataObject, code: str, held_up: float) -> None:
    """Keys that a radio or a busy display held up belong to the scan that they are in the middle of."""
    pressed = data.draw(scanning(code))
    late = data.draw(st.integers(4, len(code)))
    pressed[late] = (pressed[late][0], held_up)
    assert heard(Wedge(), pressed) == [Scanned(code)]


@given(st.data(), st.lists(CODES, min_size=1, max_size=4, unique=True), st.sampled_from([("", ""), ("\x02", "\x03")]))
def test_a_scan_in_the_middle_of_typing_leaves_the_typing_whole(
    data: st.DataObject, codes: list[str], frame: tuple[str, str]
) -> None:
    """Somebody types, the scanner fires, somebody types on: each gets their own."""
    pressed: Keys = []
    expected: list[Outcome] = []
    for code in codes:
        typed = data.draw(typing(least=0))
        if typed:
            expected.append(Typed("".join(key for key, _ in typed)))
        pressed += [*typed, *data.draw(scanning(code, *frame))]
        expected.append(Scanned(code))
    assert heard(Wedge(*frame), pressed) == expected


@given(
    st.lists(st.tuples(st.sampled_from("ab]C1 ~!\n"), st.sampled_from([0.001, 0.02, 0.035, 0.04, 0.3])), max_size=60),
    st.sampled_from([("", ""), ("~", ""), ("", "!"), ("~", "!"), ("~~", "~")]),
)
def test_no_key_is_lost_or_doubled(typed: Keys, frame: tuple[str, str]) -> None:
    """Every key comes out once, in order: typed, in a scan with what stands around it, or in one that is let drop."""
    wedge, at, codes = Wedge(*frame), 0.0, [""]
    prefix, suffix = frame
    for text, gap in typed:
        at += gap
        left = wedge.waiting + text
        for outcome in wedge.end(text, at, at) if text == "\n" else wedge.key(text, at, at):
            if isinstance(outcome, Scanned):
                codes.append(outcome.code)
                came = prefix + outcome.code + suffix + text
            else:
                came = outcome.keys
            assert left.startswith(came)
            left = left.removeprefix(came)
        if left != wedge.waiting:
            assert text == "\n"
            assert not wedge.waiting
            dropped = left.removeprefix(prefix).removesuffix(text).removesuffix(suffix)
            # A double trigger, or a scan that read nothing: of it there is an AIM identifier at most, and blanks.
            assert dropped == codes[-1] or not re.sub(r"^\][A-Za-z][0-9A-Za-z]", "", dropped).strip()


@given(st.data(), CODES, st.lists(st.floats(0, 30), max_size=50))
def test_when_the_clock_ticks_does_not_matter(data: st.DataObject, code: str, ticks: list[float]) -> None:
    """However often the wedge is told that time passes, the same comes out."""
    pressed = [*data.draw(typing()), *data.draw(scanning(code)), *data.draw(typing())]
    assert heard(Wedge(), pressed, ticks) == heard(Wedge(), pressed)


@pytest.mark.parametrize(
    ("prefix", "suffix", "typed", "outcomes"),
    [
        ("~", "", f"~{CARD}\n", [Scanned(CARD)]),
        ("", "!", f"{CARD}!\n", [Scanned(CARD)]),
        ("\x02", "\x03", f"\x02{CARD}\x03\t", [Scanned(CARD)]),
        ("~", "~", f"~{CARD}~\n", [Scanned(CARD)]),
        ("~", "", f"{CARD}\n", [Typed(f"{CARD}\n")]),
        ("", "!", f"{CARD}\n", [Typed(f"{CARD}\n")]),
        ("~", "!", f"~{CARD}\n", [Typed(f"~{CARD}\n")]),
        ("~", "!", "~AB-1!\n", [Scanned("AB-1")]),
        ("~", "!", "~ABC!\n", [Typed("~ABC!\n")]),
        ("~", "", f"~~{CARD}\n", [Scanned(f"~{CARD}")]),
        # A person's key came just before the scanner's first.
        ("~", "", f"a~{CARD}\n", [Typed("a"), Scanned(CARD)]),
        # One sign cannot be both the prefix and the suffix.
        ("~", "~", "~\n", [Typed("~\n")]),
    ],
)
def test_what_a_scanner_is_set_to_type_around_a_code(
    prefix: str, suffix: str, typed: str, outcomes: list[Outcome]
) -> None:
    """A prefix and a suffix are no part of the code, and what comes without them was not scanned."""
    assert heard(Wedge(prefix, suffix), keys(typed, QUICK)) == outcomes


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (f"]E0{CARD}", Card(value=CARD)),
        (f"]C0{CARD}", Card(value=CARD)),
        (f"]E0{CARD[:-1]}6", MistypedCard()),
        ("]E440170725", Gtin(value="00000040170725")),
        (f"]C101{GTIN}10LOT-7", Gtin(value=GTIN)),
        (f"]d201{GTIN}", Gtin(value=GTIN)),
        (f"01{GTIN}10LOT-7{GS}17261231", Gtin(value=GTIN)),
        (f"]C110LOT-7{GS}01{GTIN}", Gtin(value=GTIN)),
        (f"]C18018{RELATION}", Card(value=RELATION)),
        (f"]C18018{RELATION}{GS}8019123", Card(value=RELATION)),
        (f"{GS}8018{RELATION}", Card(value=RELATION)),
        (f"]Q1https://shop.example/8018/{RELATION}", Card(value=RELATION)),
        ("]C0SO45080", Other(value="SO45080")),
    ],
)
def test_a_code_keeps_what_tells_its_kind(typed: str, code: ScannedCode) -> None:
    """AIM identifiers and group separators reach the one who reads the code: GS1 is told by them."""
    (outcome,) = heard(Wedge(), keys(typed + "\n", QUICK))
    assert isinstance(outcome, Scanned)
    assert read_code(outcome.code, (CardPattern(pattern=r"^29\d{11}$", check="ean13"),)) == code


@pytest.mark.parametrize(
    ("scans", "codes"),
    [
        pytest.param([(CARD, 0)], [CARD], id="once"),
        pytest.param([(CARD, 0), (CARD, 0.2)], [CARD], id="double trigger"),
        pytest.param([(CARD, 0), (CARD, 0.69)], [CARD], id="the guard's end"),
        pytest.param([(CARD, 0), (CARD, 1)], [CARD, CARD], id="meant twice"),
        pytest.param([(CARD, 0), (GTIN, 0.1)], [CARD, GTIN], id="another code at once"),
        pytest.param([(CARD, 0), (GTIN, 0.1), (CARD, 0.2)], [CARD, GTIN, CARD], id="to and fro"),
        pytest.param([(CARD, n * 0.3) for n in range(6)], [CARD], id="a trigger held down"),
        pytest.param([(CARD, 0), ("", 0.1), (CARD, 0.2)], [CARD], id="with nothing read between"),
    ],
)
def test_a_double_trigger_is_one_scan(scans: list[tuple[str, float]], codes: list[str]) -> None:
    """The same code again at once is the same scan; whoever means it twice waits a moment."""
    wedge = Wedge("~")
    outcomes: list[Outcome] = []
    for code, at in scans:
        for character in f"~{code}":
            outcomes += wedge.key(character, at, at)
        outcomes += wedge.end("\n", at, at)
    assert outcomes == [Scanned(code) for code in codes]


@pytest.mark.parametrize(
    ("prefix", "suffix", "typed"),
    [
        ("~", "", "~\n"),
        ("", "!", "!\n"),
        ("~", "!", "~!\t"),
        ("", "", "]C1\n"),
        ("", "", f"]C1{GS}\n"),
        ("", "", f"{GS}{GS}{GS}{GS}\n"),
        ("~", "!", "~]E0!\n"),
    ],
)
def test_a_scan_that_read_nothing_does_nothing(prefix: str, suffix: str, typed: str) -> None:
    """A double trigger that sends an empty code leaves no trace, neither as a scan nor in a text field."""
    assert heard(Wedge(prefix, suffix), keys(typed, QUICK)) == []


@pytest.mark.parametrize("waiting", ["", "a", CARD])
def test_backspace_comes_after_what_was_typed_before_it(waiting: str) -> None:
    """A key that writes nothing lets go of what waits, so that it acts on it."""
    wedge = Wedge()
    for character in waiting:
        assert wedge.key(character, 0, 0) == []
    assert wedge.waiting == waiting
    assert wedge.other() == ([Typed(waiting)] if waiting else [])
    assert wedge.waiting == ""


def test_keys_wait_no_longer_than_the_gap() -> None:
    """What somebody types is in the field before they press the next key."""
    wedge = Wedge(gap=0.035)
    for first, second in pairwise([0.0, 0.06, 0.12]):
        assert wedge.key("a", first, first) == []
        assert wedge.pause(first + 0.03) == []
        assert wedge.pause(first + 0.036) == [Typed("a")]
        assert wedge.pause(second) == []


@pytest.mark.parametrize(
    ("key", "codepoint", "modifiers", "is_one"),
    [
        (29, None, [], True),
        (93, None, ["ctrl"], True),
        (93, "]", ["numlock", "ctrl"], True),
        # On a Spanish keyboard the sign is on another key
        (43, "]", ["ctrl"], True),
        (43, GS, ["ctrl"], True),
        (93, "]", [], False),
        (93, "]", ["shift"], False),
        (99, "c", ["ctrl"], False),
        (305, None, ["ctrl"], False),
    ],
)
def test_the_separator_is_typed_with_ctrl(key: int, codepoint: str | None, modifiers: list[str], is_one: bool) -> None:
    """Scanners type ASCII 29, which no keyboard has, as Ctrl and a closing bracket."""
    assert is_separator(key, codepoint, modifiers) == is_one
