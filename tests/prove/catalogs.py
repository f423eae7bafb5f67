"""A catalogue sync that dies at any moment leaves the old catalogue or the new one, each time, and no mixture.

Proven a round: after kill -9 what lookups show is, to the last article, what one feed says or what the other says; the
database passes its engine's checks; the same sync started again at once comes to the new catalogue, and leaves no row
that nobody is shown.
"""

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

from server.catalog import queries
from server.db.engine import Connection, EngineName
from tests.prove.findings import Assignment, BrokenError, Findings
from tests.prove.places import TORN, Place, Places, places
from tests.prove.programs import PATIENCE, start
from tests.server.given import rows

ARTICLES: Mapping[EngineName, int] = {"sqlite": 12_000, "postgresql": 6_000}
"""Of a feed: a second or two of work."""
ATTEMPTS = 25
"""Kills that may come too late before one is in time."""
Shown = dict[str, tuple[Any, ...]]

HIDDEN = (
    "SELECT count(*) FROM (SELECT since, until FROM variants UNION ALL SELECT since, until FROM products) r"
    " WHERE until < 9223372036854775807 OR since > (SELECT coalesce(max(generation), 0) FROM catalog_generations)"
)


def prove_catalogs(asked: Assignment, articles: int | None = None) -> Findings:
    """Kill syncs."""
    articles = articles or ARTICLES[asked.engine]
    findings = Findings("catalog", engine=asked.engine, kills=0)
    moments: Counter[str] = Counter()
    started = time.perf_counter()
    asked.folder.mkdir(parents=True, exist_ok=True)
    old_feed, new_feed = asked.folder / "old.tsv", asked.folder / "new.tsv"
    old_feed.write_text("".join(_feed(articles, "old")), "utf-8")
    new_feed.write_text("".join(_feed(articles, "new")), "utf-8")
    with places(asked.engine) as made:
        folder = asked.folder / "undisturbed"
        shop = made.new(folder, "shop")
        _sync(shop, old_feed)
        with shop.looked_at() as conn:
            old = _shown(conn)
        begin = made.copy_of(shop, folder, "begin")
        seconds = _sync(shop, new_feed)
        with shop.looked_at() as conn:
            new = _shown(conn)
        if old == new or len(new) <= len(old):
            raise BrokenError("the two feeds are not told apart")
        for number in range(asked.times):
            place = asked.folder / f"catalog-{number}"
            before = findings.count()
            try:
                rng = Random(f"{asked.seed}/catalog/{number}")
                moments[_round(findings, made, begin, place, new_feed, (old, new), rng, seconds)] += 1
            except BrokenError as error:
                findings.wrong.append(f"{error}")
            except TORN as error:
                findings.torn.append(f"{error!r}")
            findings.times += 1
            findings.blame(f"round {number}", before)
            made.leave(place, keep=findings.count() != before)
            asked.advance()
        made.leave(folder, keep=False)
    findings.seconds = time.perf_counter() - started
    findings.remarks.append(
        f"{articles:,} articles a feed, taken in {seconds:.1f} s; after the kill the old catalogue was shown "
        f"{moments['old'] + moments['amid']} times, {moments['amid']} of them beside rows that nobody sees yet, "
        f"the new one {moments['new']} times"
    )
    return findings


def _round(
    findings: Findings,
    made: Places,
    begin: Place,
    folder: Path,
    feed: Path,
    catalogues: tuple[Shown, Shown],
    rng: Random,
    seconds: float,
) -> str:
    """Kill one sync and start it again; which catalogue was shown in between."""
    assert findings.kills is not None
    old, new = catalogues
    for attempt in range(ATTEMPTS):
        shop = made.copy_of(begin, folder, f"shop-{attempt}")
        if _killed(shop, feed, rng.uniform(0, seconds)):
            break
    else:
        raise BrokenError(f"the sync ended before it was killed, {ATTEMPTS} times")
    findings.kills += 1
    with shop.looked_at() as conn:
        findings.torn += [f"after the kill: {fault}" for fault in shop.faults(conn)]
        shown = _shown(conn)
        hidden = rows(conn, HIDDEN)[0][0]
    if shown not in (old, new):
        mixed = [sku for sku, row in shown.items() if row != old.get(sku)][:5]
        findings.torn.append(f"a mixture is shown after the kill: {mixed} are not as they were")
    _sync(shop, feed)
    with shop.looked_at() as conn:
        findings.torn += [f"after the second sync: {fault}" for fault in shop.faults(conn)]
        if _shown(conn) != new:
            findings.lost.append("the second sync does not come to the feed's catalogue")
        if left := rows(conn, HIDDEN)[0][0]:
            findings.wrong.append(f"{left} rows that nobody is shown are left behind")
    if shown == new:
        return "new"
    return "amid" if hidden else "old"


def _shown(conn: Connection) -> Shown:
    """Every article as lines and products show it; who is unknown to a database without tables is nobody."""
    skus = sorted({sku for (sku,) in rows(conn, "SELECT sku FROM variants")})
    items = queries.items(conn, skus)
    found: Shown = {}
    for sku in skus:
        product = queries.product_by_sku(conn, sku, None) if sku.endswith("0") else None
        item = items.get(sku)
        about = None if product is None else (product.title, product.description, len(product.variants))
        if item is not None:
            found[sku] = (item.title, item.price, item.availability, about)
    return found


def _sync(shop: Place, feed: Path) -> float:
    """Take a feed and let nothing disturb it; the seconds it took."""
    began = time.perf_counter()
    with start(shop.address, "catalog", "sync", str(feed), "--no-pictures", "--json") as process:
        try:
            answer, errors = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise BrokenError(f"the sync did not end within {PATIENCE:.0f} seconds") from error
        finally:
            process.kill()
    if process.returncode != 0 or json.loads(answer)["state"] != "done":
        raise BrokenError(f"the sync ended with exit status {process.returncode}: {errors[-2000:]}")
    return time.perf_counter() - began


def _killed(shop: Place, feed: Path, delay: float) -> bool:
    """Start a sync and kill -9 it after a delay in seconds; whether it had not ended before."""
    with start(shop.address, "catalog", "sync", str(feed), "--no-pictures", "--json") as process:
        try:
            process.wait(timeout=delay)
        except subprocess.TimeoutExpired:
            pass
        finally:
            process.kill()
            process.communicate()
    return process.returncode == -signal.SIGKILL


def _feed(articles: int, age: str) -> Iterator[str]:
    """A feed of products of four; the new one has a third dearer, some said otherwise, gone or new."""
    yield "id\ttitle\tdescription\tprice\titem_group_id\tcolor\n"
    first, last = (0, articles) if age == "old" else (articles // 20, articles + articles // 10)
    for number in range(first, last):
        dearer = age == "new" and number % 3 == 0
        said = "of wool" if age == "new" and number % 40 < 4 else "of linen"
        price = 10 + number % 90 + (1 if dearer else 0)
        group = f"P{number // 4:06}"
        yield f"S{number:07}\tCoat {said}, {number % 4}\tAbout {group} {said}\t{price}.00 EUR\t{group}\tred\n"
