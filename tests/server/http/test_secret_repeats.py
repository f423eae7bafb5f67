"""Repeats of what is asked for with PINs and codes, or answered with tokens: done once, and secret in the database."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from msgspec.structs import replace

from server.access import actions
from server.access.callers import TERMINAL
from server.db.engine import Connection, Database
from server.idempotency.requests import SECRETS_TOLD
from server.wire.access import NewEnrolment
from tests.server.given import KEYS, NOW, rows
from tests.server.http.conftest import UNHURRIED, Running, client_of, running
from tests.server.http.test_doors import require_problem
from tests.server.people import BADGE, PIN, WRONG_PIN, enrolled, hired

WITHOUT = frozenset({"POST /v1/scan", "POST /v1/customers/search", "POST /v1/products/search", "POST /v1/records"})
"""Doors that are asked by a body and change nothing; and records, of which every delivery may come again as it is."""


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The house's clock."""
    return Clock()


@pytest.fixture
def manned(database: Database, clock: Clock) -> Iterator[Running]:
    """A server with a token of each kind, and a clock that can be moved."""
    with running(database, replace(UNHURRIED, idle=43_200), clock=clock) as house:
        yield house


def send(house: Running, door: str, body: Any, key: str | None, token: str | None) -> httpx.Response:
    """Ask a door under a key, as somebody."""
    method, address = door.split(" ")
    headers = {} if key is None else {"Idempotency-Key": key}
    with client_of(house.port, token) as client:
        return client.request(method, address, json=body, headers=headers)


def new_code(conn: Connection, kind: str = "tablet") -> str:
    """A code that enrols a device."""
    wanted = NewEnrolment(kind=kind, name="New", store="GV")  # type: ignore[arg-type]
    return actions.make_enrolment(conn, TERMINAL, wanted, KEYS, "http://localhost", NOW).code


def kept(conn: Connection) -> str:
    """All that is kept for repeats, as text."""
    every = rows(conn, "SELECT caller, key, request_hash, answer FROM idempotency_keys")
    return "\n".join(value if isinstance(value, str) else bytes(value).hex() for row in every for value in row)


def test_every_write_takes_a_key(manned: Running) -> None:
    """No door that changes something is without the header in the document, and none that changes nothing has it."""
    paths = manned.client.get("/schema/openapi.json").json()["paths"]
    taking = {
        f"{method.upper()} {path}": any(p["name"] == "Idempotency-Key" for p in operation.get("parameters", ()))
        for path, operations in paths.items()
        for method, operation in operations.items()
    }
    assert {door for door, takes in taking.items() if takes} == {
        door for door in taking if not door.startswith("GET ") and door not in WITHOUT
    }
    assert len(taking) > 30


ASKED = pytest.mark.parametrize(
    ("door", "body", "who"),
    [
        ("POST /v1/devices/enrolments", {"kind": "tablet", "name": "New", "store": "GV"}, "manager"),
        ("POST /v1/devices", {"code": "{code}"}, None),
        ("POST /v1/devices/current/token", None, "till"),
        ("POST /v1/sessions", {"badge": BADGE, "pin": PIN}, "tablet"),
        ("POST /v1/sessions/current/unlock", {"pin": PIN}, "associate"),
        ("POST /v1/staff", {"name": "Nora", "role": "associate", "stores": ["GV"], "badge": "B-77", "pin": PIN}, "hq"),
        ("PUT /v1/staff/{staff}/stores", {"stores": ["GV"]}, "hq"),
        ("PUT /v1/staff/{staff}/pin", {"pin": PIN}, "manager"),
        ("DELETE /v1/staff/{staff}/waits", None, "manager"),
        ("DELETE /v1/staff/{staff}", None, "manager"),
        ("DELETE /v1/devices/{device}/waits", None, "manager"),
        ("DELETE /v1/devices/{device}", None, "manager"),
    ],
)
TABLES = ("devices", "enrolments", "staff", "sessions", "events")


def filled(house: Running, door: str, body: Any) -> tuple[str, Any]:
    """A door and a body about somebody, a device and a code of their own."""
    member = house.database.write_now(hired, name="Somebody")
    device = house.database.write_now(enrolled)
    if body is not None and "code" in body:
        body = {"code": house.database.write_now(new_code)}
    return door.format(staff=member.id, device=device.device_id), body


