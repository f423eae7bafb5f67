"""Snapshots of stock: what they name, what they do not, and what was said before, after and meanwhile."""

import gzip
import json
import os
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.catalog import queries, stocktake, writing
from server.catalog.feeds.shape import FeedError
from server.catalog.feeds.stock import StockRow, UnreadRow, stock_rows
from server.catalog.stocktake import StockOrder, load_stock
from server.db.engine import Connection, Database
from server.wire.base import timestamp
from server.wire.catalog import StockReport, StoreCount
from server.wire.problems import ProblemError
from tests.conftest import Fresh
from tests.server.given import NOW, Shop, events_of, hour, stock, store, take

Said = tuple[int, int, dict[str, int] | None]
"""A statement on a store's stock at an hour: a snapshot of quantities, or of one article, S1, alone."""


def snapshot(**quantities: int) -> bytes:
    """All that the store m1 has."""
    return ("store\tsku\tquantity\n" + "".join(f"m1\t{sku}\t{n}\n" for sku, n in quantities.items())).encode()


def load(database: Database, content: bytes, at: int = 1, *, accept: bool = True, **order: Any) -> StockReport:
    """Take a snapshot that was true at an hour."""
    return load_stock(database, BytesIO(content), StockOrder("erp", hour(at), accept=accept, **order), lambda: NOW)


def shown(database: Database, *skus: str, at: str | None = "m1") -> dict[str, tuple[int, str]]:
    """What a store shows of articles: how many, and as of when, in hours."""
    return database.read_now(_shown, skus, at)


def _shown(conn: Connection, skus: tuple[str, ...], at: str | None) -> dict[str, tuple[int, str]]:
    found = queries.stock(conn, skus, at)
    return {sku: (here.quantity, here.as_of) for sku, there in found.items() if (here := there.here) is not None}


def of(quantity: int, at: int) -> tuple[int, str]:
    """So many, as of an hour."""
    return quantity, timestamp(hour(at))


def one(report: StockReport) -> StoreCount:
    """The only store of a report."""
    (count,) = report.stores
    return count


def told(database: Database) -> list[tuple[str, str | None]]:
    """What streams are told, and of which store."""
    return database.write_now(lambda conn: [(str(e.event.__struct_config__.tag), e.store) for e in events_of(conn)])


def test_a_snapshot_is_all_that_a_store_has(shop: Shop) -> None:
    """What it names is there as of its time, what it does not is not; other stores stay as they were; one event."""
    shop.take(stock(5, 0, sku="S1"), stock(4, 0, sku="S2"), stock(7, 0, sku="S3"), stock(9, 0, sku="S3", store="m2"))
    before = told(shop.database)
    report = load(shop.database, snapshot(S1=5, S2=1, S4=2), 1)
    assert one(report) == StoreCount(store="m1", state="counted", changed=2, unchanged=1, gone=1)
    assert shown(shop.database, "S1", "S2", "S3", "S4", "S5") == {
        "S1": of(5, 1),
        "S2": of(1, 1),
        "S3": of(0, 1),
        "S4": of(2, 1),
        "S5": of(0, 1),
    }
    assert shown(shop.database, "S3", "S5", at="m2") == {"S3": of(9, 0)}
    assert told(shop.database)[len(before) :] == [("stock_counted", "m1")]


def test_a_snapshot_that_comes_again_changes_nothing(shop: Shop) -> None:
    """The same rows of the same time write nothing and tell nothing; of a later time they are true as of that."""
    load(shop.database, snapshot(S1=5, S2=0), 1)
    before, rows = told(shop.database), shop.rows("SELECT * FROM stock")
    assert one(load(shop.database, snapshot(S2=0, S1=5), 1)) == StoreCount(store="m1", state="counted", unchanged=2)
    assert (told(shop.database), shop.rows("SELECT * FROM stock")) == (before, rows)
    load(shop.database, snapshot(S1=5, S2=0), 2)
    assert shown(shop.database, "S1", "S2") == {"S1": of(5, 2), "S2": of(0, 2)}
    assert (len(told(shop.database)), shop.rows("SELECT * FROM stock")) == (len(before) + 1, rows)


