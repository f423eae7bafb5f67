"""Snapshots of stock that are sent over HTTP: taken by a program beside the server, and answered when that is done."""

import gzip
from collections.abc import Iterator
from itertools import count
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import pytest

from server.db.engine import EngineName
from server.wire.base import timestamp
from tests.engines import Engines
from tests.server.given import hour
from tests.server.http.conftest import Running, small_shop
from tests.server.http.test_doors import require_problem
from tests.server.http.test_live import listening

HEAD = "store\tsku\tquantity\n"


@pytest.fixture(scope="module")
def own(engines: Engines, engine: EngineName, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The small shop, for tests that count its stores."""
    with small_shop(engines, engine, tmp_path_factory.mktemp("snapshots")) as house:
        yield house


HOURS = count(1)


def later() -> str:
    """A time after all that were named before: tests come in any order, and a newer count is not overwritten."""
    return timestamp(hour(next(HOURS)))


def send(house: Running, content: bytes, at: str, key: str | None = None, *, accept: bool = True) -> httpx.Response:
    """Send a snapshot that was true at some time."""
    headers = {} if key is None else {"Idempotency-Key": key}
    asked = {"source": "erp", "as_of": at, "accept": accept}
    return house.sync.post("/v1/stock/snapshots", params=asked, content=content, headers=headers)


def here(house: Running, sku: str) -> Any:
    """What is said of an article in Gran Vía."""
    product = house.client.get(f"/v1/products/{sku}?store=GV").json()
    return {v["item"]["sku"]: v["stock"] for v in product["variants"]}[sku]


def test_a_store_is_counted_and_its_stream_hears_of_it(own: Running) -> None:
    """Two stores in one body: articles show how many are there as of when, and each store's stream is told once."""
    body = gzip.compress((HEAD + "GV\tSHIRT-S\t1\nGV\tBAG\t8\nSE\tSHIRT-S\t4\nSE\tSHIRT-M\t3\n").encode())
    at = later()
    with listening(own, store="GV") as stream:
        next(stream)
        answer = send(own, body, at)
        assert answer.status_code == 200, answer.text
        told = next(stream)
    assert (told.event, told.data["store"]) == ("stock_counted", "GV")
    assert told.data["event"] == {
        "type": "stock_counted",
        "source": "erp",
        "as_of": at,
        "changed": told.data["event"]["changed"],
    }
    assert here(own, "SHIRT-S") == {
        "here": {"store": "GV", "name": "Gran Vía", "quantity": 1, "as_of": at},
        "nearby": [{"store": "SE", "name": "Serrano", "quantity": 4, "as_of": at}],
    }
    assert here(own, "SHIRT-M") == {
        "here": {"store": "GV", "name": "Gran Vía", "quantity": 0, "as_of": at},
        "nearby": [{"store": "SE", "name": "Serrano", "quantity": 3, "as_of": at}],
    }
    context = own.client.get(f"/v1/customers/{own.customer('lucia')}/context?store=GV").json()
    assert context["carts"][0]["lines"][0]["stock"]["here"]["as_of"] == at


def test_a_repeat_is_answered_and_not_taken_again(own: Running) -> None:
    """The same request under one key gets the first answer, though a sale came in between; another is refused."""
    body = (HEAD + "GV\tSHIRT-S\t5\nGV\tBAG\t8\n").encode()
    at, key = later(), str(uuid4())
    first = send(own, body, at, key)
    before = own.last_event
    again = send(own, body, at, key)
    assert (again.status_code, again.content) == (first.status_code, first.content) == (200, first.content)
    assert own.events_after(before) == []
    require_problem(send(own, body, later(), key), 409, "idempotency_key_reused")


def test_what_is_refused_uses_no_key_up(own: Running) -> None:
    """A snapshot that would empty the store is held under its key, and accepted under it."""
    before, at, key = later(), later(), str(uuid4())
    send(own, (HEAD + "GV\tSHIRT-S\t5\nGV\tBAG\t8\nGV\tHAT\t8\n").encode(), before)
    body = (HEAD + "GV\tSHIRT-S\t5\n").encode()
    held = send(own, body, at, key, accept=False)
    require_problem(held, 409, "snapshot_held")
    assert "2 of 3 articles that GV has are not named" in held.json()["detail"]
    assert here(own, "SHIRT-S")["here"]["as_of"] == before
    taken = send(own, body, at, key)
    assert (taken.status_code, taken.json()["stores"][0]["gone"]) == (200, 2)


def test_two_at_once_are_both_answered(own: Running) -> None:
    """Whoever comes second waits for their turn; the newer snapshot counts."""
    answers: dict[int, httpx.Response] = {}
    times = [later(), later()]

    def ask(number: int) -> None:
        answers[number] = send(own, f"{HEAD}SE\tSHIRT-S\t{number + 10}\n".encode(), times[number])

    both = [Thread(target=ask, args=(number,)) for number in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert {answer.status_code for answer in answers.values()} == {200}
    assert here(own, "SHIRT-S")["nearby"][0]["quantity"] == 11
