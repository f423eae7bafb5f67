"""Nothing is kept longer than the settings say, and no more than that is removed: with a clock that tests set."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from server.access.callers import TERMINAL, Caller
from server.audit.actions import append
from server.audit.ledger import new_chain
from server.carts.actions import Place, set_line
from server.customers import actions as customer_actions
from server.db.engine import Connection, Database, EngineName
from server.handoffs.actions import issue, release_overdue
from server.idempotency.actions import once
from server.idempotency.requests import Repeatable
from server.ingest.actions import take_lines
from server.ingest.ndjson import Line
from server.privacy import retention as retention_module
from server.privacy.retention import LEASE, LostError, run_retention
from server.settings import Retention, Settings
from server.wire.base import timestamp
from server.wire.carts import LineQuantity
from server.wire.customers import NewNote, Note
from server.wire.handoffs import CartName, NewHandoff
from server.wire.privacy import RetentionReport
from tests.engines import Engines
from tests.server.audit.given import look
from tests.server.audit.places import LOOKS, SERVERS, at_terminal, checked, tamper, write
from tests.server.cli.conftest import Run
from tests.server.given import ANY_CARD, AUDIT_KEY, KEYS, NOW, Shop, cart, customer, order, take, view, who, wishlist
from tests.server.http.log import Log
from tests.server.privacy.test_erasure import number

TABLES = {
    "views": "views",
    "carts": "carts",
    "notes": "notes",
    "idempotency_keys": "idempotency_keys",
    "refused_records": "refused_records",
    "events": "events",
    "looks": "audit_looks",
    "handoffs": "handoffs",
    "customers": "customers",
}
LONG = Retention(
    views=9999,
    carts=9999,
    notes=9999,
    idempotency_keys=9999,
    refused_records=9999,
    events=9999,
    looks=9999,
    handoffs=9999,
    customers=9999,
)


MARTA = Caller(7, "tablet", "GV", 8, "associate", frozenset({"GV"}))


def fill(conn: Connection) -> None:
    """One of everything; records speak of 30 days ago, what is written here is of now."""
    take(conn, customer("1", 0, given_name="Lucia"), view(0), cart("c1", 0, who("1")), order("o1", 0, who("1")))
    take(conn, view(0, who(email="guest@g.example")), wishlist("w1", 0))
    id_ = number(conn, "1")
    request = Repeatable(key="k1", door="POST note", body=b"", customer_id=id_)
    once(conn, TERMINAL, request, Note, NOW, customer_actions.add_note, id_, NewNote(text="Likes linen"))
    take_lines(conn, [Line(1, b"{")], "file", ANY_CARD, NOW)
    conn.flush()
    till = issue(
        conn, MARTA, NewHandoff(way="till", cart=CartName(source="shop", external_id="c1")), KEYS, Settings(), NOW
    )
    assert till.handoff_id is not None
    assert release_overdue(conn, NOW + timedelta(minutes=10)) == 1
    append(conn, AUDIT_KEY, new_chain(AUDIT_KEY, "server", NOW, (0, "")), None, [look(n) for n in range(3)], 0)


def run(
    database: Database, retention: Retention, now: datetime, *, night: str | None = None, dry_run: bool = False
) -> RetentionReport | None:
    """Run it at a moment."""
    return asyncio.run(
        run_retention(database, retention, ANY_CARD, AUDIT_KEY, lambda: now, night=night, dry_run=dry_run)
    )


def counts(shop: Shop) -> dict[str, int]:
    """How many there are of everything."""
    shop.events()
    return {name: shop.count(table) for name, table in TABLES.items()}


WRITTEN_NOW = ("handoffs", "notes", "idempotency_keys", "refused_records", "events", "looks")


@pytest.mark.parametrize("name", TABLES)
def test_what_is_over_its_time_goes_and_nothing_else(shop: Shop, name: str) -> None:
    """A day before its time all is there; once it is over, that kind is gone, and all others are as they were."""
    shop.database.write_now(fill)
    before = counts(shop)
    only = Retention(**dict.fromkeys(TABLES, 0) | {name: 40})
    age = timedelta(days=40) if name in WRITTEN_NOW else timedelta(days=10)
    assert sum(run(shop.database, only, NOW + age - timedelta(hours=1)).removed.values()) == 0  # type: ignore[union-attr]
    assert counts(shop) == before
    # The last that one of the two customers heard of us is a note of now.
    late = NOW + (timedelta(days=40) if name == "customers" else age) + timedelta(days=2)
    counted = run(shop.database, only, late, dry_run=True)
    assert counts(shop) == before
    done = run(shop.database, only, late)
    assert done is not None
    assert counted is not None
    after = counts(shop)
    if name == "customers":
        assert done.removed[name] == 2
        assert shop.rows("SELECT customer_id FROM orders") == [(0,)]
        assert shop.count("tombstones") == 0
        return
    assert done.removed == counted.removed
    assert done.removed[name] > 0
    left = before[name] - done.removed[name]
    # The last event stays, for its number; the removal of a cart is an event itself.
    assert left == (1 if name == "events" else 0)
    gone = {"carts": {"events": before["events"] + 1}, "views": {"customers": before["customers"] - 1}}
    assert after == before | {name: left} | gone.get(name, {})
    assert shop.value("SELECT removed FROM retention_runs WHERE ended_at IS NOT NULL ORDER BY id DESC") != "{}"
    assert sum(run(shop.database, only, late).removed.values()) == 0  # type: ignore[union-attr]


def test_nothing_is_removed_where_days_are_nought(shop: Shop) -> None:
    """Nought keeps for ever."""
    shop.database.write_now(fill)
    before = counts(shop)
    assert run(shop.database, Retention(**dict.fromkeys(TABLES, 0)), NOW + timedelta(days=20_000)) is not None
    assert counts(shop) == before


def test_an_old_cart_is_not_brought_back_by_the_same_file(shop: Shop) -> None:
    """Its time is over; only a cart that was changed since is shown again."""
    shop.database.write_now(fill)
    late = NOW + timedelta(days=200)
    run(shop.database, Retention(), late)
    assert shop.take(cart("c1", 0, who("1")), now=late) == ["unchanged"]
    assert shop.take(cart("c1", 24 * 220, who("1")), now=late) == ["new"]
    assert shop.count("carts") == 1


def test_a_cart_that_was_changed_here_is_kept_from_then_on(shop: Shop) -> None:
    """However long ago its shop showed it."""
    shop.database.write_now(fill)
    wanted = LineQuantity(quantity=2, base_quantity=1)
    (place,) = shop.rows("SELECT customer_id, id FROM carts")
    shop.database.write_now(set_line, TERMINAL, Place._make(place), 1, wanted, NOW)
    run(shop.database, Retention(), NOW + timedelta(days=179))
    assert shop.count("carts") == shop.count("cart_lines") == 1
    run(shop.database, Retention(), NOW + timedelta(days=181))
    assert shop.count("carts") == shop.count("cart_lines") == 0


def test_a_night_is_one_servers(shop: Shop, second: Database) -> None:
    """Of two servers one does a night; the next is anybody's, and one left unfinished is taken over later."""
    first = shop.database
    assert run(first, LONG, NOW, night="2026-11-21") is not None
    assert run(second, LONG, NOW, night="2026-11-21") is None
    begun = second.write_now(retention_module._begin, "dead", "2026-11-22", NOW)
    assert begun is not None
    assert run(first, LONG, NOW + LEASE, night="2026-11-22") is None
    assert run(first, LONG, NOW + 2 * LEASE, night="2026-11-22") is not None
    with pytest.raises(LostError):
        second.write_now(retention_module._note, begun, {"views": 1}, NOW)


