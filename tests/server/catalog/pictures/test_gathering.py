"""From a feed's links to pictures that articles show: fetched once, reported where they fail, let go of at the end."""

import asyncio
import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from server.catalog import queries, runs
from server.catalog.pictures import gathering, links
from server.catalog.pictures.addresses import network_of
from server.catalog.pictures.asking import Limits, Web
from server.catalog.pictures.beside import Shrinker
from server.catalog.pictures.gathering import Gathering
from server.catalog.pictures.shrinking import shrink
from server.catalog.sync import SyncOrder, sync_feed
from server.wire.catalog import Gathered, RefusedRow, SyncRun
from tests.server.catalog.pictures.drawn import bomb, photo, saved
from tests.server.catalog.pictures.shops import Talk, WebShop, answer, leads_to, web_shop
from tests.server.given import NOW, Shop, product, variant

LOOPBACK = (network_of("127.0.0.0/8"),)
HURRIED = Limits(seconds=5.0, connect=5.0, largest=300_000, hops=3)
CONTENT, OTHER = saved(photo(900, 700)), saved(photo(900, 700, 8))
HASH, OTHER_HASH = shrink(CONTENT).large.digest, shrink(OTHER).large.digest


class Nights:
    """A clock that goes on by a second whenever it is asked, and by a day when told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def go_on(self, days: float = 1) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def clock() -> Nights:
    """The time."""
    return Nights()


@pytest.fixture
def web() -> Iterator[WebShop]:
    """The web shop that a feed's pictures are at."""
    with web_shop() as running:
        running.answers["/a.jpg"] = answer(CONTENT, 'ETag: "a"')
        running.answers["/b.jpg"] = answer(OTHER)
        yield running


def feed(*pictures: str) -> bytes:
    """A feed of an article for each picture, two to a product: S0, S1 and so on."""
    lines = (f"S{n}\tCoat, {n}\t10.00 EUR\tP{n // 2}\t{picture}\n" for n, picture in enumerate(pictures))
    return ("id\ttitle\tprice\titem_group_id\timage_link\n" + "".join(lines)).encode()


def take(shop: Shop, clock: Nights, content: bytes, **order: Any) -> SyncRun:
    """Take a feed, without its pictures."""
    return sync_feed(shop.database, BytesIO(content), SyncOrder("erp", "feed", **order), clock)


def gather(
    shop: Shop, clock: Nights, run: SyncRun | None = None, folder: Path | None = None, allowed: Any = LOOPBACK
) -> tuple[SyncRun, Gathered]:
    """Follow links."""

    async def play() -> tuple[SyncRun, Gathered]:
        web, shrinker = Web(allowed, HURRIED), Shrinker(1)
        done = Gathering(shop.database, web, shrinker, clock, lambda _done, _all: None, run)
        try:
            if folder is not None and run is not None:
                await done.beside(folder, run.source)
            await done.addresses()
            gathered = await done.end()
        finally:
            await web.close()
            await shrinker.close()
        return done.run or SyncRun(id=0, source="", feed="", state="done", began_at=""), gathered

    return asyncio.run(play())


def shown(shop: Shop, *skus: str) -> list[str | None]:
    """The pictures of articles, as lines show them."""
    items = shop.database.read_now(queries.items, skus)
    return [items[sku].picture for sku in skus]


