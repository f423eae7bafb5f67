"""Whoever does not get on at a kiosk calls somebody, and is told who comes."""

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from server.db.engine import Database
from tests.server.given import rows
from tests.server.http.floor import FLOOR, Floor, floor
from tests.server.http.test_doors import require_problem
from tests.server.http.test_handoffs import heard
from tests.server.http.test_live import messages


@pytest.fixture
def shop_floor(database: Database) -> Iterator[Floor]:
    """The floor, where nobody is locked out while a call waits."""
    with floor(database, msgspec.structs.replace(FLOOR, idle=3_600)) as opened:
        yield opened


def call(kiosk: httpx.Client, about: str = "card") -> Any:
    """Call somebody to a kiosk."""
    answer = kiosk.post("/v1/kiosk/calls", json={"about": about})
    assert answer.status_code == 201, answer.text
    return answer.json()


def answer(tablet: httpx.Client, call_id: int) -> httpx.Response:
    """Say that one is on the way."""
    return tablet.post(f"/v1/kiosk/calls/{call_id}/answer")


def waiting(tablet: httpx.Client) -> list[tuple[int, str]]:
    """Who waits in a tablet's store, and what for."""
    return [(call["call_id"], call["about"]) for call in tablet.get("/v1/kiosk/calls").json()]


def test_somebody_comes(shop_floor: Floor) -> None:
    """The tablets of the store list the call, one answers, the kiosk is told a first name, and the list is empty."""
    before = shop_floor.house.last_event
    called = call(shop_floor.kiosk)
    assert (called["about"], called["answered_by"]) == ("card", None)
    assert shop_floor.tablet.get("/v1/kiosk/calls").json() == [called]
    shop_floor.hands.on(seconds=30)
    answered = answer(shop_floor.tablet, called["call_id"])
    assert answered.status_code == 200
    name = answered.json()["answered_by"]
    assert answered.json() == called | {"answered_by": name}
    assert waiting(shop_floor.tablet) == []
    told = shop_floor.house.events_after(before)
    assert [(happened.store, happened.event.__struct_config__.tag) for happened in told] == [
        ("GV", "help_called"),
        ("GV", "help_answered"),
    ]
    assert told[1].event.by == name  # type: ignore[union-attr]
    assert answer(shop_floor.tablet, called["call_id"]).json() == answered.json()
    assert shop_floor.house.events_after(told[-1].id) == []


def test_a_first_name_is_all_that_is_told(shop_floor: Floor) -> None:
    """Of whoever comes."""
    shop_floor.house.database.write_now(_rename)
    assert answer(shop_floor.tablet, call(shop_floor.kiosk)["call_id"]).json()["answered_by"] == "Ana"


def _rename(conn: Any) -> None:
    rows(conn, "UPDATE staff SET name = 'Ana de la Torre' RETURNING id")


def test_a_kiosk_has_one_call(shop_floor: Floor) -> None:
    """Who presses again waits for the same person, also as the customer who stands there; another kiosk has its own."""
    first = call(shop_floor.kiosk)
    before = shop_floor.house.last_event
    assert call(shop_floor.kiosk, "network") == call(shop_floor.goes_on(), "cart") == first
    assert [e for e in shop_floor.house.events_after(before) if "help" in str(e.event.__struct_config__.tag)] == []
    second = call(shop_floor.other_kiosk, "item")
    assert waiting(shop_floor.tablet) == [(first["call_id"], "card"), (second["call_id"], "item")]
    answer(shop_floor.tablet, first["call_id"])
    again = call(shop_floor.kiosk, "code")
    assert again["call_id"] != first["call_id"]
    assert waiting(shop_floor.tablet) == [(second["call_id"], "item"), (again["call_id"], "code")]


