"""Answering a repeated write with the first answer, in the transaction of the write itself.

As the answer is kept by the transaction that does the work, there is no moment at which one is there without the other.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from server.access.callers import Caller
from server.db import sql
from server.db.engine import Connection
from server.wire.base import Wire, timestamp
from server.wire.problems import ProblemError

SQL = sql.load(Path(__file__).parent)
T = TypeVar("T", bound=Wire)


class Repeatable(Wire):
    """What marks a request: the key that its sender gave it, what it asks for, and whom its answer may speak of."""

    key: str | None
    door: str
    body: bytes
    customer_id: int | None = None


def once(
    conn: Connection,
    caller: Caller,
    request: Repeatable,
    answer_type: type[T],
    now: datetime,
    action: Callable[..., T],
    *args: Any,
) -> T:
    """Run `action(conn, caller, *args, now)`, or give the answer that the same caller's same request got before.

    Raises:
        ProblemError: the key belongs to another request.
    """
    if request.key is None:
        return action(conn, caller, *args, now)
    request_hash = hashlib.blake2b(request.door.encode() + b"\0" + request.body, digest_size=16).digest()
    # Taken before anything is asked. On an engine whose writers work side by side, looking for a key that is not there
    # would make writers with keys near it begin again: each might be the one that was looked for.
    mine = {"caller": caller.name, "key": request.key}
    if not conn.run(
        SQL.take, **mine, request_hash=request_hash, taken_at=timestamp(now), customer_id=request.customer_id
    ):
        found = conn.one(SQL.find, **mine)
        assert found is not None
        if bytes(found[0]) != request_hash:
            raise ProblemError(
                "idempotency_key_reused",
                "This Idempotency-Key came with another request before. Use a new key for a new request.",
            )
        return msgspec.json.decode(found[1], type=answer_type)
    answer = action(conn, caller, *args, now)
    conn.run(SQL.keep, **mine, answer=msgspec.json.encode(answer).decode())
    return answer
