"""The command line: what every command answers, in words and in JSON, and how it ends."""

import gzip
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer.main
from typer.testing import CliRunner

from server import cli
from server.db.sqlite import SqliteDatabase
from server.settings import Settings
from server.wire.lookup import ScanAnswer
from tests.server.given import customer, order, product, rows, store, variant, who
from tests.server.http.conftest import running
from tests.server.small_shop import (
    BANK_CARD,
    DALTON_CARD,
    EMAIL,
    GTIN,
    LONG_AGO,
    LUCIA_CARD,
    MISTYPED_CARD,
    PHONE,
    RECORDS,
    SHARED_CARD,
    UNUSED_CARD,
    ndjson,
)

ROOT = Path(__file__).parents[2]
LINES = len(RECORDS)


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ended]


def run_in(folder: Path, *arguments: str, stdin: bytes | None = None, **environ: str) -> Ended:
    """Run a command in this process, in an environment with no other settings than these."""
    clean: dict[str, str | None] = {name: None for name in os.environ if name.startswith("MOSTRADOR_")}
    settings = {"MOSTRADOR_DATABASE": f"sqlite:///{folder / 'shop.db'}", "COLUMNS": "200", "LC_ALL": "en_US.UTF-8"}
    ended = CliRunner().invoke(cli.app, list(arguments), input=stdin, env={**clean, **settings, **environ})
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return Ended(ended.exit_code, ended.stdout, ended.stderr)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run commands on a database of their own, which is not there yet."""

    def run(*arguments: str, stdin: bytes | None = None, **environ: str) -> Ended:
        return run_in(tmp_path, *arguments, stdin=stdin, **environ)

    return run


@pytest.fixture(scope="module")
def shop_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small shop's records, and a database that they were imported into."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.ndjson").write_bytes(ndjson())
    assert run_in(folder, "import", str(folder / "shop.ndjson")).status == 0
    return folder


@pytest.fixture
def shop(shop_folder: Path) -> Run:
    """Ask the small shop: commands that change nothing."""

    def run(*arguments: str, **environ: str) -> Ended:
        return run_in(shop_folder, *arguments, **environ)

    return run


# --- what everybody asks ---


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        (LUCIA_CARD, 0, ("Lucia Garcia", "Madrid", "gold · 1,250 points", "l•••••••••••@example.com", "+34•••••••23")),
        (LUCIA_CARD, 0, ("Cart · €149.70", "3", "Linen shirt, S", "Summer · 1 wished", "latest 10 of 12", "#1012")),
        (f"]E0{LUCIA_CARD}", 0, ("Lucia Garcia",)),
        (DALTON_CARD, 0, ("Dalton Pérez", "Sevilla")),
        (SHARED_CARD, 0, ("Several people carry this card. Ask who it is:", "Ana Roca", "Berta Roca")),
        (GTIN, 0, ("Linen shirt", "Acme", "SHIRT-S", "€49.90", "€39.90", "7 in Serrano, 2 in Gran Vía")),
        ("SHIRT-M", 0, ("SHIRT-M",)),
        ("#1001", 0, ("#1001", "GV", "delivered", "1 × Linen shirt, S", "€49.90")),
        (UNUSED_CARD, 1, ("No customer has this card.",)),
        ("40170725", 1, ("The catalogue has no article with this number.",)),
        ("no code of ours", 1, ("This is no card, article or order that is known here.",)),
        ("", 1, ("Nothing was read. Scan again.",)),
        ("x" * 10_000, 1, ("This is no card, article or order that is known here.",)),
        ("\udcff\udcfe", 1, ("This is no card, article or order that is known here.",)),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_scan_shows_what_a_code_is(shop: Run, code: str, status: int, words: tuple[str, ...]) -> None:
    """A table a person reads; status 0 where something is known, 1 where nothing is."""
    ended = shop("scan", "--", code)
    assert (ended.status, ended.err) == (status, "")
    assert [word for word in words if word not in ended.out] == []


@pytest.mark.parametrize(
    ("code", "problem", "sentence"),
    [
        (BANK_CARD, "bank_card", "That was a bank card. Nothing of it was kept."),
        (f"%B{BANK_CARD}^DOE/JANE^2812", "bank_card", "That was a bank card."),
        (MISTYPED_CARD, "mistyped_card", "The last digit of this card does not fit the others."),
    ],
)
def test_scan_refuses_what_may_not_be_looked_up(shop: Run, code: str, problem: str, sentence: str) -> None:
    """Status 1 and a sentence on standard error; in JSON the same problem as over HTTP."""
    ended = shop("scan", code)
    assert (ended.status, ended.out) == (1, "")
    assert sentence in ended.err
    assert BANK_CARD not in ended.err
    as_json = shop("scan", code, "--json")
    assert (as_json.status, as_json.json["code"], as_json.err) == (1, problem, "")


def test_scan_in_a_store_says_what_is_there(shop: Run) -> None:
    """`--store` turns stock into here and elsewhere; a store that nobody knows has nothing."""
    assert "2 here, 7 in Serrano" in shop("scan", GTIN, "--store", "GV").out
    assert "7 here, 2 in Gran Vía" in shop("scan", GTIN, "-s", "SE").out
    assert "7 in Serrano, 2 in Gran Vía" in shop("scan", GTIN, "-s", "nowhere").out
    assert shop("scan", LUCIA_CARD, "-s", "\udcff").status == 0


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        (("garcia",), 0, ("Lucia Garcia", "Madrid", "gold", "+34•••••••23", "GV", "3")),
        (("garcía", "mad"), 0, ("Lucia Garcia", "city Madrid")),
        (("perez dalt",), 0, ("Dalton Pérez",)),
        (("dálton", "peres"), 0, ("Nobody is called peres. Shown instead: perez", "Dalton Pérez", "corrected")),
        ((EMAIL,), 0, ("Lucia Garcia", "email l•••••••••••@example.com")),
        (("600", "123", "123"), 0, ("phone +34•••••••23",)),
        ((LUCIA_CARD,), 0, ("card 29•••••••0018",)),
        (("1001",), 0, ("order #1001",)),
        (("roca", "--limit", "1"), 0, ("Berta Roca", "Showing 1 of many: add a letter or the town.")),
        (("nobody",), 1, ("Nobody was found. Try fewer letters",)),
        (("--", "-x", "--nobody"), 1, ("Nobody was found.",)),
        (('" OR *',), 1, ("Nobody was found.",)),
        (("garcia\udcff 1\udcff1",), 1, ("Nobody was found.",)),
    ],
    ids=ascii,
)
def test_search_shows_who_was_found(shop: Run, typed: tuple[str, ...], status: int, words: tuple[str, ...]) -> None:
    """A line a person, with what they were found by, masked; status 1 where nobody was found."""
    ended = shop("search", *typed)
    assert (ended.status, ended.err) == (status, "")
    assert [word for word in words if word not in ended.out] == []


@pytest.mark.parametrize(
    ("typed", "code", "sentence"),
    [
        ("g", "search_too_short", "Type at least two letters"),
        ("", "search_too_short", "Type at least two letters"),
        ("x" * 201, "invalid_field", "A search has at most 200 characters, this has 201."),
        ("x" * 10_000, "invalid_field", "A search has at most 200 characters, this has 10,000."),
    ],
)
def test_search_refuses_too_little_and_too_much(shop: Run, typed: str, code: str, sentence: str) -> None:
    """Status 1 and a sentence that says what to type; in JSON a problem with the code that HTTP has."""
    ended = shop("search", typed)
    assert (ended.status, ended.out, sentence in ended.err) == (1, "", True)
    assert shop("search", typed, "--json").json["code"] == code


def test_json_is_what_http_answers(shop: Run, shop_folder: Path) -> None:
    """`scan --json` and `search --json` say the same as the doors, but for the moment when they were asked."""
    database = SqliteDatabase(shop_folder / "shop.db")
    codes = (LUCIA_CARD, DALTON_CARD, SHARED_CARD, GTIN, "#1001", UNUSED_CARD, "", "nothing")
    texts = ("garcia", "dálton peres", "600123123", "nobody")
    try:
        with running(database, Settings()) as house:
            for code in codes:
                answer = house.client.post("/v1/scan", json={"code": code, "store": "GV"}).json()
                said = shop("scan", "--json", "--store", "GV", "--", code).json
                msgspec.convert(said, ScanAnswer)
                for one in (answer, said):
                    if "context" in one:
                        assert one["context"].pop("as_of")
                assert said == answer
            for text in texts:
                body = {"text": text, "store": "SE", "limit": 5}
                answer = house.client.post("/v1/customers/search", json=body).json()
                assert shop("search", text, "-s", "SE", "--limit", "5", "--json").json == answer
            for code in (BANK_CARD, MISTYPED_CARD):
                answer = house.client.post("/v1/scan", json={"code": code}).json()
                assert shop("scan", code, "--json").json == answer
    finally:
        database.close()


def test_nothing_shows_a_contact_whole(shop: Run) -> None:
    """Whatever is asked, and however, the person's e-mail, phone and card stay masked."""
    asked = (
        *(("scan", code) for code in (LUCIA_CARD, DALTON_CARD, SHARED_CARD, "#1001")),
        *(("search", text) for text in ("garcia", "dalton", "roca", EMAIL, EMAIL[:-1], PHONE, LUCIA_CARD, "1001")),
        ("refused",),
        ("settings",),
    )
    for arguments in asked:
        for form in ((), ("--json",)):
            ended = shop(*arguments, *form)
            assert ended.out
            for whole in (EMAIL, PHONE, PHONE[3:], LUCIA_CARD, DALTON_CARD, SHARED_CARD):
                assert whole not in ended.out + ended.err, arguments


