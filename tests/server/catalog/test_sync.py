"""A whole feed comes into sight at once; what died on the way leaves nothing; what a record says in between counts."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.catalog import fresh, queries, reading, runs, writing
from server.catalog.sync import SyncOrder, sync_feed
from server.catalog.writing import Writing
from server.db.engine import Connection, Database
from server.db.sql import Query
from server.wire.catalog import SyncRun
from server.wire.problems import ProblemError
from tests.server.given import NOW, Shop, asked, deletion, events_of, product, rows, variant
from tests.server.given import take as given_take

FEEDS = Path(__file__).parents[3] / "fixtures" / "feeds"
HEAD = "id\ttitle\tdescription\tprice\titem_group_id\tcolor\n"


def feed(*lines: tuple[str, str, str, int]) -> bytes:
    """A feed of articles: id, group, title, price in cents."""
    body = (
        f"{sku}\t{title}\tAbout {group}\t{price / 100:.2f} EUR\t{group}\tred\n" for sku, group, title, price in lines
    )
    return (HEAD + "".join(body)).encode()


def line(number: int, price: int = 1000, title: str = "Coat") -> tuple[str, str, str, int]:
    """An article; four are one product."""
    return f"S{number}", f"P{number // 4}", f"{title}, {number}", price


CATALOGUE = [line(number) for number in range(40)]


class Ticking:
    """A clock that goes on by a second whenever it is asked."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def clock() -> Ticking:
    """The time of a night."""
    return Ticking()


def take(shop: Shop, clock: Ticking, content: bytes, **order: Any) -> SyncRun:
    """Take a feed."""
    return sync_feed(shop.database, BytesIO(content), SyncOrder("erp", "feed.tsv", **order), clock)


def shown(database: Database) -> dict[str, tuple[str, int, str | None, str | None]]:
    """The catalogue as lines show it: title, price, availability, description of the product."""

    def ask(conn: Connection) -> dict[str, tuple[str, int, str | None, str | None]]:
        skus = sorted({sku for (sku,) in rows(conn, "SELECT sku FROM variants")})
        items = queries.items(conn, skus)
        found = {}
        for sku, item in items.items():
            whole = queries.product_by_sku(conn, sku, None)
            assert whole is not None
            found[sku] = (item.title, item.price, item.availability, whole.description)
        return found

    return database.read_now(ask)


def numbers(run: SyncRun) -> tuple[int, int, int, int, int]:
    """What became of a run's rows: new, changed, unchanged, gone, refused."""
    return run.new, run.changed, run.unchanged, run.gone, run.refused


def left_behind(shop: Shop) -> list[Any]:
    """Rows that nobody is shown."""
    return shop.rows(
        "SELECT sku FROM variants WHERE since > (SELECT coalesce(max(generation), 0) FROM catalog_generations)"
        " OR until < 9223372036854775807 UNION ALL SELECT external_id FROM products WHERE until < 9223372036854775807"
        " OR since > (SELECT coalesce(max(generation), 0) FROM catalog_generations)"
    )


