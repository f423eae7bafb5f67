"""`GET /v1/live`: what happens is told once, in order, to whoever listens, and to whoever comes back."""

import asyncio
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice, takewhile
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from server.catalog import runs
from server.customers.queries import customer_id_of
from server.db.engine import Connection, Database, DatabaseUnavailableError
from server.events.actions import record
from server.ingest.actions import apply_batch
from server.live import queries
from server.live.stream import KEPT, PAGE, Live, Wanted
from server.shop import Ending
from server.wire.base import Wire
from server.wire.catalog import RefusedRow
from server.wire.records import Record
from tests.server.given import ANY_CARD, NOW, asked, cart, customer, order, stock, store, who
from tests.server.http.conftest import PATIENCE, Running
from tests.server.http.log import Log
from tests.server.small_shop import LONG_AGO, ndjson

ALL = Wanted(None, None, None, personal=True)


async def anybody() -> None:
    """The door is open to everybody."""


LONGEST_SILENCE = 60.0
"""Seconds; what is told at all is told within one."""


class Message(NamedTuple):
    """One server-sent event; what tells how far a catalogue sync is has no number."""

    id: int | None
    event: str
    data: Any


def messages(lines: Iterable[str]) -> Iterator[Message]:
    """Lines of a stream as the events that they make; what has no data is none, and is not waited with for ever."""
    fields: dict[str, str] = {}
    told_at = time.monotonic()
    for line in lines:
        assert time.monotonic() < told_at + LONGEST_SILENCE, "the stream beats, and tells nothing"
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        if "data" in fields:
            number = fields.get("id")
            yield Message(None if number is None else int(number), fields["event"], json.loads(fields["data"]))
            told_at = time.monotonic()
        fields = {}


@contextmanager
def listening(
    house: Running, after: int | None = None, caller: httpx.Client | None = None, **query: Any
) -> Iterator[Iterator[Message]]:
    """A stream that is open, to somebody who is signed in if it is nobody else's."""
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    with (caller or house.client).stream("GET", "/v1/live", params=query, headers=headers) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert answer.headers["cache-control"] == "no-store"
        yield messages(answer.iter_lines())


def bring(house: Running, *records: Record) -> None:
    """Bring records through the server's own door."""
    answer = house.sync.post("/v1/records", content=ndjson(records))
    assert answer.json()["refused"] == 0, answer.text


def stocks(count: int) -> list[Record]:
    """So many things that happen."""
    return [stock(1, LONG_AGO, sku=f"A{number}") for number in range(count)]


def test_what_happens_is_told(empty_house: Running) -> None:
    """A stream begins by saying from where on it tells, then tells each change with its number."""
    bring(empty_house, store("m1", LONG_AGO))
    with listening(empty_house) as stream:
        opened = next(stream)
        assert opened == (opened.id, "opened", {"type": "opened", "id": opened.id, "resumed": False})
        assert opened.id == empty_house.last_event
        bring(empty_house, order(customer=who("1"), store="m1"))
        told = next(stream)
    number = empty_house.customer("1", "shop")
    assert told.event == "order_changed"
    assert told.data == {
        "id": told.id,
        "at": "2026-11-21T12:00:00.000000Z",
        "customer_id": number,
        "person_id": number,
        "store": "m1",
        "event": {"type": "order_changed", "order_id": told.data["event"]["order_id"]},
    }
    assert told.id > opened.id


def test_a_stream_goes_on_where_it_broke(empty_house: Running) -> None:
    """Whoever sends the number of their last event misses nothing and hears nothing twice."""
    with listening(empty_house) as stream:
        start = next(stream).id
        bring(empty_house, *stocks(3))
        heard = [next(stream)]
    bring(empty_house, store("m2", LONG_AGO))
    with listening(empty_house, heard[-1].id) as stream:
        opened = next(stream)
        assert opened.data == {"type": "opened", "id": heard[-1].id, "resumed": True}
        heard += islice(stream, 3)
    assert [message.id for message in heard] == [event.id for event in empty_house.events_after(start)]
    assert [message.event for message in heard] == ["stock_changed"] * 3 + ["store_changed"]