def counts(house: Running) -> list[int]:
    """How much there is."""
    _ = house.last_event
    return [house.database.read_now(rows, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES]


@ASKED
def test_a_repeat_gets_the_first_answer(manned: Running, door: str, body: Any, who: str | None) -> None:
    """The same under the same key is answered with the same bytes, tokens and codes too, and nothing more is done."""
    door, body = filled(manned, door, body)
    key, token = str(uuid4()), None if who is None else getattr(manned.tokens, who)
    first = send(manned, door, body, key, token)
    assert first.is_success, first.text
    before = counts(manned)
    again = send(manned, door, body, key, token)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert counts(manned) == before
    anew = send(manned, door, body, str(uuid4()), token)
    if door == "POST /v1/devices":
        require_problem(anew, 403, "wrong_code")
    else:
        assert anew.status_code in {first.status_code, 404, 409}


@ASKED
def test_nothing_secret_is_kept(manned: Running, door: str, body: Any, who: str | None) -> None:
    """What is kept for repeats has no token, code, PIN or name in it, nor a hash that could be found by trying."""
    door, body = filled(manned, door, body)
    token = None if who is None else getattr(manned.tokens, who)
    answer = send(manned, door, body, "once", token)
    assert answer.is_success
    secrets = [str(value) for value in (body or {}).values() if isinstance(value, str)]
    secrets += [str(value) for value in (answer.json() if answer.content else {}).values() if isinstance(value, str)]
    there = manned.database.read_now(kept)
    assert there.count("\n") == 3
    assert [secret for secret in secrets if len(secret) > 3 and secret in there] == []
    assert '"token"' not in there
    # With the key of another installation nobody reads it, and no request is taken for the one that was.
    ((request_hash, sealed),) = manned.database.read_now(rows, "SELECT request_hash, answer FROM idempotency_keys")
    assert "{" not in sealed
    assert _plain_hash(door, body) != bytes(request_hash)


def _plain_hash(door: str, body: Any) -> bytes:
    """What a hash without a key would be, of a request that holds nothing more than these."""
    text = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    return hashlib.blake2b(door.encode() + b"\0" + text, digest_size=16).digest()


def test_no_key_helps_to_guess_a_pin(manned: Running) -> None:
    """Under a key that signed somebody in a wrong PIN is as wrong, and counted, as under any other."""
    ask = {"badge": BADGE, "pin": PIN}
    started = send(manned, "POST /v1/sessions", ask, "k", manned.tokens.tablet)
    assert started.status_code == 201
    for _ in range(3):
        require_problem(
            send(manned, "POST /v1/sessions", {**ask, "pin": WRONG_PIN}, "k", manned.tokens.tablet),
            403,
            "wrong_pin",
            "$.pin",
        )
    waits = send(manned, "POST /v1/sessions", {**ask, "pin": WRONG_PIN}, "k", manned.tokens.tablet)
    assert waits.json()["retry_after"] >= 30
    require_problem(send(manned, "POST /v1/sessions", ask, "k", manned.tokens.tablet), 429, "too_many_tries")


def test_a_repeat_of_a_sign_in_counts_no_try(manned: Running) -> None:
    """However often it comes again, the right PIN is no wrong one."""
    ask = {"badge": BADGE, "pin": PIN}
    first = send(manned, "POST /v1/sessions", ask, "k", manned.tokens.tablet)
    answers = {send(manned, "POST /v1/sessions", ask, "k", manned.tokens.tablet).content for _ in range(6)}
    assert answers == {first.content}
    assert manned.database.read_now(rows, "SELECT count(*) FROM pin_tries")[0][0] == 0


def test_a_wrong_code_uses_no_key_up_and_is_counted(manned: Running) -> None:
    """Guesses under one key wait as any do; and what is typed right then enrols under the same key."""
    for _ in range(5):
        require_problem(send(manned, "POST /v1/devices", {"code": "AAAAA-AAAAA"}, "k", None), 403, "wrong_code")
    last = send(manned, "POST /v1/devices", {"code": "AAAAA-AAAAA"}, "k", None)
    assert last.json()["retry_after"] == 5
    assert manned.database.read_now(kept) == ""


def test_a_key_of_somebody_elses_code_tells_nothing(manned: Running) -> None:
    """At the door that is open to everybody a key counts beside a code: nobody gets an answer by the key alone."""
    first, second = (manned.database.write_now(new_code) for _ in range(2))
    mine = send(manned, "POST /v1/devices", {"code": first}, "k", None).json()
    theirs = send(manned, "POST /v1/devices", {"code": second}, "k", None).json()
    assert mine["device_id"] != theirs["device_id"]
    require_problem(send(manned, "POST /v1/devices", {"code": "AAAAA-AAAAA"}, "k", None), 403, "wrong_code")
    typed = first.replace("-", " ").lower()
    require_problem(send(manned, "POST /v1/devices", {"code": typed}, "k", None), 409, "idempotency_key_reused")
    with client_of(manned.port, mine["token"]) as client:
        assert client.get("/v1/stores").is_success


@pytest.mark.parametrize(
    ("door", "body", "who"),
    [
        ("POST /v1/devices/enrolments", {"kind": "tablet", "name": "New", "store": "GV"}, "manager"),
        ("POST /v1/devices", {"code": "{code}"}, None),
        ("POST /v1/devices/current/token", None, "till"),
    ],
)
def test_a_token_is_told_again_for_a_quarter_of_an_hour(
    manned: Running, clock: Clock, door: str, body: Any, who: str | None
) -> None:
    """Then a repeat learns that it was done, and no more; other answers are told for as long as they are kept."""
    door, body = filled(manned, door, body)
    token = None if who is None else getattr(manned.tokens, who)
    first = send(manned, door, body, "k", token)
    clock.now = NOW + SECRETS_TOLD
    assert send(manned, door, body, "k", token).content == first.content
    clock.now += timedelta(seconds=1)
    require_problem(send(manned, door, body, "k", token), 409, "answer_expired")


def test_other_answers_are_told_for_as_long_as_they_are_kept(manned: Running, clock: Clock) -> None:
    """Of somebody who was added there is nothing to hide from who added them."""
    wanted = {"name": "Nora", "role": "associate", "stores": ["GV"]}
    first = send(manned, "POST /v1/staff", wanted, "k", manned.tokens.hq)
    clock.now += timedelta(hours=6)
    assert send(manned, "POST /v1/staff", wanted, "k", manned.tokens.hq).content == first.content
