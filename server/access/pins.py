"""PINs: kept as argon2id over a keyed hash, so that a copy of the database gives no way to try them.

A check takes some 30 ms and 32 MB, on purpose. It runs on a thread, a few at a time, and never inside a transaction.
"""

import asyncio
import hmac
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

AT_ONCE = 2
"""Checks that run side by side: more would take the processor from scans, and memory from everybody."""

_hasher = PasswordHasher(time_cost=3, memory_cost=32 * 1024, parallelism=1, type=Type.ID)


def hash_pin(key: bytes, pin: str) -> str:
    """What is kept of a PIN; takes its time."""
    return _hasher.hash(_peppered(key, pin))


def is_pin(key: bytes, kept: str, pin: str) -> bool:
    """Whether a PIN is the one that something was kept of; takes its time."""
    try:
        return _hasher.verify(kept, _peppered(key, pin))
    except VerifyMismatchError:
        return False


class Pins:
    """The same for an event loop, which goes on meanwhile.

    Args:
        key: for PINs alone, see `keys.Keys`.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._threads = ThreadPoolExecutor(AT_ONCE, "mostrador-pins")

    async def hash(self, pin: str) -> str:
        """What is kept of a PIN."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, hash_pin, self._key, pin)

    async def is_pin(self, kept: str, pin: str) -> bool:
        """Whether a PIN is the one that something was kept of."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, is_pin, self._key, kept, pin)


def _peppered(key: bytes, pin: str) -> bytes:
    return hmac.digest(key, pin.encode(), "sha256")
