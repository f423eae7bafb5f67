"""Chains: whatever is done to one of them is found, and a program that was killed is none of it."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from server.audit import rules
from server.audit.rules import Chain, Row
from server.wire.audit import HeadLine
from tests.server.audit.given import Record, look
from tests.server.given import AUDIT_KEY

CHAINS = ("a" * 32, "b" * 32, "c" * 32)


SOME = ((CHAINS[0], "write"), (CHAINS[0], "seal"), (CHAINS[1], "write"), (CHAINS[1], "seal"), (CHAINS[0], "write"))


@st.composite
def records(draw: st.DrawFn, begin: Sequence[tuple[str, str]] = ()) -> Record:
    """Up to three programs that write side by side, seal now and then, and end or are killed."""
    record = Record()
    closed: set[str] = set()
    count = 0
    steps = st.tuples(st.sampled_from(CHAINS), st.sampled_from(("write", "write", "seal", "close")))
    for id_, step in (*begin, *draw(st.lists(steps, max_size=20))):
        if id_ in closed:
            continue
        if step == "write":
            if id_ not in record.entries:
                record.begin(id_)
            looks = [look(count + n) for n in range(draw(st.integers(1, 4)))]
            count += len(looks)
            record.append(id_, looks)
        elif id_ in record.entries:
            record.seal(id_, closed=step == "close")
            if step == "close":
                closed.add(id_)
    return record


def other_value(value: Any) -> st.SearchStrategy[Any]:
    """Another value of the same type, or none."""
    made: dict[type, st.SearchStrategy[Any]] = {
        int: st.integers(-(2**40), 2**40),
        str: st.text(max_size=40),
        bytes: st.binary(max_size=40),
        bool: st.booleans(),
        type(None): st.integers(0, 99),
    }
    return made[type(value)].filter(lambda other: other != value)


def changed(draw: st.DrawFn, entry: Any, names: tuple[str, ...]) -> Any:
    """The same but for one field."""
    name = draw(st.sampled_from(names))
    value = draw(other_value(getattr(entry, name)))
    return (
        msgspec.structs.replace(entry, **{name: value})
        if isinstance(entry, HeadLine)
        else entry._replace(**{name: value})
    )


def change_a_row(draw: st.DrawFn, record: Record) -> None:
    """Any field of any row, its place and its chain among them."""
    assume(record.rows)
    place = draw(st.integers(0, len(record.rows) - 1))
    row = changed(draw, record.rows[place], Row._fields)
    assume(
        all((row.chain, row.position) != (o.chain, o.position) for o in record.rows[:place] + record.rows[place + 1 :])
    )
    record.rows[place] = row


def remove_a_row(draw: st.DrawFn, record: Record) -> None:
    """Any row but the last one of a chain where no head speaks of it."""
    sealed = [
        row
        for row in record.rows
        if row.position < record.ends[row.chain].position or row.position <= record.last_head(row.chain)
    ]
    assume(sealed)
    record.rows.remove(draw(st.sampled_from(sealed)))


def swap_rows(draw: st.DrawFn, record: Record) -> None:
    """Two rows of one chain or of two stand in each other's place, with or without their MACs."""
    assume(len(record.rows) > 1)
    one, other = draw(st.lists(st.sampled_from(range(len(record.rows))), min_size=2, max_size=2, unique=True))
    a, b = record.rows[one], record.rows[other]
    keep: tuple[str, ...] = ("chain", "position", "mac") if draw(st.booleans()) else ("chain", "position")
    assume(a._replace(**{n: getattr(b, n) for n in keep}) != b)
    record.rows[one] = b._replace(**{name: getattr(a, name) for name in keep})
    record.rows[other] = a._replace(**{name: getattr(b, name) for name in keep})


def insert_a_row(draw: st.DrawFn, record: Record) -> None:
    """A row more, at the end of a chain or in the middle with the later ones moved on."""
    assume(record.rows)
    model = draw(st.sampled_from(record.rows))
    at = draw(st.integers(1, record.ends[model.chain].position + 1))
    record.rows = [
        row._replace(position=row.position + 1) if row.chain == model.chain and row.position >= at else row
        for row in record.rows
    ]
    record.rows.append(model._replace(position=at))


def cut_the_end(draw: st.DrawFn, record: Record) -> None:
    """The last rows of a chain, one of which a head speaks of."""
    heads = [id_ for id_ in record.entries if record.last_head(id_)]
    assume(heads)
    id_ = draw(st.sampled_from(heads))
    keep = draw(st.integers(0, record.last_head(id_) - 1))
    record.rows = [row for row in record.rows if row.chain != id_ or row.position <= keep]