def test_settings_say_how_long(call: Run) -> None:
    """Days come from the environment as JSON; the command counts, removes, and tells."""
    assert call("init").status == 0
    assert call("retention", "run", "--dry-run").status == 0
    told = call("retention", "run", "--json", MOSTRADOR_RETENTION='{"views": 7}').json
    assert (told["kept_days"]["views"], told["kept_days"]["carts"], told["removed"]["views"]) == (7, 180, 0)
    wrong = call("retention", "run", MOSTRADOR_RETENTION='{"views": -1}')
    assert (wrong.status, "MOSTRADOR_RETENTION.views" in wrong.err) == (2, True)
    assert Settings().retention == Retention()


def test_what_is_left_of_the_looks_can_be_checked(
    engines: Engines, engine: EngineName, tmp_path: Path, log: Log
) -> None:
    """Of chains of servers and terminals the old rows go, some whole; the check finds nothing and says since when.

    A chain whose beginning is not as it was written stays, and is found.
    """
    heads = tmp_path / "heads"
    with engines.database(engine, tmp_path) as database:
        written = write((database,), heads)
        at = NOW + timedelta(days=10, seconds=LOOKS // 2)
        kept = Retention(**dict.fromkeys(TABLES, 0) | {"looks": 10})
        counted, done = run(database, kept, at, dry_run=True), run(database, kept, at)
        assert counted is not None
        assert done is not None
        # Half of each server's, and the terminals' of that time.
        assert done.removed["looks"] == counted.removed["looks"] == SERVERS * LOOKS // 2 + 2
        report = checked(database, heads)
        assert (report.findings, report.rows, report.unfinished) == ((), written - done.removed["looks"], ())
        assert report.since == timestamp(at - timedelta(days=10))
        # Some are gone whole, and more may be written.
        at_terminal(database, heads, LOOKS)
        assert checked(database, heads).findings == ()
        gone = run(database, kept, at + timedelta(days=1))
        assert gone is not None
        report = checked(database, heads)
        assert (report.findings, report.rows, report.unfinished) == ((), 0, ())
        assert report.chains == SERVERS + LOOKS // 10 + 1
        at_terminal(database, heads, LOOKS)
        tamper(engines.latest, "UPDATE audit_looks SET people = '[9]'")
        late = run(database, kept, at + timedelta(days=2))
        assert late is not None
        assert late.removed["looks"] == 0
        assert log.line("looks_stay_that_are_not_as_they_were_written")
        assert [finding.what for finding in checked(database, heads).findings] == ["changed"]


def test_rows_that_are_cut_off_and_not_let_go_are_found(engines: Engines, engine: EngineName, tmp_path: Path) -> None:
    """A checkpoint hides nothing: what is taken away behind it shows as before."""
    heads = tmp_path / "heads"
    with engines.database(engine, tmp_path) as database:
        write((database,), heads)
        run(database, Retention(**dict.fromkeys(TABLES, 0) | {"looks": 10}), NOW + timedelta(days=10, seconds=20))
        assert checked(database, heads).findings == ()
        assert tamper(engines.latest, f"DELETE FROM audit_looks WHERE position IN (25, {LOOKS})")
        assert {finding.what for finding in checked(database, heads).findings} == {"missing", "cut_off"}
