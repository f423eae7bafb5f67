"""Keeps the record while people are shown: a queue in memory, and one hand a process that writes it down.

An answer does not wait for its record's commit: it is put into the queue before it is given, and the queue is written
`GATHER` seconds later at most, in groups. A process that is killed with -9 loses what waits there. Where the database
takes nothing for `GRACE` seconds, or the queue is full, nobody is shown any more until it does.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial

import structlog

from server.audit import rules
from server.audit.actions import append, put
from server.audit.heads import Heads, HeadsError
from server.audit.rules import Chain, Link, Look, Row
from server.db.engine import Database, DatabaseError
from server.wire.base import timestamp
from server.wire.problems import ProblemError

LIMIT = 10_000
"""Looks that wait at most."""
GROUP = 1_000
"""Looks in one transaction, which other writes wait for."""
GATHER = 0.5
"""Seconds in which looks gather before they are written: after each commit SQLite's readers read their pages anew."""
AT_A_TIME = 25
"""Looks that are made rows before answers have their turn: a fifth of a millisecond."""
GRACE = 3.0
"""Seconds without a successful write after which nobody is shown any more."""
TRY_AGAIN = 0.5
HEAD_EVERY = 2.0
"""Seconds between two heads of a chain that grows."""
LAST_TRIES = 10.0
"""Seconds that a server which ends goes on trying to write what waits."""

_log = structlog.get_logger()
_AWAY = "looks_wait_to_be_put_on_record"
_SECOND_AWAY = "second_place_of_the_audit_is_away"


