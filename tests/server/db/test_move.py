"""A database moves house: whole, from where it was broken off, and only if it holds what it held."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import product
from pathlib import Path

import apsw
import msgspec
import pytest

from server.access.callers import TERMINAL, Caller
from server.audit.actions import append
from server.audit.ledger import new_chain
from server.calls import actions as calls
from server.carts.actions import Place, add_line
from server.catalog.pictures import links
from server.catalog.pictures.shape import Made, Shrunk
from server.db.address import open_database
from server.db.engine import Connection, Database, DatabaseBusyError, DatabaseUnavailableError, EngineName
from server.db.move import Moved, MoveError, end, move, open_end, postgres, sqlite
from server.db.sqlite import connect
from server.events.actions import settle
from server.handoffs import actions as handoffs
from server.ingest.actions import apply_batch
from server.kiosks import actions as kiosks
from server.kiosks.rules import Continue
from server.settings import Settings
from server.wire.calls import NewHelpCall
from server.wire.carts import NewCartLine
from server.wire.handoffs import CartName, NewHandoff
from server.wire.records import CartRecord
from tests.engines import ENGINES, Engines
from tests.server.audit.given import look
from tests.server.db.work import put
from tests.server.given import ANY_CARD, AUDIT_KEY, KEYS, NOW, asked, deletion, order
from tests.server.people import caller_of, enrolled, tokens
from tests.server.small_shop import RECORDS

Places = Callable[[EngineName], str]
PAIRS = list(product(ENGINES, ENGINES))


@pytest.fixture
def places(engines: Engines, tmp_path: Path) -> Iterator[Places]:
    """Gives the address of a new database, as often as asked."""
    with ExitStack() as stack:
        count = 0

        def new(engine: EngineName) -> str:
            nonlocal count
            count += 1
            if engine == "sqlite":
                return f"sqlite:///{tmp_path / str(count)}.db"
            # None that was used before, nor one for others afterwards: a move that is broken off leaves a table.
            address = engines.cluster.new()
            stack.callback(engines.cluster.drop, address)
            return address

        yield new


_cart = next(record for record in RECORDS if isinstance(record, CartRecord))
SAYS = msgspec.structs.replace(_cart, updated_at=NOW, seen_version=0)
"""The cart of the small shop, of a shop that says what it saw."""


def opened(address: str) -> "closing[Database]":
    """A database, open until the block ends."""
    return closing(open_database(address))


def at_a_kiosk(conn: Connection) -> None:
    """A customer asks for help at a kiosk, goes on there, and hands the cart over."""
    kiosk, settings = caller_of(enrolled(conn, "kiosk")), Settings()
    calls.call(conn, kiosk, NewHelpCall(about="card"), NOW)
    kiosks.ask_to_vouch(conn, kiosk, KEYS, settings, NOW)
    kiosks.go_on(conn, kiosk, Continue("web", "cart-1", "of-this-code", NOW), KEYS, settings, NOW)
    marta = Caller(kiosk.device_id, "tablet", "GV", 8, "associate", frozenset({"GV"}))
    cart = CartName(source="web", external_id="cart-1")
    assert handoffs.issue(conn, marta, NewHandoff(way="till", cart=cart), KEYS, settings, NOW).code


def fill(address: str) -> None:
    """Put a small shop into a database, with numbers that were given and are gone."""
    with opened(address) as database:
        database.write_now(apply_batch, [*RECORDS, SAYS], ANY_CARD, NOW)
        (place,) = database.read_now(lambda conn: conn.all(asked("SELECT customer_id, id FROM carts")))
        database.write_now(add_line, TERMINAL, Place._make(place), NewCartLine(sku="SHIRT-M"), NOW)
        database.write_now(tokens)
        database.write_now(put_pictures)
        database.write_now(at_a_kiosk)
        database.write_now(apply_batch, [order("gone"), deletion("order", "gone", 1)], ANY_CARD, NOW)
        database.write_now(append, AUDIT_KEY, new_chain(AUDIT_KEY, "server", NOW, (0, "")), None, [look(1)] * 20, 0)
        while database.write_now(settle):
            pass


def put_pictures(conn: Connection) -> None:
    """Pictures with bytes of every value, more than are moved at once."""
    names = [f"https://img.example/{n}.jpg" for n in range(120)]
    links.want(conn, [(name, 1) for name in names], 1, NOW)
    for link in links.take(conn, links.due(conn, NOW, 120), NOW):
        large = Made(link.link, "image/jpeg", bytes(range(256)) + link.link.encode())
        small = large._replace(content=b"")
        links.keep(conn, [links.Kept(link, Shrunk(large, small), None, None)], [], NOW)


def quietly(*_: object) -> None:
    """Tell nobody how far it is."""


@pytest.mark.parametrize(("from_", "to"), PAIRS)
def test_a_database_moves_whole(places: Places, from_: EngineName, to: EngineName) -> None:
    """Every row of every table is there, and new rows get numbers that were never given; back again it is the same."""
    first, second, third = places(from_), places(to), places(from_)
    fill(first)
    there = move(first, second, quietly)
    back = move(second, third, quietly)
    assert there.tables == back.tables
    rows = {table.name: table.rows for table in there.tables}
    assert there.rows_copied == sum(rows.values())
    filled = ("customers", "orders", "cart_lines", "variants", "events", "customer_words", "audit_looks")
    assert min(rows[name] for name in filled) > 0
    assert (rows["pictures"], rows["picture_links"]) == (240, 120)
    assert min(rows[name] for name in ("devices", "enrolments", "staff", "staff_stores", "sessions")) > 0
    with opened(first) as one, opened(third) as other:
        for database in (one, other):
            database.write_now(apply_batch, [order("new", 5)], ANY_CARD, NOW)
        ids = [
            database.read_now(lambda conn: conn.one(asked("SELECT id FROM orders WHERE external_id = 'new'")))
            for database in (one, other)
        ]
    assert ids[0] == ids[1]


@pytest.mark.parametrize(("from_", "to"), PAIRS)
def test_a_move_goes_on_where_it_was_broken_off(
    places: Places, from_: EngineName, to: EngineName, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is broken off, nothing is copied twice; until it is done nobody else opens the new database."""
    monkeypatch.setattr(end, "BATCH", 7)
    first, second = places(from_), places(to)
    fill(first)
    copied, runs = 0, 0
    moved: Moved | None = None
    while moved is None:
        runs += 1
        steps = 0

        def tell(doing: str, _table: str, _done: int, _total: int) -> None:
            nonlocal steps
            steps += 1
            if doing == "copy" and steps > 75:
                raise KeyboardInterrupt

        try:
            moved = move(first, second, tell)
        except KeyboardInterrupt:
            with pytest.raises(DatabaseUnavailableError, match="start it again"):
                open_database(second)
        assert runs < 50
    copied += moved.rows_copied
    assert runs > 2
    assert copied < sum(table.rows for table in moved.tables)
    with opened(second) as database:
        assert database.write_now(put, "open again")


