"""What a server does by itself: it scrubs after erasures, whoever made them, and keeps the nights."""

import asyncio
import queue
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import repeat
from typing import Any

import pytest

from server.db.engine import Database, DatabaseError
from server.privacy import retention
from server.privacy.actions import erase
from server.privacy.keeper import Keeper
from server.privacy.queries import erasure_of
from server.privacy.retention import LEASE
from server.privacy.rules import night_of
from server.settings import Settings
from server.shop import Ending, Shop
from tests.server import given
from tests.server.db.test_move import at_a_kiosk
from tests.server.given import ANY_CARD, KEYS, NOW, ledger, take
from tests.server.http.log import Log
from tests.server.privacy import people
from tests.server.privacy.test_erasure import number
from tests.server.small_shop import RECORDS


def keeper(database: Database, times: Iterator[datetime]) -> Keeper:
    """A server's keeper, and what its clock shows each time it is looked at."""
    return Keeper(Shop(database, Settings(), lambda: next(times), Ending(), KEYS, ledger(database)))


async def _until_scrubbed(kept: Keeper, database: Database, customer_id: int) -> None:
    async with kept.running(), asyncio.timeout(20):
        mark = 0
        while True:
            erasure = await database.read(erasure_of, customer_id)
            assert erasure is not None
            if erasure.scrubbed_at is not None:
                return
            mark = await database.changed(mark, 0.1)


def test_an_erasure_that_was_broken_off_after_its_commit_is_scrubbed_by_the_next_server(database: Database) -> None:
    """What one server could not finish another finishes as soon as it starts."""
    database.write_now(take, *people.her())
    id_ = database.read_now(number, people.EXTERNAL_ID)
    assert database.write_now(erase, id_, ANY_CARD, NOW).scrubbed_at is None
    asyncio.run(_until_scrubbed(keeper(database, repeat(NOW)), database, id_))


@pytest.mark.parametrize(("hour", "nights"), [(2, 0), (3, 1), (23, 1)])
def test_a_night_is_done_once_its_hour_came(shop: given.Shop, hour: int, nights: int) -> None:
    """Before the hour of the setting nothing is done; from then on it is, once a day."""
    now = NOW.replace(hour=hour)

    def times() -> Iterator[datetime]:
        while True:
            yield now

    kept = keeper(shop.database, times())
    for _ in range(3):
        asyncio.run(kept.tidy())
    assert shop.count("retention_runs") == nights
    assert shop.count("retention_runs WHERE ended_at IS NOT NULL") == nights
    now = now.replace(day=now.day + 1, hour=4)
    asyncio.run(kept.tidy())
    assert shop.count("retention_runs") == nights + 1
    assert night_of(now, 3) == "2026-11-22"


@pytest.mark.parametrize("whose", ["the same server's", "another's"])
def test_a_night_that_failed_is_gone_on_with(
    shop: given.Shop, second: Database, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    """Who looks while it is still held leaves it alone, and takes it over once it was not heard of for long enough."""
    now, cut = NOW, retention._cut_looks

    def times() -> Iterator[datetime]:
        while True:
            yield now

    async def fail(*_: Any) -> int:
        raise DatabaseError("away")

    first, other = keeper(shop.database, times()), keeper(second, times())
    monkeypatch.setattr(retention, "_cut_looks", fail)
    with pytest.raises(DatabaseError):
        asyncio.run(first.tidy())
    monkeypatch.setattr(retention, "_cut_looks", cut)
    looking = first if whose == "the same server's" else other
    now += timedelta(minutes=1)
    asyncio.run(looking.tidy())
    assert shop.count("retention_runs WHERE ended_at IS NULL") == 1
    now += LEASE
    asyncio.run(looking.tidy())
    assert shop.count("retention_runs") == shop.count("retention_runs WHERE ended_at IS NOT NULL") == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (DatabaseError("away"), ("warning", "privacy_waits_for_the_database")),
        (ValueError("a fault"), ("error", "privacy_is_not_kept")),
    ],
    ids=["the database is away", "a fault of ours"],
)
def test_a_night_that_fails_each_time_holds_up_nothing_else(
    database: Database, log: Log, monkeypatch: pytest.MonkeyPatch, error: Exception, told: tuple[str, str]
) -> None:
    """Whatever it is, it stands in the log, and with each look the erased are scrubbed and the night is tried again."""
    monkeypatch.setattr("server.privacy.keeper.LOOK_EVERY", 0.01)
    kept, failed = keeper(database, repeat(NOW)), queue.SimpleQueue[None]()
    database.write_now(take, *people.her())
    id_ = database.read_now(number, people.EXTERNAL_ID)

    async def fail() -> None:
        failed.put(None)
        raise error

    monkeypatch.setattr(kept, "tidy", fail)

    async def run() -> None:
        async with kept.running(), asyncio.timeout(20):
            await asyncio.to_thread(failed.get, timeout=15)
            await database.write(erase, id_, ANY_CARD, NOW)
            await asyncio.to_thread(failed.get, timeout=15)
            mark = 0
            while (await database.read(erasure_of, id_)).scrubbed_at is None:  # type: ignore[union-attr]
                mark = await database.changed(mark, 0.1)

    asyncio.run(run())
    assert {(line["level"], line["event"]) for line in log.lines if line["level"] != "debug"} == {told}


def test_memory_is_given_back_with_every_look(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not after a night alone: what its readers still held then is freed when they read again, which may be later."""
    looks = queue.SimpleQueue[str]()
    monkeypatch.setattr("server.privacy.keeper.give_back", lambda: looks.put(threading.current_thread().name))
    monkeypatch.setattr("server.privacy.keeper.LOOK_EVERY", 0.01)

    async def looked(times: int) -> list[str]:
        async with keeper(database, repeat(NOW.replace(hour=2))).running(), asyncio.timeout(20):
            return [await asyncio.to_thread(looks.get, timeout=20) for _ in range(times)]

    # Not in the thread that answers customers.
    assert threading.current_thread().name not in asyncio.run(looked(3))


def test_what_nobody_ended_ends_by_itself(shop: given.Shop) -> None:
    """A customer who left a kiosk without a word, and a cart that no till came for: each is over within the minute."""
    shop.take(*RECORDS)
    shop.database.write_now(at_a_kiosk)
    now = NOW

    def times() -> Iterator[datetime]:
        while True:
            yield now

    kept = keeper(shop.database, times())
    asyncio.run(kept.clear_up())
    assert shop.rows("SELECT state FROM handoffs") == [("issued",)]
    assert shop.count("kiosk_sessions WHERE ended_at IS NULL") == 1
    now = NOW + timedelta(minutes=10)
    asyncio.run(kept.clear_up())
    assert shop.rows("SELECT state FROM handoffs") == [("released",)]
    assert shop.count("kiosk_sessions WHERE ended_at IS NULL") == 0
    ended = [happened.event.__struct_config__.tag for happened in shop.events()][-2:]
    assert ended == ["handoff_released", "kiosk_session_ended"]