# --- taking records ---


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


@pytest.mark.parametrize(
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
        "a wrong check digit",
        "many refused",
    ],
)
@pytest.mark.parametrize("way", ["file", "standard input"])
def test_import_takes_what_can_be_taken(
    run: Run, tmp_path: Path, way: str, content: bytes, status: int, counts: dict[str, int], words: tuple[str, ...]
) -> None:
    """Each refused line is told with its number, path and reason; the rest is in. Status 1 where any was refused."""
    name, stdin = (str(tmp_path / "in"), None) if way == "file" else ("-", content)
    (tmp_path / "in").write_bytes(content)
    ended = run("import", name, stdin=stdin)
    assert ended.status == status
    said = (ended.out + ended.err).replace("standard input", "in")
    assert [word for word in words if word not in said] == []
    assert ("mostrador refused" in ended.err) == (status == 1)
    assert BANK_CARD not in said
    (again,) = run("import", name, "--json", stdin=stdin).json
    assert again["refused"] == counts.get("refused", 0)
    if "new" in counts:
        with_file = rows_of(tmp_path, "SELECT count(*) FROM customers WHERE stated = 1")
        assert with_file == [(5,)]


def rows_of(folder: Path, sql: str) -> list[Any]:
    """What stands in a folder's database."""
    database = SqliteDatabase(folder / "shop.db")
    try:
        return database.read_now(rows, sql)
    finally:
        database.close()


