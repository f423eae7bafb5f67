"""A whole stream of records: batches, what is refused and kept of it, and when it is given up."""

import gzip
import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.db.engine import Database
from server.ingest.actions import take_lines
from server.ingest.intake import BATCH, GIVE_UP_AFTER, REFUSALS_ANSWERED, Intake
from server.ingest.ndjson import Line
from server.ingest.queries import refused
from server.wire.records import Record, RecordsSummary, RefusedRecord
from tests.server.given import ANY_CARD, NOW, Shop, cart, customer, order, product, stock, store, variant, view, who

BANK_CARD = "4111111111111111"


def _ndjson(*records: Record | str) -> bytes:
    return b"".join(
        (record.encode() if isinstance(record, str) else msgspec.json.encode(record)) + b"\n" for record in records
    )


def _bring(database: Database, data: bytes, *, piece: int = 10_000, origin: str = "test") -> RecordsSummary:
    """Take a stream as the importer and the door do."""
    intake = Intake()
    pieces = [data[start : start + piece] for start in range(0, len(data), piece)]
    for batches in (*(intake.feed(chunk) for chunk in pieces), intake.end()):
        for batch in batches:
            intake.count(database.write_now(take_lines, batch, origin, ANY_CARD, NOW))
    return intake.summary


def _kept(shop: Shop) -> list[RefusedRecord]:
    return list(reversed(shop.database.read_now(refused, None, 1000)))


SHOP_DAY: tuple[Record, ...] = (
    store("m1", name="Sol"),
    product("p1", title="Shirt", variants=(variant("S1"),)),
    customer("1", given_name="Ada", cards=("C1",)),
    order("o1", customer=who("1")),
    cart("c1", customer=who("1")),
    view(1),
    stock(3),
)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("piece", [1, 7, 10_000])
def test_the_same_stream_twice_changes_nothing(shop: Shop, pack: Any, piece: int) -> None:
    """A second import of the same file says that all of it was known."""
    data = pack(_ndjson(*SHOP_DAY))
    assert _bring(shop.database, data, piece=piece) == RecordsSummary(new=7)
    told = len(shop.events())
    assert _bring(shop.database, data, piece=piece) == RecordsSummary(unchanged=7)
    assert len(shop.events()) == told


def test_what_follows_a_refused_line_is_taken(shop: Shop) -> None:
    """A refused line is told with its number and path; every other one counts."""
    data = _ndjson(stock(1, sku="A"), '{"type":"stock"}', "", "no record", stock(2, sku="B"), order(store="m1"))
    summary = _bring(shop.database, data)
    assert (summary.new, summary.refused, summary.stopped) == (3, 2, None)
    assert [(r.line, r.path) for r in summary.refusals] == [(2, "$"), (4, "$")]
    assert [(r.line, r.origin, r.text) for r in _kept(shop)] == [
        (2, "test", '{"type":"stock"}'),
        (4, "test", "no record"),
    ]


@pytest.mark.parametrize(
    ("record", "path"),
    [
        pytest.param(stock(at=30 * 24 + 1), "$.updated_at", id="a clock an hour ahead"),
        pytest.param(order(at=0, placed=30 * 24 + 1), "$.placed_at", id="an order of tomorrow"),
        pytest.param(view(at=30 * 24 + 1), "$.viewed_at", id="a look of tomorrow"),
        pytest.param(customer("1", cards=(" ",)), "$.cards[0]", id="an empty card"),
        pytest.param(customer("1", emails=("a@example.com", "no e-mail")), "$.emails[1]", id="no e-mail"),
        pytest.param(customer("1", phones=("12",)), "$.phones[0]", id="no phone"),
        pytest.param(customer("1", cards=(BANK_CARD,)), "$.cards[0]", id="a bank card"),
        pytest.param(product(variants=(variant("S1"), variant("S1"))), "$.variants[1].sku", id="an SKU twice"),
        pytest.param(product(variants=(variant("S1", gtin="40170726"),)), "$.variants[0].gtin", id="no GTIN"),
        pytest.param(view(customer=who()), "$.customer", id="a look of nobody"),
        *(
            pytest.param(store(time_zone=zone), "$.time_zone", id=f"the time zone {zone!r}")
            for zone in ("Europe/Madird", "CEST", "Europe", "../etc/passwd", "", "europe/madrid")
        ),
    ],
)
def test_rules_refuse_with_a_path(shop: Shop, record: Record, path: str) -> None:
    """What a record's type allows and no shop means is refused where it stands, and changes nothing."""
    summary = _bring(shop.database, _ndjson(record))
    assert [r.path for r in summary.refusals] == [path]
    assert [r.path for r in _kept(shop)] == [path]
    assert shop.events() == []
    assert shop.count("customers") == shop.count("products") == 0


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"channel": "store", "store": None}, "$.store"),
        ({"type": "redaction", "customer": {"email": "a@example.com"}, "requested_at": "2026-01-01T00:00:00Z"},
         "$.customer.external_id"),
        ({"updated_at": "0001-01-01T00:00:00+01:00"}, "$.updated_at"),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, "$.placed_at"),
        ({"placed_at": "9999-12-31T23:59:59-14:00"}, "$.placed_at"),
        ({"type": "wishlist", "name": "", "customer": {"external_id": "1"},
          "items": [{"sku": "S1", "added_at": "0001-01-01T00:00:00+01:00"}]}, "$.items[0].added_at"),
        ({"type": "customer", "loyalty": {"tier": "gold", "as_of": "0001-01-01T00:00:00+01:00"}}, "$.loyalty.as_of"),
        ({"type": "customer", "consents": [{"channel": "email", "granted": True, "at": "0001-01-01T00:00:00+01:00"}]},
         "$.consents[0].at"),
    ],
    ids=["store order without store", "redaction by e-mail", "before the calendar", "placed before the calendar",
         "behind the calendar", "wish before the calendar", "loyalty before the calendar",
         "consent before the calendar"],
)  # fmt: skip
def test_rules_refuse_what_only_json_can_say(shop: Shop, fields: dict[str, Any], path: str) -> None:
    """Times that no UTC clock shows, and references that are too little, are refused and break nothing."""
    good = json.loads(msgspec.json.encode(order()))
    summary = _bring(shop.database, _ndjson(json.dumps({**good, **fields}), stock()))
    assert [r.path for r in summary.refusals] == [path]
    assert summary.new == 1