def test_who_was_away_for_long_misses_nothing(empty_house: Running) -> None:
    """More happened than is kept in memory, also while somebody listens who is slow: it is read from the table."""
    count = 2 * KEPT + PAGE + 7
    with listening(empty_house) as slow:
        start = next(slow).id
        bring(empty_house, *stocks(count))
        with listening(empty_house, start) as stream:
            assert next(stream).data["resumed"]
            again = [message.id for message in islice(stream, count)]
        first = [message.id for message in islice(slow, count)]
    assert first == again == sorted(set(first))


def test_a_number_of_another_database_starts_anew(empty_house: Running) -> None:
    """An id that was never given resumes nothing, and the stream says so."""
    with listening(empty_house, 10**9) as stream:
        assert next(stream).data == {"type": "opened", "id": empty_house.last_event, "resumed": False}


def test_a_stream_of_one_person(empty_house: Running) -> None:
    """A stream for a customer tells of all customers of their person and of nobody else."""
    bring(
        empty_house,
        customer("1", LONG_AGO, source="web", cards=("2900000200012",)),
        customer("1", LONG_AGO, source="till", cards=("2900000200012",)),
        customer("2", LONG_AGO, source="web"),
    )
    with listening(empty_house, customer=empty_house.customer("1", "web")) as stream:
        next(stream)
        bring(empty_house, order("9", customer=who("2"), source="web"), *stocks(2))
        bring(empty_house, order("10", customer=who("1"), source="till"))
        told = next(stream)
    assert (told.event, told.data["customer_id"]) == ("order_changed", empty_house.customer("1", "till"))


def test_programs_hear_of_carts_and_of_nothing_else_of_anybody(empty_house: Running) -> None:
    """A shop that asks instead of being told misses no change of a cart, and hears of nothing else of anybody."""
    with listening(empty_house, caller=empty_house.sync) as stream:
        next(stream)
        bring(empty_house, customer("1"), cart(customer=who("1")), order(customer=who("1")))
        shown = empty_house.customer("1", "shop")
        cart_id = empty_house.client.get(f"/v1/customers/{shown}/context").json()["carts"][0]["id"]
        change = {"quantity": 3, "base_quantity": 1}
        empty_house.client.put(f"/v1/carts/{cart_id}/lines/1", json=change, headers={"Idempotency-Key": "change-it"})
        bring(empty_house, store("m1", LONG_AGO))
        heard = list(takewhile(lambda message: message.event != "store_changed", stream))
    assert [message.event for message in heard] == ["cart_changed", "cart_line_changed"]
    assert heard[1].data["event"]["quantity"] == 3


def test_a_stream_of_one_store(empty_house: Running) -> None:
    """A stream for a store tells of what names that store."""
    with listening(empty_house, store="m2") as stream:
        next(stream)
        bring(empty_house, *stocks(2), stock(3, LONG_AGO, store="m2"))
        told = next(stream)
    assert (told.event, told.data["store"], told.data["event"]["quantity"]) == ("stock_changed", "m2", 3)


def test_a_server_that_is_told_to_stop(empty_house: Running) -> None:
    """Streams end, and it is no longer ready though it lives; what else is asked is still answered."""
    assert empty_house.client.get("/health/ready").is_success
    with listening(empty_house) as stream:
        next(stream)
        empty_house.ending.begin()
        assert list(stream) == []
    answer = empty_house.client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "stopping")
    assert empty_house.client.get("/health/live").is_success
    assert empty_house.client.get("/v1/stores").is_success