def remove_a_chain(draw: st.DrawFn, record: Record) -> None:
    """A whole chain of which a head speaks, with its own entry."""
    heads = [id_ for id_ in record.entries if record.last_head(id_)]
    assume(heads)
    id_ = draw(st.sampled_from(heads))
    del record.entries[id_]
    record.rows = [row for row in record.rows if row.chain != id_]


def remove_an_entry(draw: st.DrawFn, record: Record) -> None:
    """A chain's own entry."""
    assume(record.entries)
    del record.entries[draw(st.sampled_from(sorted(record.entries)))]


def change_an_entry(draw: st.DrawFn, record: Record) -> None:
    """Any field of a chain's own entry but its number, which would make it another's."""
    assume(record.entries)
    id_ = draw(st.sampled_from(sorted(record.entries)))
    record.entries[id_] = [changed(draw, record.entries[id_][0], Chain._fields[1:])]


def change_a_head(draw: st.DrawFn, record: Record) -> None:
    """Any field of a line of the second place."""
    assume(record.lines)
    place = draw(st.integers(0, len(record.lines) - 1))
    record.lines[place] = changed(
        draw, record.lines[place], ("version", "number", "chain", "position", "mac", "at", "closed", "previous", "seal")
    )


def remove_a_head(draw: st.DrawFn, record: Record) -> None:
    """A line of the second place that another follows."""
    assume(len(record.lines) > 1)
    del record.lines[draw(st.integers(0, len(record.lines) - 2))]


def swap_heads(draw: st.DrawFn, record: Record) -> None:
    """Two lines of the second place."""
    assume(len(record.lines) > 1)
    one, other = draw(st.lists(st.sampled_from(range(len(record.lines))), min_size=2, max_size=2, unique=True))
    record.lines[one], record.lines[other] = record.lines[other], record.lines[one]


def shorten_the_heads(draw: st.DrawFn, record: Record) -> None:
    """The last lines of the second place, of one of which a row or a later chain speaks."""
    spoken = [entry.heads for (entry, *_) in record.entries.values()]
    spoken += [
        min(line.number or 0 for line in record.lines if line.chain == row.chain and line.position >= row.sealed)
        for row in record.rows
        if row.sealed
    ]
    assume(max(spoken, default=0))
    del record.lines[draw(st.integers(0, max(spoken) - 1)) :]


TAMPERINGS: tuple[Callable[[st.DrawFn, Record], None], ...] = (
    change_a_row, remove_a_row, swap_rows, insert_a_row, cut_the_end, remove_a_chain, remove_an_entry, change_an_entry,
    change_a_head, remove_a_head, swap_heads, shorten_the_heads,
)  # fmt: skip


@given(records())
def test_what_programs_write_is_whole(record: Record) -> None:
    """However many write, seal and are killed: nothing is found, and those without a closing head are unfinished."""
    report = record.check()
    assert report.findings == ()
    closed = {line.chain for line in record.lines if line.closed}
    assert {chain.chain for chain in report.unfinished} == set(record.entries) - closed
    for chain in report.unfinished:
        assert chain.rows == record.ends[chain.chain].position - record.last_head(chain.chain)


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
@given(data=st.data())
def test_whatever_is_done_to_it_is_found(tamper: Callable[[st.DrawFn, Record], None], data: st.DataObject) -> None:
    """Any single change, removal, insertion, exchange or truncation, in either place."""
    record = data.draw(records(SOME))
    tamper(data.draw, record)
    assert record.check().findings != ()


@given(records(), st.integers(0, 3))
def test_a_crash_is_no_attack(record: Record, lost: int) -> None:
    """Rows behind the last head may not have been committed by one who was killed: that is no finding."""
    for id_ in record.entries:
        keep = max(record.ends[id_].position - lost, record.last_head(id_), 1)
        record.rows = [row for row in record.rows if row.chain != id_ or row.position <= keep]
    assert record.check().findings == ()


@given(records())
def test_another_key_finds_everything(record: Record) -> None:
    """Who does not hold the key makes no row that holds."""
    assume(record.rows)
    of_rows = {row.chain for row in record.rows}
    report = rules.check_all(bytes(32), record.entries, of_rows, record.of, record.lines, record.lines)
    assert len(report.findings) >= len(of_rows)


