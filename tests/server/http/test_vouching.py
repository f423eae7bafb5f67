"""An associate vouches for a customer whom they know: by two digits that the kiosk shows, in their store, on record."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from server.db.engine import Database
from server.wire.events import VouchingAsked, VouchingWithdrawn
from tests.server.http.floor import Floor, floor
from tests.server.http.test_doors import require_problem


@pytest.fixture
def shop_floor(database: Database) -> Iterator[Floor]:
    """The floor."""
    with floor(database) as opened:
        yield opened


def ask(kiosk: httpx.Client) -> Any:
    """Have a kiosk show two digits."""
    answer = kiosk.post("/v1/kiosk/challenges", json={"type": "ask_associate"})
    assert answer.status_code == 201, answer.text
    return answer.json()


def confirm(tablet: httpx.Client, number: int, customer: int, digits: str) -> httpx.Response:
    """Say on a tablet who stands there."""
    body = {"customer_id": customer, "digits": digits}
    return tablet.post(f"/v1/kiosk/challenges/{number}/confirmation", json=body)


def go_on(kiosk: httpx.Client, number: int) -> httpx.Response:
    """Have the kiosk go on."""
    return kiosk.post("/v1/kiosk/session", json={"type": "vouch", "challenge_id": number})


def another(digits: str) -> str:
    """Two digits that are not these."""
    return f"{(int(digits) + 1) % 100:02d}"


def test_an_associate_vouches(shop_floor: Floor) -> None:
    """The tablet lists the kiosk without its digits, confirms them, and the kiosk goes on; both are on record."""
    lucia, asked = shop_floor.house.customer("lucia"), ask(shop_floor.kiosk)
    number = asked["challenge_id"]
    require_problem(go_on(shop_floor.kiosk, number), 409, "proof_waits")
    waiting = shop_floor.tablet.get("/v1/kiosk/challenges")
    assert [one["challenge_id"] for one in waiting.json()] == [number]
    assert set(waiting.json()[0]) == {"challenge_id", "kiosk", "asked_at", "expires_at"}
    before = shop_floor.house.last_event
    assert confirm(shop_floor.tablet, number, lucia, asked["digits"]).status_code == 204
    assert [happened.event.__struct_config__.tag for happened in shop_floor.house.events_after(before)] == [
        "vouching_given"
    ]
    assert shop_floor.tablet.get("/v1/kiosk/challenges").json() == []
    started = go_on(shop_floor.kiosk, number)
    assert started.status_code == 201, started.text
    assert (
        shop_floor.client(started.json()["token"]).get("/v1/kiosk/cart").json()["carts"][0]["external_id"] == "cart-1"
    )
    for kind in ("tablet", "kiosk"):
        shop_floor.until_on_record((kind, "vouched", (lucia,)), 1)
    require_problem(go_on(shop_floor.kiosk, number), 410, "proof_over")


def test_only_the_same_store_vouches(shop_floor: Floor) -> None:
    """Another store's tablet sees nobody waiting and confirms nothing; another kiosk gets nothing by it."""
    lucia, asked = shop_floor.house.customer("lucia"), ask(shop_floor.kiosk)
    number, digits = asked["challenge_id"], asked["digits"]
    assert shop_floor.far_tablet.get("/v1/kiosk/challenges").json() == []
    require_problem(confirm(shop_floor.far_tablet, number, lucia, digits), 404, "unknown_challenge")
    assert confirm(shop_floor.tablet, number, lucia, digits).status_code == 204
    require_problem(
        confirm(shop_floor.tablet, number, shop_floor.house.customer("berta"), digits), 404, "unknown_challenge"
    )
    require_problem(go_on(shop_floor.other_kiosk, number), 410, "proof_over")
    assert go_on(shop_floor.kiosk, number).status_code == 201