class Ledger:
    """The record of one process, a chain of its own, which begins with its first look.

    Args:
        database: where it goes.
        key: of the audit, see `server.keys`.
        heads: the second place.
        clock: tells the time.
        program: what writes.
        grace: see `GRACE`.
    """

    def __init__(
        self,
        database: Database,
        key: bytes,
        heads: Heads,
        clock: Callable[[], datetime],
        *,
        program: str = "server",
        grace: float = GRACE,
    ) -> None:
        self._database = database
        self._key = key
        self._heads = heads
        self._clock = clock
        self._program = program
        self._grace = grace
        self._waiting: list[Look] = []
        self._more = asyncio.Event()
        self._ending = False
        self._refusing = False
        self._unsure = False
        self._troubled: set[str] = set()
        self._alarm: asyncio.TimerHandle | None = None
        self._chain: Chain | None = None
        self._last: Link | None = None
        self._made: list[Row] = []
        self._sealed = 0

    def note(self, look: Look) -> None:
        """Put a look into the queue; call it before the answer is given, in the server's event loop.

        Raises:
            ProblemError: it cannot be put on record, so the answer must not be given.
        """
        if self._refusing or len(self._waiting) >= LIMIT:
            raise ProblemError(
                "audit_unavailable", "Who looks at whom cannot be put on record just now, so nobody is shown. Try soon."
            )
        self._waiting.append(look)
        self._more.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write until the block ends, then what still waits."""
        writer = asyncio.create_task(self._write_on(), name="audit")
        # Should it ever end by a fault of ours, nobody is shown unrecorded.
        writer.add_done_callback(lambda _: self._refuse())
        try:
            yield
        finally:
            self._ending = True
            self._more.set()
            try:
                await asyncio.wait_for(writer, LAST_TRIES)
            except TimeoutError:
                _log.error("looks_were_not_put_on_record", count=len(self._waiting))
            if self._alarm is not None:
                self._alarm.cancel()

    async def _write_on(self) -> None:
        loop = asyncio.get_running_loop()
        due: float | None = None
        while self._waiting or not self._ending:
            if not self._waiting:
                self._more.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(due):
                        await self._more.wait()
            elif not self._ending and len(self._waiting) < GROUP:
                await asyncio.sleep(GATHER)
            if self._waiting and not await self._write():
                await asyncio.sleep(TRY_AGAIN)
                continue
            position = self._last.position if self._last else 0
            if self._sealed == position:
                due = None
            elif self._sealed == 0 or (due is not None and loop.time() >= due):
                await self._seal(closed=False)
                due = None if self._sealed == position else loop.time() + HEAD_EVERY
            elif due is None:
                due = loop.time() + HEAD_EVERY
        await self._seal(closed=True)

    async def _write(self) -> bool:
        """Write what waited longest; whether that went well."""
        looks = self._waiting[: len(self._made) or GROUP]
        if self._alarm is None:
            # A write that hangs is no better than one that fails.
            self._alarm = asyncio.get_running_loop().call_later(self._grace, self._refuse)
        try:
            if self._chain is None:
                self._chain = await self._begun()
            if not self._made:
                self._made = await self._rows(self._chain, looks)
            begins = self._chain if self._last is None else None
            await self._database.write(partial(put, again=self._unsure), begins, self._made)
        except (DatabaseError, HeadsError) as error:
            # It may have been committed all the same: the very same rows are written once more.
            self._unsure = True
            self._tell(_AWAY, error)
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, looks must not go on unrecorded
            _log.error("looks_go_on_in_a_new_chain", exc_info=error)
            self._chain = self._last = None
            self._made = []
            self._sealed = 0
            return False
        self._last = Link(self._made[-1].position, self._made[-1].mac)
        self._made = []
        del self._waiting[: len(looks)]
        self._unsure = self._refusing = False
        self._troubled.discard(_AWAY)
        self._alarm.cancel()
        self._alarm = None
        return True

    async def _rows(self, chain: Chain, looks: Sequence[Look]) -> list[Row]:
        """The looks as rows, made a few at a time: no answer waits for all of them, as it would for a thread's turn."""
        made: list[Row] = []
        last = self._last or rules.start(chain)
        for start in range(0, len(looks), AT_A_TIME):
            made += rules.rows(self._key, chain.id, last, looks[start : start + AT_A_TIME], self._sealed)
            last = Link(made[-1].position, made[-1].mac)
            await asyncio.sleep(0)
        return made

    async def _begun(self) -> Chain:
        number, seal = await asyncio.to_thread(self._heads.last)
        return new_chain(self._key, self._program, self._clock(), (number or 0, seal if number else ""))

    async def _seal(self, *, closed: bool) -> None:
        """Tell the second place how far the chain is; where that fails the next head tells it as well."""
        if self._chain is None or self._last is None:
            return
        make = partial(rules.head, self._key, self._chain.id, self._last, timestamp(self._clock()), closed=closed)
        try:
            await asyncio.to_thread(self._heads.write, make)
        except HeadsError as error:
            self._tell(_SECOND_AWAY, error)
        else:
            self._sealed = self._last.position
            self._troubled.discard(_SECOND_AWAY)

    def _refuse(self) -> None:
        self._refusing = True

    def _tell(self, message: str, error: Exception) -> None:
        """Once, until it goes again."""
        if message not in self._troubled:
            _log.warning(message, exc_info=error)
            self._troubled.add(message)


def new_chain(key: bytes, program: str, now: datetime, heads: tuple[int, str]) -> Chain:
    """A chain that nothing is chained to yet."""
    return rules.chain(key, secrets.token_hex(16), program, timestamp(now), heads)


def note_now(database: Database, key: bytes, heads: Heads, program: str, looks: Sequence[Look], now: datetime) -> None:
    """Put looks on record before going on, as a chain that ends with them: for programs without an event loop.

    Raises:
        DatabaseError: they are not on record, so nobody may be shown.
        HeadsError: the second place does not know of them.
    """
    if not looks:
        return
    number, seal = heads.last()
    chain = new_chain(key, program, now, (number or 0, seal if number else ""))
    last = database.write_now(append, key, chain, None, looks, 0)
    heads.write(partial(rules.head, key, chain.id, last, timestamp(now), closed=True))