def two_chains() -> Record:
    """One chain that was closed with ten rows, and one that still grows."""
    record = Record()
    record.begin(CHAINS[0])
    for n in range(0, 10, 2):
        record.append(CHAINS[0], [look(n), look(n + 1)])
        record.seal(CHAINS[0])
    record.seal(CHAINS[0], closed=True)
    record.begin(CHAINS[1])
    record.append(CHAINS[1], [look(n) for n in range(20, 25)])
    record.seal(CHAINS[1])
    record.append(CHAINS[1], [look(25)])
    return record


def _of(record: Record, *positions: int) -> list[int]:
    return [n for n, row in enumerate(record.rows) if row.chain == CHAINS[0] and row.position in positions]


def _forget(record: Record, *positions: int) -> None:
    gone = _of(record, *positions)
    record.rows = [row for n, row in enumerate(record.rows) if n not in gone]


def _exchange(record: Record, one: int, other: int) -> None:
    (a,), (b,) = _of(record, one), _of(record, other)
    record.rows[a], record.rows[b] = record.rows[b]._replace(position=one), record.rows[a]._replace(position=other)


def _whom(record: Record, position: int) -> None:
    (place,) = _of(record, position)
    record.rows[place] = record.rows[place]._replace(people="[77]")


def _squeeze_in(record: Record, at: int) -> None:
    record.rows = [
        row._replace(position=row.position + 1) if row.chain == CHAINS[0] and row.position >= at else row
        for row in record.rows
    ]
    record.rows.append(record.rows[0]._replace(position=at, people="[77]"))


def _drop_chain(record: Record, id_: str) -> None:
    del record.entries[id_]
    record.rows = [row for row in record.rows if row.chain != id_]


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (lambda r: _whom(r, 4), {("changed", CHAINS[0], 4)}),
        (lambda r: _forget(r, 3), {("missing", CHAINS[0], 3)}),
        (lambda r: _forget(r, 1), {("missing", CHAINS[0], 1)}),
        (lambda r: _forget(r, 3, 4, 5), {("missing", CHAINS[0], 3)}),
        (lambda r: _forget(r, 9, 10), {("cut_off", CHAINS[0], 9)}),
        (lambda r: _exchange(r, 4, 5), {("reordered", CHAINS[0], 4), ("reordered", CHAINS[0], 5)}),
        (lambda r: _exchange(r, 3, 8), {("reordered", CHAINS[0], 3), ("reordered", CHAINS[0], 8)}),
        (lambda r: r.rows.append(r.rows[0]._replace(position=11)), {("inserted", CHAINS[0], 11)}),
        (lambda r: _squeeze_in(r, 10), {("inserted", CHAINS[0], 10), ("reordered", CHAINS[0], 11)}),
        (lambda r: _drop_chain(r, CHAINS[0]), {("chain_missing", CHAINS[0], None)}),
        (lambda r: r.lines.pop(2), {("heads_changed", None, None)}),
        (lambda r: r.lines.pop(), {("heads_shortened", CHAINS[1], 5)}),
        (
            lambda r: r.lines.clear(),
            {("heads_shortened", *place) for place in ((CHAINS[0], 8), (CHAINS[1], None), (CHAINS[1], 5))},
        ),
    ],
)  # fmt: skip
def test_what_was_done_is_told(
    tamper: Callable[[Record], object], told: set[tuple[str, str | None, int | None]]
) -> None:
    """Which chain, which row, and what: an operator knows where to look."""
    record = two_chains()
    assert record.check().findings == ()
    tamper(record)
    assert {(f.what, f.chain, f.position) for f in record.check().findings} == told


def test_a_signed_checkpoint_takes_the_beginnings_place() -> None:
    """With one, a chain without its beginning is whole; without it, or with one of another's making, it is not."""
    record = two_chains()
    fourth = record.of(CHAINS[0])[3]
    _forget(record, 1, 2, 3, 4)
    assert {f.what for f in record.check().findings} == {"missing"}
    forged = rules.chain(bytes(32), CHAINS[0], "server", fourth.at, first=5, before=fourth.mac)
    record.entries[CHAINS[0]].append(forged)
    assert {f.what for f in record.check().findings} == {"missing", "changed"}
    record.entries[CHAINS[0]][-1] = rules.chain(AUDIT_KEY, CHAINS[0], "server", fourth.at, first=5, before=fourth.mac)
    assert record.check().findings == ()
    _whom(record, 5)
    assert {f.position for f in record.check().findings} == {5}
