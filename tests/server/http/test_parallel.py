"""Many counters at once: nobody gets somebody else's answer, and nobody waits for a search."""

from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat

import httpx

from tests.server.given import customer
from tests.server.http.conftest import PATIENCE, Running, client_of
from tests.server.people import bearer
from tests.server.small_shop import DALTON_CARD, GTIN, LONG_AGO, LUCIA_CARD, UNUSED_CARD, ndjson


def test_each_caller_gets_their_own_answer(house: Running) -> None:
    """Scans, searches, notes and records from sixteen callers at once are each answered as if alone."""
    dalton = house.customer("dalton")

    def scan(client: httpx.Client, n: int) -> None:
        code, said = (
            (LUCIA_CARD, "Lucia Garcia"),
            (DALTON_CARD, "Dalton Pérez"),
            (GTIN, "Linen shirt"),
            (UNUSED_CARD, '"looks_like":"card"'),
        )[n % 4]
        assert said in client.post("/v1/scan", json={"code": code}).text

    def search(client: httpx.Client, n: int) -> None:
        text, said = (("garcia", "Lucia Garcia"), ("dálton peres", "Dalton Pérez"), ("nobody", '"hits":[]'))[n % 3]
        assert said in client.post("/v1/customers/search", json={"text": text}).text

    def note(client: httpx.Client, n: int) -> None:
        answer = client.post(f"/v1/customers/{dalton}/notes", json={"text": f"Note {n}"})
        assert answer.json()["text"] == f"Note {n}"

    def records(client: httpx.Client, n: int) -> None:
        body = ndjson(customer(f"p{n}-{m}", LONG_AGO, given_name=f"Person{n}") for m in range(10))
        answer = client.post("/v1/records", content=body, headers=bearer(house.tokens.sync))
        assert answer.json()["new"] == 10

    before = house.last_event
    with (
        client_of(house.port, house.tokens.associate) as client,
        ThreadPoolExecutor(16) as pool,
    ):
        work = list(chain.from_iterable(zip(repeat(scan, 48), repeat(search), repeat(note), repeat(records))))
        done = [pool.submit(one, client, n) for n, one in enumerate(work)]
        for future in done:
            future.result(PATIENCE)
    assert len(house.events_after(before)) == 48 + 48 * 10