def test_what_another_program_writes_is_told(database: Database, second: Database) -> None:
    """An import beside the server, or another server on the same database, is heard of."""

    async def hear() -> int:
        live = Live(database, Ending())
        async with live.running():
            stream = live.follow(ALL, None, anybody)
            start = (await anext(stream)).id
            await second.write(apply_batch, stocks(1), ANY_CARD, NOW)
            told = await anext(stream)
            assert told.event == "stock_changed"
            return int(told.id or 0) - int(start or 0)

    assert asyncio.run(hear()) >= 1


def test_silence_is_told_of(database: Database) -> None:
    """While nothing happens a stream says that it is still there, from where to go on, and looks who is who anew."""

    async def hear() -> list[str | None]:
        await database.write(apply_batch, [customer("1", LONG_AGO)], ANY_CARD, NOW)
        live = Live(database, Ending(), heartbeat=0.01)
        async with live.running():
            person = await database.read(queries.person_of, 1)
            stream = live.follow(Wanted(1, person, None, personal=True), None, anybody)
            assert (await anext(stream)).event == "opened"
            beat = await anext(stream)
            last = await database.read(queries.last)
            assert (beat.data, beat.comment, beat.id) == (None, "still here", last)
            # A second customer turns out to be the same person, and the first of them is no longer asked for alone.
            records = [
                customer("1", 1, cards=("2900000200012",)),
                customer("7", 1, cards=("2900000200012",)),
                order("8", customer=who("7")),
            ]
            await database.write(apply_batch, records, ANY_CARD, NOW)
            return [message.event async for message in _told(stream, 3)]

    assert asyncio.run(hear()) == ["customer_changed", "customer_changed", "order_changed"]


def test_a_busy_shop_silences_no_stream(database: Database) -> None:
    """However much happens to others a stream beats, with where to go on, and looks who is who anew."""

    async def hear() -> None:
        await database.write(apply_batch, [customer("1", LONG_AGO), customer("7", LONG_AGO)], ANY_CARD, NOW)
        seventh = await database.read(customer_id_of, "shop", "7")
        assert seventh is not None
        live = Live(database, Ending(), heartbeat=0.3)
        async with asyncio.timeout(LONGEST_SILENCE), live.running():
            stream = live.follow(Wanted(seventh, seventh, None, personal=True), None, anybody)
            start = (await anext(stream)).id
            beat = await _meanwhile(database, stream, "A")
            assert (beat.data, beat.comment) == (None, "still here")
            assert int(beat.id or 0) > int(start or 0)
            # They turn out to be one person, named after the other: what happens to that one is told once it is seen.
            same = {"cards": ("2900000200012",)}
            await database.write(apply_batch, [customer("1", 1, **same), customer("7", 1, **same)], ANY_CARD, NOW)
            while (await _meanwhile(database, stream, "B")).comment is None:
                pass
            await database.write(apply_batch, [order("8", customer=who("1"))], ANY_CARD, NOW)
            assert [message.event async for message in _told(stream, 1)] == ["order_changed"]

    asyncio.run(hear())


async def _meanwhile(database: Database, stream: Any, name: str) -> Any:
    """What a stream says while one thing after the other happens that is not for it."""
    said, number = asyncio.ensure_future(anext(stream)), 0
    while not said.done():
        number += 1
        await database.write(apply_batch, [stock(1, LONG_AGO, sku=f"{name}{number}")], ANY_CARD, NOW)
    return await said


def test_a_stream_looks_for_what_it_tells(database: Database) -> None:
    """Whether its door is still open is asked at its beginning and where there is something for it, not for others."""

    async def hear() -> int:
        looks = 0

        async def look() -> None:
            nonlocal looks
            looks += 1

        live = Live(database, Ending(), heartbeat=LONGEST_SILENCE)
        async with asyncio.timeout(LONGEST_SILENCE), live.running():
            all_of_it, stream = live.follow(ALL, None, anybody), live.follow(ALL._replace(store="m9"), None, look)
            await anext(all_of_it)
            await anext(stream)
            told = asyncio.ensure_future(anext(stream))
            for number in range(20):
                await database.write(apply_batch, [stock(1, LONG_AGO, sku=f"A{number}")], ANY_CARD, NOW)
                await anext(all_of_it)
                await asyncio.sleep(0)
            await database.write(apply_batch, [stock(1, LONG_AGO, store="m9")], ANY_CARD, NOW)
            assert (await told).event == "stock_changed"
            return looks

    assert asyncio.run(hear()) == 2