def test_another_store_is_not_told(shop_floor: Floor) -> None:
    """Its tablet lists and answers nothing of it."""
    number = call(shop_floor.kiosk)["call_id"]
    assert waiting(shop_floor.far_tablet) == []
    require_problem(answer(shop_floor.far_tablet, number), 404, "unknown_call")
    answer(shop_floor.tablet, number)
    require_problem(answer(shop_floor.far_tablet, number), 404, "unknown_call")
    require_problem(answer(shop_floor.tablet, number + 1), 404, "unknown_call")


def test_nobody_waits_for_ever(shop_floor: Floor) -> None:
    """After a quarter of an hour a call is over, and the next one is a new one."""
    late = call(shop_floor.kiosk)
    shop_floor.hands.on(minutes=14, seconds=59)
    assert waiting(shop_floor.tablet) == [(late["call_id"], "card")]
    shop_floor.hands.on(seconds=1)
    assert waiting(shop_floor.tablet) == []
    require_problem(answer(shop_floor.tablet, late["call_id"]), 404, "unknown_call")
    new = call(shop_floor.kiosk)
    assert new["call_id"] != late["call_id"]
    shop_floor.hands.on(days=2)
    call(shop_floor.kiosk)
    kept = shop_floor.house.database.read_now(rows, "SELECT count(*) FROM help_calls")
    assert kept == [(1,)]


def test_what_is_no_reason_is_refused(shop_floor: Floor) -> None:
    """Nothing that a customer typed goes to a tablet."""
    refused = shop_floor.kiosk.post("/v1/kiosk/calls", json={"about": "my name is Lucía"})
    require_problem(refused, 422, "invalid_field", "$.about")


def test_the_kiosk_hears_who_comes(shop_floor: Floor) -> None:
    """On its own stream and on the customer's, who hears nothing of another store's; the tablet hears of the call."""
    customer = shop_floor.goes_on()
    streams = (customer, shop_floor.kiosk, shop_floor.tablet)
    far = call(shop_floor.far_kiosk)
    opened = [client.stream("GET", "/v1/live") for client in streams]
    heard_by = []
    for stream in opened:
        told = messages(stream.__enter__().iter_lines())
        assert next(told).event == "opened"
        heard_by.append(told)
    try:
        answer(shop_floor.far_tablet, far["call_id"])
        called = call(customer, "item")
        answer(shop_floor.tablet, called["call_id"])
        at_customer = next(heard_by[0])
        assert (at_customer.event, at_customer.data["event"]["call_id"]) == ("help_answered", called["call_id"])
        for told in heard_by[1:]:
            assert heard(told, {"help_called"})["help_called"]["event"] == {
                "type": "help_called",
                "call_id": called["call_id"],
                "kiosk": called["kiosk"],
                "about": "item",
            }
            assert heard(told, {"help_answered"})["help_answered"]["event"]["call_id"] == called["call_id"]
    finally:
        for stream in opened:
            stream.__exit__(None, None, None)


def test_a_till_learns_what_a_handoffs_code_is(shop_floor: Floor) -> None:
    """Scanned or typed, without redeeming it and whoever's it is; an article of that name comes first; others never."""
    code = shop_floor.goes_on().post("/v1/handoffs", json={"way": "till"}).json()
    till = shop_floor.till
    typed = f"{code['code'][:3].lower()}-{code['code'][3:]}"
    for text in (code["qr"], code["code"], typed):
        assert till.post("/v1/scan", json={"code": text}).json() == {"type": "handoff", "code": code["code"]}
    assert till.post("/v1/scan", json={"code": "222222"}).json() == {"type": "handoff", "code": "222222"}
    for text in ("22222", "2222222", "OOOOOO", "mostrador:handoff?code=", "T-501"):
        assert till.post("/v1/scan", json={"code": text}).json()["type"] == "unknown"
    assert till.post("/v1/scan", json={"code": "SHIRT-S"}).json()["type"] == "product"
    for other in (shop_floor.kiosk, shop_floor.tablet):
        assert other.post("/v1/scan", json={"code": code["qr"]}).json()["type"] == "unknown"
    assert till.post("/v1/handoffs/redemption", json={"code": code["code"]}).status_code == 200
