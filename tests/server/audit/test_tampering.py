"""What somebody who may write the database does to the record is found, on both engines, with several writers."""

import re
from collections.abc import Callable
from pathlib import Path

import apsw
import psycopg
import pytest

from server.audit import queries
from server.audit.actions import AmissError, append, cut
from server.audit.check import _check
from server.audit.heads import lines_of, read_heads
from server.audit.ledger import new_chain
from server.audit.queries import Wanted, looks
from server.audit.rules import Link
from server.db.engine import Connection, Database
from server.wire.base import timestamp
from tests.engines import Engines
from tests.server.audit.given import look
from tests.server.audit.places import LOOKS, SERVERS, checked, tamper, write
from tests.server.given import AUDIT_KEY, NOW, asked, hour, rows

LONGEST = "(SELECT chain FROM audit_looks GROUP BY chain HAVING count(*) > 30 ORDER BY chain LIMIT 1)"
COLUMNS = "at, kind, device_id, staff_id, why, people, request_id, sealed, mac"
INSERT = f"INSERT INTO audit_looks (chain, position, {COLUMNS})"

DATABASE = {
    "whom": (f"UPDATE audit_looks SET people = '[9]' WHERE chain = {LONGEST} AND position = 7", "changed"),
    "who": (f"UPDATE audit_looks SET staff_id = 9 WHERE chain = {LONGEST} AND position = 7", "changed"),
    "nobody": (f"UPDATE audit_looks SET device_id = NULL WHERE chain = {LONGEST} AND position = 1", "changed"),
    "when": (f"UPDATE audit_looks SET at = '2020' WHERE chain = {LONGEST} AND position = {LOOKS}", "changed"),
    "first": (f"DELETE FROM audit_looks WHERE chain = {LONGEST} AND position = 1", "missing"),
    "middle": (f"DELETE FROM audit_looks WHERE chain = {LONGEST} AND position = 20", "missing"),
    "last": (f"DELETE FROM audit_looks WHERE chain = {LONGEST} AND position = {LOOKS}", "cut_off"),
    "end": (f"DELETE FROM audit_looks WHERE chain = {LONGEST} AND position > 5", "cut_off"),
    "rows": (f"DELETE FROM audit_looks WHERE chain = {LONGEST}", "cut_off"),
    "more": (
        f"{INSERT} SELECT chain, {LOOKS + 1}, {COLUMNS} FROM audit_looks WHERE chain = {LONGEST} AND position = 7",
        "inserted",
    ),
    "other chain": (
        f"{INSERT} SELECT 'f', position, {COLUMNS} FROM audit_looks WHERE chain = {LONGEST}",
        "missing",
    ),
    "entry": (f"DELETE FROM audit_chains WHERE id = {LONGEST}", "missing"),
    "program": (f"UPDATE audit_chains SET program = 'nobody' WHERE id = {LONGEST}", "changed"),
    "all rows": ("DELETE FROM audit_looks", "cut_off"),
}


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    """The second place."""
    return tmp_path / "heads"


@pytest.fixture
def address(engines: Engines, database: Database, second: Database, heads: Path) -> str:
    """Where a database is that two programs with three servers, and terminals, wrote to."""
    count = write((database, second), heads)
    report = checked(database, heads)
    assert (report.findings, report.unfinished) == ((), ())
    assert (report.rows, report.chains) == (count, SERVERS + LOOKS // 10)
    return engines.latest


@pytest.mark.parametrize(("statement", "what"), DATABASE.values(), ids=DATABASE.keys())
def test_what_is_done_to_rows_is_found(
    address: str, database: Database, heads: Path, statement: str, what: str
) -> None:
    """Each is found, told by its name, and in the chain that it was done to."""
    assert tamper(address, statement) > 0
    findings = checked(database, heads).findings
    assert what in {finding.what for finding in findings}


def test_two_rows_that_change_places_are_found(address: str, database: Database, heads: Path) -> None:
    """Also with their MACs; both are told, with where they belong."""
    for statement in (
        f"UPDATE audit_looks SET position = -7 WHERE chain = {LONGEST} AND position = 7",
        f"UPDATE audit_looks SET position = 7 WHERE chain = {LONGEST} AND position = 9",
        f"UPDATE audit_looks SET position = 9 WHERE chain = {LONGEST} AND position = -7",
    ):
        assert tamper(address, statement) == 1
    assert [(f.what, f.position) for f in checked(database, heads).findings] == [("reordered", 7), ("reordered", 9)]


def test_a_whole_chain_that_is_gone_is_found(address: str, database: Database, heads: Path) -> None:
    """Its heads tell of it; without these, the lines that are missing among the others do."""
    tamper(address, f"DELETE FROM audit_chains WHERE id = {LONGEST}")
    tamper(address, "DELETE FROM audit_looks WHERE chain NOT IN (SELECT id FROM audit_chains)")
    (finding,) = checked(database, heads).findings
    assert finding.what == "chain_missing"
    assert finding.chain is not None
    kept = [line for line in heads.read_bytes().splitlines(keepends=True) if finding.chain.encode() not in line]
    heads.write_bytes(b"".join(kept))
    assert "heads_changed" in {finding.what for finding in checked(database, heads).findings}


HEADS: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "gone": (lambda _: [], "heads_shortened"),
    "first": (lambda lines: lines[1:], "heads_changed"),
    "middle": (lambda lines: [*lines[:2], *lines[3:]], "heads_changed"),
    "end": (lambda lines: lines[:1], "heads_shortened"),
    "changed": (
        lambda lines: [re.sub(rb'"position":\d+', b'"position":1', lines[0], count=1), *lines[1:-1],
                       re.sub(rb'"position":\d+', b'"position":3', lines[-1], count=1)],
        "heads_changed",
    ),
    "twice": (lambda lines: [lines[0], *lines], "heads_changed"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "what"), HEADS.values(), ids=HEADS.keys())