def test_articles_show_the_pictures_of_their_links(shop: Shop, clock: Nights, web: WebShop) -> None:
    """Before they came articles are there without; then every line, product and variant has the hash, in two sizes."""
    run = take(shop, clock, feed(web.at("/a.jpg"), web.at("/b.jpg"), web.at("/a.jpg")))
    assert (run.state, run.refused, run.pictures) == ("done", 0, 0)
    assert shown(shop, "S0", "S1", "S2") == [None, None, None]
    run, gathered = gather(shop, clock, run)
    assert gathered == Gathered(kept=2, left=0, refused=())
    assert (run.pictures, run.pictures_left, run.refused) == (2, 0, 0)
    assert shop.database.read_now(runs.run_of, run.id) == run
    assert shown(shop, "S0", "S1", "S2") == [HASH, OTHER_HASH, HASH]
    whole = shop.database.read_now(queries.product_by_sku, "S1", None)
    assert whole is not None
    assert (whole.picture, [v.item.picture for v in whole.variants]) == (HASH, [HASH, OTHER_HASH])
    for size, made in shrink(CONTENT)._asdict().items():
        assert shop.database.read_now(queries.picture, HASH, size) == made
    assert sorted(web.asked) == ["/a.jpg", "/b.jpg"]


def test_an_address_is_fetched_once(shop: Shop, clock: Nights, web: WebShop) -> None:
    """Another night, another feed, another article: whatever names it, nobody is asked for it again."""
    for content in (feed(web.at("/a.jpg")), feed(web.at("/a.jpg"), web.at("/a.jpg"))):
        gather(shop, clock, take(shop, clock, content))
        clock.go_on()
    shop.take(product("Z", picture=web.at("/a.jpg"), variants=(variant("Z1"),)), now=clock())
    assert gather(shop, clock)[1] == Gathered(kept=0, left=0, refused=())
    assert shown(shop, "S0", "S1", "Z1") == [HASH] * 3
    assert web.asked == ["/a.jpg"]


def test_a_server_that_knows_what_it_sent_is_asked_after_a_month(shop: Shop, clock: Nights, web: WebShop) -> None:
    """It says that nothing changed, or sends another; no article is written for that, and the old one is let go of."""
    run = take(shop, clock, feed(web.at("/a.jpg"), web.at("/b.jpg")))
    gather(shop, clock, run)
    clock.go_on(31)
    web.answers["/a.jpg"] = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
    assert gather(shop, clock)[1].kept == 0
    assert web.talks[-1].headers["if-none-match"] == '"a"'
    clock.go_on(31)
    web.answers["/a.jpg"] = answer(b"", status="404 Not Found")
    assert gather(shop, clock)[1].refused == ()
    assert shown(shop, "S0") == [HASH]
    clock.go_on(31)
    web.answers["/a.jpg"] = answer(OTHER, 'ETag: "c"')
    assert gather(shop, clock)[1].kept == 1
    assert shown(shop, "S0") == [OTHER_HASH]
    assert shop.rows("SELECT DISTINCT hash FROM pictures") == [(OTHER_HASH,)]
    assert web.asked.count("/b.jpg") == 1


def hostilities(web: WebShop) -> dict[str, str]:
    """Links that nothing good comes of, and how the report says so."""

    def slowly(talk: Talk) -> None:
        talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        talk.endless(b"x", 0.05)

    def endless(talk: Talk) -> None:
        talk.send(b"HTTP/1.1 200 OK\r\n\r\n")
        talk.endless(bytes(65536))

    answers: dict[str, tuple[Any, str]] = {
        "page": (answer(b"<!doctype html>", "Content-Type: image/jpeg"), "neither JPEG, PNG, WebP nor GIF"),
        "bomb": (answer(bomb()), "it has more than 50,000,000 pixels"),
        "half": (answer(CONTENT[:9_000]), "it is damaged: image file is truncated"),
        "slow": (slowly, "it did not come within 5 seconds"),
        "endless": (endless, "larger than 0 MiB"),
        "inside": (leads_to("http://10.0.0.1/"), "10.0.0.1 is inside the network"),
        "loop": (leads_to("/loop"), "it leads on more than 3 times"),
        "packed": (answer(CONTENT, "Content-Encoding: gzip"), "it is packed once more"),
    }
    web.answers |= {f"/{name}": said for name, (said, _) in answers.items()}
    return {web.at(f"/{name}"): rule for name, (_, rule) in answers.items()}


