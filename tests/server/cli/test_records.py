"""Taking records from files, and what is said of those that are refused."""

import gzip
from contextlib import closing
from pathlib import Path

import pytest

from server.db.address import open_database
from server.ingest.ndjson import LONGEST_LINE
from tests.server.cli.conftest import Run
from tests.server.given import rows, store
from tests.server.small_shop import (
    BANK_CARD,
    LONG_AGO,
    MISTYPED_CARD,
    RECORDS,
    ndjson,
)

LINES = len(RECORDS)


def test_import_counts_what_became_of_records(run: Run, tmp_path: Path) -> None:
    """A table a file, or JSON; the same file again changes nothing."""
    (tmp_path / "shop.ndjson").write_bytes(ndjson())
    first = run("import", str(tmp_path / "shop.ndjson"))
    assert (first.status, first.err) == (0, "")
    assert ["shop.ndjson", str(LINES), "0", "0", "0", "0"] in [line.split() for line in first.out.splitlines()]
    again = run("import", str(tmp_path / "shop.ndjson"), "--json")
    assert again.status == 0
    assert again.json == [
        {
            "file": "shop.ndjson",
            "new": 0,
            "changed": 0,
            "unchanged": LINES,
            "older": 0,
            "refused": 0,
            "refusals": [],
            "stopped": None,
        }
    ]


PACKED = gzip.compress(ndjson(), mtime=0)
TYPED_WRONG = (
    b'{"type": "stock", "source": "erp", "sku": "S", "store": "GV", "quantity": "two",'
    b' "updated_at": "2020-01-01T00:00:00Z"}\n'
)
CARD_IN_IT = (
    b'{"type": "customer", "source": "web", "external_id": "b", "updated_at": "2020-01-01T00:00:00Z",'
    b' "cards": ["%s"]}\n'
)


CONTENTS = pytest.mark.parametrize(
    ("content", "status", "counts", "words"),
    [
        (ndjson(), 0, {"new": LINES}, ()),
        (PACKED, 0, {"new": LINES}, ()),
        (PACKED + PACKED, 0, {"new": LINES, "unchanged": LINES}, ()),
        (b"\xef\xbb\xbf" + ndjson().replace(b"\n", b"\r\n"), 0, {"new": LINES}, ()),
        (b"", 1, {}, ("there is nothing in it",)),
        (gzip.compress(b"", mtime=0), 1, {}, ("there is nothing in it",)),
        (PACKED[:-20], 1, {}, ("the gzip data ends in the middle",)),
        (b"\x1f\x8bno gzip at all", 1, {}, ("the gzip data is damaged",)),
        (b"no NDJSON\n" * 300, 1, {"refused": 100}, ("none of the first 100 lines is JSON",)),
        (b"1;Ana;Madrid\n" * 300, 1, {"refused": 100}, ("none of the first 100 lines is JSON",)),
        (b"%PDF-1.7\n\x00\xff", 1, {"refused": 2}, ("in:1 $ this is no JSON",)),
        (
            ndjson() + TYPED_WRONG,
            1,
            {"new": LINES, "refused": 1},
            (f"in:{LINES + 1} $.quantity Expected `int`, got `str`",),
        ),
        (b'{"type": "parrot"}\n', 1, {"refused": 1}, ("in:1 $.type Invalid value 'parrot'",)),
        (
            CARD_IN_IT % BANK_CARD.encode(),
            1,
            {"refused": 1},
            ("in:1 $.cards[0] no card pattern of the settings takes",),
        ),
        (CARD_IN_IT % rb"4111\u00a01111\u20131111\/1111", 1, {"refused": 1}, ("in:1 $.cards[0]",)),
        (CARD_IN_IT % MISTYPED_CARD.encode(), 1, {"refused": 1}, ("MOSTRADOR_CARD_PATTERNS",)),
        (TYPED_WRONG * 30, 1, {"refused": 30}, ("… and 10 more refused lines", "in:20 ")),
    ],
    ids=[
        "plain",
        "gzip",
        "two gzip files",
        "BOM and CRLF",
        "empty",
        "empty gzip",
        "truncated gzip",
        "damaged gzip",
        "no NDJSON",
        "a table",
        "a PDF",
        "a wrong type",
        "an unknown type",
        "a bank card",
        "a bank card in escapes",
        "a wrong check digit",
        "many refused",
    ],
)


