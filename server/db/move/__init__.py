"""Moves a whole database to another place, of either engine: streamed, resumable, and verified by what is read back.

Nobody writes to the source meanwhile: it is locked. The target is empty at first; a table in it, `moves`, says how far
each table came, in the transaction of the rows themselves, and as long as it is there nothing else opens the target.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import NamedTuple

import msgspec

from server.db.address import AddressError, place_of
from server.db.engine import DatabaseError
from server.db.move.end import End, Progress, Table
from server.db.move.sqlite import SqliteEnd

Tell = Callable[[str, str, int, int], None]
"""Told what is done (`copy`, `verify`), with which table, how many rows of how many."""


class MoveError(DatabaseError):
    """A move cannot be begun or does not hold; the message says what to do."""


class MovedTable(NamedTuple):
    """A table that stands in both places alike."""

    name: str
    rows: int
    checksum: str


class Moved(NamedTuple):
    """What a move came to; `rows_copied` are those of this run, fewer than all where an earlier one was broken off."""

    tables: tuple[MovedTable, ...]
    rows_copied: int
    seconds_copying: float
    seconds_verifying: float


def move(source: str, target: str, tell: Tell) -> Moved:
    """Move what is at one address to another.

    Raises:
        MoveError: the target is not empty, is half filled from elsewhere, or does not hold what the source does.
        DatabaseError: either cannot be opened, read or written.
    """
    if source == target:
        raise MoveError("Source and target are the same database.")
    with closing(open_end(source)) as from_, closing(open_end(target, make=True)) as to:
        tables = _tables(from_, to)
        from_.hold()
        begun = time.monotonic()
        copied = _copy(from_, to, tables, place_of(source), tell)
        numbers = from_.numbers()
        to.set_numbers(numbers)
        verifying = time.monotonic()
        moved = tuple(_verified(from_, to, table, tell) for table in tables)
        if to.numbers() != numbers:
            raise MoveError(f"{place_of(target)} would give numbers twice: remove it, and move again")
        to.finish()
        return Moved(moved, copied, verifying - begun, time.monotonic() - verifying)


def open_end(address: str, *, make: bool = False) -> End:
    """One of the two places.

    Raises:
        AddressError: the address is none.
        DatabaseError: what is there cannot be opened.
    """
    if address.startswith("sqlite:///"):
        return SqliteEnd(address, make=make)
    if address.startswith(("postgresql://", "postgres://")):
        # Who stays with files does not wait for the other engine's driver to be loaded.
        from server.db.move.postgres import PostgresEnd  # noqa: PLC0415

        return PostgresEnd(address)
    raise AddressError(
        f"{place_of(address)} is no database: write sqlite:///relative.db, sqlite:////absolute/path.db or "
        "postgresql://user:password@host/database"
    )


def _tables(from_: End, to: End) -> list[Table]:
    found, wanted = from_.tables(), to.tables()
    if found != wanted:
        raise MoveError("The two databases have different schemas: this is a fault of Mostrador's; please report it.")
    return [found[name] for name in sorted(found)]


def _copy(from_: End, to: End, tables: Sequence[Table], source: str, tell: Tell) -> int:
    progress = to.progress()
    if progress is None:
        filled = [table.name for table in tables if to.count(table)]
        if filled:
            raise MoveError(f"{to.place} is not empty: give a new database, or remove what is in this one")
        to.begin(source)
        progress = Progress(source, {})
    elif progress.source != source:
        raise MoveError(
            f"{to.place} is half filled from {progress.source}: go on with that move, or remove the database first"
        )
    copied, after = 0, progress.after
    for table in tables:
        total = from_.count(table)
        done = to.count(table) if table.name in after else 0
        tell("copy", table.name, done, total)
        for rows in from_.rows(table, after.get(table.name)):
            to.take(table, rows)
            done += len(rows)
            copied += len(rows)
            tell("copy", table.name, done, total)
    return copied


def _verified(from_: End, to: End, table: Table, tell: Tell) -> MovedTable:
    total = from_.count(table)
    here = _checksum(from_, table, lambda rows: tell("verify", table.name, rows, 2 * total))
    there = _checksum(to, table, lambda rows: tell("verify", table.name, total + rows, 2 * total))
    if here != there:
        raise MoveError(
            f"{table.name}: {from_.place} has {here.rows:,} rows ({here.checksum}), {to.place} has {there.rows:,} "
            f"({there.checksum}). Was the source changed between two runs? Remove the target, and move again."
        )
    return here


def _checksum(end: End, table: Table, tell: Callable[[int], None]) -> MovedTable:
    """Of every value of every row, in the order of the key."""
    encode, hash_, count = msgspec.json.Encoder().encode, hashlib.blake2b(digest_size=16), 0
    for rows in end.rows(table, None):
        for row in rows:
            hash_.update(encode(row))
        count += len(rows)
        tell(count)
    return MovedTable(table.name, count, hash_.hexdigest())