def test_import_reads_all_files_or_none(run: Run, tmp_path: Path) -> None:
    """A name that is no file is a wrong call: status 2, and nothing of the other files was imported."""
    (tmp_path / "shop.ndjson").write_bytes(ndjson())
    for wrong in (str(tmp_path / "nothing.ndjson"), str(tmp_path), ""):
        ended = run("import", str(tmp_path / "shop.ndjson"), wrong)
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
    assert (run("refused").out, run("refused", "--json").json) == ("No line has been refused.\n", [])
    lines = TYPED_WRONG + CARD_IN_IT % BANK_CARD.encode() + b'{"type": "%s"}\n' % BANK_CARD.encode()
    assert run("import", "-", stdin=lines).status == 1
    table, as_json = run("refused"), run("refused", "--json")
    assert (table.status, as_json.status) == (0, 0)
    assert [refused["line"] for refused in as_json.json] == [3, 2, 1]
    assert [refused["path"] for refused in as_json.json] == ["$.type", "$.cards[0]", "$.quantity"]
    assert {refused["origin"] for refused in as_json.json} == {"standard input"}
    for word in ("$.cards[0]", "$.quantity", "[bank card]"):
        assert word in table.out
    assert BANK_CARD not in table.out + as_json.out
    assert [refused["line"] for refused in run("refused", "--limit", "1", "--json").json] == [3]


# --- the catalogue ---

FEED = """\
id\ttitle\tdescription\tprice\tsale price\tavailability\tgtin\tbrand\tcolor\tsize\titem_group_id\tproduct_type
H-R\tHelmet, red\tA helmet\t34.99 EUR\t\tin stock\t4006381333931\tAcme\tred\t\tH\tBikes > Helmets
H-B\tHelmet, blue\tA helmet\t34.99 EUR\t29.99 EUR\tout_of_stock\t\tAcme\tblue\t\tH\tBikes > Helmets
"Y-1"\t"Yen ""one"" coin"\t\t1200 JPY\t\t\t\t\t\t\t\t
"""
"""Three rows of two products that can be taken."""

