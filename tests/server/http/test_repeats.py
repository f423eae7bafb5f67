"""Writes that are sent twice, as tablets do on bad Wi-Fi: done once, answered twice."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from tests.server.http.conftest import Running
from tests.server.http.test_doors import require_problem


def send(house: Running, door: str, body: object, key: str | None) -> httpx.Response:
    """Ask a door under a key."""
    method, address = door.split(" ")
    headers = {} if key is None else {"Idempotency-Key": key}
    return house.client.request(method, address, json=body, headers=headers)


WRITES = pytest.mark.parametrize(
    ("door", "body", "other"),
    [
        ("POST /v1/customers/{}/notes", {"text": "Prefers linen."}, {"text": "Prefers wool."}),
        ("PUT /v1/customers/{}/preferences", {"sizes": {"tops": "S"}}, {"sizes": {"tops": "M"}}),
    ],
    ids=["note", "preferences"],
)


@WRITES
def test_a_repeat_gets_the_first_answer_and_does_nothing(
    house: Running, door: str, body: object, other: object
) -> None:
    """The same request under the same key is answered with the same bytes and writes one event in all."""
    door, key, before = door.format(house.customer("dalton")), str(uuid4()), house.last_event
    first, second = (send(house, door, body, key) for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert len(house.events_after(before)) == 1


@WRITES
def test_a_key_is_for_one_request(house: Running, door: str, body: object, other: object) -> None:
    """Another body, customer or door under a used key is refused, and nothing of it happens."""
    key = str(uuid4())
    here, there = (door.format(house.customer(name)) for name in ("dalton", "ana"))
    assert send(house, here, body, key).is_success
    before = house.last_event
    require_problem(send(house, here, other, key), 409, "idempotency_key_reused")
    require_problem(send(house, there, body, key), 409, "idempotency_key_reused")
    assert house.events_after(before) == []


def test_a_key_counts_across_doors(house: Running) -> None:
    """A note's key cannot be used again for preferences."""
    key, dalton = str(uuid4()), house.customer("dalton")
    assert send(house, f"POST /v1/customers/{dalton}/notes", {"text": "x"}, key).is_success
    answer = send(house, f"PUT /v1/customers/{dalton}/preferences", {}, key)
    require_problem(answer, 409, "idempotency_key_reused")


def test_without_a_key_each_request_counts(house: Running) -> None:
    """Who gives no key gets two notes for two requests."""
    door, before = f"POST /v1/customers/{house.customer('dalton')}/notes", house.last_event
    ids = {send(house, door, {"text": "twice"}, None).json()["id"] for _ in range(2)}
    assert (len(ids), len(house.events_after(before))) == (2, 2)


def test_a_refused_request_uses_no_key_up(house: Running) -> None:
    """What was refused left nothing behind: put right, it may come again under its key."""
    door, key = f"POST /v1/customers/{house.customer('dalton')}/notes", str(uuid4())
    require_problem(send(house, door, {"text": " "}, key), 422, "invalid_field", "$.text")
    require_problem(send(house, "POST /v1/customers/999999/notes", {"text": "x"}, key), 404, "unknown_customer")
    assert send(house, door, {"text": "put right"}, key).status_code == 201


def test_what_means_the_same_is_the_same_request(house: Running) -> None:
    """Blanks, order and fields that nobody knows do not make it another request."""
    address, key = f"/v1/customers/{house.customer('dalton')}/notes", str(uuid4())
    bodies = (
        b'{"text": "same", "author": null}',
        b'{"later": 1,\n "author": null, "text": "same"}',
        b'{"text":"same"}',
    )
    answers = [house.client.post(address, content=body, headers={"Idempotency-Key": key}) for body in bodies]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.content for answer in answers}) == 1


def test_repeats_at_the_same_moment_are_one(house: Running) -> None:
    """Eight equal requests at once get one answer; one note was written."""
    door, key, before = f"POST /v1/customers/{house.customer('dalton')}/notes", str(uuid4()), house.last_event
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(house, door, {"text": "at once"}, key), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(house.events_after(before)) == 1
