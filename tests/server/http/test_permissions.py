"""Who gets through which door: every door of the app, asked with every kind of token."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from server.access import actions
from server.access.callers import TERMINAL
from server.access.doors import DOORS
from server.app import create_app
from server.customers.queries import customer_id_of
from server.db.engine import Connection, EngineName
from server.kiosks.actions import start as start_kiosk_session
from server.pages.rules import PLACE
from server.settings import Settings
from server.shop import Ending
from server.wire.access import NewEnrolment
from tests.engines import Engines
from tests.server.given import KEYS, NOW, cart, customer, ledger, rows, take, who
from tests.server.http.conftest import Running, client_of, small_shop
from tests.server.http.test_doors import doors_of, require_problem
from tests.server.people import PIN, bearer, caller_of, enrolled, hired, signed_in
from tests.server.small_shop import FEED, GTIN, LUCIA, PICTURE_HASH, ndjson

KINDS = (
    *("none", "malformed", "unknown", "expired", "revoked", "revoked_session"),
    *("tablet", "associate", "elsewhere", "manager", "hq"),
    *("kiosk", "till", "sync"),
    "locked",
)
"""Kinds of tokens.

None at all; no token of ours; nobody's; of a session that ended with its shift; of a device that was revoked, and of a
session on one; a tablet where nobody is signed in; an associate, one who no longer works in the tablet's store, a
manager, and one of HQ's, signed in; devices of other kinds; a session that was left alone.
"""

# none  malf  unkn  expi  revo  r.se | tabl  asso  else  mana  hq | kios  till  sync | lock
TABLE = {
    "POST /v1/scan": """
    401   401   401   401   401   401  401   200   403   200   200  200   200   403  401""",
    "POST /v1/customers/search": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  401""",
    "GET /v1/customers/{customer_id}/context": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  401""",
    "GET /v1/customers/{customer_id}/orders": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  401""",
    "GET /v1/wishers": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  401""",
    "GET /v1/wishers/count": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  401""",
    "POST /v1/customers/{customer_id}/notes": """
    401   401   401   401   401   401  401   201   403   201   201  403   403   403  401""",
    "PUT /v1/customers/{customer_id}/preferences": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  401""",
    "POST /v1/customers/{customer_id}/carts/join": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  401""",
    "POST /v1/carts/{cart_id}/lines": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  401""",
    "PUT /v1/carts/{cart_id}/lines/{line}": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  401""",
    "DELETE /v1/carts/{cart_id}/lines/{line}": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  401""",
    "GET /v1/customers/{customer_id}/consents": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  401""",
    "PUT /v1/customers/{customer_id}/consents/{channel}": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  401""",
    "GET /v1/customers/{customer_id}/export": """
    401   401   401   401   401   401  401   403   403   200   200  403   403   403  401""",
    "POST /v1/customers/{customer_id}/erasure": """
    401   401   401   401   401   401  401   403   403   200   200  403   403   403  401""",
    "POST /v1/products/search": """
    401   401   401   401   401   401  200   200   403   200   200  200   200   403  401""",
    "GET /v1/products/{sku}": """
    401   401   401   401   401   401  200   200   403   200   200  200   200   200  401""",
    "GET /v1/pictures/{picture_hash}": """
    401   401   401   401   401   401  200   200   403   200   200  200   200   200  401""",
    "POST /v1/catalog/syncs": """
    401   401   401   401   401   401  403   403   403   403   403  403   403   202  401""",
    "GET /v1/catalog/syncs": """
    401   401   401   401   401   401  401   403   403   403   200  403   403   200  401""",
    "GET /v1/catalog/syncs/{run_id}": """
    401   401   401   401   401   401  401   403   403   403   200  403   403   200  401""",
    "GET /v1/catalog/syncs/{run_id}/rejects": """
    401   401   401   401   401   401  401   403   403   403   200  403   403   200  401""",
    "POST /v1/stock/snapshots": """
    401   401   401   401   401   401  403   403   403   403   403  403   403   200  401""",
    "GET /v1/stores": """
    401   401   401   401   401   401  200   200   403   200   200  200   200   200  401""",
    "GET /v1/setup": """
    401   401   401   401   401   401  200   200   403   200   200  200   200   200  401""",
    "POST /v1/records": """
    401   401   401   401   401   401  403   403   403   403   403  403   403   200  401""",
    "GET /v1/records/refused": """
    401   401   401   401   401   401  401   403   403   403   200  403   403   200  401""",
    "GET /v1/live": """
    401   401   401   401   401   401  200   200   403   200   200  200   200   200  401""",
    "GET /v1/kiosk/challenges": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  401""",
    "POST /v1/kiosk/challenges": """
    401   401   401   401   401   401  403   403   403   403   403  201   403   403  401""",
    "DELETE /v1/kiosk/challenges/{challenge_id}": """
    401   401   401   401   401   401  403   403   403   403   403  204   403   403  401""",
    "POST /v1/kiosk/challenges/{challenge_id}/confirmation": """
    401   401   401   401   401   401  401   404   403   404   404  403   403   403  401""",
    "POST /v1/kiosk/session": """
    401   401   401   401   401   401  403   403   403   403   403  410   403   403  401""",
    "DELETE /v1/kiosk/session": """
    401   401   401   401   401   401  403   403   403   403   403  204   403   403  401""",
    "GET /v1/kiosk/cart": """
    401   401   401   401   401   401  403   403   403   403   403  403   403   403  401""",
    "POST /v1/kiosk/carts/join": """
    401   401   401   401   401   401  403   403   403   403   403  403   403   403  401""",
    "GET /v1/kiosk/calls": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  401""",
    "POST /v1/kiosk/calls": """
    401   401   401   401   401   401  403   403   403   403   403  201   403   403  401""",
    "POST /v1/kiosk/calls/{call_id}/answer": """
    401   401   401   401   401   401  401   404   403   404   404  403   403   403  401""",
    "POST /v1/handoffs": """
    401   401   401   401   401   401  401   201   403   201   201  403   403   403  401""",
    "GET /v1/handoffs/{handoff_id}": """
    401   401   401   401   401   401  401   404   403   404   404  403   404   403  401""",
    "POST /v1/handoffs/redemption": """
    401   401   401   401   401   401  403   403   403   403   403  403   404   403  401""",
    "POST /v1/handoffs/{handoff_id}/completion": """
    401   401   401   401   401   401  403   403   403   403   403  403   404   403  401""",
    "POST /v1/handoffs/{handoff_id}/release": """
    401   401   401   401   401   401  403   403   403   403   403  403   404   403  401""",
    "GET /v1/devices": """
    401   401   401   401   401   401  401   403   403   200   200  403   403   403  401""",
    "POST /v1/devices": """
    201   201   201   201   201   201  201   201   201   201   201  201   201   201  201""",
    "POST /v1/devices/enrolments": """
    401   401   401   401   401   401  401   403   403   201   201  403   403   403  401""",
    "POST /v1/devices/current/token": """
    401   401   401   401   401   401  201   201   201   201   201  201   201   201  201""",
    "DELETE /v1/devices/{device_id}": """
    401   401   401   401   401   401  401   403   403   204   204  403   403   403  401""",
    "DELETE /v1/devices/{device_id}/waits": """
    401   401   401   401   401   401  401   403   403   204   204  403   403   403  401""",
    "GET /v1/staff": """
    401   401   401   401   401   401  200   200   403   200   200  403   403   403  401""",
    "POST /v1/staff": """
    401   401   401   401   401   401  401   403   403   201   201  403   403   403  401""",
    "PUT /v1/staff/{staff_id}/stores": """
    401   401   401   401   401   401  401   403   403   200   200  403   403   403  401""",
    "PUT /v1/staff/{staff_id}/pin": """
    401   401   401   401   401   401  401   403   403   204   204  403   403   403  401""",
    "DELETE /v1/staff/{staff_id}/waits": """
    401   401   401   401   401   401  401   403   403   204   204  403   403   403  401""",
    "DELETE /v1/staff/{staff_id}": """
    401   401   401   401   401   401  401   403   403   204   204  403   403   403  401""",
    "POST /v1/sessions": """
    401   401   401   401   401   401  201   403   403   403   403  403   403   403  401""",
    "POST /v1/sessions/current/unlock": """
    401   401   401   401   401   401  401   200   403   200   200  403   403   403  200""",
    "DELETE /v1/sessions/current": """
    401   401   401   401   401   401  401   204   204   204   204  403   403   403  204""",
    "GET /health/live": """
    200   200   200   200   200   200  200   200   200   200   200  200   200   200  200""",
    "GET /health/ready": """
    200   200   200   200   200   200  200   200   200   200   200  200   200   200  200""",
    # Asked from another machine; from its own the server shows them to everybody.
    "GET /schema": """
    401   401   401   401   401   401  200   200   403   200   200  200   200   200  401""",
    "GET /schema/openapi.json": """
    401   401   401   401   401   401  200   200   403   200   200  200   200   200  401""",
    "GET /schema/openapi.yaml": """
    401   401   401   401   401   401  200   200   403   200   200  200   200   200  401""",
    "GET /schema/openapi.yml": """
    401   401   401   401   401   401  200   200   403   200   200  200   200   200  401""",
    "GET /schema/{path}": """
    401   401   401   401   401   401  404   404   403   404   404  404   404   404  401""",
}

OF_A_CUSTOMER = {
    # The carts that they are asked of are somebody else's.
    "POST /v1/carts/{cart_id}/lines": 404,
    "PUT /v1/carts/{cart_id}/lines/{line}": 404,
    "DELETE /v1/carts/{cart_id}/lines/{line}": 404,
    "POST /v1/kiosk/carts/join": 404,
    "POST /v1/kiosk/calls": 201,
    "DELETE /v1/kiosk/session": 204,
    "GET /v1/kiosk/cart": 200,
    "POST /v1/handoffs": 201,
    "GET /v1/handoffs/{handoff_id}": 404,
    "GET /v1/live": 200,
    "POST /v1/devices": 201,
    "GET /health/live": 200,
    "GET /health/ready": 200,
}
"""What a customer who proved at a kiosk who they are is answered; at every door that is not here, 403."""

CODES = {
    "none": "no_token",
    "malformed": "unknown_token",
    "unknown": "unknown_token",
    "expired": "session_ended",
    "revoked": "device_revoked",
    "revoked_session": "device_revoked",
    "tablet": "not_signed_in",
    "locked": "session_locked",
}
"""Why a kind of token is answered 401."""


class Asked(NamedTuple):
    """One request of a row: where to, with what, and with which token."""

    path: str
    json: Any
    content: bytes | None
    token: str | None


def requests(conn: Connection, door: str, lucia: int) -> dict[str, Asked]:
    """What each kind of caller asks of a door, each about a device, a person and a code of their own."""
    shown = kinds(conn) | {"customer": at_kiosk(conn, lucia)}
    found: dict[str, Asked] = {}
    for kind in (*KINDS, "customer"):
        device, member = enrolled(conn), hired(conn, name="Somebody")
        take(conn, customer(f"whom {kind} erases"))
        somebody = customer_id_of(conn, "shop", f"whom {kind} erases")
        name = f"whom {kind} serves"
        take(conn, customer(name), *(cart(f"{name}, {n}", 0, who(name)) for n in range(2)))
        served = customer_id_of(conn, "shop", name)
        carts = [c for (c,) in rows(conn, "SELECT id FROM carts WHERE customer_id = :id ORDER BY id", id=served)]
        wanted = NewEnrolment(kind="tablet", name="New", store="GV")
        code = actions.make_enrolment(conn, TERMINAL, wanted, KEYS, "http://localhost", NOW).code
        places = {
            "customer_id": somebody if door.endswith("/erasure") else served if door.endswith("/join") else lucia,
            "cart_id": carts[0],
            "line": 1,
            "channel": "email",
            "sku": "SHIRT-S",
            "picture_hash": PICTURE_HASH,
            "device_id": device.device_id,
            "staff_id": member.id,
            "path": "elements",
            "run_id": 1,
            "challenge_id": 999_999,
            "handoff_id": 999_999,
            "call_id": 999_999,
        }
        bodies: dict[str, Any] = {
            "POST /v1/scan": {"code": GTIN},
            "POST /v1/customers/search": {"text": "garcia"},
            "POST /v1/products/search": {"text": "shirt"},
            "POST /v1/customers/{customer_id}/notes": {"text": "Likes linen."},
            "PUT /v1/customers/{customer_id}/preferences": {},
            "PUT /v1/customers/{customer_id}/consents/{channel}": {"granted": False},
            "POST /v1/customers/{customer_id}/carts/join": dict(zip(("source", "target"), carts, strict=True)),
            "POST /v1/carts/{cart_id}/lines": {"sku": "SHIRT-S"},
            "PUT /v1/carts/{cart_id}/lines/{line}": {"quantity": 2, "base_quantity": 1},
            "POST /v1/customers/{customer_id}/erasure": {"confirm": True},
            "POST /v1/devices": {"code": code},
            "POST /v1/kiosk/challenges": {"type": "ask_associate"},
            "POST /v1/kiosk/challenges/{challenge_id}/confirmation": {"customer_id": lucia, "digits": "00"},
            "POST /v1/kiosk/session": {"type": "vouch", "challenge_id": 999_999},
            "POST /v1/kiosk/carts/join": dict(zip(("source", "target"), carts, strict=True)),
            "POST /v1/kiosk/calls": {"about": "help"},
            "POST /v1/handoffs": {"way": "phone", "cart": {"source": "web", "external_id": "cart-1"}},
            "POST /v1/handoffs/redemption": {"code": "222222"},
            "POST /v1/devices/enrolments": msgspec.to_builtins(wanted),
            "POST /v1/staff": {"name": "New", "role": "associate", "stores": ["GV"]},
            "PUT /v1/staff/{staff_id}/stores": {"stores": ["GV"]},
            "PUT /v1/staff/{staff_id}/pin": {"pin": PIN},
            "POST /v1/sessions": {"staff_id": member.id, "pin": PIN},
            "POST /v1/sessions/current/unlock": {"pin": PIN},
        }
        contents = {
            "POST /v1/records": ndjson([LUCIA]),
            "POST /v1/catalog/syncs": FEED,
            "POST /v1/stock/snapshots": b"store,sku,quantity\nNEW,SHIRT-S,1\n",
        }
        queries = {
            "POST /v1/catalog/syncs": "?source=feed&dry_run=true",
            "POST /v1/stock/snapshots": "?source=erp&as_of=2026-11-21T10:00:00Z",
            "DELETE /v1/carts/{cart_id}/lines/{line}": "?base_quantity=1",
            "GET /v1/wishers": "?sku=SHIRT-S",
            "GET /v1/wishers/count": "?sku=SHIRT-S",
        }
        path = door.split(" ")[1].format(**places) + queries.get(door, "")
        found[kind] = Asked(path, bodies.get(door), contents.get(door), shown[kind])
    return found


def at_kiosk(conn: Connection, customer_id: int) -> str:
    """The token of a customer at a kiosk."""
    kiosk = caller_of(enrolled(conn, "kiosk"))
    return start_kiosk_session(conn, kiosk, customer_id, None, "vouch", KEYS, Settings(), NOW).token


def kinds(conn: Connection) -> dict[str, str | None]:
    """A token of each kind."""
    tablet, revoked, revoked_too = (enrolled(conn) for _ in range(3))
    people = {
        "associate": hired(conn),
        "elsewhere": hired(conn, "associate", "SE"),
        "manager": hired(conn, "manager"),
        "hq": hired(conn, "hq"),
    }
    shown: dict[str, str | None] = {
        "none": None,
        "malformed": "rubbish",
        "unknown": f"dev_{tablet.device_id}_{'A' * 43}",
        "expired": signed_in(conn, enrolled(conn), hired(conn), now=NOW - timedelta(hours=12)).token,
        "revoked": revoked.token,
        "revoked_session": signed_in(conn, revoked_too, hired(conn)).token,
        "tablet": tablet.token,
        **{kind: signed_in(conn, enrolled(conn), one).token for kind, one in people.items()},
        "kiosk": enrolled(conn, "kiosk").token,
        "till": enrolled(conn, "till").token,
        "sync": enrolled(conn, "sync", None).token,
        "locked": signed_in(conn, enrolled(conn), hired(conn), now=NOW - timedelta(minutes=6)).token,
    }
    # A session on a revoked device ends with it: this one is as if the revocation had not reached it.
    for device in (revoked, revoked_too):
        actions.revoke_device(conn, TERMINAL, device.device_id, NOW)
    return shown


@pytest.fixture(scope="module")
def guarded(engines: Engines, engine: EngineName, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The small shop, for tests that add people and take tokens away."""
    with small_shop(engines, engine, tmp_path_factory.mktemp("guarded")) as house:
        yield house