@CONTENTS
def test_import_takes_what_can_be_taken(
    run: Run,
    address: str,
    tmp_path: Path,
    content: bytes,
    status: int,
    counts: dict[str, int],
    words: tuple[str, ...],
) -> None:
    """Each refused line is told with its number, path and reason; the rest is in. Status 1 where any was refused."""
    (tmp_path / "in").write_bytes(content)
    ended = run("import", str(tmp_path / "in"))
    assert ended.status == status
    said = ended.out + ended.err
    assert [word for word in words if word not in said] == []
    assert ("mostrador refused" in ended.err) == (status == 1)
    assert BANK_CARD not in said
    (again,) = run("import", str(tmp_path / "in"), "--json").json
    assert again["refused"] == counts.get("refused", 0)
    if "new" in counts:
        with closing(open_database(address)) as database:
            assert database.read_now(rows, "SELECT count(*) FROM customers WHERE stated = 1") == [(5,)]


@CONTENTS
def test_standard_input_is_taken_as_a_file_is(
    call: Run, tmp_path: Path, content: bytes, status: int, counts: dict[str, int], words: tuple[str, ...]
) -> None:
    """The same counts, refusals and reasons."""
    del words  # which of them are said of a file is tested above
    (tmp_path / "in").write_bytes(content)
    here = call("import", "-", "--json", stdin=content)
    there = call("import", str(tmp_path / "in"), "--json", MOSTRADOR_DATABASE=f"sqlite:///{tmp_path / 'other.db'}")
    assert (here.status, there.status) == (status, status)
    assert here.json == [part | {"file": "standard input"} for part in there.json]
    assert here.json[0].items() >= counts.items()


def test_a_line_without_end_is_refused_alone(run: Run) -> None:
    """A line of any length is refused with its number and reason, and the lines beside it are taken."""
    long = b'{"type": "customer", "x": "' + b"y" * (3 * LONGEST_LINE) + b'"}\n'
    ended = run("import", "-", "--json", stdin=ndjson() + long + ndjson([store("NEW", LONG_AGO)]))
    (part,) = ended.json
    assert (ended.status, part["new"], part["refused"]) == (1, LINES + 1, 1)
    assert part["refusals"][0]["line"] == LINES + 1
    assert "write one record a line" in part["refusals"][0]["reason"]


def test_import_reads_all_files_or_none(call: Run, tmp_path: Path) -> None:
    """A name that is no file is a wrong call: status 2, and nothing of the other files was imported."""
    (tmp_path / "shop.ndjson").write_bytes(ndjson())
    for wrong in (str(tmp_path / "nothing.ndjson"), str(tmp_path), ""):
        ended = call("import", str(tmp_path / "shop.ndjson"), wrong)
        assert (ended.status, ended.out) == (2, "")
        assert "is no file. Nothing was imported." in ended.err
    assert not (tmp_path / "shop.db").exists()


def test_import_takes_files_in_their_order(run: Run, tmp_path: Path) -> None:
    """Several files and standard input in one call, each with its own line in the answer."""
    (tmp_path / "a.ndjson").write_bytes(ndjson([store("A", LONG_AGO)]))
    (tmp_path / "b.ndjson.gz").write_bytes(gzip.compress(ndjson([store("B", LONG_AGO), store("A", LONG_AGO)])))
    ended = run(
        "import",
        str(tmp_path / "a.ndjson"),
        "-",
        str(tmp_path / "b.ndjson.gz"),
        "--json",
        stdin=ndjson([store("C", LONG_AGO)]),
    )
    assert [(part["file"], part["new"], part["unchanged"]) for part in ended.json] == [
        ("a.ndjson", 1, 0),
        ("standard input", 1, 0),
        ("b.ndjson.gz", 1, 1),
    ]


def test_refused_shows_the_lines(run: Run) -> None:
    """The latest first, with where and why; bank cards blacked out; `--limit` says how many."""
    run("init")
    assert (run("refused").out, run("refused", "--json").json) == ("No line has been refused.\n", [])
    escaped = rb"4111\u00a01111\u20131111\/1111"
    lines = TYPED_WRONG + CARD_IN_IT % escaped + b'{"type": "%s"}\n' % BANK_CARD.encode()
    assert run("import", "-", stdin=lines).status == 1
    table, as_json = run("refused"), run("refused", "--json")
    assert (table.status, as_json.status) == (0, 0)
    assert [refused["line"] for refused in as_json.json] == [3, 2, 1]
    assert [refused["path"] for refused in as_json.json] == ["$.type", "$.cards[0]", "$.quantity"]
    assert {refused["origin"] for refused in as_json.json} == {"standard input"}
    for word in ("$.cards[0]", "$.quantity", "[bank card]"):
        assert word in table.out
    assert BANK_CARD not in table.out + as_json.out
    assert "1111" not in table.out + as_json.out
    assert [refused["line"] for refused in run("refused", "--limit", "1", "--json").json] == [3]
