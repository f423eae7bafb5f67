"""How a run writes: rows of the next generation, which nobody sees, in transactions so short that nobody waits.

Each of them holds only as long as nobody takes the run to be dead. The first says that such rows may stand there; as
long as that is so, the next run takes them away before it begins.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from server.catalog import runs, words_index
from server.catalog.account import Account
from server.catalog.queries import SQL
from server.catalog.rules import FOR_GOOD
from server.db.engine import Connection, Database
from server.db.sql import Query

P = ParamSpec("P")
T = TypeVar("T")

FIRST_WRITE, LEAST_WRITE, MOST_WRITE = 500, 50, 20_000
"""Rows in one transaction: as many as take `A_WRITE`."""
A_WRITE = 0.006
"""Seconds that a transaction may take: for so long others wait. With 0.012 the p99 of a counter's writes is over three
times what it is in quiet; with this it is half as much again, and a first load takes a fifth longer than with 0.08."""


class Pace:
    """How many rows are written in one transaction, as those before took their time."""

    def __init__(self) -> None:
        self.rows = FIRST_WRITE

    def took(self, seconds: float) -> None:
        """Know how long the last one took."""
        faster = A_WRITE / max(seconds, 0.001)
        self.rows = max(LEAST_WRITE, min(MOST_WRITE, int(self.rows * min(2.0, faster))))


class Writing:
    """Writes for a run.

    Args:
        database: where to.
        account: the run.
        generation: the one that comes.

    Attributes:
        began: whether anything was written.
    """

    def __init__(self, database: Database, account: Account, generation: int) -> None:
        self.began = False
        self._database = database
        self._account = account
        self._generation = generation

    def write(self, pace: Pace, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write in one transaction.

        Raises:
            TakenOverError: somebody holds the run to be dead.
        """
        run, first, self.began = self._account.run, not self.began, True
        now = self._account.clock()

        def fenced(conn: Connection) -> T:
            runs.keep(conn, run, now)
            if first:
                conn.run(SQL.note_unshown, id=run.id)
            return fn(conn, *args, **kwargs)

        began = time.monotonic()
        answer = self._database.write_now(fenced)
        pace.took(time.monotonic() - began)
        return answer

    def clean(self) -> None:
        """Take away what a run that came to nothing wrote: nobody ever saw it."""
        # What a record says of a product while this goes on is written for the generation that comes too, if any of
        # the product was: so it is looked for until there is nothing.
        while self._clean():
            pass
        self.write(Pace(), _none_unshown)
        self.began = False

    def _clean(self) -> bool:
        """Take it away; whether there was any."""
        pace, shown, some = Pace(), self._generation - 1, False
        at: tuple[str, int] = ("", 0)
        while found := self._some(SQL.unwritten_variants, pace, sku=at[0], product_id=at[1]):
            self.write(pace, _each, found, SQL.drop_variant)
            at, some = found[-1][:2], True
        last = 0
        while found := self._some(SQL.unwritten_products, pace, id=last):
            self.write(pace, _each, found, SQL.drop_version)
            last, some = found[-1][0], True
        for ended, end in ((SQL.ended_variants, SQL.end_variant), (SQL.ended_products, SQL.end_version)):
            while found := self._some(ended, pace, least=shown, most=FOR_GOOD - 1):
                self.write(pace, _each, [(FOR_GOOD, *key) for key in found], end)
                some = True
        # Words have their places in an index: fewer of them take as long.
        pace, last = Pace(), 0
        while found := self._some(SQL.unwritten_words, pace, id=last):
            self.write(pace, words_index.drop, found)
            last, some = found[-1][0], True
        while found := self._some(SQL.ended_words, pace, least=shown, most=FOR_GOOD - 1):
            self.write(pace, _each, [(FOR_GOOD, id_) for id_, _ in found], SQL.keep_words)
            some = True
        return some

    def sweep(self) -> None:
        """Take away what is shown no more, after the run has switched."""
        for ended, drop in (
            (SQL.ended_variants, partial(_each, query=SQL.drop_variant)),
            (SQL.ended_products, partial(_each, query=SQL.drop_version)),
            (SQL.ended_words, words_index.drop),
        ):
            pace = Pace()
            while found := self._some(ended, pace, least=-1, most=self._generation - 1):
                began = time.monotonic()
                self._database.write_now(drop, found)
                pace.took(time.monotonic() - began)
        while self._database.write_now(runs.forget_rejects, self._account.run.id, FIRST_WRITE):
            pass

    def _some(self, query: Query, pace: Pace, **values: Any) -> Sequence[Any]:
        return self._database.read_now(_all, query, {**values, "limit": pace.rows})


def _all(conn: Connection, query: Query, values: dict[str, Any]) -> Sequence[Any]:
    return conn.all(query, **values)


def _each(conn: Connection, rows: Sequence[Sequence[Any]], query: Query) -> None:
    conn.run_rows(query, rows)


def _none_unshown(conn: Connection) -> None:
    conn.run(SQL.none_unshown)