def test_digits_that_are_wrong_three_times_are_over(shop_floor: Floor) -> None:
    """Whoever looks at another kiosk's digits lets nobody go on."""
    lucia, asked = shop_floor.house.customer("lucia"), ask(shop_floor.kiosk)
    number, digits = asked["challenge_id"], asked["digits"]
    before = shop_floor.house.last_event
    for _ in range(3):
        require_problem(confirm(shop_floor.tablet, number, lucia, another(digits)), 403, "wrong_proof", "$.digits")
    assert [one.event for one in shop_floor.house.events_after(before)] == [VouchingWithdrawn(challenge_id=number)]
    require_problem(confirm(shop_floor.tablet, number, lucia, digits), 404, "unknown_challenge")
    require_problem(go_on(shop_floor.kiosk, number), 410, "proof_over")


def test_a_kiosk_waits_no_more(shop_floor: Floor) -> None:
    """Whoever stood there has gone: the tablets of the store hear of it, and a kiosk can say that for itself alone."""
    lucia, asked = shop_floor.house.customer("lucia"), ask(shop_floor.kiosk)
    door = f"/v1/kiosk/challenges/{asked['challenge_id']}"
    before = shop_floor.house.last_event
    assert shop_floor.other_kiosk.delete(door).status_code == 204
    assert [one["challenge_id"] for one in shop_floor.tablet.get("/v1/kiosk/challenges").json()] == [
        asked["challenge_id"]
    ]
    for _ in range(2):
        assert shop_floor.kiosk.delete(door).status_code == 204
    assert shop_floor.tablet.get("/v1/kiosk/challenges").json() == []
    told = [(one.event, one.store) for one in shop_floor.house.events_after(before)]
    assert told == [(VouchingWithdrawn(challenge_id=asked["challenge_id"]), "GV")]
    require_problem(confirm(shop_floor.tablet, asked["challenge_id"], lucia, asked["digits"]), 404, "unknown_challenge")
    require_problem(go_on(shop_floor.kiosk, asked["challenge_id"]), 410, "proof_over")


def test_tablets_hear_of_digits_that_another_question_ended(shop_floor: Floor) -> None:
    """A kiosk waits for one thing at a time: what it asked for before is waited for no more, by nobody."""
    first = ask(shop_floor.kiosk)["challenge_id"]
    before = shop_floor.house.last_event
    sent = shop_floor.kiosk.post("/v1/kiosk/challenges", json={"type": "send_code", "contact": "nobody@example.org"})
    assert sent.status_code == 201, sent.text
    told = [one.event for one in shop_floor.house.events_after(before)]
    assert told == [VouchingWithdrawn(challenge_id=first)]
    confirmed = ask(shop_floor.kiosk)
    lucia = shop_floor.house.customer("lucia")
    assert confirm(shop_floor.tablet, confirmed["challenge_id"], lucia, confirmed["digits"]).status_code == 204
    before = shop_floor.house.last_event
    last = ask(shop_floor.kiosk)["challenge_id"]
    assert [one.event for one in shop_floor.house.events_after(before)] == [VouchingAsked(challenge_id=last)]


def test_nobody_waits_for_ever(shop_floor: Floor) -> None:
    """After five minutes, and when the kiosk asks anew, it is over; nobody vouches for who is unknown."""
    first, second = ask(shop_floor.kiosk), ask(shop_floor.kiosk)
    lucia = shop_floor.house.customer("lucia")
    require_problem(confirm(shop_floor.tablet, first["challenge_id"], lucia, first["digits"]), 404, "unknown_challenge")
    require_problem(
        confirm(shop_floor.tablet, second["challenge_id"], 999_999, second["digits"]), 404, "unknown_customer"
    )
    shop_floor.hands.on(minutes=5)
    assert shop_floor.tablet.get("/v1/kiosk/challenges").json() == []
    require_problem(
        confirm(shop_floor.tablet, second["challenge_id"], lucia, second["digits"]), 404, "unknown_challenge"
    )
