"""The till's page in a real browser, Debian's Chromium, on a real server."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Route, expect

from server.db.engine import Database, DatabaseBusyError
from server.handoffs import actions as handoffs
from tests.e2e.till import PHONE, TABLET, Till, browser
from tests.server.http.floor import Floor, floor
from tests.server.http.test_till import BERTAS, new_code


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser."""
    with browser() as opened:
        yield opened


@pytest.fixture
def shop_floor(database: Database) -> Iterator[Floor]:
    """The floor."""
    with floor(database) as opened:
        yield opened


def cart_of(kiosk_customer: httpx.Client, **body: object) -> dict[str, str]:
    """A cart on its way to a till."""
    answer = kiosk_customer.post("/v1/handoffs", json={"way": "till", **body})
    assert answer.status_code == 201, answer.text
    found: dict[str, str] = answer.json()
    return found


@pytest.mark.parametrize(
    ("size", "language", "name"), [(TABLET, "en", "en"), (PHONE, "es-ES", "es-phone")], ids=["English", "Spanish phone"]
)
def test_a_cart_is_sold(chromium: Browser, shop_floor: Floor, size: dict[str, int], language: str, name: str) -> None:
    """Set up, code scanned, cart read, sold: the handoff is completed, a second till is refused, no complaint."""
    english = language == "en"
    till, other = (Till(chromium, shop_floor.house.port, size, language) for _ in range(2))
    for number, one in enumerate((till, other)):
        one.reads("This till is new here" if english else "Esta caja es nueva aquí")
        if not number:
            one.picture(f"{name}-new")
        code = shop_floor.house.database.write_now(new_code, "till", "GV", shop_floor)
        one.page.get_by_role("textbox").fill(code)
        one.page.get_by_role("button").click()
        one.reads("This till is set up." if english else "Esta caja está dada de alta.")
    till.picture(f"{name}-ready")
    assert till.page.evaluate("document.cookie") == ""
    customer = shop_floor.goes_on()
    issued = cart_of(customer)
    till.scan("222222")
    till.reads(
        "No cart of this store has this code." if english else "Ningún carrito de esta tienda tiene este código."
    )
    till.picture(f"{name}-wrong")
    till.scan(issued["qr"])
    till.reads("Linen shirt, S")
    till.reads("Only 2 here: 2 of 3 can be sold." if english else "Aquí solo hay 2: se pueden vender 2 de 3.")
    till.picture(f"{name}-cart")
    till.page.reload()
    till.reads("Linen shirt, S")
    other.scan(issued["code"])
    other.reads("A till has this cart already." if english else "Una caja ya tiene este carrito.")
    other.picture(f"{name}-taken")
    till.page.get_by_role("button", name="It is sold" if english else "Está cobrado").click()
    said = "Sold. The customer's screen says goodbye." if english else "Cobrado. La pantalla del cliente se despide."
    till.reads(said)
    till.picture(f"{name}-sold")
    assert customer.get(f"/v1/handoffs/{issued['handoff_id']}").json()["state"] == "completed"
    (cart,) = customer.get("/v1/kiosk/cart").json()["carts"]
    # What is not here stays theirs.
    assert [(line["sku"], line["quantity"]) for line in cart["lines"]] == [("SHIRT-S", 1)]
    till.page.keyboard.type("k7")
    expect(till.page.get_by_text(said)).to_have_count(0)
    assert till.page.get_by_role("textbox").input_value() == "k7"
    assert till.complaints == other.complaints == []


def test_without_network_it_says_so(chromium: Browser, shop_floor: Floor) -> None:
    """And goes on where it was once the network is back: what was pressed twice is done once."""
    till = Till(chromium, shop_floor.house.port, TABLET, "en")
    till.page.get_by_role("textbox").fill(shop_floor.house.database.write_now(new_code, "till", "GV", shop_floor))
    till.page.get_by_role("button").click()
    till.reads("Whose cart is next?")
    issued = cart_of(shop_floor.tablet, **BERTAS)

    def lost(route: Route) -> None:
        # The server did it; the answer is what gets lost.
        route.fetch()
        route.abort()

    till.page.route("**/till/handoffs", lost)
    till.scan(issued["code"])
    till.reads("The server cannot be reached.")
    till.picture("en-no-network")
    till.page.unroute("**/till/handoffs")
    till.page.get_by_role("button", name="Take the cart").click()
    till.reads("To be sold")
    till.reads("Not sold any more. Leave it out.")
    till.picture("en-cart-of-three")
    till.page.get_by_role("button", name="Give the cart back").click()
    till.reads("Given back.")
    assert shop_floor.tablet.get(f"/v1/handoffs/{issued['handoff_id']}").json()["state"] == "released"


def test_a_server_in_trouble_takes_no_cart_away(
    chromium: Browser, shop_floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said once above the cart, however often it is pressed, and the same button does it once that is over."""
    till = Till(chromium, shop_floor.house.port, PHONE, "en")
    till.page.get_by_role("textbox").fill(shop_floor.house.database.write_now(new_code, "till", "GV", shop_floor))
    till.page.get_by_role("button").click()
    till.reads("This till is set up.")
    till.scan(cart_of(shop_floor.tablet, **BERTAS)["code"])
    till.reads("Last year's coat")
    sold, trouble = till.page.get_by_role("button", name="It is sold"), till.page.locator("#till > .band.bad")
    pressed = []

    def fail(*_: object) -> None:
        pressed.append(1)
        raise DatabaseBusyError("busy")

    with monkeypatch.context() as broken:
        broken.setattr(handoffs, "complete", fail)
        for times in (1, 2):
            with till.page.expect_response(lambda answer: answer.status == 503):
                sold.click()
            expect(trouble).to_have_count(1)
            expect(trouble).to_contain_text("That did not work just now. Try again;")
            expect(trouble).to_be_in_viewport()
            till.reads("Last year's coat")
            assert len(pressed) == times
    till.picture("en-phone-trouble")
    sold.click()
    till.reads("Sold.")
    expect(trouble).to_have_count(0)
    assert all("status of 503" in complaint for complaint in till.complaints), till.complaints