def test_what_is_done_to_the_second_place_is_found(
    address: str, database: Database, heads: Path, change: Callable[[list[bytes]], list[bytes]], what: str
) -> None:
    """Its lines are bound to one another, and chains speak of them."""
    heads.write_bytes(b"".join(change(heads.read_bytes().splitlines(keepends=True))))
    assert what in {finding.what for finding in checked(database, heads).findings}


def test_a_line_that_was_broken_off_is_no_finding(
    address: str, database: Database, second: Database, heads: Path
) -> None:
    """A power cut leaves half a line: the next program begins its own, and heads are found among other lines."""
    before = len(read_heads(heads))
    heads.write_bytes(heads.read_bytes() + b'{"mostrador":"audit head","version":1,"numb')
    write((database, second), heads)
    assert checked(database, heads).findings == ()
    lines = heads.read_bytes().splitlines(keepends=True)
    assert len(read_heads(heads)) > before
    assert lines_of([b"Nov 25 22:00:00 shop mostrador-audit: " + line for line in lines]) == read_heads(heads)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_looks SET people = '[]'",
        "DELETE FROM audit_looks",
        "UPDATE audit_chains SET program = ''",
        "DELETE FROM audit_chains",
    ],
)
def test_the_database_guards_against_mistakes(conn: Connection, statement: str) -> None:
    """What is on record is neither changed nor deleted by a slip of ours."""
    append(conn, AUDIT_KEY, new_chain(AUDIT_KEY, "server", NOW, (0, "")), None, [look(1)], 0)
    with pytest.raises((apsw.Error, psycopg.Error), match="append-only"):
        conn.run(asked(statement))


def test_the_beginning_of_a_chain_can_be_let_go(conn: Connection) -> None:
    """A signed checkpoint takes its place: what is older is gone, the rest is whole, and more can be written."""
    chain = new_chain(AUDIT_KEY, "server", NOW, (0, ""))
    last = append(conn, AUDIT_KEY, chain, None, [look(n) for n in range(10)], 0)
    assert cut(conn, AUDIT_KEY, chain.id, timestamp(look(6).at), 4) == 4
    assert cut(conn, AUDIT_KEY, chain.id, timestamp(look(6).at)) == 2
    last = append(conn, AUDIT_KEY, chain, last, [look(10)], 0)
    assert [row.position for row in queries.links(conn, chain.id)] == [7, 8, 9, 10, 11]
    report = _check(conn, AUDIT_KEY, [], list)
    assert (report.findings, report.since) == ((), timestamp(look(6).at))
    assert cut(conn, AUDIT_KEY, chain.id, timestamp(hour(10_000))) == 5
    assert cut(conn, AUDIT_KEY, chain.id, timestamp(hour(10_000))) == 0
    assert _check(conn, AUDIT_KEY, [], list).findings == ()
    last = append(conn, AUDIT_KEY, chain, last, [look(11)], 0)
    assert last == Link(12, next(queries.links(conn, chain.id)).mac)
    assert _check(conn, AUDIT_KEY, [], list).findings == ()


def test_what_is_amiss_is_not_let_go(conn: Connection) -> None:
    """Of a chain whose beginning is not as it was written nothing goes: nobody would see it any more."""
    chain = new_chain(AUDIT_KEY, "server", NOW, (0, ""))
    append(conn, AUDIT_KEY, chain, None, [look(n) for n in range(10)], 0)
    with pytest.raises(AmissError):
        cut(conn, bytes(32), chain.id, timestamp(hour(10_000)))
    assert len(list(queries.links(conn, chain.id))) == 10


def test_rows_that_may_be_there_are_written_once(conn: Connection) -> None:
    """Nobody knows whether a commit counts that the database did not answer: the very same rows come again."""
    chain = new_chain(AUDIT_KEY, "server", NOW, (0, ""))
    for _ in range(2):
        append(conn, AUDIT_KEY, chain, None, [look(n) for n in range(70)], 0, again=True)
    assert rows(conn, "SELECT count(*) FROM audit_looks") == [(70,)]
    assert _check(conn, AUDIT_KEY, [], list).findings == ()


def test_looks_are_shown_latest_first(conn: Connection) -> None:
    """By person, associate, device and time, and everybody whom a search showed."""
    chain = new_chain(AUDIT_KEY, "server", NOW, (0, ""))
    some = [look(n) for n in range(50)] + [look(50, "search", 1, 2, 49)]
    append(conn, AUDIT_KEY, chain, None, some, 0)
    assert [shown.people for shown in looks(conn, Wanted(), 2)] == [(1, 2, 49), (49,)]
    assert [shown.at for shown in looks(conn, Wanted(people=frozenset({2, 7})), 9)] == [
        timestamp(some[n].at) for n in (50, 7, 2)
    ]
    assert {shown.staff_id for shown in looks(conn, Wanted(staff_id=103), 99)} == {103}
    assert {shown.device_id for shown in looks(conn, Wanted(device_id=11), 99)} == {11}
    assert len(looks(conn, Wanted(since=timestamp(some[40].at)), 99)) == 11