@pytest.mark.parametrize(("minutes", "taken"), [(0, True), (5, True), (6, False)])
def test_clocks_may_be_five_minutes_ahead(shop: Shop, minutes: int, taken: bool) -> None:
    """A statement of the near future is taken, one of the far future is not, as it would win until then."""
    record = msgspec.structs.replace(stock(), updated_at=NOW + timedelta(minutes=minutes))
    assert shop.take(record) == ["new" if taken else "$.updated_at"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'{{"type":"note","text":"{BANK_CARD}"}}', id="in a text"),
        pytest.param('{"type":"note","text":"4111 1111-1111 1111"}', id="with blanks"),
        pytest.param(f'{{"type":"{BANK_CARD}"}}', id="as its type"),
        pytest.param(f'{{"type":"note","track":"%B{BANK_CARD}^ROCA/ADA^2912?"}}', id="a whole track"),
        pytest.param(f"{BANK_CARD}", id="alone"),
        pytest.param(
            msgspec.json.encode(product(variants=(variant(BANK_CARD), variant(BANK_CARD)))).decode(), id="SKU"
        ),
        pytest.param(msgspec.json.encode(product(variants=(variant(gtin=BANK_CARD),))).decode(), id="GTIN"),
        pytest.param('{"type":"' + "x" * (8192 - 9 - 8) + BANK_CARD + '"}', id="where the text is cut"),
        pytest.param(
            '{"type":"' + "x" * (8192 - 9 - 8) + "4111 1111 1111 1111" + '"}', id="where it is cut, with blanks"
        ),
        *(
            pytest.param(
                json.dumps({"type": "note", "text": f"caf\u00e9 \u00a0{written}."}, ensure_ascii=ascii_only),
                id=f"{written!a} {ascii_only}",
            )
            for written in (
                "4111\u00a01111\u00a01111\u00a01111",
                "4111\u20131111\u20091111\u202f1111",
                "4111/1111/1111/1111",
            )
            for ascii_only in (True, False)
        ),
        *(
            pytest.param(
                '{"type":"' + "x" * (8192 - 9 - cut) + r"4111\u00a01111\u00a01111\u00a01111" + '"}',
                id=f"escaped, cut after {cut}",
            )
            for cut in range(14, 30)
        ),
        *(
            pytest.param(
                '{"type":"' + "x" * (8192 - 9 - cut) + "4111\u00a01111\u00a01111\u00a01111" + '"}',
                id=f"with wide blanks, cut after {cut}",
            )
            for cut in range(8, 20)
        ),
    ],
)
def test_no_bank_card_is_kept_or_answered(shop: Shop, text: str) -> None:
    """Neither the kept line nor any reason has a bank card's number in it, not even half of one."""
    summary = _bring(shop.database, _ndjson(text))
    assert summary.refused == 1
    [line] = _kept(shop)
    for said in (line.text, line.reason, line.path, *(r.reason for r in summary.refusals)):
        assert "4111" not in said
        assert "1111" not in said