@pytest.mark.parametrize("to", ENGINES)
def test_a_target_that_is_not_empty(places: Places, to: EngineName) -> None:
    """What is in a database already is neither mixed nor lost."""
    first, second = places("sqlite"), places(to)
    fill(first)
    with opened(second) as database:
        database.write_now(put, "here")
    with pytest.raises(MoveError, match="is not empty"):
        move(first, second, quietly)
    with opened(second) as database:
        assert database.write_now(put, "still open")


def test_a_database_cannot_move_onto_itself(places: Places) -> None:
    """Nothing is done where both are the same."""
    place = places("sqlite")
    fill(place)
    with pytest.raises(MoveError, match="the same"):
        move(place, place, quietly)


@pytest.mark.parametrize("from_", ENGINES)
def test_what_changed_between_two_runs_is_found(
    places: Places, from_: EngineName, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that went on being written between two runs is not what was copied: the move says so and stays open."""
    monkeypatch.setattr(end, "BATCH", 7)
    first, second = places(from_), places("postgresql" if from_ == "sqlite" else "sqlite")
    fill(first)

    def break_off(_doing: str, table: str, done: int, _total: int) -> None:
        if (table, done > 0) == ("vocabulary", True):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(first, second, break_off)
    with opened(first) as database:
        database.write_now(apply_batch, [order("late", 9)], ANY_CARD, NOW)
        while database.write_now(settle):
            pass
    with pytest.raises(MoveError, match="changed between two runs"):
        move(first, second, quietly)
    with pytest.raises(DatabaseUnavailableError, match="start it again"):
        open_database(second)


def test_a_move_from_elsewhere_is_not_mixed_in(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target that is half filled from one source takes nothing from another."""
    monkeypatch.setattr(end, "BATCH", 7)
    first, other, second = places("sqlite"), places("sqlite"), places("sqlite")
    fill(first)
    fill(other)

    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(first, second, break_off)
    with pytest.raises(MoveError, match="half filled from"):
        move(other, second, quietly)


@pytest.mark.parametrize("from_", ENGINES)
def test_nobody_writes_to_the_source_meanwhile(
    places: Places, from_: EngineName, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a move runs a write waits; where somebody writes, it does not begin."""
    monkeypatch.setattr(postgres, "PATIENCE", 0.2)
    monkeypatch.setattr(sqlite, "PATIENCE", 0.2)
    first = places(from_)
    fill(first)
    with closing(open_end(first)) as one:
        one.hold()
        if from_ == "sqlite":
            raw = connect(Path(first.removeprefix("sqlite:///")))
            with closing(raw), pytest.raises(apsw.BusyError, match="locked"):
                raw.execute("BEGIN IMMEDIATE")
        else:
            with closing(open_end(first)) as other, pytest.raises(DatabaseUnavailableError, match="lock timeout"):
                other.all("INSERT INTO vocabulary (word) VALUES ('a')")
    with opened(first) as database:

        def hold(conn: object) -> None:
            put(conn, "b")  # type: ignore[arg-type]
            with closing(open_end(first)) as one:
                one.hold()

        with pytest.raises(DatabaseBusyError, match="being written"):
            database.write_now(hold)
