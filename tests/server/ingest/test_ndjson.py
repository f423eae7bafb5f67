"""Bytes to lines to records, whatever the bytes are and however they are cut."""

import gzip
import itertools
import json
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.ingest.ndjson import LONGEST_LINE, Line, Lines, TruncatedError, is_blank, read_record
from server.wire.records import Refusal, StockRecord
from tests.server.given import stock

STOCK: dict[str, Any] = {
    "type": "stock",
    "source": "shop",
    "sku": "S1",
    "store": "m1",
    "quantity": 1,
    "updated_at": "2026-10-01T00:00:00Z",
}


def _cut(data: bytes, places: list[int]) -> Iterator[bytes]:
    """Data in pieces, cut at some places."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    for start, end in pairwise(edges):
        yield data[start:end]


def _read(data: bytes, places: list[int]) -> tuple[list[Line], bool]:
    """The lines of data that arrives in pieces, and whether it was cut off."""
    lines, found = Lines(), list[Line]()
    try:
        for piece in _cut(data, places):
            found.extend(lines.feed(piece))
        found.extend(lines.end())
    except TruncatedError:
        return found, True
    return found, False


contents = st.lists(
    st.sampled_from([b"{}", b"", b" ", b"\xef\xbb\xbf{}", b"{}\r", b"\0", b"\xff", b"\x1f\x8b", b"a" * 50]), max_size=6
).map(b"\n".join) | st.binary(max_size=40)


@given(
    content=contents,
    places=st.lists(st.integers(0, 2000), max_size=6),
    packed=st.sampled_from(["plain", "gzip", "gzip in members", "gzip and zeros"]),
)
@example(content=b"\xef\xbb\xbf{}\n", places=[1, 2], packed="plain")
@example(content=b"{}\n", places=[1000], packed="gzip and zeros")
def test_where_a_stream_is_cut_does_not_show(content: bytes, places: list[int], packed: str) -> None:
    """Lines are the same however the bytes arrive: at once, one by one, packed, or packed in several members."""
    if content[:2] == b"\x1f\x8b" and packed == "plain":
        content = b"\n" + content
    half = len(content) // 2
    data = {
        "plain": content,
        "gzip": gzip.compress(content),
        "gzip in members": gzip.compress(content[:half]) + gzip.compress(b"") + gzip.compress(content[half:]),
        "gzip and zeros": gzip.compress(content) + bytes(512),
    }[packed]
    expected = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if expected[-1] == b"" and not (len(expected) == 1 and content):
        expected.pop()
    lines, truncated = _read(data, places)
    assert not truncated
    assert [line.text for line in lines] == expected
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert lines == _read(data, list(range(len(data))))[0]


@given(places=st.lists(st.integers(0, 5000), max_size=4), missing=st.integers(1, 5000))
def test_cut_off_gzip_gives_what_came_and_says_so(places: list[int], missing: int) -> None:
    """A gzip stream without its end is told, and no line is made of a half one."""
    content = b"".join(b'{"n": %d}\n' % n for n in range(400))
    packed = gzip.compress(content, compresslevel=1)
    lines, truncated = _read(packed[: -min(missing, len(packed) - 2)], places)
    assert truncated
    assert [line.text for line in lines] == content.split(b"\n")[: len(lines)]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda packed: packed[:20] + bytes([packed[20] ^ 0xFF]) + packed[21:], id="a byte"),
        pytest.param(lambda packed: packed[:-5] + b"\0\0\0\0\0", id="checksum"),
        pytest.param(lambda packed: packed + b"and more", id="something behind it"),
    ],
)
def test_damaged_gzip_is_told(damage: Any) -> None:
    """Bytes that are no gzip any more end the stream with a reason."""
    packed = gzip.compress(b"".join(b'{"n": %d}\n' % n for n in range(400)))
    assert _read(damage(packed), [])[1]


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"\xef\xbb\xbf", [b""], id="only a byte order mark"),
        pytest.param(b"\xef\xbb\xbf{}\n", [b"{}"], id="byte order mark"),
        pytest.param(gzip.compress(b"\xef\xbb\xbf{}\n"), [b"{}"], id="packed byte order mark"),
        pytest.param(b"{}\n\xef\xbb\xbf{}\n", [b"{}", b"\xef\xbb\xbf{}"], id="a later one stays"),
        pytest.param(b"{}\r\n{}\r\n", [b"{}\r", b"{}\r"], id="CRLF"),
        pytest.param(b"{}", [b"{}"], id="no line end"),
        pytest.param(b"{", [b"{"], id="one byte"),
        pytest.param(b"\n\n", [b"", b""], id="empty lines"),
    ],
)
def test_lines_are_what_stands_between_line_ends(data: bytes, texts: list[bytes]) -> None:
    """A byte order mark goes, a missing last line end is none missing."""
    for places in ([], list(range(len(data)))):
        assert [line.text for line in _read(data, places)[0]] == texts


@pytest.mark.parametrize(
    ("size", "too_long"),
    [(LONGEST_LINE - 1, False), (LONGEST_LINE, False), (LONGEST_LINE + 1, True), (5_000_000, True)],
)
def test_a_line_may_be_a_mebibyte_long(size: int, too_long: bool) -> None:
    """A longer line says so, and what follows it is read."""
    lines, _ = _read(b"x" * size + b"\n{}\n", [100_000, 1_048_576, 1_048_577])
    assert [line.too_long for line in lines] == [too_long, False]
    assert lines[1] == Line(2, b"{}")
    assert len(lines[0].text) <= LONGEST_LINE + 1


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_an_endless_line_takes_no_memory(packed: bool) -> None:
    """A line of 64 MB costs less than 8 MB: it is counted, not kept."""
    lines = Lines()
    bomb = gzip.compress(bytes(64 << 20)) if packed else b""
    chunk = b"x" * 65_536
    tracemalloc.start()
    try:
        pieces = [bomb] if packed else itertools.chain(itertools.repeat(chunk, 1024), [b"\n"])
        found = [line for piece in pieces for line in lines.feed(piece)]
        found.extend(lines.end())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [line.too_long for line in found] == [True]
    assert peak < 8 << 20
    assert isinstance(read_record(found[0]), Refusal)


def _line(**fields: Any) -> bytes:
    return json.dumps({**STOCK, **fields}).encode()


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        pytest.param(b"{", "$", "this is no JSON", id="half an object"),
        pytest.param(b"sku,quantity", "$", "this is no JSON", id="a table"),
        pytest.param(_line() + b",", "$", "this is no JSON", id="something behind it"),
        pytest.param(_line(sku="\0").replace(b"\\u0000", b"\0"), "$", "this is no JSON", id="NUL"),
        pytest.param(_line(sku="S\0"), "$", "a text contains NUL", id="escaped NUL"),
        pytest.param(_line(sku="\\S\0"), "$", "a text contains NUL", id="escaped NUL behind a backslash"),
        pytest.param(_line().replace(b"S1", b"\xff\xfe"), "$", "this is no JSON", id="no UTF-8"),
        pytest.param(_line().replace(b"S1", b"\xed\xa0\x80"), "$", "this is no JSON", id="half a character"),
        *(
            pytest.param(
                _line().replace(b"S1", text),
                "$",
                f"this is no JSON: {half} is half a character: write both halves, or leave it out",
                id=f"half an escaped character {n}",
            )
            for n, (text, half) in enumerate(
                (
                    (b"\\ud800", "\\ud800"),
                    (b"a\\uDFFF b", "\\uDFFF"),
                    (b"\\ud83d\\ude00 \\ud83d", "\\ud83d"),
                    (b"\\\\\\ud800", "\\ud800"),
                )
            )
        ),
        pytest.param(
            _line().replace(b"S1", b"\\\\ud800")[:-1], "$", "this is no JSON: Input", id="half an object, and"
        ),
        pytest.param(b'{"type":"stock","x":' + b"[" * 100_000, "$", "this is no JSON", id="deeper than anybody reads"),
        pytest.param(b"[]", "$", "this is a JSON list: write one record a line", id="a list"),
        pytest.param(b" [" + _line() + b",", "$", "this is a JSON list: write one record a line", id="a list's begin"),
        pytest.param(b'"text"', "$", "Expected `object`, got `str`", id="a text"),
        pytest.param(b"{}", "$", "Object missing required field `type`", id="no type"),
        pytest.param(_line(type="invoice"), "$.type", "Invalid value 'invoice'", id="unknown type"),
        pytest.param(_line(quantity="1"), "$.quantity", "Expected `int`, got `str`", id="wrong type"),
        pytest.param(_line(quantity=1.5), "$.quantity", "Expected `int`, got `float`", id="not whole"),
        pytest.param(_line(quantity=10**10), "$.quantity", "Expected `int` <= 1000000000", id="too many"),
        pytest.param(_line(quantity=10**30), "$.quantity", "", id="more than fits anywhere"),
        pytest.param(_line(sku=""), "$.sku", "Expected `str` of length >= 1", id="empty"),
        pytest.param(_line(source="@email"), "$.source", "Expected letters, digits and", id="a source like our own"),
        pytest.param(_line(updated_at="2026-10-01T00:00:00"), "$.updated_at", "timezone", id="time without zone"),
        pytest.param(_line(updated_at="yesterday"), "$.updated_at", "Invalid RFC3339", id="no time"),
        pytest.param(
            b'{"type":"customer","source":"s","external_id":"1","updated_at":"2026-10-01T00:00:00Z","emails":["a@b.c",3]}',
            "$.emails[1]",
            "Expected `str | object`, got `int`",
            id="deep inside",
        ),
    ],
)
def test_what_is_no_record_is_refused_with_its_place(text: bytes, path: str, reason: str) -> None:
    """The refusal names the line, the path in it, and why."""
    refusal = read_record(Line(12, text))
    assert isinstance(refusal, Refusal)
    assert (refusal.line, refusal.path) == (12, path)
    assert reason in refusal.reason


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(_line() + b"\r", id="CRLF"),
        pytest.param(b" \t" + _line() + b" ", id="blanks around"),
        pytest.param(_line(colour="red", lines=[1, {"a": None}]), id="unknown fields"),
        pytest.param(_line(colour="a\\u0000"), id="text that looks like an escaped NUL"),
        pytest.param(_line(updated_at="2026-10-01T02:00:00+02:00"), id="another zone"),
        pytest.param(_line(updated_at="2026-10-01t00:00:00.000000z"), id="small letters"),
        pytest.param(_line(updated_at="2026-10-01 00:00:00Z"), id="a blank for the T"),
        pytest.param(_line(updated_at="2026-10-01T00:00:00.0000001Z"), id="nanoseconds"),
        pytest.param(_line().decode().encode("utf-8"), id="UTF-8"),
    ],
)
def test_forms_that_are_read(text: bytes) -> None:
    """What systems really write is read: blanks, unknown fields, every RFC 3339 form of a time."""
    record = read_record(Line(1, text))
    assert isinstance(record, StockRecord)
    assert record.updated_at.isoformat() in {"2026-10-01T00:00:00+00:00", "2026-10-01T02:00:00+02:00"}


@given(text=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_line_is_a_record_or_a_refusal(text: bytes) -> None:
    """Nothing that a line may hold raises."""
    assert isinstance(read_record(Line(1, text)), Refusal)


@given(
    data=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    ),
    field=st.sampled_from(sorted(STOCK)),
)
def test_any_value_in_a_field_is_taken_or_refused(data: Any, field: str) -> None:
    """Whatever JSON stands in a field, the answer is a record or a refusal with a path."""
    found = read_record(Line(1, json.dumps({**STOCK, field: data}).encode()))
    assert isinstance(found, StockRecord) or found.path.startswith("$")


@pytest.mark.parametrize(
    ("text", "blank"), [(b"", True), (b" \t\r", True), (b"{}", False), (b"null", False), (b"\0", False)]
)
def test_blank_lines_are_no_records(text: bytes, blank: bool) -> None:
    """Only a line with nothing in it is blank."""
    assert is_blank(Line(1, text)) is blank


def test_a_record_survives_its_line() -> None:
    """What is written as a line is read as the same record."""
    record = stock(3, 1)
    assert read_record(Line(1, msgspec.json.encode(record))) == record
