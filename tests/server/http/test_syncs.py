"""Catalogues that are sent over HTTP: taken by a program beside the server, one at a time."""

import gzip
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from server.catalog import runs
from server.db.engine import EngineName
from tests.engines import Engines
from tests.server.catalog.pictures.drawn import opened, photo, saved
from tests.server.catalog.pictures.shops import answer, web_shop
from tests.server.given import NOW
from tests.server.http.conftest import Running, small_shop
from tests.server.http.test_doors import require_problem

PATIENCE = 120.0
FEED = (
    b"id\ttitle\tprice\titem_group_id\nA-1\tCoat, red\t10.00 EUR\tA\nA-2\tCoat, blue\t10.00 EUR\tA\nA-3\tBad\tfree\tA\n"
)

PACKED = gzip.compress(FEED, mtime=0)


@pytest.fixture(scope="module")
def own(engines: Engines, engine: EngineName, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The small shop, for tests that bring it other catalogues."""
    with small_shop(engines, engine, tmp_path_factory.mktemp("syncs")) as house:
        yield house


def leave_room() -> None:
    """A program that gives way to everybody else does what is asked about; who asks without a pause starves it."""
    threading.Event().wait(0.05)


def ended(house: Running, run_id: int) -> Any:
    """A run, once it has ended."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        leave_room()
        run = house.sync.get(f"/v1/catalog/syncs/{run_id}").json()
        if run["state"] != "running":
            return run
    raise AssertionError(run)


def test_a_catalogue_that_is_sent_is_taken_whole(own: Running) -> None:
    """The answer is a run; when it is done its articles are found, its refused rows told, and one event was written."""
    before = own.last_event
    key = {"Idempotency-Key": f"night of {before}"}
    sent = own.sync.post("/v1/catalog/syncs?source=erp", content=PACKED, headers=key)
    assert sent.status_code == 202, sent.text
    run = ended(own, sent.json()["id"])
    assert (run["state"], run["rows"], run["variants"], run["refused"], run["detail"]) == ("done", 3, 2, 1, None)
    told = own.sync.get(f"/v1/catalog/syncs/{run['id']}/rejects").json()
    assert [(row["line"], row["field"], row["value"]) for row in told["rejects"]] == [(4, "price", "free")]
    assert own.client.get("/v1/products/A-2").json()["title"] == "Coat"
    assert [e.event.__struct_config__.tag for e in own.events_after(before)] == ["catalog_changed"]
    again = own.sync.post("/v1/catalog/syncs?source=erp", content=PACKED, headers=key)
    assert (again.status_code, again.json()) == (202, sent.json())
    assert own.sync.get("/v1/catalog/syncs").json()[0]["id"] == run["id"]
    other = own.sync.post("/v1/catalog/syncs?source=erp&accept=true", content=FEED, headers=key)
    require_problem(other, 409, "idempotency_key_reused")


def test_one_catalogue_is_taken_at_a_time(own: Running) -> None:
    """Whoever comes while one is under way is told which; nothing of theirs is taken."""
    run, _ = own.database.write_now(runs.begin, "elsewhere", "big.tsv", NOW)
    answer = own.sync.post("/v1/catalog/syncs?source=erp", content=FEED)
    require_problem(answer, 409, "sync_under_way")
    assert f"Run {run.id} takes big.tsv for elsewhere" in answer.json()["detail"]
    own.database.write_now(runs.end_if_running, run.id, NOW)
    assert own.sync.get(f"/v1/catalog/syncs/{run.id}").json()["state"] == "died"
    sent = own.sync.post("/v1/catalog/syncs?source=erp&dry_run=true", content=FEED)
    assert (sent.status_code, ended(own, sent.json()["id"])["state"]) == (202, "checked")


def test_what_is_no_catalogue_is_told_by_its_run(own: Running) -> None:
    """A body that no format fits comes to nothing, and the run says why."""
    sent = own.sync.post("/v1/catalog/syncs?source=erp", content=b"\x00\x01")
    run = ended(own, sent.json()["id"])
    assert (run["state"], run["detail"][:35]) == ("failed", "the first line names no column id, ")


def test_pictures_come_when_the_catalogue_is_shown(own: Running) -> None:
    """The run is done without them; then they come, and what fails is told like other rows."""
    with web_shop() as web:
        web.answers["/coat.jpg"] = answer(saved(photo()))
        links = ("/coat.jpg", "/nothing.jpg")
        lines = (f"P-{n}\tCoat\t10.00 EUR\t{web.at(link)}\n" for n, link in enumerate(links))
        feed = "id\ttitle\tprice\timage_link\n" + "".join(lines)
        run = ended(own, own.sync.post("/v1/catalog/syncs?source=photos", content=feed.encode()).json()["id"])
        assert (run["state"], run["new"]) == ("done", 2)
        deadline = time.monotonic() + PATIENCE
        while not (run["pictures"] and run["refused"]) and time.monotonic() < deadline:
            leave_room()
            run = own.sync.get(f"/v1/catalog/syncs/{run['id']}").json()
    assert (run["pictures"], run["pictures_left"], run["refused"]) == (1, 0, 1)
    told = own.sync.get(f"/v1/catalog/syncs/{run['id']}/rejects").json()["rejects"]
    assert [(row["line"], row["field"], row["rule"]) for row in told] == [(3, "image_link", "127.0.0.1 answered 404")]
    shown = own.client.get("/v1/products/P-0").json()
    for size, across in (("large", 800), ("small", 240)):
        content = own.client.get(f"/v1/pictures/{shown['picture']}", params={"size": size})
        assert content.headers["content-type"] == "image/jpeg"
        assert content.headers["etag"] == f'"{sha256(content.content).hexdigest()}"'
        assert opened(content.content).width == across
    assert own.client.get("/v1/products/P-1").json()["picture"] is None
