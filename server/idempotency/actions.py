"""Answering a repeated write with the first answer, in the transaction of the write itself.

As the answer is kept by the transaction that does the work, there is no moment at which one is there without the other.
"""

import hashlib
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.access.callers import Caller
from server.db import sql
from server.db.engine import Connection
from server.idempotency.requests import Repeatable
from server.wire.base import Wire, timestamp
from server.wire.problems import ProblemError

SQL = sql.load(Path(__file__).parent)
T = TypeVar("T", bound=Wire | ProblemError | None)

_NONCE = 12
"""Bytes."""


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

    A problem that the action answers with, instead of raising it, is kept no more than one that it raises.

    Raises:
        ProblemError: the key belongs to another request, or its answer is told no more.
    """
    if request.key is None:
        return action(conn, caller, *args, now)
    request_hash = hashlib.blake2b(
        request.door.encode() + b"\0" + request.body, digest_size=16, key=request.seal or b""
    ).digest()
    # Taken before anything is asked. On an engine whose writers work side by side, looking for a key that is not there
    # would make writers with keys near it begin again: each might be the one that was looked for.
    mine = {"caller": request.asker or caller.name, "key": request.key}
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
        if request.told_for is not None and found[2] < timestamp(now - request.told_for):
            raise ProblemError(
                "answer_expired",
                "This was done and answered, and the answer is told no more. Ask anew with a new Idempotency-Key.",
            )
        return msgspec.json.decode(_opened(found[1], request, request_hash), type=answer_type)
    answer = action(conn, caller, *args, now)
    if isinstance(answer, ProblemError):
        conn.run(SQL.release, **mine)
    else:
        conn.run(SQL.keep, **mine, answer=_sealed(msgspec.json.encode(answer), request, request_hash))
    return answer


def _sealed(answer: bytes, request: Repeatable, request_hash: bytes) -> str:
    if request.seal is None:
        return answer.decode()
    nonce = os.urandom(_NONCE)
    return (nonce + AESGCM(request.seal).encrypt(nonce, answer, request_hash)).hex()


def _opened(kept: str, request: Repeatable, request_hash: bytes) -> bytes:
    if request.seal is None:
        return kept.encode()
    sealed = bytes.fromhex(kept)
    return AESGCM(request.seal).decrypt(sealed[:_NONCE], sealed[_NONCE:], request_hash)