def test_an_older_snapshot_counts_no_more(shop: Shop) -> None:
    """Of two snapshots of a store the newer one counts, whichever comes first; other stores of the older one count."""
    load(shop.database, snapshot(S1=5), 2)
    report = load(shop.database, snapshot(S1=1, S2=3) + b"m2\tS1\t8\n", 1)
    assert [(count.store, count.state) for count in report.stores] == [("m1", "older"), ("m2", "counted")]
    assert shown(shop.database, "S1", "S2") == {"S1": of(5, 2), "S2": of(0, 2)}
    assert shown(shop.database, "S1", at="m2") == {"S1": of(8, 1)}


def test_a_newer_change_is_not_overwritten(shop: Shop) -> None:
    """What was sold after the shelf was counted stays sold, named or not; what was sold before counts no more."""
    shop.take(stock(3, 2, sku="S1"), stock(4, 2, sku="S2"))
    assert one(load(shop.database, snapshot(S1=5), 1)) == StoreCount(store="m1", state="counted", newer=1)
    assert shown(shop.database, "S1", "S2") == {"S1": of(3, 2), "S2": of(4, 2)}
    assert shop.take(stock(9, 0, sku="S1"), stock(9, 0, sku="S3"), stock(1, 3, sku="S3"), stock(0, 3, sku="S4")) == [
        "older",
        "older",
        "new",
        "confirmed",
    ]
    assert shown(shop.database, "S1", "S3", "S4") == {"S1": of(3, 2), "S3": of(1, 3), "S4": of(0, 3)}


STATEMENTS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(-1, 2),
        st.none() | st.dictionaries(st.sampled_from(["S1", "S2", "S3"]), st.integers(-1, 2), min_size=1),
    ),
    min_size=1,
    max_size=4,
)