def test_what_is_hostile_costs_a_row_each(shop: Shop, clock: Nights, web: WebShop) -> None:
    """Each is told with its line, its link and why; its article is sold, and all other pictures come."""
    hostile = {
        **hostilities(web),
        "ftp://img.example/a": "no address that begins with",
        "beside.jpg": "no address; a rel",
    }
    run = take(shop, clock, feed(web.at("/a.jpg"), *hostile, web.at("/b.jpg")))
    assert (run.state, run.new, run.refused) == ("done", 12, 2)
    run, gathered = gather(shop, clock, run)
    assert (gathered.kept, run.pictures, run.refused, len(gathered.refused)) == (2, 2, 10, 8)
    told = {row.value: row for row in run.refusals}
    assert {value: row.line for value, row in told.items()} == {link: 3 + n for n, link in enumerate(hostile)}
    for link, rule in hostile.items():
        assert told[link].rule.startswith(rule), link
        assert told[link].field == "image_link"
    rejects = [row for _, row in shop.database.read_now(runs.rejects_of, run.id, 0, 100)]
    assert sorted(rejects, key=lambda row: row.line) == list(run.refusals)
    assert shown(shop, "S0", "S1", "S11") == [HASH, None, OTHER_HASH]


def test_what_failed_is_tried_again_ever_more_seldom(shop: Shop, clock: Nights, web: WebShop) -> None:
    """The next night, then after two, four and so on; at once where a feed names it anew, and then it is shown."""
    web.answers["/new.jpg"] = answer(b"", status="404 Not Found")
    gather(shop, clock, take(shop, clock, feed(web.at("/new.jpg"))))
    nights = []
    for night in range(1, 17):
        clock.go_on()
        before = len(web.asked)
        refused = gather(shop, clock)[1].refused
        if len(web.asked) > before:
            nights.append(night)
            assert refused == (
                RefusedRow(line=0, field="image_link", value=web.at("/new.jpg"), rule="127.0.0.1 answered 404"),
            )
    assert nights == [1, 3, 7, 14]
    web.answers["/new.jpg"] = answer(CONTENT)
    assert gather(shop, clock)[1].kept == 0
    run = take(shop, clock, feed(web.at("/new.jpg"), web.at("/new.jpg")))
    assert gather(shop, clock, run)[1].kept == 1
    assert shown(shop, "S0", "S1") == [HASH, HASH]


def test_a_server_that_does_not_answer_is_left_alone(shop: Shop, clock: Nights, web: WebShop) -> None:
    """After some failures in a row its other pictures wait for the next night, in one row; other servers' come."""
    dead = [f"http://127.0.0.9:{web.port}/{n}.jpg" for n in range(300)]
    run = take(shop, clock, feed(*dead, web.at("/a.jpg")))
    run, gathered = gather(shop, clock, run)
    tried = [row for row in gathered.refused if "cannot be reached" in row.rule]
    assert gathering.FAILURES_OF_A_HOST <= len(tried) <= gathering.FAILURES_OF_A_HOST + gathering.AT_ONCE
    (last,) = [row for row in gathered.refused if row not in tried]
    left = 300 - len(tried)
    assert (last.value, last.rule) == (
        f"127.0.0.9:{web.port}",
        f"it does not answer: {left} of its pictures wait for the next time",
    )
    assert (gathered.kept, gathered.left, run.pictures_left) == (1, left, left)
    assert shown(shop, "S300") == [HASH]
    clock.go_on()
    assert shop.database.read_now(links.count_due, clock()) == 300


def test_two_may_gather_at_once(shop: Shop, clock: Nights, web: WebShop) -> None:
    """What one program took no other takes; if it dies, somebody else does a quarter of an hour later."""
    take(shop, clock, feed(web.at("/a.jpg"), web.at("/b.jpg")))
    (first,) = shop.database.write_now(links.take, shop.database.read_now(links.due, clock(), 1), clock())
    assert gather(shop, clock)[1].kept == 1
    assert first.link not in {web.at(path) for path in web.asked}
    clock.go_on(1 / 48)
    assert gather(shop, clock)[1].kept == 1
    assert None not in shown(shop, "S0", "S1")