def expected(door: str) -> dict[str, int]:
    """A row of the table, by kind of token."""
    found = dict(zip(KINDS, map(int, TABLE[door].split()), strict=True))
    return found | {"customer": 403 if door.startswith("GET /schema") else OF_A_CUSTOMER.get(door, 403)}


@pytest.mark.parametrize("door", [door for door in TABLE if not door.startswith("GET /schema")])
def test_a_door_opens_to_whom_it_is_for(guarded: Running, door: str) -> None:
    """Each kind of token gets the status that stands in the table; a 401 says which token is wrong, and how to ask."""
    method, _ = door.split(" ")
    asked = guarded.database.write_now(requests, door, guarded.customer("lucia"))
    with client_of(guarded.port, None) as client:
        answered = {}
        for kind, ask in asked.items():
            headers = {} if ask.token is None else bearer(ask.token)
            # A stream has no end: only how it begins is looked at.
            with client.stream(method, ask.path, json=ask.json, content=ask.content, headers=headers) as answer:
                answered[kind] = answer.status_code
                if answer.status_code == 401:
                    answer.read()
                    require_problem(answer, 401, CODES[kind])
                    assert answer.headers["www-authenticate"].startswith("Bearer")
                if answer.status_code == 403:
                    answer.read()
                    require_problem(answer, 403, "wrong_caller")
    assert answered == expected(door)