class Straight:
    """A database that is one connection: what is written counts at once."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def read_now(self, fn: Callable[..., Any], *args: Any) -> Any:
        return fn(self._conn, *args)

    def write_now(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        answer = fn(self._conn, *args, **kwargs)
        self._conn.flush()
        return answer


@settings(max_examples=int(os.environ.get("MOSTRADOR_EXAMPLES", "30")))
@given(said=STATEMENTS)
def test_the_newest_statement_counts_in_whatever_order(fresh: Fresh, said: list[Said]) -> None:
    """Snapshots and single changes of articles may come in any order, and twice: what is shown is the same."""
    skus = ("S1", "S2", "S3", "S4")
    newest: dict[str, tuple[str, int]] = {}
    for at, quantity, named in said:
        states = {"S1": quantity} if named is None else {sku: named.get(sku, 0) for sku in skus}
        for sku, n in states.items():
            newest[sku] = max(newest.get(sku, ("", 0)), (timestamp(hour(at)), n))
    for order in permutations(said):
        with fresh() as conn:
            database: Any = Straight(conn)
            for at, quantity, named in (*order, order[0]):
                if named is None:
                    take(conn, stock(quantity, at))
                else:
                    load(database, snapshot(**named), at)
            assert shown(database, *skus) == {sku: (n, at) for sku, (at, n) in newest.items()}


def test_what_comes_while_a_store_is_counted(shop: Shop) -> None:
    """A late older change counts no more from the moment on that the count begins, a newer one counts."""
    shop.take(stock(5, 0, sku="S1"), stock(5, 0, sku="S2"))
    verdicts: list[str] = []

    def meanwhile(doing: str, done: int, all_: int | None) -> None:
        if doing == "m1" and not done:
            verdicts.extend(shop.take(stock(9, 1, sku="S1"), stock(8, 3, sku="S2"), stock(7, 1, sku="S3")))

    order = StockOrder("erp", hour(2), accept=True)
    load_stock(shop.database, BytesIO(snapshot(S1=5, S2=6)), order, lambda: NOW, meanwhile)
    assert verdicts == ["older", "changed", "older"]
    assert shown(shop.database, "S1", "S2", "S3") == {"S1": of(5, 2), "S2": of(8, 3), "S3": of(0, 2)}


@pytest.mark.parametrize(("at", "left"), [(1, "older"), (2, "older"), (3, "counted")])
def test_of_two_snapshots_at_once_one_counts(shop: Shop, at: int, left: str) -> None:
    """One that is overtaken by a newer one, or by one of the same time, stops; one that is newer goes on."""
    shop.take(stock(5, 0, sku="S1"))

    def meanwhile(doing: str, done: int, all_: int | None) -> None:
        if doing == "m1" and not done:
            load(shop.database, snapshot(S1=4), 2)

    order = StockOrder("erp", hour(at), accept=True)
    report = load_stock(shop.database, BytesIO(snapshot(S1=3)), order, lambda: NOW, meanwhile)
    assert one(report).state == left
    assert shown(shop.database, "S1") == {"S1": of(3, 3) if at == 3 else of(4, 2)}


def test_a_snapshot_that_was_cut_short_goes_on(shop: Shop) -> None:
    """What it wrote before its program died is true; sent again it comes to the same end as if nothing had happened."""
    shop.take(*(stock(1, 0, sku=f"S{n}") for n in range(6_000)))
    rows = {f"S{n}": 2 for n in range(100, 6_000)}

    class KilledError(Exception):
        pass

    def meanwhile(doing: str, done: int, all_: int | None) -> None:
        if doing == "m1" and done == 4_000:
            raise KilledError

    order = StockOrder("erp", hour(1))
    with pytest.raises(KilledError):
        load_stock(shop.database, BytesIO(snapshot(**rows)), order, lambda: NOW, meanwhile)
    half = set(shown(shop.database, *rows).values())
    assert half == {of(1, 0), of(2, 1)}
    assert "stock_counted" not in [event for event, _ in told(shop.database)]
    again = one(load_stock(shop.database, BytesIO(snapshot(**rows)), order, lambda: NOW))
    assert (again.changed + again.unchanged, again.unchanged > 0) == (5_900, True)
    assert shown(shop.database, "S0", "S5999") == {"S0": of(0, 1), "S5999": of(2, 1)}
    assert shop.value("SELECT count(*) FROM stock WHERE quantity = 2") == 5_900


def test_a_snapshot_that_would_empty_a_store_is_held(shop: Shop) -> None:
    """Where it names less than half of what a store has it is rather cut off; accepted, it counts. Zeros are no cut."""
    shop.take(*(stock(1, 0, sku=f"S{n}") for n in range(10)))
    with pytest.raises(ProblemError, match="6 of 10 articles that m1 has are not named, more than 50%") as held:
        load(shop.database, snapshot(**{f"S{n}": 1 for n in range(4)}), accept=False)
    assert held.value.code == "snapshot_held"
    assert shown(shop.database, "S0", "S9") == {"S0": of(1, 0), "S9": of(1, 0)}
    assert one(load(shop.database, snapshot(**{f"S{n}": 0 for n in range(5)}), accept=False)).gone == 5
    shop.take(*(stock(1, 2, sku=f"S{n}") for n in range(10)))
    assert one(load(shop.database, snapshot(S1=1), 3)).gone == 9


def test_an_article_whose_row_cannot_be_read_stays_as_it_was(shop: Shop) -> None:
    """With its own age; what the others have is true as of the snapshot all the same."""
    shop.take(stock(5, 0, sku="S1"), stock(6, 0, sku="S2"), stock(7, 0, sku="S3"))
    report = load(shop.database, snapshot(S1=5) + b"m1\tS2\ttwo\nm1\tS1\t8\n", 1)
    assert [(row.line, row.field, row.value, row.rule) for row in report.refusals] == [
        (3, "quantity", "two", "no whole number: 12"),
        (4, "sku", "S1", "this article of m1 stands in line 2 already"),
    ]
    assert (report.rows, report.refused) == (3, 2)
    assert shown(shop.database, "S1", "S2", "S3", "S4") == {"S1": of(5, 1), "S2": of(6, 0), "S3": of(0, 1)}
    assert one(load(shop.database, snapshot(S1=5, S2=6), 2)).unchanged == 2
    assert shown(shop.database, "S2", "S4") == {"S2": of(6, 2), "S4": of(0, 2)}


def test_a_time_to_come_is_refused(shop: Shop) -> None:
    """A clock that runs ahead would make later changes count for nothing."""
    order = StockOrder("erp", NOW + timedelta(minutes=6))
    with pytest.raises(ProblemError, match="is in the future") as refused:
        load_stock(shop.database, BytesIO(snapshot(S1=5)), order, lambda: NOW)
    assert (refused.value.code, shop.count("stock"), shop.count("stock_counts")) == ("invalid_field", 0, 0)


def test_stores_have_their_names(shop: Shop) -> None:
    """A store that has none of an article is called what it is called where it has some."""
    shop.take(store("m1", name="Gran Vía"))
    load(shop.database, snapshot(S1=1))
    found = shop.database.read_now(queries.stock, ["S1", "S2"], "m1")
    assert [there.here and (there.here.name, there.here.quantity) for there in found.values()] == [
        ("Gran Vía", 1),
        ("Gran Vía", 0),
    ]


ROWS = [StockRow(2, "GV", "S1", 3), StockRow(3, "SE", "S 2", -1)]
SOLE = [StockRow(row.line - 1, row.store, row.sku, row.quantity) for row in ROWS]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"store\tsku\tquantity\nGV\tS1\t3\nSE\tS 2\t-1\n", ROWS),
        (b"\xef\xbb\xbfQuantity;SKU;Shelf;Store\r\n 3;S1;x;GV\r\n-1;S 2;y;SE", ROWS),
        (b'"store","sku","quantity"\n"GV","S1","+3"\n"SE","S 2",-1,and more\n', ROWS),
        (gzip.compress(b"store,sku,quantity\nGV,S1,3\nSE,S 2,-1\n", mtime=0), ROWS),
        (b'{"store":"GV","sku":"S1","quantity":3}\n{"store":"SE","sku":"S 2","quantity":-1,"more":{}}\n', SOLE),
    ],
    ids=["tabs", "a spreadsheet", "quotes", "gzip", "objects"],
)
def test_snapshots_of_every_form_say_the_same(content: bytes, rows: list[StockRow]) -> None:
    """Between tabs, semicolons or commas, quoted or not, packed or not, or as an object a line."""
    assert list(stock_rows(BytesIO(content), None)) == rows


DIRT = {
    "GV\t\t3": ("sku", "", "sku is missing"),
    "\tS1\t3": ("store", "", "store is missing"),
    "GV\tS1": ("quantity", "", "quantity is missing"),
    "GV\tS1\t3.5": ("quantity", "3.5", "no whole number: 12"),
    "GV\tS1\t1_000": ("quantity", "1_000", "no whole number: 12"),
    "GV\tS1\t٣": ("quantity", "٣", "no whole number: 12"),
    "GV\tS1\t99999999999": ("quantity", "99999999999", "more than anybody has"),
    f"GV\t{'S' * 101}\t3": ("sku", "S" * 101, "longer than 100 characters"),
    f"{'G' * 33}\tS1\t3": ("store", "G" * 33, "longer than 32 characters"),
    "GV\t\udcff\t3": ("", "GV\t\N{REPLACEMENT CHARACTER}\t3", "the line is not in UTF-8"),
}


@pytest.mark.parametrize("line", DIRT, ids=ascii)
def test_a_row_that_cannot_be_taken_is_told(line: str) -> None:
    """With its line, field, value and rule; the rows around it are taken."""
    content = f"store\tsku\tquantity\nGV\tA\t1\n\n{line}\nGV\tB\t1\n".encode("utf-8", "surrogateescape")
    before, refused, after = stock_rows(BytesIO(content), None)
    assert (before, after) == (StockRow(2, "GV", "A", 1), StockRow(5, "GV", "B", 1))
    assert isinstance(refused, UnreadRow)
    assert (refused.line, refused.field, refused.value, refused.rule) == (4, *DIRT[line])


@pytest.mark.parametrize(
    ("line", "told_of"),
    [
        ('{"store":"GV","sku":"S1","quantity":"3"}', ("quantity", "Expected `int`, got `str`", "GV", "S1")),
        ('{"sku":"S1","quantity":99999999999}', ("quantity", "Expected `int` <= 1000000000", "GV", "S1")),
        ('{"store":"GV","quantity":3}', ("", "Object missing required field `sku`", "GV", None)),
        ('{"store":"GV","sku":["S1"],"quantity":3}', ("sku", "Expected `str`, got `array`", "GV", None)),
        (
            '{"store":"SE","sku":"S1","quantity":3}',
            ("store", "of another store than GV, which alone is counted", None, None),
        ),
        ('{"store":"GV","sku":"S\\u00001","quantity":3}', ("sku", "NUL is no sign of a text", None, None)),
        ("[1]", ("", "Expected `object`, got `array`", "GV", None)),
        ("GV;S1;3", ("", "the line is no JSON object", None, None)),
    ],
)
def test_an_object_that_cannot_be_taken_is_told(line: str, told_of: tuple[Any, ...]) -> None:
    """With whose it is, where that can be read: of that article nothing is known then."""
    content = json.dumps({"sku": "A", "quantity": 1}) + "\n" + line
    first, refused = stock_rows(BytesIO(content.encode()), "GV")
    assert first == StockRow(1, "GV", "A", 1)
    assert isinstance(refused, UnreadRow)
    assert (refused.field, refused.rule, refused.store, refused.sku) == told_of


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "there is nothing in it"),
        (b"\n \n", "there is nothing in it"),
        (b"sku\tamount\nS1\t3\n", "the first line names no column store, quantity"),
        (b"store\tsku\tquantity\n", "there is no row in it that can be taken"),
        (b"store\tsku\tquantity\nGV\tS1\tx\n", "there is no row in it that can be taken"),
        (gzip.compress(snapshot(S1=1), mtime=0)[:-6], "it cannot be read to its end"),
        (b"x" * 5_000_000, "a line is longer than 4 MiB"),
    ],
)
def test_what_is_no_snapshot_changes_nothing(shop: Shop, content: bytes, reason: str) -> None:
    """An empty file, one without its columns, one that is cut off: nothing of it is taken."""
    shop.take(stock(5, 0))
    with pytest.raises(FeedError, match=reason):
        load(shop.database, content)
    assert shown(shop.database, "S1", "S2") == {"S1": of(5, 0)}


def test_others_wait_for_no_more_than_a_short_write(database: Database) -> None:
    """A large snapshot is written in parts, each as large as its time allows, never all at once."""
    sizes: list[int] = []
    inner = database.write_now

    class Watching(Straight):
        def __init__(self) -> None:
            pass

        def read_now(self, fn: Callable[..., Any], *args: Any) -> Any:
            return database.read_now(fn, *args)

        def write_now(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            if fn is stocktake._put:
                sizes.append(len(json.loads(args[2])))
            return inner(fn, *args, **kwargs)

    watching: Any = Watching()
    rows = {f"S{n}": n for n in range(1, 30_001)}
    assert one(load(watching, snapshot(**rows))).changed == 30_000
    assert sum(sizes) == 30_000
    assert len(sizes) > 2
    assert max(sizes) <= writing.MOST_WRITE
    sizes.clear()
    assert one(load(watching, snapshot(**(rows | {"S7": 0})), 2)).unchanged == 29_999
    assert sizes == [1]