@pytest.mark.parametrize(
    ("second", "counts"),
    [
        pytest.param(CATALOGUE, (0, 0, 40, 0, 0), id="the same"),
        pytest.param(CATALOGUE[::-1], (0, 0, 40, 0, 0), id="in another order"),
        pytest.param([line(0, 1100), *CATALOGUE[1:]], (0, 1, 39, 0, 0), id="a price"),
        pytest.param([*CATALOGUE[:8], line(8, title="Hat"), *CATALOGUE[9:]], (0, 4, 36, 0, 0), id="a product's title"),
        pytest.param(CATALOGUE[1:], (0, 0, 39, 1, 0), id="one gone"),
        pytest.param(CATALOGUE[4:], (0, 0, 36, 4, 0), id="a product gone"),
        pytest.param([*CATALOGUE, line(40), line(41)], (2, 0, 40, 0, 0), id="new ones"),
        pytest.param([*CATALOGUE, ("S99", "P3", "Coat, 99", 1000)], (1, 0, 40, 0, 0), id="one more of a product"),
        pytest.param([*CATALOGUE, CATALOGUE[7]], (0, 0, 40, 0, 1), id="one twice"),
        pytest.param([*CATALOGUE, line(7, 1)], (0, 0, 40, 0, 1), id="one twice and another"),
        pytest.param([("S0", "P9", "Coat, 0", 1000), *CATALOGUE[1:]], (0, 1, 39, 0, 0), id="moved to another product"),
        pytest.param([("S0", "P0", "", 1000), *CATALOGUE[1:]], (0, 0, 40, 0, 1), id="refused: it stays as it was"),
    ],
)
def test_a_second_feed_is_compared_row_by_row(
    shop: Shop, clock: Ticking, second: list[tuple[str, str, str, int]], counts: tuple[int, ...]
) -> None:
    """Each row is new, changed, as it was, gone or refused; the third time nothing changes; nothing is left behind."""
    assert numbers(take(shop, clock, feed(*CATALOGUE))) == (40, 0, 0, 0, 0)
    run = take(shop, clock, feed(*second))
    assert numbers(run) == counts
    assert left_behind(shop) == []
    after = shown(shop.database)
    if not run.refused:
        sold = {sku: row[:2] for sku, row in after.items() if row[2] is None}
        assert sold == {sku: (title, price) for sku, _, title, price in second}
    assert sum(row[2] == "discontinued" for row in after.values()) == run.gone
    again = take(shop, clock, feed(*second))
    assert (again.new, again.changed, again.gone, again.refused) == (0, 0, 0, run.refused)
    assert shown(shop.database) == after


def test_what_comes_back_is_new_again(shop: Shop, clock: Ticking) -> None:
    """An article that was gone is sold again when a feed has it again."""
    take(shop, clock, feed(*CATALOGUE))
    take(shop, clock, feed(*CATALOGUE[1:]))
    assert shown(shop.database)["S0"][2] == "discontinued"
    assert numbers(take(shop, clock, feed(*CATALOGUE))) == (1, 0, 39, 0, 0)
    assert shown(shop.database)["S0"][2] is None