DIRTY = {
    "\tNo id\t\t1.00 EUR": ("id", "id is missing"),
    "N-1\t\t\t1.00 EUR": ("title", "title is missing"),
    "N-2\tNo price\t\t": ("price", "price is missing"),
    "N-3": ("title", "title is missing"),
    "H-R\tA helmet again\t\t1.00 EUR": ("id", "this id stands in line 2 already"),
    "N-4" + "x" * 50 + "\tLong\t\t1.00 EUR": ("id", "longer than 50 characters"),
    "N-5\tComma\t\t12,34 EUR": ("price", "no price: digits and a point, 12.34 EUR"),
    "N-6\tNo currency\t\t12.34": ("price", "no price with its currency: 12.34 EUR"),
    "N-7\tOther way round\t\tEUR 12.34": ("price", "no price with its currency: 12.34 EUR"),
    "N-8\tNegative\t\t-1.00 EUR": ("price", "a price is not negative and not absurd"),
    "N-9\tNot finite\t\tNaN EUR": ("price", "no price: digits and a point, 12.34 EUR"),
    "N-9b\tExponent\t\t1e3 EUR": ("price", "no price: digits and a point, 12.34 EUR"),
    "N-10\tAbsurd\t\t100000000000000 EUR": ("price", "a price is not negative and not absurd"),
    "N-11\tToo fine\t\t1.005 EUR": ("price", "EUR has 2 digits after the point"),
    "N-12\tYen have none\t\t1.5 JPY": ("price", "JPY has 0 digits after the point"),
    "N-13\tTwo currencies\t\t2.00 EUR\t1.00 USD": ("sale_price", "in another currency than the price (EUR)"),
    "N-14\tSale\t\t2.00 EUR\tcheap": ("sale_price", "no price with its currency: 12.34 EUR"),
    "N-15\tAvailability\t\t2.00 EUR\t\tsoon": (
        "availability",
        "none of in_stock, out_of_stock, preorder, backorder",
    ),
    "N-16\tGTIN\t\t2.00 EUR\t\t\t4006381333932": (
        "gtin",
        "no GTIN: 8, 12, 13 or 14 digits, the last of which is a check digit",
    ),
}
"""Rows that break one rule each: the field and the rule that the refusal names."""


def test_catalog_sync_takes_a_feed(run: Run, tmp_path: Path) -> None:
    """Rows of one group are one product; the same feed again changes nothing; the articles can be scanned."""
    (tmp_path / "feed.tsv").write_text(FEED, "utf-8")
    first = run("catalog", "sync", str(tmp_path / "feed.tsv"), "--source", "web:demo")
    assert (first.status, first.err) == (0, "")
    assert ["web:demo", "2", "3", "2", "0", "0", "0"] in [line.split() for line in first.out.splitlines()]
    again = run("catalog", "sync", str(tmp_path / "feed.tsv"), "--source", "web:demo", "--json").json
    assert (again["new"], again["changed"], again["unchanged"], again["refused"]) == (0, 0, 2, 0)
    helmet = run("scan", "H-B", "--json").json["product"]
    assert (helmet["title"], helmet["brand"], helmet["external_id"], helmet["category"]) == (
        "Helmet",
        "Acme",
        "H",
        "Bikes > Helmets",
    )
    assert [(v["item"]["sku"], v["item"]["price"], v["item"]["sale_price"]) for v in helmet["variants"]] == [
        ("H-R", 3499, None),
        ("H-B", 3499, 2999),
    ]
    assert run("scan", "4006381333931").status == 0
    yen = run("scan", "Y-1", "--json").json["product"]["variants"][0]["item"]
    assert (yen["title"], yen["price"], yen["currency"]) == ('Yen "one" coin', 1200, "JPY")


