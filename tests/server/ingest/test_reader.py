"""Lines are read the same here and by the process beside, whatever becomes of that."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.ingest import actions
from server.ingest.intake import BATCH, BATCH_BYTES, Intake
from server.ingest.ndjson import LONGEST_LINE, Line
from server.ingest.reader import BATCHES_HERE, Reader, ReadLine, read_lines
from server.ingest.snapshots import OrderSnapshot, prepared
from server.statements.rules import content_hash
from server.wire.records import OrderRecord, Record, RecordsSummary
from tests.conftest import Fresh
from tests.server.given import ANY_CARD, NOW, cart, customer, order, stock, who
from tests.server.ingest.state import state_of
from tests.server.ingest.strategies import EVERYTHING, record_sets

pytestmark = pytest.mark.programs

ROOT = Path(__file__).parents[3]
PATIENCE = 30
"""Seconds for what takes one."""


def _lines(*texts: Record | bytes) -> list[Line]:
    return [Line(n, text if isinstance(text, bytes) else msgspec.json.encode(text)) for n, text in enumerate(texts, 1)]


ODD = _lines(
    order("o1", customer=who("1")),
    order("o2", customer=who(card="C1", email="Ada@Example.com", phone="600 000 001")),
    order("o3", customer=who(email="no e-mail")),
    msgspec.json.encode(order("o4")).replace(b'"online"', b'"store"'),
    order("o5", at=30 * 24 + 1),
    b'{"type":"order"}',
    b"no record",
    b'{"type":"order","number":"\\u0000"}',
    msgspec.json.encode(order("o6")).replace(b"2026-", b"0001-"),
    msgspec.json.encode(order("o7")).replace(b'Z"', b'+05:45"'),
    customer("1", cards=("C1",)),
    cart("c1"),
    stock(),
)
ODD.append(Line(len(ODD) + 1, b"x" * (LONGEST_LINE + 1), too_long=True))


class Beside(Reader):
    """One that has the process beside from the first line on."""

    def __init__(self) -> None:
        super().__init__(ANY_CARD, here=0)
        self.ask([])()
        assert self._process is not None
        select.select([self._process.stdout], [], [], PATIENCE)
        self.ask([])()
        assert self._ready
        self.process = self._process


def test_the_process_beside_reads_as_we_do() -> None:
    """Orders, what is refused and what is something else: all of it is what reading it here gives."""
    expected = read_lines(ODD, ANY_CARD)
    assert sum(isinstance(read, OrderSnapshot) for _, read in expected) == 5
    with Beside() as reader:
        first, second = reader.ask(ODD), reader.ask(ODD[:1])
        assert first() == expected
        assert second() == expected[:1]
        assert not reader._lost
    assert reader.process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("when", ["before it is asked", "before it answers", "amid its answer"])
def test_what_the_process_beside_does_not_answer_is_read_here(when: str) -> None:
    """Where it was killed its lines are read here, and so are all that follow."""
    lines = _lines(*(order(f"o{n}", customer=who("1")) for n in range(20_000)))
    with Beside() as reader:
        if when == "before it is asked":
            reader.process.kill()
            reader.process.wait()
        elif when == "before it answers":
            reader.process.send_signal(signal.SIGSTOP)
        asked = reader.ask(lines[:100] if when == "before it answers" else lines)
        if when == "amid its answer":
            select.select([reader.process.stdout], [], [], PATIENCE)
        reader.process.kill()
        reader.process.wait()
        found = asked()
        assert found == read_lines(lines[: len(found)], ANY_CARD)
        assert len(found) in {100, len(lines)}
        assert reader._lost
        assert reader.ask(ODD)() == read_lines(ODD, ANY_CARD)


def test_where_no_process_can_be_started_lines_are_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a second process an import takes longer, and that is all."""
    monkeypatch.setattr(sys, "executable", "/there/is/no/python")
    with Reader(ANY_CARD, here=0) as reader:
        assert [reader.ask(ODD)() for _ in range(3)] == [read_lines(ODD, ANY_CARD)] * 3
        assert reader._lost


