"""`POST /v1/records`: a stream of any length and shape, taken as it arrives."""

import gzip
import random
import threading
from collections.abc import Iterator

import httpx
import msgspec
import pytest

from server.ingest.intake import BATCH, GIVE_UP_AFTER
from server.ingest.ndjson import LONGEST_LINE
from server.wire.records import RecordsSummary
from tests.server.given import customer, stock
from tests.server.http.conftest import PATIENCE, Running, client_of
from tests.server.small_shop import BANK_CARD, LUCIA, RECORDS, hour, ndjson
from tests.waiting import until

SHOP = ndjson()
LINES = len(RECORDS)


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    """A body in pieces: sent as HTTP chunks, which end wherever they like."""
    yield from (body[start : start + size] for start in range(0, len(body), size))


def post(house: Running, content: bytes | Iterator[bytes], **headers: str) -> RecordsSummary:
    """Send records and read what became of them."""
    answer = house.sync.post("/v1/records", content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json"), answer.text
    return msgspec.json.decode(answer.content, type=RecordsSummary)


WHOLE = RecordsSummary(new=LINES)
CUT = "the gzip data ends in the middle: the file was cut off on its way; send it again whole"
NOTHING = "there is nothing in it: one JSON record a line was expected"
PACKED = gzip.compress(SHOP, mtime=0)


@pytest.mark.parametrize(
    ("content", "summary"),
    [
        (SHOP, WHOLE),
        (SHOP.rstrip(b"\n"), WHOLE),
        (b"\xef\xbb\xbf" + SHOP, WHOLE),
        (SHOP.replace(b"\n", b"\r\n"), WHOLE),
        (SHOP.replace(b"\n", b"\n\n \t\n"), WHOLE),
        (PACKED, WHOLE),
        (PACKED + gzip.compress(ndjson([stock(5, sku="NEW")]), mtime=0), RecordsSummary(new=LINES + 1)),
        (PACKED + b"\0" * 512, WHOLE),
        (gzip.compress(b"", mtime=0), RecordsSummary(stopped=NOTHING)),
        (b"", RecordsSummary(stopped=NOTHING)),
        (b"\n\r\n  \n", RecordsSummary(stopped=NOTHING)),
        (SHOP + b"\n" + SHOP, RecordsSummary(new=LINES, unchanged=LINES)),
    ],
    ids=[
        "plain",
        "no last line end",
        "byte order mark",
        "CRLF",
        "blank lines",
        "gzip",
        "two gzip files",
        "gzip with zeros",
        "gzip of nothing",
        "nothing",
        "blanks",
        "everything twice",
    ],
)
def test_a_stream_is_taken_however_it_comes(empty_house: Running, content: bytes, summary: RecordsSummary) -> None:
    """Plain or gzip, with any line ends, in chunks that end anywhere: the result is the same, and nothing new again."""
    assert post(empty_house, pieces(content, 7)) == summary
    again = msgspec.structs.replace(summary, new=0, unchanged=summary.new + summary.unchanged)
    for size in (1, 4096, len(content) + 1):
        assert post(empty_house, pieces(content, size)) == again


@pytest.mark.parametrize("part", [1, 3, 9, 10, len(PACKED) // 2, len(PACKED) - 9, len(PACKED) - 1])
def test_a_gzip_file_that_was_cut_off_is_told(empty_house: Running, part: int) -> None:
    """What came whole is taken, and the answer says that more was to come."""
    summary = post(empty_house, PACKED[:part])
    if part > 1:
        assert summary.stopped == CUT
    assert summary.new <= LINES
    assert post(empty_house, PACKED).stopped is None


def test_a_damaged_gzip_file_is_told(empty_house: Running) -> None:
    """A wrong byte in the middle stops the reading, and what came before it stays."""
    damaged = bytearray(PACKED)
    damaged[len(damaged) // 2] ^= 0xFF
    summary = post(empty_house, bytes(damaged))
    assert summary.stopped is not None
    assert "damaged" in summary.stopped or "cut off" in summary.stopped or summary.refused


@pytest.mark.parametrize(
    "content",
    [
        random.Random(7).randbytes(400_000),
        b"".join(b"%d;Ana;Madrid\n" % n for n in range(3000)),
        b"".join(b'"%d","Ana"\n' % n for n in range(3000)),
        b"<feed>\n" * 3000,
        b"[1, 2]\n" * 3000,
    ],
    ids=["bytes", "table of numbers", "table of texts", "XML", "lists"],
)
def test_what_is_no_ndjson_is_given_up(empty_house: Running, content: bytes) -> None:
    """A picture, a table or a log is refused after its first lines, and the answer says what was expected."""
    summary = post(empty_house, content)
    assert (summary.new, summary.refused) == (0, GIVE_UP_AFTER)
    assert summary.stopped is not None
    assert summary.stopped.startswith(f"none of the first {GIVE_UP_AFTER} lines is JSON")


def test_twenty_thousand_lines_are_taken(empty_house: Running) -> None:
    """A long stream is counted to its last line, and other requests are answered while it comes."""
    many = 20_000
    halfway, answered = threading.Event(), threading.Event()

    def body() -> Iterator[bytes]:
        encode = msgspec.json.encode
        for start in range(0, many, BATCH):
            yield b"".join(encode(stock(n % 9, sku=f"SKU-{n}")) + b"\n" for n in range(start, min(start + BATCH, many)))
            if start == many // 2:
                halfway.set()
                assert answered.wait(PATIENCE)

    def ask() -> None:
        with client_of(empty_house.port, empty_house.tokens.hq) as client:
            assert halfway.wait(PATIENCE)
            if client.get("/v1/stores").is_success and client.get("/health/ready").is_success:
                answered.set()

    asking = threading.Thread(target=ask)
    asking.start()
    assert post(empty_house, body()) == RecordsSummary(new=many)
    asking.join(PATIENCE)
    assert len(empty_house.events_after(many - 1)) == 1


def test_a_line_that_is_too_long_is_refused_alone(empty_house: Running) -> None:
    """A line of megabytes takes nothing of its neighbours, and only its beginning is kept."""
    long = b'{"type": "customer", "x": "' + b"y" * (3 * LONGEST_LINE) + b'"}\n'
    summary = post(empty_house, SHOP + long + ndjson([stock(5, sku="NEW")]))
    assert (summary.new, summary.refused) == (LINES + 1, 1)
    assert summary.refusals[0].line == LINES + 1
    (kept,) = empty_house.client.get("/v1/records/refused").json()
    assert len(kept["text"]) <= 8192


def test_refused_lines_are_kept_without_bank_cards(empty_house: Running) -> None:
    """Where, why and what: the latest first and by page; a bank card's number neither in the line nor in the reason."""
    records = [
        b'{"type": "customer", "phones": ["' + BANK_CARD.encode() + b'"]}',
        b'{"type": "' + BANK_CARD.encode() + b'"}',
        b'{"type": "product", "source": "web", "external_id": "p", "updated_at": "2020-01-01T00:00:00Z", "variants":'
        b' [{"sku": "S", "price": 1, "currency": "EUR", "gtin": "' + BANK_CARD.encode() + b'"}]}',
        b'{"type": "customer", "note": "12 ' + BANK_CARD.encode() + b' 12 28"}',
        b"no JSON " + BANK_CARD.encode(),
    ]
    answer = empty_house.sync.post("/v1/records", content=b"\n".join(records))
    assert answer.json()["refused"] == len(records)
    kept = empty_house.client.get("/v1/records/refused").json()
    assert [(refused["line"], refused["origin"]) for refused in kept] == [(n, "POST /records") for n in (5, 4, 3, 2, 1)]
    assert kept[0]["refused_at"] == "2026-11-21T12:00:00.000000Z"
    assert kept[2]["path"] == "$.variants[0].gtin"
    page = empty_house.client.get("/v1/records/refused", params={"before": kept[1]["id"], "limit": 2}).json()
    assert page == kept[2:4]
    whole = empty_house.client.get("/v1/records/refused").text + answer.text
    assert BANK_CARD not in whole


def test_more_refusals_than_an_answer_holds_are_counted(empty_house: Running) -> None:
    """The answer counts all refused lines and tells why of the first thousand."""
    body = b'{"type": "order"}\n' * 2500
    summary = post(empty_house, body)
    assert (summary.refused, len(summary.refusals), summary.stopped) == (2500, 1000, None)
    assert [refusal.line for refusal in summary.refusals[:3]] == [1, 2, 3]


def test_a_sender_who_hangs_up_leaves_what_came(empty_house: Running) -> None:
    """Batches that came whole stay, the rest is simply not there, and the server goes on."""
    records = ndjson(customer(str(n), given_name="Ana") for n in range(BATCH + 10))

    def body() -> Iterator[bytes]:
        yield records
        until(lambda: empty_house.events_after(0))
        raise httpx.WriteError("the sender's Wi-Fi is gone")

    with pytest.raises(httpx.WriteError):
        empty_house.sync.post("/v1/records", content=body())
    assert empty_house.client.get("/health/ready").is_success
    assert len(empty_house.events_after(0)) <= BATCH + 10
    again = post(empty_house, records)
    assert (again.new + again.unchanged, again.refused) == (BATCH + 10, 0)
    assert again.unchanged >= GIVE_UP_AFTER


def test_streams_at_the_same_moment_end_as_one(empty_house: Running) -> None:
    """Two senders of the same records at once: each line is new to one of them and known to the other."""
    records = ndjson(customer(str(n), given_name="Ana", emails=(f"n{n}@example.com",)) for n in range(600))
    summaries: list[RecordsSummary] = []

    def send() -> None:
        with client_of(empty_house.port, empty_house.tokens.sync) as client:
            answer = client.post("/v1/records", content=pieces(records, 5000))
            summaries.append(msgspec.json.decode(answer.content, type=RecordsSummary))

    senders = [threading.Thread(target=send) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(PATIENCE)
    assert [s.new + s.unchanged for s in summaries] == [600, 600]
    assert sum(s.new for s in summaries) == 600


def test_the_length_of_other_bodies_is_bounded_also_without_their_telling(empty_house: Running) -> None:
    """A chunked body tells no length: it is cut off where it grows too long for its door."""

    def body() -> Iterator[bytes]:
        yield b'{"code": "'
        for _ in range(100):
            yield b"x" * 1000
        yield b'"}'

    answer = empty_house.client.post("/v1/scan", content=body())
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


def test_a_record_is_there_once_it_is_answered(empty_house: Running) -> None:
    """What the answer counts can be scanned at once."""
    post(empty_house, ndjson([msgspec.structs.replace(LUCIA, updated_at=hour(3))]))
    answer = empty_house.client.post("/v1/scan", json={"code": "2900000000018"})
    assert answer.json()["context"]["person"]["name"] == "Lucía García Peña"