def test_catalog_sync_tells_each_broken_rule(run: Run) -> None:
    """A row that breaks a rule is told with its line, field and rule, and takes no other row along."""
    feed = FEED + "".join(row + "\n" for row in DIRTY) + "\n\n"
    dirty = feed.encode() + b"N-20\tLatin \xe9\t\t1.00 EUR\nN-21\tThe last, cut off\t\t1.00 E"
    ended = run("catalog", "sync", "-", "--json", stdin=dirty)
    assert ended.status == 1
    summary = ended.json
    assert (summary["products"], summary["variants"], summary["new"]) == (2, 3, 2)
    told = {row["line"]: (row["field"], row["rule"]) for row in summary["refusals"]}
    expected = dict(enumerate(DIRTY.values(), 5))
    latin = 5 + len(DIRTY) + 2
    expected[latin] = ("", "the line is not in UTF-8")
    expected[latin + 1] = ("price", "no price with its currency: 12.34 EUR")
    assert told == expected
    assert summary["refused"] == len(expected)
    table = run("catalog", "sync", "-", stdin=dirty)
    assert table.status == 1
    for _, rule in list(DIRTY.values())[:15]:
        assert rule in table.out


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("head", ["", "\ufeff"])
def test_catalog_sync_takes_feeds_of_every_system(run: Run, head: str, end: str) -> None:
    """A byte order mark, Windows line ends and a last line without an end make no difference."""
    feed = (head + FEED.replace("\n", end)).rstrip().encode()
    ended = run("catalog", "sync", "-", "--json", stdin=feed)
    assert (ended.status, ended.json["variants"]) == (0, 3)


@pytest.mark.parametrize(
    ("feed", "sentence"),
    [
        (b"", "there is nothing in the feed"),
        (b"id\ttitle\n1\tx\n", "the first line names no column price"),
        (b"sku;name;price\n", "the first line names no column id, title"),
        (b"<rss>\n", "the first line names no column id, title, price"),
        (gzip.compress(FEED.encode()), "the feed is not in UTF-8"),
        (FEED.encode("utf-16"), "the feed is not in UTF-8"),
    ],
)
def test_catalog_sync_refuses_what_is_no_feed(run: Run, feed: bytes, sentence: str) -> None:
    """What cannot be read as a whole is refused in a sentence, with status 1, and nothing was taken."""
    ended = run("catalog", "sync", "-", stdin=feed)
    assert (ended.status, ended.out, sentence in ended.err) == (1, "", True)
    assert "Traceback" not in ended.err


def test_catalog_sync_of_a_missing_file_is_a_wrong_call(run: Run, tmp_path: Path) -> None:
    """Status 2, and no database was made for it."""
    ended = run("catalog", "sync", str(tmp_path / "nothing.tsv"))
    assert (ended.status, "is no file. Nothing was taken." in ended.err) == (2, True)
    assert not (tmp_path / "shop.db").exists()


# --- settings ---


def test_init_makes_the_database_and_says_what_is_next(run: Run, tmp_path: Path) -> None:
    """The first time and every time after: status 0, where it is, and the next commands."""
    for _ in range(2):
        ended = run("init")
        assert (ended.status, ended.err) == (0, "")
        assert f"The database is {tmp_path / 'shop.db'}." in ended.out
        assert "mostrador catalog sync FEED" in ended.out
    assert (tmp_path / "shop.db").exists()


def test_settings_shows_every_setting(run: Run) -> None:
    """Each with its name in the environment and its value; in JSON all of them as they are."""
    ended = run("settings", MOSTRADOR_BRAND="Casa [bold]Roca[/]")
    assert ended.status == 0
    names = [line.partition("=")[0] for line in ended.out.splitlines()]
    assert names == [f"MOSTRADOR_{name.upper()}" for name in Settings.__struct_fields__]
    assert "MOSTRADOR_BRAND=Casa [bold]Roca[/]\n" in ended.out
    assert msgspec.convert(run("settings", "--json").json, Settings).port == Settings().port