def test_nothing_is_seen_before_all_of_it_is(shop: Shop, clock: Ticking, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each transaction of a run lookups see the old catalogue or the new one, whole; other writes go through."""
    monkeypatch.setattr(writing, "FIRST_WRITE", 1)
    monkeypatch.setattr(writing, "LEAST_WRITE", 1)
    monkeypatch.setattr(writing, "A_WRITE", 0.0)
    monkeypatch.setattr(reading, "TOLD_EVERY", 1)
    take(shop, clock, feed(*CATALOGUE))
    before = shown(shop.database)
    second = [line(number, 1200, "Hat") for number in range(4, 44)]
    seen: list[dict[str, Any]] = []

    def tell(_run: SyncRun, _done: int, _all: int) -> None:
        seen.append(shown(shop.database))

    sync_feed(shop.database, BytesIO(feed(*second)), SyncOrder("erp", "feed"), clock, tell)
    after = shown(shop.database)
    assert len(seen) > 50
    assert [one for one in seen if one not in (before, after)] == []
    assert after["S0"][2] == "discontinued"
    assert after["S43"][:2] == ("Hat, 43", 1200)


class Killed(BaseException):
    """Stands for the end of a program: nobody cleans up after it."""


@pytest.fixture
def dies(monkeypatch: pytest.MonkeyPatch) -> Callable[[Shop, Ticking, bytes, int], bool]:
    """Take a feed and die before the n-th write of the run; whether it did."""
    monkeypatch.setattr(writing, "FIRST_WRITE", 1)
    monkeypatch.setattr(writing, "LEAST_WRITE", 1)
    monkeypatch.setattr(writing, "A_WRITE", 0.0)

    def run(shop: Shop, clock: Ticking, content: bytes, at: int) -> bool:
        count = itertools.count(1)
        real = shop.database.write_now

        def write(fn: Any, *args: Any, **kwargs: Any) -> Any:
            if next(count) >= at:
                raise Killed
            return real(fn, *args, **kwargs)

        with monkeypatch.context() as patched:
            patched.setattr(shop.database, "write_now", write)
            try:
                take(shop, clock, content, accept=True)
            except Killed:
                run_id = real(queries_running)
                if run_id is not None:
                    real(runs.end_if_running, run_id, clock())
                return True
        return False

    return run


def queries_running(conn: Connection) -> int | None:
    """The number of the run that is under way."""
    found = conn.one(queries.SQL.running)
    return None if found is None else found[0]


def test_a_run_that_dies_leaves_the_catalogue_as_it_was(
    shop: Shop, clock: Ticking, dies: Callable[[Shop, Ticking, bytes, int], bool]
) -> None:
    """Wherever it ends, what is shown is the old catalogue or the new one; the next run takes the whole feed."""
    first, second = feed(*CATALOGUE), feed(*(line(number, 1200, "Hat") for number in range(4, 44)))
    take(shop, clock, first)
    old = shown(shop.database)
    new: dict[str, Any] | None = None
    died = 0
    for at in (2, 3, 5, 9, 14, 16, 18, 19, 20, 60):
        died += dies(shop, clock, second, at)
        now = shown(shop.database)
        if now != old:
            assert now["S43"][1] == 1200
            assert now["S0"][2] == "discontinued"
            assert new in (None, now)
            new = now
        assert take(shop, clock, first, accept=True).state == "done"
        assert left_behind(shop) == []
        shop.database.write_now(forget_discontinued)
        assert shown(shop.database) == old
    assert died >= 6


def forget_discontinued(conn: Connection) -> None:
    """Take what is kept for old orders away, so that the next round begins as the first."""
    conn.run(asked("DELETE FROM variants WHERE availability = 'discontinued'"))


def test_one_run_at_a_time(shop: Shop, clock: Ticking) -> None:
    """The second is told which one is under way; when that has died the next one goes on."""
    run, _ = shop.database.write_now(runs.begin, "erp", "big.tsv", clock())
    with pytest.raises(ProblemError, match=rf"Run {run.id} takes big\.tsv for erp"):
        take(shop, clock, feed(*CATALOGUE))
    shop.database.write_now(runs.end_if_running, run.id, clock())
    assert take(shop, clock, feed(*CATALOGUE)).state == "done"
    states = {one.id: one.state for one in shop.database.read_now(runs.latest, 10)}
    assert states[run.id] == "died"


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        pytest.param(CATALOGUE[:32], None, id="a fifth gone"),
        pytest.param(CATALOGUE[:31], "9 of 40 articles would be gone, more than 20%", id="more gone"),
        pytest.param([line(n, 2000 if n < 12 else 1000) for n in range(40)], None, id="three tenths dearer"),
        pytest.param(
            [line(n, 2000 if n < 13 else 1000) for n in range(40)],
            "13 of 40 prices would change by more than half, more than 30%",
            id="more dearer",
        ),
        pytest.param([line(n, 10) for n in range(40)], "40 of 40 prices would change by more than half", id="cents"),
        pytest.param([line(n, 1500) for n in range(40)], None, id="all by half"),
    ],
)
def test_the_brake(shop: Shop, clock: Ticking, second: list[Any], reason: str | None) -> None:
    """What is rather a mistake is held with a preview, changes nothing, and is taken when somebody says so."""
    take(shop, clock, feed(*CATALOGUE))
    before = shown(shop.database)
    looked = take(shop, clock, feed(*second), dry_run=True)
    assert (looked.state, shown(shop.database)) == ("checked", before)
    run = take(shop, clock, feed(*second))
    assert run.state == ("done" if reason is None else "held")
    assert (run.detail or "").startswith(reason or "")
    if reason is not None:
        assert run.preview
        assert (shown(shop.database), left_behind(shop)) == (before, [])
        run = take(shop, clock, feed(*second), accept=True)
        assert run.state == "done"
    assert numbers(looked) == numbers(run)
    assert shown(shop.database) != before


def test_records_and_feeds_say_things_of_one_product(shop: Shop, clock: Ticking) -> None:
    """The later statement of each field counts; what no feed ever had is left alone by feeds."""
    shop.take(product("alone", 1, source="erp", title="Alone", variants=(variant("A1"),)))
    take(shop, clock, feed(*CATALOGUE))
    clock.now += timedelta(hours=1)
    shop.take(product("P0", 800, source="erp", title="By hand"), now=NOW + timedelta(days=30))
    found = shop.database.read_now(queries.product_by_sku, "S1", None)
    assert found is not None
    assert (found.title, found.description, len(found.variants)) == ("By hand", "About P0", 4)
    run = take(shop, clock, feed(*CATALOGUE))
    found = shop.database.read_now(queries.product_by_sku, "S1", None)
    assert found is not None
    assert (found.title, run.gone, shown(shop.database)["A1"][2]) == ("By hand", 0, None)
    clock.now = NOW + timedelta(days=60)
    take(shop, clock, feed(*CATALOGUE))
    found = shop.database.read_now(queries.product_by_sku, "S1", None)
    assert found is not None
    assert found.title == "Coat"
    shop.take(deletion("product", "P0", 1, source="erp"))
    assert shown(shop.database)["S1"][0] == "Coat, 1"


def test_a_record_during_a_run_is_not_lost(shop: Shop, clock: Ticking, monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement that is newer than the feed counts before and after the switch, whatever the run had written."""
    monkeypatch.setattr(writing, "FIRST_WRITE", 1)
    monkeypatch.setattr(writing, "LEAST_WRITE", 1)
    monkeypatch.setattr(writing, "A_WRITE", 0.0)
    take(shop, clock, feed(*CATALOGUE))
    said: list[str] = []

    def tell(run: SyncRun, done: int, _all: int) -> None:
        if run.doing == "writing" and done >= 4 and not said:
            said.extend(shop.take(product("P0", 720 + 1, source="erp", title="By hand"), now=NOW + timedelta(hours=2)))
            found = shop.database.read_now(queries.product_by_sku, "S0", None)
            assert found is not None
            assert (found.title, found.variants[0].item.price) == ("By hand", 1000)

    second = [line(number, 1200) for number in range(40)]
    sync_feed(shop.database, BytesIO(feed(*second)), SyncOrder("erp", "feed"), clock, tell)
    found = shop.database.read_now(queries.product_by_sku, "S0", None)
    assert found is not None
    assert (said, found.title, found.variants[0].item.price) == (["changed"], "By hand", 1200)
    assert left_behind(shop) == []


@pytest.mark.parametrize("at", [pytest.param(700, id="older"), pytest.param(721, id="newer")])
@pytest.mark.parametrize("title", [pytest.param("Coat, 0", id="the same"), pytest.param("Hat", id="something else")])
@pytest.mark.parametrize("price", [pytest.param(1000, id="the same price"), pytest.param(900, id="another price")])
def test_a_record_before_rows_are_taken_back_is_not_lost(
    shop: Shop, clock: Ticking, monkeypatch: pytest.MonkeyPatch, at: int, title: str, price: int
) -> None:
    """What a record says of a product that a first feed wrote stays when a late row has the product taken back."""
    monkeypatch.setattr(writing, "FIRST_WRITE", 1)
    monkeypatch.setattr(writing, "LEAST_WRITE", 1)
    monkeypatch.setattr(writing, "A_WRITE", 0.0)
    monkeypatch.setattr(reading, "TOLD_EVERY", 1)
    record = product("P0", at, source="erp", title=title, variants=(variant("S0", price, options={"color": "red"}),))
    said: list[str] = []

    def tell(run: SyncRun, _done: int, _all: int) -> None:
        if run.rows == 3:
            assert shop.value("SELECT count(*) FROM variants WHERE sku = 'S0' AND since > 0") == 1
            said.extend(shop.take(record, now=NOW + timedelta(hours=2)))
            assert shown(shop.database)["S0"][1] == price

    late = [line(0), line(4), line(5), line(8), line(1)]
    run = sync_feed(shop.database, BytesIO(feed(*late)), SyncOrder("erp", "feed"), clock, tell)
    newer = at > 720
    articles = {"S4", "S5", "S8", "S0"} if newer else {"S0", "S1", "S4", "S5", "S8"}
    assert (said, run.state, left_behind(shop)) == (["new"], "done", [])
    assert shown(shop.database).keys() == articles
    assert shown(shop.database)["S0"][1] == (price if newer else 1000)
    assert found_by(shop, "hat" if newer and title == "Hat" else "coat") >= {"P0"}
    again = take(shop, clock, feed(*late), accept=True)
    assert (again.state, left_behind(shop)) == ("done", [])
    assert shown(shop.database).keys() == articles


def found_by(shop: Shop, word: str) -> set[str]:
    """The products that are found by a word."""
    found = shop.rows(
        "SELECT i.external_id, w.words FROM product_words w JOIN product_ids i ON i.id = w.product_id"
        " WHERE (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN w.since AND w.until"
    )
    return {name for name, words in found if word in words.split()}


def test_a_record_while_leftovers_are_taken_away_is_not_lost(
    shop: Shop, clock: Ticking, dies: Callable[[Shop, Ticking, bytes, int], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever a record comes while the next run cleans up, nothing of the dead run stays, and the record counts."""
    first, second = feed(*CATALOGUE[:8]), feed(*(line(number, 1200, "Hat") for number in range(8)))
    take(shop, clock, first)
    real, came, hours = shop.database.write_now, 0, 721
    for at in range(1, 40):
        assert dies(shop, clock, second, 5)
        assert left_behind(shop) != []
        count = itertools.count(1)
        record = product("P0", hours, source="erp", description=f"Said {at}")

        def write(fn: Any, *args: Any, count: Any = count, record: Any = record, at: int = at, **kwargs: Any) -> Any:
            if next(count) == at:
                assert real(given_take, record, now=NOW + timedelta(days=30)) == ["changed"]
            return real(fn, *args, **kwargs)

        with monkeypatch.context() as patched:
            patched.setattr(shop.database, "write_now", write)
            assert take(shop, clock, first).state == "done"
        assert (left_behind(shop), shop.count("variants"), shop.count("products")) == ([], 8, 2)
        now = shown(shop.database)
        assert {sku: row[:3] for sku, row in now.items()} == {
            sku: (t, price, None) for sku, _, t, price in CATALOGUE[:8]
        }
        if next(count) <= at:
            break
        came += 1
        assert now["S0"][3] == f"Said {at}"
        assert found_by(shop, "coat") == {"P0", "P1"}
        hours += 1
    assert came > 8


def test_one_event_a_run(shop: Shop, clock: Ticking) -> None:
    """However many rows changed, the live stream tells of one thing."""
    take(shop, clock, feed(*CATALOGUE))
    (happened,) = shop.database.write_now(events_of)
    assert (happened.event.__struct_config__.tag, happened.event.new) == ("catalog_changed", 40)  # type: ignore[attr-defined]


def a_night(rng: Random) -> list[tuple[str, str, str, int]]:
    """A feed as it may come: in any order or none, some ids twice, articles in other products than before."""
    feed_of = [
        (f"S{number}", f"P{(number + (rng.random() < 0.05)) // 4}", f"Coat {rng.choice('ab')}, {number}", price)
        for number in range(80)
        if rng.random() < 0.9
        for price in [rng.choice((1000, 1000, 1000, 1200))]
    ]
    feed_of += [(sku, group, title, price + 1) for sku, group, title, price in rng.sample(feed_of, rng.randrange(4))]
    if rng.random() < 0.5:
        rng.shuffle(feed_of)
    return feed_of


@pytest.mark.parametrize("seed", range(6))
def test_whatever_came_before_a_feed_is_shown_as_it_is(
    shop: Shop, clock: Ticking, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Night after night the catalogue is the newest feed's, one row of each id; taken twice it changes nothing."""
    monkeypatch.setattr(fresh, "MOST_LATE", 4)
    monkeypatch.setattr(writing, "FIRST_WRITE", 7)
    rng = Random(seed)
    for _ in range(5):
        content = a_night(rng)
        run = take(shop, clock, feed(*content), accept=True)
        wanted: dict[str, list[tuple[str, int, str | None, str | None]]] = {}
        for sku, group, title, price in content:
            wanted.setdefault(sku, []).append((title, price, None, f"About {group}"))
        after = shown(shop.database)
        sold = {sku: row for sku, row in after.items() if row[2] is None}
        assert sold.keys() == wanted.keys()
        # Of a doubled id the first row counts, but one that is known as it was goes before it.
        assert [sku for sku, row in sold.items() if row not in wanted[sku]] == []
        assert (run.refused, run.variants) == (len(content) - len(wanted), len(wanted))
        assert run.new + run.changed + run.unchanged == run.variants
        assert left_behind(shop) == []
        again = take(shop, clock, feed(*content))
        assert (again.new, again.changed, again.gone, again.refused) == (0, 0, 0, run.refused)
        assert shown(shop.database) == after


def test_a_doubled_id_names_the_line_that_counts(shop: Shop, clock: Ticking) -> None:
    """Whether the first one was new, known or changed, in another product or the same."""
    said = {}
    for name, content in (
        ("new", [*CATALOGUE, ("S3", "P9", "Coat, 3", 1000), CATALOGUE[5]]),
        ("known", [*CATALOGUE, ("S3", "P9", "Coat, 3", 1100), ("S3", "P0", "Coat, 3", 1200)]),
        ("changed", [line(0, 1300), *CATALOGUE[1:], line(0, 1400), ("S0", "P0", "Coat, 0", 1500)]),
    ):
        told = take(shop, clock, feed(*content)).refusals
        said[name] = [(row.line, row.value, row.rule) for row in told]
    third, sixth = "this id stands in line 5 already", "this id stands in line 7 already"
    assert said == {
        "new": [(42, "S3", third), (43, "S5", sixth)],
        "known": [(42, "S3", third), (43, "S3", "this id stands in line 42 already")],
        "changed": [(42, "S0", "this id stands in line 2 already"), (43, "S0", "this id stands in line 2 already")],
    }


def test_the_brake_counts_what_records_said_before_the_first_feed(shop: Shop, clock: Ticking) -> None:
    """They are the catalogue that it would change; when it is held, nothing that was written is left."""
    records = [product(f"P{n}", 1, source="erp", title="Coat", variants=(variant(f"S{4 * n}", 100),)) for n in range(4)]
    shop.take(*records)
    before = shown(shop.database)
    held = take(shop, clock, feed(*CATALOGUE))
    assert (held.state, held.detail) == (
        "held",
        "4 of 4 prices would change by more than half, more than 30%",
    )
    assert (shown(shop.database), left_behind(shop)) == (before, [])
    assert take(shop, clock, feed(*CATALOGUE), accept=True).variants == 40
    assert shown(shop.database)["S0"][:2] == ("Coat, 0", 1000)


class Counting:
    """A connection that counts the rows that are written in its transaction."""

    def __init__(self, inner: Connection) -> None:
        self.inner = inner
        self.written = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def run_rows(self, query: Query, values: Iterable[Sequence[Any]]) -> None:
        """Count them."""
        some = list(values)
        self.written += len(some)
        self.inner.run_rows(query, some)

    def run_many(self, query: Query, values: Iterable[Mapping[str, Any]]) -> None:
        """Count them."""
        some = list(values)
        self.written += len(some)
        self.inner.run_many(query, some)


MOST = 24
"""Rows at once, in a test."""


@pytest.mark.parametrize(
    ("second", "more_than"),
    [
        pytest.param([line(n, 1001 if n % 10 < 3 else 1000) for n in range(400)], 8, id="three tenths dearer"),
        pytest.param([line(n, title="Hat" if n % 12 < 4 else "Coat") for n in range(400)], 8, id="other titles"),
        pytest.param([line(n) for n in range(0, 400, 2)], 12, id="half of it gone"),
    ],
)
def test_no_transaction_writes_many_rows(
    shop: Shop, clock: Ticking, monkeypatch: pytest.MonkeyPatch, second: list[Any], more_than: int
) -> None:
    """However much changes, others wait for so many rows at most: those of a part, each ended and added."""
    monkeypatch.setattr(writing, "FIRST_WRITE", MOST)
    monkeypatch.setattr(writing, "LEAST_WRITE", MOST)
    monkeypatch.setattr(writing, "MOST_WRITE", MOST)
    real = shop.database.write_now
    written: list[int] = []

    def write(fn: Any, *args: Any, **kwargs: Any) -> Any:
        def counted(conn: Connection) -> Any:
            counting = Counting(conn)
            answer = fn(counting, *args, **kwargs)
            written.append(counting.written)
            return answer

        return real(counted)

    monkeypatch.setattr(shop.database, "write_now", write)
    for content in ([line(n) for n in range(400)], second):
        written.clear()
        assert take(shop, clock, feed(*content), accept=True).state == "done"
        # A product is never torn apart: a row of it, its words and four variants, of each the old one and the new.
        assert max(written) <= 2 * (MOST + 4) + 4 * (MOST // 4 + 1)
        assert sum(rows > 0 for rows in written) > more_than


@given(cost=st.floats(1e-6, 4e-3), slower=st.floats(1.0, 3.0))
def test_a_part_takes_no_longer_than_it_may(cost: float, slower: float) -> None:
    """Whatever a row costs, after the first parts each takes its time, as long as that is not less than a few rows."""
    pace = writing.Pace()
    for number in range(20):
        took = pace.rows * cost * (slower if number % 5 == 4 else 1.0)
        if number > 1:
            assert took <= slower * writing.A_WRITE * 1.01 or pace.rows == writing.LEAST_WRITE
        assert took < 0.5 * slower or number == 0 or pace.rows == writing.LEAST_WRITE
        pace.took(took)


@pytest.mark.parametrize("by_number", [False, True], ids=["begun here", "begun by another program"])
def test_leftovers_are_looked_for_where_there_may_be_some(
    shop: Shop, clock: Ticking, monkeypatch: pytest.MonkeyPatch, by_number: bool
) -> None:
    """Nobody walks through a catalogue in which all runs came to their end; after one that did not, each run does."""
    walked: list[bool] = []
    real = Writing.clean
    monkeypatch.setattr(Writing, "clean", lambda self: (walked.append(True), real(self)))

    def run() -> int:
        walked.clear()
        run_id = shop.database.write_now(runs.begin, "erp", "feed.tsv", clock())[0].id if by_number else None
        sync_feed(shop.database, BytesIO(feed(*CATALOGUE)), SyncOrder("erp", "feed.tsv"), clock, run_id=run_id)
        return len(walked)

    assert (run(), run()) == (0, 0)
    died, _ = shop.database.write_now(runs.begin, "erp", "feed.tsv", clock())
    shop.database.write_now(note_unshown, died.id)
    shop.database.write_now(runs.end_if_running, died.id, clock())
    assert (run(), run()) == (1, 0)


def note_unshown(conn: Connection, run_id: int) -> None:
    """What a run notes before it writes."""
    conn.run(queries.SQL.note_unshown, id=run_id)


@pytest.mark.parametrize(
    ("name", "variants", "refused"),
    [("dirty.tsv", 2, 12), ("merchant.xml", 1, 1), ("shopify.csv", 2, 2), ("products.ndjson", 1, 4)],
)
def test_dirt_is_told_each_night(shop: Shop, clock: Ticking, name: str, variants: int, refused: int) -> None:
    """Of a feed that is as it was the same rows are refused again, also those beside others in one product's piece."""
    content = (FEEDS / name).read_bytes()
    first, again = take(shop, clock, content), take(shop, clock, content)
    assert (first.new, first.refused, again.new, again.unchanged) == (variants, refused, 0, variants)
    assert again.refusals == first.refusals