def test_what_came_stands_in_the_account_of_the_run_that_named_it(shop: Shop, clock: Nights, web: WebShop) -> None:
    """A program that follows an earlier run's links takes a later one's too, and tells what came as that one's."""
    first = take(shop, clock, feed(web.at("/a.jpg")))
    second = take(shop, clock, feed(web.at("/a.jpg"), web.at("/b.jpg"), web.at("/nothing.jpg")))
    web.answers["/nothing.jpg"] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    first, _ = gather(shop, clock, first)
    assert (first.pictures, first.refused) == (0, 0)
    told = shop.database.read_now(runs.run_of, second.id)
    assert told is not None
    assert (told.pictures, told.refused, told.refusals[0].line) == (2, 1, 4)
    second, _ = gather(shop, clock, second)
    assert (second.pictures, second.pictures_left, second.refused) == (2, 0, 1)


def test_links_of_a_feed_that_is_being_read_wait_for_its_end(shop: Shop, clock: Nights, web: WebShop) -> None:
    """Its report is its own until then, and nobody else's word in it would last."""
    content = feed(web.at("/a.jpg"))
    run, _ = shop.database.write_now(runs.begin, "erp", "feed", clock())
    shop.database.write_now(links.want, [(web.at("/a.jpg"), 2)], run.id, clock())
    # Neither followed nor let go of, though no article names it so far.
    assert gather(shop, clock)[1].kept == 0
    assert shop.database.read_now(lambda conn: len(conn.all(queries.SQL.links, link="", limit=9))) == 1
    run = sync_feed(shop.database, BytesIO(content), SyncOrder("erp", "feed"), clock, run_id=run.id)
    assert (run.state, gather(shop, clock, run)[1].kept) == ("done", 1)
    assert shown(shop, "S0") == [HASH]


def test_a_picture_beside_a_feed_that_is_read_again_waits_for_its_end(shop: Shop, clock: Nights, folder: Path) -> None:
    """Who follows the links of the feed before puts nothing into the report of the one that is being read."""
    first = take(shop, clock, feed("gone.jpg"), folder=folder)
    run, _ = shop.database.write_now(runs.begin, "erp", "feed", clock())
    shop.database.write_now(links.want, [("beside:erp/gone.jpg", 2)], run.id, clock())
    first, gathered = gather(shop, clock, first, folder)
    assert (first.refused, gathered.refused) == (0, ())
    told = shop.database.read_now(runs.run_of, run.id)
    assert told is not None
    assert told.refused == 0


def test_what_a_run_named_that_died_is_fetched_all_the_same(shop: Shop, clock: Nights, web: WebShop) -> None:
    """It is told as dead then, and its links are as good as others."""
    take(shop, clock, feed(web.at("/a.jpg")))
    run, _ = shop.database.write_now(runs.begin, "erp", "feed", clock())
    shop.database.write_now(links.want, [(web.at("/a.jpg"), 2)], run.id, clock())
    assert gather(shop, clock)[1] == Gathered(kept=0, left=0, refused=())
    shop.database.write_now(runs.end_if_running, run.id, clock())
    assert gather(shop, clock)[1] == Gathered(kept=1, left=0, refused=())
    told = shop.database.read_now(runs.run_of, run.id)
    assert told is not None
    assert told.state == "died"