def test_the_same_refused_line_twice_is_kept_once(shop: Shop) -> None:
    """A line is kept as it was refused last, however often it comes."""
    _bring(shop.database, _ndjson("x", "y"), origin="monday")
    _bring(shop.database, _ndjson(stock(), "y"), origin="tuesday")
    assert [(r.text, r.origin, r.line) for r in _kept(shop)] == [("x", "monday", 1), ("y", "tuesday", 2)]


def test_a_long_refused_line_is_kept_in_part(shop: Shop) -> None:
    """Of a line that is too long its beginning is kept."""
    _bring(shop.database, b"x" * 3_000_000 + b"\n" + _ndjson(stock()), piece=50_000)
    [line] = _kept(shop)
    assert line.text == "x" * 8192
    assert line.reason.startswith("the line is longer than")
    assert shop.count("stock") == 1


def test_bytes_that_are_no_text_are_kept_as_marks(shop: Shop) -> None:
    """What no database keeps as text (NUL, wrong UTF-8) is kept as replacement characters."""
    _bring(shop.database, b'{"a":"\0\xff"}\n')
    assert _kept(shop)[0].text == '{"a":"\ufffd\ufffd"}'


@pytest.mark.parametrize(
    ("lines", "stopped"),
    [
        pytest.param(GIVE_UP_AFTER - 1, False, id="99"),
        pytest.param(GIVE_UP_AFTER, True, id="100"),
        pytest.param(5 * BATCH, True, id="5,000"),
    ],
)
def test_what_is_no_ndjson_at_all_is_given_up(shop: Shop, lines: int, stopped: bool) -> None:
    """After a hundred lines that are no JSON the rest is not read, and the answer says why."""
    summary = _bring(shop.database, b"sku;store;quantity\n" * lines + _ndjson(stock()))
    assert (summary.stopped is not None) is stopped
    assert summary.refused == min(lines, GIVE_UP_AFTER)
    assert summary.new == (0 if stopped else 1)


def test_one_record_among_the_first_lines_is_enough_to_go_on(shop: Shop) -> None:
    """A stream that has a record early is read to its end, whatever stands in between."""
    summary = _bring(shop.database, b"x\n" * 50 + _ndjson(stock()) + b"x\n" * 500 + _ndjson(stock(sku="S2")))
    assert (summary.new, summary.refused, summary.stopped) == (2, 550, None)


@pytest.mark.parametrize(
    "data", [b"", b"\n \n\r\n", gzip.compress(b"")], ids=["nothing", "blank lines", "gzip of nothing"]
)
def test_an_empty_stream_is_no_success(shop: Shop, data: bytes) -> None:
    """Who sends nothing is told that there was nothing."""
    assert "nothing in it" in (_bring(shop.database, data).stopped or "")


def test_a_stream_that_is_cut_off_counts_as_far_as_it_came(shop: Shop) -> None:
    """Of cut-off gzip the whole lines are taken, and the answer says that it was cut off."""
    records = [stock(n, sku=f"S{n}") for n in range(3 * BATCH)]
    packed = gzip.compress(_ndjson(*records), compresslevel=1)
    summary = _bring(shop.database, packed[: len(packed) // 2])
    assert "cut off" in (summary.stopped or "")
    assert 0 < summary.new == shop.count("stock") < len(records)
    assert _bring(shop.database, packed).stopped is None
    assert shop.count("stock") == len(records)


def test_refusals_are_counted_further_than_they_are_listed(shop: Shop) -> None:
    """The answer lists so many refusals and counts them all."""
    summary = _bring(shop.database, _ndjson(stock()) + b"{}\n" * (REFUSALS_ANSWERED + 10))
    assert (summary.refused, len(summary.refusals)) == (REFUSALS_ANSWERED + 10, REFUSALS_ANSWERED)


@given(good=st.lists(st.booleans(), max_size=3 * BATCH), places=st.lists(st.integers(0, 200_000), max_size=5))
def test_batches_hold_every_line_once_and_in_order(good: list[bool], places: list[int]) -> None:
    """Whatever the pieces, batches follow each other without a gap and none is larger than a transaction may be."""
    data = b"".join(b"{}\n" if line else b"\n" for line in good)
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    intake, batches = Intake(), list[list[Line]]()
    for start, end in pairwise(edges):
        batches.extend(intake.feed(data[start:end]))
    batches.extend(intake.end())
    assert [line.number for batch in batches for line in batch] == [n for n, line in enumerate(good, 1) if line]
    assert all(0 < len(batch) <= BATCH for batch in batches)


def test_refused_lines_are_listed_page_by_page(shop: Shop) -> None:
    """Refused lines come latest first, from one on."""
    _bring(shop.database, _ndjson("a", "b", "c"))
    page = shop.database.read_now(refused, None, 2)
    assert [r.text for r in page] == ["c", "b"]
    assert [r.text for r in shop.database.read_now(refused, page[-1].id, 2)] == ["a"]