def test_the_environment_goes_before_the_file(run: Run, tmp_path: Path) -> None:
    """Settings of the TOML file count where the environment says nothing; lists are JSON or words between commas."""
    config = tmp_path / "mostrador.toml"
    config.write_text('brand = "File"\nport = 9000\nlanguages = ["ca"]\n[[card_patterns]]\npattern = "^7$"\n', "utf-8")
    shown = run(
        "settings",
        "--json",
        MOSTRADOR_CONFIG=str(config),
        MOSTRADOR_BRAND="Environment",
        MOSTRADOR_ALLOWED_HOSTS="till.example, tablet.example",
    ).json
    assert (shown["brand"], shown["port"], shown["languages"]) == ("Environment", 9000, ["ca"])
    assert shown["allowed_hosts"] == ["till.example", "tablet.example"]
    assert shown["card_patterns"] == [{"pattern": "^7$", "check": "none"}]
    patterns = '[{"pattern": "^8$", "check": "luhn"}]'
    shown = run("settings", "--json", MOSTRADOR_CONFIG=str(config), MOSTRADOR_CARD_PATTERNS=patterns).json
    assert shown["card_patterns"] == [{"pattern": "^8$", "check": "luhn"}]


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"MOSTRADOR_PORT": "many"}, "MOSTRADOR_PORT cannot be taken: Expected `int`, got `str`"),
        ({"MOSTRADOR_PORT": "70000"}, "MOSTRADOR_PORT cannot be taken: Expected `int` <= 65535"),
        ({"MOSTRADOR_PORT": ""}, "MOSTRADOR_PORT cannot be taken"),
        ({"MOSTRADOR_COUNTRY": "Spain"}, "MOSTRADOR_COUNTRY cannot be taken: Expected `str` matching regex"),
        ({"MOSTRADOR_CURRENCY": "eur"}, "MOSTRADOR_CURRENCY cannot be taken"),
        ({"MOSTRADOR_CARD_PATTERNS": "[{"}, "MOSTRADOR_CARD_PATTERNS is no JSON list"),
        (
            {"MOSTRADOR_CARD_PATTERNS": "^29"},
            "MOSTRADOR_CARD_PATTERNS[0] cannot be taken: Expected `object`, got `str`",
        ),
        (
            {"MOSTRADOR_CARD_PATTERNS": '[{"pattern": "^(29$"}]'},
            "MOSTRADOR_CARD_PATTERNS[0] cannot be taken: ^(29$ is no regular expression",
        ),
        (
            {"MOSTRADOR_CARD_PATTERNS": '[{"pattern": "29"}]'},
            "MOSTRADOR_CARD_PATTERNS[0].pattern cannot be taken: Expected `str` matching regex",
        ),
        (
            {"MOSTRADOR_CARD_PATTERNS": '[{"pattern": "^29$", "check": "ean"}]'},
            "MOSTRADOR_CARD_PATTERNS[0].check cannot be taken: Invalid enum value 'ean'",
        ),
        ({"MOSTRADOR_LANGUAGES": ""}, "MOSTRADOR_LANGUAGES cannot be taken"),
        ({"MOSTRADOR_CONFIG": "/nowhere/mostrador.toml"}, "MOSTRADOR_CONFIG=/nowhere/mostrador.toml cannot be read"),
        ({"MOSTRADOR_DATABASE": "postgresql://localhost/shop"}, "write sqlite:///relative.db or sqlite:////absolute"),
        ({"MOSTRADOR_DATABASE": "shop.db"}, "write sqlite:///relative.db or sqlite:////absolute/path.db"),
        ({"MOSTRADOR_DATABASE": "sqlite:///"}, "write sqlite:///relative.db or sqlite:////absolute/path.db"),
        ({"MOSTRADOR_DATABASE": "sqlite:////nowhere/at/all/shop.db"}, "the folder /nowhere/at/all does not exist"),
    ],
    ids=lambda value: next(iter(f"{name}={text}" for name, text in value.items())) if isinstance(value, dict) else "",
)
def test_a_wrong_setting_is_told_by_its_name(run: Run, environ: dict[str, str], sentence: str) -> None:
    """One line on standard error that names the setting and what it must be, and status 2, whatever the command."""
    for command in (("init",), ("scan", "x"), ("import", "-")):
        ended = run(*command, stdin=b"", **environ)
        assert (ended.status, ended.out) == (2, "")
        assert sentence in ended.err
        assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ('brnad = "x"', "sets 'brnad', which is no setting; there are: allowed_hosts, brand,"),
        ("port = 'x'", "MOSTRADOR_PORT cannot be taken"),
        ("port 5", "cannot be read"),
        ('[[card_patterns]]\npattern = "29"', "MOSTRADOR_CARD_PATTERNS[0].pattern cannot be taken"),
    ],
)
def test_a_wrong_settings_file_is_told(run: Run, tmp_path: Path, toml: str, sentence: str) -> None:
    """A misspelt name and a wrong value in the file are told like those of the environment."""
    config = tmp_path / "mostrador.toml"
    config.write_text(toml, "utf-8")
    ended = run("settings", MOSTRADOR_CONFIG=str(config))
    assert (ended.status, ended.out) == (2, "")
    assert sentence in ended.err


