"""Both places for real: several programs that write into one database and one file, and who gets at the database."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from pathlib import Path

import psycopg

from server.audit.check import check
from server.audit.heads import FileHeads, read_heads
from server.audit.ledger import Ledger, note_now
from server.db.engine import Database
from server.db.sqlite import connect
from server.wire.audit import AuditReport
from tests.server.audit.given import look
from tests.server.given import AUDIT_KEY, NOW

SERVERS, LOOKS = 3, 40


def write(databases: tuple[Database, ...], heads: Path) -> int:
    """Several servers and terminals at once put looks on record; how many looks."""

    async def all_of_them() -> None:
        ledgers = [
            Ledger(databases[n % len(databases)], AUDIT_KEY, FileHeads(heads), lambda: NOW) for n in range(SERVERS)
        ]
        async with AsyncExitStack() as stack:
            for ledger in ledgers:
                await stack.enter_async_context(ledger.running())
            for n in range(LOOKS):
                for ledger in ledgers:
                    ledger.note(look(n))
                if n % 10 == 0:
                    await asyncio.to_thread(at_terminal, databases[-1], heads, n)
                if n == LOOKS // 2:
                    # From here on rows speak of heads.
                    while len({line.chain for line in await asyncio.to_thread(read_heads, heads)}) < SERVERS + 3:
                        pass

    asyncio.run(all_of_them())
    return SERVERS * LOOKS + LOOKS // 10


def at_terminal(database: Database, heads: Path, n: int) -> None:
    """A command shows somebody."""
    note_now(database, AUDIT_KEY, FileHeads(heads), "terminal", [look(n)], NOW)


def checked(database: Database, heads: Path) -> AuditReport:
    """What a check of both places finds."""
    return check(database, AUDIT_KEY, lambda: read_heads(heads))


def tamper(address: str, statement: str) -> int:
    """Run a statement as somebody who may do everything with the database; how many rows it touched."""
    if address.startswith("sqlite:///"):
        with closing(connect(Path(address.removeprefix("sqlite:///")))) as raw:
            for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                if name.startswith("audit"):
                    raw.execute(f"DROP TRIGGER {name}")
            raw.execute(statement)
            return raw.changes()
    with psycopg.connect(address) as conn:
        conn.execute("SET session_replication_role = replica")
        return conn.execute(statement.encode()).rowcount


@contextmanager
def held(address: str) -> Iterator[None]:
    """Another program holds what the record is written to."""
    if address.startswith("sqlite:///"):
        with closing(connect(Path(address.removeprefix("sqlite:///")))) as raw:
            raw.execute("BEGIN IMMEDIATE")
            yield
            raw.execute("ROLLBACK")
    else:
        with psycopg.connect(address) as conn:
            conn.execute("LOCK TABLE audit_looks IN EXCLUSIVE MODE")
            yield
            conn.rollback()
