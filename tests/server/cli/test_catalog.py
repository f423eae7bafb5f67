"""`catalog sync`: feeds, and what is said of rows that cannot be taken."""

import csv
import gzip
from pathlib import Path

import pytest

from tests.server.catalog.pictures.drawn import photo, saved
from tests.server.catalog.pictures.shops import answer, web_shop
from tests.server.cli.conftest import Run

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
    assert ["web:demo", "3", "3", "0", "0", "0", "0"] in [line.split() for line in first.out.splitlines()]
    again = run("catalog", "sync", str(tmp_path / "feed.tsv"), "--source", "web:demo", "--json").json
    assert (again["new"], again["changed"], again["unchanged"], again["refused"]) == (0, 0, 3, 0)
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
    assert (summary["products"], summary["variants"], summary["new"]) == (2, 3, 3)
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
        (FEED.splitlines()[0].encode(), "there is no article in the feed"),
        (b"<rss>\n", "the XML is broken in line 2: no element found"),
        (b"<rss></rss>", "there is no item and no entry in the XML"),
        (b'<!DOCTYPE rss [<!ENTITY a "aaa">]><rss></rss>', "the XML declares a document type or entities"),
        (b"Handle,Title\na,A\n", "the first line names no column Variant Price"),
        (gzip.compress(FEED.encode(), mtime=0)[:-20], "the feed cannot be read"),
        (gzip.compress(b"", mtime=0), "there is nothing in the feed"),
        (FEED.encode("utf-16"), "the feed is not in UTF-8"),
    ],
)
def test_catalog_sync_refuses_what_is_no_feed(run: Run, feed: bytes, sentence: str) -> None:
    """What cannot be read as a whole is refused in a sentence, with status 1, and nothing was taken."""
    ended = run("catalog", "sync", "-", stdin=feed)
    assert (ended.status, ended.out, sentence in ended.err) == (1, "", True)
    assert "Traceback" not in ended.err


def test_catalog_sync_of_a_missing_file_is_a_wrong_call(call: Run, tmp_path: Path) -> None:
    """Status 2, and no database was made for it."""
    ended = call("catalog", "sync", str(tmp_path / "nothing.tsv"))
    assert (ended.status, "is no file. Nothing was taken." in ended.err) == (2, True)
    assert not (tmp_path / "shop.db").exists()


def test_catalog_rejects_come_as_csv(run: Run) -> None:
    """All rows that a run refused, in the order of the feed, and none that a spreadsheet would take for a formula."""
    lines = ["=1+1\t\t\t1.00 EUR", "N-1\tCoat\t\t=cmd|calc", 'N-2\t"Says ""no"", twice"\t\tfree, today']
    dirty = FEED + "".join(line + "\n" for line in lines)
    number = run("catalog", "sync", "-", "--json", stdin=dirty.encode()).json["id"]
    told = run("catalog", "rejects", str(number), "--csv")
    assert told.status == 0
    assert list(csv.reader(told.out.splitlines())) == [
        ["line", "field", "value", "rule"],
        ["5", "title", "", "title is missing"],
        ["6", "price", "'=cmd|calc", "no price with its currency: 12.34 EUR"],
        ["7", "price", "free, today", "no price with its currency: 12.34 EUR"],
    ]
    assert [row["line"] for row in run("catalog", "rejects", str(number), "--json").json] == [5, 6, 7]
    unknown = run("catalog", "rejects", "99", "--csv")
    assert (unknown.status, unknown.out, "There is no run 99" in unknown.err) == (1, "", True)


def feed_of(title: str, *pictures: str) -> str:
    """A feed of an article for each picture."""
    lines = (f"A-{n}\t{title}\t10.00 EUR\t{picture}\n" for n, picture in enumerate(pictures))
    return "id\ttitle\tprice\timage_link\n" + "".join(lines)


def test_pictures_come_with_a_feed_or_later(run: Run, tmp_path: Path) -> None:
    """Beside its file, or from addresses that are allowed; what cannot be had is told, and the exit status says so."""
    (tmp_path / "a.jpg").write_bytes(saved(photo()))
    with web_shop() as web:
        web.answers["/b.jpg"] = answer(saved(photo(seed=8)))
        links = ("a.jpg", web.at("/b.jpg"), "nothing.jpg")
        (tmp_path / "feed.tsv").write_text(feed_of("Coat", *links), "utf-8")
        later = run("catalog", "sync", str(tmp_path / "feed.tsv"), "--no-pictures", "--json").json
        assert (later["pictures"], later["refused"]) == (0, 0)
        refused = run("catalog", "pictures")
        assert refused.status == 1
        assert "is inside the network, and not in MOSTRADOR_PICTURE_NETWORKS" in " ".join(refused.out.split())
        allowed = {"MOSTRADOR_PICTURE_NETWORKS": "10.0.0.0/8, 127.0.0.1"}
        (tmp_path / "feed.tsv").write_text(feed_of("Hat", *links), "utf-8")
        ended = run("catalog", "sync", str(tmp_path / "feed.tsv"), **allowed)
        assert ended.status == 1
        assert "2 pictures came." in ended.out
        assert ["4", "image_link", "nothing.jpg", "there", "is", "no", "such", "file"] in [
            line.split() for line in ended.out.splitlines()
        ]
    assert run("catalog", "pictures", "--json").json == {"kept": 0, "left": 0, "refused": []}
    assert "No picture was to come." in run("catalog", "pictures").out


def test_networks_that_are_none_are_told(run: Run, tmp_path: Path) -> None:
    """What the setting must be, before anything is taken."""
    (tmp_path / "feed.tsv").write_text(FEED, "utf-8")
    ended = run("catalog", "sync", str(tmp_path / "feed.tsv"), MOSTRADOR_PICTURE_NETWORKS="everything")
    assert ended.status == 2
    assert "MOSTRADOR_PICTURE_NETWORKS takes addresses and networks between commas" in ended.err


def test_why_a_run_failed_is_told_with_the_runs(run: Run, tmp_path: Path) -> None:
    """A night that went wrong is explained where somebody looks for it in the morning; 80 columns hold the table."""
    (tmp_path / "feed.tsv").write_text("garbage")
    assert run("catalog", "sync", str(tmp_path / "feed.tsv")).status == 1
    told = run("catalog", "runs", COLUMNS="80").out
    assert "Run 1, failed: the first line names no column id, title, price" in told
    assert all(title in told for title in ("Changed", "Gone", "Refused"))
