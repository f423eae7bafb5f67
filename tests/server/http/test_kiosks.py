"""A customer at a kiosk: who they are is proven without a password, and nobody else gets on by it."""

from collections.abc import Iterator
from uuid import uuid4

import msgspec
import pytest

from server.db.engine import Database
from tests.server.http.floor import FLOOR, OTHER_KEY, Floor, floor, show
from tests.server.http.log import Log
from tests.server.http.test_doors import require_problem
from tests.server.small_shop import EMAIL, LUCIA_CARD, PHONE


@pytest.fixture
def shop_floor(database: Database) -> Iterator[Floor]:
    """The floor, where customers come with the shop's code."""
    with floor(database) as opened:
        yield opened


def test_a_cart_goes_on_in_the_store(shop_floor: Floor) -> None:
    """A kiosk shows the cart as it was left online, with what of it is here, a first name, and no customer's number."""
    lucia = shop_floor.house.customer("lucia")
    answer = shop_floor.goes_on().get("/v1/kiosk/cart")
    assert answer.status_code == 200, answer.text
    seen = answer.json()
    assert seen["first_name"] in {"Lucía", "Lucia"}
    (cart,) = seen["carts"]
    assert (cart["external_id"], cart["lines"][0]["quantity"]) == ("cart-1", 3)
    assert cart["lines"][0]["stock"]["here"]["quantity"] == 2
    assert (seen["store"], seen["ends_at"]) == ("GV", "2026-11-21T12:30:00.000000Z")
    assert "customer_id" not in answer.text
    assert not [secret for secret in (EMAIL, PHONE, LUCIA_CARD, "García", "Peña") if secret in answer.text]
    assert lucia


def test_a_cart_of_nobody_goes_on_alone(shop_floor: Floor) -> None:
    """Who shopped without an account sees that cart, and no name."""
    seen = shop_floor.goes_on(cart="cart-of-nobody").get("/v1/kiosk/cart").json()
    assert seen["first_name"] is None
    assert [cart["external_id"] for cart in seen["carts"]] == ["cart-of-nobody"]


def test_the_first_kiosk_wins(shop_floor: Floor) -> None:
    """A code that somebody photographed and shows a second time is refused, at any kiosk, and says what to do."""
    code = shop_floor.code()
    assert show(shop_floor.kiosk, code).status_code == 201
    for kiosk in (shop_floor.other_kiosk, shop_floor.kiosk, shop_floor.far_kiosk):
        require_problem(show(kiosk, code), 409, "proof_used")


