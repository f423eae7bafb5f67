"""Small work for engines: some that succeeds, some that fails in each way there is, and a gate that holds a writer."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

from server.db.engine import Connection, Database
from tests.server.given import asked

PUT = asked("INSERT INTO vocabulary (word) VALUES (:word)")
WORDS = asked("SELECT word FROM vocabulary ORDER BY id")
NONSENSE = asked("SELECT nothing FROM nowhere")


def put(conn: Connection, word: str) -> str:
    """Write a word."""
    conn.run(PUT, word=word)
    return word


def put_late(conn: Connection, word: str) -> str:
    """Write a word before the transaction ends."""
    conn.run_late(PUT, {"word": word})
    return word


def words(conn: Connection) -> list[str]:
    """Every word, as they came."""
    return [word for (word,) in conn.all(WORDS)]


def refuse(conn: Connection, word: str) -> str:
    """Write a word in each way, then raise what a rule raises."""
    put(conn, word)
    put_late(conn, f"{word} late")
    raise ValueError(word)


def violate(conn: Connection, word: str) -> str:
    """Write a word twice."""
    put(conn, word)
    return put(conn, word)


def violate_late(conn: Connection, word: str) -> str:
    """Write a word twice before the transaction ends."""
    put_late(conn, word)
    return put_late(conn, word)


def misspell(conn: Connection, word: str) -> str:
    """Write a word, then ask what no database understands."""
    put(conn, word)
    conn.all(NONSENSE)
    return word


class Gate:
    """A write that keeps the writer busy until others wait behind it."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._begun, self._open = threading.Event(), threading.Event()

    async def close(self) -> None:
        self._write = asyncio.ensure_future(self._db.write(self._hold))
        assert await asyncio.to_thread(self._begun.wait, 10)

    def open(self) -> None:
        self._open.set()

    def _hold(self, _: Connection) -> None:
        self._begun.set()
        assert self._open.wait(10)


async def queued(*writes: Coroutine[Any, Any, str]) -> list[asyncio.Future[str]]:
    """Begin writes that wait for the writer, and go on."""
    tasks = [asyncio.ensure_future(write) for write in writes]
    await asyncio.sleep(0)  # one turn of the loop: all of them wait for the writer
    return tasks
