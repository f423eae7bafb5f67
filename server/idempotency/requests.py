"""What makes a request one that may be repeated: its key, and what it asks for."""

from datetime import timedelta
from typing import Annotated

import msgspec
from litestar.params import HeaderParameter

from server.wire.base import Wire

SECRETS_TOLD = timedelta(minutes=15)
"""How long a repeat is told a token or a code once more: as long as an enrolment code lives."""

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="a repeat with the same key gets the first answer again",
    ),
]


class Repeatable(Wire):
    """What marks a request.

    Attributes:
        key: what its sender gave it; None: it is not to be repeated.
        door: what it asks for, with the numbers of whom and what.
        body: the rest of it.
        customer_id: whom its answer may speak of.
        asker: who asks, where a door is open to everybody; else it is the caller.
        seal: a key of the installation under which request and answer are kept, so that nobody reads or guesses PINs,
            codes and tokens in the database; None: they are kept as they are.
        told_for: how long a repeat gets the answer; None: as long as it is kept.
    """

    key: str | None
    door: str
    body: bytes
    customer_id: int | None = None
    asker: str | None = None
    seal: bytes | None = None
    told_for: timedelta | None = None


def repeatable(key: str | None, door: str, body: msgspec.Struct, customer_id: int | None) -> Repeatable:
    """A request whose body and answer hold no secret."""
    return Repeatable(key=key, door=door, body=msgspec.json.encode(body), customer_id=customer_id)
