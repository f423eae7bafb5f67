"""`stock load`: all that stores have, from a file."""

from pathlib import Path

from tests.server.cli.conftest import Run
from tests.server.given import product, store, variant
from tests.server.small_shop import LONG_AGO, ndjson

ROWS = "sku;store;quantity\nS1;GV;2\nS1;SE;4\nS2;GV;many\nS1;GV;3\n"
SHOP = [
    store("GV", LONG_AGO, name="Gran Vía"),
    store("SE", LONG_AGO, name="Serrano"),
    product("p", LONG_AGO, title="Coat", variants=(variant("S1"), variant("S2"))),
]


def test_stock_load_takes_a_snapshot(run: Run, tmp_path: Path) -> None:
    """The table says what changed in each store and what was refused; a scan says where things are and since when."""
    (tmp_path / "stock.csv").write_text(ROWS, "utf-8")
    run("import", "-", stdin=ndjson(SHOP))
    ended = run("stock", "load", str(tmp_path / "stock.csv"), "--as-of", "2026-11-20T23:00:00+01:00")
    assert (ended.status, ended.err) == (1, "")
    assert "Stock as of 2026-11-20T22:00:00.000000Z" in ended.out
    cells = [line.split() for line in ended.out.splitlines()]
    assert ["GV", "counted", "1", "0", "0", "0"] in cells
    assert ["4", "quantity", "many", "no", "whole", "number:", "12"] in cells
    assert "this article of GV stands in line 2 already" in ended.out
    assert "2 here, 4 in Serrano · " in run("scan", "S1", "--store", "GV").out
    again = run("stock", "load", "-", "--as-of", "2026-11-20T22:00:00Z", "--json", stdin=ROWS.encode()).json
    assert (again["rows"], again["refused"]) == (4, 2)
    assert [(count["store"], count["changed"], count["unchanged"]) for count in again["stores"]] == [
        ("GV", 0, 1),
        ("SE", 0, 1),
    ]


def test_stock_load_says_how_old_a_store_is(run: Run) -> None:
    """Of an article that was not there when its store was counted none are here, as of then, or of now."""
    run("import", "-", stdin=ndjson(SHOP))
    assert run("stock", "load", "-", "--store", "GV", stdin=b"sku,quantity\nS1,2\n").status == 0
    assert "none here · " in run("scan", "S2", "--store", "GV").out


def test_stock_load_is_held_where_it_looks_cut_off(run: Run) -> None:
    """Status 1 and a sentence that says how to go on; in JSON the same problem as over HTTP."""
    rows = b"store,sku,quantity\nGV,S1,1\nGV,S2,1\nGV,S3,1\n"
    assert run("stock", "load", "-", "--as-of", "2026-11-20T22:00:00Z", stdin=rows).status == 0
    less = b"store,sku,quantity\nGV,S1,1\n"
    held = run("stock", "load", "-", stdin=less)
    assert (held.status, held.out) == (1, "")
    assert "2 of 3 articles that GV has are not named" in held.err
    assert run("stock", "load", "-", "--json", stdin=less).json["code"] == "snapshot_held"
    assert run("stock", "load", "-", "--accept", stdin=less).status == 0


def test_stock_load_refuses_what_is_none(call: Run, tmp_path: Path) -> None:
    """No file, no time and no name of a source are wrong calls; what is no snapshot is refused in a sentence."""
    assert call("stock", "load", str(tmp_path / "nothing.csv")).status == 2
    assert not (tmp_path / "shop.db").exists()
    wrong = call("stock", "load", "-", "--as-of", "yesterday", stdin=b"")
    assert (wrong.status, "a time with an offset" in wrong.err) == (2, True)
    assert call("stock", "load", "-", "--source", "a b", stdin=b"").status == 2
    assert call("stock", "load", "-", "--store", "", stdin=b"").status == 2
    ended = call("stock", "load", "-", stdin=b"sku;amount\n")
    assert (
        ended.status,
        "This is no snapshot of stock: the first line names no column store, quantity" in ended.err,
    ) == (
        1,
        True,
    )
