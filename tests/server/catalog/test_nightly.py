"""The catalogue at night: one server of several takes it, it is tried again, and who must hear of a bad night does."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from server.catalog import nights, queries
from server.catalog.alarms import raise_alarm, tell_alarms
from server.catalog.nightly import Nightly
from server.catalog.rules import LATE, Night, night_of
from server.db.engine import Database
from server.settings import Settings
from server.shop import Ending, Shop
from server.webhooks import place_in_network, signature
from tests.engines import Engines
from tests.server import given
from tests.server.given import KEYS, ledger
from tests.server.http.log import Log
from tests.server.outside import FEED, Outside

MADRID = ZoneInfo("Europe/Madrid")
DUE = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
"""Half past three in Madrid."""
SECRET = "whsec_" + base64.b64encode(b"m" * 24).decode()


def utc(text: str) -> datetime:
    """A moment."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "at", "zone", "night", "due"),
    [
        ("2026-11-21T02:29:59", "03:30", "Europe/Madrid", "2026-11-20", "2026-11-20T02:30"),
        ("2026-11-21T02:30:00", "03:30", "Europe/Madrid", "2026-11-21", "2026-11-21T02:30"),
        ("2026-11-21T23:59:00", "03:30", "Europe/Madrid", "2026-11-21", "2026-11-21T02:30"),
        ("2026-11-21T22:59:59", "00:00", "Europe/Madrid", "2026-11-21", "2026-11-20T23:00"),
        ("2026-11-21T23:00:00", "00:00", "Europe/Madrid", "2026-11-22", "2026-11-21T23:00"),
        # Clocks go from 2 to 3: half past two never is.
        ("2026-03-29T01:29:59", "02:30", "Europe/Madrid", "2026-03-28", "2026-03-28T01:30"),
        ("2026-03-29T01:30:00", "02:30", "Europe/Madrid", "2026-03-29", "2026-03-29T01:30"),
        ("2026-03-29T12:00:00", "02:30", "Europe/Madrid", "2026-03-29", "2026-03-29T01:30"),
        # Clocks go from 3 back to 2: half past two is twice, and the first counts.
        ("2026-10-25T00:29:59", "02:30", "Europe/Madrid", "2026-10-24", "2026-10-24T00:30"),
        ("2026-10-25T00:30:00", "02:30", "Europe/Madrid", "2026-10-25", "2026-10-25T00:30"),
        ("2026-10-25T01:30:00", "02:30", "Europe/Madrid", "2026-10-25", "2026-10-25T00:30"),
        ("2026-10-26T01:29:59", "02:30", "Europe/Madrid", "2026-10-25", "2026-10-25T00:30"),
        ("2026-11-21T12:00:00", "03:30", "UTC", "2026-11-21", "2026-11-21T03:30"),
        ("2026-11-20T16:30:00", "03:30", "Asia/Tokyo", "2026-11-20", "2026-11-19T18:30"),
        ("2026-11-20T18:30:00", "03:30", "Asia/Tokyo", "2026-11-21", "2026-11-20T18:30"),
    ],
)
def test_which_night_it_is(now: str, at: str, zone: str, night: str, due: str) -> None:
    """The latest whose time has come, where the company is; on days when clocks change too."""
    assert night_of(utc(now), at, ZoneInfo(zone)) == Night(night, utc(due))