class Unheard(Wire, tag="unheard_of"):
    """What a newer server tells of."""

    what: str


def unheard(conn: Connection) -> None:
    """A newer server writes."""
    record(conn, Unheard(what="new"), NOW)  # type: ignore[arg-type]


def test_what_a_newer_server_tells_of_is_passed_over(database: Database, log: Log) -> None:
    """A kind that is not known here ends no stream, neither as it comes nor for who comes back; it is logged once."""

    async def hear() -> None:
        live = Live(database, Ending())
        async with asyncio.timeout(LONGEST_SILENCE), live.running():
            stream = live.follow(ALL, None, anybody)
            start = int((await anext(stream)).id or 0)
            for number in range(2):
                await database.write(unheard)
                await database.write(apply_batch, [stock(1, LONG_AGO, sku=f"A{number}")], ANY_CARD, NOW)
            heard = [message.event async for message in _told(stream, 2)]
        later = Live(database, Ending())
        async with asyncio.timeout(LONGEST_SILENCE), later.running():
            again = [message.event async for message in _told(later.follow(ALL, start, anybody), 3)]
        assert (heard, again) == (["stock_changed"] * 2, ["opened", *["stock_changed"] * 2])

    asyncio.run(hear())
    told = [(line["level"], line["kind"]) for line in log.lines if line["event"] == "event_of_an_unknown_kind"]
    assert told == [("warning", "unheard_of")] * 2  # one a server