@pytest.mark.parametrize("door", [door for door in TABLE if door.startswith("GET /schema")])
def test_the_document_is_shown_to_devices(guarded: Running, door: str) -> None:
    """From another machine the OpenAPI document is shown to whoever has a token, from its own to everybody."""
    asked = guarded.database.write_now(requests, door, 1)
    app = create_app(Settings(), guarded.database, lambda: NOW, Ending(), KEYS, ledger(guarded.database))

    async def answers(peer: str) -> dict[str, int]:
        transport = httpx.ASGITransport(app, client=(peer, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return {
                kind: (await client.get(ask.path, headers={} if ask.token is None else bearer(ask.token))).status_code
                for kind, ask in asked.items()
            }

    assert asyncio.run(answers("192.0.2.7")) == expected(door)
    assert set(asyncio.run(answers("127.0.0.1")).values()) == {404 if door.endswith("{path}") else 200}


def test_the_table_has_every_door(guarded: Running) -> None:
    """A new door without a row fails here, in the table as in the allow-list; so does a row without a door.

    Pages show their tokens in cookies: test_till.py asks them with every kind.
    """
    pages = {door for door in DOORS if door.split(" ")[1].startswith(PLACE)}
    assert set(TABLE) == doors_of(guarded) == set(DOORS) - pages
    assert pages


def shown_as(guarded: Running) -> list[tuple[bytes, int]]:
    """Ways to show a token, and what each is answered."""
    token = guarded.tokens.till
    kind, number, secret = token.split("_", 2)
    other = guarded.tokens.kiosk.split("_")[1]
    last = "A" if secret[-1] != "A" else "B"
    return [
        (f"Bearer {token}".encode(), 200),
        (f"bearer {token}".encode(), 200),
        (f"BEARER {token}".encode(), 200),
        (token.encode(), 401),
        (f"Basic {token}".encode(), 401),
        (f"Bearer  {token}".encode(), 401),
        (f"Bearer {token} {token}".encode(), 401),
        (f"Bearer {token}=".encode(), 401),
        (f"Bearer {token[:-1]}".encode(), 401),
        (f"Bearer {kind}_{number}_{secret[:-1]}{last}".encode(), 401),
        (f"Bearer {kind}_{other}_{secret}".encode(), 401),
        (f"Bearer ses_{number}_{secret}".encode(), 401),
        (f"Bearer {kind}_0{number}_{secret}".encode(), 401),
        (f"Bearer {kind}_{'9' * 18}_{secret}".encode(), 401),
        (f"Bearer {kind}_{'9' * 40}_{secret}".encode(), 401),
        (f"Bearer {kind}_-{number}_{secret}".encode(), 401),
        (f"Bearer {kind}_{number}_' OR 1=1 --{secret[:32]}".encode(), 401),
        (b"Bearer " + b"\xff" * 43, 401),
        (b"Bearer", 401),
        (b"", 401),
    ]


def test_only_a_whole_token_is_one(guarded: Running) -> None:
    """Anything but `Bearer` and a token as it was given, to the last sign, is nobody's; so are two headers at once."""
    with client_of(guarded.port, None) as client:
        for header, status in shown_as(guarded):
            answer = client.get("/v1/stores", headers=[(b"Authorization", header)])
            assert answer.status_code == status, header
        right = f"Bearer {guarded.tokens.till}".encode()
        twice = client.get("/v1/stores", headers=[(b"Authorization", right), (b"Authorization", right)])
    require_problem(twice, 401, "unknown_token")