def test_a_short_file_starts_no_process() -> None:
    """A file of a few batches is read where it is taken."""
    with Reader(ANY_CARD) as reader:
        for _ in range(BATCHES_HERE):
            assert reader.ask(ODD)() == read_lines(ODD, ANY_CARD)
        assert reader._process is None


_KILLED = """
import sys
from tests.server.ingest.test_reader import Beside
print(Beside().process.pid, flush=True)
sys.stdin.read()
"""


def test_the_process_beside_ends_with_whoever_started_it() -> None:
    """After kill -9 nothing of an import is left running."""
    command = [sys.executable, "-c", _KILLED]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        beside = os.pidfd_open(int(starter.stdout.readline()))
        try:
            assert not select.select([beside], [], [], 0)[0]
            starter.kill()
            assert select.select([beside], [], [], PATIENCE)[0]
        finally:
            starter.kill()
            os.close(beside)


def _imported(fresh: Fresh, data: bytes, reader: Reader) -> tuple[RecordsSummary, object]:
    """What an import says and leaves."""
    with fresh() as conn:

        def take(read: list[ReadLine]) -> RecordsSummary:
            summary = actions.take_read(conn, read, "file", ANY_CARD, NOW)
            conn.flush()
            return summary

        intake = Intake()
        for _ in intake.run(iter([data]), reader, take):
            pass
        return intake.summary, state_of(conn)


def test_an_import_with_the_process_beside_is_the_same_import(fresh: Fresh) -> None:
    """Summary, refused lines with their numbers, and everything that is held."""
    texts = [line.text for line in ODD[:-1]]
    many: Iterable[bytes] = (
        msgspec.json.encode(order(f"n{n % 900}", at=n % 7, customer=who(str(n % 50)))) for n in range(3 * BATCH)
    )
    data = b"\n".join([*texts, *many, *texts]) + b"\n"
    with Reader(ANY_CARD) as here, Beside() as beside:
        assert _imported(fresh, data, beside) == _imported(fresh, data, here)
        assert not beside._lost
        assert here._process is None


@given(records=record_sets(*EVERYTHING))
def test_of_an_order_all_that_follows_is_known_beforehand(records: list[Record]) -> None:
    """An order's row says what its record said: also its hash, with and without whoever it names."""
    for record in records:
        read = prepared(record, ANY_CARD)
        assert isinstance(read, OrderSnapshot) == isinstance(record, OrderRecord)
        if isinstance(read, OrderSnapshot) and isinstance(record, OrderRecord):
            assert read.content_hash == content_hash(record)
            nobodys = msgspec.structs.replace(record, customer=None)
            assert read.of_nobody().content_hash == content_hash(nobodys)
            assert read.of_nobody().whom is None


@given(minutes=st.integers(-20_000_000, 20_000_000))
def test_times_as_texts_stand_in_the_order_of_times(minutes: int) -> None:
    """An order is too late by its text when it is by its time."""
    record = msgspec.structs.replace(order(), updated_at=NOW + timedelta(minutes=minutes))
    read = prepared(record, ANY_CARD)
    if isinstance(read, OrderSnapshot):
        assert (actions.rules.too_late(read, "2026-11-21T12:05:00.000000Z") is not None) == (minutes > 5)
    assert (actions.rules.refusal(record, NOW) is not None) == (minutes > 5)


def test_long_lines_make_short_batches() -> None:
    """A batch is no larger than memory allows, however long its lines are."""
    intake, line = Intake(), b"x" * (LONGEST_LINE - 1) + b"\n"
    batches = [batch for _ in range(50) for batch in intake.feed(line)]
    assert [sum(len(line.text) for line in batch) for batch in batches] == [17 * (LONGEST_LINE - 1)] * 2
    assert BATCH_BYTES < 17 * LONGEST_LINE