def test_who_is_stopped_leaves_the_rest_to_others(shop: Shop, clock: Nights, web: WebShop) -> None:
    """What did not come yet is there at once for whoever comes next."""
    web.answers |= {f"/{n}.jpg": lambda talk: talk.endless(b"", 20) for n in range(20)}
    run = take(shop, clock, feed(*(web.at(f"/{n}.jpg") for n in range(20))))

    async def play() -> None:
        web_, shrinker = Web(LOOPBACK), Shrinker(1)
        loop, asked = asyncio.get_running_loop(), asyncio.Event()
        web.called = lambda: loop.call_soon_threadsafe(asked.set)
        done = Gathering(shop.database, web_, shrinker, clock, lambda _done, _all: None, run)
        asking = asyncio.create_task(done.addresses())
        async with asyncio.timeout(60):
            await asked.wait()
        web.called = lambda: None
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await web_.close()
        await shrinker.close()

    asyncio.run(play())
    assert shop.database.read_now(links.count_due, clock()) == 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A feed's folder, with a picture below it and secrets beside it."""
    (tmp_path / "secret.jpg").write_bytes(CONTENT)
    (tmp_path / "feed" / "images").mkdir(parents=True)
    (tmp_path / "feed" / "images" / "a b.jpg").write_bytes(CONTENT)
    (tmp_path / "feed" / "b.jpg").write_bytes(OTHER)
    (tmp_path / "feed" / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (tmp_path / "feed" / "page.jpg").write_text("<!doctype html>")
    os.mkfifo(tmp_path / "feed" / "pipe.jpg")
    return tmp_path / "feed"


def test_pictures_beside_a_feed_come_from_its_folder_alone(shop: Shop, clock: Nights, folder: Path) -> None:
    """By relative links, as they are or in the web's spelling; what leads out of the folder or is no file does not."""
    outside = {
        "../secret.jpg": "the picture must lie in the feed's folder or below it",
        "%2e%2e/secret.jpg": "the picture must lie in the feed's folder or below it",
        f"{folder.parent}/secret.jpg": "the picture must lie in the feed's folder or below it",
        "link.jpg": "the picture must lie in the feed's folder or below it",
        "nothing.jpg": "there is no such file",
        "images": "there is no such file",
        "pipe.jpg": "there is no such file",
        "a%00.jpg": "cannot be read: embedded null byte",
        "page.jpg": "neither JPEG, PNG, WebP nor GIF",
    }
    run = take(shop, clock, feed("images/a b.jpg", "images/a%20b.jpg", "./b.jpg", *outside), folder=folder)
    assert (run.new, run.refused) == (12, 0)
    run, gathered = gather(shop, clock, run, folder)
    assert gathered.kept == 3
    assert {row.value: row.rule for row in gathered.refused} == outside
    assert [row.line for row in run.refusals] == list(range(5, 14))
    assert shown(shop, "S0", "S1", "S2", "S3") == [HASH, HASH, OTHER_HASH, None]


def test_a_file_that_changed_is_read_again(shop: Shop, clock: Nights, folder: Path) -> None:
    """The same feed the next night: its rows are as they were, and a picture that is another now is shown."""
    content = feed("images/a b.jpg", "b.jpg")
    gather(shop, clock, take(shop, clock, content, folder=folder), folder)
    clock.go_on()
    (folder / "images" / "a b.jpg").write_bytes(OTHER)
    os.utime(folder / "images" / "a b.jpg", (1, 1))
    run = take(shop, clock, content, folder=folder)
    assert (run.changed, run.unchanged) == (0, 2)
    run, gathered = gather(shop, clock, run, folder)
    assert gathered.kept == 1
    assert shown(shop, "S0", "S1") == [OTHER_HASH, OTHER_HASH]
    (folder / "b.jpg").write_bytes(b"broken")
    run, gathered = gather(shop, clock, take(shop, clock, content, folder=folder), folder)
    assert [row.value for row in gathered.refused] == ["b.jpg"]
    assert shown(shop, "S0", "S1") == [OTHER_HASH, OTHER_HASH]


def test_two_sources_may_call_their_pictures_alike(shop: Shop, clock: Nights, tmp_path: Path) -> None:
    """A relative link is one of its own source's."""
    for source, content in (("one", CONTENT), ("two", OTHER)):
        folder = tmp_path / source
        folder.mkdir()
        (folder / "a.jpg").write_bytes(content)
        order = SyncOrder(source, "feed", folder=folder)
        body = feed("a.jpg").replace(b"S0", source.encode())
        gather(shop, clock, sync_feed(shop.database, BytesIO(body), order, clock), folder)
    assert shown(shop, "one", "two") == [HASH, OTHER_HASH]


def test_pictures_that_nobody_names_are_let_go_of(shop: Shop, clock: Nights, web: WebShop) -> None:
    """Those of articles that are gone stay for old orders; those whose article has another now do not."""
    gather(shop, clock, take(shop, clock, feed(web.at("/a.jpg"), *[web.at("/b.jpg")] * 9)))
    web.answers["/c.jpg"] = answer(saved(photo(400, 300, 9)))
    run = take(shop, clock, feed(web.at("/c.jpg"), *[web.at("/b.jpg")] * 8))
    assert run.gone == 1
    gather(shop, clock, run)
    assert {link for (link,) in shop.rows("SELECT link FROM picture_links")} == {web.at("/b.jpg"), web.at("/c.jpg")}
    assert HASH not in {hash_ for (hash_,) in shop.rows("SELECT hash FROM pictures")}
    assert shown(shop, "S1", "S9") == [OTHER_HASH, OTHER_HASH]


def test_a_link_that_is_named_meanwhile_stays(shop: Shop, clock: Nights, web: WebShop) -> None:
    """A run that is under way names its links before its rows are there: they are not swept away from under it."""
    gather(shop, clock, take(shop, clock, feed(web.at("/a.jpg"))))
    before = clock()
    shop.database.write_now(links.want, [("https://img.example/coming.jpg", 2)], 1, clock())
    assert gathering.sweep(shop.database, before) == 0
    assert shop.count("picture_links") == 2
    assert gathering.sweep(shop.database, clock()) == 0
    assert shop.rows("SELECT link FROM picture_links") == [(web.at("/a.jpg"),)]


def test_a_feed_that_is_only_looked_at_asks_for_nothing(shop: Shop, clock: Nights, web: WebShop) -> None:
    """Neither what is held nor what is only checked names pictures."""
    take(shop, clock, feed(web.at("/a.jpg")), dry_run=True)
    assert shop.count("picture_links") == 0


def test_records_name_pictures_too(shop: Shop, clock: Nights, web: WebShop) -> None:
    """Those of products and variants that are addresses are fetched with the next ones."""
    shop.take(
        product("Z", picture=web.at("/a.jpg"), variants=(variant("Z1"), variant("Z2", picture=web.at("/b.jpg")))),
        now=clock(),
    )
    assert gather(shop, clock)[1].kept == 2
    assert shown(shop, "Z1", "Z2") == [HASH, OTHER_HASH]


class Killed(BaseException):
    """Stands for the end of a program."""


@pytest.mark.parametrize("at", range(1, 6))
def test_who_dies_between_two_writes_leaves_a_whole_catalogue(
    shop: Shop, clock: Nights, web: WebShop, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Wherever it ends, what is shown is a picture or nothing, and the next time brings what is missing."""
    run = take(shop, clock, feed(web.at("/a.jpg"), web.at("/b.jpg")))
    count, real = itertools.count(1), shop.database.write

    async def write(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if next(count) >= at:
            raise Killed
        return await real(fn, *args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(shop.database, "write", write)
        with suppress(Killed):
            gather(shop, clock, run)
    for picture in shown(shop, "S0", "S1"):
        assert picture is None or shop.database.read_now(queries.picture, picture, "small") is not None
    clock.go_on(1 / 48)
    gather(shop, clock)
    assert shown(shop, "S0", "S1") == [HASH, OTHER_HASH]
