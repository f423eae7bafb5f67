"""Two ways for the newest statement to win, both free of any order of arrival.

A snapshot (order, cart, wish list) wins whole: by its time, at equal times by its content's hash. A described thing
(customer, product, store) wins field by field: by the time the field was stated, at equal times by its value. Both
take the larger of two values in a total order, so that any sequence and repetition ends the same.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET

from server.wire.base import Wire

CLOCK_TOLERANCE = timedelta(minutes=5)

Value = str | int | float | None
Verdict = Literal["new", "changed", "confirmed", "unchanged", "older"]
"""`confirmed`: a later time and the same content; the time is kept, nobody is told."""

STATEMENT = ""
"""Stands among the times of fields for the thing itself: when it was last spoken of, whatever was said."""

_encoder = msgspec.json.Encoder(order="sorted")
_OFFSET = re.compile(rb':\d\d"')
"""How a time with an offset ends; it begins with a plain sign so that the search leaps from colon to colon."""


Key = tuple[str, str, str]
"""Kind, source and external id of an outside record."""


class Known(NamedTuple):
    """What we hold of a snapshot.

    `row_id` is None where its rows are withheld, because its customer asked to be forgotten since, and where only a
    deletion is known: there `content_hash` is empty too. `placed_at` is an order's, else None.
    """

    row_id: int | None
    customer_id: int | None
    placed_at: str | None
    updated_at: str
    content_hash: bytes
    deleted_at: str | None


def content_hash(record: Wire) -> bytes:
    """16 bytes that are equal for equal content; the record's own time is no content, nor is what it does not say."""
    said = msgspec.structs.asdict(record)
    fields = {name: value for name, value in said.items() if value is not UNSET and name != "updated_at"}
    return hashlib.blake2b(_canonical(fields), digest_size=16).digest()


def verdict(known: Known | None, updated_at: str, hash_: bytes) -> Verdict:
    """Decide what an incoming snapshot is beside the one we hold."""
    if known is None:
        return "new"
    if known.deleted_at is not None and updated_at <= known.deleted_at:
        return "older"
    incoming, held = (updated_at, hash_), (known.updated_at, known.content_hash)
    if incoming == held:
        return "unchanged"
    if incoming < held:
        return "older"
    if known.row_id is None:
        return "new"
    return "confirmed" if hash_ == known.content_hash else "changed"


def latest(now: datetime) -> datetime:
    """The latest time that is taken. A clock runs ahead: taken as true, its statements would win for as long."""
    return now + CLOCK_TOLERANCE


class Merged(NamedTuple):
    """The fields that have another value now, the times of all fields, and what that makes the statement."""

    changes: dict[str, Value]
    times: dict[str, str]
    verdict: Verdict


def merge_fields(
    held: Mapping[str, Value], times: Mapping[str, str], stated: Mapping[str, Value], at: str, deleted_at: str | None
) -> Merged:
    """Take of a statement made `at` each field that is newer than what is held.

    Args:
        held: every field's value.
        times: when each field that was ever stated was stated, and the thing itself (`STATEMENT`).
        stated: the fields of this statement.
        at: its time.
        deleted_at: what was stated up to then no longer counts.
    """
    if deleted_at is not None and at <= deleted_at:
        return Merged({}, dict(times), "older")
    merged_times = {**times, STATEMENT: max(at, times.get(STATEMENT, ""))}
    changes: dict[str, Value] = {}
    overtaken = 0
    for field, value in stated.items():
        held_at = times.get(field)
        if held_at is not None and (at, _rank(value)) < (held_at, _rank(held[field])):
            overtaken += 1
            continue
        merged_times[field] = at
        if held[field] != value:
            changes[field] = value
    if not times:
        result: Verdict = "new"
    elif changes:
        result = "changed"
    elif stated and overtaken == len(stated):
        result = "older"
    elif merged_times != times:
        result = "confirmed"
    else:
        result = "unchanged"
    return Merged(changes, merged_times, result)


def _rank(value: Value) -> tuple[bool, str]:
    """Any total order will do, as long as everyone uses it; a value goes before none."""
    return (value is not None, str(value))


def forget_fields(held: Mapping[str, Value], times: Mapping[str, str], at: str) -> Merged:
    """Drop what was stated up to a moment."""
    kept = {field: time for field, time in times.items() if time > at}
    return Merged({field: None for field in held if field not in kept and held[field] is not None}, kept, "changed")


def pack_times(times: Mapping[str, str]) -> str:
    """Fields by the time they were stated; mostly that is one time."""
    by_time: dict[str, list[str]] = {}
    for field in sorted(times):
        by_time.setdefault(times[field], []).append(field)
    return _encoder.encode(by_time).decode()


def unpack_times(packed: str) -> dict[str, str]:
    """The reverse of `pack_times`."""
    by_time = msgspec.json.decode(packed, type=dict[str, list[str]])
    return {field: time for time, fields in by_time.items() for field in fields}


def json_text(value: Any) -> str | None:
    """A value as the JSON text it is kept as; equal values give equal texts, nothing gives None."""
    return _canonical(value).decode() if value else None


def _canonical(value: Any) -> bytes:
    """A value as JSON with sorted keys and every time in UTC, whichever of its forms it came in."""
    text = _encoder.encode(value)
    return _encoder.encode(_in_utc(value)) if _OFFSET.search(text) else text


def _in_utc(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, tuple):
        return tuple(_in_utc(entry) for entry in value)
    if isinstance(value, dict):
        return {name: _in_utc(entry) for name, entry in value.items()}
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.asdict(value)
        return msgspec.structs.replace(value, **{name: _in_utc(entry) for name, entry in fields.items()})
    return value