def test_a_file_that_is_no_database_is_told(run: Run, tmp_path: Path) -> None:
    """The database's file may be anything: it is not touched, and a sentence says so."""
    (tmp_path / "shop.db").write_bytes(ndjson())
    ended = run("scan", "x")
    assert (ended.status, ended.out) == (1, "")
    assert "shop.db cannot be opened: file is not a database" in ended.err
    assert (tmp_path / "shop.db").read_bytes() == ndjson()


# --- calls ---

COMMANDS = {
    "init": (),
    "serve": ("--port", "--host", "MOSTRADOR_PORT"),
    "import": ("FILE…", "--json", "- is standard input"),
    "refused": ("--limit", "--json"),
    "scan": ("CODE", "--store", "--json"),
    "search": ("TEXT…", "--store", "--limit", "--json"),
    "catalog sync": ("FEED", "--source", "--json"),
    "demo": ("--shop", "--card", "--no-tablet"),
    "settings": ("--json",),
}


def commands_of(group: Any, prefix: str = "") -> list[str]:
    """The commands of the program, those of groups with their group's name."""
    names = []
    for name, command in group.commands.items():
        names += commands_of(command, f"{prefix}{name} ") if hasattr(command, "commands") else [prefix + name]
    return names


def test_every_command_is_known_here() -> None:
    """A new command needs its place in this table."""
    assert set(commands_of(typer.main.get_command(cli.app))) == set(COMMANDS)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_names_arguments_and_options(run: Run, command: str) -> None:
    """`--help` says what the command does and names every argument and option."""
    ended = run(*command.split(), "--help")
    assert (ended.status, ended.err) == (0, "")
    words = COMMANDS[command] if command else [name.split()[0] for name in COMMANDS]
    assert [word for word in words if word.lower() not in ended.out.lower()] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan",),
        ("search",),
        ("import",),
        ("catalog", "sync"),
        ("nonsense",),
        ("scan", "--nonsense", "x"),
        ("scan", "x", "y"),
        ("search", "x", "--limit", "0"),
        ("search", "x", "--limit", "51"),
        ("search", "x", "--limit", "many"),
        ("refused", "--limit", "501"),
        ("serve", "--port", "70000"),
        ("serve", "--port", "-1"),
        ("serve", "--host", "0.0.0.0"),
        ("serve", "--host", ""),
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_told(run: Run, arguments: tuple[str, ...]) -> None:
    """Status 2 and what is wrong on standard error; nothing on standard output."""
    ended = run(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.strip()
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_set_up(shell: str) -> None:
    """A script for the shell is printed that asks the program itself what may come next."""
    asked = {"_MOSTRADOR_COMPLETE": f"source_{shell}"}
    ended = CliRunner().invoke(cli.app, [], prog_name="mostrador", env=asked)
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert f"_MOSTRADOR_COMPLETE=complete_{shell}" in ended.stdout
    assert "mostrador" in ended.stdout


def test_completion_knows_the_commands() -> None:
    """What the shell's script asks is answered with the commands that begin as typed."""
    asked = {"_MOSTRADOR_COMPLETE": "complete_bash", "COMP_WORDS": "mostrador s", "COMP_CWORD": "1"}
    ended = CliRunner().invoke(cli.app, [], prog_name="mostrador", env=asked)
    assert set(ended.stdout.split()) == {"scan", "search", "serve", "settings"}


HOSTILE = "\x1b[31m[/red] [bold]x[/bold] :smile: \u202e\x9b31m"


def test_what_comes_from_outside_is_only_text(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    """No name, title, note or refused line can colour, move or break what a terminal shows."""
    records = [
        customer(
            "1",
            LONG_AGO,
            given_name=HOSTILE,
            family_name="Ana",
            city=HOSTILE,
            cards=(LUCIA_CARD,),
            attributes={HOSTILE: HOSTILE},
        ),
        store("GV", LONG_AGO, name=HOSTILE),
        product(
            "p",
            LONG_AGO,
            title=HOSTILE,
            brand=HOSTILE,
            category=HOSTILE,
            variants=(variant("S0", title=HOSTILE, options={"a": HOSTILE}),),
        ),
        msgspec.structs.replace(order("o", LONG_AGO, who("1"), placed=LONG_AGO), number=f"N{HOSTILE}"),
    ]
    broken = (
        json.dumps({"type": "customer", "source": HOSTILE}).encode() + b"\n" + json.dumps({"type": HOSTILE}).encode()
    )
    taken = run("import", "-", stdin=ndjson(records) + broken)
    feed = f"id\ttitle\tprice\n{HOSTILE}\tx\t{HOSTILE}\n{HOSTILE}\t\t1.00 EUR\n".encode()
    asked = [
        taken,
        run("scan", LUCIA_CARD),
        run("scan", "S0"),
        run("scan", f"N{HOSTILE}"),
        run("search", "ana"),
        run("refused"),
        run("catalog", "sync", "-", stdin=feed),
        run("import", HOSTILE),
    ]
    assert [ended.status for ended in asked] == [1, 0, 0, 0, 0, 0, 1, 2]
    for ended in asked:
        assert "[bold]x[/bold]" in ended.out + ended.err
        assert ":smile:" in ended.out + ended.err
        for command in ("\x1b", "\x9b", "\u202e"):
            assert command not in ended.out + ended.err


# --- as a program of its own ---


def program(folder: Path, *arguments: str, **more: Any) -> "subprocess.Popen[bytes]":
    """Start the program as a process of its own; warnings are errors there too."""
    environ = {"PATH": os.environ["PATH"], "MOSTRADOR_DATABASE": f"sqlite:///{folder / 'shop.db'}", "COLUMNS": "200"}
    return subprocess.Popen([sys.executable, "-W", "error", "-m", "server", *arguments], cwd=ROOT, env=environ, **more)


def test_whoever_reads_our_output_may_stop_reading(shop_folder: Path) -> None:
    """With `| head` the program ends quietly when nobody listens any more: no complaint, no traceback."""
    with program(
        shop_folder,
        "scan",
        LUCIA_CARD,
        "--json",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read()
    assert (process.returncode, said) == (1, b"")


def test_at_a_terminal_there_is_colour_and_in_a_pipe_there_is_none(shop_folder: Path) -> None:
    """What a person sees is set off by colour; a file gets plain text."""
    ours, theirs = pty.openpty()
    with program(shop_folder, "search", "garcia", stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL) as process:
        os.close(theirs)
        shown = b""
        with io.FileIO(ours) as terminal:
            try:
                while part := terminal.read(4096):
                    shown += part
            except OSError:  # how a terminal ends whose last program has gone
                pass
    assert process.returncode == 0
    assert b"\x1b[" in shown
    assert b"Lucia" in shown


def test_demo_serves_a_shop_and_scans_a_card(tmp_path: Path) -> None:
    """A folder of records becomes a shop; its card is scanned over HTTP and shown; the shop stays."""
    (tmp_path / "records.ndjson").write_bytes(ndjson())
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    ended = subprocess.run(
        [sys.executable, "-m", "server", "demo", "--shop", str(tmp_path), "--card", LUCIA_CARD, "--no-tablet"],
        cwd=tmp_path,
        env=environ,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert "Lucia Garcia" in ended.stdout
    assert (tmp_path / "var" / "demo.db").exists()


def test_demo_without_a_shop_is_told(run: Run, tmp_path: Path) -> None:
    """A folder without records is no shop: status 1, and what is missing."""
    ended = run("demo", "--shop", str(tmp_path))
    assert (ended.status, "holds no records (*.ndjson): give the demo shop's folder with --shop" in ended.err) == (
        1,
        True,
    )


def test_two_programs_share_the_database(shop_folder: Path, tmp_path: Path) -> None:
    """An import beside a server that runs waits for its turn and is seen by the server at once."""
    (tmp_path / "new.ndjson").write_bytes(ndjson([customer("new", LONG_AGO, given_name="Newcomer")]))
    database = SqliteDatabase(shop_folder / "shop.db")
    try:
        with running(database, Settings()) as house:
            assert run_in(shop_folder, "import", str(tmp_path / "new.ndjson")).status == 0
            answer = house.client.post("/v1/customers/search", json={"text": "newcomer"})
            assert [hit["name"] for hit in answer.json()["hits"]] == ["Newcomer"]
    finally:
        database.close()