def test_a_lost_answer_is_told_again_to_the_same_kiosk(shop_floor: Floor) -> None:
    """The same code under the same key gives the same token; under it no other kiosk gets anything."""
    code, key = shop_floor.code(), str(uuid4())
    first, second = (show(shop_floor.kiosk, code, key) for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    require_problem(show(shop_floor.other_kiosk, code, key), 409, "proof_used")


def test_a_code_of_somebody_else_is_none(shop_floor: Floor) -> None:
    """Signed by another key, for another chain, by a source that signs none, changed, of no form: it opens nothing."""
    code = shop_floor.code()
    head, body, mac = code.split(".")
    wrong = [
        shop_floor.code(key=OTHER_KEY),
        shop_floor.code(chain="another chain"),
        shop_floor.code(source="till"),
        shop_floor.code(magic="MC2"),
        shop_floor.code(minutes=12),
        shop_floor.code(id_="short"),
        f"{head}.{body}",
        f"{head}.{body}.",
        f"{head}.{mac}.{body}",
        f"{head}.{body[:-2]}.{mac}",
        f"{head}.{body}.{mac[:-2]}",
        code + "A",
        "eyJhbGciOiJub25lIn0." + body + ".",
        "",
        "....",
        "\u00e9.\U0001f600.x",
    ]
    for shown in wrong:
        require_problem(show(shop_floor.kiosk, shown), 403, "wrong_proof")
    assert show(shop_floor.kiosk, code).status_code == 201


def test_why_a_code_is_refused_is_in_the_log_alone(shop_floor: Floor, log: Log) -> None:
    """The kiosk is told the same each time; the operator hears why, of which source, and nothing of the code itself."""
    wrong = {
        "signature": (shop_floor.code(key=OTHER_KEY), "web"),
        "audience": (shop_floor.code(chain="another chain"), "web"),
        "unknown_source": (shop_floor.code(source="Lucia"), None),
        "too_far_ahead": (shop_floor.code(minutes=12), "web"),
        "malformed": (shop_floor.code(id_="short"), None),
    }
    answers = [show(shop_floor.kiosk, code) for code, _ in wrong.values()]
    for answer in answers:
        require_problem(answer, 403, "wrong_proof")
    assert len({answer.json()["detail"] for answer in answers}) == 1
    for (why, (_, source)), answer in zip(wrong.items(), answers, strict=True):
        line = log.line("continue_code_refused", why=why)
        assert (line.get("source"), line["request_id"]) == (source, answer.headers["x-request-id"])
        assert set(line) <= {"at", "level", "event", "request_id", "why", "source"}
    require_problem(show(shop_floor.kiosk, shop_floor.code(minutes=-1)), 410, "proof_over")
    assert log.line("continue_code_refused", why="expired")["source"] == "web"
    assert not [said for said in ("MC1", "cart-1", "Lucia", "another chain") if said in log.text]
    assert show(shop_floor.kiosk, shop_floor.code()).status_code == 201
    require_problem(show(shop_floor.tablet, wrong["signature"][0]), 403, "wrong_caller")
    assert log.text.count("continue_code_refused") == len(wrong) + 1


def test_only_a_kiosk_shows_a_code(shop_floor: Floor) -> None:
    """A till, a tablet and whoever has no token are not told whether a code is good, and use none up."""
    code = shop_floor.code()
    for client in (shop_floor.till, shop_floor.tablet):
        for shown in (code, "no code"):
            require_problem(show(client, shown), 403, "wrong_caller")
    stranger = shop_floor.client("rubbish")
    for shown in (code, "no code"):
        require_problem(show(stranger, shown), 401, "unknown_token")
    assert show(shop_floor.kiosk, code).status_code == 201


def test_a_code_is_good_for_ten_minutes(shop_floor: Floor) -> None:
    """To the second, and not one more."""
    early, late = shop_floor.code(), shop_floor.code()
    shop_floor.hands.on(minutes=9, seconds=59)
    assert show(shop_floor.kiosk, early).status_code == 201
    shop_floor.hands.on(seconds=1)
    require_problem(show(shop_floor.kiosk, late), 410, "proof_over")


def test_a_cart_that_is_not_here_yet_uses_no_code_up(shop_floor: Floor) -> None:
    """The shop's record may come a moment later; then the same code opens it."""
    code = shop_floor.code("cart-of-tomorrow")
    require_problem(show(shop_floor.kiosk, code), 404, "unknown_cart")
    require_problem(show(shop_floor.kiosk, code), 404, "unknown_cart")


def test_goodbye_is_for_good(shop_floor: Floor) -> None:
    """Once a customer has left, the token opens nothing; a second goodbye is told so."""
    customer = shop_floor.goes_on()
    assert customer.delete("/v1/kiosk/session").status_code == 204
    require_problem(customer.get("/v1/kiosk/cart"), 401, "session_ended")
    require_problem(customer.delete("/v1/kiosk/session"), 401, "session_ended")


def test_a_kiosk_that_starts_anew_says_goodbye(shop_floor: Floor) -> None:
    """After a crash it has no token of whoever was there; its own ends their time, and that of nobody elsewhere."""
    customer, other = shop_floor.goes_on(), shop_floor.goes_on(shop_floor.other_kiosk, "cart-of-nobody")
    for _ in range(2):
        assert shop_floor.kiosk.delete("/v1/kiosk/session").status_code == 204
    require_problem(customer.get("/v1/kiosk/cart"), 401, "session_ended")
    assert other.get("/v1/kiosk/cart").status_code == 200


def test_who_comes_next_sends_off_who_was_there(shop_floor: Floor) -> None:
    """A kiosk serves one customer."""
    first, second = shop_floor.goes_on(), shop_floor.goes_on(cart="cart-of-nobody")
    require_problem(first.get("/v1/kiosk/cart"), 401, "session_ended")
    assert second.get("/v1/kiosk/cart").status_code == 200


def test_a_customer_who_walks_away_has_left(shop_floor: Floor) -> None:
    """Nobody asked anything for three minutes: whoever finds the token gets nothing. Who goes on asking stays."""
    customer = shop_floor.goes_on()
    for _ in range(3):
        shop_floor.hands.on(seconds=100)
        assert customer.get("/v1/kiosk/cart").status_code == 200
        shop_floor.until_seen(customer)
    shop_floor.hands.on(seconds=181)
    require_problem(customer.get("/v1/kiosk/cart"), 401, "session_ended")


def test_nobody_stays_for_ever(shop_floor: Floor) -> None:
    """After half an hour it is over, whatever is asked meanwhile."""
    customer = shop_floor.goes_on()
    for _ in range(17):
        shop_floor.hands.on(seconds=100)
        assert customer.get("/v1/kiosk/cart").status_code == 200
        shop_floor.until_seen(customer)
    shop_floor.hands.on(seconds=100)
    require_problem(customer.get("/v1/kiosk/cart"), 401, "session_ended")


def test_a_revoked_kiosk_serves_nobody(shop_floor: Floor) -> None:
    """With the device its customer's token goes, at once."""
    customer = shop_floor.goes_on()
    number = shop_floor.kiosk.headers["authorization"].split("_")[1]
    assert shop_floor.house.client.delete(f"/v1/devices/{number}").status_code == 204
    require_problem(customer.get("/v1/kiosk/cart"), 401, "device_revoked")


def test_a_token_is_for_one_time_at_one_kiosk(shop_floor: Floor) -> None:
    """Another session's number, or another kind, with this one's secret is nobody's."""
    mine = shop_floor.goes_on().headers["authorization"].removeprefix("Bearer ")
    shop_floor.goes_on(shop_floor.other_kiosk, "cart-of-nobody")
    _, number, secret = mine.split("_", 2)
    for token in (f"kio_{int(number) + 1}_{secret}", f"ses_{number}_{secret}", f"dev_{number}_{secret}"):
        require_problem(shop_floor.client(token).get("/v1/kiosk/cart"), 401, "unknown_token")


def test_a_customer_opens_no_other_door(shop_floor: Floor) -> None:
    """Their token is good for their carts alone: for no context, search, scan, article, device, or person."""
    customer, lucia = shop_floor.goes_on(), shop_floor.house.customer("lucia")
    for method, address, body in (
        ("GET", f"/v1/customers/{lucia}/context", None),
        ("GET", f"/v1/customers/{lucia}/orders", None),
        ("POST", "/v1/customers/search", {"text": "garcia"}),
        ("POST", "/v1/scan", {"code": LUCIA_CARD}),
        ("POST", f"/v1/customers/{lucia}/notes", {"text": "x"}),
        ("POST", "/v1/kiosk/challenges", {"type": "ask_associate"}),
        ("POST", "/v1/devices/current/token", None),
        ("POST", "/v1/handoffs/redemption", {"code": "ABCDEF"}),
        ("GET", "/v1/stores", None),
    ):
        require_problem(customer.request(method, address, json=body), 403, "wrong_caller")
    require_problem(customer.get("/v1/live", params={"customer": lucia}), 403, "wrong_caller")


def test_a_way_that_is_closed_is_closed(database: Database) -> None:
    """The chain says which ways there are."""
    with floor(database, msgspec.structs.replace(FLOOR, proofs=("vouch",))) as opened:
        require_problem(show(opened.kiosk, opened.code()), 403, "way_closed")
        asked = opened.kiosk.post("/v1/kiosk/challenges", json={"type": "send_code", "contact": LUCIA_CARD})
        require_problem(asked, 403, "way_closed")
        assert opened.kiosk.post("/v1/kiosk/challenges", json={"type": "ask_associate"}).status_code == 201