@pytest.mark.parametrize("at", ["00:00", "01:59", "02:00", "02:30", "03:00", "23:59"])
@pytest.mark.parametrize("zone", ["Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "UTC"])
def test_each_date_has_one_night(zone: str, at: str) -> None:
    """Over a whole year, looked at every ten minutes, each date's night comes once, in order."""
    now, seen = utc("2026-01-01T00:00"), list[Night]()
    while now < utc("2027-01-01T00:00"):
        night = night_of(now, at, ZoneInfo(zone))
        if not seen or night != seen[-1]:
            seen.append(night)
        now += timedelta(minutes=10)
    dates = [datetime.fromisoformat(night.date).date() for night in seen]
    assert dates == [dates[0] + timedelta(days=n) for n in range(len(dates))]
    assert len(dates) in {365, 366}


class Server:
    """A server, and the time there: tests say what it is."""

    def __init__(self, database: Database, engines: Engines, outside: Outside, **settings: Any) -> None:
        self.now = DUE
        usual = {
            "database": engines.latest,
            "time_zone": "Europe/Madrid",
            "catalog_feed": f"{outside.address}/feed.tsv?key=secret",
            "catalog_source": "erp",
            "catalog_at": "03:30",
            "alarm_webhook": f"{outside.address}/hook/secret",
        }
        self.shop = Shop(database, Settings(**(usual | settings)), lambda: self.now, Ending(), KEYS, ledger(database))
        self.nightly = Nightly(self.shop)

    def look(self, minutes: float = 0) -> None:
        """Look at the clock, so many minutes later."""
        self.now += timedelta(minutes=minutes)
        asyncio.run(self.nightly.look())


@pytest.fixture
def night(database: Database, engines: Engines, outside: Outside) -> Server:
    """A server at its nightly time."""
    return Server(database, engines, outside)


def became(shop: given.Shop) -> list[Any]:
    """What became of nights: date, state, tries."""
    return shop.rows("SELECT night, state, tries FROM catalog_nights ORDER BY night")


def test_a_night_is_taken_once(shop: given.Shop, night: Server, outside: Outside, engines: Engines) -> None:
    """At its time a server takes the feed from its address, and neither it nor another takes it again that night."""
    night.look(-1)
    assert (became(shop), outside.asked) == ([("2026-11-20", "done", 1)], [])
    night.look(1)
    other = Server(shop.database, engines, outside)
    other.look(5)
    night.look(60)
    assert became(shop)[1:] == [("2026-11-21", "done", 1)]
    assert [asked.path for asked in outside.asked] == ["/feed.tsv?key=secret"]
    product = shop.database.read_now(queries.product_by_sku, "A-1", None)
    assert product is not None
    assert (product.title, product.source) == ("Coat", "erp")
    night.look(23 * 60)
    assert became(shop)[2:] == [("2026-11-22", "done", 1)]
    assert outside.alarms == []


def test_of_servers_that_look_at_once_one_takes_it(
    shop: given.Shop, night: Server, outside: Outside, engines: Engines
) -> None:
    """Five servers look at the same moment: the feed is fetched once."""
    servers = [night, *(Server(shop.database, engines, outside) for _ in range(4))]

    async def look() -> None:
        await asyncio.gather(*(server.nightly.look() for server in servers))

    asyncio.run(look())
    assert (became(shop), len(outside.asked)) == ([("2026-11-21", "done", 1)], 1)


def test_a_night_is_tried_again_and_told_at_the_end(
    shop: given.Shop, night: Server, outside: Outside, log: Log
) -> None:
    """With growing waits; after the last try a line in the log and the operator's address say why, without keys."""
    outside.feed = None
    night.look()
    waits = []
    for _ in range(5):
        state = shop.rows("SELECT until, tries, state FROM catalog_nights")[0]
        assert state[2] == "waiting"
        waits.append(int((datetime.fromisoformat(state[0]) - night.now) / timedelta(minutes=1)))
        night.look(waits[-1] - 0.5)
        assert shop.value("SELECT tries FROM catalog_nights") == state[1]
        night.look(0.5)
    assert waits == [1, 5, 15, 30, 60]
    assert became(shop) == [("2026-11-21", "failed", 6)]
    night.look(60)
    assert len([asked for asked in outside.asked if asked.method == "GET"]) == 6
    assert outside.alarms == [
        {
            "type": "catalog.night_failed",
            "timestamp": "2026-11-21T04:21:00.000000Z",
            "data": {
                "night": "2026-11-21",
                "due_at": "2026-11-21T02:30:00.000000Z",
                "source": "erp",
                "feed": f"{outside.address}/feed.tsv",
                "tries": 6,
                "detail": f"{outside.address}/feed.tsv answered 503 Service Unavailable",
                "run": None,
            },
        }
    ]
    assert [line["night"] for line in log.lines if line["event"] == "catalog_alarm"] == ["2026-11-21"]
    assert "secret" not in log.text


def test_a_night_that_comes_right_is_not_told(shop: given.Shop, night: Server, outside: Outside) -> None:
    """What failed at first and was taken at the second try alarms nobody."""
    outside.feed = None
    night.look()
    outside.feed = FEED
    night.look(1)
    night.look(1)
    assert (became(shop), outside.alarms) == ([("2026-11-21", "done", 2)], [])


def test_a_night_that_the_brake_holds_is_told(shop: given.Shop, night: Server, outside: Outside) -> None:
    """It waits for a person: with the number of its run, and without another try."""
    night.look()
    outside.feed = FEED.splitlines(keepends=True)[0] + FEED.splitlines(keepends=True)[1]
    night.look(24 * 60)
    night.look(60)
    assert became(shop)[1:] == [("2026-11-22", "held", 1)]
    (told,) = outside.alarms
    assert (told["type"], told["data"]["run"]) == ("catalog.night_held", 2)
    assert told["data"]["detail"] == "2 of 3 articles would be gone, more than 20%"
    assert len([asked for asked in outside.asked if asked.method == "GET"]) == 2


def test_a_night_that_no_server_saw_is_told_and_caught_up_on(shop: given.Shop, night: Server, outside: Outside) -> None:
    """A server that was down over its time notices at its start; one that was set up since misses nothing."""
    night.look(8 * 60)
    assert (became(shop), outside.asked) == ([("2026-11-21", "done", 1)], [])
    night.look(2 * 24 * 60)
    assert became(shop)[1:] == [("2026-11-23", "done", 1)]
    (told,) = outside.alarms
    assert (told["type"], told["data"]["night"]) == ("catalog.night_missed", "2026-11-23")
    assert told["data"]["detail"] == "no server ran at its time; the night before that was taken is 2026-11-21"
    assert [asked.method for asked in outside.asked] == ["POST", "GET"]
    night.look(16 * 60 + LATE / timedelta(minutes=1))
    assert (became(shop)[2:], len(outside.alarms)) == ([("2026-11-24", "done", 1)], 1)


def test_a_server_that_dies_is_followed_by_another(
    shop: given.Shop, night: Server, outside: Outside, engines: Engines
) -> None:
    """Its night is taken over once it was not heard of for minutes; what it says after that counts no more."""
    plan, place = nights.Plan("erp", "feed"), Night("2026-11-21", DUE)
    assert shop.database.write_now(nights.take, place, plan, "dead", DUE) == 1
    night.look(2)
    assert became(shop) == [("2026-11-21", "running", 1)]
    shop.database.write_now(nights.note, place, "dead", "running", night.now + nights.LEASE)
    night.look(2)
    assert became(shop) == [("2026-11-21", "running", 1)]
    night.look(2)
    assert became(shop) == [("2026-11-21", "done", 2)]
    with pytest.raises(nights.LostError):
        shop.database.write_now(nights.ended, place, plan, "dead", 1, "late", night.now)


def test_a_server_that_is_stopped_leaves_its_night_to_others(shop: given.Shop, night: Server, outside: Outside) -> None:
    """Stopped in the middle it ends its program, and whoever looks next takes the night."""

    async def stopped() -> None:
        looking = asyncio.create_task(night.nightly.look())
        mark = 0
        async with asyncio.timeout(60):
            while not outside.asked:
                mark = await shop.database.changed(mark, 0.05)
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking

    asyncio.run(stopped())
    assert became(shop) == [("2026-11-21", "waiting", 1)]
    night.look()
    assert became(shop) == [("2026-11-21", "done", 2)]


def test_another_catalogue_that_is_taken_just_then_is_waited_for(
    shop: given.Shop, night: Server, outside: Outside
) -> None:
    """A run by hand is under way: the night is tried again, and its reason is that run."""
    from server.catalog import runs  # noqa: PLC0415

    run, _ = shop.database.write_now(runs.begin, "erp", "by hand", datetime.now(UTC))
    night.look()
    assert became(shop) == [("2026-11-21", "waiting", 1)]
    assert f"Run {run.id} takes by hand for erp" in shop.value("SELECT detail FROM catalog_nights")
    shop.database.write_now(runs.end_if_running, run.id, datetime.now(UTC))
    night.look(1)
    assert became(shop) == [("2026-11-21", "done", 2)]


def held(night: Server) -> None:
    """Something happens that an operator must hear of."""
    plan, place = nights.Plan("erp", "feed"), Night("2026-11-21", DUE)
    told = nights.alarm("held", place, plan, 1, "it was held", night.now, 7)
    night.shop.database.write_now(raise_alarm, told)
    night.shop.database.write_now(raise_alarm, told)


def tell(night: Server, minutes: float = 0) -> None:
    """Tell what is to be told, so many minutes later."""
    night.now += timedelta(minutes=minutes)
    asyncio.run(tell_alarms(night.shop))


def test_an_address_that_is_away_is_told_later(shop: given.Shop, night: Server, outside: Outside, log: Log) -> None:
    """With growing waits and under the same id, until it takes it; the log says it once."""
    outside.status = 500
    held(night)
    tell(night)
    tell(night, 0.5)
    assert len(outside.alarms) == 1
    tell(night, 0.5)
    tell(night, 4)
    assert len(outside.alarms) == 2
    outside.status = 200
    tell(night, 1)
    tell(night, 10_000)
    assert len(outside.alarms) == 3
    assert {asked.headers["webhook-id"] for asked in outside.asked} == {"catalog.night_held.2026-11-21"}
    assert len([line for line in log.lines if line["event"] == "catalog_alarm"]) == 1
    assert "/hook" not in log.text


@pytest.mark.parametrize(("status", "times"), [(410, 1), (404, 9), (302, 9)])
def test_an_address_that_wants_no_more_is_let_alone(night: Server, outside: Outside, status: int, times: int) -> None:
    """Gone is gone; others are asked for two days, and never followed elsewhere."""
    outside.status = status
    held(night)
    for _ in range(20):
        tell(night, 1200)
    assert len(outside.alarms) == times


def test_without_an_address_the_log_says_it(shop: given.Shop, engines: Engines, outside: Outside, log: Log) -> None:
    """Once, and it waits for nobody."""
    night = Server(shop.database, engines, outside, alarm_webhook=None)
    held(night)
    tell(night)
    tell(night, 10_000)
    assert [(line["alarm"], line["run"]) for line in log.lines if line["event"] == "catalog_alarm"] == [
        ("catalog.night_held", 7)
    ]
    assert shop.count("catalog_alarms WHERE next_at IS NOT NULL") == 0


def test_an_alarm_is_signed(shop: given.Shop, engines: Engines, outside: Outside) -> None:
    """By the secret that both know, over its id, its time and its body, as Standard Webhooks has it."""
    night = Server(shop.database, engines, outside, alarm_secret=SECRET)
    held(night)
    tell(night)
    (asked,) = outside.asked
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["webhook-timestamp"] == str(int(DUE.timestamp()))
    made = signature(SECRET, asked.headers["webhook-id"], asked.headers["webhook-timestamp"], asked.body.decode())
    assert asked.headers["webhook-signature"] == made


def test_a_signature_is_that_of_the_standard() -> None:
    """The example of Standard Webhooks' own libraries."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", '{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://user:key@hooks.example:8443/a/key?key=1#key", "https://hooks.example:8443"),
        ("http://10.0.0.1/", "http://10.0.0.1"),
    ],
)
def test_what_is_told_of_an_address(address: str, shown: str) -> None:
    """Where it leads, and nothing in it that may be a key."""
    assert place_in_network(address) == shown


def test_a_server_looks_at_the_clock_by_itself(
    shop: given.Shop, night: Server, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as it runs; one whose settings name no time does nothing."""
    monkeypatch.setattr("server.catalog.nightly.FIRST_LOOK", 0.05)
    never = Nightly(
        Shop(shop.database, msgspec.structs.replace(night.shop.settings, catalog_at=None), lambda: DUE, Ending(), KEYS,
             ledger(shop.database))
    )  # fmt: skip

    async def run() -> None:
        mark = 0
        async with never.running(), night.nightly.running(), asyncio.timeout(60):
            while not became(shop) or became(shop)[0][1] == "running":
                mark = await shop.database.changed(mark, 0.1)
        await never.look()

    asyncio.run(run())
    assert became(shop) == [("2026-11-21", "done", 1)]