def test_a_fault_of_ours_ends_no_stream(database: Database, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is, it stands in the log, and streams tell what happened meanwhile when it is over."""
    monkeypatch.setattr("server.live.stream.LOOK_AGAIN", 0.01)
    wrong, after = list[Exception](), queries.after

    def after_or_fail(conn: Connection, id_: int, limit: int) -> list[queries.Told]:
        if wrong:
            raise wrong.pop()
        return after(conn, id_, limit)

    monkeypatch.setattr("server.live.queries.after", after_or_fail)

    async def hear() -> str | None:
        live = Live(database, Ending())
        async with asyncio.timeout(PATIENCE), live.running():
            stream = live.follow(ALL, None, anybody)
            await anext(stream)
            await database.write(apply_batch, stocks(1), ANY_CARD, NOW)
            await anext(stream)  # from here on the reader tells it all, and it reads nothing itself
            wrong.append(ValueError("a fault"))
            await database.write(apply_batch, [store("m1", LONG_AGO)], ANY_CARD, NOW)
            return (await anext(stream)).event

    assert asyncio.run(hear()) == "store_changed"
    assert [line["level"] for line in log.lines if line["event"] == "live_streams_hear_nothing"] == ["error"]


def test_who_was_away_for_too_long_is_told(empty_house: Running) -> None:
    """Where events are gone that somebody did not hear, the stream says that it goes on with a gap."""
    bring(empty_house, *stocks(5))
    kept = empty_house.events_after(0)[2:]
    empty_house.database.write_now(forget_before, kept[0].id)
    for after, resumed in ((kept[0].id - 2, False), (kept[0].id - 1, True), (kept[0].id, True), (kept[-1].id, True)):
        with listening(empty_house, after) as stream:
            begins = after if resumed else kept[-1].id
            assert next(stream).data == {"type": "opened", "id": begins, "resumed": resumed}


def test_where_nothing_ever_happened_nothing_was_missed(database: Database) -> None:
    """Whoever heard that there is nothing yet goes on from there."""

    async def hear() -> Any:
        live = Live(database, Ending())
        async with live.running():
            return json.loads((await anext(live.follow(ALL, 0, anybody))).data or "")

    assert asyncio.run(hear()) == {"type": "opened", "id": 0, "resumed": True}


def forget_before(conn: Connection, id_: int) -> None:
    """What happened long ago is forgotten."""
    conn.run(asked("DELETE FROM events WHERE id < :id"), id=id_)


class Away:
    """A database that cannot be reached for a while."""

    def __init__(self, database: Database) -> None:
        self.away = False
        self._database = database

    def __getattr__(self, name: str) -> Any:
        if self.away and name in {"read", "read_aside", "write"}:
            raise DatabaseUnavailableError("it is away")
        return getattr(self._database, name)


def test_a_stream_waits_for_a_database_that_is_away(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It opens once the database is there, and one that still reads the table goes on where it was."""
    monkeypatch.setattr("server.live.stream.LOOK_AGAIN", 0.01)

    async def hear() -> None:
        await database.write(apply_batch, stocks(3), ANY_CARD, NOW)
        away: Any = Away(database)
        live = Live(away, Ending())
        async with live.running():
            other = live.follow(ALL, None, anybody)
            await anext(other)
            await database.write(apply_batch, [store("m1", LONG_AGO)], ANY_CARD, NOW)
            await anext(other)  # so its first look is behind it
            stream = live.follow(ALL, 0, anybody)
            for event in ("opened", "stock_changed"):
                away.away = True
                beats = [await anext(stream) for _ in range(2)]
                assert {(beat.data, beat.comment) for beat in beats} == {(None, "the database is away")}
                away.away = False
                assert (await anext(_told(stream, 1))).event == event
            assert [message.event async for message in _told(stream, 3)] == [
                *["stock_changed"] * 2,
                "store_changed",
            ]

    asyncio.run(hear())


def test_how_far_a_catalogue_is_told_to_who_may_hear(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest run when a stream begins, how it goes on and how it ended; others hear nothing of it."""
    monkeypatch.setattr("server.live.stream.LOOK_AT_RUNS", 0.0)
    monkeypatch.setattr("server.live.stream.RUN_TOLD", 600.0)

    async def hear() -> tuple[list[tuple[str, str | None, int]], list[str | None]]:
        run, _ = await database.write(runs.begin, "erp", "feed.tsv", NOW)
        row = RefusedRow(line=1, field="id", value="", rule="id is missing")
        run = msgspec.structs.replace(run, rows=10, refused=1, refusals=(row,))
        await database.write(runs.keep, run, NOW)
        live = Live(database, Ending(), heartbeat=0.2)
        async with live.running():
            may, may_not = live.follow(ALL._replace(runs=True), None, anybody), live.follow(ALL, None, anybody)
            heard = [await anext(may), await anext(may)]
            others = [await anext(may_not)]
            for change in ({"rows": 20}, {"doing": "writing"}, {"rows": 30}, {"state": "done", "doing": None}):
                run = msgspec.structs.replace(run, **change)
                await database.write(runs.keep, run, NOW)
                if "rows" not in change:
                    heard.append(await anext(_told(may, 1)))
            others.append(await anext(may_not))
        assert [message.id is None for message in heard] == [False, True, True, True]
        assert all("id is missing" not in str(message.data) for message in heard)
        told = [json.loads(message.data)["run"] for message in heard[1:]]
        return [(run["state"], run["doing"], run["rows"]) for run in told], [message.event for message in others]

    told, others = asyncio.run(hear())
    assert told == [("running", "reading", 10), ("running", "writing", 20), ("done", None, 30)]
    assert others == ["opened", None]


async def _told(stream: Any, count: int) -> Any:
    """The next so many events, without what only says that there are none."""
    async for message in stream:
        if message.data is not None:
            yield message
            count -= 1
            if not count:
                return
